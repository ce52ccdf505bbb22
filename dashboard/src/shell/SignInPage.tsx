import { Notice } from '../design/basics';
import { useWords } from '../i18n/useWords';
import { LanguageChoice } from './choices';
import { signInAddress, signOut } from './signing';

/** What is shown to whoever is not signed in, or has no right yet. */
export function SignInPage({ withoutRights }: { withoutRights?: boolean }) {
  const { t } = useWords();
  return (
    <main className="sign-in stack">
      <title>{t('signIn.title')}</title>
      <img src="/favicon.svg" alt="" width="40" height="40" />
      <h1>{t('signIn.title')}</h1>
      {withoutRights ? (
        <>
          <Notice tone="warn" title={t('signIn.noRights')}>
            <p>{t('signIn.noRightsHelp')}</p>
          </Notice>
          <button type="button" className="button" onClick={() => void signOut()}>
            {t('signOut')}
          </button>
        </>
      ) : (
        <>
          <p>{t('signIn.lead')}</p>
          <p>
            <a className="button primary" href={signInAddress()}>
              {t('signIn')}
            </a>
          </p>
        </>
      )}
      <LanguageChoice />
    </main>
  );
}
