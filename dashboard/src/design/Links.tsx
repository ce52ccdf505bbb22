import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { bare } from '../api/names';
import { useWords, type Named } from '../i18n/useWords';
import { keepMoment } from '../shell/moment';

/** A link that takes the moment of this page along. */
export function GoTo({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Link to={to} search={keepMoment as never}>
      {children}
    </Link>
  );
}

interface OrganisationLike {
  oid: string;
  name: Named | null;
}

export function OrganisationLink({ of }: { of: OrganisationLike }) {
  const { name } = useWords();
  return <GoTo to={`/organisations/${of.oid}`}>{name(of.name, of.oid)}</GoTo>;
}

export function ServiceLink({ of }: { of: { id: string; name: Named } }) {
  const { name } = useWords();
  return <GoTo to={`/services/${bare(of.id)}`}>{name(of.name)}</GoTo>;
}

/** The parts of a page as links: each has its address. */
export function TabLinks({
  label,
  tabs,
  current,
}: {
  label: string;
  tabs: readonly { key: string; name: string }[];
  current: string;
}) {
  return (
    <nav className="tabs" aria-label={label}>
      {tabs.map((tab) => (
        <Link
          key={tab.key}
          to="."
          search={
            ((old: Record<string, unknown>) => ({
              asOf: old.asOf,
              tab: tab.key === tabs[0]?.key ? undefined : tab.key,
            })) as never
          }
          aria-current={tab.key === current ? 'page' : undefined}
        >
          {tab.name}
        </Link>
      ))}
    </nav>
  );
}
