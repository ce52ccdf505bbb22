//! The right of a member to leave because of an amendment: 30 days from its own receipt of the
//! notice, ending the membership exactly at the amendment's entry into force
//! (membership contract §7 ¶5; domain facts C.4, J.6).

use super::amendment::find;
use super::party::amendment_periods;
use super::{Amendment, AmendmentState};
use crate::time::{Date, Instant, Window, Zone};
use crate::value::OrganisationOid;
use crate::{AmendmentId, Network, Rejection, Rule, RuleKind};
use serde::{Deserialize, Serialize};

/// Days that a member has from its receipt of the notice (contract §7 ¶5).
pub const EXIT_DAYS: u16 = 30;

pub(super) const EXIT_SOURCE: &str =
    "membership contract §7 ¶5: 30 days from the receipt, which is day 0";

/// When a member may leave because of an amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExitWindow {
    /// Its first day: that of the receipt.
    pub first_day: Date,
    /// Its last day.
    pub last_day: Date,
    /// From 00:00 of the first day to 24:00 of the last.
    pub open: Window,
    /// The rule that gave the days.
    pub rule: String,
}

impl ExitWindow {
    /// The window of a receipt on this day: day 0 is the receipt, the last day the one so many
    /// `days` after it, 30 under the contract (our decision, domain facts C.4).
    pub fn of_receipt(received_on: Date, days: u16, source: &str, zone: &Zone) -> Self {
        let last_day = received_on.plus_days(days.into());
        Self {
            first_day: received_on,
            last_day,
            open: Window {
                from: zone.start_of(received_on),
                until: Some(zone.end_of(last_day)),
            },
            rule: source.to_owned(),
        }
    }

    /// The rule by which a membership ends whose member leaves in it.
    fn ends_by(&self, agreed: bool) -> String {
        let day = if agreed {
            "on the day agreed on with a member that was told late"
        } else {
            "on the day of entry into force announced in advance"
        };
        format!("{}; {day}", self.rule)
    }

    /// Whether `day` lies in it.
    pub fn contains(&self, day: Date) -> bool {
        (self.first_day..=self.last_day).contains(&day)
    }
}

/// How a membership ends by a notice given because of an amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AmendmentExit {
    /// The amendment.
    pub amendment: AmendmentId,
    /// The day of its entry into force, the first on which the member is none any more.
    pub ends_on: Date,
    /// The instant of the entry into force: the membership ends then, neither earlier nor later.
    pub ends_at: Instant,
    /// Whether the member was told late, so that people look at the date.
    pub late: bool,
    /// The rule that gave the end.
    pub rule: String,
}

impl Amendment {
    /// When `member` may leave because of this amendment; none before its receipt of the notice
    /// is recorded.
    pub fn exit_window(&self, member: &OrganisationOid) -> Option<&ExitWindow> {
        let receipt = self.notices.get(member)?.receipt.as_ref()?;
        Some(&receipt.window)
    }

    /// Whether `member` was told, or learned of it, too late, or has not been told though the
    /// time for it is over at `day`: people then decide when it holds for this member. Of a member
    /// that was not told yet the contract's months are asked.
    pub fn is_late_for(&self, member: &OrganisationOid, day: Date) -> bool {
        if !self.is_approved() || self.urgent.is_some() {
            return false;
        }
        match self.notices.get(member) {
            None => !self.leaves_time(day),
            Some(notice) => match &notice.receipt {
                Some(receipt) => receipt.late,
                None => notice.late_because.is_some() || !notice.periods.leave_time(self, day),
            },
        }
    }

    /// The day and instant from which it holds for `member`: those announced, or the later ones
    /// that were agreed on with a member that was told late.
    pub fn holds_for(&self, member: &OrganisationOid) -> (Date, Instant) {
        let agreed = self.late_decisions.get(member);
        agreed.map_or((self.enters_on, self.enters_at), |decision| {
            (decision.holds_on, decision.holds_from)
        })
    }
}

impl Network {
    /// How `member`'s membership ends if it gives notice because of `amendment` on `day` (the
    /// day on which the notice reaches the operator's contact), or why it cannot. The fields of
    /// the refusal are `amendment` and `day`; whoever asks renames them to their own.
    /// Members under terms of use have this right where a rule gives it.
    pub fn amendment_exit(
        &self,
        amendment: AmendmentId,
        member: &OrganisationOid,
        day: Date,
        now: Instant,
    ) -> Result<AmendmentExit, Rejection> {
        let row = find(self, amendment)?;
        match row.state(now) {
            AmendmentState::Withdrawn | AmendmentState::Rejected => {
                return Err(not_in_force("the amendment does not enter into force"));
            }
            AmendmentState::Proposed => {
                return Err(not_in_force(
                    "the steering group has not approved the amendment",
                ));
            }
            AmendmentState::Approved if row.urgent.is_some() => {
                return Err(not_in_force(
                    "the urgent amendment's entry into force is not settled yet",
                ));
            }
            AmendmentState::Approved | AmendmentState::Announced | AmendmentState::InForce => {}
        }
        amendment_periods(self, member, now, "amendment")?;
        if row.urgent.is_some() {
            let rule = self.rules.require(RuleKind::ExitOnUrgentAmendment, day)?;
            if rule.rule != (Rule::ExitOnUrgentAmendment { allowed: true }) {
                return Err(Rejection::new(
                    "NO_EXIT_RIGHT",
                    "an urgent amendment gives no right to leave on its day",
                )
                .field("amendment")
                .remedy("give an ordinary notice")
                .rule(rule.source.clone()));
            }
        }
        let window = row.exit_window(member).ok_or_else(|| {
            Rejection::new(
                "TOO_EARLY",
                "the member's receipt of the amendment notice is not recorded",
            )
            .field("amendment")
            .remedy("record it with `receiveAmendmentNotice`: the 30 days run from it")
            .rule(EXIT_SOURCE)
        })?;
        if day < window.first_day {
            return Err(Rejection::new(
                "TOO_EARLY",
                "the member had not received the amendment notice then",
            )
            .field("day")
            .remedy(format!("give {} or a later day", window.first_day))
            .rule(window.rule.clone()));
        }
        if day > window.last_day {
            return Err(Rejection::new(
                "TOO_LATE",
                format!(
                    "the time to leave because of the amendment ended on {}",
                    window.last_day
                ),
            )
            .field("day")
            .remedy("give an ordinary notice: one month")
            .rule(window.rule.clone()));
        }
        let (ends_on, ends_at) = row.holds_for(member);
        if day >= ends_on {
            // The member was told so late that its time to leave outlasts the entry into force: no
            // end of the membership can be computed that the text would bear.
            return Err(Rejection::new(
                "NEEDS_DECISION",
                "the amendment was in force before the member's time to leave was over",
            )
            .field("day")
            .remedy("agree with the member from when it holds: `decideLateAmendment`")
            .rule("domain facts C.4.5: flagged, never decided by the system"));
        }
        Ok(AmendmentExit {
            amendment,
            ends_on,
            ends_at,
            late: row.is_late_for(member, day) && !row.late_decisions.contains(member),
            rule: window.ends_by(row.late_decisions.contains(member)),
        })
    }
}

fn not_in_force(message: &'static str) -> Rejection {
    Rejection::new("WRONG_STATE", message)
        .field("amendment")
        .remedy("give an ordinary notice, or wait for the announcement")
        .rule(EXIT_SOURCE)
}

#[cfg(test)]
mod tests;
