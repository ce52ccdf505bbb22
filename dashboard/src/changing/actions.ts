import type { Client } from 'urql';
import type { CommandName } from '../api/commands';
import { inputs } from '../api/generated/inputs';
import { commands } from '../api/generated/commands';
import { graphql, type Json } from '../api/graphql';
import { bare } from '../api/names';
import { sideOf, type IntegrationRecord } from '../integrations/configuration';
import type { MemberRecord } from '../members/record';
import { asFields, conform, type Fields } from './value';

/** What a form knows of its command beyond the schema. */
export interface Action {
  /** The stream that the command changes; its version is expected, so that nobody is overwritten. */
  stream?: (given: Fields) => string | null;
  /** What is there now, in the form of the command's input. */
  current?: (client: Client, given: Fields) => Promise<Fields | null>;
  /** What an empty form begins with. */
  initial?: Fields;
  /** Fields that are not offered here. */
  hide?: readonly string[];
  /** The alternatives that make sense here, by the field. */
  only?: Readonly<Record<string, readonly string[]>>;
  danger?: boolean;
  /** For whom documents of this command are handed in; the member's and the operator's by default. */
  audience?: 'MEMBERS' | 'OPERATOR' | 'PUBLIC';
}

const NODE = graphql(`
  query Current($id: ID!) {
    node(id: $id) {
      id
      ... on Integration {
        configuration
        permissions {
          mode
          services {
            service {
              id
            }
          }
        }
      }
      ... on Service {
        name {
          fi
          sv
          en
        }
        description {
          fi
          sv
          en
        }
        fee
        releaseSet
        proposedReleaseSet
      }
      ... on Member {
        record
        contacts {
          role
          name
          email
          phone
          postalAddress
        }
      }
    }
  }
`);

const STREAM = graphql(`
  query StreamEvents($stream: String!, $first: Int!) {
    network {
      id
      timeline(stream: $stream, first: $first) {
        nodes {
          position
          name
          streamVersion
          payload
          actorName
          reason
          recordedAt
        }
      }
    }
  }
`);

const fresh = { requestPolicy: 'network-only' } as const;

async function node(client: Client, id: string) {
  const result = await client.query(NODE, { id }, fresh).toPromise();
  return result.data?.node ?? null;
}

export async function streamEvents(client: Client, stream: string, first = 50) {
  const result = await client.query(STREAM, { stream, first }, fresh).toPromise();
  return result.data?.network.timeline.nodes ?? [];
}

/** The version to expect of a stream; null where this caller sees nothing of it. */
export async function versionOf(client: Client, stream: string): Promise<number | null> {
  const [last] = await streamEvents(client, stream, 1);
  return last ? last.streamVersion + 1 : null;
}

/** A part of an input, cut to what the input takes. */
function part(type: string, field: string, value: Json | undefined): Fields {
  const shape = inputs[type]?.fields[field];
  const cut = shape && conform(value, shape);
  return cut === undefined ? {} : { [field]: cut };
}

async function integrationRecord(client: Client, given: Fields) {
  const found = await node(client, String(given.integration));
  if (!found || !('configuration' in found)) return null;
  return { found, record: found.configuration as unknown as IntegrationRecord };
}

const onIntegration = (given: Fields) => `integration/${bare(String(given.integration))}`;
const onService = (given: Fields) => `service/${bare(String(given.service))}`;
const onAmendment = (given: Fields) => `amendment/${bare(String(given.amendment))}`;
const onMember = (given: Fields) => `member/${String(given.member ?? given.organisation)}`;

const changeConfiguration = (type: string): Action => ({
  stream: onIntegration,
  current: async (client, given) => {
    const loaded = await integrationRecord(client, given);
    if (!loaded) return null;
    const side = sideOf(loaded.record);
    return part(type, 'configuration', side.proposed ?? side.configuration);
  },
});

