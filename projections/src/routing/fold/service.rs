//! The clients of services as nodes receive them.

use super::{Touched, because, name_of, position_of, route_state};
use crate::Snapshot;
use crate::routing::{
    ConsumerService, OpenIdConnectClient, RoutingTable, SamlService, SecretHash, ServiceClient,
    ServiceProtocol, SubjectType, TokenEndpointAuthentication,
};
use domain::data_model::{Attribute, ServiceView, Version};
use domain::time::{Instant, Window};
use domain::value::ShortText;
use domain::{
    Client, ClientAuthentication, ClientProtocol, ClientSubject, Environment, IdTokenAlgorithm,
    Integration, IntegrationId, Network, OpenIdConnectRegistration, SamlRegistration, Service,
    routable_windows,
};
use std::collections::BTreeSet;

/// Works out anew the client `id`, or takes it out.
pub(super) fn put(
    table: &mut RoutingTable,
    id: IntegrationId,
    row: &Integration,
    snapshot: &Snapshot,
) {
    let made = row
        .client()
        .and_then(|client| made(id, row, client, snapshot));
    match made {
        Some(new) if table.services().get(&id).is_none_or(|old| **old != new) => {
            table.put_service(new);
        }
        Some(_) => {}
        None => table.remove_service(id),
    }
}

fn made(
    id: IntegrationId,
    row: &Integration,
    client: &Client,
    snapshot: &Snapshot,
) -> Option<ServiceClient> {
    let network = &snapshot.network;
    let state = route_state(row)?;
    let service = network.services.get(client.service)?;
    let configuration = &client.configuration;
    let version = version_of(network, service, snapshot.recorded_at);
    Some(ServiceClient {
        integration: id,
        service: client.service,
        name: service.description.name.clone(),
        organisation: row.organisation.clone(),
        organisation_name: name_of(network, &row.organisation)?,
        protocol: protocol(client)?,
        release_set: match service.released_attributes() {
            Some(names) => names
                .iter()
                .filter_map(|name| Attribute::from_any_name(name.as_str()))
                .collect(),
            None => ServiceView::profile(version),
        },
        data_model_version: version,
        allow_test_learner_id: configuration
            .allow_test_learner_id
            .unwrap_or(service.description.allow_test_learner_id),
        single_sign_on: configuration
            .single_sign_on
            .unwrap_or(service.description.single_sign_on),
        state,
        windows: windows(network, id, row.environment),
        position: position_of(snapshot, &format!("integration/{id}")),
        because: because(snapshot, row, Some(client.service)),
    })
}

/// The version of the data model that the service receives. Where no annex 3 is recorded, the
/// newest that is known here.
fn version_of(network: &Network, service: &Service, now: Instant) -> Version {
    let newest = Version::ALL.last().copied().unwrap_or(Version::V1_4);
    service.data_model_version(network, now).unwrap_or(newest)
}

/// When the client routes: its own windows, less the times at which the whole service of the
/// environment is suspended (membership contract §6 ¶4). No login passes without a service, so the
/// one side is enough.
fn windows(network: &Network, id: IntegrationId, environment: Environment) -> Vec<Window> {
    let suspensions: Vec<Window> = network
        .operations
        .service_suspensions(environment)
        .collect();
    let own = routable_windows(network, id);
    own.into_iter()
        .flat_map(|window| without(window, &suspensions))
        .collect()
}

/// What is left of a window outside of others.
fn without(window: Window, others: &[Window]) -> Vec<Window> {
    let mut left = vec![window];
    for other in others {
        left = left.into_iter().flat_map(|part| cut(part, other)).collect();
    }
    left
}

fn cut(window: Window, other: &Window) -> Vec<Window> {
    let ends_before = window.until.is_some_and(|until| until <= other.from);
    let starts_after = other.until.is_some_and(|until| until <= window.from);
    if ends_before || starts_after {
        return vec![window];
    }
    let before = (window.from < other.from).then_some(Window {
        from: window.from,
        until: Some(other.from),
    });
    let after = other.until.and_then(|from| {
        let some = window.until.is_none_or(|until| from < until);
        some.then_some(Window {
            from,
            until: window.until,
        })
    });
    before.into_iter().chain(after).collect()
}

