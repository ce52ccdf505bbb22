//! Provisioning in the payload shapes of MPASSid-hallintapalvelu, for whoever still pulls them
//! (domain facts F.7), without its traps: what does not route is not there, a change of a service
//! alone counts as a change too, nothing that is recorded between a fetch and its confirmation is
//! lost, and no secret nor its hash is in any answer.
//!
//! A credential is for one environment, and so is every answer.

mod consumer;
mod entry;
mod local_time;

pub(crate) use consumer::Provisioned;

use super::{body, documents, expect_content};
use crate::app::Api;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::strict_json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use consumer::{Change, Known, List};
use domain::time::Instant;
use domain::{CredentialId, Environment, Integration, IntegrationId, Logo, is_routable};
use entry::Entries;
use projections::{AsOf, Snapshot};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;
use utoipa::ToSchema;

/// The route of logos, up to the integration's number.
const LOGO: &str = "/api/v2/provisioning/integration/discoveryinformation/logo/";

/// Whether an environment has changed since its configuration was taken into use.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ConfigurationStatus {
    /// Whether it has.
    updated: bool,
    /// Until when changes are in what was taken, in the time of Finland; null until something was.
    provisioning_last_update_time: Option<String>,
    /// When the oldest change since was recorded, in the time of Finland; null where nothing has
    /// changed or nothing was taken.
    last_update_time: Option<String>,
    /// The phase: 0 test, 1 production, 2 preproduction.
    deployment_phase: u8,
}

/// Home organisations' integrations.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct IdentityProviders {
    /// Entries in the shape of the loading file of identity providers, without secrets.
    #[schema(value_type = Vec<Object>)]
    identity_providers: Vec<Value>,
}

/// Services' clients.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ServiceProviders {
    /// Entries in the shape of the loading file of services, without secrets.
    #[schema(value_type = Vec<Object>)]
    service_providers: Vec<Value>,
}

/// What a consumer tells when it has taken a configuration into use.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Taken {
    /// The phase: 0 test, 1 production, 2 preproduction.
    deployment_phase: u8,
    /// Until when changes are in it: in the time of Finland, or RFC 3339 with a zone. Where it is
    /// left out, the time at which the lists were given.
    #[serde(default)]
    last_time: Option<String>,
}

/// What was noted as taken into use.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Provisioning {
    /// The phase.
    deployment_phase: u8,
    /// Until when changes are in it, in the time of Finland: never later than the lists that were
    /// given.
    last_time: String,
}

