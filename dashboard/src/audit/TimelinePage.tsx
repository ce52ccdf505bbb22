import { useEffect, useMemo, useState } from 'react';
import { useClient } from 'urql';
import { useAsOf } from '../api/asOf';
import { graphql, type ResultOf } from '../api/graphql';
import { useLogGrowth } from '../api/live';
import { Button, Card, Empty, Loading, PageHead } from '../design/basics';
import { download, toCsv } from '../design/csv';
import { TextField } from '../design/fields';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { useChangeSearch, useSearchText } from '../shell/searchParams';
import { Events } from './Events';

const TIMELINE = graphql(`
  query Timeline($asOf: AsOfInput, $after: String, $first: Int!, $stream: String) {
    network(asOf: $asOf) {
      id
      position
      timeline(after: $after, first: $first, stream: $stream) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          position
          recordedAt
          name
          stream
          streamVersion
          actor
          actorName
          means
          reason
          payload
        }
      }
    }
  }
`);

type Event = ResultOf<typeof TIMELINE>['network']['timeline']['nodes'][number];
const PAGE = 100;

/** Everything that was recorded and may be seen, newest first; it grows while it is looked at. */
export function TimelinePage() {
  const { t } = useWords();
  const { number, exact } = useFormat();
  const client = useClient();
  const asOf = useAsOf();
  const search = useSearchText();
  const change = useChangeSearch();
  const [events, setEvents] = useState<readonly Event[] | null>(null);
  const [more, setMore] = useState<string | null>(null);
  const [paused, setPaused] = useState(false);
  const [waiting, setWaiting] = useState(0);
  const [round, setRound] = useState(0);
  const moment = JSON.stringify(asOf ?? null);
  const stream = search.stream;

  useEffect(() => {
    let stale = false;
    const load = async () => {
      const result = await client
        .query(
          TIMELINE,
          { asOf: JSON.parse(moment), first: PAGE, stream: stream || undefined },
          { requestPolicy: 'network-only' },
        )
        .toPromise();
      if (stale || !result.data) return;
      const { nodes: page, pageInfo } = result.data.network.timeline;
      // Below what was loaded by hand the way on is known already.
      if (round === 0) setMore(pageInfo.hasNextPage ? pageInfo.endCursor : null);
      setWaiting(0);
      // What was already there below stays: the newest come on top.
      setEvents((old) => {
        const last = page.at(-1)?.position ?? 0;
        const kept = round > 0 && old ? old.filter((event) => event.position < last) : [];
        return [...page, ...kept];
      });
    };
    void load();
    return () => {
      stale = true;
    };
  }, [client, moment, stream, round]);

  useLogGrowth(() => {
    if (paused) setWaiting((old) => old + 1);
    else setRound((old) => old + 1);
  }, !asOf);

  const earlier = async () => {
    const result = await client
      .query(
        TIMELINE,
        { asOf, after: more, first: PAGE, stream: stream || undefined },
        { requestPolicy: 'network-only' },
      )
      .toPromise();
    if (!result.data) return;
    const { nodes, pageInfo } = result.data.network.timeline;
    setMore(pageInfo.hasNextPage ? pageInfo.endCursor : null);
    setEvents((old) => [...(old ?? []), ...nodes]);
  };

  const wanted = (search.q ?? '').toLowerCase();
  const shown = useMemo(
    () =>
      (events ?? []).filter(
        (event) =>
          !wanted ||
          `${event.name} ${event.stream} ${event.actorName ?? ''} ${event.reason ?? ''}`
            .toLowerCase()
            .includes(wanted),
      ),
    [events, wanted],
  );
  const writeCsv = () => {
    const head = [
      'position',
      'recordedAt',
      'name',
      'stream',
      'actor',
      'means',
      'reason',
      'payload',
    ];
    const rows = shown.map((event) => [
      String(event.position),
      event.recordedAt,
      event.name,
      event.stream,
      event.actorName ?? event.actor,
      event.means,
      event.reason ?? '',
      JSON.stringify(event.payload),
    ]);
    download('timeline.csv', toCsv(head, rows), 'text/csv;charset=utf-8');
  };
  return (
    <>
      <PageHead
        title={t('nav.timeline')}
        lead={t('timeline.lead')}
        actions={
          <>
            {!asOf && (
              <Button
                aria-pressed={paused}
                onPress={() => {
                  if (paused) setRound((old) => old + 1);
                  setPaused(!paused);
                }}
              >
                {paused ? t('timeline.resume') : t('timeline.pause')}
              </Button>
            )}
            <Button onPress={writeCsv}>{t('table.csv')}</Button>
          </>
        }
      />
      <div className="filters" role="search">
        <TextField
          wide
          type="search"
          label={t('timeline.filter')}
          value={search.q ?? ''}
          onChange={(q) => change({ q })}
        />
        <TextField
          wide
          label={t('timeline.stream')}
          placeholder="member/1.2.246.562…"
          value={search.stream ?? ''}
          onChange={(next) => change({ stream: next })}
        />
      </div>
      <p role="status" className="quiet">
        {paused && waiting > 0 ? t('timeline.waiting', { count: waiting }) : ''}
      </p>
      <Card>
        {!events && <Loading />}
        {events && shown.length === 0 && <Empty>{t('history.none')}</Empty>}
        <Events of={shown} withStream />
        {more !== null && (
          <p>
            <Button onPress={() => void earlier()}>{t('timeline.earlier')}</Button>
          </p>
        )}
      </Card>
      {shown[0] && (
        <p className="quiet small">
          {t('timeline.until', {
            position: number(shown[0].position),
            at: exact(shown[0].recordedAt),
          })}
        </p>
      )}
    </>
  );
}
