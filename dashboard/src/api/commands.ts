import type { Client } from 'urql';
import { commands } from './generated/commands';
import { connection } from './connection';
import type { Json } from './graphql';

/** The name of a mutation. */
export type CommandName = keyof typeof commands;

/** Why the API recorded nothing: what is wrong, where, and what to do. */
export interface Refusal {
  __typename: 'InvalidInput' | 'RuleRefusal' | 'MissingRight' | 'Conflict';
  code: string;
  field: string | null;
  message: string;
  remedy: string;
  rule: string | null;
}

/** What was recorded. */
export interface Recorded {
  commandId: string;
  recordedAt: string;
  repeated: boolean;
  positions: number[];
  streams: { name: string; version: number }[];
}

export type Outcome =
  | { kind: 'recorded'; recorded: Recorded }
  | { kind: 'refused'; refusals: Refusal[] }
  | { kind: 'signedOut' }
  /** It is not known whether it was recorded: send it again under the same id. */
  | { kind: 'unknown'; message: string };

export interface Given {
  input: Json;
  commandId: string;
  expectedVersion?: number | null;
  reason?: string;
}

/** The mutation of a command. All are alike, so one text serves. */
function mutation(name: CommandName): string {
  return `mutation Give($input: ${commands[name].input}!, $commandId: ID, $expectedVersion: Int, $reason: String) {
    given: ${name}(input: $input, commandId: $commandId, expectedVersion: $expectedVersion, reason: $reason) {
      committed { commandId recordedAt repeated positions streams { name version } }
      errors { __typename code field message remedy rule }
      position
    }
  }`;
}

/** Gives a command. Sent again with the same id and content it gives the first answer. */
export async function give(client: Client, name: CommandName, given: Given): Promise<Outcome> {
  const result = await client
    .mutation<{
      given: { committed: Recorded | null; errors: Refusal[]; position: number | null };
    }>(mutation(name), {
      input: given.input,
      commandId: given.commandId,
      expectedVersion: given.expectedVersion ?? null,
      reason: given.reason?.trim() || null,
    })
    .toPromise();
  if (result.error) {
    const codes = result.error.graphQLErrors.map((fault) => fault.extensions?.code);
    if (codes.includes('UNAUTHENTICATED') || result.error.response?.status === 401) {
      return { kind: 'signedOut' };
    }
    return { kind: 'unknown', message: result.error.message };
  }
  const answer = result.data?.given;
  if (!answer) return { kind: 'unknown', message: '' };
  if (answer.errors.length > 0 || !answer.committed) {
    return { kind: 'refused', refusals: answer.errors };
  }
  if (answer.position !== null) {
    const position = Math.max(connection.get().position ?? 0, answer.position);
    connection.set({ position });
  }
  return { kind: 'recorded', recorded: answer.committed };
}
