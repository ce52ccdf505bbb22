import { useParams } from '@tanstack/react-router';
import { graphql } from '../api/graphql';
import { useNetwork } from '../api/query';
import { History } from '../audit/History';
import { ActionLink } from '../changing/ActionLink';
import { Loading, Notice, PageHead, State } from '../design/basics';
import { Failure } from '../design/Failure';
import { GoTo, TabLinks } from '../design/Links';
import { useFormat } from '../i18n/useFormat';
import { useWords } from '../i18n/useWords';
import { IntegrationTable } from '../integrations/IntegrationTable';
import { Findings } from '../operator/Findings';
import { useSearchText } from '../shell/searchParams';
import { ContactsPart } from './ContactsPart';
import { DutiesPart } from './DutiesPart';
import { MembershipPart } from './MembershipPart';
import { SelfAuditsPart } from './SelfAuditsPart';
import type { MemberRecord } from './record';

const MEMBER = graphql(`
  query Member($asOf: AsOfInput, $minPosition: Int, $id: ID!, $oid: String!) {
    node(id: $id, asOf: $asOf) {
      id
      ... on Member {
        state
        roles
        endsAt
        businessId
        record
        name {
          fi
          sv
          en
        }
        contacts {
          id
          role
          name
          email
          phone
          postalAddress
        }
        integrations(first: 200) {
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
    network(asOf: $asOf, minPosition: $minPosition) {
      id
      day
      compliance(organisation: $oid) {
        code
        severity
        owedBy
        source
        dueOn
        subject
        detail
      }
    }
  }
`);

const TABS = ['membership', 'contacts', 'integrations', 'selfAudits', 'duties', 'history'] as const;

export function MemberPage() {
  const { oid } = useParams({ strict: false }) as { oid: string };
  const { t, name } = useWords();
  const { instant } = useFormat();
  const search = useSearchText();
  const { data, error, again, fetching } = useNetwork(MEMBER, { id: `member:${oid}`, oid });
  if (error) return <Failure error={error} again={again} />;
  if (!data) return <Loading />;
  const member = data.node && 'record' in data.node ? data.node : null;
  if (!member) {
    if (fetching) return <Loading />;
    return (
      <>
        <PageHead title={oid} />
        <Notice tone="warn" title={t('member.unknown')}>
          <p>{t('member.unknownHelp')}</p>
          <ActionLink
            command="applyForMembership"
            given={{ organisation: oid }}
            organisation={oid}
          />
        </Notice>
      </>
    );
  }
  const record = member.record as unknown as MemberRecord | null;
  const title = name(member.name, oid);
  const tab = TABS.find((each) => each === search.tab) ?? 'membership';
  const findings = data.network.compliance;
  return (
    <>
      <PageHead
        crumbs={<GoTo to="/members">{t('nav.members')}</GoTo>}
        title={title}
        lead={
          <div className="row">
            <State of={member.state} />
            <span className="code">{oid}</span>
            {member.endsAt && <span>{t('member.endsAt', { at: instant(member.endsAt) })}</span>}
          </div>
        }
        actions={<GoTo to={`/organisations/${oid}`}>{t('member.organisation')}</GoTo>}
      />
      <TabLinks
        label={t('member.parts')}
        current={tab}
        tabs={[
          { key: 'membership', name: t('member.tab.membership') },
          { key: 'contacts', name: t('member.tab.contacts') },
          {
            key: 'integrations',
            name: `${t('nav.integrations')} (${member.integrations.nodes.length})`,
          },
          { key: 'selfAudits', name: t('member.tab.selfAudits') },
          { key: 'duties', name: `${t('member.tab.duties')} (${findings.length})` },
          { key: 'history', name: t('history.title') },
        ]}
      />
      {!record && tab !== 'history' && tab !== 'integrations' && (
        <Notice tone="warn">
          <p>{t('member.notShown')}</p>
        </Notice>
      )}
      {record && tab === 'membership' && (
        <MembershipPart oid={oid} record={record} state={member.state} />
      )}
      {record && tab === 'contacts' && (
        <ContactsPart oid={oid} record={record} contacts={member.contacts} />
      )}
      {tab === 'integrations' && (
        <div className="stack">
          <div className="row">
            <ActionLink
              primary
              command="registerHomeIntegration"
              given={{ organisation: oid }}
              organisation={oid}
            />
            <ActionLink command="createService" given={{ organisation: oid }} organisation={oid} />
          </div>
          <IntegrationTable rows={member.integrations.nodes} csvName={`integrations-${oid}`} />
        </div>
      )}
      {record && tab === 'selfAudits' && <SelfAuditsPart oid={oid} record={record} />}
      {record && tab === 'duties' && (
        <div className="stack">
          <Findings of={findings} />
          <DutiesPart oid={oid} record={record} />
        </div>
      )}
      {tab === 'history' && <History stream={`member/${oid}`} />}
    </>
  );
}
