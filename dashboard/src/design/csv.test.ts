import { expect, it } from 'vitest';
import { toCsv } from './csv';

it('quotes what must be quoted', () => {
  expect(
    toCsv(
      ['a', 'b'],
      [
        ['x;y', 'he said "no"'],
        ['line\nbreak', 'plain'],
      ],
    ),
  ).toBe('\uFEFFa;b\r\n"x;y";"he said ""no"""\r\n"line\nbreak";plain\r\n');
});

it('hands a spreadsheet no formula', () => {
  for (const text of ['=1+1', '+1', '-1', '@x', '\tx']) {
    expect(toCsv(['a'], [[text]])).toContain(`'${text}`);
  }
});
