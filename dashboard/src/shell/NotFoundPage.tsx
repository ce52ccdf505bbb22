import { Link } from '@tanstack/react-router';
import { PageHead } from '../design/basics';
import { useWords } from '../i18n/useWords';

export function NotFoundPage() {
  const { t } = useWords();
  return (
    <>
      <PageHead title={t('notFound.title')} />
      <p>{t('notFound.help')}</p>
      <p>
        <Link to="/" className="button">
          {t('nav.home')}
        </Link>
      </p>
    </>
  );
}
