//! The signed copy, which the member gets when everybody has signed (membership contract §11).

use crate::computation::past_day;
use crate::membership::legal_basis::BasisGround;
use crate::membership::{Member, change, known, nothing_to_change, wrong_state};
use crate::time::{Date, Instant};
use crate::value::OrganisationOid;
use crate::{Context, Decide, Decision, Evolve, Network, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Records that the member got its copy of the contract with every signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DeliverSignedCopy {
    /// The member.
    pub organisation: OrganisationOid,
    /// The day of the delivery; today where left out.
    #[serde(default)]
    pub delivered_on: Option<Date>,
}

/// The member got its copy of the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignedCopyDelivered {
    /// The member.
    pub member: OrganisationOid,
    /// The day of the delivery.
    pub delivered_on: Date,
}

impl Decide for DeliverSignedCopy {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.organisation, "organisation")?;
        let signed = row
            .legal_bases
            .last()
            .filter(|basis| matches!(basis.ground, BasisGround::SignedContract { .. }))
            .ok_or_else(|| {
                wrong_state(
                    "no contract of this organisation was signed last",
                    "organisation",
                    "record the signatures first; terms of use have no copy to deliver",
                )
            })?;
        if signed.copy_delivered_on.is_some() {
            return Err(nothing_to_change(
                "the copy was delivered already",
                "organisation",
            ));
        }
        let delivered_on = past_day(network, context, self.delivered_on, "deliveredOn")?;
        if delivered_on < signed.since {
            return Err(
                Rejection::new("TOO_EARLY", "a copy is delivered when all have signed")
                    .field("deliveredOn")
                    .remedy("give a day from the operator's signature on")
                    .rule("membership contract §11"),
            );
        }
        Ok(vec![
            SignedCopyDelivered {
                member: self.organisation.clone(),
                delivered_on,
            }
            .into(),
        ])
    }
}

impl Evolve for SignedCopyDelivered {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row: &mut Member| {
            if let Some(basis) = row.legal_bases.last_mut() {
                basis.copy_delivered_on = Some(self.delivered_on);
            }
        });
    }
}
