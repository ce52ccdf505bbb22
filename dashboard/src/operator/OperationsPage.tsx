import { graphql, type Json, type ResultOf } from '../api/graphql';
import { useNetwork } from '../api/query';
import type { CommandName } from '../api/commands';
import { Events } from '../audit/Events';
import { ActionLink } from '../changing/ActionLink';
import { Card, Empty, Loading, Notice, PageHead } from '../design/basics';
import { Failure } from '../design/Failure';
import { TabLinks } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import type { WordKey } from '../i18n';
import { useSearchText } from '../shell/searchParams';

const RECENT = graphql(`
  query Recent($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      a: timeline(first: 500) {
        position
        recordedAt
        name
        stream
        streamVersion
        actor
        actorName
        means
        reason
        payload
      }
    }
  }
`);

type Event = ResultOf<typeof RECENT>['network']['a'][number];

interface Kind {
  /** The kind of the streams of its cases. */
  stream: string;
  word: WordKey;
  begin: readonly CommandName[];
  /** What can be done in a case, and the name of the field that says which. */
  next: readonly CommandName[];
  field: string;
  /** The events after which nothing is left to do. */
  closedBy: readonly string[];
}

const KINDS: readonly Kind[] = [
  {
    stream: 'interruption',
    word: 'operations.interruptions',
    begin: ['announceMaintenance', 'startInterruption'],
    next: ['cancelMaintenance', 'endInterruption'],
    field: 'interruption',
    closedBy: ['InterruptionEnded', 'MaintenanceCancelled'],
  },
  {
    stream: 'suspension',
    word: 'operations.suspensions',
    begin: ['suspendEndUser'],
    next: ['informTechnicalContact', 'reinstateEndUser'],
    field: 'suspension',
    closedBy: ['EndUserReinstated'],
  },
  {
    stream: 'misuse',
    word: 'operations.misuse',
    begin: ['openMisuseCase'],
    next: ['recordMisuseParticipation', 'closeMisuseCase'],
    field: 'misuse',
    closedBy: ['MisuseCaseClosed'],
  },
  {
    stream: 'breach',
    word: 'operations.breaches',
    begin: ['detectDataBreach'],
    next: ['notifyDataBreach', 'widenDataBreach'],
    field: 'breach',
    closedBy: [],
  },
  {
    stream: 'disclosure',
    word: 'operations.disclosures',
    begin: ['requestLogDisclosure'],
    next: ['discloseLog', 'refuseLogDisclosure'],
    field: 'disclosure',
    closedBy: ['LogDisclosed', 'LogDisclosureRefused'],
  },
  {
    stream: 'subject_request',
    word: 'operations.subjectRequests',
    begin: ['receiveSubjectRequest'],
    next: ['answerSubjectRequest'],
    field: 'request',
    closedBy: ['SubjectRequestAnswered'],
  },
  {
    stream: 'permit',
    word: 'operations.subprocessors',
    begin: ['permitSubprocessor'],
    next: ['revokeSubprocessor'],
    field: 'permit',
    closedBy: ['SubprocessorRevoked'],
  },
  {
    stream: 'audit',
    word: 'operations.audits',
    begin: ['requestAudit'],
    next: ['holdAudit'],
    field: 'audit',
    closedBy: ['AuditHeld'],
  },
  {
    stream: 'commitment',
    word: 'operations.confidentiality',
    begin: ['commitConfidentiality'],
    next: [],
    field: 'commitment',
    closedBy: ['ConfidentialityCommitted'],
  },
];

interface Case {
  stream: string;
  id: string;
  events: Event[];
}

/** The cases of a kind, by their streams, the one that moved last first. */
export function casesOf(events: readonly Event[], kind: string): Case[] {
  const cases = new Map<string, Case>();
  for (const event of events) {
    const [found, id] = event.stream.split('/', 2);
    if (found !== kind || !id) continue;
    const one = cases.get(event.stream) ?? { stream: event.stream, id, events: [] };
    one.events.push(event);
    cases.set(event.stream, one);
  }
  return [...cases.values()];
}

/** Interruptions, suspensions, misuse, breaches and requests: each case with what happened in it. */
export function OperationsPage() {
  const { t } = useWords();
  const { exact } = useFormat();
  const search = useSearchText();
  const { data, error, again } = useNetwork(RECENT, {});
  const kind = KINDS.find((each) => each.stream === search.tab) ?? KINDS[0];
  if (error) return <Failure error={error} again={again} />;
  if (!data || !kind) return <Loading />;
  const cases = casesOf(data.network.a, kind.stream);
  return (
    <>
      <PageHead
        title={t('nav.operations')}
        lead={t('operations.lead')}
        actions={kind.begin.map((command) => (
          <ActionLink key={command} command={command} />
        ))}
      />
      <TabLinks
        label={t('operations.kinds')}
        current={kind.stream}
        tabs={KINDS.map((each) => ({ key: each.stream, name: t(each.word) }))}
      />
      <div className="stack">
        <Notice>
          <p>{t('operations.limit')}</p>
        </Notice>
        {cases.length === 0 && (
          <Card>
            <Empty>{t('operations.none')}</Empty>
          </Card>
        )}
        {cases.map((each) => {
          const closed = each.events.some((event) => kind.closedBy.includes(event.name));
          const payload = each.events.at(-1)?.payload as { member?: Json } | null;
          const member = typeof payload?.member === 'string' ? payload.member : undefined;
          return (
            <Card
              key={each.stream}
              title={exact(each.events.at(-1)?.recordedAt)}
              actions={
                !closed &&
                kind.next.map((command) => (
                  <ActionLink
                    key={command}
                    compact
                    command={command}
                    given={{ [kind.field]: each.id }}
                    organisation={member}
                    about={exact(each.events.at(-1)?.recordedAt)}
                  />
                ))
              }
            >
              <Events of={each.events} />
            </Card>
          );
        })}
      </div>
    </>
  );
}
