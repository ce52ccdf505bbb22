//! How each kind of home organisation is spoken to, and what a node receives for it.

use super::row::{AttributeRule, AttributeValues};
use super::secret::Secret;
use domain::LdapSecurity;
use domain::data_model::SourceAttribute;
use domain::time::Date;
use domain::value::{
    AttributeName, Certificate, ClientId, DistinguishedName, HostName, ShortText, WebAddress,
};
use serde::{Deserialize, Serialize};

/// How a home organisation is spoken to. Kinds that this node cannot speak are kept by name, so
/// that a newer ledger never costs an older node its table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Upstream {
    /// An OpenID Connect provider.
    OpenIdConnect(OpenIdConnectUpstream),
    /// A directory, by LDAP.
    Ldap(LdapUpstream),
    /// A Wilma, by signed redirects.
    Wilma(WilmaUpstream),
    /// An Opinsys tenant, by a signed token.
    Opinsys(OpinsysUpstream),
    /// A kind whose protocol this node does not speak; it routes nothing.
    Unsupported {
        /// The kind's name, such as `wilma`.
        kind: String,
    },
}

/// What is registered with a home organisation's OpenID Connect provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenIdConnectUpstream {
    /// The issuer, pinned: discovery and tokens must name exactly this.
    pub issuer: WebAddress,
    /// The proxy's client id there.
    pub client_id: ClientId,
    /// The proxy's secret there.
    pub client_secret: Secret,
    /// The scopes to ask for; `openid` always is.
    #[serde(default)]
    pub scopes: Vec<ShortText>,
    /// Claims that must have these values, such as a tenant (`tid`) or a hosted domain (`hd`).
    #[serde(default)]
    pub pinned_claims: Vec<PinnedClaim>,
}

/// A claim that must have one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PinnedClaim {
    /// The claim.
    pub claim: AttributeName,
    /// The one value accepted.
    pub value: ShortText,
}

/// What is registered of a home organisation's directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LdapUpstream {
    /// The servers, in the order in which they are tried.
    pub servers: Vec<LdapServer>,
    /// How the connection is protected.
    pub security: LdapSecurity,
    /// What the servers' certificates must lead to; none for the authorities of the web.
    #[serde(default)]
    pub trusted_certificates: Vec<Certificate>,
    /// Where the search for a user begins.
    pub base: DistinguishedName,
    /// The account that searches; none to search without one.
    #[serde(default)]
    pub bind: Option<DistinguishedName>,
    /// The password of that account.
    pub password: Secret,
    /// The attribute that holds the name a user types in.
    pub user_attribute: AttributeName,
}

/// One server of a directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LdapServer {
    /// Its host, whose name its certificate must carry.
    pub host: HostName,
    /// Its port; none for the standard one of the protection.
    #[serde(default)]
    pub port: Option<u16>,
}

/// What is registered of a Wilma.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct WilmaUpstream {
    /// Its host.
    pub host: HostName,
    /// The secret that signs both ways; missing where the one of the whole installation holds.
    pub secret: Secret,
}

/// What is registered of an Opinsys tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpinsysUpstream {
    /// The tenant's host.
    pub tenant: HostName,
    /// The proxy's name there.
    pub client_id: DistinguishedName,
    /// The proxy's key there: it signs the tokens, and is the password of the attribute call.
    pub client_key: Secret,
}

/// Microsoft Graph as the source of the attributes of an Entra ID tenant's users.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphAttributes {
    /// The tenant.
    pub tenant_id: ShortText,
    /// The proxy's app registration.
    pub client_id: ClientId,
    /// Its client key.
    pub client_key: Secret,
    /// The last day on which the key is valid, where that is known.
    #[serde(default)]
    pub valid_until: Option<Date>,
}

/// The default mapping of a kind of source whose answer always has the same shape (domain facts
/// E.5); it holds where an integration brings none of its own.
pub(super) fn standard_rules(upstream: &Upstream) -> Vec<AttributeRule> {
    let named = match upstream {
        Upstream::Wilma(_) | Upstream::Opinsys(_) => [
            (SourceAttribute::FirstName, "first_name"),
            (SourceAttribute::Surname, "last_name"),
            (SourceAttribute::LearnerId, "learner_id"),
            (SourceAttribute::SchoolIds, "roles.school"),
            (SourceAttribute::Roles, "roles.role"),
            (SourceAttribute::Groups, "roles.group"),
        ],
        _ => return Vec::new(),
    };
    let rule = |(to, name): (SourceAttribute, &str)| {
        let name = AttributeName::parse(name).ok()?;
        let values = AttributeValues::Source { name };
        Some(AttributeRule { to, values })
    };
    named.into_iter().filter_map(rule).collect()
}

impl Upstream {
    /// The secret that the proxy uses towards it, if it has one.
    pub(super) fn secret_mut(&mut self) -> Option<&mut Secret> {
        match self {
            Self::OpenIdConnect(provider) => Some(&mut provider.client_secret),
            Self::Ldap(directory) => Some(&mut directory.password),
            Self::Wilma(wilma) => Some(&mut wilma.secret),
            Self::Opinsys(opinsys) => Some(&mut opinsys.client_key),
            Self::Unsupported { .. } => None,
        }
    }
}
