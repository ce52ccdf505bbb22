//! How a home organisation is reached, and what it delivers: one typed configuration per kind
//! (domain facts E.5).

use super::checks::{Strictness, another_entity, certificates_fit, for_environment, too_many};
use crate::data_model::SourceAttribute;
use crate::time::{Date, Instant};
use crate::value::{
    AttributeName, Certificate, ClientId, DistinguishedName, DocumentReference, EntityId, HostName,
    ShortText, WebAddress,
};
use crate::{Environment, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// More attributes than any source delivers; the bound keeps the event small.
const ATTRIBUTES_MAX: usize = 100;
/// More servers, scopes, claims or addresses than anyone has.
const LIST_MAX: usize = 20;

/// What a home organisation's integration consists of, apart from its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HomeConfiguration {
    /// The kind of source, and how it is reached.
    pub upstream: HomeUpstream,
    /// Which source attribute becomes which input of the data model.
    #[serde(default)]
    pub attributes: Vec<AttributeMapping>,
    /// Inputs of the data model that are the same for everyone.
    #[serde(default)]
    pub static_values: Vec<StaticValue>,
    /// What happens to people whose data must not be disclosed.
    #[serde(default)]
    pub non_disclosure: NonDisclosurePolicy,
    /// How attributes are fetched, where a kind knows several ways, such as `wilmav2`.
    #[serde(default)]
    pub datasource: Option<ShortText>,
    /// The groups by which a request may name it (`urn:mpass.id:authntag:<tag>`).
    #[serde(default)]
    pub tags: Vec<ShortText>,
    /// Whether a login here carries a user to a second service; off for shared devices.
    #[serde(default = "yes")]
    pub single_sign_on: bool,
}

fn yes() -> bool {
    true
}

/// One source attribute and the input of the data model that it becomes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttributeMapping {
    /// The input of the data model, such as `learnerId`.
    pub attribute: AttributeName,
    /// The attribute's technical name in the source; a dotted name reaches into an object.
    pub source: AttributeName,
}

/// An input of the data model that is the same for everyone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StaticValue {
    /// The input of the data model, such as `schoolIds`.
    pub attribute: AttributeName,
    /// Its value.
    pub value: ShortText,
}

/// What happens at the login of a person whose data must not be disclosed (our decision, domain
/// facts J.9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NonDisclosureTreatment {
    /// The login ends before anything is released.
    #[default]
    Refuse,
    /// The login goes on.
    Relay,
}

/// How people whose data must not be disclosed are known and treated.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NonDisclosurePolicy {
    /// The source attribute that marks them; left out where the source does not say.
    #[serde(default)]
    pub attribute: Option<AttributeName>,
    /// What happens at their login.
    #[serde(default)]
    pub treatment: NonDisclosureTreatment,
}

/// The kinds of source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum HomeUpstream {
    /// Microsoft ADFS, by SAML.
    Adfs(SamlUpstream),
    /// Microsoft Entra ID: SAML for the login, Graph for the attributes.
    EntraId(EntraIdUpstream),
    /// Google Workspace, by SAML.
    Google(SamlUpstream),
    /// Wilma, by signed redirects.
    Wilma(WilmaUpstream),
    /// Opinsys, by a signed token.
    Opinsys(OpinsysUpstream),
    /// A directory, by LDAP.
    Ldap(LdapUpstream),
    /// An OpenID Connect provider.
    OpenIdConnect(OpenIdConnectUpstream),
    /// Any other SAML 2.0 identity provider.
    Saml(SamlUpstream),
}

/// A SAML 2.0 identity provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SamlUpstream {
    /// Its entity ID, pinned where it is given: metadata of another one are not taken.
    #[serde(default)]
    pub entity_id: Option<EntityId>,
    /// Where its metadata are fetched.
    #[serde(default)]
    pub metadata_url: Option<WebAddress>,
    /// Its metadata as a document that was handed in.
    #[serde(default)]
    pub metadata_document: Option<DocumentReference>,
    /// What its metadata say; none until they were read.
    #[serde(default)]
    pub metadata: Option<PeerMetadata>,
}

