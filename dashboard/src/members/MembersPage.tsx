import { enums } from '../api/generated/enums';
import { graphql } from '../api/graphql';
import { useList } from '../api/list';
import { ActionLink } from '../changing/ActionLink';
import { PageHead, State } from '../design/basics';
import { DataTable, type Column } from '../design/DataTable';
import { Failure } from '../design/Failure';
import { ChoiceFilter, SearchFilter, oneOf } from '../design/Filters';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { useSearchText } from '../shell/searchParams';

const MEMBERS = graphql(`
  query Members(
    $asOf: AsOfInput
    $minPosition: Int
    $after: String
    $first: Int
    $search: String
    $state: MemberStanding
    $role: MemberRole
  ) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      members(after: $after, first: $first, search: $search, state: $state, role: $role) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          state
          roles
          businessId
          endsAt
          name {
            fi
            sv
            en
          }
          organisation {
            oid
          }
          legalBases {
            instrument
            kind
            since
            replaced
          }
        }
      }
    }
  }
`);

export function MembersPage() {
  const { t, name, value } = useWords();
  const { date, instant } = useFormat();
  const search = useSearchText();
  const list = useList(
    MEMBERS,
    {
      search: search.q,
      state: oneOf(enums.MemberStanding, search.state),
      role: oneOf(enums.MemberRole, search.role),
    },
    (data) => data.network.members,
  );
  type Row = (typeof list.rows)[number];
  const basis = (row: Row) => row.legalBases.find((each) => !each.replaced);
  const columns: Column<Row>[] = [
    {
      key: 'name',
      title: t('column.name'),
      heads: true,
      text: (row) => name(row.name, row.organisation.oid),
      cell: (row) => (
        <GoTo to={`/members/${row.organisation.oid}`}>{name(row.name, row.organisation.oid)}</GoTo>
      ),
    },
    {
      key: 'state',
      title: t('column.state'),
      text: (row) => value(row.state),
      cell: (row) => <State of={row.state} />,
    },
    {
      key: 'roles',
      title: t('column.roles'),
      text: (row) => row.roles.map(value).join(', '),
    },
    {
      key: 'instrument',
      title: t('column.instrument'),
      text: (row) => basis(row)?.instrument ?? '–',
    },
    {
      key: 'since',
      title: t('column.since'),
      tight: true,
      text: (row) => date(basis(row)?.since),
      order: (row) => basis(row)?.since ?? '',
    },
    {
      key: 'ends',
      title: t('column.ends'),
      tight: true,
      text: (row) => instant(row.endsAt),
      order: (row) => row.endsAt ?? '9999',
    },
    { key: 'business', title: t('column.businessId'), text: (row) => row.businessId ?? '–' },
    {
      key: 'oid',
      title: t('column.oid'),
      text: (row) => row.organisation.oid,
      cell: (row) => <span className="code">{row.organisation.oid}</span>,
    },
  ];
  return (
    <>
      <PageHead
        title={t('nav.members')}
        lead={t('members.lead')}
        actions={
          <>
            <ActionLink command="applyForMembership" />
            <ActionLink command="acceptMember" />
          </>
        }
      />
      <div className="filters" role="search">
        <SearchFilter label={t('search.byNameOidBusinessId')} />
        <ChoiceFilter label={t('column.state')} name="state" values={enums.MemberStanding} />
        <ChoiceFilter label={t('column.role')} name="role" values={enums.MemberRole} />
      </div>
      {list.error && <Failure error={list.error} again={list.again} />}
      <DataTable
        rows={list.rows}
        columns={columns}
        caption={t('nav.members')}
        rowKey={(row) => row.id}
        csvName="members"
        empty={t('members.none')}
        loading={list.loading}
      />
    </>
  );
}
