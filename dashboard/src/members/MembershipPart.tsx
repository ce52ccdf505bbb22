import { ActionLink } from '../changing/ActionLink';
import { Card, Empty, Facts, State } from '../design/basics';
import { SmallTable } from '../design/DataTable';
import { DocumentLink } from '../design/DocumentLink';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { JoiningSteps } from '../joining/JoiningSteps';
import { DueDate } from './DueDate';
import { isRunning, type MemberRecord } from './record';

const JOINING = [
  'APPLIED',
  'CONTRACT_DRAFTED',
  'AWAITING_MEMBER',
  'AWAITING_OPERATOR',
  'REFUSED',
  'WITHDRAWN',
];

/** What the membership rests on, how it began and how it ends. */
export function MembershipPart({
  oid,
  record,
  state,
}: {
  oid: string;
  record: MemberRecord;
  state: string;
}) {
  const { t, value } = useWords();
  const { date, instant } = useFormat();
  const running = record.notices.filter(isRunning);
  const joining = JOINING.includes(state);
  const inForce = state === 'IN_FORCE' || state === 'ENDING';
  const moving = inForce && record.terms !== null;
  const given = { member: oid };
  return (
    <div className="stack">
      {(joining || moving || (inForce && record.contract && !record.contract.operatorSignedOn)) && (
        <JoiningSteps oid={oid} record={record} state={state} />
      )}
      {running.map((notice) => (
        <Card
          key={notice.id}
          title={t('notice.running')}
          actions={
            <>
              <ActionLink command="withdrawNotice" given={{ ...given, notice: notice.id }} />
              {notice.review.length > 0 && !notice.reviewedOn && (
                <ActionLink command="reviewNotice" given={{ ...given, notice: notice.id }} />
              )}
            </>
          }
        >
          <Facts
            of={[
              [t('notice.ends'), <DueDate key="end" of={notice.end} />],
              [t('notice.by'), notice.by === 'OPERATOR' ? value('OPERATOR') : t('notice.member')],
              [t('notice.cause'), noticeCause(notice.cause, t)],
              [t('notice.sent'), date(notice.sentOn)],
              [t('notice.received'), date(notice.receivedOn)],
              [t('column.roles'), notice.roles.map(value).join(', ')],
            ]}
          />
        </Card>
      ))}
      <Card
        title={t('membership.basis')}
        actions={
          inForce && (
            <>
              <ActionLink
                compact
                command="acceptTerms"
                given={{ organisation: oid }}
                organisation={oid}
              />
              <ActionLink compact command="draftContract" given={{ organisation: oid }} />
              {record.legalBases.at(-1)?.copyDeliveredOn === null && (
                <ActionLink compact command="deliverSignedCopy" given={{ organisation: oid }} />
              )}
              <ActionLink compact danger command="giveNotice" given={given} organisation={oid} />
              <ActionLink compact command="recordMemberNotice" given={given} />
              <ActionLink compact danger command="giveNoticeToMember" given={given} />
            </>
          )
        }
      >
        <SmallTable
          caption={t('membership.basis')}
          rows={record.legalBases}
          rowKey={(row) => `${row.instrument} ${row.since}`}
          empty={t('membership.noBasis')}
          columns={[
            {
              key: 'instrument',
              title: t('column.instrument'),
              heads: true,
              text: (row) => row.instrument,
            },
            { key: 'kind', title: t('column.kind'), text: (row) => value(row.kind) },
            { key: 'since', title: t('column.since'), tight: true, text: (row) => date(row.since) },
            {
              key: 'until',
              title: t('column.until'),
              tight: true,
              text: (row) => instant(row.window.until),
            },
            {
              key: 'document',
              title: t('column.document'),
              text: () => '',
              cell: (row) => <Ground of={row.ground} />,
            },
            {
              key: 'copy',
              title: t('membership.copyDelivered'),
              tight: true,
              text: (row) => date(row.copyDeliveredOn),
            },
          ]}
        />
      </Card>
      <div className="grid">
        <Card
          title={t('column.roles')}
          actions={
            inForce && (
              <>
                <ActionLink compact command="grantRole" given={given} />
                <ActionLink compact command="withdrawRole" given={given} organisation={oid} />
              </>
            )
          }
        >
          {record.roles.length === 0 ? (
            <Empty>{t('membership.noRoles')}</Empty>
          ) : (
            <Facts
              of={record.roles.map((each) => [
                value(each.role),
                `${instant(each.window.from)} – ${each.window.until ? instant(each.window.until) : ''}`,
              ])}
            />
          )}
        </Card>
        <Card
          title={t('membership.eligibility')}
          actions={<ActionLink compact command="recordEligibility" given={given} />}
        >
          <Facts
            of={[
              [t('field.levels'), record.educationProvider?.levels.map(value).join(', ')],
              [
                t('field.basis'),
                record.educationProvider?.basis
                  .map((each) =>
                    each.act
                      ? value(each.act)
                      : `${each.licence?.grantedBy} ${each.licence?.reference}`,
                  )
                  .join(', '),
              ],
              [t('field.servicePurpose'), record.servicePurpose?.purpose],
              [t('field.kind'), record.servicePurpose && value(record.servicePurpose.kind)],
              [t('field.postalAddress'), record.postalAddress],
              [t('field.businessId'), record.businessId],
            ]}
          />
        </Card>
        <Card
          title={t('membership.assurances')}
          actions={
            inForce && (
              <>
                <ActionLink compact command="giveAssurance" given={given} organisation={oid} />
                <ActionLink compact command="notifyServiceStart" given={given} organisation={oid} />
              </>
            )
          }
        >
          {record.assurances.length + record.serviceStarts.length === 0 ? (
            <Empty>{t('membership.noAssurances')}</Empty>
          ) : (
            <Facts
              of={[
                ...record.assurances.map(
                  (each) => [value(each.assurance), date(each.givenOn)] as const,
                ),
                ...record.serviceStarts.map(
                  (each) => [t('membership.serviceStarts'), date(each.startsOn)] as const,
                ),
              ]}
            />
          )}
        </Card>
        <Card
          title={t('membership.data')}
          actions={
            <>
              <ActionLink
                compact
                command="chooseDataDisposition"
                given={given}
                organisation={oid}
              />
              {record.disposition && !record.disposition.doneOn && (
                <>
                  <ActionLink compact command="recordDataReturn" given={given} />
                  <ActionLink compact command="recordDataErasure" given={given} />
                </>
              )}
            </>
          }
        >
          {record.disposition ? (
            <Facts
              of={[
                [t('field.choice'), value(record.disposition.choice)],
                [t('membership.chosenOn'), date(record.disposition.chosenOn)],
                [t('membership.doneOn'), date(record.disposition.doneOn)],
              ]}
            />
          ) : (
            <Empty>{t('membership.noDisposition')}</Empty>
          )}
        </Card>
      </div>
      {record.notices.some((notice) => !isRunning(notice)) && (
        <Card title={t('notice.past')}>
          <SmallTable
            caption={t('notice.past')}
            rows={record.notices.filter((notice) => !isRunning(notice))}
            rowKey={(row) => row.id}
            empty=""
            columns={[
              {
                key: 'received',
                title: t('notice.received'),
                tight: true,
                text: (row) => date(row.receivedOn),
              },
              {
                key: 'by',
                title: t('notice.by'),
                text: (row) => (row.by === 'OPERATOR' ? value('OPERATOR') : t('notice.member')),
              },
              {
                key: 'end',
                title: t('notice.ends'),
                text: (row) => date(row.end.day),
                cell: (row) => <DueDate of={row.end} />,
              },
              {
                key: 'state',
                title: t('column.state'),
                text: (row) => row.state,
                cell: (row) =>
                  row.state === 'withdrawn' ? <State of="WITHDRAWN" /> : t('notice.tookEffect'),
              },
            ]}
          />
        </Card>
      )}
    </div>
  );
}

function Ground({ of }: { of: Record<string, unknown> }) {
  const { t } = useWords();
  const signed = of.signedContract as { document?: string } | undefined;
  const terms = of.acceptedTerms as { document?: string; evidence?: string } | undefined;
  const reference = signed?.document ?? terms?.evidence ?? terms?.document;
  if (reference) return <DocumentLink reference={reference} />;
  return <>{'acceptedTerms' in of ? t('membership.termsAccepted') : '–'}</>;
}

function noticeCause(
  cause: MemberRecord['notices'][number]['cause'],
  t: ReturnType<typeof useWords>['t'],
): string {
  if (!cause) return t('notice.ordinary');
  if ('amendment' in cause) return t('field.amendment');
  if ('outage' in cause) return t('field.outage');
  return t('field.breach');
}
