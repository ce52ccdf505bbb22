import { graphql } from '../api/graphql';
import { useList } from '../api/list';
import { Card, Empty, Facts, Loading, PageHead } from '../design/basics';
import { Failure } from '../design/Failure';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { Answers } from './Answers';

const PUBLISHED = graphql(`
  query Published($asOf: AsOfInput, $minPosition: Int, $after: String, $first: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      publishedSelfAudits(after: $after, first: $first) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          organisation
          questionnaire
          submittedOn
          publishedOn
          answers
        }
      }
    }
  }
`);

/** What the home organisations tell each other of how they identify their people. */
export function PublishedAuditsPage() {
  const { t } = useWords();
  const { date } = useFormat();
  const list = useList(PUBLISHED, {}, (data) => data.network.publishedSelfAudits);
  if (list.error) return <Failure error={list.error} again={list.again} />;
  if (list.loading && list.rows.length === 0) return <Loading />;
  const audits = list.rows;
  return (
    <>
      <PageHead title={t('nav.selfAudits')} lead={t('selfAudits.lead')} />
      <div className="stack">
        {audits.length === 0 && (
          <Card>
            <Empty>{t('selfAudits.none')}</Empty>
          </Card>
        )}
        {audits.map((audit) => (
          <Card key={audit.id} title={t('selfAudit.of', { version: audit.questionnaire })}>
            <Facts
              of={[
                [
                  t('column.organisation'),
                  <GoTo key="o" to={`/organisations/${audit.organisation}`}>
                    {audit.organisation}
                  </GoTo>,
                ],
                [t('selfAudit.submitted'), date(audit.submittedOn)],
                [t('value.PUBLISHED'), date(audit.publishedOn)],
              ]}
            />
            <Answers
              of={audit.answers as unknown as { question: string; answer: string | null }[]}
              questionnaire={audit.questionnaire}
            />
          </Card>
        ))}
      </div>
    </>
  );
}
