import { createContext, useContext, type ReactNode } from 'react';
import { enums } from '../api/generated/enums';
import type { Json } from '../api/graphql';
import type { FieldShape } from '../api/shape';
import { Button } from '../design/basics';
import { Combo } from '../design/Combo';
import { CheckField, SelectField, TextArea, TextField } from '../design/fields';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import type { Refusal } from '../api/commands';
import { choiceKinds, type ChoiceKind, type Choices } from './choices';
import { DocumentField, type Audience } from './DocumentField';
import { MetadataField } from './MetadataField';
import { MultiChoice } from './MultiChoice';
import { SecretField } from './SecretField';
import { asFields, fieldOrder, inputShape, normalPath } from './value';
import { toInstant, toLocal } from './zone';

/** What every field of a form needs. */
export interface FormContext {
  choices: Choices;
  refusals: readonly Refusal[];
  audience: Audience;
  /** Words on a choice, by the field's name, where the enum's own would mislead. */
  only?: Readonly<Record<string, readonly string[]>>;
}

const Form = createContext<FormContext>({
  choices: {},
  refusals: [],
  audience: { audience: 'OPERATOR' },
});
export const FormProvider = Form;

interface ControlProps {
  /** The field's name in its input type. */
  name: string;
  /** The input type that it is a field of. */
  within: string;
  path: string;
  shape: FieldShape;
  value: Json | undefined;
  onChange: (value: Json | undefined) => void;
}

/** What is wrong at a field, with what to do. */
function useRefusal(path: string): ReactNode {
  const { refusals } = useContext(Form);
  const found = refusals.filter((each) => each.field && normalPath(each.field) === path);
  if (found.length === 0) return undefined;
  return found.map((each) => <RefusalWords key={each.code} of={each} />);
}

/** The API speaks English; what it says is marked as such. */
export function RefusalWords({ of }: { of: Refusal }) {
  return (
    <span lang="en">
      {of.message.charAt(0).toUpperCase() + of.message.slice(1)}.{' '}
      <span className="remedy">
        {of.remedy.charAt(0).toUpperCase() + of.remedy.slice(1)}.{of.rule && ` (${of.rule})`}
      </span>
    </span>
  );
}

function kindOf(name: string, within: string, shape: FieldShape): ChoiceKind | undefined {
  if (within === 'ReleasedAttributeInput' || within === 'VetoReleaseInput') {
    if (name === 'attribute' || name === 'attributes') return 'attribute';
  }
  if (within === 'AttributeMappingInput' || within === 'StaticValueInput') {
    if (name === 'attribute') return 'sourceAttribute';
  }
  if (within === 'GrantAccessInput' && name === 'person') return 'person';
  if (shape.as === 'organisation' || shape.of?.as === 'organisation') return 'organisation';
  const kind = choiceKinds[name];
  // Names that mean something else elsewhere: a service's organisation is text, its name is not.
  return kind === 'organisation' && shape.as !== 'organisation' ? undefined : kind;
}

/** The kinds of choices that an input type needs. */
function kindsOf(type: string, seen = new Set<string>()): Set<ChoiceKind> {
  const kinds = new Set<ChoiceKind>();
  if (seen.has(type)) return kinds;
  seen.add(type);
  for (const [name, shape] of Object.entries(inputShape(type).fields)) {
    const kind = kindOf(name, type, shape);
    if (kind) kinds.add(kind);
    const inside = shape.kind === 'list' ? shape.of : shape;
    if (inside?.kind === 'object') {
      kindsOf(inside.type ?? '', seen).forEach((each) => kinds.add(each));
    }
  }
  return kinds;
}

const KINDS = new Map<string, ReadonlySet<ChoiceKind>>();

/** As `kindsOf`, worked out once for each type. */
export function kindsNeeded(type: string): ReadonlySet<ChoiceKind> {
  const kinds = KINDS.get(type) ?? kindsOf(type);
  KINDS.set(type, kinds);
  return kinds;
}

