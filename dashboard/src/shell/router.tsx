import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router';
import type { FunctionComponent } from 'react';
import { Loading } from '../design/basics';
import { BrokenPage } from './ErrorBoundary';
import { Layout } from './Layout';
import { NotFoundPage } from './NotFoundPage';

const root = createRootRoute({
  component: Layout,
  notFoundComponent: NotFoundPage,
  errorComponent: BrokenPage,
  validateSearch: (search: Record<string, unknown>): { asOf?: string } => search,
});

/** Each page comes when it is gone to; the first one is small. */
const pages = [
  ['/', () => import('./HomePage'), 'HomePage'],
  ['/members', () => import('../members/MembersPage'), 'MembersPage'],
  ['/members/$oid', () => import('../members/MemberPage'), 'MemberPage'],
  ['/organisations', () => import('../organisations/OrganisationsPage'), 'OrganisationsPage'],
  ['/organisations/$oid', () => import('../organisations/OrganisationPage'), 'OrganisationPage'],
  ['/integrations', () => import('../integrations/IntegrationsPage'), 'IntegrationsPage'],
  ['/integrations/$id', () => import('../integrations/IntegrationPage'), 'IntegrationPage'],
  ['/services', () => import('../services/ServicesPage'), 'ServicesPage'],
  ['/services/$id', () => import('../services/ServicePage'), 'ServicePage'],
  ['/agreement', () => import('../amendments/AgreementPage'), 'AgreementPage'],
  ['/amendments/$id', () => import('../amendments/AmendmentPage'), 'AmendmentPage'],
  ['/steering', () => import('../steering/SteeringPage'), 'SteeringPage'],
  ['/self-audits', () => import('../members/PublishedAuditsPage'), 'PublishedAuditsPage'],
  ['/obligations', () => import('../operator/ObligationsPage'), 'ObligationsPage'],
  ['/operations', () => import('../operator/OperationsPage'), 'OperationsPage'],
  ['/access', () => import('../operator/AccessPage'), 'AccessPage'],
  ['/rules', () => import('../operator/RulesPage'), 'RulesPage'],
  ['/timeline', () => import('../audit/TimelinePage'), 'TimelinePage'],
  ['/logins', () => import('../audit/LoginsPage'), 'LoginsPage'],
  ['/ledger', () => import('../audit/LedgerPage'), 'LedgerPage'],
  ['/usage', () => import('../usage/UsagePage'), 'UsagePage'],
  ['/joining', () => import('../joining/JoiningPage'), 'JoiningPage'],
  ['/contracts/$oid', () => import('../joining/ContractPage'), 'ContractPage'],
  ['/change/$command', () => import('../changing/ChangePage'), 'ChangePage'],
  ['/accessibility', () => import('./AccessibilityPage'), 'AccessibilityPage'],
  ['/feedback', () => import('./FeedbackPage'), 'FeedbackPage'],
] as const;

const routes = pages.map(([path, load, name]) =>
  createRoute({
    getParentRoute: () => root,
    path,
    component: lazyRouteComponent(
      load as unknown as () => Promise<Record<string, FunctionComponent>>,
      name,
    ),
  }),
);

/** The addresses of all pages, for the tests that go through them. */
export const paths = pages.map(([path]) => path);

export function makeRouter() {
  return createRouter({
    routeTree: root.addChildren(routes),
    // Everything in an address is text: a name of digits stays a name.
    parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
    stringifySearch: (search) => {
      const entries = Object.entries(search as Record<string, unknown>).flatMap(([key, value]) =>
        value === undefined || value === null || value === '' ? [] : [[key, String(value)]],
      );
      const text = new URLSearchParams(entries as [string, string][]).toString();
      return text ? `?${text}` : '';
    },
    defaultPendingComponent: Loading,
    defaultPreload: 'intent',
    search: { strict: false },
  });
}

export const router = makeRouter();
