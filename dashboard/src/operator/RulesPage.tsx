import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { ActionLink } from '../changing/ActionLink';
import { textOf } from '../changing/text';
import { Badge, Card, Loading, Notice, PageHead } from '../design/basics';
import { SmallTable } from '../design/DataTable';
import { Failure } from '../design/Failure';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { enums } from '../api/generated/enums';

const RULES = graphql(`
  query Rules($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      rules {
        kind
        value
        source
        validFrom
        holds
      }
    }
  }
`);

/** What the agreement leaves open and somebody decided, each with who decided it. */
export function RulesPage() {
  const words = useWords();
  const { t, value } = words;
  const { date } = useFormat();
  const { data, error, again } = useNetwork(RULES, {});
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const rules = data.network.rules;
  const unset = enums.RuleKind.filter((kind) => !rules.some((rule) => rule.kind === kind));
  return (
    <>
      <PageHead
        title={t('nav.rules')}
        lead={t('rules.lead')}
        actions={
          <>
            <ActionLink primary command="setRule" />
            <ActionLink command="setSemesterCalendar" />
          </>
        }
      />
      <div className="stack">
        <Card title={t('rules.set')}>
          <SmallTable
            caption={t('rules.set')}
            rows={rules}
            rowKey={(row) => `${row.kind} ${row.validFrom}`}
            empty={t('none')}
            columns={[
              { key: 'kind', title: t('field.rule'), heads: true, text: (row) => value(row.kind) },
              { key: 'value', title: t('field.value'), text: (row) => textOf(row.value, words) },
              {
                key: 'from',
                title: t('field.validFrom'),
                tight: true,
                text: (row) => date(row.validFrom),
              },
              { key: 'source', title: t('field.source'), text: (row) => row.source },
              {
                key: 'holds',
                title: t('column.state'),
                text: (row) => (row.holds ? t('rules.holds') : t('rules.replaced')),
                cell: (row) => (
                  <Badge tone={row.holds ? 'good' : 'plain'}>
                    {row.holds ? t('rules.holds') : t('rules.replaced')}
                  </Badge>
                ),
              },
            ]}
          />
        </Card>
        {unset.length > 0 && (
          <Notice title={t('rules.unset')}>
            <p>{t('rules.unsetHelp')}</p>
            <ul>
              {unset.map((kind) => (
                <li key={kind}>{value(kind)}</li>
              ))}
            </ul>
          </Notice>
        )}
      </div>
    </>
  );
}