/// Whether anything has changed since the configuration was taken last.
#[utoipa::path(get, path = "/api/v2/provisioning/configuration/status", tag = "provisioning", security(("bearer" = []), ("basic" = [])),
    responses((status = 200, description = "One entry, for the credential's environment", body = Vec<ConfigurationStatus>), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn status(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Json<Vec<ConfigurationStatus>>, Problem> {
    let asked = asked(&api, &caller)?;
    let taken = api.0.provisioned.taken(asked.consumer);
    let change = match taken {
        None => Change::Unknown,
        Some(taken) => {
            let (api, asked) = (api.clone(), asked.clone());
            let comparing = move || asked.change(&api, taken);
            tokio::task::spawn_blocking(comparing)
                .await
                .map_err(|_| Problem::unavailable())?
        }
    };
    let since = match change {
        Change::Nothing | Change::Unknown => None,
        Change::Since(at) => Some(at),
    };
    Ok(Json(vec![ConfigurationStatus {
        updated: change != Change::Nothing,
        provisioning_last_update_time: taken.map(|taken| local_time::local(taken.at)),
        last_update_time: since.map(local_time::local),
        deployment_phase: asked.phase,
    }]))
}

/// The home organisations' integrations that route now.
#[utoipa::path(get, path = "/api/v2/provisioning/identityproviders", tag = "provisioning", security(("bearer" = []), ("basic" = [])),
    responses((status = 200, body = IdentityProviders), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn identity_providers(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Json<IdentityProviders>, Problem> {
    let asked = asked(&api, &caller)?;
    let identity_providers = asked.homes(&asked.entries(&api));
    asked.gave(&api, List::IdentityProviders);
    Ok(Json(IdentityProviders { identity_providers }))
}

/// The services' clients that route now.
#[utoipa::path(get, path = "/api/v2/provisioning/serviceproviders", tag = "provisioning", security(("bearer" = []), ("basic" = [])),
    responses((status = 200, body = ServiceProviders), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn service_providers(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Json<ServiceProviders>, Problem> {
    let asked = asked(&api, &caller)?;
    let service_providers = asked.clients(&asked.entries(&api));
    asked.gave(&api, List::ServiceProviders);
    Ok(Json(ServiceProviders { service_providers }))
}

/// Everything at once: the home organisations' integrations, the services' clients, and the sets
/// that these are in.
#[utoipa::path(get, path = "/api/v2/provisioning/list", tag = "provisioning", security(("bearer" = []), ("basic" = [])),
    responses((status = 200, description = "Entries in the shapes of the loading files, without secrets", body = Vec<Object>), (status = 401, body = Problem), (status = 403, body = Problem)))]
pub(crate) async fn list(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
) -> Result<Json<Vec<Value>>, Problem> {
    let asked = asked(&api, &caller)?;
    let entries = asked.entries(&api);
    let mut all = asked.homes(&entries);
    all.extend(asked.clients(&entries));
    let sets = entries.network.services.services.iter();
    let sets = sets.filter(|(id, row)| row.is_active() && entries.has(**id, row));
    all.extend(sets.map(|(id, row)| entries.set(*id, row)));
    asked.gave(&api, List::Everything);
    Ok(Json(all))
}

/// The logo of a home organisation's integration that routes now.
#[utoipa::path(get, path = "/api/v2/provisioning/integration/discoveryinformation/logo/{id}", tag = "provisioning", security(("bearer" = []), ("basic" = [])),
    params(("id" = String, Path, description = "The entry's `id`")),
    responses((status = 200, description = "The picture"), (status = 302, description = "Where it is on the web"), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)))]
pub(crate) async fn logo(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    let asked = asked(&api, &caller)?;
    let network = &asked.snapshot.network;
    let logo = entry::named(network, asked.environment, &name)
        .filter(|(id, _)| is_routable(network, *id, asked.now))
        .and_then(|(_, row)| row.home()?.discovery.logo.clone())
        .ok_or_else(Problem::not_found)?;
    match logo {
        Logo::Address(address) => {
            let found = [(header::LOCATION, address.to_string())];
            Ok((StatusCode::FOUND, found).into_response())
        }
        Logo::Document(reference) => documents::public(&api, reference).await,
    }
}

/// Notes that the configuration was taken into use.
#[utoipa::path(put, path = "/api/v2/provisioning", tag = "provisioning", request_body = Taken, security(("bearer" = []), ("basic" = [])),
    responses((status = 200, body = Provisioning), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)))]
pub(crate) async fn provisioned(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
    headers: HeaderMap,
    content: Body,
) -> Result<Json<Provisioning>, Problem> {
    let asked = asked(&api, &caller)?;
    expect_content(&headers, "application/json")?;
    let bytes = body(content, api.0.limits.body_bytes).await?;
    let remedy = "send an object with `deploymentPhase` and, where needed, `lastTime`";
    let json = strict_json::read(&bytes)
        .map_err(|error| Problem::bad_request(error.to_string(), remedy))?;
    let taken: Taken = serde_path_to_error::deserialize(json).map_err(|error| {
        let path = error.path().to_string();
        Problem::bad_request(error.into_inner().to_string(), remedy).field(path)
    })?;
    if taken.deployment_phase != asked.phase {
        return Err(Problem::forbidden().field("deploymentPhase"));
    }
    let known = asked.known(&api, taken.last_time.as_deref()).await?;
    api.0.provisioned.take(asked.consumer, known);
    Ok(Json(Provisioning {
        deployment_phase: asked.phase,
        last_time: local_time::local(known.at),
    }))
}

