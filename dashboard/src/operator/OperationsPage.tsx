import { useQuery } from 'urql';
import { useState, type ReactNode } from 'react';
import type { CommandName } from '../api/commands';
import { enums } from '../api/generated/enums';
import { useList } from '../api/list';
import { ActionLink } from '../changing/ActionLink';
import { Loading, PageHead, State } from '../design/basics';
import { SmallTable } from '../design/DataTable';
import { DocumentLink } from '../design/DocumentLink';
import { Failure } from '../design/Failure';
import { SelectField } from '../design/fields';
import { OrganisationLink, TabLinks } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import type { WordKey } from '../i18n';
import { useServiceNames } from '../services/useServiceNames';
import { useMay } from '../shell/session';
import { useSearchText } from '../shell/searchParams';
import { RegisterCases } from './RegisterCases';
import {
  AUDITS,
  BREACHES,
  COMMITMENTS,
  DISCLOSED,
  DISCLOSURES,
  INTERRUPTIONS,
  MISUSE,
  PERMITS,
  SUBJECT_REQUESTS,
  SUSPENSIONS,
} from './registers';

interface Kind {
  key: string;
  word: WordKey;
  begin: readonly CommandName[];
  register: () => ReactNode;
}

const KINDS: readonly Kind[] = [
  {
    key: 'interruption',
    word: 'operations.interruptions',
    begin: ['announceMaintenance', 'startInterruption'],
    register: () => <Interruptions />,
  },
  {
    key: 'suspension',
    word: 'operations.suspensions',
    begin: ['suspendEndUser'],
    register: () => <Suspensions />,
  },
  {
    key: 'misuse',
    word: 'operations.misuse',
    begin: ['openMisuseCase'],
    register: () => <Misuse />,
  },
  {
    key: 'breach',
    word: 'operations.breaches',
    begin: ['detectDataBreach'],
    register: () => <Breaches />,
  },
  {
    key: 'disclosure',
    word: 'operations.disclosures',
    begin: ['requestLogDisclosure'],
    register: () => <Disclosures />,
  },
  {
    key: 'subject-request',
    word: 'operations.subjectRequests',
    begin: ['receiveSubjectRequest'],
    register: () => <SubjectRequests />,
  },
  {
    key: 'permit',
    word: 'operations.subprocessors',
    begin: ['permitSubprocessor'],
    register: () => <Permits />,
  },
  {
    key: 'audit',
    word: 'operations.audits',
    begin: ['requestAudit'],
    register: () => <Audits />,
  },
  {
    key: 'commitment',
    word: 'operations.confidentiality',
    begin: ['commitConfidentiality'],
    register: () => <Commitments />,
  },
];

/** Interruptions, suspensions, misuse, breaches and requests: a register of each. */
export function OperationsPage() {
  const { t } = useWords();
  const search = useSearchText();
  const kind = KINDS.find((each) => each.key === search.tab) ?? KINDS[0];
  if (!kind) return null;
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
        current={kind.key}
        tabs={KINDS.map((each) => ({ key: each.key, name: t(each.word) }))}
      />
      {kind.register()}
    </>
  );
}

function Interruptions() {
  const { t, value } = useWords();
  const { instant } = useFormat();
  const list = useList(INTERRUPTIONS, {}, (data) => data.network.operations.interruptions);
  return (
    <RegisterCases
      list={list}
      field="interruption"
      next={['cancelMaintenance', 'endInterruption']}
      caseOf={(row) => ({
        id: row.id,
        title: instant(row.startedAt ?? row.planned?.from ?? row.announcedAt),
        open: !row.endedAt && !row.cancelledAt,
        facts: [
          [t('field.environments'), row.environments.map(value).join(', ')],
          [t('field.description'), row.announcement],
          [t('field.reason'), row.description],
          [t('field.ground'), row.ground && value(row.ground)],
          [t('field.startsAt'), row.planned && instant(row.planned.from)],
          [t('field.endsAt'), row.planned?.until && instant(row.planned.until)],
          [t('field.startedAt'), row.startedAt && instant(row.startedAt)],
          [t('field.endedAt'), row.endedAt && instant(row.endedAt)],
          [t('value.WITHDRAWN'), row.cancelledAt && instant(row.cancelledAt)],
          [t('field.suspendsService'), row.suspends && t('yes')],
        ],
      })}
    />
  );
}

function Suspensions() {
  const { t, value, name } = useWords();
  const { instant } = useFormat();
  const serviceName = useServiceNames();
  const list = useList(SUSPENSIONS, {}, (data) => data.network.operations.suspensions);
  return (
    <RegisterCases
      list={list}
      field="suspension"
      next={['informTechnicalContact', 'reinstateEndUser']}
      caseOf={(row) => ({
        id: row.id,
        title: `${name(row.organisation.name, row.organisation.oid)}, ${instant(row.window.from)}`,
        open: !row.window.until,
        organisation: row.organisation.oid,
        facts: [
          [t('column.organisation'), <OrganisationLink key="o" of={row.organisation} />],
          [t('field.ground'), value(row.ground)],
          [t('field.reason'), row.reason],
          [t('field.services'), row.services?.map(serviceName).join(', ') ?? t('operations.all')],
          [
            t('field.informedAt'),
            row.informedAt ? instant(row.informedAt) : t('operations.notTold'),
          ],
          [t('column.until'), row.window.until && instant(row.window.until)],
          [t('field.because'), row.reinstatedBecause],
        ],
      })}
    />
  );
}

