import { inputs } from '../api/generated/inputs';
import type { Json } from '../api/graphql';
import type { FieldShape, InputShape } from '../api/shape';

export type Fields = { [key: string]: Json };

/** What is asked first, as people think of it; then what must be given, then the rest. */
const FIRST = [
  'organisation',
  'member',
  'role',
  'instrument',
  'environment',
  'environments',
  'annex',
  'version',
  'title',
  'kind',
  'mode',
  'services',
  'name',
  'businessId',
  'roles',
  'postalAddress',
  'upstream',
  'protocol',
  'issuer',
  'entityId',
  'clientId',
  'host',
  'tenant',
  'tenantId',
  'email',
  'phone',
  'attribute',
  'source',
  'value',
  'fi',
  'sv',
  'sentOn',
  'receivedOn',
  'configuration',
  'secret',
  'secretHash',
  'showSchools',
  'institutionTypes',
  'schools',
  'excludedSchools',
];

/** The names of an input type's fields, in the order in which a form asks for them. */
export function fieldOrder(shape: InputShape): string[] {
  const rank = (name: string) => {
    const place = FIRST.indexOf(name);
    if (place >= 0) return place;
    return shape.fields[name]?.required ? FIRST.length : FIRST.length + 1;
  };
  return Object.keys(shape.fields).sort((a, b) => rank(a) - rank(b));
}

/** The shape of an input type. */
export function inputShape(type: string): InputShape {
  return inputs[type] ?? { fields: {} };
}

export const asFields = (value: Json | undefined): Fields =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {};

/** Whether nothing was entered; an unticked box alone is nothing. */
export function isNothing(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  if (Array.isArray(value)) return value.every(isNothing);
  if (typeof value === 'object') return Object.values(value).every(isNothing);
  return false;
}

/** What is sent for what was entered: without blanks, with numbers as numbers. */
export function toInput(value: Json | undefined, shape: FieldShape): Json | undefined {
  switch (shape.kind) {
    case 'object': {
      const type = inputShape(shape.type ?? '');
      if (!shape.required && isNothing(value)) return undefined;
      const fields = asFields(value);
      const entries = Object.entries(type.fields).flatMap(([name, field]) => {
        const input = toInput(fields[name], field);
        return input === undefined ? [] : [[name, input] as const];
      });
      return Object.fromEntries(entries);
    }
    case 'list': {
      const of = shape.of ?? { kind: 'String' };
      if (value === undefined || value === null) return shape.required ? [] : undefined;
      const items = (Array.isArray(value) ? value : [value]).flatMap((each) => {
        if (isNothing(each)) return [];
        const input = toInput(each, { ...of, required: true });
        return input === undefined ? [] : [input];
      });
      return items;
    }
    case 'Int':
    case 'Float': {
      if (value === undefined || value === null || value === '') return undefined;
      const number = Number(value);
      // What is no number goes as it is: the API says at this field what it expects.
      return Number.isNaN(number) ? value : number;
    }
    case 'Boolean':
      if (value === undefined || value === null || value === '') {
        return shape.required ? false : undefined;
      }
      return value === true || value === 'true';
    default:
      if (typeof value === 'string') {
        const text = value.trim();
        return text === '' ? undefined : text;
      }
      return value ?? undefined;
  }
}

/** What the API gave as a record, as far as an input takes it. */
export function conform(value: Json | undefined, shape: FieldShape): Json | undefined {
  if (value === undefined || value === null) return undefined;
  if (shape.kind === 'object') {
    const fields = asFields(value);
    const type = inputShape(shape.type ?? '');
    const entries = Object.entries(type.fields).flatMap(([name, field]) => {
      const inside = conform(fields[name], field);
      return inside === undefined ? [] : [[name, inside] as const];
    });
    return Object.fromEntries(entries);
  }
  if (shape.kind === 'list' && Array.isArray(value)) {
    const of = shape.of ?? { kind: 'String' };
    return value.flatMap((each) => {
      const inside = conform(each, of);
      return inside === undefined ? [] : [inside];
    });
  }
  return value;
}

/** `redirectUris[0].x` as `redirectUris.0.x`, so that paths of the API and of forms are alike. */
export function normalPath(path: string): string {
  return path.replaceAll(/\[(\d+)\]/g, '.$1').replace(/^input\./, '');
}
