import type { WordKey } from '../i18n';
import { holds, ownOrganisations, seesNetwork, type Session } from './session';

export interface Place {
  to: string;
  word: WordKey;
}
export interface Section {
  word: WordKey;
  places: Place[];
}

/** Where a person can go, by what they may see. */
export function sectionsFor(session: Session): Section[] {
  const network = seesNetwork(session);
  const own = ownOrganisations(session);
  const member = holds(session, 'VIEWER', 'MANAGER', 'AUDITOR') && !network;
  const services = holds(session, 'SERVICE_VIEWER', 'SERVICE_MANAGER');
  const steering = holds(session, 'STEERING_MEMBER');
  const applicant = holds(session, 'APPLICANT');
  const work: Place[] = [{ to: '/', word: 'nav.home' }];
  if (network || member) work.push({ to: '/obligations', word: 'nav.obligations' });
  if (member && own[0]) work.push({ to: `/members/${own[0]}`, word: 'nav.ownOrganisation' });
  if (applicant || holds(session, 'OPERATOR')) {
    work.push({ to: '/joining', word: 'nav.joining' });
  }
  const things: Place[] = [];
  if (network) things.push({ to: '/members', word: 'nav.members' });
  if (network || member || services || applicant) {
    things.push({ to: '/integrations', word: 'nav.integrations' });
  }
  things.push({ to: '/services', word: 'nav.services' });
  things.push({ to: '/organisations', word: 'nav.organisations' });
  const together: Place[] = [{ to: '/agreement', word: 'nav.agreement' }];
  if (network || member || steering) together.push({ to: '/steering', word: 'nav.steering' });
  together.push({ to: '/self-audits', word: 'nav.selfAudits' });
  if (!network && (member || services)) things.push({ to: '/operations', word: 'nav.operations' });
  const past: Place[] = [{ to: '/timeline', word: 'nav.timeline' }];
  if (network || member || services) past.push({ to: '/usage', word: 'nav.usage' });
  if (network || member) past.push({ to: '/logins', word: 'nav.logins' });
  const sections: Section[] = [
    { word: 'nav.work', places: work },
    { word: 'nav.network', places: things },
    { word: 'nav.together', places: together },
    { word: 'nav.past', places: past },
  ];
  if (network) {
    sections.push({
      word: 'nav.running',
      places: [
        { to: '/operations', word: 'nav.operations' },
        { to: '/access', word: 'nav.access' },
        { to: '/rules', word: 'nav.rules' },
        { to: '/ledger', word: 'nav.ledger' },
      ],
    });
  }
  return sections;
}
