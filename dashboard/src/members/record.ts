import type { Json } from '../api/graphql';
import type { Named } from '../i18n/useWords';

/** A computed date: the day, the instant, and what gave it. */
export interface Due {
  day: string;
  at: string;
  boundary: 'END_OF_DAY' | 'START_OF_DAY' | 'AT_ONCE';
  computation: {
    rule: string;
    source: string;
    countedFrom: string | null;
    period: { months?: number; days?: number } | null;
    namedDay: string | null;
    calendar: Json;
  };
}

export interface Person {
  person: string;
  name: string | null;
  email: string | null;
  phone: string | null;
  postalAddress: string | null;
}

/** The record of a member, as the API gives it in `Member.record`. */
export interface MemberRecord {
  name: Named | null;
  businessId: string | null;
  postalAddress: string | null;
  educationProvider: {
    basis: { act?: string; licence?: { grantedBy: string; reference: string } }[];
    levels: string[];
  } | null;
  servicePurpose: { kind: string; purpose: string; supportsEducation: boolean } | null;
  contacts: { role: string; contact: Person; from: string; until: string | null }[];
  application: {
    appliedOn: string;
    instrument: string;
    roles: string[];
    signatories: Person[];
    electronicSignature: boolean;
    state: string;
  } | null;
  contract: {
    instrument: string;
    draftedOn: string;
    request: { channel: string; on: string } | null;
    signatories: { contact: Person; signedOn: string | null; evidence: string | null }[];
    operatorSignedOn: string | null;
  } | null;
  terms: { instrument: string; acceptedOn: string; acceptedBy: string | null } | null;
  legalBases: {
    instrument: string;
    kind: string;
    since: string;
    window: { from: string; until: string | null };
    ground: Record<string, Json>;
    copyDeliveredOn: string | null;
    replaced: boolean;
  }[];
  roles: { role: string; window: { from: string; until: string | null } }[];
  selfAudits: {
    id: string;
    questionnaire: string;
    requestedOn: string | null;
    dueOn: string | null;
    submittedOn: string | null;
    answers: { question: string; answer: string | null }[];
    reviewedOn: string | null;
    remarks: string | null;
    renewal: Due | null;
    publishedOn: string | null;
    state: string;
  }[];
  assurances: { assurance: string; givenOn: string; annexVersion: string | null }[];
  serviceStarts: { service: string | null; startsOn: string; notifiedOn: string }[];
  notices: {
    id: string;
    by: string;
    cause: Record<string, Json> | null;
    sentOn: string;
    receivedOn: string;
    roles: string[];
    instrument: string;
    end: Due;
    state: string;
    review: Json[];
    reviewedOn: string | null;
  }[];
  remarks: {
    id: string;
    by: string;
    clause: string;
    text: string | null;
    cureDays: number;
    sentOn: string;
    receivedOn: string | null;
    deadline: Due | null;
    curedOn: string | null;
  }[];
  outages: {
    id: string;
    reportedOn: string;
    description: string | null;
    essential: boolean;
    exitRight: Due | null;
    correctedOn: string | null;
  }[];
  complaints: {
    id: string;
    madeOn: string;
    description: string | null;
    dueOn: string | null;
    settledOn: string | null;
  }[];
  disputes: {
    id: string;
    openedOn: string;
    matter: string | null;
    negotiationEnds: Due;
    closed: Json;
  }[];
  disposition: {
    choice: string;
    chosenOn: string;
    doneOn: string | null;
    evidence: string | null;
  } | null;
}

/** Whether a notice still runs. */
export const isRunning = (notice: MemberRecord['notices'][number]) => notice.state === 'running';
