import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { Card, Empty, Facts, Loading, PageHead } from '../design/basics';
import { Failure } from '../design/Failure';
import { GoTo } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { Answers } from './Answers';

const PUBLISHED = graphql(`
  query Published($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      publishedSelfAudits {
        id
        organisation
        questionnaire
        submittedOn
        publishedOn
        answers
      }
    }
  }
`);

/** What the home organisations tell each other of how they identify their people. */
export function PublishedAuditsPage() {
  const { t } = useWords();
  const { date } = useFormat();
  const { data, error, again } = useNetwork(PUBLISHED, {});
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const audits = data.network.publishedSelfAudits;
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
