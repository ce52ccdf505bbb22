import { expect, it } from 'vitest';
import { sectionsFor } from './navigation';
import { mayGive, seesNetwork, type Session } from './session';

const session = (...rights: [string, string | null][]): Session => ({
  person: 'person:1',
  name: 'Somebody',
  rights: rights.map(([right, organisation]) => ({ right, organisation })),
  zone: 'Europe/Helsinki',
  position: 0,
  purpose: null,
  operator: null,
});
const places = (of: Session) => sectionsFor(of).flatMap((each) => each.places.map((one) => one.to));

it('a manager may for the own organisation and for no other', () => {
  const manager = session(['MANAGER', '1']);
  expect(mayGive(manager, 'giveNotice', '1')).toBe(true);
  expect(mayGive(manager, 'giveNotice', '2')).toBe(false);
  expect(mayGive(manager, 'giveNotice')).toBe(true);
  expect(mayGive(manager, 'giveNoticeToMember', '1')).toBe(false);
  expect(mayGive(manager, 'suspendIntegration', '1')).toBe(false);
});

it('the operator may for all, an auditor and a viewer nothing', () => {
  expect(mayGive(session(['OPERATOR', null]), 'nameContact', '2')).toBe(true);
  for (const right of ['AUDITOR', 'VIEWER', 'SERVICE_VIEWER']) {
    expect(mayGive(session([right, null]), 'giveNotice', '1')).toBe(false);
    expect(mayGive(session([right, '1']), 'nameContact', '1')).toBe(false);
  }
});

it('each is led where there is something to see', () => {
  expect(places(session(['OPERATOR', null]))).toContain('/access');
  const manager = places(session(['MANAGER', '1']));
  expect(manager).toContain('/members/1');
  expect(manager).not.toContain('/access');
  expect(manager).not.toContain('/members');
  expect(places(session(['APPLICANT', '1']))).toContain('/joining');
  expect(seesNetwork(session(['AUDITOR', '1']))).toBe(false);
  expect(seesNetwork(session(['AUDITOR', null]))).toBe(true);
});