fn protocol(client: &Client) -> Option<ServiceProtocol> {
    match &client.configuration.protocol {
        ClientProtocol::OpenIdConnect(registration) => {
            let hash = client
                .secret_hash
                .as_ref()
                .map(|hash| SecretHash::recorded(hash.as_str()));
            openid(registration, hash).map(ServiceProtocol::OpenIdConnect)
        }
        ClientProtocol::Saml(registration) => Some(ServiceProtocol::Saml(saml(registration))),
    }
}

fn openid(
    registration: &OpenIdConnectRegistration,
    secret_hash: Option<SecretHash>,
) -> Option<OpenIdConnectClient> {
    Some(OpenIdConnectClient {
        client_id: registration.client_id.clone(),
        secret_hash,
        redirect_uris: registration.redirect_uris.clone(),
        post_logout_redirect_uris: registration.post_logout_redirect_uris.clone(),
        token_endpoint_auth_method: match registration.authentication {
            ClientAuthentication::ClientSecretBasic => {
                TokenEndpointAuthentication::ClientSecretBasic
            }
            ClientAuthentication::ClientSecretPost => TokenEndpointAuthentication::ClientSecretPost,
            ClientAuthentication::PrivateKeyJwt => TokenEndpointAuthentication::PrivateKeyJwt,
            // Recorded from an import and not served: only a hash of the secret is kept.
            ClientAuthentication::ClientSecretJwt => return None,
        },
        jwks_uri: registration.jwks_uri.clone(),
        jwks: registration.jwks.clone(),
        pkce_required: registration.pkce_required,
        subject_type: match registration.subject {
            ClientSubject::Pairwise => SubjectType::Pairwise,
            ClientSubject::Public => SubjectType::Public,
        },
        id_token_algorithm: match registration.id_token_algorithm {
            IdTokenAlgorithm::Rs256 => ShortText::parse("RS256").ok()?,
            IdTokenAlgorithm::Es256 => ShortText::parse("ES256").ok()?,
            IdTokenAlgorithm::Hs256 => return None,
        },
        attributes_in_id_token: registration.attributes_in_id_token,
        scopes: registration.scopes.clone(),
    })
}

fn saml(registration: &SamlRegistration) -> SamlService {
    SamlService {
        entity_id: registration.entity_id.clone(),
        assertion_consumer_services: registration
            .assertion_consumer_services
            .iter()
            .map(|place| ConsumerService {
                location: place.location.clone(),
                index: place.index,
                is_default: place.is_default,
            })
            .collect(),
        requests_signed: registration.requests_signed,
        assertions_signed: registration.assertions_signed,
        signing_certificates: registration.signing_certificates.clone(),
        encryption_certificates: registration.encryption_certificates.clone(),
    }
}

/// Works out anew the touched integrations of both sides.
pub(super) fn touched_integrations(
    touched: &Touched,
    snapshot: &Snapshot,
) -> BTreeSet<IntegrationId> {
    let integrations = &snapshot.network.integrations;
    if touched.everything {
        return integrations.iter().map(|(id, _)| id).collect();
    }
    let mut ids = touched.integrations.clone();
    for service in &touched.services {
        ids.extend(integrations.clients_of(*service).map(|(id, _)| id));
    }
    for organisation in touched.members.iter().chain(&touched.organisations) {
        ids.extend(integrations.of_organisation(organisation).map(|(id, _)| id));
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window() -> impl Strategy<Value = Window> {
        (0..20i64, proptest::option::of(1..20i64)).prop_map(|(from, length)| Window {
            from: Instant::from_microseconds(from),
            until: length.map(|length| Instant::from_microseconds(from + length)),
        })
    }

    proptest! {
        #[test]
        fn what_is_left_holds_exactly_where_the_window_does_and_no_other(
            own in window(),
            others in proptest::collection::vec(window(), 0..4),
        ) {
            let left = without(own, &others);
            for moment in 0..45 {
                let now = Instant::from_microseconds(moment);
                let expected = own.holds_at(now) && !others.iter().any(|w| w.holds_at(now));
                prop_assert_eq!(left.iter().any(|w| w.holds_at(now)), expected);
            }
        }
    }
}
