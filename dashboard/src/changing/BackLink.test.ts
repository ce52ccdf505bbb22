import { expect, it } from 'vitest';
import { safeBack } from './BackLink';

it('goes back within this site alone', () => {
  expect(safeBack('/members/1?tab=contacts')).toBe('/members/1?tab=contacts');
  for (const away of ['//evil.example', 'https://evil.example', '/\\evil.example', '', undefined]) {
    expect(safeBack(away)).toBe('/');
  }
});
