//! An amendment of an annex, from its proposal to its entry into force: what is proposed, when it
//! is to enter into force, and how it is postponed or withdrawn (membership contract §7 ¶5–¶6).

use super::annex::{check_selection, transition, version_is_free};
use super::{
    AmendmentDecision, AmendmentNotice, AnnexEdition, AnnexNumber, AnnexSelection,
    LateAmendmentDecision, Transition, Vote, not_too_far,
};
use crate::membership::mark_notices;
use crate::time::{Date, Instant};
use crate::value::{
    DocumentReference, FreeText, LanguageText, OrganisationOid, Reason, ShortText, WebAddress,
};
use crate::{
    AmendmentId, Category, Context, Decide, Decision, Evolve, KeySubject, Member, Network,
    NoticeCause, NoticeId, Private, Rejection, ReviewGround, SeatId, Table,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How long before its entry into force an ordinary amendment is notified (contract §7 ¶5).
pub const AMENDMENT_NOTICE_MONTHS: u16 = 3;

/// Why an amendment cannot wait (contract §7 ¶6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UrgentGround {
    /// It is necessary for the network's operation.
    NetworkOperation,
    /// It is necessary for processing data securely.
    SecureProcessing,
}

/// Where an amendment stands.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AmendmentState {
    /// The steering group is to decide.
    Proposed,
    /// The steering group rejected it.
    Rejected,
    /// The steering group approved it; its entry into force is not yet announced on the web.
    Approved,
    /// Announced; it enters into force on its day.
    Announced,
    /// In force, or replaced by a later edition.
    InForce,
    /// Withdrawn before it entered into force.
    Withdrawn,
}

/// An announcement on the operator's web site (contract §7 ¶5).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Announcement {
    /// The day of publication.
    pub published_on: Date,
    /// Where.
    pub address: WebAddress,
    /// When it was recorded.
    pub recorded_at: Instant,
}

/// A change of one annex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Amendment {
    /// The annex that it replaces whole.
    pub annex: AnnexNumber,
    /// The version of the new annex.
    pub version: ShortText,
    /// Its title.
    pub title: LanguageText,
    /// The whole new annex.
    pub document: DocumentReference,
    /// What the new annex selects.
    pub selects: Option<AnnexSelection>,
    /// What changes, in the words in which members are told.
    pub description: String,
    /// The day announced for its entry into force.
    pub enters_on: Date,
    /// The instant from which it is, or will be, in force: 00:00 of that day, later only where an
    /// urgent amendment is announced on the day itself.
    pub enters_at: Instant,
    /// Until when a service may stay on the data model that it replaces.
    pub transition: Option<Transition>,
    /// Why it cannot wait; none for an ordinary amendment.
    pub urgent: Option<UrgentGround>,
    /// When it was proposed.
    pub proposed_at: Instant,
    /// The votes as they stand, by seat. Only those of seats in office count.
    pub votes: Table<SeatId, Vote>,
    /// What the steering group decided.
    pub decision: Option<AmendmentDecision>,
    /// The day on which the operator confirmed it; urgent amendments only (contract §7 ¶6).
    pub confirmed_on: Option<Date>,
    /// Its announcement on the web.
    pub announcement: Option<Announcement>,
    /// What each member was told, and when it learned of it.
    pub notices: Table<OrganisationOid, AmendmentNotice>,
    /// From when it holds for members that were told late, as people decided.
    pub late_decisions: Table<OrganisationOid, LateAmendmentDecision>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Instant>,
    /// When its entry into force was recorded.
    pub effect_recorded_at: Option<Instant>,
}

impl Amendment {
    /// Where it stands at `now`.
    pub fn state(&self, now: Instant) -> AmendmentState {
        let approved = self.decision.as_ref().map(|decision| decision.approved);
        match (approved, &self.announcement) {
            _ if self.withdrawn_at.is_some() => AmendmentState::Withdrawn,
            (None, _) => AmendmentState::Proposed,
            (Some(false), _) => AmendmentState::Rejected,
            (Some(true), None) => AmendmentState::Approved,
            (Some(true), Some(_)) if now < self.enters_at => AmendmentState::Announced,
            (Some(true), Some(_)) => AmendmentState::InForce,
        }
    }

