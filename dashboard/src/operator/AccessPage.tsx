import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { ActionLink } from '../changing/ActionLink';
import { Badge, Card, Loading, PageHead, State } from '../design/basics';
import { SmallTable } from '../design/DataTable';
import { Failure } from '../design/Failure';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';

const ACCESS = graphql(`
  query AccessRights($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      access {
        administrators(first: 300) {
          nodes {
            id
            name
            grants {
              id
              right
              organisation
              grantedAt
              revokedAt
            }
          }
        }
        credentials(first: 300) {
          nodes {
            id
            label
            right
            organisation
            environment
            revokedAt
          }
        }
        nodes {
          id
          name
          environments
          expelledAt
        }
        keys {
          environment
          keyId
          purpose
          algorithm
          state
        }
      }
      operatorContacts {
        id
        role
        name
        email
        phone
      }
    }
  }
`);

/** Who and what may do what: people, machines, proxy nodes, keys. */
export function AccessPage() {
  const { t, value } = useWords();
  const { instant } = useFormat();
  const { data, error, again } = useNetwork(ACCESS, {});
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const { nodes, keys } = data.network.access;
  const administrators = data.network.access.administrators.nodes;
  const credentials = data.network.access.credentials.nodes;
  const grants = administrators.flatMap((person) =>
    person.grants.map((grant) => ({ ...grant, person })),
  );
  return (
    <>
      <PageHead
        title={t('nav.access')}
        lead={t('access.lead')}
        actions={
          <>
            <ActionLink primary command="grantAccess" />
            <ActionLink command="recordAdministrator" />
          </>
        }
      />
      <div className="stack">
        <Card title={t('access.people')}>
          <SmallTable
            caption={t('access.people')}
            rows={grants}
            rowKey={(row) => row.id}
            empty={t('none')}
            columns={[
              {
                key: 'name',
                title: t('column.name'),
                heads: true,
                text: (row) => row.person.name ?? t('erased'),
              },
              { key: 'right', title: t('field.right'), text: (row) => value(row.right) },
              {
                key: 'organisation',
                title: t('column.organisation'),
                text: (row) => row.organisation ?? t('access.wholeNetwork'),
              },
              {
                key: 'from',
                title: t('column.since'),
                tight: true,
                text: (row) => instant(row.grantedAt),
              },
              {
                key: 'state',
                title: t('column.state'),
                text: (row) => (row.revokedAt ? instant(row.revokedAt) : t('access.held')),
                cell: (row) =>
                  row.revokedAt ? (
                    <Badge>{t('access.revoked', { at: instant(row.revokedAt) })}</Badge>
                  ) : (
                    <Badge tone="good">{t('access.held')}</Badge>
                  ),
              },
              {
                key: 'change',
                title: t('column.change'),
                text: () => '',
                cell: (row) =>
                  row.revokedAt ? null : (
                    <ActionLink
                      compact
                      danger
                      command="revokeAccess"
                      given={{ grant: row.id }}
                      about={`${row.person.name ?? ''} ${value(row.right)}`}
                    />
                  ),
              },
            ]}
          />
        </Card>
        <Card
          title={t('access.machines')}
          actions={<ActionLink compact command="issueMachineCredential" />}
        >
          <SmallTable
            caption={t('access.machines')}
            rows={credentials}
            rowKey={(row) => row.id}
            empty={t('access.noMachines')}
            columns={[
              { key: 'label', title: t('field.label'), heads: true, text: (row) => row.label },
              { key: 'right', title: t('field.right'), text: (row) => value(row.right) },
              { key: 'env', title: t('column.environment'), text: (row) => value(row.environment) },
              {
                key: 'id',
                title: t('integration.identifier'),
                text: (row) => row.id,
                cell: (row) => <code>{row.id}</code>,
              },
              {
                key: 'state',
                title: t('column.state'),
                text: (row) =>
                  row.revokedAt
                    ? t('access.revoked', { at: instant(row.revokedAt) })
                    : t('access.held'),
              },
              {
                key: 'change',
                title: t('column.change'),
                text: () => '',
                cell: (row) =>
                  row.revokedAt ? null : (
                    <ActionLink
                      compact
                      danger
                      command="revokeMachineCredential"
                      given={{ credential: row.id }}
                      about={row.label}
                    />
                  ),
              },
            ]}
          />
        </Card>
        <div className="grid">
          <Card title={t('access.nodes')}>
            <SmallTable
              caption={t('access.nodes')}
              rows={nodes}
              rowKey={(row) => row.id}
              empty={t('access.noNodes')}
              columns={[
                { key: 'name', title: t('column.name'), heads: true, text: (row) => row.name },
                {
                  key: 'env',
                  title: t('field.environments'),
                  text: (row) => row.environments.map(value).join(', '),
                },
                {
                  key: 'state',
                  title: t('column.state'),
                  text: (row) =>
                    row.expelledAt
                      ? t('access.revoked', { at: instant(row.expelledAt) })
                      : t('access.held'),
                },
              ]}
            />
          </Card>
          <Card
            title={t('access.contacts')}
            actions={<ActionLink compact command="nameOperatorContact" />}
          >
            <SmallTable
              caption={t('access.contacts')}
              rows={data.network.operatorContacts}
              rowKey={(row) => row.id}
              empty={t('access.noContacts')}
              columns={[
                { key: 'role', title: t('column.role'), text: (row) => value(row.role) },
                {
                  key: 'name',
                  title: t('column.name'),
                  heads: true,
                  text: (row) => row.name ?? t('erased'),
                },
                { key: 'email', title: t('field.email'), text: (row) => row.email ?? '–' },
              ]}
            />
          </Card>
        </div>
        <Card title={t('access.keys')}>
          <SmallTable
            caption={t('access.keys')}
            rows={keys}
            rowKey={(row) => row.keyId}
            empty={t('none')}
            columns={[
              {
                key: 'id',
                title: t('access.keyId'),
                heads: true,
                text: (row) => row.keyId,
                cell: (row) => <code>{row.keyId}</code>,
              },
              { key: 'env', title: t('column.environment'), text: (row) => value(row.environment) },
              { key: 'purpose', title: t('field.purpose'), text: (row) => value(row.purpose) },
              { key: 'algorithm', title: t('access.algorithm'), text: (row) => row.algorithm },
              {
                key: 'state',
                title: t('column.state'),
                text: (row) => value(row.state),
                cell: (row) => <State of={row.state} />,
              },
            ]}
          />
        </Card>
      </div>
    </>
  );
}
