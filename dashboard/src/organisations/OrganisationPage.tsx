import { useParams } from '@tanstack/react-router';
import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { History } from '../audit/History';
import { ActionLink } from '../changing/ActionLink';
import { Card, Facts, Loading, Notice, PageHead, State } from '../design/basics';
import { SmallTable } from '../design/DataTable';
import { Failure } from '../design/Failure';
import { GoTo, OrganisationLink } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';

const ORGANISATION = graphql(`
  query Organisation($asOf: AsOfInput, $minPosition: Int, $id: ID!, $member: ID!) {
    node(id: $id, asOf: $asOf) {
      id
      ... on Organisation {
        oid
        businessId
        schoolCode
        institutionType
        municipality
        types
        closedAt
        name {
          fi
          sv
          en
        }
        parent {
          oid
          name {
            fi
            sv
            en
          }
        }
      }
    }
    member: node(id: $member, asOf: $asOf) {
      id
      ... on Member {
        state
        name {
          fi
          sv
          en
        }
      }
    }
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      organisations(first: 500) {
        nodes {
          oid
          schoolCode
          institutionType
          closedAt
          parent {
            oid
          }
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

export function OrganisationPage() {
  const { oid } = useParams({ strict: false }) as { oid: string };
  const { t, name } = useWords();
  const { instant } = useFormat();
  const { data, error, again, fetching } = useNetwork(ORGANISATION, {
    id: `organisation:${oid}`,
    member: `member:${oid}`,
  });
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const organisation = data.node && 'oid' in data.node ? data.node : null;
  const member = data.member && 'state' in data.member ? data.member : null;
  if (!organisation && !member) {
    return fetching ? (
      <Loading />
    ) : (
      <>
        <PageHead title={oid} />
        <Notice tone="warn">
          <p>{t('organisation.unknown')}</p>
        </Notice>
      </>
    );
  }
  const children = data.network.organisations.nodes.filter((each) => each.parent?.oid === oid);
  return (
    <>
      <PageHead
        crumbs={<GoTo to="/organisations">{t('nav.organisations')}</GoTo>}
        title={name(organisation?.name ?? member?.name, oid)}
        lead={<span className="code">{oid}</span>}
        actions={<ActionLink command="recordActingFor" given={{ acting: oid }} />}
      />
      <div className="stack">
        {organisation && !organisation.name && (
          <Notice tone="warn">
            <p>{t('organisation.notInRegister')}</p>
          </Notice>
        )}
        <div className="grid">
          <Card title={t('organisation.facts')}>
            <Facts
              of={[
                [t('column.businessId'), organisation?.businessId],
                [t('column.kind'), organisation?.types.join(', ')],
                [t('organisation.schoolCode'), organisation?.schoolCode],
                [t('organisation.institutionType'), organisation?.institutionType],
                [t('organisation.municipality'), organisation?.municipality],
                [
                  t('organisation.parent'),
                  organisation?.parent && <OrganisationLink of={organisation.parent} />,
                ],
                [
                  t('organisation.closed'),
                  organisation?.closedAt && instant(organisation.closedAt),
                ],
              ]}
            />
          </Card>
          <Card title={t('organisation.membership')}>
            {member ? (
              <p className="row">
                <State of={member.state} />
                <GoTo to={`/members/${oid}`}>{t('organisation.toMembership')}</GoTo>
              </p>
            ) : (
              <>
                <p>{t('organisation.notMember')}</p>
                <ActionLink
                  command="applyForMembership"
                  given={{ organisation: oid }}
                  organisation={oid}
                />
              </>
            )}
          </Card>
        </div>
        {children.length > 0 && (
          <Card title={t('organisation.children')}>
            <SmallTable
              caption={t('organisation.children')}
              rows={children}
              rowKey={(row) => row.oid}
              empty=""
              columns={[
                {
                  key: 'name',
                  title: t('column.name'),
                  heads: true,
                  text: (row) => name(row.name, row.oid),
                  cell: (row) => <OrganisationLink of={row} />,
                },
                {
                  key: 'code',
                  title: t('organisation.schoolCode'),
                  text: (row) => row.schoolCode ?? '–',
                },
                {
                  key: 'type',
                  title: t('organisation.institutionType'),
                  text: (row) => row.institutionType ?? '–',
                },
              ]}
            />
          </Card>
        )}
        <History stream={`organisation/${oid}`} />
      </div>
    </>
  );
}