    /// Whether it may still enter into force and has not been announced: neither rejected nor
    /// withdrawn. An announced one stands among the editions of its annex.
    pub fn is_pending(&self) -> bool {
        self.withdrawn_at.is_none()
            && self.announcement.is_none()
            && self.decision.as_ref().is_none_or(|d| d.approved)
    }

    /// Whether it was approved and not withdrawn since.
    pub fn is_approved(&self) -> bool {
        self.withdrawn_at.is_none() && self.decision.as_ref().is_some_and(|d| d.approved)
    }

    /// The last day on which an ordinary amendment may be notified and announced: three months
    /// before its entry into force. None for an urgent one.
    pub fn notify_by(&self) -> Option<Date> {
        let ordinary = self.urgent.is_none();
        ordinary.then(|| self.notify_by_months(AMENDMENT_NOTICE_MONTHS))
    }

    /// The last day on which a member may be told of it who is told so many months before; an
    /// urgent one may be told until the day itself.
    pub(crate) fn notify_by_months(&self, months: u16) -> Date {
        if self.urgent.is_some() {
            return self.enters_on;
        }
        // The month arithmetic clamps at the ends of months, so it is not its own inverse: the
        // last day that fits is looked for from the latest that may.
        let shortest = 28 * i64::from(months);
        let fits = |day: &Date| day.plus_months(months) <= self.enters_on;
        (shortest..=shortest + 4 * i64::from(months) + 4)
            .map(|days| self.enters_on.plus_days(-days))
            .find(fits)
            .unwrap_or(self.enters_on)
    }

    /// Whether something done on `day` leaves the time that the contract asks for before the
    /// entry into force; an urgent amendment asks for none (contract §7 ¶5, ¶6).
    pub fn leaves_time(&self, day: Date) -> bool {
        self.urgent.is_some() || is_three_months_before(day, self.enters_on)
    }

    /// The edition of the annex that it brings.
    pub(super) fn edition(&self, id: AmendmentId, enters_at: Instant) -> AnnexEdition {
        AnnexEdition {
            version: self.version.clone(),
            title: self.title.clone(),
            document: self.document.clone(),
            selects: self.selects.clone(),
            enters_on: self.enters_on,
            enters_at,
            transition: self.transition,
            amendment: Some(id),
        }
    }
}

/// Whether at least three months lie between `day` and the day of entry into force.
fn is_three_months_before(day: Date, enters_on: Date) -> bool {
    day.plus_months(AMENDMENT_NOTICE_MONTHS) <= enters_on
}

/// The amendment, or the refusal that it is not known.
pub(super) fn find(network: &Network, id: AmendmentId) -> Result<&Amendment, Rejection> {
    network
        .agreement
        .amendments
        .get(&id)
        .ok_or_else(|| Rejection::unknown("amendment", "amendment"))
}

/// Refuses what the amendment's state does not allow.
pub(super) fn wrong_state(message: &'static str, remedy: &'static str) -> Rejection {
    Rejection::new("WRONG_STATE", message)
        .field("amendment")
        .remedy(remedy)
}

/// Refuses a day of entry into force that comes too soon, or for an urgent one has passed.
fn check_entry(
    network: &Network,
    context: &Context<'_>,
    enters_on: Date,
    urgent: bool,
) -> Result<(), Rejection> {
    not_too_far(network, context, enters_on, "entersOn")?;
    let today = network.date(context.now);
    if urgent && enters_on < today {
        return Err(Rejection::new(
            "TOO_EARLY",
            "an amendment cannot enter into force in the past",
        )
        .field("entersOn")
        .remedy("give today or a later day")
        .rule("membership contract §7 ¶6"));
    }
    if !urgent && !is_three_months_before(today, enters_on) {
        let earliest = today.plus_months(AMENDMENT_NOTICE_MONTHS);
        return Err(Rejection::new(
            "TOO_EARLY",
            "members are told at least three months before an amendment enters into force",
        )
        .field("entersOn")
        .remedy(format!(
            "give {earliest} or a later day, leaving time for the decision"
        ))
        .rule("membership contract §7 ¶5"));
    }
    Ok(())
}

