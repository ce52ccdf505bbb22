//! The integrations of home organisations as nodes receive them.

use super::{because, name_of, position_of, route_state};
use crate::Snapshot;
use crate::routing::upstream::standard_rules;
use crate::routing::{
    AttributeRule, AttributeValues, Discovery, GraphAttributes, HomeIntegration, LdapServer,
    LdapUpstream, OpenIdConnectUpstream, OpinsysUpstream, Permissions, PinnedClaim, RoutingTable,
    Secret, Services, Upstream, WilmaUpstream,
};
use domain::data_model::{Attribute, NonDisclosureRule, SourceAttribute};
use domain::value::{AttributeName, ShortText, WebAddress};
use domain::{
    EntraIdLogin, EntraIdUpstream, Home, HomeConfiguration, HomeUpstream, Integration,
    IntegrationId, Logo, NonDisclosureTreatment, routable_windows,
};
use std::collections::BTreeSet;

/// Works out anew the home integration `id`, or takes it out.
pub(super) fn put(
    table: &mut RoutingTable,
    id: IntegrationId,
    row: &Integration,
    snapshot: &Snapshot,
) {
    match row.home().and_then(|home| made(id, row, home, snapshot)) {
        Some(new) if table.homes().get(&id).is_none_or(|old| **old != new) => table.put_home(new),
        Some(_) => {}
        None => table.remove_home(id),
    }
}

fn made(
    id: IntegrationId,
    row: &Integration,
    home: &Home,
    snapshot: &Snapshot,
) -> Option<HomeIntegration> {
    let network = &snapshot.network;
    let configuration = &home.configuration;
    let position = position_of(snapshot, &format!("integration/{id}"));
    let permitted = home.permissions.permitted(network);
    let vetoes = network.services.vetoes_of(&row.organisation);
    let upstream = upstream(configuration, home);
    Some(HomeIntegration {
        integration: id,
        organisation: row.organisation.clone(),
        organisation_name: name_of(network, &row.organisation)?,
        idp_id: home.idp_id.as_str().to_owned(),
        flow_name: home.flow_name.as_str().to_owned(),
        tags: configuration
            .tags
            .iter()
            .map(|tag| tag.as_str().to_owned())
            .collect(),
        graph: graph(configuration, home),
        attribute_rules: rules(configuration, &upstream),
        upstream,
        discovery: discovery(&home.discovery),
        permissions: Permissions {
            services: match permitted {
                None => Services::All,
                Some(services) => Services::List(
                    services
                        .into_iter()
                        .map(|service| (service, position))
                        .collect(),
                ),
            },
            position,
        },
        vetoes: vetoes
            .map(|(service, veto)| (service, known(&veto.attributes)))
            .collect(),
        non_disclosure: match configuration.non_disclosure.treatment {
            NonDisclosureTreatment::Refuse => NonDisclosureRule::Refuse,
            NonDisclosureTreatment::Relay => NonDisclosureRule::Relay,
        },
        municipality: None,
        municipality_code: network
            .organisations
            .get(&row.organisation)
            .and_then(|organisation| organisation.description.municipality.clone()),
        single_sign_on: configuration.single_sign_on,
        state: route_state(row)?,
        windows: routable_windows(network, id),
        position,
        because: because(snapshot, row, None),
    })
}

/// The integration's secret, by reference.
fn secret(home: &Home) -> Secret {
    let slot = home.secret.as_ref().and_then(domain::Private::slot);
    slot.map_or(Secret::Missing, Secret::Recorded)
}

fn upstream(configuration: &HomeConfiguration, home: &Home) -> Upstream {
    let known = match &configuration.upstream {
        HomeUpstream::OpenIdConnect(provider) => {
            Some(Upstream::OpenIdConnect(OpenIdConnectUpstream {
                issuer: provider.issuer.clone(),
                client_id: provider.client_id.clone(),
                client_secret: secret(home),
                scopes: provider.scopes.clone(),
                pinned_claims: provider
                    .pinned_claims
                    .iter()
                    .map(|pinned| PinnedClaim {
                        claim: pinned.claim.clone(),
                        value: pinned.value.clone(),
                    })
                    .collect(),
            }))
        }
        HomeUpstream::EntraId(entra) if entra.login == EntraIdLogin::OpenIdConnect => {
            entra_login(entra, home)
        }
        HomeUpstream::Ldap(directory) => Some(Upstream::Ldap(LdapUpstream {
            servers: directory
                .servers
                .iter()
                .map(|server| LdapServer {
                    host: server.host.clone(),
                    port: server.port,
                })
                .collect(),
            security: directory.security,
            trusted_certificates: directory.trusted_certificates.clone(),
            base: directory.base.clone(),
            bind: directory.bind.clone(),
            password: secret(home),
            user_attribute: directory.user_attribute.clone(),
        })),
        HomeUpstream::Wilma(wilma) => Some(Upstream::Wilma(WilmaUpstream {
            host: wilma.host.clone(),
            secret: secret(home),
        })),
        HomeUpstream::Opinsys(opinsys) => opinsys.client_id.as_ref().map(|client_id| {
            Upstream::Opinsys(OpinsysUpstream {
                tenant: opinsys.tenant.clone(),
                client_id: client_id.clone(),
                client_key: secret(home),
            })
        }),
        _ => None,
    };
    known.unwrap_or_else(|| Upstream::Unsupported {
        kind: configuration.upstream.kind().to_owned(),
    })
}

