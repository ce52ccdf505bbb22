import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import type { Due } from './record';

/** A computed date with why it is that date: never a bare date. */
export function DueDate({ of }: { of: Due | null }) {
  const { t } = useWords();
  const { date, exact, number } = useFormat();
  if (!of) return <>–</>;
  const words = {
    END_OF_DAY: t('due.endOfDay'),
    START_OF_DAY: t('due.startOfDay'),
    AT_ONCE: t('due.atOnce'),
  };
  const { computation } = of;
  const period = computation.period;
  return (
    <>
      <strong>{date(of.day)}</strong> {words[of.boundary]}
      <details className="small">
        <summary>{t('due.why')}</summary>
        <p className="small">
          {computation.countedFrom && (
            <>
              {t('due.countedFrom', { date: date(computation.countedFrom) })}
              {period?.months !== undefined &&
                ` + ${t('due.months', { count: period.months, number: number(period.months) })}`}
              {period?.days !== undefined &&
                ` + ${t('due.days', { count: period.days, number: number(period.days) })}`}
              {'. '}
            </>
          )}
          {computation.namedDay && `${t('due.namedDay', { date: date(computation.namedDay) })}. `}
          {t('due.source')}: <span lang="en">{computation.source}</span>. {t('due.instant')}:{' '}
          {exact(of.at)}
        </p>
      </details>
    </>
  );
}
