//! Which organisation is recorded to act for another: its users' data may then concern the other's
//! schools (our decision, domain facts J.10).

use crate::time::Instant;
use crate::value::{FreeText, OrganisationOid};
use crate::{Category, Context, Decide, Decision, Evolve, KeySubject, Network, Private, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One organisation acting for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActingFor {
    /// Since when it is recorded.
    pub recorded_at: Instant,
    /// On what ground, in words, sealed.
    pub ground: Private,
}

/// Records that an organisation acts for another, such as a joint municipal authority for a
/// municipality.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordActingFor {
    /// Who acts.
    pub acting: OrganisationOid,
    /// For whom, and for all that lies under it.
    pub organisation: OrganisationOid,
    /// On what ground, in words: the agreement or the decision.
    pub ground: FreeText,
}

/// It was recorded that an organisation acts for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActingForRecorded {
    /// Who acts.
    pub acting: OrganisationOid,
    /// For whom.
    pub organisation: OrganisationOid,
    /// On what ground.
    pub ground: Private,
}

impl Decide for RecordActingFor {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        if self.acting == self.organisation {
            return Err(Rejection::new(
                "SAME_ORGANISATION",
                "an organisation always acts for itself",
            )
            .field("organisation")
            .remedy("name the other organisation"));
        }
        if network
            .organisations
            .acts_for(&self.acting, &self.organisation)
        {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this is recorded already")
                    .field("organisation")
                    .remedy("nothing needs to be recorded"),
            );
        }
        let subject = format!("organisation:{}", self.acting);
        let key = KeySubject {
            subject,
            category: Category::Text,
        };
        Ok(vec![
            ActingForRecorded {
                acting: self.acting.clone(),
                organisation: self.organisation.clone(),
                ground: Private::given(key, &self.ground),
            }
            .into(),
        ])
    }
}

impl Evolve for ActingForRecorded {
    fn evolve(&self, network: &mut Network, at: Instant) {
        let row = ActingFor {
            recorded_at: at,
            ground: self.ground.clone(),
        };
        network.organisations.acting.change_or_insert(
            self.acting.clone(),
            Default::default,
            |whom| {
                whom.insert(self.organisation.clone(), row);
            },
        );
    }
}

/// Records that an organisation no longer acts for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithdrawActingFor {
    /// Who acted.
    pub acting: OrganisationOid,
    /// For whom.
    pub organisation: OrganisationOid,
}

/// An organisation no longer acts for another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActingForWithdrawn {
    /// Who acted.
    pub acting: OrganisationOid,
    /// For whom.
    pub organisation: OrganisationOid,
}

impl Decide for WithdrawActingFor {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let organisations = &network.organisations;
        if !organisations.acts_for(&self.acting, &self.organisation) {
            return Err(Rejection::unknown("acting organisation", "acting"));
        }
        Ok(vec![
            ActingForWithdrawn {
                acting: self.acting.clone(),
                organisation: self.organisation.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for ActingForWithdrawn {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.organisations.acting.change(&self.acting, |whom| {
            whom.remove(&self.organisation);
        });
    }
}
