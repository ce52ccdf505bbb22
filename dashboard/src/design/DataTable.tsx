import { useVirtualizer } from '@tanstack/react-virtual';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, type ReactNode } from 'react';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { Button, Empty, Loading } from './basics';
import { download, toCsv } from './csv';

export interface Column<Row> {
  key: string;
  title: string;
  /** What is shown; the text where it is left out. */
  cell?: (row: Row) => ReactNode;
  /** What is searched, sorted and written to CSV. */
  text: (row: Row) => string;
  /** What it is sorted by, where the text will not do. */
  order?: (row: Row) => string | number;
  numeric?: boolean;
  /** On one line: dates and numbers. */
  tight?: boolean;
  /** Names the row for those who hear the table. */
  heads?: boolean;
}

function cellClass<Row>(column: Column<Row>): string | undefined {
  if (column.numeric) return 'number';
  return column.tight ? 'tight' : undefined;
}

/** From this many rows on, only those in view are in the page. */
export const VIRTUAL_FROM = 200;
const SIZES = [50, 100, 200] as const;
const ROW_HEIGHT = 44;

export function sortRows<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: string | undefined,
  locale: string,
): readonly Row[] {
  const backwards = sort?.startsWith('-') ?? false;
  const column = columns.find((each) => each.key === sort?.replace(/^-/, ''));
  if (!column) return rows;
  const collator = new Intl.Collator(locale, { numeric: true });
  const order = column.order ?? column.text;
  const sorted = [...rows].sort((a, b) => {
    const [left, right] = [order(a), order(b)];
    return typeof left === 'number' && typeof right === 'number'
      ? left - right
      : collator.compare(String(left), String(right));
  });
  return backwards ? sorted.reverse() : sorted;
}

interface DataTableProps<Row> {
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  caption: string;
  rowKey: (row: Row) => string;
  csvName: string;
  empty: string;
  loading?: boolean;
}

