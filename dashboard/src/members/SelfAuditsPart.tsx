import { ActionLink } from '../changing/ActionLink';
import { Card, Empty, Facts, State } from '../design/basics';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { Answers } from './Answers';
import { DueDate } from './DueDate';
import type { MemberRecord } from './record';

export function SelfAuditsPart({ oid, record }: { oid: string; record: MemberRecord }) {
  const { t, value } = useWords();
  const { date } = useFormat();
  const given = { member: oid };
  const audits = [...record.selfAudits].reverse();
  const open = audits.find((each) => each.state === 'DRAFT' || each.state === 'CORRECTIONS_ASKED');
  return (
    <div className="stack">
      <div className="row">
        <ActionLink
          primary
          command="submitSelfAudit"
          given={open ? { ...given, questionnaire: open.questionnaire } : given}
          organisation={oid}
        />
        <ActionLink command="requestSelfAudit" given={given} />
      </div>
      {audits.length === 0 && (
        <Card>
          <Empty>{t('selfAudit.none')}</Empty>
        </Card>
      )}
      {audits.map((audit) => (
        <Card
          key={audit.id}
          title={t('selfAudit.of', { version: audit.questionnaire })}
          actions={
            <>
              <State of={audit.state} />
              {audit.state === 'SUBMITTED' && (
                <ActionLink
                  compact
                  command="reviewSelfAudit"
                  given={{ ...given, selfAudit: audit.id }}
                />
              )}
              {audit.state === 'ACCEPTED' && (
                <ActionLink
                  compact
                  command="publishSelfAudit"
                  given={{ ...given, selfAudit: audit.id }}
                  organisation={oid}
                />
              )}
            </>
          }
        >
          <Facts
            of={[
              [t('selfAudit.requested'), audit.requestedOn && date(audit.requestedOn)],
              [t('field.dueOn'), audit.dueOn && date(audit.dueOn)],
              [t('selfAudit.submitted'), audit.submittedOn && date(audit.submittedOn)],
              [t('selfAudit.reviewed'), audit.reviewedOn && date(audit.reviewedOn)],
              [t('field.remarks'), audit.remarks],
              [t('value.SELF_AUDIT_RENEWAL'), audit.renewal && <DueDate of={audit.renewal} />],
              [value('PUBLISHED'), audit.publishedOn && date(audit.publishedOn)],
            ]}
          />
          <Answers of={audit.answers} questionnaire={audit.questionnaire} />
        </Card>
      ))}
    </div>
  );
}
