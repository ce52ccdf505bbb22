//! The rows of pages: who may ask for the pages of a list is who may ask for the list.

use super::{EDGE, PAGE, Row};
use crate::authorisation::Who::{Member, Network, OwnRows, Participant};

const FOUND: &[&str] = &["pageInfo", "edges", "nodes"];

pub(super) const FIELDS: &[Row] = &[
    ("InterruptionConnection", OwnRows, PAGE),
    ("InterruptionEdge", OwnRows, EDGE),
    ("SuspensionConnection", OwnRows, PAGE),
    ("SuspensionEdge", OwnRows, EDGE),
    ("MisuseCaseConnection", OwnRows, PAGE),
    ("MisuseCaseEdge", OwnRows, EDGE),
    ("DataBreachConnection", OwnRows, PAGE),
    ("DataBreachEdge", OwnRows, EDGE),
    ("ConfidentialityCommitmentConnection", Network, PAGE),
    ("ConfidentialityCommitmentEdge", Network, EDGE),
    ("SubprocessorPermitConnection", OwnRows, PAGE),
    ("SubprocessorPermitEdge", OwnRows, EDGE),
    ("SubjectRequestConnection", OwnRows, PAGE),
    ("SubjectRequestEdge", OwnRows, EDGE),
    ("OperatorAuditConnection", OwnRows, PAGE),
    ("OperatorAuditEdge", OwnRows, EDGE),
    ("LogDisclosureConnection", OwnRows, PAGE),
    ("LogDisclosureEdge", OwnRows, EDGE),
    ("DisclosedAuthenticationConnection", OwnRows, FOUND),
    ("DisclosedAuthenticationEdge", OwnRows, EDGE),
    ("UsageCountConnection", OwnRows, PAGE),
    ("UsageCountEdge", OwnRows, EDGE),
    ("AuthenticationConnection", OwnRows, FOUND),
    ("AuthenticationEdge", OwnRows, EDGE),
    ("EventConnection", OwnRows, FOUND),
    ("EventEdge", OwnRows, EDGE),
    ("SelfAuditConnection", Member, PAGE),
    ("SelfAuditEdge", Member, EDGE),
    ("AmendmentConnection", Participant, PAGE),
    ("AmendmentEdge", Participant, EDGE),
    ("MeetingConnection", Member, PAGE),
    ("MeetingEdge", Member, EDGE),
    ("AdministratorConnection", OwnRows, PAGE),
    ("AdministratorEdge", OwnRows, EDGE),
    ("MachineCredentialConnection", OwnRows, PAGE),
    ("MachineCredentialEdge", OwnRows, EDGE),
];