/** A list with its order and its page in the address, and what is filtered as CSV. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, columns, caption, rowKey, csvName, empty, loading } = props;
  const { t } = useWords();
  const { locale, number } = useFormat();
  const search = useSearch({ strict: false }) as {
    sort?: string;
    page?: number;
    size?: string | number;
  };
  const navigate = useNavigate();
  const change = (next: Record<string, string | number | undefined>) =>
    navigate({
      to: '.',
      search: ((old: Record<string, unknown>) => ({ ...old, ...next })) as never,
      replace: true,
    });
  const sorted = useMemo(
    () => sortRows(rows, columns, search.sort, locale),
    [rows, columns, search.sort, locale],
  );
  const all = search.size === 'all';
  const size = SIZES.find((each) => each === Number(search.size)) ?? 100;
  const pages = all ? 1 : Math.max(1, Math.ceil(sorted.length / size));
  // An address may say anything.
  const wanted = Number(search.page ?? 1);
  const page = Number.isInteger(wanted) ? Math.min(Math.max(1, wanted), pages) : 1;
  const start = all ? 0 : (page - 1) * size;
  const shown = all ? sorted : sorted.slice(start, start + size);

  if (loading && rows.length === 0) return <Loading />;
  if (rows.length === 0) {
    return (
      <div className="card">
        <Empty>{empty}</Empty>
      </div>
    );
  }
  const writeCsv = () => {
    const body = sorted.map((row) => columns.map((column) => column.text(row)));
    const head = columns.map((column) => column.title);
    download(`${csvName}.csv`, toCsv(head, body), 'text/csv;charset=utf-8');
  };
  const sortBy = (key: string) =>
    change({ sort: search.sort === key ? `-${key}` : key, page: undefined });
  return (
    <div>
      <Rows
        {...{ columns, caption, rowKey, shown, sort: search.sort, sortBy }}
        total={sorted.length}
        start={start}
      />
      <div className="table-foot">
        <p className="quiet" role="status">
          {t('table.shown', {
            from: number(start + 1),
            to: number(start + shown.length),
            total: number(sorted.length),
          })}
        </p>
        <div className="row">
          {pages > 1 && (
            <nav aria-label={t('table.pages')} className="row">
              <Button compact isDisabled={page === 1} onPress={() => change({ page: page - 1 })}>
                {t('table.previous')}
              </Button>
              <span>{t('table.page', { page: number(page), pages: number(pages) })}</span>
              <Button
                compact
                isDisabled={page === pages}
                onPress={() => change({ page: page + 1 })}
              >
                {t('table.next')}
              </Button>
            </nav>
          )}
          {sorted.length > SIZES[0] && (
            <label className="row">
              <span>{t('table.size')}</span>
              <select
                className="input narrow"
                value={all ? 'all' : String(size)}
                onChange={(event) => change({ size: event.target.value, page: undefined })}
              >
                {SIZES.map((each) => (
                  <option key={each} value={each}>
                    {number(each)}
                  </option>
                ))}
                <option value="all">{t('table.all')}</option>
              </select>
            </label>
          )}
          <Button compact onPress={writeCsv}>
            {t('table.csv')}
          </Button>
        </div>
      </div>
    </div>
  );
}

interface RowsProps<Row> {
  columns: readonly Column<Row>[];
  caption: string;
  rowKey: (row: Row) => string;
  shown: readonly Row[];
  total: number;
  start: number;
  sort: string | undefined;
  sortBy: (key: string) => void;
}

function Rows<Row>({
  columns,
  caption,
  rowKey,
  shown,
  total,
  start,
  sort,
  sortBy,
}: RowsProps<Row>) {
  const { t } = useWords();
  const frame = useRef<HTMLDivElement>(null);
  const virtual = shown.length > VIRTUAL_FROM;
  // eslint-disable-next-line react-hooks/incompatible-library -- it holds no state that a memo could miss
  const virtualizer = useVirtualizer({
    count: virtual ? shown.length : 0,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    initialRect: { width: 1000, height: 800 },
  });
  const items = virtualizer.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  const visible = virtual ? shown.slice(first?.index ?? 0, (last?.index ?? -1) + 1) : shown;
  const offset = virtual ? (first?.index ?? 0) : 0;
  const before = virtual ? (first?.start ?? 0) : 0;
  const after = virtual ? virtualizer.getTotalSize() - (last?.end ?? 0) : 0;
  return (
    <div
      className={virtual ? 'table-frame tall' : 'table-frame'}
      ref={frame}
      // Whoever scrolls by keyboard must be able to reach it.
      tabIndex={0}
      role="region"
      aria-label={caption}
    >
      <table aria-rowcount={total + 1}>
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr aria-rowindex={1}>
            {columns.map((column) => {
              const active = sort?.replace(/^-/, '') === column.key;
              const direction = sort?.startsWith('-') ? 'descending' : 'ascending';
              return (
                <th
                  key={column.key}
                  scope="col"
                  className={column.numeric ? 'number' : undefined}
                  aria-sort={active ? direction : undefined}
                >
                  <button type="button" onClick={() => sortBy(column.key)} title={t('table.sort')}>
                    {column.title}
                    <span aria-hidden="true">
                      {active ? (direction === 'ascending' ? ' ▲' : ' ▼') : ''}
                    </span>
                  </button>
                </th>
              );
            })}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Spacer height={before} columns={columns.length} />}
          {visible.map((row, index) => (
            <tr
              key={rowKey(row)}
              aria-rowindex={start + offset + index + 2}
              data-index={offset + index}
              ref={virtual ? virtualizer.measureElement : undefined}
            >
              {columns.map((column) => {
                const content = column.cell ? column.cell(row) : column.text(row);
                return column.heads ? (
                  <th key={column.key} scope="row">
                    {content}
                  </th>
                ) : (
                  <td key={column.key} className={cellClass(column)}>
                    {content}
                  </td>
                );
              })}
            </tr>
          ))}
          {after > 0 && <Spacer height={after} columns={columns.length} />}
        </tbody>
      </table>
    </div>
  );
}

function Spacer({ height, columns }: { height: number; columns: number }) {
  return (
    <tr aria-hidden="true">
      <td colSpan={columns} style={{ height, padding: 0 }} />
    </tr>
  );
}

/** A small table inside a page: neither pages nor order in the address. */
export function SmallTable<Row>({
  rows,
  columns,
  caption,
  rowKey,
  empty,
}: Omit<DataTableProps<Row>, 'csvName' | 'loading'>) {
  if (rows.length === 0) return <Empty>{empty}</Empty>;
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={caption}>
      <table>
        <caption className="unseen">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.key} scope="col" className={column.numeric ? 'number' : undefined}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column) => {
                const content = column.cell ? column.cell(row) : column.text(row);
                return column.heads ? (
                  <th key={column.key} scope="row">
                    {content}
                  </th>
                ) : (
                  <td key={column.key} className={cellClass(column)}>
                    {content}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