/// Proposes that an annex be replaced by a new edition, for the steering group to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ProposeAmendment {
    /// The annex that is replaced whole. The body of the agreement cannot be amended
    /// (contract §7 ¶5).
    pub annex: AnnexNumber,
    /// The version of the new annex, unique among the editions of its number.
    pub version: ShortText,
    /// Its title.
    pub title: LanguageText,
    /// The whole new annex.
    pub document: DocumentReference,
    /// What it selects; needed for annexes 1 (questions) and 3 (data model), impossible for
    /// the others.
    #[serde(default)]
    pub selects: Option<AnnexSelection>,
    /// What changes, in the words in which members and the public are told. It is published:
    /// no personal data.
    pub description: FreeText,
    /// The day on which it is to enter into force; at least three months ahead unless urgent.
    pub enters_on: Date,
    /// The last day on which a service may stay on the data model that it replaces; annex 3 only.
    #[serde(default)]
    pub transition_last_day: Option<Date>,
    /// Why it cannot wait; left out for an ordinary amendment.
    #[serde(default)]
    pub urgent: Option<UrgentGround>,
}

/// A change of an annex was proposed to the steering group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentProposed {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The annex that it replaces.
    pub annex: AnnexNumber,
    /// The version of the new annex.
    pub version: ShortText,
    /// Its title.
    pub title: LanguageText,
    /// The whole new annex.
    pub document: DocumentReference,
    /// What it selects.
    pub selects: Option<AnnexSelection>,
    /// What changes.
    pub description: String,
    /// The day on which it is to enter into force.
    pub enters_on: Date,
    /// 00:00 of that day in the network's zone.
    pub enters_at: Instant,
    /// Until when a service may stay on the data model that it replaces.
    pub transition: Option<Transition>,
    /// Why it cannot wait; none for an ordinary amendment.
    pub urgent: Option<UrgentGround>,
}

impl Decide for ProposeAmendment {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        version_is_free(network, self.annex, &self.version)?;
        check_selection(self.annex, self.selects.as_ref())?;
        check_entry(network, context, self.enters_on, self.urgent.is_some())?;
        let transition = transition(
            network,
            self.annex,
            self.enters_on,
            self.transition_last_day,
        )?;
        Ok(vec![
            AmendmentProposed {
                amendment: AmendmentId(context.new_id("amendment")),
                annex: self.annex,
                version: self.version.clone(),
                title: self.title.clone(),
                document: self.document.clone(),
                selects: self.selects.clone(),
                description: self.description.as_str().to_owned(),
                enters_on: self.enters_on,
                enters_at: network.zone().start_of(self.enters_on),
                transition,
                urgent: self.urgent,
            }
            .into(),
        ])
    }
}

impl Evolve for AmendmentProposed {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network.agreement.amendments.insert(
            self.amendment,
            Amendment {
                annex: self.annex,
                version: self.version.clone(),
                title: self.title.clone(),
                document: self.document.clone(),
                selects: self.selects.clone(),
                description: self.description.clone(),
                enters_on: self.enters_on,
                enters_at: self.enters_at,
                transition: self.transition,
                urgent: self.urgent,
                proposed_at: at,
                votes: Table::default(),
                decision: None,
                confirmed_on: None,
                announcement: None,
                notices: Table::default(),
                late_decisions: Table::default(),
                withdrawn_at: None,
                effect_recorded_at: None,
            },
        );
    }
}

/// Postpones the day on which an amendment is to enter into force. Possible until it is announced
/// or a member has received its notice; notices already sent named another day and no longer
/// count (our decision).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PostponeAmendment {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The new day, later than the one before, at least three months ahead unless urgent.
    pub enters_on: Date,
    /// The last day of the transition period, where there is one and it moves too.
    #[serde(default)]
    pub transition_last_day: Option<Date>,
}

/// An amendment's entry into force was postponed. Notices sent before no longer count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentPostponed {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The new day.
    pub enters_on: Date,
    /// 00:00 of that day in the network's zone.
    pub enters_at: Instant,
    /// Until when a service may stay on the data model that it replaces.
    pub transition: Option<Transition>,
}

