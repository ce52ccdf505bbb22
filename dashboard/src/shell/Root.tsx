import { Provider } from 'urql';
import { useMemo, useState } from 'react';
import { useQuery } from 'urql';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { RouterProvider } from '@tanstack/react-router';
import { makeClient } from '../api/client';
import { graphql } from '../api/graphql';
import { LiveUpdates } from '../api/live';
import { Loading, Notice, Button } from '../design/basics';
import { useWords } from '../i18n/useWords';
import { ErrorBoundary } from './ErrorBoundary';
import { SessionProvider, type Session } from './session';
import { SignInPage } from './SignInPage';
import { router } from './router';

const ME = graphql(`
  query Me {
    me {
      id
      name
      rights {
        right
        organisation
      }
    }
  }
`);

const FOUNDING = graphql(`
  query Founding {
    network {
      id
      position
      founding {
        zone
        purpose
        operator {
          name {
            fi
            sv
            en
          }
        }
      }
    }
  }
`);

const LOCALES: Record<string, string> = { fi: 'fi-FI', sv: 'sv-FI', en: 'en-GB' };

export function Root() {
  const [client] = useState(makeClient);
  const { language } = useWords();
  return (
    <ErrorBoundary>
      <Provider value={client}>
        <I18nProvider locale={LOCALES[language]}>
          <Entrance />
        </I18nProvider>
      </Provider>
    </ErrorBoundary>
  );
}

/** Finds out who is here before any page is shown. */
function Entrance() {
  const { t, name } = useWords();
  const [me, askAgain] = useQuery({ query: ME });
  const person = me.data?.me;
  const takesPart = (person?.rights.length ?? 0) > 0;
  const [founding] = useQuery({ query: FOUNDING, pause: !takesPart });
  const network = founding.data?.network;
  const [operator] = [name(network?.founding?.operator.name)];
  const [start] = useMemo(() => [network?.position], [network?.position]);
  const session: Session | null = useMemo(
    () =>
      person && network
        ? {
            person: person.id,
            name: person.name,
            rights: person.rights,
            zone: network.founding?.zone ?? 'Europe/Helsinki',
            position: start ?? 0,
            purpose: network.founding?.purpose ?? null,
            operator,
          }
        : null,
    [person, network, start, operator],
  );
  if (me.error || founding.error) {
    return (
      <main className="sign-in">
        <Notice tone="bad" role="alert" title={t('failure.title')}>
          <p>{t('failure.network')}</p>
          <Button onPress={() => askAgain({ requestPolicy: 'network-only' })}>
            {t('failure.again')}
          </Button>
        </Notice>
      </main>
    );
  }
  if (!person) return <Loading />;
  if (!person.id) return <SignInPage />;
  if (!takesPart) return <SignInPage withoutRights />;
  if (!session) return <Loading />;
  return (
    <SessionProvider session={session}>
      <LiveUpdates from={session.position} />
      <RouterProvider router={router} />
    </SessionProvider>
  );
}
