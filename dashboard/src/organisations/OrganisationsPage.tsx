import { graphql } from '../api/graphql';
import { useList } from '../api/list';
import { Badge, PageHead } from '../design/basics';
import { DataTable } from '../design/DataTable';
import { Failure } from '../design/Failure';
import { SearchFilter } from '../design/Filters';
import { GoTo, OrganisationLink } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { useSearchText } from '../shell/searchParams';

const ORGANISATIONS = graphql(`
  query Organisations(
    $asOf: AsOfInput
    $minPosition: Int
    $after: String
    $first: Int
    $search: String
  ) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      organisations(after: $after, first: $first, search: $search) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
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
    }
  }
`);

export function OrganisationsPage() {
  const { t, name } = useWords();
  const { date } = useFormat();
  const search = useSearchText();
  const list = useList(ORGANISATIONS, { search: search.q }, (data) => data.network.organisations);
  return (
    <>
      <PageHead title={t('nav.organisations')} lead={t('organisations.lead')} />
      <div className="filters" role="search">
        <SearchFilter label={t('search.organisation')} />
      </div>
      {list.error && <Failure error={list.error} again={list.again} />}
      <DataTable
        rows={list.rows}
        caption={t('nav.organisations')}
        rowKey={(row) => row.id}
        csvName="organisations"
        empty={t('organisations.none')}
        loading={list.loading}
        columns={[
          {
            key: 'name',
            title: t('column.name'),
            heads: true,
            text: (row) => name(row.name, row.oid),
            cell: (row) => <GoTo to={`/organisations/${row.oid}`}>{name(row.name, row.oid)}</GoTo>,
          },
          { key: 'types', title: t('column.kind'), text: (row) => row.types.join(', ') || '–' },
          {
            key: 'school',
            title: t('organisation.schoolCode'),
            text: (row) => row.schoolCode ?? '–',
          },
          {
            key: 'parent',
            title: t('organisation.parent'),
            text: (row) => name(row.parent?.name, row.parent?.oid ?? '–'),
            cell: (row) => (row.parent ? <OrganisationLink of={row.parent} /> : '–'),
          },
          { key: 'business', title: t('column.businessId'), text: (row) => row.businessId ?? '–' },
          {
            key: 'oid',
            title: t('column.oid'),
            text: (row) => row.oid,
            cell: (row) => <span className="code">{row.oid}</span>,
          },
          {
            key: 'closed',
            title: t('column.state'),
            text: (row) => (row.closedAt ? t('organisation.closed') : t('organisation.open')),
            cell: (row) =>
              row.closedAt ? (
                <Badge tone="warn">
                  {t('organisation.closed')} {date(row.closedAt.slice(0, 10))}
                </Badge>
              ) : (
                <Badge tone="good">{t('organisation.open')}</Badge>
              ),
          },
        ]}
      />
    </>
  );
}
