import { enums } from '../api/generated/enums';
import { graphql } from '../api/graphql';
import { useList } from '../api/list';
import { bare } from '../api/names';
import { ActionLink } from '../changing/ActionLink';
import { Badge, PageHead } from '../design/basics';
import { DataTable } from '../design/DataTable';
import { Failure } from '../design/Failure';
import { ChoiceFilter, SearchFilter, oneOf } from '../design/Filters';
import { CheckField } from '../design/fields';
import { GoTo, OrganisationLink } from '../design/Links';
import { useWords } from '../i18n/useWords';
import { useChangeSearch, useSearchText } from '../shell/searchParams';

const SERVICES = graphql(`
  query Services(
    $asOf: AsOfInput
    $minPosition: Int
    $after: String
    $first: Int
    $search: String
    $environment: Environment
    $inactive: Boolean!
  ) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      services(
        after: $after
        first: $first
        search: $search
        environment: $environment
        inactive: $inactive
      ) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          environment
          fee
          isActive
          releaseSet
          proposedReleaseSet
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

export function ServicesPage() {
  const { t, name, value } = useWords();
  const search = useSearchText();
  const change = useChangeSearch();
  const inactive = search.inactive === 'yes';
  const list = useList(
    SERVICES,
    { search: search.q, environment: oneOf(enums.Environment, search.environment), inactive },
    (data) => data.network.services,
  );
  return (
    <>
      <PageHead
        title={t('nav.services')}
        lead={t('services.lead')}
        actions={<ActionLink primary command="createService" />}
      />
      <div className="filters" role="search">
        <SearchFilter label={t('search.service')} />
        <ChoiceFilter
          label={t('column.environment')}
          name="environment"
          values={enums.Environment}
        />
        <CheckField
          label={t('services.withInactive')}
          value={inactive}
          onChange={(next) => change({ inactive: next ? 'yes' : undefined })}
        />
      </div>
      {list.error && <Failure error={list.error} again={list.again} />}
      <DataTable
        rows={list.rows}
        caption={t('nav.services')}
        rowKey={(row) => row.id}
        csvName="services"
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
            cell: (row) => (row.organisation ? <OrganisationLink of={row.organisation} /> : '–'),
          },
          {
            key: 'environment',
            title: t('column.environment'),
            text: (row) =>
              row.environment ? value(row.environment) : t('services.anyEnvironment'),
          },
          { key: 'fee', title: t('field.fee'), text: (row) => value(row.fee) },
          {
            key: 'release',
            title: t('services.attributes'),
            numeric: true,
            text: (row) => (Array.isArray(row.releaseSet) ? String(row.releaseSet.length) : '–'),
            order: (row) => (Array.isArray(row.releaseSet) ? row.releaseSet.length : -1),
          },
          {
            key: 'state',
            title: t('column.state'),
            text: (row) => (row.isActive ? t('value.ACTIVE') : t('value.INACTIVE')),
            cell: (row) => (
              <>
                <Badge tone={row.isActive ? 'good' : 'plain'}>
                  {row.isActive ? t('value.ACTIVE') : t('value.INACTIVE')}
                </Badge>{' '}
                {row.proposedReleaseSet !== null && (
                  <Badge tone="accent">{t('services.proposed')}</Badge>
                )}
              </>
            ),
          },
        ]}
      />
    </>
  );
}
