import type { Json } from '../api/graphql';

const MD = 'urn:oasis:names:tc:SAML:2.0:metadata';
const DS = 'http://www.w3.org/2000/09/xmldsig#';
const BINDINGS: Record<string, string> = {
  'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST': 'HTTP_POST',
  'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect': 'HTTP_REDIRECT',
};
/** More than any identity provider's own metadata; a federation's aggregate is not meant. */
const SIZE_MAX = 1024 * 1024;

/** An identity provider's metadata in the form of a command, read from a file; null where it is none. */
export function readMetadata(text: string): Json | null {
  // Nothing of a document type is needed, and much can be done with one.
  if (text.length > SIZE_MAX || /<!DOCTYPE/i.test(text)) return null;
  const document = new DOMParser().parseFromString(text, 'application/xml');
  if (document.getElementsByTagName('parsererror').length > 0) return null;
  const entities = document.getElementsByTagNameNS(MD, 'EntityDescriptor');
  const entity = entities[0];
  const provider = entity?.getElementsByTagNameNS(MD, 'IDPSSODescriptor')[0];
  const entityId = entity?.getAttribute('entityID');
  if (!entity || !provider || !entityId || entities.length > 1) return null;
  const singleSignOn = [...provider.getElementsByTagNameNS(MD, 'SingleSignOnService')].flatMap(
    (each) => {
      const binding = BINDINGS[each.getAttribute('Binding') ?? ''];
      const location = each.getAttribute('Location');
      return binding && location ? [{ binding, location }] : [];
    },
  );
  const signingCertificates = [...provider.getElementsByTagNameNS(MD, 'KeyDescriptor')]
    .filter((each) => each.getAttribute('use') !== 'encryption')
    .flatMap((each) => [...each.getElementsByTagNameNS(DS, 'X509Certificate')])
    .map((each) => (each.textContent ?? '').replaceAll(/\s/g, ''));
  const validUntil = entity.getAttribute('validUntil') ?? provider.getAttribute('validUntil');
  const until = validUntil ? new Date(validUntil) : null;
  return {
    entityId,
    singleSignOn,
    signingCertificates: [...new Set(signingCertificates)],
    ...(until && !Number.isNaN(until.getTime()) ? { validUntil: until.toISOString() } : {}),
  };
}
