import type { CombinedError } from 'urql';
import { useWords } from '../i18n/useWords';
import { Button, Notice } from './basics';

/** What could not be read, without the machine's insides. */
export function Failure({ error, again }: { error: CombinedError; again: () => void }) {
  const { t } = useWords();
  const fault = error.graphQLErrors[0];
  const remedy = fault?.extensions?.remedy;
  return (
    <Notice tone="bad" role="alert" title={t('failure.title')}>
      <p>{fault ? fault.message : t('failure.network')}</p>
      {typeof remedy === 'string' && <p>{remedy}</p>}
      <Button onPress={again}>{t('failure.again')}</Button>
    </Notice>
  );
}