/** The control of one field, by its shape. */
export function FieldControl(props: ControlProps) {
  const { name, within, shape } = props;
  if (shape.kind === 'object' && shape.type === 'PeerMetadataInput') {
    return (
      <Optional {...props}>
        <MetadataField {...props} />
        <ObjectControl {...props} />
      </Optional>
    );
  }
  if (shape.kind === 'object') {
    return (
      <Optional {...props}>
        <ObjectControl {...props} />
      </Optional>
    );
  }
  if (shape.kind === 'list') return <ListControl {...props} />;
  return <PlainControl {...props} kind={kindOf(name, within, shape)} />;
}

function useFieldWords(props: ControlProps) {
  const { field, help, language } = useWords();
  const own = help(`${props.within}.${props.name}`) ?? help(props.name);
  return {
    label: field(props.name),
    // The schema describes every field in English.
    help: own ?? (language === 'en' ? props.shape.says : undefined),
    error: useRefusal(props.path),
  };
}

/** What may be left out is not in the way until it is asked for. */
function Optional(props: ControlProps & { children: ReactNode }) {
  const { t, field } = useWords();
  const label = field(props.name);
  if (!props.shape.required && props.value === undefined) {
    return (
      <div>
        <Button compact onPress={() => props.onChange({})}>
          {t('form.add', { what: label })}
        </Button>
      </div>
    );
  }
  return (
    <>
      {props.children}
      {!props.shape.required && (
        <div>
          <Button compact onPress={() => props.onChange(undefined)}>
            {t('form.remove', { what: label })}
          </Button>
        </div>
      )}
    </>
  );
}

function ObjectControl(props: ControlProps) {
  const words = useFieldWords(props);
  const { t, field } = useWords();
  const type = props.shape.type ?? '';
  const shape = inputShape(type);
  const fields = asFields(props.value);
  const names = fieldOrder(shape);
  if (shape.oneOf) {
    const chosen = names.find((name) => fields[name] !== undefined);
    const inside = chosen ? shape.fields[chosen] : undefined;
    return (
      <fieldset className="group stack">
        <legend>{words.label}</legend>
        <SelectField
          label={t('form.choose', { what: words.label })}
          help={words.help}
          error={words.error}
          value={chosen ?? ''}
          onChange={(next) =>
            props.onChange(next ? { [next]: startOf(shape.fields[next]) } : undefined)
          }
          empty={t('form.nothing')}
          options={names.map((name) => ({ value: name, label: field(name) }))}
        />
        {chosen && inside && (
          <FieldControl
            name={chosen}
            within={type}
            path={`${props.path}.${chosen}`}
            shape={{ ...inside, required: true }}
            value={fields[chosen]}
            onChange={(next) => props.onChange({ [chosen]: next ?? null })}
          />
        )}
      </fieldset>
    );
  }
  return (
    <fieldset className="group stack">
      <legend>{words.label}</legend>
      {words.help && <p className="help">{words.help}</p>}
      {words.error && <div className="error-text">{words.error}</div>}
      {names.map((name) => {
        const inside = shape.fields[name];
        if (!inside) return null;
        return (
          <FieldControl
            key={name}
            name={name}
            within={type}
            path={`${props.path}.${name}`}
            shape={inside}
            value={fields[name]}
            onChange={(next) => {
              const changed = { ...fields };
              if (next === undefined) delete changed[name];
              else changed[name] = next;
              props.onChange(changed);
            }}
          />
        );
      })}
    </fieldset>
  );
}

/** What a newly chosen alternative begins with. */
function startOf(shape: FieldShape | undefined): Json {
  return shape?.kind === 'object' ? {} : '';
}

