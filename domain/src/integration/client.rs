//! How a service's client is reached: OpenID Connect or SAML 2.0 (domain facts E.2, F.3).

use super::PeerName;
use super::checks::{Strictness, certificates_fit, for_environment, not_for_production, too_many};
use crate::value::{Certificate, ClientId, EntityId, KeySet, RedirectUri, ShortText, WebAddress};
use crate::{Environment, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// More addresses than any client has.
const ADDRESSES_MAX: usize = 50;
/// The addresses of one client together, in characters, so that the event that carries them stays
/// far below the largest event of the log.
const ADDRESSES_LENGTH_MAX: usize = 30_000;

/// What a service's client consists of, apart from its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClientConfiguration {
    /// How it is spoken to.
    pub protocol: ClientProtocol,
    /// The client's own name, where the service's several clients are to be told apart.
    #[serde(default)]
    pub name: Option<ShortText>,
    /// Whether accounts with a test learner id may log in; left out, the service says so.
    #[serde(default)]
    pub allow_test_learner_id: Option<bool>,
    /// Whether a session from an earlier login is enough; left out, the service says so.
    #[serde(default)]
    pub single_sign_on: Option<bool>,
}

/// How a service's client is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum ClientProtocol {
    /// OpenID Connect.
    OpenIdConnect(OpenIdConnectRegistration),
    /// SAML 2.0 (saml2int).
    Saml(SamlRegistration),
}

/// What an OpenID Connect request may ask for (OpenID Connect Core §3). Only `CODE` is served.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResponseType {
    /// A code.
    Code,
    /// A code and an ID token.
    CodeIdToken,
    /// A code and an access token.
    CodeToken,
    /// A code, an ID token and an access token.
    CodeIdTokenToken,
}

/// How a client gets its tokens (RFC 6749). Only `AUTHORIZATION_CODE` is served.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum GrantType {
    /// For a code.
    AuthorizationCode,
    /// In the address; not recommended by the profile.
    Implicit,
}

/// How a client proves itself at the token endpoint (OpenID Connect Core §9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClientAuthentication {
    /// Client id and secret in the header.
    #[default]
    ClientSecretBasic,
    /// Client id and secret in the body.
    ClientSecretPost,
    /// A token signed with the secret. Kept where an import brings it, and not served: of a secret
    /// only the hash is kept.
    ClientSecretJwt,
    /// A token signed with a key of the client's own.
    PrivateKeyJwt,
}

/// How ID tokens are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IdTokenAlgorithm {
    /// RSA with SHA-256.
    #[default]
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// With the client's secret. Kept where an import brings it, and not served: of a secret only
    /// the hash is kept.
    Hs256,
}

/// Which subject a client sees (OpenID Connect Core §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ClientSubject {
    /// Another one in every service.
    #[default]
    Pairwise,
    /// The national user identifier.
    Public,
}

/// An OpenID Connect client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenIdConnectRegistration {
    /// The client id; unique in its environment.
    pub client_id: ClientId,
    /// Where a login may return to, octet by octet; at least one.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a log-out may return to.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// How it proves itself.
    #[serde(default)]
    pub authentication: ClientAuthentication,
    /// Where its own keys are; `PRIVATE_KEY_JWT` needs this or `jwks`, and not both (OpenID Connect
    /// Registration §2).
    #[serde(default)]
    pub jwks_uri: Option<WebAddress>,
    /// Its own keys themselves, for a client that has nowhere to publish them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jwks: Option<KeySet>,
    /// What it may ask for.
    #[serde(default = "code")]
    pub response_types: Vec<ResponseType>,
    /// How it gets its tokens.
    #[serde(default = "authorization_code")]
    pub grant_types: Vec<GrantType>,
    /// The scopes it may ask for beside `openid` and `profile`.
    #[serde(default)]
    pub scopes: Vec<ShortText>,
    /// How its ID tokens are signed.
    #[serde(default)]
    pub id_token_algorithm: IdTokenAlgorithm,
    /// Whether it must use PKCE with S256 (RFC 7636, RFC 9700 §2.1.1).
    #[serde(default = "yes")]
    pub pkce_required: bool,
    /// Which subject it sees.
    #[serde(default)]
    pub subject: ClientSubject,
    /// Whether the attributes stand in the ID token too.
    #[serde(default)]
    pub attributes_in_id_token: bool,
}

fn yes() -> bool {
    true
}

