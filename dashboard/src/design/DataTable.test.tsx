// @vitest-environment jsdom
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  RouterProvider,
} from '@tanstack/react-router';
import { render, screen, waitFor, within } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { beforeAll, expect, it } from 'vitest';
import { startLanguages } from '../i18n';
import { DataTable, sortRows, type Column } from './DataTable';

interface Row {
  id: number;
  name: string;
}
const columns: Column<Row>[] = [
  { key: 'name', title: 'Name', heads: true, text: (row) => row.name },
  {
    key: 'id',
    title: 'Number',
    numeric: true,
    text: (row) => String(row.id),
    order: (row) => row.id,
  },
];
const many = Array.from({ length: 5000 }, (_, id) => ({ id, name: `Organisaatio ${id}` }));

async function show(rows: readonly Row[], address: string) {
  const root = createRootRoute({
    component: () => (
      <DataTable
        rows={rows}
        columns={columns}
        caption="Things"
        rowKey={(row) => String(row.id)}
        csvName="things"
        empty="There is none"
      />
    ),
  });
  const router = createRouter({
    routeTree: root,
    history: createMemoryHistory({ initialEntries: [address] }),
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => `?${new URLSearchParams(search as Record<string, string>)}`,
  });
  render(<RouterProvider router={router as never} />);
  return router;
}

beforeAll(async () => {
  await startLanguages('en');
});

it('holds 5,000 rows and keeps only those in view in the page', async () => {
  await show(many, '/?size=all');
  const table = await screen.findByRole('table', { name: 'Things' });
  expect(table.getAttribute('aria-rowcount')).toBe('5001');
  const shown = within(table).getAllByRole('row').length;
  expect(shown).toBeLessThan(100);
  expect(screen.getByText('Showing 1–5,000 of 5,000')).toBeTruthy();
});

it('takes its order and its page from the address, and puts them there', async () => {
  const router = await show(many, '/?sort=-id&page=2');
  const first = () => document.querySelector('tbody th')?.textContent;
  await screen.findByRole('table');
  expect(first()).toBe('Organisaatio 4899');
  await userEvent.click(screen.getByRole('button', { name: /Number/ }));
  expect(router.state.location.search).toMatchObject({ sort: 'id' });
  await waitFor(() => expect(first()).toBe('Organisaatio 0'));
  expect(screen.getByRole('columnheader', { name: /Number/ }).getAttribute('aria-sort')).toBe(
    'ascending',
  );
});

it('says in words that there is nothing', async () => {
  await show([], '/');
  expect(await screen.findByText('There is none')).toBeTruthy();
});

it('sorts names as the language does', () => {
  const rows = ['Örebro', 'Zimbabwe', 'Åbo', 'Ahti'].map((name, id) => ({ id, name }));
  const names = (locale: string) => sortRows(rows, columns, 'name', locale).map((row) => row.name);
  expect(names('fi')).toEqual(['Ahti', 'Zimbabwe', 'Åbo', 'Örebro']);
  expect(names('en')).toEqual(['Åbo', 'Ahti', 'Örebro', 'Zimbabwe']);
});
