//! How an approved amendment is made known: on the operator's web site, and in writing to each
//! member's contract contact, with the description and the whole new annex; the operator's
//! confirmation of an urgent one (membership contract §7 ¶5–¶6).

use super::amendment::{AMENDMENT_NOTICE_MONTHS, find, wrong_state};
use super::annex::add_edition;
use super::party::{AmendmentPeriods, amendment_periods, contract_contact, members_to_tell};
use super::{Amendment, AmendmentState, Announcement, ExitWindow, not_in_future};
use crate::time::{Date, Instant};
use crate::value::{DocumentReference, OrganisationOid, Reason, WebAddress};
use crate::{
    AmendmentId, Category, Context, Decide, Decision, Evolve, KeySubject, Network, PersonId,
    Private, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a written notice was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NoticeChannel {
    /// By e-mail.
    Email,
    /// By letter.
    Letter,
    /// Handed over in person.
    InPerson,
}

/// What a member was told of an amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentNotice {
    /// The day it was sent.
    pub sent_on: Date,
    /// How.
    pub channel: NoticeChannel,
    /// To which contract contact, where the member had named one.
    pub contact: Option<PersonId>,
    /// By which periods.
    pub periods: AmendmentPeriods,
    /// Why it was sent later than those ask for, sealed.
    pub late_because: Option<Private>,
    /// When the member received it.
    pub receipt: Option<AmendmentReceipt>,
}

/// A member's receipt of the notice of an amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentReceipt {
    /// The day on which the member learned of the amendment.
    pub received_on: Date,
    /// When the member may leave because of it.
    pub window: ExitWindow,
    /// Whether less time was left than the periods ask for: for this member people decide what
    /// follows.
    pub late: bool,
}

/// Confirms an urgent amendment that the steering group approved; without that it does not enter
/// into force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmUrgentAmendment {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The day of the confirmation.
    pub confirmed_on: Date,
}

/// The operator confirmed an urgent amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UrgentAmendmentConfirmed {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The day of the confirmation.
    pub confirmed_on: Date,
}

/// Refuses a day on which the steering group had not yet approved the amendment.
fn after_decision(amendment: &Amendment, day: Date, field: &'static str) -> Result<(), Rejection> {
    let decided_on = amendment.decision.as_ref().map(|d| d.decided_on);
    match decided_on {
        Some(decided_on) if day < decided_on => Err(Rejection::new(
            "TOO_EARLY",
            "the steering group had not approved the amendment then",
        )
        .field(field)
        .remedy(format!("give {decided_on} or a later day"))
        .rule("membership contract §7 ¶5")),
        _ => Ok(()),
    }
}

impl Decide for ConfirmUrgentAmendment {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let amendment = find(network, self.amendment)?;
        if amendment.urgent.is_none() {
            return Err(wrong_state(
                "only urgent amendments are confirmed by the operator",
                "announce the amendment and notify the members",
            )
            .rule("membership contract §7 ¶6"));
        }
        if amendment.state(context.now) != AmendmentState::Approved {
            return Err(not_approved());
        }
        if amendment.confirmed_on.is_some() {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "the amendment is confirmed already")
                    .field("amendment")
                    .remedy("nothing needs to be recorded"),
            );
        }
        not_in_future(network, context, self.confirmed_on, "confirmedOn")?;
        after_decision(amendment, self.confirmed_on, "confirmedOn")?;
        Ok(vec![
            UrgentAmendmentConfirmed {
                amendment: self.amendment,
                confirmed_on: self.confirmed_on,
            }
            .into(),
        ])
    }
}

fn not_approved() -> Rejection {
    wrong_state(
        "only an amendment that is approved and not yet announced can go this way",
        "record the steering group's decision first",
    )
    .rule("membership contract §7 ¶5")
}

impl Evolve for UrgentAmendmentConfirmed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .agreement
            .amendments
            .change(&self.amendment, |amendment| {
                amendment.confirmed_on = Some(self.confirmed_on);
            });
    }
}

/// Announces an approved amendment on the operator's web site. From then on its entry into force
/// is settled: an ordinary one is announced at least three months before its day; an urgent one
/// after the operator has confirmed it and told every member, at the latest on its day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublishAmendment {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The day of publication.
    pub published_on: Date,
    /// Where it is published.
    pub address: WebAddress,
}

/// An amendment was announced on the operator's web site, and its entry into force settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentPublished {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The day of publication.
    pub published_on: Date,
    /// Where it is published.
    pub address: WebAddress,
    /// The day on which the new annex enters into force.
    pub enters_on: Date,
    /// The instant from which it is in force: 00:00 of that day, or the instant of this record
    /// where that is later, for nothing enters into force in the past.
    pub enters_at: Instant,
}

