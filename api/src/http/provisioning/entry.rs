//! One integration or set as an entry, in the shape of MPASSid-hallintapalvelu's loading files
//! (domain facts F.2, F.6). No secret and no hash of one has a place here.

use domain::time::Date;
use domain::value::{InstitutionType, LanguageText, SchoolCode, ShortText};
use domain::{
    Client, ClientAuthentication, ClientProtocol, Environment, GrantType, Home, HomeUpstream,
    IdTokenAlgorithm, Integration, IntegrationId, Logo, Network, OpenIdConnectRegistration,
    PeerName, ResponseType, SamlRegistration, Service, ServiceId, Side,
};
use serde_json::{Map, Value, json};
use std::fmt::Display;

/// What every entry of one answer shares.
#[derive(Clone, Copy)]
pub(super) struct Entries<'a> {
    pub(super) network: &'a Network,
    pub(super) environment: Environment,
    /// The environment as the format counts it.
    pub(super) phase: u8,
    /// Where the route of logos is found.
    pub(super) origin: &'a str,
}

impl Entries<'_> {
    /// A home organisation's integration.
    pub(super) fn identity_provider(
        &self,
        id: IntegrationId,
        row: &Integration,
        home: &Home,
    ) -> Value {
        let mut entry = Object::default();
        entry.put("id", number(row.legacy_id.as_ref(), id));
        entry.put(
            "configurationEntity",
            json!({
                "idp": self.provider(id, row, home),
                "attributes": attributes(home),
            }),
        );
        entry.put("discoveryInformation", discovery(home));
        entry.put("organization", json!({ "oid": row.organisation }));
        entry.put("deploymentPhase", self.phase.into());
        entry.into()
    }

    /// What identifies a home organisation's integration, and how its kind is reached.
    fn provider(&self, id: IntegrationId, row: &Integration, home: &Home) -> Value {
        let upstream = &home.configuration.upstream;
        let mut idp = Object::default();
        let types = home.discovery.institution_types.iter();
        idp.put(
            "institutionTypes",
            types.copied().map(institution_type).collect(),
        );
        idp.put("idpId", home.idp_id.to_string().into());
        idp.put_some("logoUrl", self.logo(id, row, home));
        idp.put("flowName", capitalised(home.flow_name.as_str()).into());
        idp.put("type", upstream.kind().into());
        match upstream {
            HomeUpstream::Wilma(wilma) => idp.put("hostname", wilma.host.to_string().into()),
            HomeUpstream::Opinsys(opinsys) => {
                idp.put("tenantId", opinsys.tenant.to_string().into());
            }
            _ => {
                let saml = upstream.saml();
                let entity_id = saml.and_then(|saml| saml.entity_id.as_ref());
                idp.put_some("entityId", entity_id);
                idp.put_some("metadataUrl", upstream.metadata_url().as_ref());
            }
        }
        if let Some(permitted) = self.permitted(home) {
            idp.put("allowedServiceProviders", permitted.into());
        }
        idp.into()
    }

    /// Where the logo is: on the web, or behind the route of logos.
    fn logo(&self, id: IntegrationId, row: &Integration, home: &Home) -> Option<String> {
        Some(match home.discovery.logo.as_ref()? {
            Logo::Address(address) => address.to_string(),
            Logo::Document(_) => {
                let id = row
                    .legacy_id
                    .as_ref()
                    .map_or_else(|| id.to_string(), ToString::to_string);
                format!("{}{}{id}", self.origin, super::LOGO)
            }
        })
    }

    /// The clients of the permitted services in this environment; none where all are permitted.
    fn permitted(&self, home: &Home) -> Option<Vec<Value>> {
        let services = home.permissions.permitted(self.network)?;
        let clients = services
            .into_iter()
            .flat_map(|service| self.network.integrations.clients_of(service))
            .filter(|(_, client)| client.environment == self.environment)
            .filter_map(|(_, row)| row.client());
        Some(
            clients
                .map(|client| match client.configuration.protocol.peer_name() {
                    PeerName::ClientId(id) => json!({ "type": "oidc", "clientId": id }),
                    PeerName::EntityId(id) => json!({ "type": "saml", "entityId": id }),
                })
                .collect(),
        )
    }

    /// Whether the format can say what is permitted: it reads an empty list as "all", so a home
    /// organisation that permits nothing has no entry.
    pub(super) fn can_be_said(&self, home: &Home) -> bool {
        self.permitted(home)
            .is_none_or(|permitted| !permitted.is_empty())
    }

    /// A service's client.
    pub(super) fn service_provider(
        &self,
        id: IntegrationId,
        row: &Integration,
        client: &Client,
    ) -> Value {
        let service = self.network.services.get(client.service);
        let name = client.configuration.name.as_ref().map(ToString::to_string);
        let name = name.or_else(|| service.map(|service| finnish(&service.description.name)));
        let (kind, metadata) = match &client.configuration.protocol {
            ClientProtocol::OpenIdConnect(client) => ("oidc", open_id_connect(client)),
            ClientProtocol::Saml(client) => ("saml", saml(client)),
        };
        let test_learners = client
            .configuration
            .allow_test_learner_id
            .unwrap_or_else(|| {
                service.is_some_and(|service| service.description.allow_test_learner_id)
            });
        let group = service.and_then(|service| service.legacy_id.as_ref());
        json!({
            "id": number(row.legacy_id.as_ref(), id),
            "configurationEntity": {
                "sp": { "type": kind, "name": name, "metadata": metadata },
                "attributes": test_learner_ids(test_learners),
            },
            "integrationGroups": [{ "id": number(group, client.service) }],
            "organization": { "oid": row.organisation },
            "deploymentPhase": self.phase,
        })
    }

    /// A service: the set that its clients are in.
    pub(super) fn set(&self, id: ServiceId, row: &Service) -> Value {
        let mut entry = Object::default();
        entry.put("id", number(row.legacy_id.as_ref(), id));
        entry.put(
            "configurationEntity",
            json!({
                "set": { "name": finnish(&row.description.name) },
                "attributes": test_learner_ids(row.description.allow_test_learner_id),
            }),
        );
        if let Some(oid) = &row.organisation {
            entry.put("organization", json!({ "oid": oid }));
        }
        entry.put("deploymentPhase", self.phase.into());
        entry.into()
    }

    /// Whether the service has its place in this environment.
    pub(super) fn has(&self, id: ServiceId, row: &Service) -> bool {
        match row.environment {
            Some(environment) => environment == self.environment,
            None => self
                .network
                .integrations
                .clients_of(id)
                .any(|(_, client)| client.environment == self.environment),
        }
    }
}

