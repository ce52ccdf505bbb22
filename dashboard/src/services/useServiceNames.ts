import { useMemo } from 'react';
import { graphql } from '../api/graphql';
import { useList } from '../api/list';
import { useWords } from '../i18n/useWords';

const NAMES = graphql(`
  query AllServiceNames($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      services(after: $after, first: $first, inactive: true) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
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

/** What a service is called, by its identifier; withdrawn ones too. */
export function useServiceNames(): (id: string | null) => string {
  const { name } = useWords();
  const { rows } = useList(NAMES, {}, (data) => data.network.services);
  return useMemo(() => {
    const names = new Map(rows.map((row) => [row.id, name(row.name)]));
    return (id) => (id ? (names.get(id) ?? id) : '–');
  }, [rows, name]);
}
