//! Things by their typed identifiers.

use crate::graphql::agreement::AmendmentView;
use crate::graphql::member::{MemberView, find_member};
use crate::graphql::organisation::OrganisationView;
use crate::graphql::scope::Scope;
use crate::graphql::service::{IntegrationView, ServiceView, find_integration, find_service};
use async_graphql::{ID, Interface};
use domain::value::OrganisationOid;

/// A thing with a typed identifier.
#[derive(Clone, Interface)]
#[graphql(field(name = "id", ty = "ID", desc = "The typed identifier."))]
pub(crate) enum Node {
    /// An organisation of the register.
    Organisation(OrganisationView),
    /// A member.
    Member(MemberView),
    /// A service.
    Service(ServiceView),
    /// An integration.
    Integration(IntegrationView),
    /// An amendment.
    Amendment(AmendmentView),
}

/// The thing of this identifier; none where it is not known or not shown to the caller, which a
/// stranger cannot tell apart.
pub(crate) fn find(scope: &Scope, id: &str) -> Option<Node> {
    let (kind, key) = id.split_once(':')?;
    let network = scope.network();
    if !scope.seer().participates() {
        return None;
    }
    match kind {
        "organisation" => {
            let oid: OrganisationOid = key.parse().ok()?;
            network.organisations.get(&oid)?;
            Some(Node::Organisation(OrganisationView::new(
                scope.clone(),
                oid,
            )))
        }
        "member" => find_member(scope, &key.parse().ok()?).map(Node::Member),
        "service" => find_service(scope, key.parse().ok()?).map(Node::Service),
        "integration" => find_integration(scope, key.parse().ok()?).map(Node::Integration),
        "amendment" => {
            let amendment = key.parse().ok()?;
            network.agreement.amendments.get(&amendment)?;
            Some(Node::Amendment(AmendmentView::new(
                scope.clone(),
                amendment,
            )))
        }
        _ => None,
    }
}
