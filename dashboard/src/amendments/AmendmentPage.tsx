import { useParams } from '@tanstack/react-router';
import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { History } from '../audit/History';
import { ActionLink } from '../changing/ActionLink';
import { Badge, Card, Empty, Facts, Loading, Notice, PageHead, State } from '../design/basics';
import { Chart } from '../design/Chart';
import { SmallTable } from '../design/DataTable';
import { DocumentLink } from '../design/DocumentLink';
import { Failure } from '../design/Failure';
import { GoTo, OrganisationLink, TabLinks } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { ownOrganisations, useSession } from '../shell/session';
import { useSearchText } from '../shell/searchParams';

const AMENDMENT = graphql(`
  query Amendment($asOf: AsOfInput, $minPosition: Int, $id: ID!) {
    node(id: $id, asOf: $asOf) {
      id
      ... on Amendment {
        annex
        version
        state
        urgent
        description
        decision
        proposedAt
        announcedOn
        notifyBy
        entersOn
        entersAt
        title {
          fi
          sv
          en
        }
        votes {
          seat
          ballot
          castAt
          organisation
        }
        notices {
          sentOn
          receivedOn
          channel
          late
          lateBecause
          exitFirstDay
          exitLastDay
          rule
          member {
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
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      day
      agreement {
        annexes {
          number
          inForce {
            version
            document
            selects
          }
        }
      }
      steeringGroup {
        seats(inOffice: true) {
          id
          name
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
      members(state: IN_FORCE, first: 500) {
        nodes {
          id
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
    }
  }
`);

interface Tally {
  votesFor: number;
  votesAgainst: number;
  abstentions: number;
  inOffice: number;
}
interface Decision {
  approved: boolean;
  decidedOn: string;
  tally: Tally;
  rule: {
    majority: { numerator: number; denominator: number };
    majorityOf: string;
    majoritySource: string;
    quorum: { numerator: number; denominator: number };
    quorumSource: string;
  };
}