function Misuse() {
  const { t, value, name } = useWords();
  const { date } = useFormat();
  const list = useList(MISUSE, {}, (data) => data.network.operations.misuseCases);
  return (
    <RegisterCases
      list={list}
      field="misuse"
      next={['recordMisuseParticipation', 'closeMisuseCase']}
      caseOf={(row) => ({
        id: row.id,
        title: date(row.noticedOn),
        open: !row.closedOn,
        facts: [
          [t('field.description'), row.description],
          [t('field.reportedBy'), row.reportedBy && <OrganisationLink of={row.reportedBy} />],
          ...row.participations.map(
            (part) =>
              [
                name(part.member.name, part.member.oid),
                `${date(part.tookPartOn)} ${part.contribution ?? ''}`,
              ] as const,
          ),
          [
            t('operations.silent'),
            row.silentMembers.map((each) => name(each.name, each.oid)).join(', '),
          ],
          [t('field.closedOn'), row.closedOn && date(row.closedOn)],
          [t('field.outcome'), row.outcome && value(row.outcome)],
          [t('field.finding'), row.finding],
        ],
      })}
    />
  );
}

function Breaches() {
  const { t, value, name } = useWords();
  const { exact } = useFormat();
  const list = useList(BREACHES, {}, (data) => data.network.operations.breaches);
  return (
    <RegisterCases
      list={list}
      field="breach"
      next={['notifyDataBreach', 'widenDataBreach']}
      caseOf={(row) => ({
        id: row.id,
        title: exact(row.detectedAt),
        open: row.controllers.some((each) => !each.notifiedAt),
        facts: [[t('field.description'), row.description]],
        inside: (
          <SmallTable
            caption={t('field.controllers')}
            rows={row.controllers}
            rowKey={(each) => each.organisation.oid}
            empty={t('none')}
            columns={[
              {
                key: 'controller',
                title: t('field.controller'),
                heads: true,
                text: (each) => name(each.organisation.name, each.organisation.oid),
                cell: (each) => <OrganisationLink of={each.organisation} />,
              },
              {
                key: 'at',
                title: t('field.notifiedAt'),
                tight: true,
                text: (each) =>
                  each.notifiedAt ? exact(each.notifiedAt) : t('operations.notTold'),
              },
              { key: 'channel', title: t('field.channel'), text: (each) => value(each.channel) },
              { key: 'content', title: t('field.content'), text: (each) => each.content ?? '–' },
              {
                key: 'document',
                title: t('column.document'),
                text: () => '',
                cell: (each) => each.document && <DocumentLink reference={each.document} />,
              },
            ]}
          />
        ),
      })}
    />
  );
}

function Disclosures() {
  const { t, name } = useWords();
  const { date } = useFormat();
  const may = useMay();
  const list = useList(DISCLOSURES, {}, (data) => data.network.operations.disclosures);
  return (
    <RegisterCases
      list={list}
      field="disclosure"
      next={['discloseLog', 'refuseLogDisclosure']}
      caseOf={(row) => ({
        id: row.id,
        title: `${row.authority ?? name(row.organisation.name, row.organisation.oid)}, ${date(row.receivedOn)}`,
        open: row.isOpen,
        facts: [
          [t('column.organisation'), <OrganisationLink key="o" of={row.organisation} />],
          [t('field.authority'), row.authority],
          [t('field.legalBasis'), row.legalBasis],
          [t('field.messageId'), row.messageId && <code>{row.messageId}</code>],
          [t('field.firstDay'), date(row.firstDay)],
          [t('field.lastDay'), date(row.lastDay)],
          [
            t('field.outcome'),
            row.outcome && (row.outcome.disclosed ? t('field.disclosedOn') : t('field.refusedOn')),
          ],
          [t('field.decidedOn'), row.outcome && date(row.outcome.decidedOn)],
          [t('field.reason'), row.outcome?.reason],
          [
            t('column.document'),
            row.outcome?.document && <DocumentLink reference={row.outcome.document} />,
          ],
        ],
        inside: row.isOpen && may('discloseLog') && <Disclosed id={row.id} />,
      })}
    />
  );
}

