import type { Json } from '../api/graphql';
import { bare, integrationName, typeName } from '../api/names';
import { Badge, State } from '../design/basics';
import { DataTable, type Column } from '../design/DataTable';
import { GoTo, OrganisationLink } from '../design/Links';
import { useWords, type Named } from '../i18n/useWords';
import { useWarning } from './warnings';

export interface IntegrationRow {
  id: string;
  type: string;
  role: string;
  state: string;
  environment: string;
  flowName: string | null;
  peerName: string | null;
  isRoutable: boolean;
  hasProposal: boolean;
  warnings: readonly Json[];
  organisation: { oid: string; name: Named | null };
  service: { id: string; name: Named } | null;
}

/** Integrations with what is worth knowing at a glance. */
export function IntegrationTable({
  rows,
  csvName,
  loading,
}: {
  rows: readonly IntegrationRow[];
  csvName: string;
  loading?: boolean;
}) {
  const { t, name, value } = useWords();
  const warning = useWarning();
  const columns: Column<IntegrationRow>[] = [
    {
      key: 'name',
      title: t('column.name'),
      heads: true,
      text: integrationName,
      cell: (row) => <GoTo to={`/integrations/${bare(row.id)}`}>{integrationName(row)}</GoTo>,
    },
    {
      key: 'state',
      title: t('column.state'),
      text: (row) => value(row.state),
      cell: (row) => (
        <>
          <State of={row.state} />{' '}
          {row.hasProposal && <Badge tone="accent">{t('integration.proposal')}</Badge>}
        </>
      ),
    },
    { key: 'type', title: t('column.type'), text: (row) => typeName(row.type) },
    { key: 'role', title: t('column.role'), text: (row) => value(row.role) },
    {
      key: 'service',
      title: t('column.service'),
      text: (row) => name(row.service?.name, '–'),
    },
    {
      key: 'organisation',
      title: t('column.organisation'),
      text: (row) => name(row.organisation.name, row.organisation.oid),
      cell: (row) => <OrganisationLink of={row.organisation} />,
    },
    { key: 'environment', title: t('column.environment'), text: (row) => value(row.environment) },
    {
      key: 'warnings',
      title: t('column.warnings'),
      text: (row) => row.warnings.map(warning).join('; '),
      cell: (row) =>
        row.warnings.length === 0
          ? '–'
          : row.warnings.map((each) => (
              <Badge key={JSON.stringify(each)} tone="warn">
                {warning(each)}
              </Badge>
            )),
    },
  ];
  return (
    <DataTable
      rows={rows}
      columns={columns}
      caption={t('nav.integrations')}
      rowKey={(row) => row.id}
      csvName={csvName}
      empty={t('integrations.none')}
      loading={loading}
    />
  );
}
