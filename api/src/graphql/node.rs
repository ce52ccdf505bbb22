//! Things by their typed identifiers: every identifier that an answer gives leads back to its
//! thing.

use crate::graphql::access::{AdministratorView, CredentialView, GrantView, NodeView};
use crate::graphql::agreement::AmendmentView;
use crate::graphql::matter::MatterView;
use crate::graphql::member::{MemberView, SelfAuditView, find_member, find_self_audit};
use crate::graphql::network::NetworkView;
use crate::graphql::operations::disclosure::DisclosureView;
use crate::graphql::operations::duty::{
    AuditView, BreachView, CommitmentView, PermitView, SubjectRequestView,
};
use crate::graphql::operations::running::{InterruptionView, MisuseView, SuspensionView};
use crate::graphql::organisation::OrganisationView;
use crate::graphql::scope::Scope;
use crate::graphql::service::{IntegrationView, ServiceView, find_integration, find_service};
use crate::graphql::steering::{MeetingView, SeatView};
use crate::graphql::timeline::{TimelineEvent, find_event};
use crate::graphql::value::ContactPerson;
use async_graphql::{Context, ID, Interface, Result};
use domain::value::OrganisationOid;
use domain::{
    AmendmentId, AuditId, BreachId, CommitmentId, CredentialId, DisclosureId, GrantId,
    IntegrationId, InterruptionId, MeetingId, MisuseId, NodeId, PermitId, PersonId, SeatId,
    SelfAuditId, ServiceId, SubjectRequestId, SuspensionId, Table,
};
use std::str::FromStr;

/// A thing with a typed identifier.
#[derive(Clone, Interface)]
#[graphql(field(
    name = "id",
    method = "node_id",
    ty = "ID",
    desc = "The typed identifier."
))]
pub(crate) enum Node {
    /// The network.
    Network(NetworkView),
    /// An organisation of the register.
    Organisation(OrganisationView),
    /// A member.
    Member(MemberView),
    /// A self-audit.
    SelfAudit(SelfAuditView),
    /// A notice, remark, outage, complaint or dispute of a membership.
    Matter(MatterView),
    /// A service.
    Service(ServiceView),
    /// An integration.
    Integration(IntegrationView),
    /// An amendment.
    Amendment(AmendmentView),
    /// A meeting of the steering group.
    Meeting(MeetingView),
    /// A seat in the steering group.
    Seat(SeatView),
    /// A person who administers.
    Administrator(AdministratorView),
    /// A contact person.
    Contact(ContactPerson),
    /// A right given to a person.
    Grant(GrantView),
    /// A machine credential.
    Credential(CredentialView),
    /// A proxy node.
    Proxy(NodeView),
    /// An event of the log.
    Event(Box<TimelineEvent>),
    /// An interruption.
    Interruption(InterruptionView),
    /// A suspension of an end user.
    Suspension(SuspensionView),
    /// A case of suspected misuse.
    Misuse(MisuseView),
    /// A personal-data breach.
    Breach(BreachView),
    /// A commitment to confidentiality.
    Commitment(CommitmentView),
    /// A permission to use a sub-processor.
    Permit(PermitView),
    /// A data subject's request.
    SubjectRequest(SubjectRequestView),
    /// An audit of the operator.
    Audit(AuditView),
    /// A request for log data.
    Disclosure(DisclosureView),
}

/// The field that the interface asks each of its types for: `id` is a field of some and a resolver
/// of others.
macro_rules! identified {
    ($($simple:ty),+; $($object:ty),+) => {
        $(impl $simple {
            async fn node_id(&self, _: &Context<'_>) -> Result<ID> {
                Ok(self.id.clone())
            }
        })+
        $(impl $object {
            async fn node_id(&self, context: &Context<'_>) -> Result<ID> {
                self.id(context).await
            }
        })+
    };
}

identified! {
    SelfAuditView, MatterView, MeetingView, SeatView, AdministratorView, ContactPerson, GrantView,
    CredentialView, NodeView, InterruptionView, SuspensionView, MisuseView, BreachView,
    CommitmentView, PermitView, SubjectRequestView, AuditView;
    NetworkView, OrganisationView, MemberView, ServiceView, IntegrationView, AmendmentView,
    TimelineEvent, DisclosureView
}