/** What an open request asks about; nothing is asked before somebody asks for it. */
function Disclosed({ id }: { id: string }) {
  const { t, value } = useWords();
  const { exact } = useFormat();
  const serviceName = useServiceNames();
  const [environment, setEnvironment] = useState<(typeof enums.Environment)[number] | ''>('');
  const [result, again] = useQuery({
    query: DISCLOSED,
    variables: { id, environment: environment || undefined, first: 200 },
    pause: environment === '',
    requestPolicy: 'network-only',
  });
  const found =
    result.data?.node && 'authentications' in result.data.node
      ? result.data.node.authentications.nodes
      : null;
  return (
    <div className="stack-small">
      <SelectField
        label={t('operations.found')}
        value={environment}
        onChange={(next) => setEnvironment(enums.Environment.find((each) => each === next) ?? '')}
        empty={t('form.nothing')}
        options={enums.Environment.map((each) => ({ value: each, label: value(each) }))}
      />
      {result.error && <Failure error={result.error} again={again} />}
      {result.fetching && <Loading />}
      {environment !== '' && found && (
        <SmallTable
          caption={t('operations.found')}
          rows={found}
          rowKey={(row) => `${row.authentication.requestId} ${row.authentication.position}`}
          empty={t('logins.none')}
          columns={[
            {
              key: 'at',
              title: t('column.at'),
              heads: true,
              text: (row) => exact(row.authentication.recordedAt),
            },
            { key: 'user', title: t('field.user'), text: (row) => row.user ?? t('erased') },
            {
              key: 'outcome',
              title: t('field.outcome'),
              text: (row) => value(row.authentication.outcome),
              cell: (row) => <State of={row.authentication.outcome} />,
            },
            {
              key: 'service',
              title: t('column.service'),
              text: (row) => serviceName(row.authentication.service),
            },
          ]}
        />
      )}
    </div>
  );
}

function SubjectRequests() {
  const { t, value } = useWords();
  const { date } = useFormat();
  const list = useList(SUBJECT_REQUESTS, {}, (data) => data.network.operations.subjectRequests);
  return (
    <RegisterCases
      list={list}
      field="request"
      next={['answerSubjectRequest']}
      caseOf={(row) => ({
        id: row.id,
        title: `${value(row.right)}, ${date(row.receivedOn)}`,
        open: !row.answeredOn,
        facts: [
          [t('column.organisation'), <OrganisationLink key="o" of={row.organisation} />],
          [t('field.description'), row.description],
          [t('field.answeredOn'), row.answeredOn && date(row.answeredOn)],
          [t('field.answer'), row.answer],
        ],
      })}
    />
  );
}

function Permits() {
  const { t } = useWords();
  const { date } = useFormat();
  const list = useList(PERMITS, {}, (data) => data.network.operations.subprocessorPermits);
  return (
    <RegisterCases
      list={list}
      field="permit"
      next={['revokeSubprocessor']}
      caseOf={(row) => ({
        id: row.id,
        title: row.subprocessor ?? t('operations.anySubprocessor'),
        open: !row.lastDay,
        organisation: row.organisation.oid,
        facts: [
          [t('column.organisation'), <OrganisationLink key="o" of={row.organisation} />],
          [
            t('field.processor'),
            row.provider ? <OrganisationLink of={row.provider} /> : t('value.OPERATOR'),
          ],
          [t('field.businessId'), row.businessId],
          [t('field.task'), row.task],
          [t('field.permittedOn'), date(row.permittedOn)],
          [t('field.lastDay'), row.lastDay && date(row.lastDay)],
          [t('column.document'), row.document && <DocumentLink reference={row.document} />],
        ],
      })}
    />
  );
}

function Audits() {
  const { t } = useWords();
  const { date } = useFormat();
  const list = useList(AUDITS, {}, (data) => data.network.operations.audits);
  return (
    <RegisterCases
      list={list}
      field="audit"
      next={['holdAudit']}
      caseOf={(row) => ({
        id: row.id,
        title: date(row.requestedOn),
        open: !row.heldOn,
        facts: [
          [t('column.organisation'), <OrganisationLink key="o" of={row.organisation} />],
          [t('field.auditor'), row.auditor],
          [t('field.scope'), row.scope],
          [t('field.heldOn'), row.heldOn && date(row.heldOn)],
          [
            t('field.operatorTookPart'),
            row.operatorTookPart !== null && (row.operatorTookPart ? t('yes') : t('no')),
          ],
          [t('field.findings'), row.findings],
          [t('field.report'), row.report && <DocumentLink reference={row.report} />],
        ],
      })}
    />
  );
}

function Commitments() {
  const { t } = useWords();
  const { date } = useFormat();
  const list = useList(COMMITMENTS, {}, (data) => data.network.operations.commitments);
  return (
    <RegisterCases
      list={list}
      field="commitment"
      next={[]}
      caseOf={(row) => ({
        id: row.id,
        title: row.name ?? t('erased'),
        open: false,
        facts: [
          [t('field.committedOn'), date(row.committedOn)],
          [t('column.document'), row.document && <DocumentLink reference={row.document} />],
        ],
      })}
    />
  );
}
