import { useState, type ReactNode } from 'react';
import { Button } from 'react-aria-components/Button';
import { ComboBox } from 'react-aria-components/ComboBox';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Text } from 'react-aria-components/Text';
import { useWords } from '../i18n/useWords';

export interface Choice {
  id: string;
  name: string;
  /** What tells two of the same name apart. */
  hint?: string;
}

const norm = (text: string) => text.toLocaleLowerCase();

/** Chooses one of many by typing. What is typed and not in the list counts where `free` says so. */
export function Combo({
  label,
  help,
  error,
  optional,
  choices,
  value,
  onChange,
  free,
}: {
  label: string;
  help?: string;
  error?: ReactNode;
  optional?: boolean;
  choices: readonly Choice[];
  value: string;
  onChange: (value: string) => void;
  free?: boolean;
}) {
  const { t } = useWords();
  const chosen = choices.find((choice) => choice.id === value);
  const [typed, setTyped] = useState<string | null>(null);
  const text = typed ?? (chosen ? chosen.name : value);
  const wanted = typed === null ? '' : norm(typed);
  const shown = choices
    .filter((choice) => norm(`${choice.name} ${choice.hint ?? ''} ${choice.id}`).includes(wanted))
    .slice(0, 100);
  return (
    <ComboBox
      className="field"
      items={shown}
      inputValue={text}
      onInputChange={(next) => {
        setTyped(next);
        if (free) onChange(next);
        else if (next === '') onChange('');
      }}
      value={value === '' ? null : value}
      onChange={(key) => {
        if (key === null) return;
        onChange(String(key));
        setTyped(null);
      }}
      onBlur={() => {
        if (!free) setTyped(null);
      }}
      allowsCustomValue
      menuTrigger="focus"
      isInvalid={Boolean(error)}
    >
      <Label>
        {label} {optional && <span className="optional">({t('optional')})</span>}
      </Label>
      {help && (
        <Text slot="description" className="help">
          {help}
        </Text>
      )}
      <div className="combo">
        <Input className="input" />
        <Button className="open">
          <span aria-hidden="true">▾</span>
        </Button>
      </div>
      {error && <FieldError className="error-text">{error}</FieldError>}
      <Popover className="popover">
        <ListBox<Choice> className="options" renderEmptyState={() => <Nothing />}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.name} className="option">
              {choice.name}
              {choice.hint && <span className="quiet">{choice.hint}</span>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

function Nothing() {
  const { t } = useWords();
  return <div className="option quiet">{t('search.nothing')}</div>;
}
