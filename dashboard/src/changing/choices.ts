import { useMemo } from 'react';
import { useQuery } from 'urql';
import { graphql } from '../api/graphql';
import { useList } from '../api/list';
import { integrationName } from '../api/names';
import type { Choice } from '../design/Combo';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { attributeNames, sourceAttributes } from '../services/attributes';

const MEMBERS = graphql(`
  query ChooseMember($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      members(after: $after, first: $first) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          businessId
          name {
            fi
            sv
            en
          }
          organisation {
            oid
          }
        }
      }
    }
  }
`);

const ORGANISATIONS = graphql(`
  query ChooseOrganisation($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      organisations(after: $after, first: $first) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          oid
          schoolCode
          name {
            fi
            sv
            en
          }
        }
      }
    }
  }
`);

const SERVICES = graphql(`
  query ChooseService($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      services(after: $after, first: $first, inactive: true) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          name {
            fi
            sv
            en
          }
          organisation {
            oid
          }
        }
      }
    }
  }
`);

const INTEGRATIONS = graphql(`
  query ChooseIntegration($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      integrations(after: $after, first: $first) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          type
          flowName
          peerName
          environment
          organisation {
            oid
            name {
              fi
              sv
              en
            }
          }
        }
      }
    }
  }
`);

const STEERING = graphql(`
  query ChooseSeat {
    network {
      id
      steeringGroup {
        seats(inOffice: true) {
          id
          name
          organisation {
            oid
            name {
              fi
              sv
              en
            }
          }
        }
        meetings(first: 100) {
          nodes {
            id
            beginsAt
            agenda
          }
        }
      }
    }
  }
`);

const AGREEMENT = graphql(`
  query ChooseAgreement {
    network {
      id
      agreement {
        instruments {
          version
          kind
          isOffered
          title {
            fi
            sv
            en
          }
        }
        amendments(first: 100) {
          nodes {
            id
            version
            title {
              fi
              sv
              en
            }
          }
        }
        annexes {
          number
          inForce {
            version
          }
        }
      }
    }
  }
`);

const PEOPLE = graphql(`
  query ChoosePerson {
    network {
      id
      access {
        administrators(first: 300) {
          nodes {
            id
            name
          }
        }
      }
    }
  }
`);

export type ChoiceKind =
  | 'organisation'
  | 'service'
  | 'integration'
  | 'seat'
  | 'meeting'
  | 'amendment'
  | 'instrument'
  | 'questionnaire'
  | 'person'
  | 'attribute'
  | 'sourceAttribute';

/** The fields that name something of the network, by the schema's names. */
export const choiceKinds: Readonly<Record<string, ChoiceKind>> = {
  member: 'organisation',
  members: 'organisation',
  organisation: 'organisation',
  acting: 'organisation',
  provider: 'organisation',
  controller: 'organisation',
  controllers: 'organisation',
  reportedBy: 'organisation',
  service: 'service',
  services: 'service',
  integration: 'integration',
  seat: 'seat',
  present: 'seat',
  meeting: 'meeting',
  amendment: 'amendment',
  instrument: 'instrument',
  questionnaire: 'questionnaire',
  administrator: 'person',
};

export type Choices = Readonly<Partial<Record<ChoiceKind, readonly Choice[]>>>;

/** What can be chosen, of the kinds that a form needs and no others. */
export function useChoices(kinds: ReadonlySet<ChoiceKind>): Choices {
  const { name, value } = useWords();
  const { instant } = useFormat();
  const noOrganisations = { pause: !kinds.has('organisation') };
  const { rows: members } = useList(MEMBERS, {}, (data) => data.network.members, noOrganisations);
  const { rows: registered } = useList(
    ORGANISATIONS,
    {},
    (data) => data.network.organisations,
    noOrganisations,
  );
  const { rows: services } = useList(SERVICES, {}, (data) => data.network.services, {
    pause: !kinds.has('service'),
  });
  const { rows: integrations } = useList(INTEGRATIONS, {}, (data) => data.network.integrations, {
    pause: !kinds.has('integration'),
  });
  const [steering] = useQuery({
    query: STEERING,
    pause: !kinds.has('seat') && !kinds.has('meeting'),
  });
  const [agreement] = useQuery({
    query: AGREEMENT,
    pause: !kinds.has('instrument') && !kinds.has('amendment') && !kinds.has('questionnaire'),
  });
  const [people] = useQuery({ query: PEOPLE, pause: !kinds.has('person') });
  return useMemo(() => {
    const organisations = new Map<string, Choice>();
    for (const each of registered) {
      organisations.set(each.oid, {
        id: each.oid,
        name: name(each.name, each.oid),
        hint: [each.schoolCode, each.oid].filter(Boolean).join(' · '),
      });
    }
    for (const each of members) {
      const oid = each.organisation.oid;
      organisations.set(oid, {
        id: oid,
        name: name(each.name, oid),
        hint: [each.businessId, oid].filter(Boolean).join(' · '),
      });
    }
    const view = agreement.data?.network.agreement;
    const annex = view?.annexes.find((each) => each.number === 'SELF_AUDIT');
    return {
      organisation: [...organisations.values()].sort((a, b) => a.name.localeCompare(b.name)),
      service: services.map((each) => ({
        id: each.id,
        name: name(each.name),
        hint: each.organisation?.oid,
      })),
      integration: integrations.map((each) => ({
        id: each.id,
        name: integrationName(each),
        hint: `${name(each.organisation.name, each.organisation.oid)} · ${value(each.environment)}`,
      })),
      seat: (steering.data?.network.steeringGroup.seats ?? []).map((each) => ({
        id: each.id,
        name: each.name ?? name(each.organisation.name, each.organisation.oid),
        hint: name(each.organisation.name, each.organisation.oid),
      })),
      meeting: (steering.data?.network.steeringGroup.meetings.nodes ?? []).map((each) => ({
        id: each.id,
        name: instant(each.beginsAt),
        hint: each.agenda,
      })),
      amendment: (view?.amendments.nodes ?? []).map((each) => ({
        id: each.id,
        name: name(each.title),
        hint: each.version,
      })),
      instrument: (view?.instruments ?? []).map((each) => ({
        id: each.version,
        name: name(each.title),
        hint: `${value(each.kind)} · ${each.version}`,
      })),
      questionnaire: annex?.inForce
        ? [{ id: annex.inForce.version, name: annex.inForce.version }]
        : [],
      person: (people.data?.network.access.administrators.nodes ?? []).map((each) => ({
        id: each.id,
        name: each.name ?? each.id,
      })),
      attribute: Object.entries(attributeNames).map(([wire, short]) => ({
        id: wire,
        name: short,
        hint: wire,
      })),
      sourceAttribute: sourceAttributes.map((each) => ({ id: each, name: each })),
    };
  }, [
    members,
    registered,
    services,
    integrations,
    steering,
    agreement,
    people,
    name,
    value,
    instant,
  ]);
}

/** The name of what an identifier stands for, whether it is written with its kind or without. */
export function nameOf(choices: Choices, field: string | number | undefined, value: unknown) {
  const kind = choiceKinds[String(field)];
  if (!kind || typeof value !== 'string') return undefined;
  const found = choices[kind]?.find(
    (choice) => choice.id === value || choice.id.endsWith(`:${value}`),
  );
  return found?.name;
}
