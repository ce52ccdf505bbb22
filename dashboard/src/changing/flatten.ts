import type { Json } from '../api/graphql';

/** One value inside another, by the names that lead to it. */
export interface Leaf {
  path: string;
  /** The names on the way; numbers are places in a list. */
  steps: readonly (string | number)[];
  value: Json;
}

const isBlank = (value: Json | undefined) =>
  value === undefined ||
  value === null ||
  value === '' ||
  (Array.isArray(value) && value.length === 0);

/** The values of a structure, each with its path. Blank ones are as if they were not there. */
export function flatten(value: Json | undefined, steps: readonly (string | number)[] = []): Leaf[] {
  if (isBlank(value)) return [];
  if (Array.isArray(value)) {
    // A list of plain values is one value: its order and its places mean nothing to the reader.
    if (value.every((each) => each === null || typeof each !== 'object')) {
      return [{ path: steps.join('.'), steps, value }];
    }
    return value.flatMap((each, index) => flatten(each, [...steps, index]));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value).flatMap(([key, each]) => flatten(each, [...steps, key]));
  }
  return [{ path: steps.join('.'), steps, value: value as Json }];
}

export interface Change {
  path: string;
  steps: readonly (string | number)[];
  before: Json | undefined;
  after: Json | undefined;
}

const same = (a: Json | undefined, b: Json | undefined) => JSON.stringify(a) === JSON.stringify(b);

/** What differs, by path, in the order of the new structure and then of what is gone. */
export function changes(before: Json | undefined, after: Json | undefined): Change[] {
  const old = new Map(flatten(before).map((leaf) => [leaf.path, leaf]));
  const now = new Map(flatten(after).map((leaf) => [leaf.path, leaf]));
  const found: Change[] = [];
  for (const [path, leaf] of now) {
    const was = old.get(path)?.value;
    if (!same(was, leaf.value)) {
      found.push({ path, steps: leaf.steps, before: was, after: leaf.value });
    }
  }
  for (const [path, leaf] of old) {
    if (!now.has(path))
      found.push({ path, steps: leaf.steps, before: leaf.value, after: undefined });
  }
  return found;
}

export interface ThreeWay {
  path: string;
  steps: readonly (string | number)[];
  base: Json | undefined;
  theirs: Json | undefined;
  mine: Json | undefined;
  /** Both changed it, and not to the same. */
  collides: boolean;
}

/** What I and somebody else changed since the same beginning. */
export function threeWay(
  base: Json | undefined,
  theirs: Json | undefined,
  mine: Json | undefined,
): ThreeWay[] {
  const [b, t, m] = [base, theirs, mine].map(
    (each) => new Map(flatten(each).map((leaf) => [leaf.path, leaf])),
  ) as [Map<string, Leaf>, Map<string, Leaf>, Map<string, Leaf>];
  const paths = new Map([...b, ...t, ...m]);
  return [...paths].flatMap(([path, leaf]) => {
    const [was, their, my] = [b, t, m].map((each) => each.get(path)?.value);
    const theyChanged = !same(was, their);
    const iChanged = !same(was, my);
    if (!theyChanged && !iChanged) return [];
    const collides = theyChanged && iChanged && !same(their, my);
    return [{ path, steps: leaf.steps, base: was, theirs: their, mine: my, collides }];
  });
}

/** A structure with another value at a path; undefined takes it out. */
export function put(
  value: Json | undefined,
  steps: readonly (string | number)[],
  next: Json | undefined,
): Json | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return next;
  if (typeof step === 'number') {
    const list = Array.isArray(value) ? [...value] : [];
    const item = put(list[step], rest, next);
    if (item === undefined) list.splice(step, 1);
    else list[step] = item;
    return list;
  }
  const object =
    value !== null && typeof value === 'object' && !Array.isArray(value) ? { ...value } : {};
  const item = put(object[step], rest, next);
  if (item === undefined) delete object[step];
  else object[step] = item;
  return object;
}
