import { useQuery } from 'urql';
import type { CommandName } from '../api/commands';
import { graphql, type Json } from '../api/graphql';
import { Card, Notice } from '../design/basics';
import { useWords } from '../i18n/useWords';
import { DiscoveryPreview } from '../integrations/DiscoveryPreview';
import { asFields, type Fields } from './value';

const OWNER = graphql(`
  query OwnerOf($id: ID!) {
    node(id: $id) {
      id
      ... on Integration {
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

/** What a change will look like or mean, where words and a table of fields say too little. */
export function Preview({
  command,
  given,
  value,
}: {
  command: CommandName;
  given: Fields;
  value: Fields;
}) {
  const { t } = useWords();
  switch (command) {
    case 'changeDiscovery':
      return <ChoicePreview integration={given.integration} discovery={value.discovery} />;
    case 'setPermissionMode': {
      const services = Array.isArray(value.services) ? value.services : [];
      return (
        <Notice title={t('permissions.effect')}>
          <p>{t('permissions.atOnce')}</p>
          {value.mode === 'LIST' && services.length === 0 && <p>{t('permissions.empty')}</p>}
          {value.mode === 'ALL' && <p>{t('permissions.allLoses')}</p>}
        </Notice>
      );
    }
    case 'giveNotice':
    case 'recordMemberNotice':
    case 'giveNoticeToMember':
      return (
        <Notice title={t('notice.computed')}>
          <p>{t('notice.computedHelp')}</p>
        </Notice>
      );
    case 'suspendIntegration':
    case 'inactivateIntegration':
      return (
        <Notice tone="warn">
          <p>{t('integration.suspendEffect')}</p>
        </Notice>
      );
    default:
      return null;
  }
}

function ChoicePreview({
  integration,
  discovery,
}: {
  integration: Json | undefined;
  discovery: Json | undefined;
}) {
  const { t, name } = useWords();
  const [result] = useQuery({ query: OWNER, variables: { id: String(integration) } });
  const owner = result.data?.node;
  if (!owner || !('organisation' in owner)) return null;
  return (
    <Card title={t('choice.preview')}>
      <DiscoveryPreview
        of={asFields(discovery) as never}
        organisation={name(owner.organisation.name, owner.organisation.oid)}
        oid={owner.organisation.oid}
      />
    </Card>
  );
}