export function AmendmentPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t, name, value } = useWords();
  const { date, exact } = useFormat();
  const search = useSearchText();
  const session = useSession();
  const { data, error, again, fetching } = useNetwork(AMENDMENT, { id: `amendment:${id}` });
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const amendment = data.node && 'annex' in data.node ? data.node : null;
  if (!amendment) {
    return fetching ? (
      <Loading />
    ) : (
      <>
        <PageHead title={t('amendment.unknown')} />
        <Notice tone="warn">
          <p>{t('notShown')}</p>
        </Notice>
      </>
    );
  }
  const given = { amendment: amendment.id };
  const state = amendment.state;
  const decision = amendment.decision as unknown as Decision | null;
  const own = ownOrganisations(session)[0];
  const current = data.network.agreement.annexes.find((each) => each.number === amendment.annex);
  const received = amendment.notices.filter((each) => each.receivedOn).length;
  const missing = data.network.members.nodes.filter(
    (member) => !amendment.notices.some((notice) => notice.member.oid === member.organisation.oid),
  );
  const ownNotice = amendment.notices.find((each) => each.member.oid === own);
  const tabs = [
    { key: 'overview', name: t('tab.overview') },
    { key: 'votes', name: `${t('amendment.votes')} (${amendment.votes.length})` },
    { key: 'notices', name: `${t('amendment.notices')} (${amendment.notices.length})` },
    { key: 'history', name: t('history.title') },
  ];
  const tab = tabs.find((each) => each.key === search.tab)?.key ?? 'overview';
  return (
    <>
      <PageHead
        crumbs={<GoTo to="/agreement">{t('nav.agreement')}</GoTo>}
        title={name(amendment.title)}
        lead={
          <div className="row">
            <State of={state} />
            {amendment.urgent && <Badge tone="warn">{t('amendment.urgent')}</Badge>}
            <span>
              {value(amendment.annex)} {amendment.version}
            </span>
          </div>
        }
        actions={
          <>
            {state === 'PROPOSED' && (
              <>
                <ActionLink primary command="castVote" given={given} />
                <ActionLink command="decideAmendment" given={given} />
              </>
            )}
            {state === 'APPROVED' && (
              <>
                {amendment.urgent && <ActionLink command="confirmUrgentAmendment" given={given} />}
                <ActionLink primary command="publishAmendment" given={given} />
                <ActionLink command="postponeAmendment" given={given} />
              </>
            )}
            {['PROPOSED', 'APPROVED', 'ANNOUNCED'].includes(state) && (
              <ActionLink danger command="withdrawAmendment" given={given} />
            )}
            {own && ['ANNOUNCED', 'IN_FORCE'].includes(state) && (
              <ActionLink
                danger
                command="giveNotice"
                given={{ member: own, cause: { amendment: amendment.id } }}
                organisation={own}
              >
                {t('amendment.giveNotice')}
              </ActionLink>
            )}
          </>
        }
      />
      <TabLinks label={t('amendment.parts')} tabs={tabs} current={tab} />
      {tab === 'overview' && (
        <div className="stack">
          {ownNotice && (
            <Notice title={t('amendment.ownNotice')}>
              <p>
                {ownNotice.exitFirstDay
                  ? t('amendment.exitWindow', {
                      first: date(ownNotice.exitFirstDay),
                      last: date(ownNotice.exitLastDay),
                    })
                  : t('amendment.noExit')}
                {ownNotice.rule && (
                  <>
                    {' '}
                    <span lang="en">({ownNotice.rule})</span>
                  </>
                )}
              </p>
            </Notice>
          )}
          <div className="grid">
            <Card title={t('amendment.facts')}>
              <Facts
                of={[
                  [t('field.description'), amendment.description],
                  [t('amendment.proposed'), exact(amendment.proposedAt)],
                  [t('field.decidedOn'), decision && date(decision.decidedOn)],
                  [t('amendment.announced'), amendment.announcedOn && date(amendment.announcedOn)],
                  [t('amendment.notifyBy'), amendment.notifyBy && date(amendment.notifyBy)],
                  [t('field.entersOn'), date(amendment.entersOn)],
                  [t('field.urgent'), amendment.urgent && value(amendment.urgent)],
                ]}
              />
            </Card>
            <Card title={t('amendment.comparison')}>
              <Facts
                of={[
                  [t('amendment.former'), current?.inForce?.version],
                  [
                    t('amendment.formerText'),
                    typeof current?.inForce?.document === 'string' && (
                      <DocumentLink reference={current.inForce.document} />
                    ),
                  ],
                ]}
              />
              <p className="help">{t('amendment.comparisonHelp')}</p>
            </Card>
          </div>
        </div>
      )}
      {tab === 'votes' && (
        <div className="stack">
          <Card title={t('amendment.tally')}>
            <VoteChart votes={amendment.votes} seats={data.network.steeringGroup.seats.length} />
            {decision && (
              <p className="help">
                {t('amendment.rule', {
                  majority: `${decision.rule.majority.numerator}/${decision.rule.majority.denominator}`,
                  of: value(decision.rule.majorityOf),
                  quorum: `${decision.rule.quorum.numerator}/${decision.rule.quorum.denominator}`,
                })}{' '}
                <span lang="en">({decision.rule.majoritySource})</span>
              </p>
            )}
          </Card>
          <Card title={t('amendment.votes')}>
            <SmallTable
              caption={t('amendment.votes')}
              rows={amendment.votes}
              rowKey={(row) => row.seat}
              empty={t('amendment.noVotes')}
              columns={[
                {
                  key: 'seat',
                  title: t('field.seat'),
                  heads: true,
                  text: (row) =>
                    data.network.steeringGroup.seats.find((seat) => seat.id === row.seat)?.name ??
                    t('erased'),
                },
                {
                  key: 'organisation',
                  title: t('column.organisation'),
                  text: (row) => {
                    const seat = data.network.steeringGroup.seats.find(
                      (each) => each.id === row.seat,
                    );
                    return name(seat?.organisation.name, row.organisation ?? '–');
                  },
                },
                { key: 'ballot', title: t('field.ballot'), text: (row) => value(row.ballot) },
                { key: 'at', title: t('column.at'), tight: true, text: (row) => exact(row.castAt) },
              ]}
            />
          </Card>
        </div>
      )}
      {tab === 'notices' && (
        <div className="stack">
          <Card
            title={t('amendment.progress', { received, total: amendment.notices.length })}
            actions={<ActionLink compact command="sendAmendmentNotice" given={given} />}
          >
            {amendment.notices.length > 0 && (
              <progress
                aria-label={t('amendment.progress', { received, total: amendment.notices.length })}
                value={received}
                max={amendment.notices.length}
              />
            )}
            <SmallTable
              caption={t('amendment.notices')}
              rows={amendment.notices}
              rowKey={(row) => row.member.oid}
              empty={t('amendment.noNotices')}
              columns={[
                {
                  key: 'member',
                  title: t('field.member'),
                  heads: true,
                  text: (row) => name(row.member.name, row.member.oid),
                  cell: (row) => <OrganisationLink of={row.member} />,
                },
                { key: 'channel', title: t('field.channel'), text: (row) => value(row.channel) },
                {
                  key: 'sent',
                  title: t('field.sentOn'),
                  tight: true,
                  text: (row) => date(row.sentOn),
                },
                {
                  key: 'received',
                  title: t('field.receivedOn'),
                  tight: true,
                  text: (row) => date(row.receivedOn),
                  cell: (row) =>
                    row.receivedOn ? (
                      date(row.receivedOn)
                    ) : (
                      <ActionLink
                        compact
                        command="receiveAmendmentNotice"
                        given={{ ...given, member: row.member.oid }}
                        organisation={row.member.oid}
                        about={name(row.member.name, row.member.oid)}
                      />
                    ),
                },
                {
                  key: 'exit',
                  title: t('amendment.exit'),
                  tight: true,
                  text: (row) => `${date(row.exitFirstDay)} – ${date(row.exitLastDay)}`,
                },
                {
                  key: 'late',
                  title: t('amendment.late'),
                  text: (row) => (row.late ? (row.lateBecause ?? t('yes')) : t('no')),
                },
              ]}
            />
          </Card>
          {missing.length > 0 && state === 'ANNOUNCED' && (
            <Card title={t('amendment.missing')}>
              <ul>
                {missing.map((member) => (
                  <li key={member.id} className="row">
                    {name(member.name, member.organisation.oid)}
                    <ActionLink
                      compact
                      command="sendAmendmentNotice"
                      given={{ ...given, member: member.organisation.oid }}
                      about={name(member.name, member.organisation.oid)}
                    />
                  </li>
                ))}
              </ul>
            </Card>
          )}
          {missing.length === 0 && amendment.notices.length === 0 && (
            <Empty>{t('amendment.noNotices')}</Empty>
          )}
        </div>
      )}
      {tab === 'history' && <History stream={`amendment/${id}`} />}
    </>
  );
}

/** The votes as bars, with their table beside. */
function VoteChart({ votes, seats }: { votes: readonly { ballot: string }[]; seats: number }) {
  const { t, value } = useWords();
  const ballots = ['FOR', 'AGAINST', 'ABSTAIN'];
  const counts = ballots.map((ballot) => votes.filter((vote) => vote.ballot === ballot).length);
  const labels = [...ballots.map(value), t('amendment.notVoted')];
  const all = [...counts, Math.max(0, seats - votes.length)];
  return (
    <Chart
      title={t('amendment.tally')}
      head={[t('field.ballot'), t('amendment.votes')]}
      rows={labels.map((label, index) => [label, all[index] ?? 0])}
      option={{
        grid: { left: 8, right: 32, top: 8, bottom: 8, containLabel: true },
        xAxis: { type: 'value', minInterval: 1 },
        yAxis: { type: 'category', data: [...labels].reverse() },
        series: [
          { type: 'bar', data: [...all].reverse(), label: { show: true, position: 'right' } },
        ],
      }}
      small
    />
  );
}
