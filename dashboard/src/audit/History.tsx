import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { Card, Empty, Loading } from '../design/basics';
import { Failure } from '../design/Failure';
import { GoTo } from '../design/Links';
import { useWords } from '../i18n/useWords';
import { Events } from './Events';

const HISTORY = graphql(`
  query History($asOf: AsOfInput, $minPosition: Int, $stream: String!) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      timeline(stream: $stream, first: 100) {
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

/** The last hundred events of one thing. */
export function History({ stream }: { stream: string }) {
  const { t } = useWords();
  const { data, error, again } = useNetwork(HISTORY, { stream });
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const events = data.network.timeline.nodes;
  return (
    <Card title={t('history.title')}>
      {events.length === 0 ? <Empty>{t('history.none')}</Empty> : <Events of={events} />}
      {events.length === 100 && <GoTo to="/timeline">{t('nav.timeline')}</GoTo>}
    </Card>
  );
}
