//! When an integration routes: the one place where its own life, its organisation's membership and
//! its completeness come together.

use super::{Integration, Side};
use crate::time::{Instant, Window};
use crate::value::OrganisationOid;
use crate::{Environment, IntegrationId, MemberRole, Network, Purpose, Rejection, not_for_demo};
use serde::{Deserialize, Serialize};

/// What an integration lacks, without which nobody can log in through it. It may be in use and
/// still not route: an import brings such ones in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Blocker {
    /// Its secret is not known, or was masked where it came from.
    SecretMissing,
    /// The proxy's name at the source is not known.
    ClientIdMissing,
    /// The identity provider's metadata were not read yet.
    MetadataMissing,
    /// It wants tokens signed with a secret of which only the hash is kept.
    NotServed,
    /// Its service was withdrawn.
    ServiceInactive,
    /// Its service is neither free nor freemium, and this is the environment demo.
    NotForDemo,
}

/// What the integration lacks to route at all.
pub fn blockers(network: &Network, row: &Integration) -> Vec<Blocker> {
    use super::HomeUpstream;
    let mut missing = Vec::new();
    match &row.side {
        Side::Home(home) => {
            let upstream = &home.configuration.upstream;
            if upstream.needs_secret() && home.secret.is_none() {
                missing.push(Blocker::SecretMissing);
            }
            let nameless = match upstream {
                HomeUpstream::EntraId(entra) => entra.client_id.is_none(),
                HomeUpstream::Opinsys(opinsys) => opinsys.client_id.is_none(),
                _ => false,
            };
            if nameless {
                missing.push(Blocker::ClientIdMissing);
            }
            if upstream.saml().is_some_and(|saml| saml.metadata.is_none()) {
                missing.push(Blocker::MetadataMissing);
            }
        }
        Side::Service(client) => {
            let protocol = &client.configuration.protocol;
            if protocol.needs_secret() && client.secret_hash.is_none() {
                missing.push(Blocker::SecretMissing);
            }
            if protocol.needs_secret_in_clear() {
                missing.push(Blocker::NotServed);
            }
            let service = network.services.get(client.service);
            if service.is_none_or(|service| !service.is_active()) {
                missing.push(Blocker::ServiceInactive);
            }
            let shown = service.is_some_and(crate::Service::is_for_demo);
            if row.environment == Environment::Demo && !shown {
                missing.push(Blocker::NotForDemo);
            }
        }
    }
    missing
}

/// When the integration routes, as far as it is known now: inside its own times of use and, where
/// its environment asks for it, inside its organisation's membership with the role that it needs.
/// Nothing while it lacks something; past windows stay, so that the past can be asked about.
pub fn routable_windows(network: &Network, integration: IntegrationId) -> Vec<Window> {
    let Some(row) = network.integrations.get(integration) else {
        return Vec::new();
    };
    if !blockers(network, row).is_empty() {
        return Vec::new();
    }
    if !row.environment.needs_membership() {
        return row.windows.clone();
    }
    let membership = membership_windows(network, row);
    let mut common: Vec<Window> = row
        .windows
        .iter()
        .flat_map(|own| membership.iter().filter_map(|theirs| overlap(own, theirs)))
        .collect();
    common.sort_by_key(|window| window.from);
    common
}

/// Whether the integration routes at `now`.
pub fn is_routable(network: &Network, integration: IntegrationId, now: Instant) -> bool {
    routable_windows(network, integration)
        .iter()
        .any(|window| window.holds_at(now))
}

/// The span in which both hold.
fn overlap(one: &Window, other: &Window) -> Option<Window> {
    let from = one.from.max(other.from);
    let until = match (one.until, other.until) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    until
        .is_none_or(|until| from < until)
        .then_some(Window { from, until })
}

/// When the integration's organisation is a member in the role that it needs: a home organisation
/// for a home integration, a service provider for a service's client.
pub fn membership_windows(network: &Network, row: &Integration) -> Vec<Window> {
    role_windows(network, &row.organisation, row.home().is_some())
}

