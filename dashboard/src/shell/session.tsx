import { createContext, useContext, type ReactNode } from 'react';
import type { CommandName } from '../api/commands';
import { commands } from '../api/generated/commands';
import { useAsOf } from '../api/asOf';

export interface HeldRight {
  right: string;
  /** The organisation it is held for; none for the whole network. */
  organisation: string | null;
}

/** Who is signed in, and the network they work in. */
export interface Session {
  person: string | null;
  name: string | null;
  rights: readonly HeldRight[];
  zone: string;
  /** Where the log stood when the application was opened. */
  position: number;
  purpose: string | null;
  operator: string | null;
}

const NOBODY: Session = {
  person: null,
  name: null,
  rights: [],
  zone: 'Europe/Helsinki',
  position: 0,
  purpose: null,
  operator: null,
};

const SessionContext = createContext<Session>(NOBODY);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <SessionContext value={session}>{children}</SessionContext>;
}

export const useSession = () => useContext(SessionContext);
export const useZone = () => useContext(SessionContext).zone;

const NETWORK = ['OPERATOR', 'OWNER', 'AUDITOR'];

/** Whether everything is shown to this person. */
export function seesNetwork(session: Session): boolean {
  return session.rights.some((held) => held.organisation === null && NETWORK.includes(held.right));
}

export function holds(session: Session, ...rights: string[]): boolean {
  return session.rights.some((held) => rights.includes(held.right));
}

/** The organisations that the person acts for or looks at. */
export function ownOrganisations(session: Session): string[] {
  const own = session.rights.flatMap((held) => held.organisation ?? []);
  return [...new Set(own)];
}

/** Whether the session may give this command, for this organisation where one is concerned. */
export function mayGive(
  session: Session,
  name: CommandName,
  organisation?: string | null,
): boolean {
  const rights: readonly { right: string; of?: string }[] = commands[name].rights;
  return rights.some((needed) =>
    session.rights.some(
      (held) =>
        held.right === needed.right &&
        (held.organisation === null ||
          (needed.of !== undefined &&
            (organisation === undefined || held.organisation === organisation))),
    ),
  );
}

/** The commands are offered in the present alone: the past cannot be changed. */
export function useMay() {
  const session = useSession();
  const past = useAsOf() !== undefined;
  return (name: CommandName, organisation?: string | null) =>
    !past && mayGive(session, name, organisation);
}