impl Decide for PublishAmendment {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let amendment = find(network, self.amendment)?;
        if amendment.state(context.now) != AmendmentState::Approved {
            return Err(not_approved());
        }
        not_in_future(network, context, self.published_on, "publishedOn")?;
        after_decision(amendment, self.published_on, "publishedOn")?;
        if amendment.urgent.is_some() {
            check_urgent_announcement(network, context, amendment)?;
        } else if !amendment.leaves_time(self.published_on) {
            return Err(too_little_time(
                amendment,
                AMENDMENT_NOTICE_MONTHS,
                "publishedOn",
            ));
        } else if context.now >= amendment.enters_at {
            // Members were told that day, and some may leave on it: it is not moved silently.
            return Err(Rejection::new(
                "TOO_LATE",
                format!(
                    "the day of entry into force, {}, has come without the announcement on record",
                    amendment.enters_on
                ),
            )
            .field("amendment")
            .remedy(
                "postpone the amendment with `postponeAmendment`; where a member has received its \
                 notice, withdraw it and propose another",
            )
            .rule("membership contract §7 ¶5: the day announced in advance"));
        }
        let settled_at = context.now.max(amendment.enters_at);
        Ok(vec![
            AmendmentPublished {
                amendment: self.amendment,
                published_on: self.published_on,
                address: self.address.clone(),
                enters_on: network.date(settled_at),
                enters_at: settled_at,
            }
            .into(),
        ])
    }
}

fn too_little_time(amendment: &Amendment, months: u16, field: &'static str) -> Rejection {
    Rejection::new(
        "TOO_LATE",
        format!(
            "less than {months} months would be left before the entry into force on {}",
            amendment.enters_on
        ),
    )
    .field(field)
    .remedy("postpone the amendment with `postponeAmendment`, or withdraw it")
    .rule("membership contract §7 ¶5")
}

/// An urgent amendment enters into force after the operator has confirmed it and told the members
/// (contract §7 ¶6).
fn check_urgent_announcement(
    network: &Network,
    context: &Context<'_>,
    amendment: &Amendment,
) -> Result<(), Rejection> {
    if amendment.confirmed_on.is_none() {
        return Err(wrong_state(
            "the operator has not confirmed this urgent amendment",
            "confirm it with `confirmUrgentAmendment` first",
        )
        .rule("membership contract §7 ¶6"));
    }
    let untold = members_to_tell(network, context.now)
        .filter(|(member, _)| !amendment.notices.contains(member))
        .count();
    if untold > 0 {
        return Err(Rejection::new(
            "NOT_ALL_NOTIFIED",
            format!("{untold} members have not been told of this urgent amendment"),
        )
        .field("amendment")
        .remedy("record the notice to every member with `sendAmendmentNotice` first")
        .rule("membership contract §7 ¶6"));
    }
    if network.date(context.now) > amendment.enters_on {
        return Err(
            Rejection::new("TOO_LATE", "the day that the members were told has passed")
                .field("amendment")
                .remedy("postpone the amendment and tell the members the new day")
                .rule("membership contract §7 ¶6"),
        );
    }
    Ok(())
}

impl Evolve for AmendmentPublished {
    fn evolve(&self, network: &mut Network, at: Instant) {
        let agreement = &mut network.agreement;
        let Some(amendment) = agreement.amendments.get(&self.amendment) else {
            return;
        };
        let annex = amendment.annex;
        let mut edition = amendment.edition(self.amendment, self.enters_at);
        edition.enters_on = self.enters_on;
        agreement.amendments.change(&self.amendment, |amendment| {
            amendment.enters_on = self.enters_on;
            amendment.enters_at = self.enters_at;
            amendment.announcement = Some(Announcement {
                published_on: self.published_on,
                address: self.address.clone(),
                recorded_at: at,
            });
        });
        add_edition(network, annex, &edition);
    }
}

/// Records that a member was sent the written notice of an amendment: the description of the
/// change and the whole new annex, to the contract contact whom the member named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SendAmendmentNotice {
    /// The amendment, approved.
    pub amendment: AmendmentId,
    /// The member.
    pub member: OrganisationOid,
    /// How it was sent.
    pub channel: NoticeChannel,
    /// The day it was sent: at least three months before the entry into force of an ordinary
    /// amendment, or as long before as the rule for the terms of use says.
    pub sent_on: Date,
    /// The annex that was enclosed: the whole new one.
    pub document: DocumentReference,
    /// Whether the description of the change was enclosed, as it must be.
    pub describes_change: bool,
    /// Why it was sent later than that, where it was; people then decide when the amendment holds
    /// for this member.
    #[serde(default)]
    pub late_because: Option<Reason>,
}

/// A member was sent the written notice of an amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentNoticeSent {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The member.
    pub member: OrganisationOid,
    /// How it was sent.
    pub channel: NoticeChannel,
    /// The day it was sent.
    pub sent_on: Date,
    /// The whole new annex, as it was enclosed.
    pub document: DocumentReference,
    /// The contract contact to whom it went, where the member had named one.
    pub contact: Option<PersonId>,
    /// The day of entry into force that it announced.
    pub announced: Date,
    /// By which periods the member is told and may leave.
    pub periods: AmendmentPeriods,
    /// Why it was sent late, sealed; none where it was in time.
    pub late_because: Option<Private>,
}