/// What was read from an identity provider's metadata. Contact persons are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PeerMetadata {
    /// Its entity ID.
    pub entity_id: EntityId,
    /// Where logins begin.
    pub single_sign_on: Vec<SingleSignOnEndpoint>,
    /// The certificates of the keys its assertions are signed with.
    pub signing_certificates: Vec<Certificate>,
    /// Until when the metadata say they are valid.
    #[serde(default)]
    pub valid_until: Option<Instant>,
}

/// Where logins at an identity provider begin.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SingleSignOnEndpoint {
    /// How the request travels.
    pub binding: SamlBinding,
    /// The address.
    pub location: WebAddress,
}

/// How a SAML message travels.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SamlBinding {
    /// In the address.
    HttpRedirect,
    /// In a form.
    HttpPost,
}

/// Microsoft Entra ID. Its secret is the client key of the app registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EntraIdUpstream {
    /// The tenant.
    pub tenant_id: ShortText,
    /// The proxy's app registration, for Graph; none until it is known.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// The last day on which the client key is valid.
    #[serde(default)]
    pub client_key_valid_until: Option<Date>,
    /// The application's identifier there, from which the return address follows.
    #[serde(default)]
    pub application_id_uri: Option<EntityId>,
    /// By which protocol people log in there. The attributes come from Graph either way.
    #[serde(default)]
    pub login: EntraIdLogin,
    /// Its SAML side; of no use where people log in by OpenID Connect.
    #[serde(default)]
    pub saml: SamlUpstream,
}

/// By which protocol people log in at Entra ID.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EntraIdLogin {
    /// SAML 2.0, as the incumbent has it.
    #[default]
    Saml,
    /// OpenID Connect, by the app registration that reads Graph; the tenant is pinned.
    OpenIdConnect,
}

/// A Wilma. Its secret is shared with the proxy; left out, the one of the whole installation holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WilmaUpstream {
    /// Its host.
    pub host: HostName,
}

/// An Opinsys tenant. Its secret is the client key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpinsysUpstream {
    /// The tenant's host.
    pub tenant: HostName,
    /// The proxy's name there; none until it is known.
    #[serde(default)]
    pub client_id: Option<DistinguishedName>,
}

/// A directory. Its secret is the password of the reading account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LdapUpstream {
    /// The servers, in the order in which they are tried.
    pub servers: Vec<LdapServer>,
    /// How the connection is protected; there is no unprotected one.
    pub security: LdapSecurity,
    /// Where the search for a user begins.
    pub base: DistinguishedName,
    /// The certificates that the servers' own must lead to, for a directory with a certification authority of its
    /// own; none for the authorities of the web.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trusted_certificates: Vec<Certificate>,
    /// The account that searches.
    #[serde(default)]
    pub bind: Option<DistinguishedName>,
    /// The attribute that holds the name a user types in.
    pub user_attribute: AttributeName,
}

/// One server of a directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LdapServer {
    /// Its host.
    pub host: HostName,
    /// Its port; left out, the standard one.
    #[serde(default)]
    pub port: Option<u16>,
}

/// How the connection to a directory is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum LdapSecurity {
    /// TLS from the first octet.
    Ldaps,
    /// TLS after the first exchange; without it nothing more is said.
    StartTls,
}

/// An OpenID Connect provider. Its secret is the proxy's client secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenIdConnectUpstream {
    /// The issuer, pinned: discovery and tokens must name exactly this.
    pub issuer: WebAddress,
    /// The proxy's client id there.
    pub client_id: ClientId,
    /// The scopes to ask for; `openid` always is.
    #[serde(default)]
    pub scopes: Vec<ShortText>,
    /// Claims that must have these values, such as a tenant (`tid`) or a hosted domain (`hd`).
    #[serde(default)]
    pub pinned_claims: Vec<PinnedClaim>,
}

/// A claim that must have one value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PinnedClaim {
    /// The claim.
    pub claim: AttributeName,
    /// The one value accepted.
    pub value: ShortText,
}

