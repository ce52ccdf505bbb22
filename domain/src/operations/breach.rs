//! Personal-data breaches, of which the operator tells the controllers without undue delay
//! (membership contract §6 ¶9, eighth duty).

use super::{
    already_happened, controller, minutes_between, nothing_to_change, organisations, too_early,
};
use crate::time::Instant;
use crate::value::{DocumentReference, FreeText, OrganisationOid};
use crate::{
    BreachId, Category, Context, Decide, Decision, Evolve, KeySubject, Network, NoticeChannel,
    Private, Rejection, Table,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Controllers named by one command, at most; further ones are added with `widenDataBreach`.
const CONTROLLERS_MAX: usize = 500;

/// A controller's notice of a breach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BreachNotice {
    /// When the controller was told.
    pub notified_at: Instant,
    /// How.
    pub channel: NoticeChannel,
    /// Minutes from the detection, rounded down: the contract says "without undue delay",
    /// without a number.
    pub delay_minutes: u64,
    /// What it was told, sealed.
    pub content: Private,
    /// The notice, as a document.
    pub document: Option<DocumentReference>,
}

/// A personal-data breach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataBreach {
    /// When the operator became aware of it.
    pub detected_at: Instant,
    /// What happened, sealed.
    pub description: Private,
    /// Each controller whose users' data it touches, and its notice where it was told.
    pub controllers: Table<OrganisationOid, Option<BreachNotice>>,
}

impl DataBreach {
    /// The controllers who have not been told.
    pub fn untold(&self) -> impl Iterator<Item = &OrganisationOid> {
        self.controllers
            .iter()
            .filter(|(_, notice)| notice.is_none())
            .map(|(controller, _)| controller)
    }
}

/// Records a personal-data breach that the operator has become aware of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DetectDataBreach {
    /// When the operator became aware of it.
    pub detected_at: Instant,
    /// What happened.
    pub description: FreeText,
    /// The controllers whose users' data it touches, as far as they are known, at most 500.
    pub controllers: Vec<OrganisationOid>,
}

/// The operator became aware of a personal-data breach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataBreachDetected {
    /// The breach.
    pub breach: BreachId,
    /// When the operator became aware of it.
    pub detected_at: Instant,
    /// What happened, sealed.
    pub description: Private,
    /// The controllers whose users' data it touches, in order.
    pub controllers: Vec<OrganisationOid>,
}

/// The controllers that one command names, in order; refused where one is none.
fn concerned(
    network: &Network,
    named: &[OrganisationOid],
    now: Instant,
) -> Result<Vec<OrganisationOid>, Rejection> {
    let controllers = organisations(named, CONTROLLERS_MAX, "controllers")?;
    for one in &controllers {
        controller(network, one, now, "controllers")?;
    }
    Ok(controllers)
}

impl Decide for DetectDataBreach {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        already_happened(context, self.detected_at, "detectedAt")?;
        let controllers = concerned(network, &self.controllers, context.now)?;
        let breach = BreachId(context.new_id("breach"));
        let key = KeySubject::new(breach, Category::Text);
        Ok(vec![
            DataBreachDetected {
                breach,
                detected_at: self.detected_at,
                description: Private::given(key, &self.description),
                controllers,
            }
            .into(),
        ])
    }
}

impl Evolve for DataBreachDetected {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let mut controllers = Table::default();
        for controller in &self.controllers {
            controllers.insert(controller.clone(), None);
        }
        network.operations.breaches.insert(
            self.breach,
            DataBreach {
                detected_at: self.detected_at,
                description: self.description.clone(),
                controllers,
            },
        );
    }
}

fn breach_row(network: &Network, id: BreachId) -> Result<&DataBreach, Rejection> {
    network
        .operations
        .breaches
        .get(&id)
        .ok_or_else(|| Rejection::unknown("breach", "breach"))
}

/// Adds controllers whose users' data a breach touches, once that is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WidenDataBreach {
    /// The breach.
    pub breach: BreachId,
    /// The controllers, at most 500.
    pub controllers: Vec<OrganisationOid>,
}

/// A breach was found to touch further controllers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataBreachWidened {
    /// The breach.
    pub breach: BreachId,
    /// The controllers that were not known before, in order.
    pub controllers: Vec<OrganisationOid>,
}

impl Decide for WidenDataBreach {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let breach = breach_row(network, self.breach)?;
        let mut controllers = concerned(network, &self.controllers, context.now)?;
        controllers.retain(|controller| !breach.controllers.contains(controller));
        if controllers.is_empty() {
            return Err(nothing_to_change(
                "the breach is known to touch these controllers",
                "controllers",
            ));
        }
        Ok(vec![
            DataBreachWidened {
                breach: self.breach,
                controllers,
            }
            .into(),
        ])
    }
}

impl Evolve for DataBreachWidened {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.operations.breaches.change(&self.breach, |breach| {
            for controller in &self.controllers {
                breach
                    .controllers
                    .change_or_insert(controller.clone(), || None, |_| {});
            }
        });
    }
}

/// Records that a controller was told of a breach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotifyDataBreach {
    /// The breach.
    pub breach: BreachId,
    /// The controller, one of those concerned.
    pub controller: OrganisationOid,
    /// When it was told, not before the detection.
    pub notified_at: Instant,
    /// How.
    pub channel: NoticeChannel,
    /// What it was told.
    pub content: FreeText,
    /// The notice, as a document.
    #[serde(default)]
    pub document: Option<DocumentReference>,
}

/// A controller was told of a breach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataBreachNotified {
    /// The breach.
    pub breach: BreachId,
    /// The controller.
    pub controller: OrganisationOid,
    /// When it was told.
    pub notified_at: Instant,
    /// How.
    pub channel: NoticeChannel,
    /// Minutes from the detection, rounded down.
    pub delay_minutes: u64,
    /// What it was told, sealed.
    pub content: Private,
    /// The notice, as a document.
    pub document: Option<DocumentReference>,
}

impl Decide for NotifyDataBreach {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let breach = breach_row(network, self.breach)?;
        match breach.controllers.get(&self.controller) {
            None => {
                return Err(Rejection::unknown(
                    "controller concerned in this breach",
                    "controller",
                )
                .remedy("add the controller with `widenDataBreach` first"));
            }
            Some(Some(_)) => {
                return Err(nothing_to_change("this controller was told", "controller"));
            }
            Some(None) => {}
        }
        already_happened(context, self.notified_at, "notifiedAt")?;
        let delay_minutes = minutes_between(breach.detected_at, self.notified_at)
            .ok_or_else(|| too_early("the breach was detected later", "notifiedAt"))?;
        let key = KeySubject::new(self.breach, Category::Text);
        Ok(vec![
            DataBreachNotified {
                breach: self.breach,
                controller: self.controller.clone(),
                notified_at: self.notified_at,
                channel: self.channel,
                delay_minutes,
                content: Private::given(key, &self.content),
                document: self.document.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for DataBreachNotified {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let notice = BreachNotice {
            notified_at: self.notified_at,
            channel: self.channel,
            delay_minutes: self.delay_minutes,
            content: self.content.clone(),
            document: self.document.clone(),
        };
        network.operations.breaches.change(&self.breach, |breach| {
            breach
                .controllers
                .insert(self.controller.clone(), Some(notice));
        });
    }
}