export const actions: Partial<Record<CommandName, Action>> = {
  // Integrations.
  changeHomeIntegration: changeConfiguration('ChangeHomeIntegrationInput'),
  changeServiceIntegration: changeConfiguration('ChangeServiceIntegrationInput'),
  changeDiscovery: {
    stream: onIntegration,
    audience: 'PUBLIC',
    current: async (client, given) => {
      const loaded = await integrationRecord(client, given);
      if (!loaded || !('home' in loaded.record.side)) return null;
      return part('ChangeDiscoveryInput', 'discovery', loaded.record.side.home.discovery as never);
    },
  },
  setPermissionMode: {
    stream: onIntegration,
    current: async (client, given) => {
      const loaded = await integrationRecord(client, given);
      const permissions = loaded && 'permissions' in loaded.found ? loaded.found.permissions : null;
      if (!permissions) return null;
      const services = permissions.services.map((each) => each.service.id);
      return { mode: permissions.mode, services };
    },
  },
  permitServices: { stream: onIntegration },
  forbidServices: { stream: onIntegration },
  submitIntegration: { stream: onIntegration },
  acceptIntegration: { stream: onIntegration },
  refuseIntegration: { stream: onIntegration },
  activateIntegration: { stream: onIntegration },
  suspendIntegration: { stream: onIntegration, danger: true },
  reinstateIntegration: { stream: onIntegration },
  inactivateIntegration: { stream: onIntegration, danger: true },
  reactivateIntegration: { stream: onIntegration },
  rotateCredential: { stream: onIntegration },
  registerHomeIntegration: {
    initial: { configuration: {} },
    audience: 'PUBLIC',
  },
  registerServiceIntegration: { initial: { configuration: {} } },
  // Services.
  changeService: {
    stream: onService,
    current: async (client, given) => {
      // The record says more than the service's node does: what is not given again would be lost.
      const events = await streamEvents(client, onService(given), 500);
      const told = events.find((each) => asFields(each.payload).description !== undefined);
      if (told) {
        return part('ChangeServiceInput', 'description', asFields(told.payload).description);
      }
      const found = await node(client, String(given.service));
      if (!found || !('fee' in found)) return null;
      const { name, description, fee } = found;
      return part('ChangeServiceInput', 'description', { name, description, fee } as never);
    },
    hide: ['organisation'],
  },
  declareReleaseSet: {
    stream: onService,
    current: async (client, given) => {
      const found = await node(client, String(given.service));
      if (!found || !('fee' in found)) return null;
      return part(
        'DeclareReleaseSetInput',
        'attributes',
        found.proposedReleaseSet ?? found.releaseSet,
      );
    },
  },
  vetoRelease: {
    stream: onService,
    current: async (client, given) => {
      const events = await streamEvents(client, onService(given), 500);
      const last = events.find(
        (each) =>
          each.name === 'ReleaseVetoed' &&
          asFields(each.payload).organisation === given.organisation,
      );
      return last ? part('VetoReleaseInput', 'attributes', asFields(last.payload).attributes) : {};
    },
  },
  acceptReleaseSet: { stream: onService },
  refuseReleaseSet: { stream: onService },
  inactivateService: { stream: onService, danger: true },
  reactivateService: { stream: onService },
  // Membership.
  nameContact: {
    stream: onMember,
    current: async (client, given) => {
      const found = await node(client, `member:${String(given.member)}`);
      if (!found || !('contacts' in found)) return null;
      const contact = found.contacts.find((each) => each.role === given.role);
      return contact ? part('NameContactInput', 'contact', contact as never) : {};
    },
  },
  recordEligibility: {
    stream: onMember,
    current: async (client, given) => {
      const found = await node(client, `member:${String(given.member)}`);
      if (!found || !('record' in found)) return null;
      const record = found.record as unknown as MemberRecord | null;
      return {
        ...part('RecordEligibilityInput', 'educationProvider', record?.educationProvider as never),
        ...part('RecordEligibilityInput', 'servicePurpose', record?.servicePurpose as never),
      };
    },
  },
  giveNotice: { stream: onMember, danger: true },
  recordMemberNotice: { stream: onMember, danger: true },
  giveNoticeToMember: { stream: onMember, danger: true },
  withdrawNotice: { stream: onMember },
  withdrawRole: { stream: onMember, danger: true },
  grantRole: { stream: onMember },
  refuseApplication: { stream: onMember, danger: true },
  withdrawApplication: { stream: onMember, danger: true },
  draftContract: { stream: onMember },
  requestSignatures: { stream: onMember },
  recordMemberSignature: { stream: onMember },
  recordOperatorSignature: { stream: onMember },
  deliverSignedCopy: { stream: onMember },
  acceptTerms: { stream: onMember },
  confirmJoiningNotification: { stream: onMember },
  submitSelfAudit: { stream: onMember },
  reviewSelfAudit: { stream: onMember },
  publishSelfAudit: { stream: onMember },
  applyForMembership: {
    initial: {
      name: {},
      contacts: [{ role: 'CONTRACT', contact: {} }],
      roles: [],
    },
  },
  // The agreement and the steering group.
  proposeAmendment: { audience: 'MEMBERS', initial: { title: {} } },
  publishAnnex: { audience: 'MEMBERS', initial: { title: {} } },
  publishInstrument: { audience: 'PUBLIC', initial: { title: {} } },
  sendAmendmentNotice: { stream: onAmendment, audience: 'MEMBERS' },
  receiveAmendmentNotice: { stream: onAmendment },
  castVote: {},
  decideAmendment: { stream: onAmendment },
  publishAmendment: { stream: onAmendment },
  withdrawAmendment: { stream: onAmendment, danger: true },
  holdMeeting: { audience: 'MEMBERS' },
  // Running.
  suspendEndUser: { danger: true },
  revokeAccess: { danger: true },
  revokeMachineCredential: { danger: true },
};

const PLAIN: Action = {};

/** What a form knows of this command. */
export const actionOf = (name: CommandName): Action => actions[name] ?? PLAIN;

/** The input type of a command as a shape. */
export const inputTypeOf = (name: CommandName): string => commands[name].input;

export const isCommand = (name: string): name is CommandName => name in commands;
