import { useQuery } from 'urql';
import { useEffect, useState } from 'react';
import { useConnection } from '../api/connection';
import { graphql } from '../api/graphql';
import { useHeardEvents } from '../api/live';
import { useNetwork } from '../api/query';
import { Badge, Card, Empty, Facts, Loading, Notice, PageHead } from '../design/basics';
import { Failure } from '../design/Failure';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { streamAddress } from './Events';

const LEDGER = graphql(`
  query Ledger($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      position
      at
      day
      founding {
        foundedAt
        purpose
        zone
        signInIssuer
        operator {
          organisation
          name {
            fi
            sv
            en
          }
        }
        owner {
          organisation
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

const NEWEST = graphql(`
  query Newest {
    network {
      id
      position
      timeline(first: 1) {
        nodes {
          position
          recordedAt
        }
      }
    }
  }
`);

interface Ready {
  ledger?: string;
  projections?: string;
  [key: string]: unknown;
}

/** Where the log stands, and whether it takes commands and is followed. */
export function LedgerPage() {
  const { t, name, value } = useWords();
  const { exact, number } = useFormat();
  const { position } = useConnection();
  const heard = useHeardEvents();
  const { data, error, again } = useNetwork(LEDGER, {});
  const [newest] = useQuery({ query: NEWEST });
  const [ready, setReady] = useState<{ ok: boolean; body: Ready } | null>(null);
  useEffect(() => {
    const controller = new AbortController();
    const ask = async () => {
      try {
        const answer = await fetch('/health/ready', { signal: controller.signal });
        const body: unknown = await answer.json().catch(() => ({}));
        setReady({ ok: answer.ok, body: (body ?? {}) as Ready });
      } catch {
        if (!controller.signal.aborted) setReady({ ok: false, body: {} });
      }
    };
    void ask();
    const timer = setInterval(() => void ask(), 15_000);
    return () => {
      clearInterval(timer);
      controller.abort();
    };
  }, []);
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const { founding } = data.network;
  return (
    <>
      <PageHead title={t('nav.ledger')} lead={t('ledger.lead')} />
      <div className="grid">
        <Card title={t('ledger.state')}>
          <Facts
            of={[
              [t('ledger.position'), number(data.network.position)],
              [t('ledger.heard'), position === null ? t('none') : number(position)],
              [t('ledger.at'), exact(data.network.at)],
              [
                t('ledger.newest'),
                newest.data?.network.timeline.nodes[0] &&
                  exact(newest.data.network.timeline.nodes[0].recordedAt),
              ],
              [
                t('ledger.ready'),
                ready && (
                  <Badge tone={ready.ok ? 'good' : 'bad'}>
                    {ready.ok ? t('ledger.isReady') : t('ledger.notReady')}
                  </Badge>
                ),
              ],
              ...Object.entries(ready?.body ?? {}).map(
                ([key, item]) =>
                  [
                    key,
                    <code key={key}>{typeof item === 'string' ? item : JSON.stringify(item)}</code>,
                  ] as const,
              ),
            ]}
          />
        </Card>
        <Card title={t('ledger.founding')}>
          {founding ? (
            <Facts
              of={[
                [t('ledger.founded'), exact(founding.foundedAt)],
                [t('field.purpose'), value(founding.purpose)],
                [t('value.OPERATOR'), name(founding.operator.name)],
                [t('value.OWNER'), name(founding.owner.name)],
                [t('ledger.zone'), founding.zone],
                [t('ledger.issuer'), <code key="i">{founding.signInIssuer}</code>],
              ]}
            />
          ) : (
            <Empty>{t('none')}</Empty>
          )}
        </Card>
        <Card title={t('ledger.tail')}>
          {heard.length === 0 ? (
            <Empty>{t('ledger.tailEmpty')}</Empty>
          ) : (
            <ul>
              {heard.map((event) => {
                const address = streamAddress(event.stream);
                return (
                  <li key={event.position}>
                    {number(event.position)} <code lang="en">{event.name}</code>{' '}
                    {address && <GoTo to={address}>{event.stream}</GoTo>}
                  </li>
                );
              })}
            </ul>
          )}
        </Card>
        <Notice title={t('ledger.missing')}>
          <p>{t('ledger.missingHelp')}</p>
        </Notice>
      </div>
    </>
  );
}