/// Who asks, about which environment, and the state that the answer is made from.
#[derive(Clone)]
struct Asked {
    consumer: CredentialId,
    environment: Environment,
    phase: u8,
    snapshot: Arc<Snapshot>,
    now: Instant,
}

fn asked(api: &Api, caller: &Caller) -> Result<Asked, Problem> {
    let Caller::Machine { credential } = *caller else {
        return Err(Problem::forbidden());
    };
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
    Ok(Asked {
        consumer: credential,
        environment,
        phase,
        snapshot: api.0.backends.views.current(),
        now: api.0.backends.clock.now(),
    })
}

impl Asked {
    fn entries<'a>(&'a self, api: &'a Api) -> Entries<'a> {
        Entries {
            network: &self.snapshot.network,
            environment: self.environment,
            phase: self.phase,
            origin: &api.0.origin,
        }
    }

    /// The environment's integrations that route now.
    fn routing<'a>(
        &'a self,
        entries: &'a Entries<'_>,
    ) -> impl Iterator<Item = (IntegrationId, &'a Integration)> {
        let integrations = entries.network.integrations.iter();
        integrations
            .filter(|(_, row)| row.environment == self.environment)
            .filter(|(id, _)| is_routable(entries.network, *id, self.now))
    }

    fn homes(&self, entries: &Entries<'_>) -> Vec<Value> {
        let rows = self.routing(entries);
        let homes = rows.filter_map(|(id, row)| Some((id, row, row.home()?)));
        homes
            .filter(|(.., home)| entries.can_be_said(home))
            .map(|(id, row, home)| entries.identity_provider(id, row, home))
            .collect()
    }

    fn clients(&self, entries: &Entries<'_>) -> Vec<Value> {
        let rows = self.routing(entries);
        let clients = rows.filter_map(|(id, row)| Some((id, row, row.client()?)));
        clients
            .map(|(id, row, client)| entries.service_provider(id, row, client))
            .collect()
    }

    fn gave(&self, api: &Api, list: List) {
        let known = Known {
            position: self.snapshot.position,
            at: self.now,
        };
        api.0.provisioned.gave(self.consumer, list, known);
    }

    fn change(&self, api: &Api, taken: Known) -> Change {
        let views = &api.0.backends.views;
        consumer::change(
            &self.entries(api),
            views.routing(),
            views.log(),
            &self.snapshot,
            taken,
            self.now,
        )
    }

    /// What a consumer knows that says that changes up to `last_time` are in what it took: at most
    /// what it was given.
    async fn known(&self, api: &Api, last_time: Option<&str>) -> Result<Known, Problem> {
        let given = api.0.provisioned.given(self.consumer);
        let Some(text) = last_time else {
            return given.ok_or_else(nothing_given);
        };
        let wrong = |detail| {
            let remedy = "give a past time such as 2025-01-31T14:00:00, or leave it out";
            Problem::bad_request(detail, remedy).field("lastTime")
        };
        let at = local_time::read(text).ok_or_else(|| wrong("this is no time"))?;
        if at > self.now {
            return Err(wrong("this time is yet to come"));
        }
        match given {
            Some(given) if given.at <= at => Ok(given),
            _ => {
                let past = api.0.backends.views.as_of(AsOf::Instant(at)).await;
                let past = past.map_err(|_| Problem::unavailable())?;
                Ok(Known {
                    position: past.position,
                    at,
                })
            }
        }
    }
}

/// Nothing was given to the consumer since it confirmed, or since this process began.
fn nothing_given() -> Problem {
    Problem::new(
        StatusCode::CONFLICT,
        "NOTHING_GIVEN",
        "no list was given to this credential since the last confirmation",
        "fetch the lists and confirm them then, or say by `lastTime` until when changes are in",
    )
}
