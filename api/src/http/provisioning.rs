//! Provisioning in the payload shapes of MPASSid-hallintapalvelu, for whoever still pulls them
//! (domain facts F.7), without its traps: what does not route is not there, a change of a service
//! alone counts as a change too, and no secret nor its hash is in any answer.
//!
//! A credential is for one environment, and so is every answer.

use super::{body, expect_content};
use crate::app::Api;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::strict_json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::{Extension, Json};
use domain::time::Instant;
use domain::value::LanguageText;
use domain::{
    Client, ClientProtocol, Environment, Home, HomeUpstream, Integration, IntegrationId, Network,
    PeerName, Side, is_routable,
};
use projections::Snapshot;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// When each environment was provisioned last, as its consumer told. It is told anew after a
/// restart: until then everything counts as changed.
#[derive(Debug, Default)]
pub(crate) struct Provisioned(Mutex<HashMap<Environment, Instant>>);

/// What a consumer tells when it has taken a configuration into use.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Taken {
    /// The phase: 0 test, 1 production, 2 preproduction.
    deployment_phase: u8,
    /// Until when changes are in it, RFC 3339; now where left out.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    last_time: Option<Instant>,
}

/// Whether anything has changed since the configuration was taken last.
#[utoipa::path(get, path = "/api/v2/provisioning/configuration/status", tag = "provisioning",
    responses((status = 200, description = "One entry for the credential's environment"), (status = 403, body = Problem)))]
pub(crate) async fn status(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Json<Value>, Problem> {
    let (environment, phase, snapshot) = asked(&api, &caller)?;
    let taken = api
        .0
        .provisioned
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    let taken = taken.get(&environment).copied();
    let updated = taken.is_none_or(|taken| taken < snapshot.recorded_at);
    Ok(Json(json!([{
        "deploymentPhase": phase,
        "updated": updated,
        "provisioningLastUpdateTime": taken,
        "lastUpdateTime": snapshot.recorded_at,
    }])))
}

/// The home organisations' integrations that route now.
#[utoipa::path(get, path = "/api/v2/provisioning/identityproviders", tag = "provisioning",
    responses((status = 200, description = "`identityProviders`, in the shape of the loading files"), (status = 403, body = Problem)))]
pub(crate) async fn identity_providers(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Json<Value>, Problem> {
    let (environment, phase, snapshot) = asked(&api, &caller)?;
    let network = &snapshot.network;
    let rows = routing(&api, network, environment);
    let entries: Vec<_> = rows
        .filter_map(|(id, row)| Some(identity_provider(network, id, row, row.home()?, phase)))
        .collect();
    Ok(Json(json!({ "identityProviders": entries })))
}

/// The services' clients that route now.
#[utoipa::path(get, path = "/api/v2/provisioning/serviceproviders", tag = "provisioning",
    responses((status = 200, description = "`services`, in the shape of the loading files"), (status = 403, body = Problem)))]
