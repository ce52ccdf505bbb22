import type { Json } from '../api/graphql';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';

export interface TimelineEvent {
  position: number;
  recordedAt: string;
  name: string;
  stream: string;
  streamVersion: number;
  actor: string;
  actorName: string | null;
  means: string;
  reason: string | null;
  payload: Json;
}

/** Where the thing of a stream is shown; none where it has no page. */
export function streamAddress(stream: string): string | null {
  const [kind, key] = stream.split('/', 2);
  if (!key) return null;
  switch (kind) {
    case 'member':
      return `/members/${key}`;
    case 'integration':
      return `/integrations/${key}`;
    case 'service':
      return `/services/${key}`;
    case 'amendment':
      return `/amendments/${key}`;
    case 'organisation':
      return `/organisations/${key}`;
    default:
      return null;
  }
}

/** What was recorded: when, what, by whom, why, and the whole of it on demand. */
export function Events({ of, withStream }: { of: readonly TimelineEvent[]; withStream?: boolean }) {
  const { t, value } = useWords();
  const { exact, number } = useFormat();
  return (
    <ol className="events">
      {of.map((event) => {
        const address = streamAddress(event.stream);
        const means = event.means.replaceAll(/([A-Z])/g, '_$1').toUpperCase();
        return (
          <li key={event.position}>
            <div className="small quiet">
              <div>{exact(event.recordedAt)}</div>
              <div>
                {t('event.position')} {number(event.position)}
              </div>
            </div>
            <div className="stack-small">
              <div className="row">
                <strong className="code" lang="en">
                  {event.name}
                </strong>
                {withStream &&
                  (address ? (
                    <GoTo to={address}>
                      <span className="code">{event.stream}</span>
                    </GoTo>
                  ) : (
                    <span className="code quiet">{event.stream}</span>
                  ))}
              </div>
              <div className="small">
                {t('event.by')} {event.actorName ?? event.actor} ({value(means)})
              </div>
              {event.reason && (
                <div>
                  {t('event.reason')}: <q>{event.reason}</q>
                </div>
              )}
              <details className="small">
                <summary>{t('event.content', { name: event.name })}</summary>
                <pre tabIndex={0}>{JSON.stringify(event.payload, null, 2)}</pre>
              </details>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
