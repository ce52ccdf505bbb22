import type { Json } from '../api/graphql';
import { attributeName } from '../services/attributes';
import { useWords } from '../i18n/useWords';
import { Empty } from '../design/basics';
import { changes, flatten } from './flatten';
import { textOf } from './text';

/** The way to a value in words: `Technical settings › Identity source › Issuer`. */
export function useSteps() {
  const { field } = useWords();
  return (steps: readonly (string | number)[]) =>
    steps.map((step) => (typeof step === 'number' ? `${step + 1}` : field(step))).join(' › ');
}

/** What differs between two values, field by field; with `plain` all of one value. */
export function Difference({
  before,
  after,
  plain,
  display,
}: {
  before?: Json;
  after: Json | undefined;
  plain?: boolean;
  /** How some values are shown: names of things instead of their identifiers. */
  display?: (step: string | number | undefined, value: Json) => string | undefined;
}) {
  const words = useWords();
  const { t } = words;
  const stepsOf = useSteps();
  const show = (steps: readonly (string | number)[], value: Json | undefined) => {
    if (value === undefined) return '–';
    const named = display?.(steps.at(-1), value);
    if (named !== undefined) return named;
    return typeof value === 'string' ? textOf(attributeName(value), words) : textOf(value, words);
  };
  const rows = plain
    ? flatten(after).map((leaf) => ({ ...leaf, before: undefined, after: leaf.value as Json }))
    : changes(before, after);
  if (rows.length === 0) return <Empty>{plain ? t('none') : t('difference.none')}</Empty>;
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={t('difference.title')}>
      <table className="difference">
        <caption className="unseen">{t('difference.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('difference.field')}</th>
            {!plain && before !== undefined && <th scope="col">{t('difference.before')}</th>}
            <th scope="col">{plain ? t('field.value') : t('difference.after')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.path}>
              <th scope="row">{stepsOf(row.steps)}</th>
              {!plain && before !== undefined && (
                <td>{row.before === undefined ? '–' : <del>{show(row.steps, row.before)}</del>}</td>
              )}
              <td>
                {plain ? (
                  show(row.steps, row.after)
                ) : row.after === undefined ? (
                  '–'
                ) : (
                  <ins>{show(row.steps, row.after)}</ins>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
