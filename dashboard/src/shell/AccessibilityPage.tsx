import { Link } from '@tanstack/react-router';
import { Card, PageHead } from '../design/basics';
import { useWords } from '../i18n/useWords';

export function AccessibilityPage() {
  const { t } = useWords();
  return (
    <>
      <PageHead title={t('nav.accessibility')} lead={t('accessibility.lead')} />
      <div className="stack">
        <Card title={t('accessibility.state')}>
          <p>{t('accessibility.stateText')}</p>
          <p>{t('accessibility.how')}</p>
        </Card>
        <Card title={t('accessibility.limits')}>
          <ul>
            <li>{t('accessibility.limitApi')}</li>
            <li>{t('accessibility.limitEvents')}</li>
            <li>{t('accessibility.limitDocuments')}</li>
          </ul>
        </Card>
        <Card title={t('accessibility.keys')}>
          <p>{t('accessibility.keysText')}</p>
        </Card>
        <Card title={t('nav.feedback')}>
          <p>{t('accessibility.feedback')}</p>
          <p>
            <Link to="/feedback">{t('nav.feedback')}</Link>
          </p>
          <p>{t('accessibility.authority')}</p>
        </Card>
      </div>
    </>
  );
}
