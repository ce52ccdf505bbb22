import type { TadaDocumentNode } from 'gql.tada';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useClient, type CombinedError } from 'urql';
import { useAsOf } from './asOf';
import { useLogGrowth } from './live';
import type { Moment } from './query';

/** Rows of one page: within what the API allows one question to cost, with many fields of each. */
const PAGE = 200;

interface Connection<Node> {
  nodes: readonly Node[];
  /** Not known of what is found by looking through a log. */
  totalCount?: number;
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

export interface List<Node> {
  rows: readonly Node[];
  total: number;
  /** Whether there is more than the limit let in. */
  cut: boolean;
  loading: boolean;
  error: CombinedError | undefined;
  again: () => void;
}

/**
 * All rows of a connection, page by page, at the moment of the address, and again when the log has
 * grown. What is shown stays until the new list is whole.
 */
export function useList<Data, Variables extends Moment, Node>(
  query: TadaDocumentNode<Data, Variables>,
  variables: Omit<Variables, keyof Moment | 'after' | 'first'>,
  pick: (data: Data) => Connection<Node>,
  options: { pause?: boolean; limit?: number } = {},
): List<Node> {
  const client = useClient();
  const asOf = useAsOf();
  const [state, setState] = useState<Omit<List<Node>, 'again'>>({
    rows: [],
    total: 0,
    cut: false,
    loading: !options.pause,
    error: undefined,
  });
  const [round, setRound] = useState(0);
  const picker = useRef(pick);
  const wanted = JSON.stringify({ ...variables, asOf });
  const paused = options.pause ?? false;
  const limit = options.limit ?? Number.POSITIVE_INFINITY;
  useEffect(() => {
    if (paused) return;
    let stale = false;
    const load = async () => {
      const rows: Node[] = [];
      let after: string | null = null;
      for (;;) {
        const result = await client
          .query(query, { ...JSON.parse(wanted), first: PAGE, after } as unknown as Variables, {
            requestPolicy: 'network-only',
          })
          .toPromise();
        if (stale) return;
        if (result.error || !result.data) {
          setState((old) => ({ ...old, loading: false, error: result.error }));
          return;
        }
        const page: Connection<Node> = picker.current(result.data);
        rows.push(...page.nodes);
        const more = page.pageInfo.hasNextPage && page.pageInfo.endCursor !== after;
        if (!more || rows.length >= limit) {
          const total = page.totalCount ?? rows.length;
          setState({ rows, total, cut: more, loading: false, error: undefined });
          return;
        }
        after = page.pageInfo.endCursor;
        // The first page is shown while the rest comes.
        setState((old) =>
          old.rows.length === 0
            ? { ...old, rows: [...rows], total: page.totalCount ?? rows.length }
            : old,
        );
      }
    };
    void load();
    return () => {
      stale = true;
    };
  }, [client, query, wanted, round, paused, limit]);
  const again = useCallback(() => setRound((old) => old + 1), []);
  useLogGrowth(again, !asOf && !paused);
  return { ...state, again };
}
