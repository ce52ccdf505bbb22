import { useParams } from '@tanstack/react-router';
import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { History } from '../audit/History';
import { ActionLink } from '../changing/ActionLink';
import { Difference } from '../changing/Difference';
import { Badge, Card, Empty, Facts, Loading, Notice, PageHead } from '../design/basics';
import { SmallTable } from '../design/DataTable';
import { Failure } from '../design/Failure';
import { GoTo, OrganisationLink, TabLinks } from '../design/Links';
import { useWords } from '../i18n/useWords';
import { IntegrationTable } from '../integrations/IntegrationTable';
import { ownOrganisations, useSession } from '../shell/session';
import { useSearchText } from '../shell/searchParams';
import { attributeName, type ReleasedAttribute } from './attributes';

const SERVICE = graphql(`
  query Service($asOf: AsOfInput, $id: ID!) {
    node(id: $id, asOf: $asOf) {
      id
      ... on Service {
        environment
        fee
        isActive
        releaseSet
        proposedReleaseSet
        name {
          fi
          sv
          en
        }
        description {
          fi
          sv
          en
        }
        organisation {
          oid
          name {
            fi
            sv
            en
          }
        }
        clients {
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

export function ServicePage() {
  const { id } = useParams({ strict: false }) as { id: string };
  const { t, name, value } = useWords();
  const search = useSearchText();
  const session = useSession();
  const { data, error, again, fetching } = useNetwork(SERVICE, { id: `service:${id}` });
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const service = data.node && 'fee' in data.node ? data.node : null;
  if (!service) {
    return fetching ? (
      <Loading />
    ) : (
      <>
        <PageHead title={t('service.unknown')} />
        <Notice tone="warn">
          <p>{t('notShown')}</p>
        </Notice>
      </>
    );
  }
  const organisation = service.organisation?.oid ?? null;
  const given = { service: service.id };
  const tabs = [
    { key: 'overview', name: t('tab.overview') },
    { key: 'clients', name: `${t('service.clients')} (${service.clients.length})` },
    { key: 'history', name: t('history.title') },
  ];
  const tab = tabs.find((each) => each.key === search.tab)?.key ?? 'overview';
  const released = service.releaseSet as unknown as ReleasedAttribute[] | null;
  const proposed = service.proposedReleaseSet as unknown as ReleasedAttribute[] | null;
  const own = ownOrganisations(session)[0];
  return (
    <>
      <PageHead
        crumbs={<GoTo to="/services">{t('nav.services')}</GoTo>}
        title={name(service.name)}
        lead={
          <div className="row">
            <Badge tone={service.isActive ? 'good' : 'plain'}>
              {service.isActive ? t('value.ACTIVE') : t('value.INACTIVE')}
            </Badge>
            {service.organisation && <OrganisationLink of={service.organisation} />}
          </div>
        }
        actions={
          <>
            <ActionLink command="changeService" given={given} organisation={organisation} />
            <ActionLink
              command={service.isActive ? 'inactivateService' : 'reactivateService'}
              danger={service.isActive}
              given={given}
              organisation={organisation}
            />
          </>
        }
      />
      <TabLinks label={t('service.parts')} tabs={tabs} current={tab} />
      {tab === 'overview' && (
        <div className="stack">
          <Card title={t('service.facts')}>
            <Facts
              of={[
                [t('field.description'), name(service.description) || t('none')],
                [t('field.fee'), value(service.fee)],
                [
                  t('column.environment'),
                  service.environment ? value(service.environment) : t('services.anyEnvironment'),
                ],
                [t('integration.identifier'), <code key="id">{service.id}</code>],
              ]}
            />
          </Card>
          {proposed && (
            <Card
              title={t('service.proposedRelease')}
              actions={
                <>
                  <ActionLink compact primary command="acceptReleaseSet" given={given} />
                  <ActionLink compact command="refuseReleaseSet" given={given} />
                </>
              }
            >
              <Difference before={keyed(released)} after={keyed(proposed)} />
            </Card>
          )}
          <Card
            title={t('service.release')}
            actions={
              <>
                <ActionLink
                  compact
                  command="declareReleaseSet"
                  given={given}
                  organisation={organisation}
                />
                <ActionLink
                  compact
                  command="vetoRelease"
                  given={own ? { ...given, organisation: own } : given}
                  organisation={own}
                />
              </>
            }
          >
            <p className="help">{t('service.releaseHelp')}</p>
            {released ? (
              <SmallTable
                caption={t('service.release')}
                rows={released}
                rowKey={(row) => row.attribute}
                empty={t('none')}
                columns={[
                  {
                    key: 'attribute',
                    title: t('field.attribute'),
                    heads: true,
                    text: (row) => attributeName(row.attribute),
                  },
                  {
                    key: 'wire',
                    title: t('service.wireName'),
                    text: (row) => row.attribute,
                    cell: (row) => <code>{row.attribute}</code>,
                  },
                  { key: 'purpose', title: t('field.purpose'), text: (row) => row.purpose },
                ]}
              />
            ) : (
              <Empty>{t('service.noRelease')}</Empty>
            )}
          </Card>
        </div>
      )}
      {tab === 'clients' && (
        <div className="stack">
          <ActionLink
            primary
            command="registerServiceIntegration"
            given={given}
            organisation={organisation}
          />
          <IntegrationTable rows={service.clients} csvName={`clients-${id}`} />
        </div>
      )}
      {tab === 'history' && <History stream={`service/${id}`} />}
    </>
  );
}

/** A release set as names with purposes, so that its difference reads by attribute. */
function keyed(set: ReleasedAttribute[] | null): Record<string, string> {
  return Object.fromEntries(
    (set ?? []).map((each) => [attributeName(each.attribute), each.purpose]),
  );
}
