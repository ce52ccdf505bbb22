//! The rows of the routing table.
//!
//! Every row says at which governance position it was made, and from when until when it routes.
//! Secrets and personal values stand here by reference or as ciphertext, never in clear.

use super::secret::{Secret, SecretHash, UserMark};
use super::table::Row;
use super::upstream::{GraphAttributes, Upstream};
use domain::data_model::{Attribute, NonDisclosureRule, Rules, SourceAttribute, Version};
use domain::time::{Instant, Window};
use domain::value::{
    AttributeName, Certificate, ClientId, EntityId, InstitutionType, KeySet, LanguageText,
    MunicipalityCode, OrganisationOid, RedirectUri, SchoolCode, ShortText, WebAddress,
};
use domain::{IntegrationId, KeyPurpose, KeyState, ServiceId, SuspensionId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One recorded fact that a row or a decision stands on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Because {
    /// The governance position of the event.
    pub position: u64,
    /// What it did, as the name of the event's type, such as `MembershipStarted`.
    pub what: String,
}

/// Whether a row routes everybody or only an administrator's attribute test.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RouteState {
    /// Routes inside its windows.
    #[default]
    Active,
    /// Not yet active; reachable by an attribute test alone.
    DraftForTesting,
}

/// All services, or those named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Services {
    /// Every service.
    All,
    /// These alone, each with the position that named it.
    List(BTreeMap<ServiceId, u64>),
}

/// A client of a service: one way in which one service receives logins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ServiceClient {
    /// The integration it belongs to.
    pub integration: IntegrationId,
    /// The service, which is what home organisations permit.
    pub service: ServiceId,
    /// The service's name, as pages show it.
    pub name: LanguageText,
    /// Who provides the service.
    pub organisation: OrganisationOid,
    /// The provider's name, as pages show it.
    pub organisation_name: LanguageText,
    /// How it is spoken to.
    pub protocol: ServiceProtocol,
    /// The attributes that it receives at most (domain facts J.8).
    pub release_set: BTreeSet<Attribute>,
    /// The version of the national data model that it receives.
    pub data_model_version: Version,
    /// Whether an account with a test learner id may log in to it.
    pub allow_test_learner_id: bool,
    /// Whether a session from an earlier login is enough.
    pub single_sign_on: bool,
    /// Whether it routes everybody.
    pub state: RouteState,
    /// When it routes: inside any of these, in UTC.
    pub windows: Vec<Window>,
    /// The governance position that made the row what it is.
    pub position: u64,
    /// What it stands on: its activation, the provider's membership.
    #[serde(default)]
    pub because: Vec<Because>,
}

/// How a service is spoken to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ServiceProtocol {
    /// OpenID Connect, code flow.
    OpenIdConnect(OpenIdConnectClient),
    /// SAML 2.0 (saml2int).
    Saml(SamlService),
}

/// How a client proves itself at the token endpoint (OpenID Connect Core §9).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenEndpointAuthentication {
    /// Client id and secret in the `Authorization` header.
    #[default]
    ClientSecretBasic,
    /// Client id and secret in the body.
    ClientSecretPost,
    /// A JWT signed with a key of the client.
    PrivateKeyJwt,
}

/// Which subject a client sees for a user (OpenID Connect Core §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    /// Another one in every service.
    #[default]
    Pairwise,
    /// The same one in every service: the national user identifier.
    Public,
}

/// An OpenID Connect client's registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OpenIdConnectClient {
    /// The client id.
    pub client_id: ClientId,
    /// The hash of its secret; none while no secret was set, and then no token is given.
    pub secret_hash: Option<SecretHash>,
    /// Where a login may return to, octet by octet.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where a log-out may return to, octet by octet.
    #[serde(default)]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// How it proves itself.
    #[serde(default)]
    pub token_endpoint_auth_method: TokenEndpointAuthentication,
    /// Where its own keys are, for `private_key_jwt`.
    #[serde(default)]
    pub jwks_uri: Option<WebAddress>,
    /// Its own keys themselves, where it publishes them nowhere.
    #[serde(default)]
    pub jwks: Option<KeySet>,
    /// Whether it must use PKCE with S256 (RFC 7636, RFC 9700 §2.1.1). The default is that it must.
    #[serde(default = "yes")]
    pub pkce_required: bool,
    /// Which subject it sees.
    #[serde(default)]
    pub subject_type: SubjectType,
    /// The algorithm its ID tokens are signed with: `RS256` or `ES256`.
    pub id_token_algorithm: ShortText,
    /// Whether the attributes stand in the ID token too, not in the userinfo answer alone.
    #[serde(default)]
    pub attributes_in_id_token: bool,
    /// The scopes it may ask for.
    #[serde(default)]
    pub scopes: Vec<ShortText>,
}