pub(crate) async fn service_providers(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Json<Value>, Problem> {
    let (environment, phase, snapshot) = asked(&api, &caller)?;
    let network = &snapshot.network;
    let rows = routing(&api, network, environment);
    let entries: Vec<_> = rows
        .filter_map(|(id, row)| Some(service_provider(network, id, row, row.client()?, phase)))
        .collect();
    Ok(Json(json!({ "services": entries })))
}

/// For each home organisation's integration, the clients that it permits; none named means all.
#[utoipa::path(get, path = "/api/v2/provisioning/list", tag = "provisioning",
    responses((status = 200, description = "The permitted clients of each integration"), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Json<Value>, Problem> {
    let (environment, _, snapshot) = asked(&api, &caller)?;
    let network = &snapshot.network;
    let rows = routing(&api, network, environment);
    let entries: Vec<_> = rows
        .filter_map(|(id, row)| {
            let permitted = permitted(network, row.home()?, environment);
            Some(json!({ "id": number(id, row), "integrations": permitted }))
        })
        .collect();
    Ok(Json(Value::Array(entries)))
}

/// Notes that the configuration was taken into use.
#[utoipa::path(put, path = "/api/v2/provisioning", tag = "provisioning", request_body = Taken,
    responses((status = 204, description = "Noted"), (status = 400, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn provisioned(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
    headers: HeaderMap,
    content: Body,
) -> Result<StatusCode, Problem> {
    let (environment, phase, _) = asked(&api, &caller)?;
    expect_content(&headers, "application/json")?;
    let bytes = body(content, api.0.limits.body_bytes).await?;
    let remedy = "send an object with `deploymentPhase` and, where needed, `lastTime`";
    let json = strict_json::read(&bytes)
        .map_err(|error| Problem::bad_request(error.to_string(), remedy))?;
    let taken: Taken = serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        Problem::bad_request(error.into_inner().to_string(), remedy).field(path)
    })?;
    if taken.deployment_phase != phase {
        return Err(Problem::forbidden().field("deploymentPhase"));
    }
    let at = taken
        .last_time
        .unwrap_or_else(|| api.0.backends.clock.now());
    let mut noted = api
        .0
        .provisioned
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    noted.insert(environment, at);
    Ok(StatusCode::NO_CONTENT)
}

/// The environment that a credential is for, with its phase number, and the newest state.
fn asked(api: &Api, caller: &Caller) -> Result<(Environment, u8, Arc<Snapshot>), Problem> {
    let environments = caller.environments(&api.0.backends.registrar.network().1);
    let environment = environments
        .first()
        .copied()
        .ok_or_else(Problem::forbidden)?;
    let phase = match environment {
        Environment::Test => 0,
        Environment::Production => 1,
        Environment::Preproduction => 2,
        Environment::Demo => {
            return Err(Problem::bad_request(
                "the environment demo has no deployment phase",
                "use a credential of another environment, or the routing feed",
            ));
        }
    };
    Ok((environment, phase, api.0.backends.views.current()))
}

/// The integrations of an environment that route now.
fn routing<'a>(
    api: &Api,
    network: &'a Network,
    environment: Environment,
) -> impl Iterator<Item = (IntegrationId, &'a Integration)> {
    let now = api.0.backends.clock.now();
    network
        .integrations
        .iter()
        .filter(move |(_, row)| row.environment == environment)
        .filter(move |(id, _)| is_routable(network, *id, now))
        // The format has no word for "permits nothing": an empty list reads as "all" there.
        .filter(move |(_, row)| row.home().is_none_or(|home| permits_something(network, home, environment)))
}

fn permits_something(network: &Network, home: &Home, environment: Environment) -> bool {
    home.permissions.permitted(network).is_none()
        || permitted(network, home, environment) != Value::Array(Vec::new())
}

/// The number under which the other system knew it; else the identifier here.
fn number(id: IntegrationId, row: &Integration) -> Value {
    let legacy = row.legacy_id.as_ref().map(ToString::to_string);
    match legacy {
        Some(legacy) => legacy
            .parse::<u64>()
            .map_or(Value::String(legacy), Value::from),
        None => Value::String(id.to_string()),
    }
}

fn identity_provider(
    network: &Network,
    id: IntegrationId,
    row: &Integration,
    home: &Home,
    phase: u8,
) -> Value {
    let discovery = &home.discovery;
    let codes = |codes: &[domain::value::SchoolCode]| -> Vec<String> {
        codes.iter().map(ToString::to_string).collect()
    };
    let mut idp = Map::new();
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            idp.insert(name.to_owned(), value);
        }
    };
    let types = discovery.institution_types.iter();
    put(
        "institutionTypes",
        types
            .map(|of| of.to_string().parse::<u32>().unwrap_or(0))
            .collect(),
    );
    put("idpId", home.idp_id.to_string().into());
    put("flowName", capitalised(home.flow_name.as_str()).into());
    put("type", home.configuration.upstream.kind().into());
    match &home.configuration.upstream {
        HomeUpstream::Wilma(wilma) => put("hostname", wilma.host.to_string().into()),
        HomeUpstream::Opinsys(opinsys) => put("tenantId", opinsys.tenant.to_string().into()),
        upstream => {
            let saml = upstream.saml();
            let entity_id = saml.and_then(|saml| saml.entity_id.as_ref());
            put("entityId", json!(entity_id.map(ToString::to_string)));
            put(
                "metadataUrl",
                json!(upstream.metadata_url().map(|url| url.to_string())),
            );
        }
    }
    if home.permissions.permitted(network).is_some() {
        put(
            "allowedServiceProviders",
            permitted(network, home, row.environment),
        );
    }
    let mapped = home.configuration.attributes.iter().map(|mapping| {
        json!({ "name": mapping.attribute.to_string(), "content": mapping.source.to_string(), "type": "user" })
    });
    let datasource = home.configuration.datasource.iter().map(|datasource| {
        json!({ "name": "datasource", "content": datasource.to_string(), "type": "data" })
    });
    json!({
        "id": number(id, row),
        "configurationEntity": { "idp": idp, "attributes": mapped.chain(datasource).collect::<Vec<_>>() },
        "discoveryInformation": {
            "showSchools": discovery.show_schools.to_string(),
            "schools": codes(&discovery.schools),
            "excludedSchools": codes(&discovery.excluded_schools),
            "title": discovery.title.as_ref().map(finnish),
            "customDisplayName": discovery.custom_display_name.as_ref().map(finnish),
        },
        "organization": { "oid": row.organisation.to_string() },
        "deploymentPhase": phase,
    })
}

