//! Maintenance announced in advance, and interruptions of the service. Without an announcement
//! the operator interrupts for three grounds alone (membership contract §6 ¶4).

use super::{Operations, already_happened, nothing_to_change, too_early, wrong_state};
use crate::agreement::not_too_far;
use crate::time::{Instant, Window};
use crate::value::{FreeText, Reason, WebAddress};
use crate::{
    Category, Context, Decide, Decision, Environment, Evolve, InterruptionId, KeySubject, Network,
    Private, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// For what the operator may interrupt the service without an announcement (contract §6 ¶4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InterruptionGround {
    /// Repairs that are necessary.
    NecessaryRepair,
    /// To avert a serious disturbance.
    SeriousDisturbance,
    /// To avert a security problem.
    Security,
}

/// Maintenance that was announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlannedMaintenance {
    /// When it is to begin and end.
    pub planned: Window,
    /// What is done and what users notice, as it was published.
    pub description: String,
    /// Where it was announced.
    pub address: Option<WebAddress>,
    /// When the announcement was recorded.
    pub announced_at: Instant,
    /// When it was called off.
    pub cancelled_at: Option<Instant>,
}

/// An interruption that began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InterruptionStart {
    /// When it began.
    pub started_at: Instant,
    /// The ground; none where it began as announced.
    pub ground: Option<InterruptionGround>,
    /// What happened, sealed.
    pub description: Private,
}

/// Maintenance or an interruption of the service, in some environments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Interruption {
    /// The environments.
    pub environments: Vec<Environment>,
    /// The announcement; none for an interruption that came unannounced.
    pub maintenance: Option<PlannedMaintenance>,
    /// Its beginning; none while it is only announced.
    pub start: Option<InterruptionStart>,
    /// When it ended.
    pub ended_at: Option<Instant>,
    /// When no login is routed because the operator suspended the whole service; none where
    /// logins went on as far as they could.
    pub suspends: Option<Window>,
}

impl Interruption {
    /// Whether it began and has not ended.
    pub fn is_running(&self) -> bool {
        self.start.is_some() && self.ended_at.is_none()
    }

    /// Whether it began without having been announced.
    pub fn came_unannounced(&self) -> bool {
        self.start
            .as_ref()
            .is_some_and(|start| start.ground.is_some())
    }
}

impl Operations {
    /// Whether the operator has suspended the whole service of `environment` at `now`: no login
    /// is routed (domain facts J.12).
    pub fn is_service_suspended(&self, environment: Environment, now: Instant) -> bool {
        self.service_suspensions(environment)
            .any(|window| window.holds_at(now))
    }

    /// When the whole service of `environment` was and is suspended.
    pub fn service_suspensions(&self, environment: Environment) -> impl Iterator<Item = Window> {
        self.interruptions
            .values()
            .filter(move |interruption| interruption.environments.contains(&environment))
            .filter_map(|interruption| interruption.suspends)
    }
}

fn environments(given: &[Environment]) -> Result<Vec<Environment>, Rejection> {
    let mut environments = given.to_vec();
    environments.sort_unstable();
    environments.dedup();
    if environments.is_empty() {
        return Err(
            Rejection::new("ENVIRONMENT_MISSING", "no environment is named")
                .field("environments")
                .remedy("name at least one environment"),
        );
    }
    Ok(environments)
}

/// Announces maintenance in advance (contract §6 ¶4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnnounceMaintenance {
    /// The environments; at least one.
    pub environments: Vec<Environment>,
    /// When it is to begin; yet to come.
    pub starts_at: Instant,
    /// When it is to end.
    pub ends_at: Instant,
    /// What is done and what users notice. It is published: no personal data.
    pub description: FreeText,
    /// Where it is announced on the web.
    #[serde(default)]
    pub address: Option<WebAddress>,
}

/// Maintenance was announced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MaintenanceAnnounced {
    /// The interruption that it will be.
    pub interruption: InterruptionId,
    /// The environments.
    pub environments: Vec<Environment>,
    /// When it is to begin.
    pub starts_at: Instant,
    /// When it is to end.
    pub ends_at: Instant,
    /// What is done and what users notice.
    pub description: String,
    /// Where it is announced on the web.
    pub address: Option<WebAddress>,
}

