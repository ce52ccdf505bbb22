//! Registering an integration: a draft with its identifiers, which it keeps for ever.

use super::checks::Strictness;
use super::{
    Client, ClientConfiguration, Discovery, Home, HomeConfiguration, Integration, IntegrationState,
    PeerName, Permissions, Side, gate,
};
use crate::time::Instant;
use crate::value::{FlowName, IdpId, OrganisationOid, SecretText, ShortText};
use crate::{
    Context, CredentialRotated, Decide, Decision, Environment, Event, Evolve, IntegrationId,
    Network, Rejection, ServiceId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The first number of identifiers given here. It lies above all that the incumbent system gave.
const FIRST_NUMBER: usize = 7_000_001;

/// Registers how a home organisation's people identify themselves, as a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterHomeIntegration {
    /// The home organisation.
    pub organisation: OrganisationOid,
    /// The environment; it never changes.
    pub environment: Environment,
    /// How it is reached and what it delivers.
    pub configuration: HomeConfiguration,
    /// The secret that the proxy uses towards it.
    #[serde(default)]
    pub secret: Option<SecretText>,
    /// What the choice page shows of it.
    #[serde(default)]
    pub discovery: Discovery,
}

/// Registers a client of a service, as a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegisterServiceIntegration {
    /// The service; its organisation is the client's too.
    pub service: ServiceId,
    /// The environment; it never changes.
    pub environment: Environment,
    /// How it is reached.
    pub configuration: ClientConfiguration,
    /// The salted hash of its secret. Whoever makes the secret shows it once and gives only the
    /// hash here.
    #[serde(default)]
    pub secret_hash: Option<ShortText>,
}

/// An integration was registered, as a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationRegistered {
    /// The integration.
    pub integration: IntegrationId,
    /// Whose it is.
    pub organisation: OrganisationOid,
    /// Where it lives.
    pub environment: Environment,
    /// What it is.
    pub side: RegisteredSide,
    /// Its identifier in the system it was imported from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legacy_id: Option<ShortText>,
    /// Fields of the import that nothing here has a place for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_fields: Vec<ShortText>,
}

/// What was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RegisteredSide {
    /// A home organisation's side.
    Home(Box<RegisteredHome>),
    /// A client of a service.
    Service(Box<RegisteredClient>),
}

/// A home organisation's side as it was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredHome {
    /// What every user identifier is derived from.
    pub idp_id: IdpId,
    /// The name of its authentication flow.
    pub flow_name: FlowName,
    /// How it is reached and what it delivers.
    pub configuration: HomeConfiguration,
    /// What the choice page shows of it.
    pub discovery: Discovery,
}

/// A client of a service as it was registered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RegisteredClient {
    /// The service.
    pub service: ServiceId,
    /// How it is reached.
    pub configuration: ClientConfiguration,
}

impl Decide for RegisterHomeIntegration {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        gate::admit(
            network,
            self.environment,
            &self.organisation,
            true,
            context.now,
        )?;
        self.configuration
            .check(self.environment, Strictness::Given, "configuration")?;
        self.discovery.check(Strictness::Given)?;
        let discovery = self.discovery.settled();
        super::discovery::disjoint(
            network,
            self.environment,
            &self.organisation,
            &discovery,
            None,
        )?;
        let secret = real_secret(self.secret.as_ref())?;
        let integration = IntegrationId(context.new_id("integration"));
        let (idp_id, flow_name) =
            new_names(network, self.configuration.upstream.kind()).ok_or_else(no_names)?;
        let mut events: Vec<Event> = vec![
            IntegrationRegistered {
                integration,
                organisation: self.organisation.clone(),
                environment: self.environment,
                side: RegisteredSide::Home(Box::new(RegisteredHome {
                    idp_id,
                    flow_name,
                    configuration: self.configuration.clone(),
                    discovery,
                })),
                legacy_id: None,
                unknown_fields: Vec::new(),
            }
            .into(),
        ];
        events.extend(
            secret.map(|secret| CredentialRotated::secret(integration, secret, None).into()),
        );
        Ok(events)
    }
}

/// A secret that is one: a mask stands for a recorded secret, and there is none yet.
fn real_secret(secret: Option<&SecretText>) -> Result<Option<&SecretText>, Rejection> {
    if secret.is_some_and(SecretText::is_masked) {
        return Err(
            Rejection::new("SECRET_MASKED", "this is the mask of a secret")
                .field("secret")
                .remedy("give the secret itself, or leave it out and set it later"),
        );
    }
    Ok(secret)
}

