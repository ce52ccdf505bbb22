/** What stands after the kind in a typed identifier: `service:3f…` → `3f…`. */
export function bare(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

/** The types as people know them. */
const TYPES: Record<string, string> = {
  OPEN_ID_CONNECT: 'OpenID Connect',
  SAML: 'SAML 2.0',
  ADFS: 'AD FS',
  ENTRA_ID: 'Entra ID',
  GOOGLE: 'Google Workspace',
  WILMA: 'Wilma',
  OPINSYS: 'Opinsys',
  LDAP: 'LDAP',
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
