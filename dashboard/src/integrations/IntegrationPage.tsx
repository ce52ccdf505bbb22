import { useParams } from '@tanstack/react-router';
import { graphql, type ResultOf } from '../api/graphql';
import { integrationName, typeName } from '../api/names';
import { useNetwork } from '../api/query';
import { History } from '../audit/History';
import { ActionLink } from '../changing/ActionLink';
import { Difference } from '../changing/Difference';
import { Badge, Card, Facts, Loading, Notice, PageHead, State } from '../design/basics';
import { Failure } from '../design/Failure';
import { GoTo, OrganisationLink, ServiceLink, TabLinks } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { useSearchText } from '../shell/searchParams';
import { sideOf, type IntegrationRecord } from './configuration';
import { DiscoveryPreview } from './DiscoveryPreview';
import { PermissionsPart } from './PermissionsPart';
import { useWarning } from './warnings';

const INTEGRATION = graphql(`
  query Integration($asOf: AsOfInput, $id: ID!) {
    node(id: $id, asOf: $asOf) {
      id
      ... on Integration {
        type
        role
        state
        environment
        flowName
        idpId
        peerName
        legacyId
        isRoutable
        hasProposal
        hasSecret
        registeredAt
        warnings
        configuration
        routableWindows {
          from
          until
        }
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
        permissions {
          mode
          unknown
          services {
            since
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
  }
`);

type Found = NonNullable<ResultOf<typeof INTEGRATION>['node']>;
export type IntegrationNode = Extract<Found, { flowName: unknown }>;

export function IntegrationPage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t, value } = useWords();
  const search = useSearchText();
  const { data, error, again, fetching } = useNetwork(INTEGRATION, { id: `integration:${id}` });
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const node = data.node && 'flowName' in data.node ? data.node : null;
  if (!node) {
    return fetching ? (
      <Loading />
    ) : (
      <>
        <PageHead title={t('integration.unknown')} />
        <Notice tone="warn">
          <p>{t('notShown')}</p>
        </Notice>
      </>
    );
  }
  const home = node.role === 'HOME_ORGANISATION';
  const tabs = [
    { key: 'overview', name: t('tab.overview') },
    { key: 'settings', name: t('integration.tab.settings') },
    ...(home
      ? [
          { key: 'permissions', name: t('integration.tab.permissions') },
          { key: 'choice', name: t('integration.tab.choice') },
        ]
      : []),
    { key: 'history', name: t('history.title') },
  ];
  const tab = tabs.find((each) => each.key === search.tab)?.key ?? 'overview';
  return (
    <>
      <PageHead
        crumbs={<GoTo to="/integrations">{t('nav.integrations')}</GoTo>}
        title={integrationName(node)}
        lead={
          <div className="row">
            <State of={node.state} />
            {node.hasProposal && <Badge tone="accent">{t('integration.proposal')}</Badge>}
            <span>
              {typeName(node.type)} · {value(node.environment)} · {value(node.role)}
            </span>
          </div>
        }
        actions={<Actions of={node} />}
      />
      <TabLinks label={t('integration.parts')} tabs={tabs} current={tab} />
      {tab === 'overview' && <Overview of={node} />}
      {tab === 'settings' && <Settings of={node} />}
      {tab === 'permissions' && <PermissionsPart of={node} />}
      {tab === 'choice' && <ChoicePart of={node} />}
      {tab === 'history' && <History stream={`integration/${id}`} />}
    </>
  );
}

/** What can be done in this state; the registrar has the last word. */
function Actions({ of }: { of: IntegrationNode }) {
  const organisation = of.organisation.oid;
  const given = { integration: of.id };
  const review = of.state === 'SUBMITTED' || of.hasProposal;
  const test = of.environment === 'TEST';
  return (
    <>
      {review && (
        <>
          <ActionLink primary command="acceptIntegration" given={given} />
          <ActionLink command="refuseIntegration" given={given} />
        </>
      )}
      {of.state === 'DRAFT' && !test && (
        <ActionLink primary command="submitIntegration" given={given} organisation={organisation} />
      )}
      {(of.state === 'ACCEPTED' || (of.state === 'DRAFT' && test)) && (
        <ActionLink
          primary
          command="activateIntegration"
          given={given}
          organisation={organisation}
        />
      )}
      {of.state === 'SUSPENDED' && (
        <ActionLink primary command="reinstateIntegration" given={given} />
      )}
      {of.state === 'ACTIVE' && <ActionLink danger command="suspendIntegration" given={given} />}
      {of.state === 'INACTIVE' ? (
        <ActionLink command="reactivateIntegration" given={given} organisation={organisation} />
      ) : (
        <ActionLink
          danger
          command="inactivateIntegration"
          given={given}
          organisation={organisation}
        />
      )}
    </>
  );
}

