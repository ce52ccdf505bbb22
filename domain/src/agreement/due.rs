//! What time brings about in the agreement: announced amendments enter into force.

use super::AmendmentState;
use super::amendment::{find, wrong_state};
use crate::time::Instant;
use crate::value::ShortText;
use crate::{
    AmendmentId, AnnexNumber, Context, Decide, Decision, DueCommand, Evolve, Network, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Records that an announced amendment has entered into force. The annex is in force by its own
/// window, whether or not this was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordAmendmentEffect {
    /// The amendment.
    pub amendment: AmendmentId,
}

/// An amendment entered into force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentTookEffect {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The annex that it replaced.
    pub annex: AnnexNumber,
    /// The version now in force.
    pub version: ShortText,
    /// The instant from which it is in force.
    pub in_force_from: Instant,
}

impl Decide for RecordAmendmentEffect {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let amendment = find(network, self.amendment)?;
        if amendment.effect_recorded_at.is_some() {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this has been recorded")
                    .field("amendment")
                    .remedy("nothing needs to be recorded"),
            );
        }
        if amendment.state(context.now) != AmendmentState::InForce {
            return Err(wrong_state(
                "the amendment has not entered into force",
                "wait for the day announced",
            ));
        }
        Ok(vec![
            AmendmentTookEffect {
                amendment: self.amendment,
                annex: amendment.annex,
                version: amendment.version.clone(),
                in_force_from: amendment.enters_at,
            }
            .into(),
        ])
    }
}

impl Evolve for AmendmentTookEffect {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network
            .agreement
            .amendments
            .change(&self.amendment, |amendment| {
                amendment.effect_recorded_at = Some(at);
            });
    }
}

/// Announced amendments whose entry into force is not recorded, with its instant.
fn unrecorded(network: &Network) -> impl Iterator<Item = (AmendmentId, Instant)> {
    network
        .agreement
        .amendments
        .iter()
        .filter(|(_, amendment)| {
            amendment.announcement.is_some()
                && amendment.withdrawn_at.is_none()
                && amendment.effect_recorded_at.is_none()
        })
        .map(|(id, amendment)| (*id, amendment.enters_at))
}

/// The amendments that have entered into force by `now` without a record of it.
pub(crate) fn agreement_due(network: &Network, now: Instant) -> Vec<DueCommand> {
    unrecorded(network)
        .filter(|(_, enters_at)| *enters_at <= now)
        .map(|(amendment, enters_at)| DueCommand {
            kind: "amendment-effect",
            subject: amendment.to_string(),
            due: enters_at,
            command: RecordAmendmentEffect { amendment }.into(),
        })
        .collect()
}

/// When the next announced amendment enters into force after `now`.
pub(crate) fn agreement_next_due(network: &Network, now: Instant) -> Option<Instant> {
    unrecorded(network)
        .map(|(_, enters_at)| enters_at)
        .filter(|enters_at| *enters_at > now)
        .min()
}
