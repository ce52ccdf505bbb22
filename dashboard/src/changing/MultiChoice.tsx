import { useState, type ReactNode } from 'react';
import { CheckField, TextField } from '../design/fields';
import type { Choice } from '../design/Combo';
import { useWords } from '../i18n/useWords';

/** From this many choices on, there is a field to find one. */
const SEARCH_FROM = 13;
const SHOWN_MAX = 50;

/** Chooses any number of many: what is chosen stays in sight, the rest is found by typing. */
export function MultiChoice({
  label,
  help,
  error,
  optional,
  choices,
  value,
  onChange,
}: {
  label: string;
  help?: string;
  error?: ReactNode;
  optional?: boolean;
  choices: readonly Choice[];
  value: readonly string[];
  onChange: (value: string[]) => void;
}) {
  const { t } = useWords();
  const [text, setText] = useState('');
  const wanted = text.trim().toLocaleLowerCase();
  const known = new Set(choices.map((each) => each.id));
  // What was chosen and is no longer offered stays to be seen.
  const all = [
    ...choices,
    ...value.filter((id) => !known.has(id)).map((id): Choice => ({ id, name: id })),
  ];
  const many = all.length >= SEARCH_FROM;
  const fits = (choice: Choice) =>
    `${choice.name} ${choice.hint ?? ''}`.toLocaleLowerCase().includes(wanted);
  const shown = many
    ? [
        ...all.filter((each) => value.includes(each.id)),
        ...all.filter((each) => !value.includes(each.id) && fits(each)).slice(0, SHOWN_MAX),
      ]
    : all;
  return (
    <fieldset className="group stack-small">
      <legend>
        {label} {optional && <span className="optional">({t('optional')})</span>}
      </legend>
      {help && <p className="help">{help}</p>}
      {many && <TextField type="search" label={t('form.find')} value={text} onChange={setText} />}
      {shown.map((choice) => (
        <CheckField
          key={choice.id}
          label={choice.name}
          value={value.includes(choice.id)}
          onChange={(on) =>
            onChange(on ? [...value, choice.id] : value.filter((each) => each !== choice.id))
          }
        />
      ))}
      {error && <div className="error-text">{error}</div>}
    </fieldset>
  );
}