impl Decide for AnnounceMaintenance {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let environments = environments(&self.environments)?;
        if self.starts_at <= context.now {
            return Err(
                too_early("maintenance is announced before it begins", "startsAt")
                    .remedy("record an interruption with its ground with `startInterruption`")
                    .rule("membership contract §6 ¶4"),
            );
        }
        if self.ends_at <= self.starts_at {
            return Err(too_early("maintenance ends after it begins", "endsAt"));
        }
        not_too_far(network, context, network.date(self.ends_at), "endsAt")?;
        Ok(vec![
            MaintenanceAnnounced {
                interruption: InterruptionId(context.new_id("interruption")),
                environments,
                starts_at: self.starts_at,
                ends_at: self.ends_at,
                description: self.description.as_str().to_owned(),
                address: self.address.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for MaintenanceAnnounced {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network.operations.interruptions.insert(
            self.interruption,
            Interruption {
                environments: self.environments.clone(),
                maintenance: Some(PlannedMaintenance {
                    planned: Window {
                        from: self.starts_at,
                        until: Some(self.ends_at),
                    },
                    description: self.description.clone(),
                    address: self.address.clone(),
                    announced_at: at,
                    cancelled_at: None,
                }),
                start: None,
                ended_at: None,
                suspends: None,
            },
        );
    }
}

/// Calls off maintenance that was announced and has not begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelMaintenance {
    /// The maintenance.
    pub interruption: InterruptionId,
    /// Why.
    pub reason: Reason,
}

/// Maintenance was called off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MaintenanceCancelled {
    /// The maintenance.
    pub interruption: InterruptionId,
    /// Why, sealed.
    pub reason: Private,
}

/// Refuses what is not maintenance that may still begin.
fn announced(network: &Network, id: InterruptionId, field: &'static str) -> Result<(), Rejection> {
    let interruption = network
        .operations
        .interruptions
        .get(&id)
        .ok_or_else(|| Rejection::unknown("interruption", field))?;
    let maintenance = interruption.maintenance.as_ref();
    let cancelled = maintenance.is_none_or(|maintenance| maintenance.cancelled_at.is_some());
    if cancelled || interruption.start.is_some() {
        return Err(wrong_state(
            "this is not maintenance that is still to begin",
            field,
            "announce other maintenance, or record an interruption of its own",
        ));
    }
    Ok(())
}

impl Decide for CancelMaintenance {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        announced(network, self.interruption, "interruption")?;
        let key = KeySubject::new(self.interruption, Category::Text);
        Ok(vec![
            MaintenanceCancelled {
                interruption: self.interruption,
                reason: Private::given(key, &self.reason),
            }
            .into(),
        ])
    }
}

impl Evolve for MaintenanceCancelled {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network
            .operations
            .interruptions
            .change(&self.interruption, |interruption| {
                if let Some(maintenance) = &mut interruption.maintenance {
                    maintenance.cancelled_at = Some(at);
                }
            });
    }
}

/// Records that the service is interrupted: as announced, or else on one of the three grounds.
/// The operator may suspend the whole service with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StartInterruption {
    /// The maintenance that begins; left out where the interruption was not announced.
    #[serde(default)]
    pub announced: Option<InterruptionId>,
    /// The environments; at least one, and those announced where it was announced.
    pub environments: Vec<Environment>,
    /// When it began.
    pub started_at: Instant,
    /// The ground; needed where it was not announced, or began before the time announced.
    #[serde(default)]
    pub ground: Option<InterruptionGround>,
    /// Whether the whole service is suspended: no login is routed from now until the end.
    pub suspends_service: bool,
    /// What happened.
    pub description: Reason,
}

/// The service was interrupted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InterruptionStarted {
    /// The interruption, under the identifier of its announcement where there was one.
    pub interruption: InterruptionId,
    /// Whether it was announced.
    pub announced: bool,
    /// The environments.
    pub environments: Vec<Environment>,
    /// When it began.
    pub started_at: Instant,
    /// The ground; none where it began as announced.
    pub ground: Option<InterruptionGround>,
    /// From when no login is routed; none where the service is not suspended.
    pub suspended_from: Option<Instant>,
    /// What happened, sealed.
    pub description: Private,
}

