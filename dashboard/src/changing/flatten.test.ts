import { describe, expect, it } from 'vitest';
import { changes, flatten, put, threeWay } from './flatten';

describe('a difference', () => {
  it('names what was added, changed and taken away, and nothing else', () => {
    const before = { name: 'A', uris: ['x', 'y'], gone: 1, same: { deep: true } };
    const after = { name: 'B', uris: ['x', 'z'], same: { deep: true }, fresh: { deep: 2 } };
    expect(changes(before, after)).toEqual([
      { path: 'name', steps: ['name'], before: 'A', after: 'B' },
      { path: 'uris', steps: ['uris'], before: ['x', 'y'], after: ['x', 'z'] },
      { path: 'fresh.deep', steps: ['fresh', 'deep'], before: undefined, after: 2 },
      { path: 'gone', steps: ['gone'], before: 1, after: undefined },
    ]);
  });

  it('takes blanks for nothing', () => {
    expect(flatten({ a: '', b: null, c: [], d: {}, e: 0, f: false })).toEqual([
      { path: 'e', steps: ['e'], value: 0 },
      { path: 'f', steps: ['f'], value: false },
    ]);
  });
});

describe('a conflict', () => {
  const base = { issuer: 'https://a', scopes: ['profile'], name: 'one' };
  const theirs = { issuer: 'https://b', scopes: ['profile'], name: 'two' };
  const mine = { issuer: 'https://c', scopes: ['profile', 'email'], name: 'one' };

  it('tells apart what both changed, what they changed and what I changed', () => {
    const rows = threeWay(base, theirs, mine);
    expect(Object.fromEntries(rows.map((row) => [row.path, row.collides]))).toEqual({
      issuer: true,
      name: false,
      scopes: false,
    });
  });

  it('shows nothing where both did the same', () => {
    expect(threeWay(base, mine, mine).some((row) => row.collides)).toBe(false);
    expect(threeWay(base, base, base)).toEqual([]);
  });
});

describe('putting a value in', () => {
  it('makes the way to it and leaves the rest alone', () => {
    const old = { a: { b: 1 }, list: [{ x: 1 }, { x: 2 }] };
    expect(put(old, ['a', 'c'], 2)).toEqual({ a: { b: 1, c: 2 }, list: old.list });
    expect(put(old, ['list', 1, 'x'], 3)).toEqual({ a: { b: 1 }, list: [{ x: 1 }, { x: 3 }] });
    expect(put(old, ['a', 'b'], undefined)).toEqual({ a: {}, list: old.list });
    expect(old).toEqual({ a: { b: 1 }, list: [{ x: 1 }, { x: 2 }] });
  });
});