fn code() -> Vec<ResponseType> {
    vec![ResponseType::Code]
}

fn authorization_code() -> Vec<GrantType> {
    vec![GrantType::AuthorizationCode]
}

/// A SAML 2.0 service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SamlRegistration {
    /// Its entity ID; unique among the SAML services of its environment.
    pub entity_id: EntityId,
    /// Where it takes assertions, by HTTP-POST; at least one.
    pub assertion_consumer_services: Vec<AssertionConsumerService>,
    /// Whether its requests must be signed.
    #[serde(default = "yes")]
    pub requests_signed: bool,
    /// Whether each assertion is signed; always so in production.
    #[serde(default)]
    pub assertions_signed: bool,
    /// The certificates of the keys its requests are signed with; at least one, several while one
    /// replaces another.
    pub signing_certificates: Vec<Certificate>,
    /// The certificates assertions are encrypted to.
    #[serde(default)]
    pub encryption_certificates: Vec<Certificate>,
}

/// One place at which a SAML service takes assertions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AssertionConsumerService {
    /// Its address, matched exactly.
    pub location: WebAddress,
    /// Its index in the metadata.
    pub index: u16,
    /// Whether it serves where a request names none.
    #[serde(default)]
    pub is_default: bool,
}

impl ClientProtocol {
    /// The name by which requests know the client.
    pub fn peer_name(&self) -> PeerName {
        match self {
            Self::OpenIdConnect(client) => PeerName::ClientId(client.client_id.clone()),
            Self::Saml(service) => PeerName::EntityId(service.entity_id.clone()),
        }
    }

    /// Whether nobody can log in until the client has a secret.
    pub fn needs_secret(&self) -> bool {
        match self {
            Self::OpenIdConnect(client) => {
                client.authentication != ClientAuthentication::PrivateKeyJwt
            }
            Self::Saml(_) => false,
        }
    }

    /// Whether it asks for something that is not served because only the hash of a secret is kept.
    pub fn needs_secret_in_clear(&self) -> bool {
        match self {
            Self::OpenIdConnect(client) => {
                client.authentication == ClientAuthentication::ClientSecretJwt
                    || client.id_token_algorithm == IdTokenAlgorithm::Hs256
            }
            Self::Saml(_) => false,
        }
    }
}

impl ClientConfiguration {
    /// The configuration as it is recorded: in production assertions are signed, whatever was
    /// asked for (management service, field rules).
    pub(super) fn settled_for(&self, environment: Environment) -> Self {
        let mut settled = self.clone();
        match &mut settled.protocol {
            ClientProtocol::OpenIdConnect(client) => {
                client.response_types.sort_unstable();
                client.response_types.dedup();
                client.grant_types.sort_unstable();
                client.grant_types.dedup();
            }
            ClientProtocol::Saml(service) => {
                service.assertions_signed |= environment == Environment::Production;
            }
        }
        settled
    }

    /// The rules of every field that its type alone does not keep. `field` is the path of the
    /// configuration in the command.
    pub(super) fn check(
        &self,
        environment: Environment,
        strictness: Strictness,
        field: &str,
    ) -> Result<(), Rejection> {
        match &self.protocol {
            ClientProtocol::OpenIdConnect(client) => {
                let field = format!("{field}.protocol.openIdConnect");
                client.check(environment, strictness, &field)?;
            }
            ClientProtocol::Saml(service) => {
                service.check(environment, &format!("{field}.protocol.saml"))?;
            }
        }
        if strictness == Strictness::Given && self.protocol.needs_secret_in_clear() {
            return Err(Rejection::new(
                "NOT_SERVED",
                "tokens signed with the client's secret are not served: only its hash is kept",
            )
            .field(format!("{field}.protocol.openIdConnect"))
            .remedy("let the client prove itself in another way, and have ID tokens signed RS256 or ES256")
            .rule("our decision"));
        }
        Ok(())
    }
}

/// Whether addresses are short enough together for one event.
fn addresses_fit<'a>(
    addresses: impl Iterator<Item = &'a str>,
    field: String,
) -> Result<(), Rejection> {
    let length: usize = addresses.map(str::len).sum();
    if length <= ADDRESSES_LENGTH_MAX {
        return Ok(());
    }
    Err(Rejection::new(
        "TOO_MANY",
        format!("the addresses have {length} characters together; {ADDRESSES_LENGTH_MAX} fit"),
    )
    .field(field)
    .remedy("leave out addresses that are no longer used"))
}