function Overview({ of }: { of: IntegrationNode }) {
  const { t, value } = useWords();
  const { instant, exact } = useFormat();
  const warning = useWarning();
  const record = of.configuration as unknown as IntegrationRecord;
  return (
    <div className="stack">
      {of.warnings.length > 0 && (
        <Notice tone="warn" title={t('integration.warnings')}>
          <ul>
            {of.warnings.map((each) => (
              <li key={JSON.stringify(each)}>{warning(each)}</li>
            ))}
          </ul>
        </Notice>
      )}
      <div className="grid">
        <Card title={t('integration.facts')}>
          <Facts
            of={[
              [t('column.organisation'), <OrganisationLink key="o" of={of.organisation} />],
              [t('column.service'), of.service && <ServiceLink of={of.service} />],
              [t('column.environment'), value(of.environment)],
              [t('integration.flowName'), of.flowName && <code>{of.flowName}</code>],
              [t('integration.idpId'), of.idpId && <code>{of.idpId}</code>],
              [t('integration.peerName'), of.peerName && <code>{of.peerName}</code>],
              [t('integration.legacyId'), of.legacyId],
              [t('integration.registered'), exact(of.registeredAt)],
              [t('integration.suspension'), record.suspension && value(record.suspension)],
            ]}
          />
        </Card>
        <Card title={t('integration.routing')}>
          <p>
            <Badge tone={of.isRoutable ? 'good' : 'warn'}>
              {of.isRoutable ? t('integration.routes') : t('integration.doesNotRoute')}
            </Badge>
          </p>
          {of.routableWindows.length > 0 && (
            <ul>
              {of.routableWindows.map((window) => (
                <li key={window.from}>
                  {instant(window.from)} –{' '}
                  {window.until ? instant(window.until) : t('integration.openEnd')}
                </li>
              ))}
            </ul>
          )}
          <p className="help">{t('integration.routingHelp')}</p>
        </Card>
        <Card
          title={t('integration.secret')}
          actions={
            <ActionLink
              compact
              command="rotateCredential"
              given={{ integration: of.id }}
              organisation={of.organisation.oid}
            />
          }
        >
          <p>{of.hasSecret ? t('integration.hasSecret') : t('integration.noSecret')}</p>
          <p className="help">{t('integration.secretHelp')}</p>
        </Card>
      </div>
    </div>
  );
}

function Settings({ of }: { of: IntegrationNode }) {
  const { t } = useWords();
  const record = of.configuration as unknown as IntegrationRecord;
  const side = sideOf(record);
  const command =
    of.role === 'HOME_ORGANISATION' ? 'changeHomeIntegration' : 'changeServiceIntegration';
  return (
    <div className="stack">
      <div className="row">
        <ActionLink
          command={command}
          given={{ integration: of.id }}
          organisation={of.organisation.oid}
        />
      </div>
      {side.proposed && (
        <Card title={t('integration.proposed')} id="proposed">
          <p className="help">{t('integration.proposedHelp')}</p>
          <Difference before={side.configuration} after={side.proposed} />
        </Card>
      )}
      <Card
        title={side.proposed ? t('integration.acceptedSettings') : t('integration.tab.settings')}
      >
        <Difference after={side.configuration} plain />
      </Card>
      {record.unknownFields.length > 0 && (
        <Notice tone="warn" title={t('finding.UNKNOWN_FIELDS')}>
          <p>{record.unknownFields.join(', ')}</p>
        </Notice>
      )}
    </div>
  );
}

function ChoicePart({ of }: { of: IntegrationNode }) {
  const { t, name } = useWords();
  const record = of.configuration as unknown as IntegrationRecord;
  if (!('home' in record.side)) return null;
  const discovery = record.side.home.discovery;
  return (
    <div className="grid">
      <Card
        title={t('integration.tab.choice')}
        actions={
          <ActionLink
            compact
            command="changeDiscovery"
            given={{ integration: of.id }}
            organisation={of.organisation.oid}
          />
        }
      >
        <Difference after={discovery as never} plain />
      </Card>
      <Card title={t('choice.preview')}>
        <DiscoveryPreview
          of={discovery}
          organisation={name(of.organisation.name, of.organisation.oid)}
          oid={of.organisation.oid}
        />
      </Card>
    </div>
  );
}