/// An object in the order in which it is written; what is none is left out.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn put(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    fn put_some(&mut self, name: &str, text: Option<impl Display>) {
        if let Some(text) = text {
            self.put(name, text.to_string().into());
        }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object.0)
    }
}

/// The number under which the other system knew it; else the identifier here.
fn number(legacy: Option<&ShortText>, id: impl Display) -> Value {
    match legacy.map(ToString::to_string) {
        Some(legacy) => legacy
            .parse::<u64>()
            .map_or(Value::String(legacy), Value::from),
        None => Value::String(id.to_string()),
    }
}

/// A number of the national code set; as text where it is none.
fn institution_type(code: InstitutionType) -> Value {
    let text = code.to_string();
    text.parse::<u32>().map_or(Value::String(text), Value::from)
}

fn data(name: &str, content: impl Display) -> Value {
    json!({ "name": name, "content": content.to_string(), "type": "data" })
}

fn test_learner_ids(allowed: bool) -> Value {
    json!([data("allowtestlearnerid", allowed)])
}

/// What the source delivers, what is the same for everyone, and how the kind is configured.
fn attributes(home: &Home) -> Vec<Value> {
    let configuration = &home.configuration;
    let mapped = configuration.attributes.iter().map(
        |mapping| json!({ "name": mapping.attribute, "content": mapping.source, "type": "user" }),
    );
    let mut attributes: Vec<Value> = mapped.collect();
    let fixed = configuration.static_values.iter();
    attributes.extend(fixed.map(|fixed| data(fixed.attribute.as_str(), &fixed.value)));
    if let Some(datasource) = &configuration.datasource {
        attributes.push(data("datasource", datasource));
    }
    match &configuration.upstream {
        HomeUpstream::EntraId(entra) => {
            attributes.push(data("tenantId", &entra.tenant_id));
            let client_id = entra.client_id.as_ref();
            attributes.extend(client_id.map(|id| data("clientId", id)));
            let valid_until = entra.client_key_valid_until;
            attributes.extend(valid_until.map(|day| data("clientKeyValidUntil", day_first(day))));
            let uri = entra.application_id_uri.as_ref();
            attributes.extend(uri.map(|uri| data("azureApplicationIdUri", uri)));
        }
        HomeUpstream::Opinsys(opinsys) => {
            attributes.push(data("tenantId", &opinsys.tenant));
            let client_id = opinsys.client_id.as_ref();
            attributes.extend(client_id.map(|id| data("clientId", id)));
        }
        HomeUpstream::Wilma(wilma) => attributes.push(data("hostname", &wilma.host)),
        _ => {}
    }
    attributes
}

