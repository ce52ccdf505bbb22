// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { draftKey, dropDraft, keepDraft, readDraft } from './draft';

const draft = {
  value: { name: 'x', secret: 'hidden', configuration: { secretHash: 'hidden', host: 'h' } },
  reason: 'because',
  commandId: 'id',
  base: null,
  version: 3,
};

it('what was typed is there again, but for secrets', () => {
  const key = draftKey('changeService', { service: 's' });
  keepDraft(key, draft);
  expect(readDraft(key)).toEqual({
    ...draft,
    value: { name: 'x', configuration: { host: 'h' } },
  });
  expect(JSON.stringify(window.sessionStorage)).not.toContain('hidden');
  dropDraft(key);
  expect(readDraft(key)).toBeNull();
});

it('each command and each thing has a draft of its own', () => {
  const keys = [
    draftKey('giveNotice', { member: '1' }),
    draftKey('giveNotice', { member: '2' }),
    draftKey('nameContact', { member: '1' }),
  ];
  expect(new Set(keys).size).toBe(3);
  expect(draftKey('a', { x: 1, y: 2 })).toBe(draftKey('a', { y: 2, x: 1 }));
});
