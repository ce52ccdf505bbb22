import type { Words } from '../words';

/** What the compliance view says, by its code. */
export const findings = {
  APPLICATION_OPEN: [
    'Hakemus odottaa käsittelyä',
    'Ansökan väntar på behandling',
    'An application waits',
  ],
  CONTACT_MISSING: ['Yhteyshenkilö puuttuu', 'Kontaktperson saknas', 'A contact is missing'],
  SELF_AUDIT_DUE: ['Itseauditointi tekemättä', 'Självgranskning ogjord', 'A self-audit is due'],
  SELF_AUDIT_TO_REVIEW: [
    'Itseauditointi odottaa tarkastusta',
    'Självgranskning väntar på granskning',
    'A self-audit waits for review',
  ],
  SELF_AUDIT_RENEWAL: [
    'Itseauditointi uusittava',
    'Självgranskning ska förnyas',
    'A self-audit is to be renewed',
  ],
  NOTICE_RUNNING: ['Irtisanomisaika kuluu', 'Uppsägningstid löper', 'A notice is running'],
  REMARK_OPEN: ['Huomautus on avoinna', 'En anmärkning är öppen', 'A remark is open'],
  OUTAGE_OPEN: ['Käyttökatko on avoinna', 'Ett avbrott är öppet', 'An outage is open'],
  COMPLAINT_OPEN: ['Reklamaatio on avoinna', 'En reklamation är öppen', 'A complaint is open'],
  DISPUTE_OPEN: ['Erimielisyys on avoinna', 'En tvist är öppen', 'A dispute is open'],
  RULE_NOT_SET: ['Sääntöä ei ole asetettu', 'Regeln är inte fastställd', 'A rule is not set'],
  FEES_NOT_REVIEWED: [
    'Maksuja ei ole tarkasteltu',
    'Avgifterna har inte setts över',
    'The fees were not reviewed',
  ],
  AMENDMENT_TO_ANNOUNCE: [
    'Muutos julkaistava',
    'En ändring ska publiceras',
    'An amendment is to be announced',
  ],
  AMENDMENT_TO_NOTIFY: [
    'Muutoksesta ilmoitettava jäsenille',
    'Medlemmarna ska underrättas',
    'Members are to be told of an amendment',
  ],
  NOT_A_MEMBER: [
    'Organisaatio ei ole jäsen',
    'Organisationen är inte medlem',
    'The organisation is not a member',
  ],
  BLOCKED: [
    'Liitos ei voi toimia',
    'Anslutningen kan inte fungera',
    'The integration cannot route',
  ],
  CERTIFICATE_NOT_YET_VALID: [
    'Varmenne ei ole vielä voimassa',
    'Certifikatet gäller inte ännu',
    'A certificate is not valid yet',
  ],
  CERTIFICATE_EXPIRED: [
    'Varmenne on vanhentunut',
    'Certifikatet har gått ut',
    'A certificate has expired',
  ],
  CERTIFICATE_EXPIRES_SOON: [
    'Varmenne vanhenee pian',
    'Certifikatet går snart ut',
    'A certificate expires soon',
  ],
  CLIENT_KEY_EXPIRES: ['Avain vanhenee', 'Nyckeln går ut', 'A key expires'],
  SCHOOLS_OVERLAP: [
    'Sama oppilaitos on kahdessa liitoksessa',
    'Samma läroanstalt finns i två anslutningar',
    'A school is in two integrations',
  ],
  SERVICE_WITHOUT_ORGANISATION: [
    'Palvelulla ei ole organisaatiota',
    'Tjänsten saknar organisation',
    'The service has no organisation',
  ],
  SERVICE_OF_ANOTHER_ENVIRONMENT: [
    'Palvelu on toisessa ympäristössä',
    'Tjänsten finns i en annan miljö',
    'The service is of another environment',
  ],
  UNKNOWN_FIELDS: [
    'Tuonnissa oli tuntemattomia kenttiä',
    'Importen hade okända fält',
    'The import had unknown fields',
  ],
  UNKNOWN_CLIENTS_PERMITTED: [
    'Sallituissa on tuntemattomia palveluja',
    'Okända tjänster är tillåtna',
    'Unknown services are permitted',
  ],
  SECRET_MISSING: ['Salaisuus puuttuu', 'Hemligheten saknas', 'The secret is missing'],
  CLIENT_ID_MISSING: ['Asiakastunnus puuttuu', 'Klient-id saknas', 'The client id is missing'],
  METADATA_MISSING: ['Metatiedot puuttuvat', 'Metadata saknas', 'The metadata are missing'],
  NOT_SERVED: ['Ympäristöä ei palvella', 'Miljön betjänas inte', 'The environment is not served'],
  SERVICE_INACTIVE: [
    'Palvelu on poistettu käytöstä',
    'Tjänsten är ur bruk',
    'The service is withdrawn',
  ],
  NOT_FOR_DEMO: ['Palvelu ei ole maksuton', 'Tjänsten är inte gratis', 'The service is not free'],
} satisfies Words;
