import { useEffect, useState } from 'react';
import { useWords } from '../i18n/useWords';
import { useChangeSearch, useSearchText } from '../shell/searchParams';
import { SelectField, TextField } from './fields';

/** The search field of a list; what is typed goes into the address when typing pauses. */
export function SearchFilter({ label, help }: { label: string; help?: string }) {
  const { q = '' } = useSearchText();
  const change = useChangeSearch();
  const [text, setText] = useState(q);
  const [shown, setShown] = useState(q);
  if (q !== shown) {
    // The address was changed elsewhere, by the back button for instance.
    setShown(q);
    setText(q);
  }
  useEffect(() => {
    if (text === q) return;
    const timer = setTimeout(() => {
      setShown(text);
      change({ q: text });
    }, 250);
    return () => clearTimeout(timer);
  }, [text, q, change]);
  return <TextField wide type="search" label={label} help={help} value={text} onChange={setText} />;
}

/** A filter by one of a few values, kept in the address. */
export function ChoiceFilter({
  label,
  name,
  values,
}: {
  label: string;
  name: string;
  values: readonly string[];
}) {
  const search = useSearchText();
  const change = useChangeSearch();
  const { t, value } = useWords();
  return (
    <SelectField
      label={label}
      value={search[name] ?? ''}
      onChange={(next) => change({ [name]: next })}
      empty={t('filter.all')}
      options={values.map((each) => ({ value: each, label: value(each) }))}
    />
  );
}

/** The value of a filter, where it is one that there is. */
export function oneOf<Value extends string>(
  values: readonly Value[],
  text: string | undefined,
): Value | undefined {
  return values.find((value) => value === text);
}
