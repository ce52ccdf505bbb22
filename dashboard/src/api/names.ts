/** What stands after the kind in a typed identifier: `service:3f…` → `3f…`. */
export function bare(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

/** The types as people know them. */
const TYPES: Record<string, string> = {
  oidc: 'OpenID Connect',
  openIdConnect: 'OpenID Connect',
  saml: 'SAML 2.0',
  adfs: 'AD FS',
  azure: 'Entra ID',
  gsuite: 'Google Workspace',
  wilma: 'Wilma',
  opinsys: 'Opinsys',
  ldap: 'LDAP',
};

export const typeName = (type: string) => TYPES[type] ?? type;

/** What an integration is called: its flow name, or the client's id. */
export function integrationName(integration: {
  id: string;
  type: string;
  flowName: string | null;
  peerName: string | null;
}): string {
  return (
    integration.flowName ??
    integration.peerName ??
    `${typeName(integration.type)} ${bare(integration.id).slice(0, 8)}`
  );
}