impl OpenIdConnectRegistration {
    fn check(
        &self,
        environment: Environment,
        strictness: Strictness,
        field: &str,
    ) -> Result<(), Rejection> {
        let at = |path: &str| format!("{field}.{path}");
        if self.redirect_uris.is_empty() {
            return Err(Rejection::new(
                "REDIRECT_URI_MISSING",
                "a client without a redirect URI can take no login",
            )
            .field(at("redirectUris"))
            .remedy("give the exact addresses to which logins return"));
        }
        for (uris, path) in [
            (&self.redirect_uris, "redirectUris"),
            (&self.post_logout_redirect_uris, "postLogoutRedirectUris"),
        ] {
            if uris.len() > ADDRESSES_MAX {
                return Err(too_many(at(path), ADDRESSES_MAX));
            }
            if environment == Environment::Production {
                for uri in uris {
                    uri.check_production()
                        .map_err(|invalid| not_for_production(invalid, at(path)))?;
                }
            }
        }
        let uris = self
            .redirect_uris
            .iter()
            .chain(&self.post_logout_redirect_uris);
        addresses_fit(uris.map(RedirectUri::as_str), at("redirectUris"))?;
        if let Some(address) = &self.jwks_uri {
            for_environment(environment, address, || at("jwksUri"))?;
        }
        if self.jwks_uri.is_some() && self.jwks.is_some() {
            return Err(Rejection::new(
                "KEYS_TWICE",
                "a client's keys come from an address or from a document, not from both",
            )
            .field(at("jwks"))
            .remedy("leave one of them out"));
        }
        let keyless = self.authentication == ClientAuthentication::PrivateKeyJwt
            && self.jwks_uri.is_none()
            && self.jwks.is_none();
        if keyless && strictness == Strictness::Given {
            return Err(Rejection::new(
                "KEYS_MISSING",
                "a client that signs with its own key must say what its keys are",
            )
            .field(at("jwksUri"))
            .remedy("give the address of the client's JSON Web Key Set, or the set itself"));
        }
        if !self.response_types.contains(&ResponseType::Code) {
            return Err(Rejection::new("NOT_SERVED", "only the code flow is served")
                .field(at("responseTypes"))
                .remedy("add CODE, and let the client use it")
                .rule("our decision"));
        }
        if self.scopes.len() > ADDRESSES_MAX {
            return Err(too_many(at("scopes"), ADDRESSES_MAX));
        }
        Ok(())
    }
}

impl SamlRegistration {
    fn check(&self, environment: Environment, field: &str) -> Result<(), Rejection> {
        let at = |path: &str| format!("{field}.{path}");
        let places = &self.assertion_consumer_services;
        let wrong = |message: &'static str, remedy: &'static str| {
            Rejection::new("CONSUMER_SERVICE_INVALID", message)
                .field(at("assertionConsumerServices"))
                .remedy(remedy)
        };
        if places.is_empty() {
            return Err(wrong(
                "a service without an assertion consumer service can take no login",
                "give at least one address that takes assertions by HTTP-POST",
            ));
        }
        if places.len() > ADDRESSES_MAX {
            return Err(too_many(at("assertionConsumerServices"), ADDRESSES_MAX));
        }
        let locations = places.iter().map(|place| place.location.as_str());
        addresses_fit(locations, at("assertionConsumerServices"))?;
        let indexes: BTreeSet<u16> = places.iter().map(|place| place.index).collect();
        if indexes.len() < places.len() {
            return Err(wrong("an index is given twice", "number the addresses"));
        }
        if places.iter().filter(|place| place.is_default).count() > 1 {
            return Err(wrong("two addresses are the default", "mark one of them"));
        }
        for place in places {
            for_environment(environment, &place.location, || {
                at("assertionConsumerServices")
            })?;
        }
        if self.signing_certificates.is_empty() {
            return Err(Rejection::new(
                "CERTIFICATE_MISSING",
                "a SAML service has at least one signing certificate, in every environment",
            )
            .field(at("signingCertificates"))
            .remedy("give the certificate of the key that signs the service's requests")
            .rule("management service, field rules"));
        }
        let all = self
            .signing_certificates
            .iter()
            .chain(&self.encryption_certificates);
        certificates_fit(all, || at("signingCertificates"))
    }
}