function ListControl(props: ControlProps) {
  const words = useFieldWords(props);
  const { t, value: valueWords } = useWords();
  const context = useContext(Form);
  const of = props.shape.of ?? { kind: 'String' };
  const items = Array.isArray(props.value) ? props.value : [];
  const kind = kindOf(props.name, props.within, props.shape);
  const choices = kind ? (context.choices[kind] ?? []) : [];
  const options =
    of.kind === 'enum'
      ? (enums[of.type as keyof typeof enums] as readonly string[]).map((each) => ({
          id: each,
          name: valueWords(each),
        }))
      : choices;
  if (of.kind === 'enum' || (kind && kind !== 'sourceAttribute')) {
    return (
      <MultiChoice
        {...words}
        optional={!props.shape.required}
        choices={options}
        value={items.filter((each): each is string => typeof each === 'string')}
        onChange={props.onChange}
      />
    );
  }
  const add = () => props.onChange([...items, of.kind === 'object' ? {} : '']);
  return (
    <fieldset className="group stack">
      <legend>
        {words.label} {!props.shape.required && <span className="optional">({t('optional')})</span>}
      </legend>
      {words.help && <p className="help">{words.help}</p>}
      {words.error && <div className="error-text">{words.error}</div>}
      {items.map((item, index) => (
        <div key={index} className="stack-small">
          <FieldControl
            name={props.name}
            within={props.within}
            path={`${props.path}.${index}`}
            shape={{ ...of, required: true }}
            value={item}
            onChange={(next) =>
              props.onChange(items.map((each, at) => (at === index ? (next ?? '') : each)))
            }
          />
          <Button compact onPress={() => props.onChange(items.filter((_, at) => at !== index))}>
            {t('form.removeItem', { what: words.label, number: index + 1 })}
          </Button>
        </div>
      ))}
      <div>
        <Button compact onPress={add}>
          {t('form.addItem', { what: words.label })}
        </Button>
      </div>
    </fieldset>
  );
}

function PlainControl(props: ControlProps & { kind: ChoiceKind | undefined }) {
  const words = useFieldWords(props);
  const { t, value: valueWords } = useWords();
  const { zone } = useFormat();
  const context = useContext(Form);
  const { shape, kind } = props;
  const optional = !shape.required;
  const text =
    typeof props.value === 'string' || typeof props.value === 'number' ? String(props.value) : '';
  const change = (next: string) => props.onChange(next === '' ? undefined : next);
  if (props.name === 'secretHash') {
    return <SecretField label={t('secret.label')} value={text} onChange={change} />;
  }
  if (shape.as === 'document') {
    return (
      <DocumentField
        {...words}
        optional={optional}
        value={text}
        onChange={change}
        audience={context.audience}
      />
    );
  }
  if (kind) {
    return (
      <Combo
        {...words}
        optional={optional}
        choices={context.choices[kind] ?? []}
        value={text}
        onChange={change}
        free
      />
    );
  }
  switch (shape.kind) {
    case 'enum': {
      const all = enums[shape.type as keyof typeof enums] as readonly string[];
      const offered = context.only?.[props.name] ?? all;
      return (
        <SelectField
          {...words}
          optional={optional}
          value={text}
          onChange={change}
          empty={t('form.nothing')}
          options={offered.map((each) => ({ value: each, label: valueWords(each) }))}
        />
      );
    }
    case 'Boolean':
      if (shape.required) {
        return (
          <CheckField
            {...words}
            value={props.value === true}
            onChange={(next) => props.onChange(next)}
          />
        );
      }
      return (
        <SelectField
          {...words}
          optional
          value={props.value === undefined ? '' : String(props.value)}
          onChange={(next) => props.onChange(next === '' ? undefined : next === 'true')}
          empty={t('form.asUsual')}
          options={[
            { value: 'true', label: t('yes') },
            { value: 'false', label: t('no') },
          ]}
        />
      );
    case 'Date':
      return (
        <TextField
          {...words}
          type="date"
          optional={optional}
          value={text}
          onChange={change}
          required={shape.required}
        />
      );
    case 'Instant':
      return (
        <TextField
          {...words}
          help={[words.help, t('form.zone', { zone })].filter(Boolean).join(' ')}
          type="datetime-local"
          optional={optional}
          value={text ? toLocal(text, zone) : ''}
          onChange={(next) => props.onChange(toInstant(next, zone) ?? undefined)}
        />
      );
    case 'Int':
    case 'Float':
      return (
        <TextField
          {...words}
          inputMode="numeric"
          optional={optional}
          value={text}
          onChange={change}
        />
      );
    default:
      if (shape.as === 'text' || shape.as === 'certificate') {
        return (
          <TextArea
            {...words}
            optional={optional}
            value={text}
            onChange={change}
            mono={shape.as === 'certificate'}
          />
        );
      }
      return (
        <TextField
          {...words}
          type={shape.as === 'secret' ? 'password' : 'text'}
          autoComplete={shape.as === 'secret' ? 'new-password' : 'off'}
          optional={optional}
          value={text}
          onChange={change}
        />
      );
  }
}