impl Decide for PostponeAmendment {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let amendment = find(network, self.amendment)?;
        if !amendment.is_pending() {
            return Err(wrong_state(
                "the amendment is announced, rejected or withdrawn",
                "withdraw it, where it is not in force, and propose another",
            ));
        }
        let received = |notice: &AmendmentNotice| notice.receipt.is_some();
        if amendment.notices.values().any(received) {
            return Err(wrong_state(
                "a member has received notice of the day announced and may rely on it",
                "withdraw the amendment and propose another",
            )
            .rule("membership contract §7 ¶5: the day announced in advance"));
        }
        if self.enters_on <= amendment.enters_on {
            return Err(
                Rejection::new("TOO_EARLY", "an amendment is postponed to a later day")
                    .field("entersOn")
                    .remedy(format!("give a day after {}", amendment.enters_on))
                    .rule("our decision"),
            );
        }
        check_entry(network, context, self.enters_on, amendment.urgent.is_some())?;
        let earlier = amendment.transition.map(|transition| transition.last_day);
        let transition = transition(
            network,
            amendment.annex,
            self.enters_on,
            self.transition_last_day.or(earlier),
        )?;
        Ok(vec![
            AmendmentPostponed {
                amendment: self.amendment,
                enters_on: self.enters_on,
                enters_at: network.zone().start_of(self.enters_on),
                transition,
            }
            .into(),
        ])
    }
}

impl Evolve for AmendmentPostponed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .agreement
            .amendments
            .change(&self.amendment, |amendment| {
                amendment.enters_on = self.enters_on;
                amendment.enters_at = self.enters_at;
                amendment.transition = self.transition;
                amendment.notices = Table::default();
                amendment.late_decisions = Table::default();
            });
    }
}

/// Withdraws an amendment before it enters into force. Notices that members gave because of it
/// stand, and are shown to a human; they may be withdrawn by agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithdrawAmendment {
    /// The amendment.
    pub amendment: AmendmentId,
    /// Why.
    pub reason: Reason,
}

/// An amendment was withdrawn: it does not enter into force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentWithdrawn {
    /// The amendment.
    pub amendment: AmendmentId,
    /// Why, sealed.
    pub reason: Private,
    /// Running notices that were given because of it, at which a human should look.
    pub notices_to_review: Vec<NoticeId>,
}

impl Decide for WithdrawAmendment {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        match find(network, self.amendment)?.state(context.now) {
            AmendmentState::Proposed | AmendmentState::Approved | AmendmentState::Announced => {}
            AmendmentState::Rejected | AmendmentState::Withdrawn => {
                return Err(wrong_state(
                    "the amendment will not enter into force anyway",
                    "nothing needs to be recorded",
                ));
            }
            AmendmentState::InForce => {
                return Err(wrong_state(
                    "the amendment is in force",
                    "propose another amendment that replaces the annex again",
                )
                .rule("membership contract §7 ¶5"));
            }
        }
        let key = KeySubject::new(self.amendment, Category::Text);
        Ok(vec![
            AmendmentWithdrawn {
                amendment: self.amendment,
                reason: Private::given(key, &self.reason),
                notices_to_review: network
                    .members
                    .values()
                    .flat_map(Member::running_notices)
                    .filter(|notice| notice.cause == Some(NoticeCause::Amendment(self.amendment)))
                    .map(|notice| notice.id)
                    .collect(),
            }
            .into(),
        ])
    }
}

impl Evolve for AmendmentWithdrawn {
    fn evolve(&self, network: &mut Network, at: Instant) {
        mark_notices(
            network,
            &self.notices_to_review,
            ReviewGround::AmendmentWithdrawn,
        );
        let agreement = &mut network.agreement;
        agreement.amendments.change(&self.amendment, |amendment| {
            amendment.withdrawn_at = Some(at);
        });
        let Some(annex) = agreement.amendments.get(&self.amendment).map(|a| a.annex) else {
            return;
        };
        agreement.annexes.change(&annex, |editions| {
            editions.retain(|edition| edition.amendment != Some(self.amendment));
        });
    }
}

#[cfg(test)]
mod tests;
