import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { useWords, type Named } from '../i18n/useWords';

const QUESTIONS = graphql(`
  query Questions($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      agreement {
        annexes {
          number
          editions {
            version
            selects
          }
        }
      }
    }
  }
`);

export interface Question {
  key: string;
  required: boolean;
  text: Named;
}

/** The questions of a version of annex 1. */
export function useQuestions(version: string): { questions: Question[]; sample: boolean } {
  const { data } = useNetwork(QUESTIONS, {});
  const annex = data?.network.agreement.annexes.find((each) => each.number === 'SELF_AUDIT');
  const edition = annex?.editions.find((each) => each.version === version);
  const selects = edition?.selects as
    { questionnaire?: { questions: Question[]; sample: boolean } } | null | undefined;
  return {
    questions: selects?.questionnaire?.questions ?? [],
    sample: selects?.questionnaire?.sample ?? false,
  };
}

export function Answers({
  of,
  questionnaire,
}: {
  of: readonly { question: string; answer: string | null }[];
  questionnaire: string;
}) {
  const { t, name } = useWords();
  const { questions, sample } = useQuestions(questionnaire);
  if (of.length === 0) return null;
  return (
    <details>
      <summary>{t('selfAudit.answers', { count: of.length })}</summary>
      {sample && <p className="help">{t('selfAudit.sample')}</p>}
      <dl>
        {of.map((each) => {
          const question = questions.find((one) => one.key === each.question);
          return (
            <div key={each.question}>
              <dt>
                <strong>{name(question?.text, each.question)}</strong>
              </dt>
              <dd>{each.answer ?? t('erased')}</dd>
            </div>
          );
        })}
      </dl>
    </details>
  );
}