impl Decide for SendAmendmentNotice {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let amendment = find(network, self.amendment)?;
        if !amendment.is_approved() {
            return Err(wrong_state(
                "members are told of amendments that the steering group approved",
                "record the steering group's decision first",
            )
            .rule("membership contract §7 ¶5"));
        }
        let periods = amendment_periods(network, &self.member, context.now, "member")?;
        if amendment.notices.contains(&self.member) {
            return Err(Rejection::new(
                "NOTHING_TO_CHANGE",
                "the member has been sent this notice",
            )
            .field("member")
            .remedy("nothing needs to be recorded"));
        }
        not_in_future(network, context, self.sent_on, "sentOn")?;
        after_decision(amendment, self.sent_on, "sentOn")?;
        if self.document != amendment.document || !self.describes_change {
            let (field, what) = if self.describes_change {
                ("document", "the whole new annex")
            } else {
                ("describesChange", "the description of the change")
            };
            return Err(
                Rejection::new("NOTICE_INCOMPLETE", format!("the notice lacks {what}"))
                    .field(field)
                    .remedy(
                        "send the description together with the whole new annex, and record that",
                    )
                    .rule("membership contract §7 ¶5"),
            );
        }
        let in_time = periods.leave_time(amendment, self.sent_on);
        if !in_time && self.late_because.is_none() {
            let refusal = too_little_time(amendment, periods.notice_months, "sentOn");
            return Err(refusal.rule(periods.source).remedy(
                "postpone the amendment, or, where the notice has gone out, say in \
                 `lateBecause` why it was late",
            ));
        }
        let key = || KeySubject::new(self.amendment, Category::Text);
        let late_because = self
            .late_because
            .as_ref()
            .filter(|_| !in_time)
            .map(|reason| Private::given(key(), reason));
        Ok(vec![
            AmendmentNoticeSent {
                amendment: self.amendment,
                member: self.member.clone(),
                channel: self.channel,
                sent_on: self.sent_on,
                document: self.document.clone(),
                contact: contract_contact(network, &self.member),
                announced: amendment.enters_on,
                periods,
                late_because,
            }
            .into(),
        ])
    }
}

impl Evolve for AmendmentNoticeSent {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let notice = AmendmentNotice {
            sent_on: self.sent_on,
            channel: self.channel,
            contact: self.contact,
            periods: self.periods.clone(),
            late_because: self.late_because.clone(),
            receipt: None,
        };
        network
            .agreement
            .amendments
            .change(&self.amendment, |amendment| {
                amendment.notices.insert(self.member.clone(), notice);
            });
    }
}

/// Records when a member received the notice of an amendment. From that day it has 30 days to
/// leave because of it, or as many as the rule for the terms of use gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiveAmendmentNotice {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The member.
    pub member: OrganisationOid,
    /// The day on which it learned of the amendment; not before the notice was sent.
    pub received_on: Date,
}

/// A member received the notice of an amendment; its time to leave because of it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentNoticeReceived {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The member.
    pub member: OrganisationOid,
    /// The day on which it learned of the amendment.
    pub received_on: Date,
    /// When it may leave because of it, and the rule that gave the days.
    pub window: ExitWindow,
    /// Whether less time was left before the entry into force than the periods ask for.
    pub late: bool,
}

impl Decide for ReceiveAmendmentNotice {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let amendment = find(network, self.amendment)?;
        let notice = amendment.notices.get(&self.member).ok_or_else(|| {
            Rejection::unknown("notice of this amendment to this member", "member")
                .remedy("record the sending with `sendAmendmentNotice` first")
        })?;
        if let Some(receipt) = &notice.receipt {
            return Err(Rejection::new(
                "NOTHING_TO_CHANGE",
                format!("the notice was received on {}", receipt.received_on),
            )
            .field("member")
            .remedy("nothing needs to be recorded; the first receipt counts"));
        }
        if amendment.withdrawn_at.is_some() {
            return Err(wrong_state(
                "the amendment was withdrawn",
                "nothing needs to be recorded",
            ));
        }
        not_in_future(network, context, self.received_on, "receivedOn")?;
        if self.received_on < notice.sent_on {
            return Err(Rejection::new(
                "TOO_EARLY",
                "a notice cannot be received before it was sent",
            )
            .field("receivedOn")
            .remedy(format!("give {} or a later day", notice.sent_on)));
        }
        let periods = &notice.periods;
        Ok(vec![
            AmendmentNoticeReceived {
                amendment: self.amendment,
                member: self.member.clone(),
                received_on: self.received_on,
                window: ExitWindow::of_receipt(
                    self.received_on,
                    periods.exit_days,
                    &periods.source,
                    network.zone(),
                ),
                late: !periods.leave_time(amendment, self.received_on),
            }
            .into(),
        ])
    }
}

impl Evolve for AmendmentNoticeReceived {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let receipt = AmendmentReceipt {
            received_on: self.received_on,
            window: self.window.clone(),
            late: self.late,
        };
        network
            .agreement
            .amendments
            .change(&self.amendment, |amendment| {
                amendment
                    .notices
                    .change(&self.member, |notice| notice.receipt = Some(receipt));
            });
    }
}

#[cfg(test)]
mod tests;
