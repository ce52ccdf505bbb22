//! Commitments to confidentiality of the people who process personal data for the operator
//! (membership contract §6 ¶9, fourth duty).

use super::Operations;
use crate::agreement::not_in_future;
use crate::steering::{PersonReference, ReferredPerson};
use crate::time::{Date, Instant};
use crate::value::DocumentReference;
use crate::{CommitmentId, Context, Decide, Decision, Evolve, Network, PersonId, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person's commitment to confidentiality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfidentialityCommitment {
    /// Who, by reference; the name sealed where the person is no administrator.
    pub person: ReferredPerson,
    /// The day of the commitment.
    pub committed_on: Date,
    /// The signed commitment.
    pub document: Option<DocumentReference>,
}

impl Operations {
    /// Whether `person` is committed to confidentiality on `day`. A commitment does not end.
    pub fn is_committed(&self, person: PersonId, day: Date) -> bool {
        self.commitments
            .values()
            .any(|commitment| commitment.person.person == person && commitment.committed_on <= day)
    }
}

/// Records that a person under the operator committed to confidentiality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommitConfidentiality {
    /// Who.
    pub person: PersonReference,
    /// The day of the commitment.
    pub committed_on: Date,
    /// The signed commitment.
    #[serde(default)]
    pub document: Option<DocumentReference>,
}

/// A person under the operator committed to confidentiality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfidentialityCommitted {
    /// The commitment.
    pub commitment: CommitmentId,
    /// Who, by reference.
    pub person: ReferredPerson,
    /// The day of the commitment.
    pub committed_on: Date,
    /// The signed commitment.
    pub document: Option<DocumentReference>,
}

impl Decide for CommitConfidentiality {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        not_in_future(network, context, self.committed_on, "committedOn")?;
        let person = self
            .person
            .referred(network, context, "committed person", "person")?;
        if network
            .operations
            .is_committed(person.person, self.committed_on)
        {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this person is committed already")
                    .field("person")
                    .remedy("nothing needs to be recorded"),
            );
        }
        Ok(vec![
            ConfidentialityCommitted {
                commitment: CommitmentId(context.new_id("commitment")),
                person,
                committed_on: self.committed_on,
                document: self.document.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for ConfidentialityCommitted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.operations.commitments.insert(
            self.commitment,
            ConfidentialityCommitment {
                person: self.person.clone(),
                committed_on: self.committed_on,
                document: self.document.clone(),
            },
        );
    }
}
