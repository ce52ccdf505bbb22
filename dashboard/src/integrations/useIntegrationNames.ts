import { useMemo } from 'react';
import { graphql } from '../api/graphql';
import { useList } from '../api/list';
import { integrationName } from '../api/names';
import { useWords } from '../i18n/useWords';

const NAMES = graphql(`
  query AllIntegrationNames(
    $asOf: AsOfInput
    $minPosition: Int
    $after: String
    $first: Int
    $environment: Environment!
  ) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      integrations(after: $after, first: $first, environment: $environment) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          type
          flowName
          peerName
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

/** What an integration is called, with its organisation, by its identifier. */
export function useIntegrationNames(
  environment: 'TEST' | 'PRODUCTION' | 'PREPRODUCTION' | 'DEMO',
): (id: string | null) => string {
  const { name } = useWords();
  const { rows } = useList(NAMES, { environment }, (data) => data.network.integrations);
  return useMemo(() => {
    const names = new Map(
      rows.map((row) => [
        row.id,
        `${name(row.organisation.name, row.organisation.oid)} (${integrationName(row)})`,
      ]),
    );
    return (id) => (id ? (names.get(id) ?? id) : '–');
  }, [rows, name]);
}
