import { enums } from '../api/generated/enums';
import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { Card, Loading, PageHead } from '../design/basics';
import { Chart } from '../design/Chart';
import { Failure } from '../design/Failure';
import { ChoiceFilter, SearchFilter } from '../design/Filters';
import { SelectField } from '../design/fields';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { useChangeSearch, useSearchText } from '../shell/searchParams';
import { Findings } from './Findings';

const OBLIGATIONS = graphql(`
  query Obligations($asOf: AsOfInput, $minPosition: Int) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      day
      compliance {
        code
        severity
        owedBy
        source
        dueOn
        subject
        detail
        organisation {
          oid
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

/** What is wrong, what is due, and what is worth a look. */
export function ObligationsPage() {
  const { t, finding, name } = useWords();
  const { locale } = useFormat();
  const search = useSearchText();
  const change = useChangeSearch();
  const { data, error, again } = useNetwork(OBLIGATIONS, {});
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const all = data.network.compliance;
  const wanted = (search.q ?? '').toLocaleLowerCase(locale);
  const rows = all.filter(
    (row) =>
      (!search.severity || row.severity === search.severity) &&
      (!search.code || row.code === search.code) &&
      (!wanted ||
        `${finding(row.code)} ${name(row.organisation?.name)} ${row.organisation?.oid}`
          .toLocaleLowerCase(locale)
          .includes(wanted)),
  );
  const months = new Map<string, number>();
  for (const row of rows) {
    if (row.dueOn) months.set(row.dueOn.slice(0, 7), (months.get(row.dueOn.slice(0, 7)) ?? 0) + 1);
  }
  const due = [...months].sort(([a], [b]) => a.localeCompare(b));
  const monthName = new Intl.DateTimeFormat(locale, {
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  });
  const label = (month: string) => monthName.format(new Date(`${month}-01T00:00:00Z`));
  const codes = [...new Set(all.map((row) => row.code))];
  return (
    <>
      <PageHead title={t('nav.obligations')} lead={t('obligations.lead')} />
      <div className="stack">
        <div className="filters" role="search">
          <SearchFilter label={t('search.obligation')} />
          <ChoiceFilter label={t('column.severity')} name="severity" values={enums.Severity} />
          <SelectField
            label={t('column.what')}
            value={search.code ?? ''}
            onChange={(code) => change({ code })}
            empty={t('filter.all')}
            options={codes.map((code) => ({ value: code, label: finding(code) }))}
          />
        </div>
        <Findings of={rows} withOrganisation />
        {due.length > 0 && (
          <Card title={t('obligations.chart')}>
            <Chart
              title={t('obligations.chart')}
              head={[t('field.month'), t('obligations.count')]}
              rows={due.map(([month, count]) => [label(month), count])}
              option={{
                grid: { left: 8, right: 16, top: 16, bottom: 8, containLabel: true },
                xAxis: { type: 'category', data: due.map(([month]) => label(month)) },
                yAxis: { type: 'value', minInterval: 1 },
                series: [{ type: 'bar', data: due.map(([, count]) => count), barMaxWidth: 48 }],
              }}
            />
          </Card>
        )}
      </div>
    </>
  );
}
