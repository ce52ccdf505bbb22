import { useState } from 'react';
import type { Json } from '../api/graphql';
import { Button, Notice } from '../design/basics';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { useSteps } from './Difference';
import { put, threeWay } from './flatten';
import { textOf } from './text';
import type { Fields } from './value';

/** What somebody else did while the form was open. */
export interface Meanwhile {
  version: number | null;
  theirs: Fields | null;
  events: readonly {
    position: number;
    name: string;
    actorName: string | null;
    reason: string | null;
    recordedAt: string;
  }[];
}

/**
 * Somebody else was first: what was there, what they made of it, and what is written here, side by
 * side. Nothing is lost: for each field either is taken.
 */
export function Conflict({
  base,
  mine,
  meanwhile,
  display,
  resolve,
}: {
  base: Fields | null;
  mine: Fields;
  meanwhile: Meanwhile;
  display: (step: string | number | undefined, value: Json) => string | undefined;
  /** Goes on with this value; null where the form's own is to stay as it is. */
  resolve: (value: Fields | null) => void;
}) {
  const words = useWords();
  const { t } = words;
  const { exact } = useFormat();
  const stepsOf = useSteps();
  const rows = base && meanwhile.theirs ? threeWay(base, meanwhile.theirs, mine) : [];
  const [taken, setTaken] = useState<Readonly<Record<string, 'theirs' | 'mine'>>>({});
  const show = (steps: readonly (string | number)[], value: Json | undefined) =>
    value === undefined ? '–' : (display(steps.at(-1), value) ?? textOf(value, words));
  const choiceOf = (row: (typeof rows)[number]) =>
    taken[row.path] ?? (JSON.stringify(row.base) === JSON.stringify(row.mine) ? 'theirs' : 'mine');
  const goOn = () => {
    if (!meanwhile.theirs) {
      resolve(null);
      return;
    }
    let value: Json | undefined = mine;
    for (const row of rows) {
      if (choiceOf(row) === 'theirs') value = put(value, row.steps, row.theirs);
    }
    resolve((value ?? {}) as Fields);
  };
  return (
    <Notice tone="warn" title={t('conflict.title')} role="alert">
      <p>{t('conflict.help')}</p>
      <ul>
        {meanwhile.events.map((event) => (
          <li key={event.position}>
            {exact(event.recordedAt)} <code lang="en">{event.name}</code> {event.actorName}
            {event.reason && (
              <>
                : <q>{event.reason}</q>
              </>
            )}
          </li>
        ))}
      </ul>
      {rows.length > 0 && (
        <div className="table-frame" tabIndex={0} role="region" aria-label={t('conflict.title')}>
          <table>
            <caption className="unseen">{t('conflict.title')}</caption>
            <thead>
              <tr>
                <th scope="col">{t('difference.field')}</th>
                <th scope="col">{t('conflict.base')}</th>
                <th scope="col">{t('conflict.theirs')}</th>
                <th scope="col">{t('conflict.mine')}</th>
                <th scope="col">{t('conflict.take')}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => {
                const label = stepsOf(row.steps);
                return (
                  <tr key={row.path}>
                    <th scope="row">{label}</th>
                    <td>{show(row.steps, row.base)}</td>
                    <td>{show(row.steps, row.theirs)}</td>
                    <td>{show(row.steps, row.mine)}</td>
                    <td>
                      <select
                        className="input"
                        aria-label={`${t('conflict.take')}: ${label}`}
                        value={choiceOf(row)}
                        onChange={(event) =>
                          setTaken({
                            ...taken,
                            [row.path]: event.target.value as 'theirs' | 'mine',
                          })
                        }
                      >
                        <option value="theirs">{t('conflict.theirs')}</option>
                        <option value="mine">{t('conflict.mine')}</option>
                      </select>
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
      <p>
        <Button onPress={goOn}>{t('conflict.goOn')}</Button>
      </p>
    </Notice>
  );
}
