import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { ActionLink } from '../changing/ActionLink';
import { Card, Empty, Loading, PageHead, State } from '../design/basics';
import { DocumentLink } from '../design/DocumentLink';
import { SmallTable } from '../design/DataTable';
import { Failure } from '../design/Failure';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import type { MemberRecord } from '../members/record';
import { ownOrganisations, seesNetwork, useSession } from '../shell/session';
import { JoiningSteps } from './JoiningSteps';

const JOINING = graphql(`
  query Joining($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      members(first: 500) {
        nodes {
          id
          state
          record
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
      agreement {
        instruments {
          version
          kind
          isOffered
          document
          address
          title {
            fi
            sv
            en
          }
        }
      }
    }
  }
`);

const UNDER_WAY = [
  'APPLIED',
  'CONTRACT_DRAFTED',
  'AWAITING_MEMBER',
  'AWAITING_OPERATOR',
  'TO_START',
];

/** Joining: the path for whoever is on it, and for the operator everybody who is. */
export function JoiningPage() {
  const { t, name, value } = useWords();
  const { date } = useFormat();
  const session = useSession();
  const network = seesNetwork(session);
  const { data, error, again } = useNetwork(JOINING, {});
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const members = data.network.members.nodes;
  const own = ownOrganisations(session);
  const offered = data.network.agreement.instruments.filter((each) => each.isOffered);
  const waiting = members.filter((each) => UNDER_WAY.includes(each.state));
  const paths = network
    ? []
    : own.map((oid) => ({
        oid,
        member: members.find((each) => each.organisation.oid === oid),
      }));
  return (
    <>
      <PageHead
        title={t('nav.joining')}
        lead={t('joining.lead')}
        actions={network && <ActionLink primary command="applyForMembership" />}
      />
      <div className="stack">
        <Card title={t('joining.read')}>
          <p>{t('joining.readHelp')}</p>
          {offered.length === 0 && <Empty>{t('joining.nothingOffered')}</Empty>}
          <ul>
            {offered.map((each) => (
              <li key={each.version}>
                {name(each.title)} ({value(each.kind)}, {each.version}){' '}
                {typeof each.document === 'string' && <DocumentLink reference={each.document} />}
              </li>
            ))}
          </ul>
        </Card>
        {paths.map(({ oid, member }) => (
          <div key={oid} className="stack">
            <h2>{name(member?.name, oid)}</h2>
            {member ? (
              <>
                {member.record && (
                  <JoiningSteps
                    oid={oid}
                    record={member.record as unknown as MemberRecord}
                    state={member.state}
                  />
                )}
                <p>
                  <GoTo to={`/members/${oid}`}>{t('organisation.toMembership')}</GoTo>
                </p>
              </>
            ) : (
              <Card title={t('joining.begin')}>
                <p>{t('joining.beginHelp')}</p>
                <ActionLink
                  primary
                  command="applyForMembership"
                  given={{ organisation: oid }}
                  organisation={oid}
                />
              </Card>
            )}
            <Card title={t('joining.meanwhile')}>
              <p>{t('joining.meanwhileHelp')}</p>
              <div className="row">
                <ActionLink
                  command="createService"
                  given={{ organisation: oid }}
                  organisation={oid}
                />
                <ActionLink
                  command="registerHomeIntegration"
                  given={{ organisation: oid, environment: 'TEST' }}
                  organisation={oid}
                />
              </div>
            </Card>
          </div>
        ))}
        {network && (
          <Card title={t('joining.underWay')}>
            <SmallTable
              caption={t('joining.underWay')}
              rows={waiting}
              rowKey={(row) => row.id}
              empty={t('joining.noneUnderWay')}
              columns={[
                {
                  key: 'name',
                  title: t('column.name'),
                  heads: true,
                  text: (row) => name(row.name, row.organisation.oid),
                  cell: (row) => (
                    <GoTo to={`/members/${row.organisation.oid}`}>
                      {name(row.name, row.organisation.oid)}
                    </GoTo>
                  ),
                },
                {
                  key: 'state',
                  title: t('column.state'),
                  text: (row) => value(row.state),
                  cell: (row) => <State of={row.state} />,
                },
                {
                  key: 'applied',
                  title: t('joining.appliedOn'),
                  tight: true,
                  text: (row) =>
                    date((row.record as unknown as MemberRecord | null)?.application?.appliedOn),
                },
              ]}
            />
          </Card>
        )}
      </div>
    </>
  );
}
