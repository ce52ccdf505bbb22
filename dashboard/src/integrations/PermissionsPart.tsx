import { graphql } from '../api/graphql';
import { useList } from '../api/list';
import { bare } from '../api/names';
import { ActionLink } from '../changing/ActionLink';
import { Badge, Card, Facts, Notice } from '../design/basics';
import { DataTable } from '../design/DataTable';
import { Failure } from '../design/Failure';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import type { IntegrationNode } from './IntegrationPage';

export const SERVICE_NAMES = graphql(`
  query ServiceNames($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      services(after: $after, first: $first) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          environment
          fee
          name {
            fi
            sv
            en
          }
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
  }
`);

/** Which services the people of a home organisation may log in to. */
export function PermissionsPart({ of }: { of: IntegrationNode }) {
  const { t, name, value } = useWords();
  const { date } = useFormat();
  const list = useList(SERVICE_NAMES, {}, (data) => data.network.services);
  const organisation = of.organisation.oid;
  const permissions = of.permissions;
  if (!permissions) return null;
  const since = new Map(permissions.services.map((each) => [each.service.id, each.since]));
  const all = permissions.mode === 'ALL';
  const fitting = list.rows.filter(
    (service) => service.environment === null || service.environment === of.environment,
  );
  return (
    <div className="stack">
      <Card
        title={t('integration.tab.permissions')}
        actions={
          <ActionLink
            primary
            command="setPermissionMode"
            given={{ integration: of.id }}
            organisation={organisation}
          />
        }
      >
        <Facts
          of={[
            [t('field.mode'), value(permissions.mode)],
            [t('permissions.count'), all ? t('permissions.all') : String(since.size)],
            [t('permissions.effect'), t('permissions.atOnce')],
          ]}
        />
        {!all && since.size === 0 && (
          <Notice tone="warn">
            <p>{t('permissions.empty')}</p>
          </Notice>
        )}
        {permissions.unknown.length > 0 && (
          <Notice tone="warn" title={t('finding.UNKNOWN_CLIENTS_PERMITTED')}>
            <p>{permissions.unknown.join(', ')}</p>
          </Notice>
        )}
      </Card>
      {list.error && <Failure error={list.error} again={list.again} />}
      <DataTable
        rows={fitting}
        caption={t('permissions.services')}
        rowKey={(row) => row.id}
        csvName={`permitted-services-${bare(of.id)}`}
        empty={t('services.none')}
        loading={list.loading}
        columns={[
          {
            key: 'name',
            title: t('column.name'),
            heads: true,
            text: (row) => name(row.name),
            cell: (row) => <GoTo to={`/services/${bare(row.id)}`}>{name(row.name)}</GoTo>,
          },
          {
            key: 'organisation',
            title: t('column.organisation'),
            text: (row) => name(row.organisation?.name, row.organisation?.oid ?? '–'),
          },
          { key: 'fee', title: t('field.fee'), text: (row) => value(row.fee) },
          {
            key: 'permitted',
            title: t('permissions.permitted'),
            text: (row) => (all || since.has(row.id) ? t('yes') : t('no')),
            cell: (row) =>
              all || since.has(row.id) ? (
                <Badge tone="good">{t('yes')}</Badge>
              ) : (
                <Badge>{t('no')}</Badge>
              ),
          },
          {
            key: 'since',
            title: t('column.since'),
            tight: true,
            text: (row) => {
              const at = since.get(row.id);
              return typeof at === 'string' ? date(at.slice(0, 10)) : '–';
            },
          },
          ...(all
            ? []
            : [
                {
                  key: 'change',
                  title: t('column.change'),
                  text: () => '',
                  cell: (row: (typeof list.rows)[number]) => (
                    <ActionLink
                      compact
                      command={since.has(row.id) ? 'forbidServices' : 'permitServices'}
                      given={{ integration: of.id, services: [row.id] }}
                      organisation={organisation}
                      about={name(row.name)}
                    />
                  ),
                },
              ]),
        ]}
      />
    </div>
  );
}