/// When `organisation` is a member in the role of a home organisation, or of a service provider.
pub(super) fn role_windows(
    network: &Network,
    organisation: &OrganisationOid,
    home: bool,
) -> Vec<Window> {
    let role = if home {
        MemberRole::HomeOrganisation
    } else {
        MemberRole::ServiceProvider
    };
    let member = network.members.get(organisation);
    member.map_or_else(Vec::new, |member| member.role_windows(role))
}

/// Refuses what the environment does not take from this organisation: in preproduction and
/// production a membership with the needed role must be in force or agreed to begin, and test
/// organisations never get there in a production ledger.
pub(super) fn admit(
    network: &Network,
    environment: Environment,
    organisation: &OrganisationOid,
    home: bool,
    now: Instant,
) -> Result<(), Rejection> {
    no_test_organisation(network, environment, organisation)?;
    if !environment.needs_membership() {
        return Ok(());
    }
    let to_come = |window: &Window| window.until.is_none_or(|until| now < until);
    if role_windows(network, organisation, home)
        .iter()
        .any(to_come)
    {
        return Ok(());
    }
    let role = if home {
        "HOME_ORGANISATION"
    } else {
        "SERVICE_PROVIDER"
    };
    Err(Rejection::new(
        "NOT_A_MEMBER",
        format!("{organisation} is no member in the role {role}"),
    )
    .field("organisation")
    .remedy("record the membership and its role first, or use the environment test")
    .rule("membership contract §5; our decision for preproduction"))
}

/// Refuses production to whom the agreement does not let there yet: a home organisation before its
/// self-audit, where the rule asks for it, and a service before its provider's assurance under
/// annex 1 and the notification of its start (membership contract §5).
pub(super) fn production(
    network: &Network,
    row: &Integration,
    now: Instant,
) -> Result<(), Rejection> {
    if row.environment != Environment::Production {
        return Ok(());
    }
    match &row.side {
        Side::Home(_) => network.home_production_gate(&row.organisation, now),
        Side::Service(client) => {
            network.service_production_gate(&row.organisation, client.service, now)
        }
    }
}

/// A production ledger takes test organisations in the environments test and demo only.
pub(super) fn no_test_organisation(
    network: &Network,
    environment: Environment,
    organisation: &OrganisationOid,
) -> Result<(), Rejection> {
    let production = network
        .founding
        .as_ref()
        .is_some_and(|founding| founding.purpose == Purpose::Production);
    if production && environment.needs_membership() && organisation.is_test() {
        return Err(Rejection::new(
            "TEST_ORGANISATION",
            format!("{organisation} is a test organisation"),
        )
        .field("organisation")
        .remedy("use the environment test or demo")
        .rule("our decision"));
    }
    Ok(())
}

/// Refuses a service in the environment demo that is neither free nor freemium.
pub(super) fn for_demo(
    environment: Environment,
    service: &crate::Service,
) -> Result<(), Rejection> {
    if environment == Environment::Demo && !service.is_for_demo() {
        return Err(not_for_demo("service"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn window(from: i64, until: Option<i64>) -> Window {
        Window {
            from: Instant::from_microseconds(from),
            until: until.map(Instant::from_microseconds),
        }
    }

    #[rstest]
    #[case::inside(window(0, None), window(2, Some(5)), Some(window(2, Some(5))))]
    #[case::crossing(window(0, Some(3)), window(2, Some(5)), Some(window(2, Some(3))))]
    #[case::touching(window(0, Some(2)), window(2, None), None)]
    #[case::apart(window(0, Some(1)), window(2, None), None)]
    fn windows_overlap_where_both_hold(
        #[case] one: Window,
        #[case] other: Window,
        #[case] both: Option<Window>,
    ) {
        assert_eq!(overlap(&one, &other), both);
        assert_eq!(overlap(&other, &one), both);
    }
}