/// The format writes this one date with the day first.
fn day_first(day: Date) -> String {
    format!("{:02}-{:02}-{:04}", day.day(), day.month(), day.year())
}

fn discovery(home: &Home) -> Value {
    let shown = &home.discovery;
    let codes = |codes: &[SchoolCode]| -> Value { codes.iter().map(ToString::to_string).collect() };
    let mut discovery = Object::default();
    // The format writes its flags as text.
    discovery.put("showSchools", shown.show_schools.to_string().into());
    discovery.put("schools", codes(&shown.schools));
    discovery.put("excludedSchools", codes(&shown.excluded_schools));
    discovery.put_some("title", shown.title.as_ref().map(finnish));
    let custom = shown.custom_display_name.as_ref().map(finnish);
    discovery.put_some("customDisplayName", custom);
    if shown.early_education {
        discovery.put("earlyEducationProvider", "true".into());
    }
    discovery.into()
}

fn open_id_connect(client: &OpenIdConnectRegistration) -> Value {
    let mut metadata = Object::default();
    let texts = |list: &[domain::value::RedirectUri]| -> Value {
        list.iter().map(ToString::to_string).collect()
    };
    metadata.put("client_id", client.client_id.to_string().into());
    metadata.put("redirect_uris", texts(&client.redirect_uris));
    if !client.post_logout_redirect_uris.is_empty() {
        let addresses = texts(&client.post_logout_redirect_uris);
        metadata.put("post_logout_redirect_uris", addresses);
    }
    // The two that every client may ask for are not recorded with it.
    let scopes = ["openid".to_owned(), "profile".to_owned()]
        .into_iter()
        .chain(client.scopes.iter().map(ToString::to_string));
    let scope = scopes.collect::<Vec<_>>().join(" ");
    metadata.put("scope", scope.into());
    let response_types = client.response_types.iter().map(|of| match of {
        ResponseType::Code => "code",
        ResponseType::CodeIdToken => "code id_token",
        ResponseType::CodeToken => "code token",
        ResponseType::CodeIdTokenToken => "code id_token token",
    });
    metadata.put("response_types", response_types.collect());
    let grant_types = client.grant_types.iter().map(|of| match of {
        GrantType::AuthorizationCode => "authorization_code",
        GrantType::Implicit => "implicit",
    });
    metadata.put("grant_types", grant_types.collect());
    let authentication = match client.authentication {
        ClientAuthentication::ClientSecretBasic => "client_secret_basic",
        ClientAuthentication::ClientSecretPost => "client_secret_post",
        ClientAuthentication::ClientSecretJwt => "client_secret_jwt",
        ClientAuthentication::PrivateKeyJwt => "private_key_jwt",
    };
    metadata.put("token_endpoint_auth_method", authentication.into());
    metadata.put_some("jwks_uri", client.jwks_uri.as_ref());
    let algorithm = match client.id_token_algorithm {
        IdTokenAlgorithm::Rs256 => "RS256",
        IdTokenAlgorithm::Es256 => "ES256",
        IdTokenAlgorithm::Hs256 => "HS256",
    };
    metadata.put("id_token_signed_response_alg", algorithm.into());
    metadata.into()
}

fn saml(client: &SamlRegistration) -> Value {
    let services = client.assertion_consumer_services.iter().map(|service| {
        json!({
            "bindings": "HTTP-POST",
            "location": service.location,
            "index": service.index,
            "isDefault": service.is_default,
        })
    });
    json!({
        "entityId": client.entity_id,
        "authnRequestsSigned": client.requests_signed,
        "wantAssertionsSigned": client.assertions_signed,
        "signingCertificates": client.signing_certificates,
        "encryptionCertificates": client.encryption_certificates,
        "assertionConsumerServiceUrls": services.collect::<Vec<_>>(),
    })
}

fn finnish(text: &LanguageText) -> String {
    text.fi.as_str().to_owned()
}

/// Consumers write flow names with a capital first letter.
fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

/// The integration of this environment that an address names, by the number of the other system or
/// by the identifier here.
pub(super) fn named<'a>(
    network: &'a Network,
    environment: Environment,
    name: &str,
) -> Option<(IntegrationId, &'a Integration)> {
    let legacy = ShortText::parse(name).ok();
    let by_number = || network.integrations.home_by_legacy_id(&legacy?);
    let id = name.parse().ok().or_else(by_number)?;
    let row = network.integrations.get(id)?;
    let fits = row.environment == environment && matches!(row.side, Side::Home(_));
    fits.then_some((id, row))
}
