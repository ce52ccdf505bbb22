import { Link, Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useAsOf } from '../api/asOf';
import { useConnection } from '../api/connection';
import { Button } from '../design/basics';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { AsOfControl } from './AsOfControl';
import { LanguageChoice, ThemeChoice } from './choices';
import { ErrorBoundary } from './ErrorBoundary';
import { focus } from './focus';
import { keepMoment } from './moment';
import { sectionsFor } from './navigation';
import { Palette } from './Palette';
import { useSession } from './session';
import { signInAddress, signOut } from './signing';

export function Layout() {
  const { t } = useWords();
  const asOf = useAsOf();
  const session = useSession();
  /** Of the page that is shown, not of the one that is on its way. */
  const pathname = useRouterState({ select: (state) => state.resolvedLocation?.pathname });
  const main = useRef<HTMLElement>(null);
  const [palette, setPalette] = useState(false);
  const [menu, setMenu] = useState(false);
  const shownPath = useRef<string | undefined>(undefined);

  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setPalette(true);
      }
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);

  useEffect(() => {
    // A new page is announced by its heading; filters of the same page are not a new page.
    if (shownPath.current === pathname) return;
    const first = shownPath.current === undefined;
    shownPath.current = pathname;
    if (first) return;
    window.scrollTo?.(0, 0);
    const heading = main.current?.querySelector<HTMLElement>('h1[tabindex]');
    if (!heading) focus.await();
    (heading ?? main.current)?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <>
      <a className="skip button primary" href="#content">
        {t('skip')}
      </a>
      <div className={asOf ? 'shell past' : 'shell'}>
        <header className="top">
          <Button className="menu-button" aria-expanded={menu} onPress={() => setMenu(!menu)}>
            {t('menu')}
          </Button>
          <Link to="/" className="brand">
            <img src="/favicon.svg" alt="" />
            trustnet
          </Link>
          <Button className="search" onPress={() => setPalette(true)}>
            <span>{t('search.open')}</span>
            <kbd aria-hidden="true">Ctrl K</kbd>
          </Button>
          <div className="tools">
            <LiveIndicator />
            <AsOfControl />
            <LanguageChoice />
            <span className="small">{session.name}</span>
            <Button compact onPress={() => void signOut()}>
              {t('signOut')}
            </Button>
          </div>
        </header>
        <div className={menu ? 'side open' : 'side'}>
          <Navigation onGo={() => setMenu(false)} />
        </div>
        <main className="content" id="content" ref={main} tabIndex={-1}>
          <SignedOut />
          <PastBanner />
          <ErrorBoundary page={pathname}>
            <Outlet />
          </ErrorBoundary>
        </main>
        <footer className="foot">
          <span>
            {session.operator}
            {session.purpose === 'DEMO' && ` · ${t('demoNetwork')}`}
          </span>
          <Link to="/accessibility">{t('nav.accessibility')}</Link>
          <Link to="/feedback">{t('nav.feedback')}</Link>
          <ThemeChoice />
        </footer>
      </div>
      <Palette isOpen={palette} onOpenChange={setPalette} />
    </>
  );
}

function Navigation({ onGo }: { onGo: () => void }) {
  const { t } = useWords();
  const session = useSession();
  return (
    <nav aria-label={t('nav.label')}>
      {sectionsFor(session).map((section) => (
        <section key={section.word} aria-label={t(section.word)}>
          <h2>{t(section.word)}</h2>
          <ul>
            {section.places.map((place) => (
              <li key={place.to}>
                <Link
                  to={place.to}
                  search={keepMoment as never}
                  activeOptions={{ exact: place.to === '/', includeSearch: false }}
                  activeProps={{ 'aria-current': 'page' }}
                  onClick={onGo}
                >
                  {t(place.word)}
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  );
}

function LiveIndicator() {
  const { t } = useWords();
  const { live } = useConnection();
  const past = useAsOf() !== undefined;
  const state = past ? 'paused' : live;
  const texts = {
    connecting: t('live.connecting'),
    connected: t('live.connected'),
    lost: t('live.lost'),
    paused: t('live.paused'),
  };
  return (
    <span className={`live ${state}`} role="status">
      {texts[state]}
    </span>
  );
}

function PastBanner() {
  const { t } = useWords();
  const { exact, number } = useFormat();
  const asOf = useAsOf();
  const navigate = useNavigate();
  if (!asOf) return null;
  const moment =
    'position' in asOf
      ? t('past.position', { position: number(asOf.position) })
      : exact(asOf.instant);
  return (
    <div className="past-banner" role="status">
      <span>{t('past.banner', { moment })}</span>
      <Button
        compact
        onPress={() =>
          navigate({
            to: '.',
            search: ((old: Record<string, unknown>) => ({ ...old, asOf: undefined })) as never,
          })
        }
      >
        {t('past.return')}
      </Button>
    </div>
  );
}

/** Nothing typed is lost: drafts lie in this browser until they are sent. */
function SignedOut() {
  const { t } = useWords();
  const { signedOut } = useConnection();
  if (!signedOut) return null;
  return (
    <div className="notice warn" role="alert">
      <p>
        <strong>{t('signedOut.title')}</strong> {t('signedOut.help')}
      </p>
      <p>
        <a className="button primary" href={signInAddress()}>
          {t('signIn')}
        </a>
      </p>
    </div>
  );
}
