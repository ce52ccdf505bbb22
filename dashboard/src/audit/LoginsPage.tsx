import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { enums } from '../api/generated/enums';
import { graphql } from '../api/graphql';
import { bare } from '../api/names';
import { useList } from '../api/list';
import { ActionLink } from '../changing/ActionLink';
import { Card, Facts, Notice, PageHead, State } from '../design/basics';
import { DataTable } from '../design/DataTable';
import { Failure } from '../design/Failure';
import { SelectField, TextField } from '../design/fields';
import { GoTo } from '../design/Links';
import { useIntegrationNames } from '../integrations/useIntegrationNames';
import { useServiceNames } from '../services/useServiceNames';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { attributeName } from '../services/attributes';
import { ownOrganisations, useSession } from '../shell/session';
import { useChangeSearch, useSearchText } from '../shell/searchParams';

const LOGINS = graphql(`
  query Logins(
    $asOf: AsOfInput
    $minPosition: Int
    $after: String
    $first: Int
    $environment: Environment!
    $month: String
  ) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      authentications(environment: $environment, month: $month, after: $after, first: $first) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          position
          recordedAt
          occurredAt
          outcome
          reason
          protocol
          requestId
          released
          dataModelVersion
          governancePosition
          homeIntegration
          service
          serviceIntegration
        }
      }
    }
  }
`);

/** The logins as they were recorded: never who, but by what means, where to, and with what. */
export function LoginsPage() {
  const { t, value } = useWords();
  const { exact, number, zone } = useFormat();
  const session = useSession();
  const search = useSearchText();
  const change = useChangeSearch();
  const environment =
    enums.Environment.find((each) => each === search.environment) ??
    (session.purpose === 'DEMO' ? 'TEST' : 'PRODUCTION');
  const month =
    search.month ||
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(new Date()).slice(0, 7);
  const list = useList(LOGINS, { environment, month }, (data) => data.network.authentications, {
    limit: 2000,
  });
  const rows = list.rows;
  const own = ownOrganisations(session)[0];
  const serviceName = useServiceNames();
  const sourceName = useIntegrationNames(environment);
  const chosen = rows.find((row) => row.requestId === search.login);
  return (
    <>
      <PageHead
        title={t('nav.logins')}
        lead={t('logins.lead')}
        actions={
          <ActionLink
            command="requestLogDisclosure"
            given={own ? { member: own } : {}}
            organisation={own}
          />
        }
      />
      <div className="filters" role="search">
        <SelectField
          label={t('column.environment')}
          value={environment}
          onChange={(next) => change({ environment: next })}
          options={enums.Environment.map((each) => ({ value: each, label: value(each) }))}
        />
        <TextField
          type="month"
          label={t('field.month')}
          value={month}
          onChange={(next) => change({ month: next })}
        />
      </div>
      {list.error && <Failure error={list.error} again={list.again} />}
      {list.cut && (
        <Notice>
          <p>{t('logins.cut', { count: rows.length })}</p>
        </Notice>
      )}
      <div className="stack">
        {chosen && (
          <Card title={t('logins.one')} id="login">
            <Facts
              of={[
                [t('field.outcome'), <State key="o" of={chosen.outcome} />],
                [t('logins.occurred'), exact(chosen.occurredAt)],
                [
                  t('column.service'),
                  chosen.service ? (
                    <GoTo to={`/services/${bare(chosen.service)}`}>
                      {serviceName(chosen.service)}
                    </GoTo>
                  ) : null,
                ],
                [
                  t('logins.source'),
                  chosen.homeIntegration ? (
                    <GoTo to={`/integrations/${bare(chosen.homeIntegration)}`}>
                      {sourceName(chosen.homeIntegration)}
                    </GoTo>
                  ) : null,
                ],
                [t('field.protocol'), chosen.protocol],
                [t('logins.reason'), chosen.reason && <code>{chosen.reason}</code>],
                [t('logins.released'), chosen.released.map(attributeName).join(', ') || t('none')],
                [t('field.dataModel'), chosen.dataModelVersion],
                [
                  t('logins.decidedBy'),
                  <GoToMoment key="m" position={chosen.governancePosition}>
                    {t('past.position', { position: number(chosen.governancePosition) })}
                  </GoToMoment>,
                ],
                [t('logins.request'), <code key="r">{chosen.requestId}</code>],
              ]}
            />
          </Card>
        )}
        {!list.error && (
          <DataTable
            loading={list.loading}
            rows={rows}
            caption={t('nav.logins')}
            rowKey={(row) => String(row.position)}
            csvName={`logins-${environment.toLowerCase()}-${month}`}
            empty={t('logins.none')}
            columns={[
              {
                key: 'at',
                title: t('column.at'),
                tight: true,
                heads: true,
                text: (row) => exact(row.recordedAt),
                order: (row) => row.position,
                cell: (row) => (
                  <button
                    type="button"
                    className="button plain compact"
                    onClick={() => change({ login: row.requestId })}
                  >
                    {exact(row.recordedAt)}
                  </button>
                ),
              },
              {
                key: 'outcome',
                title: t('field.outcome'),
                text: (row) => value(row.outcome),
                cell: (row) => <State of={row.outcome} />,
              },
              { key: 'reason', title: t('logins.reason'), text: (row) => row.reason ?? '–' },
              {
                key: 'service',
                title: t('column.service'),
                text: (row) => serviceName(row.service),
              },
              {
                key: 'source',
                title: t('logins.source'),
                text: (row) => sourceName(row.homeIntegration),
              },
              {
                key: 'released',
                title: t('logins.released'),
                text: (row) => row.released.map(attributeName).join(', ') || '–',
              },
            ]}
          />
        )}
      </div>
    </>
  );
}

/** The network as it was known when a login was decided. */
function GoToMoment({ position, children }: { position: number; children: ReactNode }) {
  return (
    <Link to="/integrations" search={{ asOf: String(position) } as never}>
      {children}
    </Link>
  );
}
