import { enums } from '../api/generated/enums';
import { graphql } from '../api/graphql';
import { useList } from '../api/list';
import { Card, Empty, Loading, Notice, PageHead } from '../design/basics';
import { Chart } from '../design/Chart';
import { download, toCsv } from '../design/csv';
import { Button } from '../design/basics';
import { Failure } from '../design/Failure';
import { SelectField, TextField } from '../design/fields';
import { useIntegrationNames } from '../integrations/useIntegrationNames';
import { useServiceNames } from '../services/useServiceNames';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { useSession } from '../shell/session';
import { useChangeSearch, useSearchText } from '../shell/searchParams';
import { byDay, daysBetween, flows, totals, type Count } from './counts';

const USAGE = graphql(`
  query Usage(
    $asOf: AsOfInput
    $minPosition: Int
    $after: String
    $first: Int
    $environment: Environment!
    $firstDay: Date!
    $lastDay: Date!
  ) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      usage(
        environment: $environment
        firstDay: $firstDay
        lastDay: $lastDay
        after: $after
        first: $first
      ) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          day
          count
          outcome
          homeIntegration
          service
        }
      }
    }
  }
`);

/** Today in the network's zone, and the day a month before. */
function lastDays(zone: string, days: number): [string, string] {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone });
  const now = new Date();
  return [format.format(new Date(now.getTime() - days * 86_400_000)), format.format(now)];
}

export function UsagePage() {
  const { t, value } = useWords();
  const { date, zone } = useFormat();
  const session = useSession();
  const search = useSearchText();
  const change = useChangeSearch();
  const [monthAgo, today] = lastDays(zone, 30);
  const first = search.first || monthAgo;
  const last = search.last || today;
  const environment =
    enums.Environment.find((each) => each === search.environment) ??
    (session.purpose === 'DEMO' ? 'TEST' : 'PRODUCTION');
  const list = useList(
    USAGE,
    { environment, firstDay: first, lastDay: last },
    (data) => data.network.usage,
  );
  const counts: readonly Count[] = list.rows;
  const days = daysBetween(first, last);
  const perDay = byDay(counts, days);
  const serviceName = useServiceNames();
  const sourceName = useIntegrationNames(environment);
  const outcomes = enums.LoginOutcome.filter((outcome) =>
    counts.some((count) => count.outcome === outcome),
  );
  const services = totals(counts, (count) => count.service);
  const sources = totals(counts, (count) => count.homeIntegration);
  const writeCsv = () =>
    download(
      'usage.csv',
      toCsv(
        ['day', 'outcome', 'service', 'homeIntegration', 'count'],
        counts.map((count) => [
          count.day,
          count.outcome,
          count.service ?? '',
          count.homeIntegration ?? '',
          String(count.count),
        ]),
      ),
      'text/csv;charset=utf-8',
    );
  return (
    <>
      <PageHead
        title={t('nav.usage')}
        lead={t('usage.lead')}
        actions={<Button onPress={writeCsv}>{t('table.csv')}</Button>}
      />
      <div className="filters" role="search">
        <SelectField
          label={t('column.environment')}
          value={environment}
          onChange={(next) => change({ environment: next })}
          options={enums.Environment.map((each) => ({ value: each, label: value(each) }))}
        />
        <TextField
          type="date"
          label={t('field.firstDay')}
          value={first}
          onChange={(next) => change({ first: next })}
        />
        <TextField
          type="date"
          label={t('field.lastDay')}
          value={last}
          onChange={(next) => change({ last: next })}
        />
      </div>
      {list.error && <Failure error={list.error} again={list.again} />}
      {list.loading && counts.length === 0 && <Loading />}
      {!list.loading && !list.error && counts.length === 0 && (
        <Card>
          <Empty>{t('usage.none')}</Empty>
        </Card>
      )}
      {counts.length > 0 && (
        <div className="stack">
          <Card title={t('usage.overTime')}>
            <Chart
              title={t('usage.overTime')}
              head={[t('field.day'), ...outcomes.map(value)]}
              rows={days.map((day) => [
                date(day),
                ...outcomes.map((outcome) => perDay.get(`${day} ${outcome}`) ?? 0),
              ])}
              option={{
                grid: { left: 8, right: 16, top: 40, bottom: 8, containLabel: true },
                legend: { data: outcomes.map(value) },
                xAxis: { type: 'category', data: days.map((day) => date(day)) },
                yAxis: { type: 'value', minInterval: 1 },
                series: outcomes.map((outcome) => ({
                  name: value(outcome),
                  type: 'bar',
                  stack: 'all',
                  data: days.map((day) => perDay.get(`${day} ${outcome}`) ?? 0),
                })),
              }}
            />
          </Card>
          <Card title={t('usage.flows')}>
            <Flows of={flows(counts)} source={sourceName} service={serviceName} />
          </Card>
          <div className="grid">
            <Card title={t('usage.byService')}>
              <Bars
                title={t('usage.byService')}
                of={services.map(([id, n]) => [serviceName(id), n])}
              />
            </Card>
            <Card title={t('usage.bySource')}>
              <Bars
                title={t('usage.bySource')}
                of={sources.map(([id, n]) => [sourceName(id), n])}
              />
            </Card>
          </div>
        </div>
      )}
      <Notice>
        <p>{t('usage.help')}</p>
      </Notice>
    </>
  );
}

function Bars({ title, of }: { title: string; of: readonly (readonly [string, number])[] }) {
  const { t } = useWords();
  const top = of.slice(0, 15);
  return (
    <Chart
      title={title}
      head={[t('column.name'), t('usage.logins')]}
      rows={of}
      option={{
        grid: { left: 8, right: 40, top: 8, bottom: 8, containLabel: true },
        xAxis: { type: 'value', minInterval: 1 },
        yAxis: { type: 'category', data: top.map(([name]) => name).reverse() },
        series: [
          {
            type: 'bar',
            data: top.map(([, count]) => count).reverse(),
            label: { show: true, position: 'right' },
          },
        ],
      }}
    />
  );
}

/** The network as it was used: sources on the left, services on the right, a line for each pair. */
function Flows({
  of,
  source,
  service,
}: {
  of: ReturnType<typeof flows>;
  source: (id: string) => string;
  service: (id: string) => string;
}) {
  const { t } = useWords();
  const top = of.slice(0, 40);
  const sources = [...new Set(top.map((each) => each.source))];
  const services = [...new Set(top.map((each) => each.service))];
  const most = Math.max(1, ...top.map((each) => each.count));
  const place = (list: readonly string[], index: number) => ((index + 0.5) / list.length) * 100;
  return (
    <Chart
      title={t('usage.flows')}
      head={[t('usage.flow'), t('usage.logins')]}
      rows={of.map((each) => [`${source(each.source)} → ${service(each.service)}`, each.count])}
      option={{
        series: [
          {
            type: 'graph',
            layout: 'none',
            left: '35%',
            right: '25%',
            symbolSize: 12,
            label: { show: true },
            data: [
              ...sources.map((id, index) => ({
                id,
                name: source(id),
                x: 0,
                y: place(sources, index),
                label: { position: 'left' },
              })),
              ...services.map((id, index) => ({
                id,
                name: service(id),
                x: 100,
                y: place(services, index),
                label: { position: 'right' },
              })),
            ],
            links: top.map((each) => ({
              source: each.source,
              target: each.service,
              lineStyle: { width: 1 + (7 * each.count) / most },
            })),
          },
        ],
      }}
    />
  );
}
