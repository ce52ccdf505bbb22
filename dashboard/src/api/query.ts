import type { TadaDocumentNode } from 'gql.tada';
import { useCallback } from 'react';
import { useQuery, type CombinedError } from 'urql';
import { useAsOf, type AsOf } from './asOf';
import { connection } from './connection';
import { useLogGrowth } from './live';

/** The moment of an answer, as every page's document takes it. */
export interface Moment {
  asOf?: AsOf | null;
  minPosition?: number | null;
}

export interface Answer<Data> {
  data: Data | undefined;
  error: CombinedError | undefined;
  fetching: boolean;
  again: () => void;
}

/**
 * Asks for a page's data at the moment of its address, and again whenever the log has grown.
 * What is shown stays while the next answer is on its way.
 */
export function useNetwork<Data, Variables extends Moment>(
  query: TadaDocumentNode<Data, Variables>,
  variables: Omit<Variables, keyof Moment>,
  options: { pause?: boolean } = {},
): Answer<Data> {
  const asOf = useAsOf();
  const all = { ...variables, asOf } as Variables;
  const [result, execute] = useQuery({
    query,
    variables: all,
    pause: options.pause ?? false,
    requestPolicy: asOf ? 'cache-first' : 'cache-and-network',
  });
  const again = useCallback(() => execute({ requestPolicy: 'network-only' }), [execute]);
  useLogGrowth(again, !asOf && !options.pause);
  return { data: result.data, error: result.error, fetching: result.fetching, again };
}

/** The position that the present must have reached to show what was done here. */
export function lastSeen(): number | null {
  return connection.get().position;
}