fn yes() -> bool {
    true
}

/// A SAML service's registration (domain facts E.2, F.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SamlService {
    /// Its entity ID.
    pub entity_id: EntityId,
    /// Where assertions may be delivered, by HTTP-POST.
    pub assertion_consumer_services: Vec<ConsumerService>,
    /// Whether its requests must be signed.
    pub requests_signed: bool,
    /// Whether it wants each assertion signed.
    pub assertions_signed: bool,
    /// The certificates its requests are signed with; several while one replaces another.
    pub signing_certificates: Vec<Certificate>,
    /// The certificates assertions are encrypted to; none means they are not.
    #[serde(default)]
    pub encryption_certificates: Vec<Certificate>,
}

/// One place at which a SAML service takes assertions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConsumerService {
    /// Its address, matched exactly.
    pub location: WebAddress,
    /// Its index in the metadata.
    pub index: u16,
    /// Whether it serves where a request names none.
    pub is_default: bool,
}

/// An integration of a home organisation: one way in which its people identify themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HomeIntegration {
    /// The integration.
    pub integration: IntegrationId,
    /// Whose people log in here.
    pub organisation: OrganisationOid,
    /// The organisation's name.
    pub organisation_name: LanguageText,
    /// The identifier that every user identifier is derived from; never changes, never reused.
    pub idp_id: String,
    /// The name of its authentication flow.
    pub flow_name: String,
    /// The groups that a request may name by `urn:mpass.id:authntag:<tag>`.
    #[serde(default)]
    pub tags: BTreeSet<String>,
    /// How it is spoken to.
    pub upstream: Upstream,
    /// Where its users' attributes are fetched after the login, where the login itself does not
    /// deliver them.
    #[serde(default)]
    pub graph: Option<GraphAttributes>,
    /// Which source attribute becomes which attribute of the data model's input.
    pub attribute_rules: Vec<AttributeRule>,
    /// What the choice page shows.
    pub discovery: Discovery,
    /// Which services it permits.
    pub permissions: Permissions,
    /// Attributes withheld from services.
    #[serde(default)]
    pub vetoes: BTreeMap<ServiceId, BTreeSet<Attribute>>,
    /// What happens to people whose data must not be disclosed (domain facts J.9). A rule to
    /// [`SourceAttribute::NonDisclosure`] says which source attribute marks them.
    #[serde(default)]
    pub non_disclosure: NonDisclosureRule,
    /// The municipality's name, for data-model versions before 1.2.
    #[serde(default)]
    pub municipality: Option<ShortText>,
    /// The municipality's code, for data-model versions before 1.2.
    #[serde(default)]
    pub municipality_code: Option<MunicipalityCode>,
    /// Whether a login here may carry to a second service without a new one.
    pub single_sign_on: bool,
    /// Whether it routes everybody.
    pub state: RouteState,
    /// When it routes: inside any of these, in UTC.
    pub windows: Vec<Window>,
    /// The governance position that made the row what it is.
    pub position: u64,
    /// What it stands on: its activation, the membership.
    #[serde(default)]
    pub because: Vec<Because>,
}

/// How one input of the data model is filled. Declarative: no code comes with an integration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AttributeRule {
    /// The input of the data model.
    pub to: SourceAttribute,
    /// Where its values come from.
    pub values: AttributeValues,
}

/// Where the values of an attribute come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttributeValues {
    /// What the source delivers under this name.
    Source {
        /// The technical name in the source; a dotted name reaches into an object, or into each
        /// object of a list.
        name: AttributeName,
    },
    /// The same value for everyone.
    Static {
        /// The value.
        value: ShortText,
    },
}

