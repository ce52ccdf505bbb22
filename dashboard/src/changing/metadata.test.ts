// @vitest-environment jsdom
import { expect, it } from 'vitest';
import { readMetadata } from './metadata';

const metadata = (inside: string, attributes = '') => `<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"
    xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="https://idp.example.org" ${attributes}>
  ${inside}
</md:EntityDescriptor>`;

const provider = `<md:IDPSSODescriptor>
  <md:KeyDescriptor use="signing"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>
    AAAA
    BBBB
  </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
  <md:KeyDescriptor use="encryption"><ds:KeyInfo><ds:X509Data><ds:X509Certificate>CCCC</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
  <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.org/sso"/>
  <md:SingleSignOnService Binding="urn:mace:shibboleth:1.0:profiles:AuthnRequest" Location="https://idp.example.org/old"/>
</md:IDPSSODescriptor>`;

it('reads what a command takes of an identity provider’s metadata', () => {
  expect(readMetadata(metadata(provider, 'validUntil="2027-01-31T00:00:00Z"'))).toEqual({
    entityId: 'https://idp.example.org',
    singleSignOn: [{ binding: 'HTTP_REDIRECT', location: 'https://idp.example.org/sso' }],
    signingCertificates: ['AAAABBBB'],
    validUntil: '2027-01-31T00:00:00.000Z',
  });
});

it('refuses what is not that', () => {
  expect(readMetadata('not xml')).toBeNull();
  expect(readMetadata(metadata('<md:SPSSODescriptor/>'))).toBeNull();
  expect(readMetadata(`<!DOCTYPE x [<!ENTITY e "f">]>${metadata(provider)}`)).toBeNull();
});
