import { enums } from '../api/generated/enums';
import { graphql } from '../api/graphql';
import { useList } from '../api/list';
import { typeName } from '../api/names';
import { ActionLink } from '../changing/ActionLink';
import { PageHead } from '../design/basics';
import { Failure } from '../design/Failure';
import { ChoiceFilter, SearchFilter, oneOf } from '../design/Filters';
import { SelectField } from '../design/fields';
import { useWords } from '../i18n/useWords';
import { useChangeSearch, useSearchText } from '../shell/searchParams';
import { IntegrationTable } from './IntegrationTable';

const INTEGRATIONS = graphql(`
  query Integrations(
    $asOf: AsOfInput
    $minPosition: Int
    $after: String
    $first: Int
    $search: String
    $state: IntegrationState
    $role: IntegrationRole
    $environment: Environment
    $type: IntegrationType
  ) {
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      integrations(
        after: $after
        first: $first
        search: $search
        state: $state
        role: $role
        environment: $environment
        type: $type
      ) {
        totalCount
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          id
          type
          role
          state
          environment
          flowName
          peerName
          isRoutable
          hasProposal
          warnings
          organisation {
            oid
            name {
              fi
              sv
              en
            }
          }
          service {
            id
            name {
              fi
              sv
              en
            }
          }
        }
      }
    }
  }
`);

export function IntegrationsPage() {
  const { t } = useWords();
  const search = useSearchText();
  const change = useChangeSearch();
  const list = useList(
    INTEGRATIONS,
    {
      search: search.q,
      state: oneOf(enums.IntegrationState, search.state),
      role: oneOf(enums.IntegrationRole, search.role),
      environment: oneOf(enums.Environment, search.environment),
      type: oneOf(enums.IntegrationType, search.type),
    },
    (data) => data.network.integrations,
  );
  return (
    <>
      <PageHead
        title={t('nav.integrations')}
        lead={t('integrations.lead')}
        actions={
          <>
            <ActionLink primary command="registerHomeIntegration" />
            <ActionLink command="registerServiceIntegration" />
          </>
        }
      />
      <div className="filters" role="search">
        <SearchFilter label={t('search.integration')} />
        <ChoiceFilter label={t('column.state')} name="state" values={enums.IntegrationState} />
        <ChoiceFilter label={t('column.role')} name="role" values={enums.IntegrationRole} />
        <ChoiceFilter
          label={t('column.environment')}
          name="environment"
          values={enums.Environment}
        />
        <SelectField
          label={t('column.type')}
          value={search.type ?? ''}
          onChange={(type) => change({ type })}
          empty={t('filter.all')}
          options={enums.IntegrationType.map((type) => ({ value: type, label: typeName(type) }))}
        />
      </div>
      {list.error && <Failure error={list.error} again={list.again} />}
      <IntegrationTable rows={list.rows} csvName="integrations" loading={list.loading} />
    </>
  );
}
