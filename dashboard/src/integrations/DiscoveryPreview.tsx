import { graphql } from '../api/graphql';
import { useList } from '../api/list';
import { Notice } from '../design/basics';
import { useWords } from '../i18n/useWords';
import type { Discovery } from './configuration';

const SCHOOLS = graphql(`
  query Schools($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      organisations(after: $after, first: $first) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          oid
          schoolCode
          institutionType
          closedAt
          parent {
            oid
          }
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

/** What users will see on the proxy's choice page under these settings. */
export function DiscoveryPreview({
  of,
  organisation,
  oid,
}: {
  of: Partial<Discovery>;
  organisation: string;
  oid: string;
}) {
  const { t, name } = useWords();
  const { rows } = useList(SCHOOLS, {}, (data) => data.network.organisations);
  const own = name(of.customDisplayName, organisation);
  const children = rows.filter(
    (each) => each.schoolCode && !each.closedAt && each.parent?.oid === oid,
  );
  const types = of.institutionTypes ?? [];
  const included = of.schools ?? [];
  const excluded = of.excludedSchools ?? [];
  const fitting = children.filter(
    (school) =>
      (types.length === 0 || types.includes(school.institutionType ?? '')) &&
      (included.length === 0 || included.includes(school.schoolCode ?? '')) &&
      !excluded.includes(school.schoolCode ?? ''),
  );
  const title = name(of.title);
  const entries = of.showSchools
    ? fitting.map((school) => `${name(school.name)}${title ? ` (${title})` : ''}`)
    : [own];
  const unknown = [...included, ...excluded].filter(
    (code) => !children.some((school) => school.schoolCode === code),
  );
  return (
    <div className="stack">
      {included.length > 0 && excluded.length > 0 && (
        <Notice tone="bad" title={t('choice.notBoth')}>
          <p>{t('choice.disjoint')}</p>
        </Notice>
      )}
      {of.showSchools && types.length === 0 && (
        <Notice tone="warn">
          <p>{t('choice.typesNeeded')}</p>
        </Notice>
      )}
      <div className="choice-preview">
        <p>
          <strong>{t('choice.heading')}</strong>
        </p>
        {entries.length === 0 ? (
          <p className="quiet">{t('choice.nothing')}</p>
        ) : (
          <ul>
            {entries.map((entry) => (
              <li key={entry}>{entry}</li>
            ))}
          </ul>
        )}
      </div>
      {unknown.length > 0 && (
        <p className="help">{t('choice.unknownSchools', { codes: unknown.join(', ') })}</p>
      )}
      <p className="help">{t('choice.disjoint')}</p>
      <p className="help">{t('choice.previewHelp')}</p>
    </div>
  );
}