fn service_provider(
    network: &Network,
    id: IntegrationId,
    row: &Integration,
    client: &Client,
    phase: u8,
) -> Value {
    let service = network.services.get(client.service);
    let name = client.configuration.name.as_ref().map(ToString::to_string);
    let name = name.or_else(|| service.map(|service| finnish(&service.description.name)));
    let sp = match &client.configuration.protocol {
        ClientProtocol::OpenIdConnect(oidc) => json!({
            "type": "oidc",
            "name": name,
            "metadata": {
                "client_id": oidc.client_id.to_string(),
                "redirect_uris": oidc.redirect_uris.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "post_logout_redirect_uris": oidc.post_logout_redirect_uris.iter().map(ToString::to_string).collect::<Vec<_>>(),
                "scope": oidc.scopes.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
                "response_types": ["code"],
                "grant_types": ["authorization_code"],
            },
        }),
        ClientProtocol::Saml(saml) => json!({
            "type": "saml",
            "name": name,
            "metadata": {
                "entityId": saml.entity_id.to_string(),
                "authnRequestsSigned": saml.requests_signed,
                "wantAssertionsSigned": saml.assertions_signed,
                "signingCertificates": saml.signing_certificates,
                "encryptionCertificates": saml.encryption_certificates,
                "assertionConsumerServiceUrls": saml.assertion_consumer_services.iter().map(|service| json!({
                    "bindings": "HTTP-POST",
                    "location": service.location.to_string(),
                    "index": service.index,
                    "isDefault": service.is_default,
                })).collect::<Vec<_>>(),
            },
        }),
    };
    let test_learners = client
        .configuration
        .allow_test_learner_id
        .unwrap_or_else(|| {
            service.is_some_and(|service| service.description.allow_test_learner_id)
        });
    let group = service
        .and_then(|service| service.legacy_id.as_ref())
        .map(ToString::to_string);
    json!({
        "id": number(id, row),
        "configurationEntity": {
            "sp": sp,
            "attributes": [{ "name": "allowtestlearnerid", "content": test_learners.to_string(), "type": "data" }],
        },
        "integrationGroups": [{ "id": group.unwrap_or_else(|| client.service.to_string()) }],
        "organization": { "oid": row.organisation.to_string() },
        "deploymentPhase": phase,
    })
}

/// The clients of the permitted services in this environment.
fn permitted(network: &Network, home: &Home, environment: Environment) -> Value {
    let Some(services) = home.permissions.permitted(network) else {
        return Value::Array(Vec::new());
    };
    services
        .into_iter()
        .flat_map(|service| network.integrations.clients_of(service))
        .filter(|(_, client)| client.environment == environment)
        .filter_map(|(_, client)| match &client.side {
            Side::Service(client) => Some(match client.configuration.protocol.peer_name() {
                PeerName::ClientId(id) => json!({ "type": "oidc", "clientId": id.to_string() }),
                PeerName::EntityId(id) => json!({ "type": "saml", "entityId": id.to_string() }),
            }),
            Side::Home(_) => None,
        })
        .collect()
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