impl HomeUpstream {
    /// The kind's name, as identifiers and other systems write it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Adfs(_) => "adfs",
            Self::EntraId(_) => "azure",
            Self::Google(_) => "gsuite",
            Self::Wilma(_) => "wilma",
            Self::Opinsys(_) => "opinsys",
            Self::Ldap(_) => "ldap",
            Self::OpenIdConnect(_) => "oidc",
            Self::Saml(_) => "saml",
        }
    }

    /// Its SAML side, where it has one.
    pub fn saml(&self) -> Option<&SamlUpstream> {
        match self {
            Self::Adfs(saml) | Self::Google(saml) | Self::Saml(saml) => Some(saml),
            Self::EntraId(entra) => (entra.login == EntraIdLogin::Saml).then_some(&entra.saml),
            Self::Wilma(_) | Self::Opinsys(_) | Self::Ldap(_) | Self::OpenIdConnect(_) => None,
        }
    }

    pub(super) fn saml_mut(&mut self) -> Option<&mut SamlUpstream> {
        match self {
            Self::Adfs(saml) | Self::Google(saml) | Self::Saml(saml) => Some(saml),
            Self::EntraId(entra) => (entra.login == EntraIdLogin::Saml).then_some(&mut entra.saml),
            Self::Wilma(_) | Self::Opinsys(_) | Self::Ldap(_) | Self::OpenIdConnect(_) => None,
        }
    }

    /// Whether the proxy cannot speak to it without a secret of its own.
    pub fn needs_secret(&self) -> bool {
        match self {
            Self::EntraId(_) | Self::Opinsys(_) | Self::OpenIdConnect(_) => true,
            Self::Ldap(directory) => directory.bind.is_some(),
            Self::Adfs(_) | Self::Google(_) | Self::Saml(_) | Self::Wilma(_) => false,
        }
    }

    /// Where its metadata are fetched: the recorded address, or for Entra ID the one that follows
    /// from the tenant.
    pub fn metadata_url(&self) -> Option<WebAddress> {
        let recorded = self.saml()?.metadata_url.clone();
        let Self::EntraId(entra) = self else {
            return recorded;
        };
        recorded.or_else(|| {
            let tenant = &entra.tenant_id;
            let address = format!(
                "https://login.microsoftonline.com/{tenant}/FederationMetadata/2007-06/FederationMetadata.xml"
            );
            WebAddress::parse(&address).ok()
        })
    }
}

