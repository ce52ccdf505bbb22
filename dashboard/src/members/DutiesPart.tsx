import type { ReactNode } from 'react';
import { ActionLink } from '../changing/ActionLink';
import { Badge, Card, Empty } from '../design/basics';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { DueDate } from './DueDate';
import type { MemberRecord } from './record';

/** Remarks, outages, complaints and disputes: what the parties owe each other. */
export function DutiesPart({ oid, record }: { oid: string; record: MemberRecord }) {
  const { t, value } = useWords();
  const { date } = useFormat();
  const given = { member: oid };
  return (
    <div className="grid">
      <Card
        title={t('remarks.title')}
        actions={
          <>
            <ActionLink compact command="makeRemark" given={given} organisation={oid} />
            <ActionLink compact command="sendRemark" given={given} />
          </>
        }
      >
        <Items empty={t('remarks.none')}>
          {record.remarks.map((remark) => (
            <Item
              key={remark.id}
              title={`${remark.by === 'OPERATOR' ? value('OPERATOR') : t('notice.member')}: ${remark.clause}`}
              done={remark.curedOn ? t('remarks.cured', { date: date(remark.curedOn) }) : null}
              text={remark.text}
              facts={
                remark.deadline && (
                  <>
                    {t('remarks.deadline')}: <DueDate of={remark.deadline} />
                  </>
                )
              }
            >
              {!remark.receivedOn && (
                <ActionLink
                  compact
                  command="recordRemarkReceipt"
                  given={{ ...given, remark: remark.id }}
                />
              )}
              {!remark.curedOn && remark.by === 'OPERATOR' && (
                <>
                  <ActionLink
                    compact
                    command="acceptCure"
                    given={{ ...given, remark: remark.id }}
                  />
                  <ActionLink
                    compact
                    danger
                    command="giveNoticeToMember"
                    given={{ ...given, breach: remark.id }}
                  />
                </>
              )}
              {!remark.curedOn && remark.by !== 'OPERATOR' && (
                <>
                  <ActionLink
                    compact
                    command="acceptOperatorsCure"
                    given={{ ...given, remark: remark.id }}
                    organisation={oid}
                  />
                  <ActionLink
                    compact
                    danger
                    command="giveNotice"
                    given={{ ...given, cause: { breach: remark.id } }}
                    organisation={oid}
                  />
                </>
              )}
            </Item>
          ))}
        </Items>
      </Card>
      <Card
        title={t('outages.title')}
        actions={
          <>
            <ActionLink compact command="reportOutage" given={given} organisation={oid} />
            <ActionLink compact command="recordOutageReport" given={given} />
          </>
        }
      >
        <Items empty={t('outages.none')}>
          {record.outages.map((outage) => (
            <Item
              key={outage.id}
              title={t('outages.reported', { date: date(outage.reportedOn) })}
              done={
                outage.correctedOn
                  ? t('outages.corrected', { date: date(outage.correctedOn) })
                  : null
              }
              text={outage.description}
              facts={
                outage.exitRight && (
                  <>
                    {t('outages.exitRight')}: <DueDate of={outage.exitRight} />
                  </>
                )
              }
            >
              {!outage.correctedOn && (
                <>
                  <ActionLink
                    compact
                    command="recordOutageCorrection"
                    given={{ ...given, outage: outage.id }}
                  />
                  {outage.essential && (
                    <ActionLink
                      compact
                      danger
                      command="giveNotice"
                      given={{ ...given, cause: { outage: outage.id } }}
                      organisation={oid}
                    />
                  )}
                </>
              )}
            </Item>
          ))}
        </Items>
      </Card>
      <Card
        title={t('complaints.title')}
        actions={
          <ActionLink compact command="makeQualityComplaint" given={given} organisation={oid} />
        }
      >
        <Items empty={t('complaints.none')}>
          {record.complaints.map((complaint) => (
            <Item
              key={complaint.id}
              title={t('complaints.made', { date: date(complaint.madeOn) })}
              done={
                complaint.settledOn
                  ? t('complaints.settled', { date: date(complaint.settledOn) })
                  : null
              }
              text={complaint.description}
              facts={complaint.dueOn && `${t('field.dueOn')}: ${date(complaint.dueOn)}`}
            >
              {!complaint.settledOn && (
                <>
                  <ActionLink
                    compact
                    command="setComplaintDeadline"
                    given={{ ...given, complaint: complaint.id }}
                  />
                  <ActionLink
                    compact
                    command="settleQualityComplaint"
                    given={{ ...given, complaint: complaint.id }}
                  />
                </>
              )}
            </Item>
          ))}
        </Items>
      </Card>
      <Card
        title={t('disputes.title')}
        actions={<ActionLink compact command="openDispute" given={given} organisation={oid} />}
      >
        <Items empty={t('disputes.none')}>
          {record.disputes.map((dispute) => (
            <Item
              key={dispute.id}
              title={t('disputes.opened', { date: date(dispute.openedOn) })}
              done={dispute.closed ? t('disputes.closed') : null}
              text={dispute.matter}
              facts={
                <>
                  {t('disputes.negotiation')}: <DueDate of={dispute.negotiationEnds} />
                </>
              }
            >
              {!dispute.closed && (
                <ActionLink
                  compact
                  command="closeDispute"
                  given={{ ...given, dispute: dispute.id }}
                />
              )}
            </Item>
          ))}
        </Items>
      </Card>
    </div>
  );
}

function Items({ empty, children }: { empty: string; children: readonly ReactNode[] }) {
  if (children.length === 0) return <Empty>{empty}</Empty>;
  return <div className="stack">{children}</div>;
}

function Item({
  title,
  done,
  text,
  facts,
  children,
}: {
  title: string;
  done: string | null;
  text: string | null;
  facts?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useWords();
  return (
    <article className="stack-small">
      <h3>{title}</h3>
      {done ? <Badge tone="good">{done}</Badge> : <Badge tone="warn">{t('open')}</Badge>}
      {text && <p>{text}</p>}
      {facts && <div>{facts}</div>}
      <div className="row">{children}</div>
    </article>
  );
}
