import { Link } from '@tanstack/react-router';
import type { Json } from '../api/graphql';
import { bare } from '../api/names';
import { State } from '../design/basics';
import { DataTable, type Column } from '../design/DataTable';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords, type Named } from '../i18n/useWords';
import { keepMoment } from '../shell/moment';

export interface FindingRow {
  code: string;
  severity: string;
  dueOn: string | null;
  subject: string | null;
  detail: Json;
  owedBy?: string | null;
  source?: string | null;
  organisation?: { oid: string; name: Named | null } | null;
}

/** Where somebody goes to do what a finding asks for. */
export function findingAddress(finding: FindingRow): string | null {
  const [kind] = finding.subject?.split(':', 1) ?? [];
  const key = finding.subject ? bare(finding.subject) : '';
  const member = finding.organisation?.oid;
  switch (kind) {
    case 'member':
      return `/members/${key}${finding.code === 'NAME_CONTACT' ? '?tab=contacts' : ''}`;
    case 'integration':
      return `/integrations/${key}`;
    case 'amendment':
      return `/amendments/${key}`;
    case 'self-audit':
      return member ? `/members/${member}?tab=selfAudits` : null;
    case 'remark':
    case 'outage':
    case 'complaint':
    case 'dispute':
      return member ? `/members/${member}?tab=duties` : null;
    case 'interruption':
    case 'suspension':
    case 'misuse':
    case 'breach':
    case 'subject-request':
    case 'audit':
    case 'disclosure':
      return `/operations?tab=${kind}`;
    case 'notice':
      return member ? `/members/${member}` : null;
    default:
      if (finding.code === 'RULE_NOT_SET') return '/rules';
      if (finding.code === 'REVIEW_FEES') return '/steering';
      return member ? `/members/${member}` : null;
  }
}

/** What a finding's detail says, in one line: its plain values that have a name. */
function useDetail() {
  const { t, value, field, finding } = useWords();
  const { date, number } = useFormat();
  const plain = (item: Json): string | null => {
    if (Array.isArray(item)) return number(item.length);
    if (typeof item !== 'string') return null;
    if (/^\d{4}-\d{2}-\d{2}$/.test(item)) return date(item);
    if (!/^[A-Z][A-Z_0-9]+$/.test(item)) return /^[0-9a-f]{8}-/.test(item) ? null : item;
    return finding(item) === item ? value(item) : finding(item);
  };
  return (row: FindingRow): string => {
    if (row.detail === null || typeof row.detail !== 'object' || Array.isArray(row.detail)) {
      return plain(row.detail) ?? '';
    }
    if (row.code === 'NOTICE_RUNNING') {
      const by = row.detail.by === 'OPERATOR' ? value('OPERATOR') : t('notice.member');
      return `${t('notice.by')}: ${by}`;
    }
    return Object.entries(row.detail)
      .flatMap(([key, item]) => {
        // An obligation's kind names what it is about beside it: `{ nameContact: 'TECHNICAL' }`.
        if (key === 'kind') {
          const about = item !== null && typeof item === 'object' ? Object.values(item)[0] : null;
          const text = about === null || about === undefined ? null : plain(about);
          return text === null ? [] : [text];
        }
        const text = plain(item);
        if (text === null) return [];
        return [field(key) === key ? text : `${field(key)}: ${text}`];
      })
      .join(', ');
  };
}

export function Findings({
  of,
  withOrganisation,
}: {
  of: readonly FindingRow[];
  withOrganisation?: boolean;
}) {
  const { t, name, value, finding } = useWords();
  const { date } = useFormat();
  const detail = useDetail();
  const order = ['WRONG', 'DUE', 'NOTICE'];
  const columns: Column<FindingRow>[] = [
    {
      key: 'severity',
      title: t('column.severity'),
      text: (row) => value(row.severity),
      order: (row) => order.indexOf(row.severity),
      cell: (row) => <State of={row.severity} />,
    },
    {
      key: 'what',
      title: t('column.what'),
      heads: true,
      text: (row) => finding(row.code),
      cell: (row) => {
        const address = findingAddress(row);
        return (
          <>
            {address ? <GoToFull to={address}>{finding(row.code)}</GoToFull> : finding(row.code)}
            {row.source && (
              <span className="quiet small source" lang="en">
                {row.source}
              </span>
            )}
          </>
        );
      },
    },
    { key: 'detail', title: t('column.detail'), text: (row) => detail(row) || '–' },
    {
      key: 'owedBy',
      title: t('column.owedBy'),
      text: (row) => (row.owedBy ? value(row.owedBy) : '–'),
    },
    ...(withOrganisation
      ? [
          {
            key: 'organisation',
            title: t('column.organisation'),
            text: (row: FindingRow) => name(row.organisation?.name, row.organisation?.oid ?? '–'),
            cell: (row: FindingRow) =>
              row.organisation ? (
                <GoTo to={`/members/${row.organisation.oid}`}>
                  {name(row.organisation.name, row.organisation.oid)}
                </GoTo>
              ) : (
                '–'
              ),
          },
        ]
      : []),
    {
      key: 'due',
      title: t('field.dueOn'),
      tight: true,
      text: (row) => date(row.dueOn),
      order: (row) => row.dueOn ?? '9999',
    },
  ];
  return (
    <DataTable
      rows={of}
      columns={columns}
      caption={t('nav.obligations')}
      rowKey={(row) =>
        `${row.code} ${row.subject} ${row.organisation?.oid} ${JSON.stringify(row.detail)}`
      }
      csvName="obligations"
      empty={t('obligations.none')}
    />
  );
}

/** An address with its own search. */
function GoToFull({ to, children }: { to: string; children: string }) {
  const [path = '/', query] = to.split('?');
  const tab = new URLSearchParams(query).get('tab');
  return tab ? <TabTo path={path} tab={tab} text={children} /> : <GoTo to={path}>{children}</GoTo>;
}

function TabTo({ path, tab, text }: { path: string; tab: string; text: string }) {
  return (
    <Link
      to={path}
      search={((old: Record<string, unknown>) => ({ ...keepMoment(old), tab })) as never}
    >
      {text}
    </Link>
  );
}
