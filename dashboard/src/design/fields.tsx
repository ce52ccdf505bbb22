import { useId, type ComponentProps, type ReactNode } from 'react';
import { useWords } from '../i18n/useWords';

interface FieldFrameProps {
  label: string;
  help?: string;
  error?: ReactNode;
  optional?: boolean;
  wide?: boolean;
  children: (ids: {
    id: string;
    'aria-describedby': string | undefined;
    'aria-invalid': boolean | undefined;
  }) => ReactNode;
}

/** A label, its help and its error, tied to the control inside. */
export function FieldFrame({ label, help, error, optional, wide, children }: FieldFrameProps) {
  const { t } = useWords();
  const id = useId();
  const described = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className={wide ? 'field wide' : 'field'}>
      <label htmlFor={id}>
        {label} {optional && <span className="optional">({t('optional')})</span>}
      </label>
      {help && (
        <div className="help" id={`${id}-help`}>
          {help}
        </div>
      )}
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': error ? true : undefined,
      })}
      {error && (
        <div className="error-text" id={`${id}-error`}>
          {error}
        </div>
      )}
    </div>
  );
}

interface TextProps extends Omit<ComponentProps<'input'>, 'onChange' | 'value'> {
  label: string;
  help?: string;
  error?: ReactNode;
  optional?: boolean;
  wide?: boolean;
  value: string;
  onChange: (value: string) => void;
}

export function TextField({ label, help, error, optional, wide, onChange, ...rest }: TextProps) {
  const narrow = rest.type === 'date' || rest.type === 'datetime-local' || rest.type === 'number';
  return (
    <FieldFrame {...{ label, help, error, optional, wide }}>
      {(ids) => (
        <input
          type="text"
          autoComplete="off"
          {...rest}
          {...ids}
          className={narrow ? 'input narrow' : 'input'}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </FieldFrame>
  );
}

export function TextArea({
  label,
  help,
  error,
  optional,
  value,
  onChange,
  rows = 3,
  mono,
}: {
  label: string;
  help?: string;
  error?: ReactNode;
  optional?: boolean;
  value: string;
  onChange: (value: string) => void;
  rows?: number;
  mono?: boolean;
}) {
  return (
    <FieldFrame {...{ label, help, error, optional }}>
      {(ids) => (
        <textarea
          {...ids}
          rows={rows}
          className={mono ? 'input code' : 'input'}
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </FieldFrame>
  );
}

export function SelectField({
  label,
  help,
  error,
  optional,
  value,
  onChange,
  options,
  empty,
}: {
  label: string;
  help?: string;
  error?: ReactNode;
  optional?: boolean;
  value: string;
  onChange: (value: string) => void;
  options: readonly { value: string; label: string }[];
  /** What the choice of nothing is called; left out where something must be chosen. */
  empty?: string;
}) {
  return (
    <FieldFrame {...{ label, help, error, optional }}>
      {(ids) => (
        <select
          {...ids}
          className="input"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        >
          {empty !== undefined && <option value="">{empty}</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </FieldFrame>
  );
}

export function CheckField({
  label,
  help,
  error,
  value,
  onChange,
  isDisabled,
}: {
  label: ReactNode;
  help?: string;
  error?: ReactNode;
  value: boolean;
  onChange: (value: boolean) => void;
  isDisabled?: boolean;
}) {
  const id = useId();
  return (
    <div>
      <label className="check">
        <input
          type="checkbox"
          checked={value}
          disabled={isDisabled}
          onChange={(event) => onChange(event.target.checked)}
          aria-describedby={help ? `${id}-help` : undefined}
        />
        <span>{label}</span>
      </label>
      {help && (
        <div className="help" id={`${id}-help`}>
          {help}
        </div>
      )}
      {error && <div className="error-text">{error}</div>}
    </div>
  );
}
