import { graphql } from '../api/graphql';
import { bare } from '../api/names';
import { useNetwork } from '../api/query';
import { ActionLink } from '../changing/ActionLink';
import { Badge, Card, Empty, Facts, Loading, PageHead, State } from '../design/basics';
import { Failure } from '../design/Failure';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { Findings } from '../operator/Findings';
import { holds, ownOrganisations, seesNetwork, useSession } from './session';

const HOME = graphql(`
  query Home($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      day
      applied: members(state: APPLIED, first: 0) {
        totalCount
      }
      drafted: members(state: CONTRACT_DRAFTED, first: 0) {
        totalCount
      }
      signing: members(state: AWAITING_MEMBER, first: 0) {
        totalCount
      }
      confirming: members(state: AWAITING_OPERATOR, first: 0) {
        totalCount
      }
      members(first: 50) {
        totalCount
        nodes {
          id
          state
          endsAt
          name {
            fi
            sv
            en
          }
          organisation {
            oid
          }
        }
      }
      submitted: integrations(state: SUBMITTED, first: 50) {
        totalCount
        nodes {
          id
          type
          flowName
          peerName
          organisation {
            oid
            name {
              fi
              sv
              en
            }
          }
        }
      }
      integrations(first: 200) {
        totalCount
        nodes {
          id
          hasProposal
          flowName
          peerName
          type
        }
      }
      services(first: 0) {
        totalCount
      }
      agreement {
        amendments(first: 100) {
          nodes {
            id
            state
            entersOn
            title {
              fi
              sv
              en
            }
          }
        }
      }
      steeringGroup {
        meetings(first: 20) {
          nodes {
            id
            beginsAt
            place
            heldOn
            cancelledAt
          }
        }
      }
      compliance {
        code
        severity
        owedBy
        source
        dueOn
        subject
        detail
        organisation {
          oid
          name {
            fi
            sv
            en
          }
        }
      }
    }
  }
`);

/** The day's work: what waits for this person, and where things stand. */
export function HomePage() {
  const { t, name } = useWords();
  const { date, instant, number } = useFormat();
  const session = useSession();
  const network = seesNetwork(session);
  const own = ownOrganisations(session);
  const { data, error, again } = useNetwork(HOME, {});
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const view = data.network;
  const members = view.members.nodes;
  const waiting = [view.applied, view.drafted, view.signing, view.confirming].reduce(
    (sum, each) => sum + each.totalCount,
    0,
  );
  const proposals = view.integrations.nodes.filter((each) => each.hasProposal);
  const urgent = view.compliance.filter((each) => each.severity !== 'NOTICE');
  const amendments = view.agreement.amendments.nodes.filter((each) =>
    ['PROPOSED', 'APPROVED', 'ANNOUNCED'].includes(each.state),
  );
  const meetings = view.steeringGroup.meetings.nodes.filter(
    (each) => !each.heldOn && !each.cancelledAt && each.beginsAt >= view.day,
  );
  const steering =
    holds(session, 'STEERING_MEMBER') || network || holds(session, 'MANAGER', 'VIEWER');
  return (
    <>
      <PageHead
        title={t('home.title', { name: session.name ?? '' })}
        lead={t('home.lead', { day: date(view.day) })}
      />
      <div className="stack">
        <div className="grid">
          {network && (
            <Card title={t('home.queue')}>
              <Facts
                of={[
                  [
                    t('home.applications'),
                    <GoTo key="a" to="/joining">
                      {number(waiting)}
                    </GoTo>,
                  ],
                  [t('home.reviews'), number(view.submitted.totalCount + proposals.length)],
                  [
                    t('home.wrong'),
                    <GoTo key="w" to="/obligations">
                      {number(view.compliance.filter((each) => each.severity === 'WRONG').length)}
                    </GoTo>,
                  ],
                ]}
              />
              {view.submitted.nodes.length + proposals.length > 0 && (
                <ul>
                  {[...view.submitted.nodes, ...proposals].map((each) => (
                    <li key={each.id}>
                      <GoTo to={`/integrations/${bare(each.id)}`}>
                        {each.flowName ?? each.peerName ?? bare(each.id)}
                      </GoTo>
                    </li>
                  ))}
                </ul>
              )}
            </Card>
          )}
          {!network &&
            own.map((oid) => {
              const member = members.find((each) => each.organisation.oid === oid);
              return (
                <Card key={oid} title={name(member?.name, oid)}>
                  {member ? (
                    <div className="stack-small">
                      <p className="row">
                        <State of={member.state} />
                        {member.endsAt && t('member.endsAt', { at: instant(member.endsAt) })}
                      </p>
                      <p>
                        <GoTo to={`/members/${oid}`}>{t('organisation.toMembership')}</GoTo>
                      </p>
                      <div className="row">
                        <ActionLink
                          compact
                          command="nameContact"
                          given={{ member: oid }}
                          organisation={oid}
                        />
                        <ActionLink
                          compact
                          command="reportOutage"
                          given={{ member: oid }}
                          organisation={oid}
                        />
                      </div>
                    </div>
                  ) : (
                    <>
                      <p>{t('home.noMembership')}</p>
                      <GoTo to="/joining">{t('nav.joining')}</GoTo>
                    </>
                  )}
                </Card>
              );
            })}
          <Card title={t('home.amendments')}>
            {amendments.length === 0 ? (
              <Empty>{t('home.noAmendments')}</Empty>
            ) : (
              <ul>
                {amendments.map((each) => (
                  <li key={each.id}>
                    <GoTo to={`/amendments/${bare(each.id)}`}>{name(each.title)}</GoTo>{' '}
                    <State of={each.state} /> {date(each.entersOn)}
                  </li>
                ))}
              </ul>
            )}
          </Card>
          {steering && (
            <Card title={t('home.meetings')}>
              {meetings.length === 0 ? (
                <Empty>{t('steering.noMeetings')}</Empty>
              ) : (
                <ul>
                  {meetings.map((each) => (
                    <li key={each.id}>
                      <GoTo to="/steering">{instant(each.beginsAt)}</GoTo>
                    </li>
                  ))}
                </ul>
              )}
            </Card>
          )}
          <Card title={t('home.figures')}>
            <Facts
              of={[
                [t('nav.members'), network && number(view.members.totalCount)],
                [t('nav.integrations'), number(view.integrations.totalCount)],
                [t('nav.services'), number(view.services.totalCount)],
              ]}
            />
          </Card>
        </div>
        {(network || urgent.length > 0) && (
          <section className="stack-small" aria-labelledby="home-urgent">
            <h2 id="home-urgent">
              {t('home.todo')} <Badge>{number(urgent.length)}</Badge>
            </h2>
            <Findings of={urgent.slice(0, 12)} withOrganisation={network} />
            {urgent.length > 12 && <GoTo to="/obligations">{t('home.allObligations')}</GoTo>}
          </section>
        )}
      </div>
    </>
  );
}