impl Decide for StartInterruption {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        already_happened(context, self.started_at, "startedAt")?;
        let environments = environments(&self.environments)?;
        let mut as_announced = false;
        if let Some(id) = self.announced {
            announced(network, id, "announced")?;
            let row = network.operations.interruptions.get(&id);
            if row.is_some_and(|row| row.environments != environments) {
                return Err(wrong_state(
                    "the maintenance was announced for other environments",
                    "environments",
                    "name the environments announced, and record another interruption for others",
                ));
            }
            as_announced = row
                .and_then(|row| row.maintenance.as_ref())
                .is_some_and(|maintenance| maintenance.planned.from <= self.started_at);
        }
        if !as_announced && self.ground.is_none() {
            return Err(Rejection::new(
                "NOT_ANNOUNCED",
                "interruptions are announced, but for repairs, serious disturbances and security",
            )
            .field("ground")
            .remedy("name the ground, or announce the maintenance in advance")
            .rule("membership contract §6 ¶4"));
        }
        let interruption = self
            .announced
            .unwrap_or_else(|| InterruptionId(context.new_id("interruption")));
        let key = KeySubject::new(interruption, Category::Text);
        Ok(vec![
            InterruptionStarted {
                interruption,
                announced: self.announced.is_some(),
                environments,
                started_at: self.started_at,
                ground: self.ground.filter(|_| !as_announced),
                suspended_from: self.suspends_service.then_some(context.now),
                description: Private::given(key, &self.description),
            }
            .into(),
        ])
    }
}

impl Evolve for InterruptionStarted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let new = || Interruption {
            environments: self.environments.clone(),
            maintenance: None,
            start: None,
            ended_at: None,
            suspends: None,
        };
        network
            .operations
            .interruptions
            .change_or_insert(self.interruption, new, |interruption| {
                interruption.start = Some(InterruptionStart {
                    started_at: self.started_at,
                    ground: self.ground,
                    description: self.description.clone(),
                });
                interruption.suspends = self.suspended_from.map(Window::open_from);
            });
    }
}

/// Records that an interruption is over. Where the service was suspended, logins are routed again
/// from now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EndInterruption {
    /// The interruption.
    pub interruption: InterruptionId,
    /// When it ended, not before it began.
    pub ended_at: Instant,
}

/// An interruption is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InterruptionEnded {
    /// The interruption.
    pub interruption: InterruptionId,
    /// When it ended.
    pub ended_at: Instant,
    /// From when logins are routed again, where the service was suspended: the instant of the
    /// decision, for nobody was routed in the past.
    pub suspended_until: Option<Instant>,
}

impl Decide for EndInterruption {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let interruption = network
            .operations
            .interruptions
            .get(&self.interruption)
            .ok_or_else(|| Rejection::unknown("interruption", "interruption"))?;
        let Some(start) = &interruption.start else {
            return Err(wrong_state(
                "the interruption has not begun",
                "interruption",
                "call the maintenance off with `cancelMaintenance`",
            ));
        };
        if interruption.ended_at.is_some() {
            return Err(nothing_to_change(
                "the interruption is over",
                "interruption",
            ));
        }
        already_happened(context, self.ended_at, "endedAt")?;
        if self.ended_at < start.started_at {
            return Err(too_early("an interruption ends after it began", "endedAt"));
        }
        Ok(vec![
            InterruptionEnded {
                interruption: self.interruption,
                ended_at: self.ended_at,
                suspended_until: interruption.suspends.map(|_| context.now),
            }
            .into(),
        ])
    }
}

impl Evolve for InterruptionEnded {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .operations
            .interruptions
            .change(&self.interruption, |interruption| {
                interruption.ended_at = Some(self.ended_at);
                if let (Some(window), Some(until)) =
                    (&mut interruption.suspends, self.suspended_until)
                {
                    window.close_at(until);
                }
            });
    }
}