/// What the choice page shows of an integration (domain facts F.5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Discovery {
    /// The name in the list, where it is not the organisation's own.
    pub display_name: Option<LanguageText>,
    /// What stands in brackets after a school's name.
    pub title: Option<LanguageText>,
    /// Whether the schools are listed, or the organisation alone.
    #[serde(default)]
    pub show_schools: bool,
    /// These schools alone.
    #[serde(default)]
    pub schools: BTreeSet<SchoolCode>,
    /// All schools but these.
    #[serde(default)]
    pub excluded_schools: BTreeSet<SchoolCode>,
    /// The kinds of institution it serves.
    #[serde(default)]
    pub institution_types: BTreeSet<InstitutionType>,
    /// Whether it serves early education.
    #[serde(default)]
    pub early_education: bool,
    /// Where its logo is.
    pub logo: Option<WebAddress>,
}

/// Which services a home integration permits (domain facts J.7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Permissions {
    /// All, or those named; an empty list means none.
    pub services: Services,
    /// The governance position at which the mode, or the list, last changed.
    pub position: u64,
}

impl Permissions {
    /// Whether `service` is permitted.
    pub fn permits(&self, service: ServiceId) -> bool {
        match &self.services {
            Services::All => true,
            Services::List(services) => services.contains_key(&service),
        }
    }
}

/// An organisation, institution or office as the organisation service describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Organisation {
    /// Its identifier.
    pub oid: OrganisationOid,
    /// Its name; where it has no Finnish one, another stands in its place.
    pub name: LanguageText,
    /// Its types in the code set, such as `organisaatiotyyppi_02`.
    #[serde(default)]
    pub types: BTreeSet<String>,
    /// Its school code, where it is an institution.
    pub school_code: Option<SchoolCode>,
    /// Its kind of institution.
    pub institution_type: Option<InstitutionType>,
    /// What it belongs to.
    pub parent: Option<OrganisationOid>,
    /// Whether it is active; the schools of a closed one are no longer resolved.
    pub active: bool,
    /// The organisations it is recorded to act for.
    #[serde(default)]
    pub acts_for: BTreeSet<OrganisationOid>,
    /// The governance position that made the row what it is.
    pub position: u64,
}

/// A suspended end user (agreement §6 ¶8).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Suspension {
    /// The suspension.
    pub id: SuspensionId,
    /// The integration through which the user logs in; none where every one of the organisation.
    pub integration: Option<IntegrationId>,
    /// The user's home organisation.
    pub organisation: OrganisationOid,
    /// The user, unreadable.
    pub user: UserMark,
    /// From which services.
    pub services: Services,
    /// When it holds.
    pub window: Window,
    /// The governance position that made the row what it is.
    pub position: u64,
}

/// A key of the environment.
///
/// Its private part, once opened, is text: the PKCS #8 of a signing or encryption key, the 32
/// bytes of a cookie key, the salt of the pairwise subjects, each in base64.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentKey {
    /// Its name, the `kid` of a signing key.
    pub key_id: String,
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Its algorithm, such as `RS256` or `ES256`.
    pub algorithm: String,
    /// Its public half as a JSON Web Key; none for symmetric keys.
    pub public_key: Option<String>,
    /// Its private half or secret.
    pub private_key: Secret,
    /// Where it stands in its life.
    pub state: KeyState,
    /// The governance position that made the row what it is.
    pub position: u64,
}

/// The rules that apply to every login of the environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoutingSettings {
    /// How long after a login a second service may be opened without a new one, in seconds.
    pub session_lifetime_seconds: u32,
    /// The network's rules of the data model.
    #[serde(default)]
    pub data_model: Rules,
    /// The governance position that made the row what it is.
    pub position: u64,
}

impl Default for RoutingSettings {
    /// One hour, as the software that the network ran before has it.
    fn default() -> Self {
        Self {
            session_lifetime_seconds: 3600,
            data_model: Rules::default(),
            position: 0,
        }
    }
}

/// Whether any of `windows` holds at `now`.
pub(super) fn holds(windows: &[Window], now: Instant) -> bool {
    windows.iter().any(|window| window.holds_at(now))
}

impl Row for ServiceClient {
    type Key = IntegrationId;

    fn key(&self) -> IntegrationId {
        self.integration
    }
}

impl Row for HomeIntegration {
    type Key = IntegrationId;

    fn key(&self) -> IntegrationId {
        self.integration
    }
}

impl Row for Organisation {
    type Key = OrganisationOid;

    fn key(&self) -> OrganisationOid {
        self.oid.clone()
    }
}

impl Row for Suspension {
    type Key = SuspensionId;

    fn key(&self) -> SuspensionId {
        self.id
    }
}

impl Row for EnvironmentKey {
    type Key = String;

    fn key(&self) -> String {
        self.key_id.clone()
    }
}
