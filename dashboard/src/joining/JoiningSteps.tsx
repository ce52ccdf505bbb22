import type { ReactNode } from 'react';
import { ActionLink } from '../changing/ActionLink';
import { Card, Notice } from '../design/basics';
import { DocumentLink } from '../design/DocumentLink';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import type { MemberRecord } from '../members/record';

/** The path of joining, with where it stands and what is next, for the applicant and the operator. */
export function JoiningSteps({
  oid,
  record,
  state,
}: {
  oid: string;
  record: MemberRecord;
  state: string;
}) {
  const { t, value } = useWords();
  const { date } = useFormat();
  const given = { organisation: oid };
  const { application, contract, terms } = record;
  const byTerms = terms !== null || application?.instrument === 'TERMS_OF_USE';
  const over = state === 'REFUSED' || state === 'WITHDRAWN';
  const signed = contract?.signatories.filter((each) => each.signedOn).length ?? 0;
  const allSigned = contract !== null && signed === contract.signatories.length;
  const basis = record.legalBases.at(-1);
  const joined = state === 'IN_FORCE' || state === 'ENDING' || state === 'TO_START';
  return (
    <Card
      title={t('joining.title')}
      actions={
        !over &&
        !joined && (
          <>
            <ActionLink compact command="withdrawApplication" given={given} organisation={oid} />
            <ActionLink compact danger command="refuseApplication" given={given} />
          </>
        )
      }
    >
      {over && (
        <Notice tone="warn">
          <p>{value(state)}</p>
          <ActionLink command="applyForMembership" given={given} organisation={oid} />
        </Notice>
      )}
      <ol className="steps">
        <Step number={1} done={application !== null} title={t('joining.applied')}>
          {application && (
            <p>
              {date(application.appliedOn)} · {application.roles.map(value).join(', ')} ·{' '}
              {byTerms
                ? value('TERMS_OF_USE')
                : application.electronicSignature
                  ? value('ELECTRONIC')
                  : value('PAPER')}
            </p>
          )}
        </Step>
        {byTerms ? (
          <>
            <Step
              number={2}
              done={terms !== null}
              now={application !== null && !over}
              title={t('joining.termsAccepted')}
            >
              {terms ? (
                <p>
                  {terms.instrument} · {date(terms.acceptedOn)} · {terms.acceptedBy ?? t('erased')}
                </p>
              ) : (
                <ActionLink primary command="acceptTerms" given={given} organisation={oid} />
              )}
            </Step>
            <Step
              number={3}
              done={terms !== null && basis?.instrument === terms.instrument}
              now={terms !== null}
              title={t('joining.confirmed')}
            >
              <ActionLink primary command="confirmJoiningNotification" given={given} />
            </Step>
          </>
        ) : (
          <>
            <Step
              number={2}
              done={contract !== null}
              now={application !== null && !over}
              title={t('joining.drafted')}
            >
              {contract && (
                <p>
                  {contract.instrument} · {date(contract.draftedOn)} ·{' '}
                  <GoTo to={`/contracts/${oid}`}>{t('contract.open')}</GoTo>
                </p>
              )}
              {!joined && <ActionLink command="draftContract" given={given} />}
            </Step>
            <Step
              number={3}
              done={Boolean(contract?.request)}
              now={contract !== null}
              title={t('joining.requested')}
            >
              {contract?.request && (
                <p>
                  {value(contract.request.channel)} · {date(contract.request.on)}
                </p>
              )}
              {contract && !allSigned && <ActionLink command="requestSignatures" given={given} />}
            </Step>
            <Step
              number={4}
              done={allSigned}
              now={Boolean(contract?.request)}
              title={t('joining.memberSigned')}
            >
              {contract && (
                <ul>
                  {contract.signatories.map((each) => (
                    <li key={each.contact.person} className="row">
                      {each.contact.name ?? t('erased')}:{' '}
                      {each.signedOn ? date(each.signedOn) : t('joining.notSigned')}
                      {each.evidence && <DocumentLink reference={each.evidence} />}
                      {!each.signedOn && (
                        <ActionLink
                          compact
                          command="recordMemberSignature"
                          given={{ ...given, signatory: each.contact.person }}
                          about={each.contact.name ?? ''}
                        />
                      )}
                    </li>
                  ))}
                </ul>
              )}
            </Step>
            <Step
              number={5}
              done={Boolean(contract?.operatorSignedOn)}
              now={allSigned}
              title={t('joining.operatorSigned')}
            >
              {contract?.operatorSignedOn ? (
                <p>{date(contract.operatorSignedOn)}</p>
              ) : (
                allSigned && <ActionLink primary command="recordOperatorSignature" given={given} />
              )}
            </Step>
            <Step
              number={6}
              done={Boolean(basis?.copyDeliveredOn)}
              now={Boolean(contract?.operatorSignedOn)}
              title={t('joining.copy')}
            >
              {contract?.operatorSignedOn && !basis?.copyDeliveredOn && (
                <ActionLink command="deliverSignedCopy" given={given} />
              )}
            </Step>
          </>
        )}
        <Step number={byTerms ? 4 : 7} done={false} now={joined} title={t('joining.after')}>
          <p className="help">{t('joining.afterHelp')}</p>
        </Step>
      </ol>
    </Card>
  );
}

function Step({
  number,
  done,
  now,
  title,
  children,
}: {
  number: number;
  done: boolean;
  now?: boolean;
  title: string;
  children?: ReactNode;
}) {
  const { t } = useWords();
  const state = done ? 'done' : now ? 'now' : 'later';
  const words = { done: t('joining.done'), now: t('joining.now'), later: t('joining.later') };
  return (
    <li className={state} aria-current={state === 'now' ? 'step' : undefined}>
      <span className="mark" aria-hidden="true">
        {done ? '✓' : number}
      </span>
      <div className="stack-small">
        <h3>
          {title} <span className="unseen">({words[state]})</span>
        </h3>
        {children}
      </div>
    </li>
  );
}