/// The thing of this identifier; none where it is not known or not shown to the caller, which a
/// stranger cannot tell apart.
pub(crate) fn find(scope: &Scope, id: &str) -> Option<Node> {
    let (kind, key) = id.split_once(':')?;
    let network = scope.network();
    if !scope.seer().participates() {
        return None;
    }
    let operations = &network.operations;
    match kind {
        "network" => {
            let known = key == scope.views().log().ledger_id().to_string();
            known.then(|| Node::Network(NetworkView::new(scope.clone())))
        }
        "organisation" => {
            let oid: OrganisationOid = key.parse().ok()?;
            network.organisations.get(&oid)?;
            Some(Node::Organisation(OrganisationView::new(
                scope.clone(),
                oid,
            )))
        }
        "member" => find_member(scope, &key.parse().ok()?).map(Node::Member),
        "event" => find_event(scope, key.parse().ok()?).map(|event| Node::Event(Box::new(event))),
        SelfAuditId::KIND => find_self_audit(scope, key.parse().ok()?).map(Node::SelfAudit),
        ServiceId::KIND => find_service(scope, key.parse().ok()?).map(Node::Service),
        IntegrationId::KIND => find_integration(scope, key.parse().ok()?).map(Node::Integration),
        AmendmentId::KIND => {
            let amendment = key.parse().ok()?;
            network.agreement.amendments.get(&amendment)?;
            Some(Node::Amendment(AmendmentView::new(
                scope.clone(),
                amendment,
            )))
        }
        MeetingId::KIND if scope.seer().is_member() => {
            MeetingView::find(scope, key.parse().ok()?).map(Node::Meeting)
        }
        SeatId::KIND if scope.seer().is_member() => {
            SeatView::find(scope, key.parse().ok()?).map(Node::Seat)
        }
        PersonId::KIND => person(scope, key.parse().ok()?),
        GrantId::KIND => GrantView::find(scope, key.parse().ok()?).map(Node::Grant),
        CredentialId::KIND => CredentialView::find(scope, key.parse().ok()?).map(Node::Credential),
        NodeId::KIND => NodeView::find(scope, key.parse().ok()?).map(Node::Proxy),
        InterruptionId::KIND => {
            let shown = |_: &_| InterruptionView::is_shown(scope);
            let (key, row) = row(&operations.interruptions, key, shown)?;
            Some(Node::Interruption(InterruptionView::new(scope, key, row)))
        }
        SuspensionId::KIND => {
            let shown = |row: &_| SuspensionView::is_shown(scope, row);
            let (key, row) = row(&operations.suspensions, key, shown)?;
            Some(Node::Suspension(SuspensionView::new(scope, key, row)))
        }
        MisuseId::KIND => {
            let shown = |row: &_| MisuseView::is_shown(scope, row);
            let (key, row) = row(&operations.misuse_cases, key, shown)?;
            Some(Node::Misuse(MisuseView::new(scope, key, row)))
        }
        BreachId::KIND => {
            let shown = |row: &_| BreachView::is_shown(scope, row);
            let (key, row) = row(&operations.breaches, key, shown)?;
            Some(Node::Breach(BreachView::new(scope, key, row)))
        }
        CommitmentId::KIND => {
            let shown = |row: &_| CommitmentView::is_shown(scope, row);
            let (key, row) = row(&operations.commitments, key, shown)?;
            Some(Node::Commitment(CommitmentView::new(scope, key, row)))
        }
        PermitId::KIND => {
            let shown = |row: &_| PermitView::is_shown(scope, row);
            let (key, row) = row(&operations.permits, key, shown)?;
            Some(Node::Permit(PermitView::new(scope, key, row)))
        }
        SubjectRequestId::KIND => {
            let shown = |row: &_| SubjectRequestView::is_shown(scope, row);
            let (key, row) = row(&operations.subject_requests, key, shown)?;
            let view = SubjectRequestView::new(scope, key, row);
            Some(Node::SubjectRequest(view))
        }
        AuditId::KIND => {
            let shown = |row: &_| AuditView::is_shown(scope, row);
            let (key, row) = row(&operations.audits, key, shown)?;
            Some(Node::Audit(AuditView::new(scope, key, row)))
        }
        DisclosureId::KIND => {
            let shown = |row: &_| DisclosureView::is_shown(scope, row);
            let (key, row) = row(&operations.disclosures, key, shown)?;
            Some(Node::Disclosure(DisclosureView::new(scope, key, row)))
        }
        _ => MatterView::find(scope, kind, key).map(Node::Matter),
    }
}

/// The row of this key, where it is there and shown.
fn row<'a, K: Ord + Copy + FromStr, R: Clone>(
    table: &'a Table<K, R>,
    key: &str,
    is_shown: impl Fn(&R) -> bool,
) -> Option<(K, &'a R)> {
    let key = key.parse().ok()?;
    let row = table.get(&key)?;
    is_shown(row).then_some((key, row))
}

/// An administrator, or a contact person of the operator or of a member whose contacts are shown.
fn person(scope: &Scope, person: PersonId) -> Option<Node> {
    if let Some(view) = AdministratorView::find(scope, person) {
        return Some(Node::Administrator(view));
    }
    let network = scope.network();
    let founding = network.founding.iter();
    let operators = founding
        .filter(|_| scope.seer().is_member())
        .flat_map(|founding| &founding.operator_contacts)
        .map(|(role, contact)| (*role, contact));
    let members = network.members.iter();
    let members = members
        .filter(|(oid, _)| scope.seer().sees_membership(oid))
        .flat_map(|(_, row)| row.contacts.iter())
        .map(|contact| (contact.role, &contact.contact));
    let (role, contact) = operators
        .chain(members)
        .find(|(_, contact)| contact.person == person)?;
    Some(Node::Contact(ContactPerson::open(scope, role, contact)))
}