/// An identifier and a flow name that nobody has or had: the kind and a running number.
pub(super) fn new_names(network: &Network, kind: &str) -> Option<(IdpId, FlowName)> {
    let integrations = &network.integrations;
    let first = FIRST_NUMBER + integrations.idp_ids.len();
    // At most as many numbers can be taken as there are integrations.
    (first..=first + integrations.idp_ids.len()).find_map(|number| {
        let idp_id = IdpId::parse(&format!("{kind}_{number}")).ok()?;
        let mut capitalised = kind.to_owned();
        capitalised.get_mut(..1)?.make_ascii_uppercase();
        let flow_name = FlowName::parse(&format!("{capitalised}{number}")).ok()?;
        let free = integrations.by_idp_id(&idp_id).is_none()
            && integrations.by_flow_name(&flow_name).is_none();
        free.then_some((idp_id, flow_name))
    })
}

pub(super) fn no_names() -> Rejection {
    Rejection::new("NAME_TAKEN", "no free identifier was found")
        .field("configuration")
        .remedy("tell the operator: the numbering of integrations is exhausted")
}

/// Refuses a client id or entity ID that another client holds in the environment.
pub(super) fn peer_name_free(
    network: &Network,
    environment: Environment,
    name: &PeerName,
    except: Option<IntegrationId>,
    field: &str,
) -> Result<(), Rejection> {
    let holder = network.integrations.by_peer_name(environment, name);
    if holder.is_none() || holder == except {
        return Ok(());
    }
    let (code, field) = match name {
        PeerName::ClientId(_) => (
            "CLIENT_ID_TAKEN",
            format!("{field}.protocol.openIdConnect.clientId"),
        ),
        PeerName::EntityId(_) => ("ENTITY_ID_TAKEN", format!("{field}.protocol.saml.entityId")),
    };
    Err(Rejection::new(
        code,
        format!("another client has this name in the environment {environment}"),
    )
    .field(field)
    .remedy("use a name of this client's own; one is enough for one environment"))
}

impl Decide for RegisterServiceIntegration {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let service = network.services.offered(self.service, "service")?;
        let Some(organisation) = &service.organisation else {
            return Err(Rejection::new(
                "ORGANISATION_MISSING",
                "nobody is recorded to provide this service",
            )
            .field("service")
            .remedy("record the service's organisation first"));
        };
        if service
            .environment
            .is_some_and(|only| only != self.environment)
        {
            return Err(Rejection::new(
                "ENVIRONMENT_DIFFERS",
                "the service has its clients in another environment",
            )
            .field("environment")
            .remedy("use the service's environment, or create a service for this one"));
        }
        gate::admit(network, self.environment, organisation, false, context.now)?;
        gate::for_demo(self.environment, service)?;
        self.configuration
            .check(self.environment, Strictness::Given, "configuration")?;
        let configuration = self.configuration.settled_for(self.environment);
        let name = configuration.protocol.peer_name();
        peer_name_free(network, self.environment, &name, None, "configuration")?;
        let integration = IntegrationId(context.new_id("integration"));
        let mut events: Vec<Event> = vec![
            IntegrationRegistered {
                integration,
                organisation: organisation.clone(),
                environment: self.environment,
                side: RegisteredSide::Service(Box::new(RegisteredClient {
                    service: self.service,
                    configuration,
                })),
                legacy_id: None,
                unknown_fields: Vec::new(),
            }
            .into(),
        ];
        let hash = self.secret_hash.clone();
        events.extend(hash.map(|hash| CredentialRotated::hash(integration, hash).into()));
        Ok(events)
    }
}

impl Evolve for IntegrationRegistered {
    fn evolve(&self, network: &mut Network, at: Instant) {
        let side = match &self.side {
            RegisteredSide::Home(home) => Side::Home(Box::new(Home {
                idp_id: home.idp_id.clone(),
                flow_name: home.flow_name.clone(),
                configuration: home.configuration.clone(),
                proposed: None,
                secret: None,
                secret_mark: None,
                discovery: home.discovery.clone(),
                permissions: Permissions::all(at),
            })),
            RegisteredSide::Service(client) => Side::Service(Box::new(Client {
                service: client.service,
                configuration: client.configuration.clone(),
                proposed: None,
                secret_hash: None,
            })),
        };
        network.integrations.enter(
            self.integration,
            Integration {
                organisation: self.organisation.clone(),
                environment: self.environment,
                side,
                state: IntegrationState::Draft,
                windows: Vec::new(),
                accepted: false,
                suspension: None,
                legacy_id: self.legacy_id.clone(),
                unknown_fields: self.unknown_fields.clone(),
                registered_at: at,
            },
        );
    }
}