impl HomeConfiguration {
    /// The rules of every field that its type alone does not keep. `field` is the path of the
    /// configuration in the command.
    pub(super) fn check(
        &self,
        environment: Environment,
        strictness: Strictness,
        field: &str,
    ) -> Result<(), Rejection> {
        let at = |path: &str| format!("{field}.{path}");
        self.check_attributes(strictness, field)?;
        if self.tags.len() > LIST_MAX {
            return Err(too_many(at("tags"), LIST_MAX));
        }
        if let Some(saml) = self.upstream.saml() {
            self.check_saml(saml, environment, strictness, field)?;
        }
        match &self.upstream {
            HomeUpstream::Ldap(directory) => {
                let count = directory.servers.len();
                if count == 0 || count > LIST_MAX {
                    return Err(Rejection::new(
                        "SERVERS_INVALID",
                        "a directory has between one server and twenty",
                    )
                    .field(at("upstream.ldap.servers"))
                    .remedy("name the servers of the directory"));
                }
                let local = |server: &LdapServer| {
                    let host = server.host.as_str();
                    host == "localhost" || host.ends_with(".localhost")
                };
                if environment == Environment::Production && directory.servers.iter().any(local) {
                    return Err(Rejection::new(
                        "ADDRESS_NOT_FOR_PRODUCTION",
                        "a directory of the proxy's own machine is nobody's home organisation",
                    )
                    .field(at("upstream.ldap.servers"))
                    .remedy("name the directory's public host"));
                }
                certificates_fit(&directory.trusted_certificates, || {
                    at("upstream.ldap.trustedCertificates")
                })?;
            }
            HomeUpstream::OpenIdConnect(provider) => {
                let path = |name: &str| at(&format!("upstream.openIdConnect.{name}"));
                for_environment(environment, &provider.issuer, || path("issuer"))?;
                if provider.scopes.len() > LIST_MAX {
                    return Err(too_many(path("scopes"), LIST_MAX));
                }
                if provider.pinned_claims.len() > LIST_MAX {
                    return Err(too_many(path("pinnedClaims"), LIST_MAX));
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn check_attributes(&self, strictness: Strictness, field: &str) -> Result<(), Rejection> {
        let at = |path: &str| format!("{field}.{path}");
        let names = || {
            let mapped = self.attributes.iter().map(|mapping| &mapping.attribute);
            mapped.chain(self.static_values.iter().map(|fixed| &fixed.attribute))
        };
        let count = names().count();
        if count > ATTRIBUTES_MAX {
            return Err(too_many(at("attributes"), ATTRIBUTES_MAX));
        }
        if names().collect::<BTreeSet<_>>().len() < count {
            return Err(
                Rejection::new("REPEATED", "an input of the data model is filled twice")
                    .field(at("attributes"))
                    .remedy("map each input once, from one source attribute or by one value"),
            );
        }
        let unknown = names().find(|name| SourceAttribute::from_name(name.as_str()).is_none());
        match unknown {
            Some(name) if strictness == Strictness::Given => Err(Rejection::new(
                "ATTRIBUTE_UNKNOWN",
                format!("the data model has no input {name}"),
            )
            .field(at("attributes"))
            .remedy("use the data model's own names, such as learnerId")
            .rule("data model annex 3")),
            _ => Ok(()),
        }
    }

    fn check_saml(
        &self,
        saml: &SamlUpstream,
        environment: Environment,
        strictness: Strictness,
        field: &str,
    ) -> Result<(), Rejection> {
        let path = match self.upstream {
            HomeUpstream::EntraId(_) => format!("{field}.upstream.entraId.saml"),
            HomeUpstream::Adfs(_) => format!("{field}.upstream.adfs"),
            HomeUpstream::Google(_) => format!("{field}.upstream.google"),
            _ => format!("{field}.upstream.saml"),
        };
        let (url, document) = (&saml.metadata_url, &saml.metadata_document);
        let follows_from_tenant = matches!(self.upstream, HomeUpstream::EntraId(_));
        let one_source = url.is_some() != document.is_some();
        if strictness == Strictness::Given && !one_source && !follows_from_tenant {
            return Err(Rejection::new(
                "METADATA_SOURCE",
                "metadata come from an address or from a document, and from one of them",
            )
            .field(format!("{path}.metadataUrl"))
            .remedy("give the address of the metadata, or hand the document in"));
        }
        if let Some(url) = url {
            for_environment(environment, url, || format!("{path}.metadataUrl"))?;
        }
        if let Some(metadata) = &saml.metadata {
            metadata.check(environment, &format!("{path}.metadata"))?;
            let pinned = saml.entity_id.as_ref();
            if pinned.is_some_and(|pinned| *pinned != metadata.entity_id) {
                return Err(another_entity(format!("{path}.metadata.entityId")));
            }
        }
        Ok(())
    }
}

impl PeerMetadata {
    /// The rules that its type alone does not keep.
    pub(super) fn check(&self, environment: Environment, field: &str) -> Result<(), Rejection> {
        let count = self.single_sign_on.len();
        if count == 0 || count > LIST_MAX {
            return Err(Rejection::new(
                "ENDPOINTS_INVALID",
                "the metadata name between one place to begin a login and twenty",
            )
            .field(format!("{field}.singleSignOn"))
            .remedy("check that these are the metadata of an identity provider"));
        }
        for endpoint in &self.single_sign_on {
            for_environment(environment, &endpoint.location, || {
                format!("{field}.singleSignOn")
            })?;
        }
        if self.signing_certificates.is_empty() {
            return Err(Rejection::new(
                "CERTIFICATE_MISSING",
                "the metadata name no key that assertions are signed with",
            )
            .field(format!("{field}.signingCertificates"))
            .remedy("check that these are the metadata of an identity provider"));
        }
        certificates_fit(&self.signing_certificates, || {
            format!("{field}.signingCertificates")
        })
    }
}
