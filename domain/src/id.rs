//! The one registry of typed identifiers. Append only, alphabetical: a kind once used is never
//! reused, for identifiers stand in the log for ever.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;
use uuid::Uuid;

macro_rules! ids {
    ($($(#[doc = $doc:literal])+ $name:ident = $kind:literal;)+) => {$(
        $(#[doc = $doc])+
        #[derive(
            Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The word that stands before the colon in a typed identifier, and first in the
            /// names of this kind's streams.
            pub const KIND: &str = $kind;
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}:{}", Self::KIND, self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let bare = text.strip_prefix(concat!($kind, ":")).unwrap_or(text);
                bare.parse().map(Self)
            }
        }
    )+};
}

ids! {
    /// A change of an annex, from its proposal to its entry into force.
    AmendmentId = "amendment";
    /// An audit of the operator that a home organisation asked for.
    AuditId = "audit";
    /// A personal-data breach.
    BreachId = "breach";
    /// A command, named by whoever sends it; the same id twice is the same command.
    CommandId = "command";
    /// A person's commitment to confidentiality.
    CommitmentId = "commitment";
    /// A quality complaint of a member.
    ComplaintId = "complaint";
    /// A machine credential.
    CredentialId = "credential";
    /// A dispute between a member and the operator.
    DisputeId = "dispute";
    /// A request to see log data, with its legal basis.
    DisclosureId = "disclosure";
    /// An access right given to a person or machine.
    GrantId = "grant";
    /// An integration of a home organisation or of a service.
    IntegrationId = "integration";
    /// An interruption of the proxy, announced or not.
    InterruptionId = "interruption";
    /// A steering-group meeting.
    MeetingId = "meeting";
    /// A case of suspected misuse.
    MisuseId = "misuse";
    /// A proxy node.
    NodeId = "node";
    /// A notice that ends, or would end, a membership.
    NoticeId = "notice";
    /// An outage that a member reported.
    OutageId = "outage";
    /// A permission to use a sub-processor.
    PermitId = "permit";
    /// A natural person the network knows by reference only.
    PersonId = "person";
    /// A written remark about a breach of the agreement.
    RemarkId = "remark";
    /// A self-audit report of one member.
    SelfAuditId = "self-audit";
    /// A service: a set of clients that home organisations permit as one.
    ServiceId = "service";
    /// A subject's request that the operator helps to answer.
    SubjectRequestId = "subject-request";
    /// A seat in the steering group: one person representing one organisation for one term.
    SeatId = "seat";
    /// A suspension of an end user.
    SuspensionId = "suspension";
}