/// Entra ID's OpenID Connect side. The issuer names the tenant, and so does the claim `tid` of
/// every token; both are pinned.
fn entra_login(entra: &EntraIdUpstream, home: &Home) -> Option<Upstream> {
    let issuer = format!("https://login.microsoftonline.com/{}/v2.0", entra.tenant_id);
    Some(Upstream::OpenIdConnect(OpenIdConnectUpstream {
        issuer: WebAddress::parse(&issuer).ok()?,
        client_id: entra.client_id.clone()?,
        client_secret: secret(home),
        scopes: vec![ShortText::parse("profile").ok()?],
        pinned_claims: vec![PinnedClaim {
            claim: AttributeName::parse("tid").ok()?,
            value: entra.tenant_id.clone(),
        }],
    }))
}

/// Graph, for an Entra ID tenant whose app registration is known.
fn graph(configuration: &HomeConfiguration, home: &Home) -> Option<GraphAttributes> {
    let HomeUpstream::EntraId(entra) = &configuration.upstream else {
        return None;
    };
    Some(GraphAttributes {
        tenant_id: entra.tenant_id.clone(),
        client_id: entra.client_id.clone()?,
        client_key: secret(home),
        valid_until: entra.client_key_valid_until,
    })
}

/// The attributes of the data model that these names mean.
fn known(names: &BTreeSet<AttributeName>) -> BTreeSet<Attribute> {
    names
        .iter()
        .filter_map(|name| Attribute::from_any_name(name.as_str()))
        .collect()
}

/// What fills each input of the data model; names that are no input fill nothing. An integration
/// without a mapping of its own has its kind's.
fn rules(configuration: &HomeConfiguration, upstream: &Upstream) -> Vec<AttributeRule> {
    let standard = if configuration.attributes.is_empty() {
        standard_rules(upstream)
    } else {
        Vec::new()
    };
    let is_fixed = |rule: &AttributeRule| {
        let mut fixed = configuration.static_values.iter();
        fixed.any(|value| value.attribute.as_str() == rule.to.name())
    };
    let standard = standard.into_iter().filter(|rule| !is_fixed(rule));
    let mapped = configuration.attributes.iter().filter_map(|mapping| {
        Some(AttributeRule {
            to: SourceAttribute::from_name(mapping.attribute.as_str())?,
            values: AttributeValues::Source {
                name: mapping.source.clone(),
            },
        })
    });
    let fixed = configuration.static_values.iter().filter_map(|fixed| {
        Some(AttributeRule {
            to: SourceAttribute::from_name(fixed.attribute.as_str())?,
            values: AttributeValues::Static {
                value: fixed.value.clone(),
            },
        })
    });
    let marker = configuration
        .non_disclosure
        .attribute
        .iter()
        .map(|name| AttributeRule {
            to: SourceAttribute::NonDisclosure,
            values: AttributeValues::Source { name: name.clone() },
        });
    standard.chain(mapped).chain(fixed).chain(marker).collect()
}

fn discovery(discovery: &domain::Discovery) -> Discovery {
    Discovery {
        display_name: discovery.custom_display_name.clone(),
        title: discovery.title.clone(),
        show_schools: discovery.show_schools,
        schools: discovery.schools.iter().cloned().collect(),
        excluded_schools: discovery.excluded_schools.iter().cloned().collect(),
        institution_types: discovery.institution_types.iter().copied().collect(),
        early_education: discovery.early_education,
        logo: match &discovery.logo {
            Some(Logo::Address(address)) => Some(address.clone()),
            Some(Logo::Document(_)) | None => None,
        },
    }
}
