import { useQuery } from 'urql';
import { useEffect, useRef } from 'react';
import type { CommandName, Recorded } from '../api/commands';
import { graphql } from '../api/graphql';
import { Events, streamAddress } from '../audit/Events';
import { Card, Notice, PageHead } from '../design/basics';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { DueDate } from '../members/DueDate';
import type { Due } from '../members/record';
import { BackLink } from './BackLink';

const WRITTEN = graphql(`
  query Written($before: Int!, $first: Int!, $minPosition: Int) {
    network(minPosition: $minPosition) {
      id
      timeline(before: $before, first: $first) {
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

/** What was recorded, with what was computed from it, and the way on. */
export function RecordedPage({
  command,
  recorded,
  back,
}: {
  command: CommandName;
  recorded: Recorded;
  back: string;
}) {
  const { t, command: commandWords } = useWords();
  const { exact } = useFormat();
  const place = useRef<HTMLDivElement>(null);
  const last = Math.max(0, ...recorded.positions) + 1;
  const [result] = useQuery({
    query: WRITTEN,
    variables: { before: last, first: Math.max(1, recorded.positions.length), minPosition: last },
    requestPolicy: 'network-only',
  });
  const events = (result.data?.network.timeline.nodes ?? []).filter((each) =>
    recorded.positions.includes(each.position),
  );
  useEffect(() => {
    place.current?.querySelector<HTMLElement>('h1')?.focus();
    window.scrollTo?.(0, 0);
  }, []);
  const ends = events.flatMap((event) => {
    const payload = event.payload as { end?: Due } | null;
    return event.name === 'NoticeGiven' && payload?.end ? [payload.end] : [];
  });
  const things = recorded.streams.flatMap((stream) => {
    const address = streamAddress(stream.name);
    return address ? [{ address, name: stream.name }] : [];
  });
  return (
    <div ref={place}>
      <PageHead title={t('recorded.title', { command: commandWords(command) })} />
      <div className="stack">
        <Notice tone="good" role="status" title={t('recorded.done')}>
          <p>
            {exact(recorded.recordedAt)}
            {recorded.repeated && ` · ${t('recorded.repeated')}`}
          </p>
          {ends.map((end) => (
            <p key={end.at}>
              {t('notice.ends')}: <DueDate of={end} />
            </p>
          ))}
        </Notice>
        <div className="row">
          <BackLink to={back} />
          {things.map((thing) => (
            <GoTo key={thing.address} to={thing.address}>
              {t('recorded.open')} <span className="code">{thing.name}</span>
            </GoTo>
          ))}
        </div>
        {events.length > 0 && (
          <Card title={t('recorded.events')}>
            <Events of={events} withStream />
          </Card>
        )}
        <p className="help">{t('recorded.undo')}</p>
      </div>
    </div>
  );
}
