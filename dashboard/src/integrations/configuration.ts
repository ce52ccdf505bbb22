import type { Json } from '../api/graphql';
import type { Named } from '../i18n/useWords';

type Fields = { [key: string]: Json };

export interface Discovery {
  showSchools: boolean;
  title: Named | null;
  customDisplayName: Named | null;
  schools: string[];
  excludedSchools: string[];
  institutionTypes: string[];
  earlyEducation: boolean;
  logo: Json;
}

/** An integration's record, as the API gives it in `Integration.configuration`. */
export interface IntegrationRecord {
  side:
    | {
        home: {
          idpId: string;
          flowName: string;
          configuration: Fields;
          proposed: Fields | null;
          discovery: Discovery;
          permissions: { mode: string; since: string };
        };
      }
    | { service: { service: string; configuration: Fields; proposed: Fields | null } };
  accepted: boolean;
  suspension: string | null;
  legacyId: string | null;
  unknownFields: string[];
}

export function sideOf(record: IntegrationRecord) {
  return 'home' in record.side ? record.side.home : record.side.service;
}
