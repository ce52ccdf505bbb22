//! The end of a membership: the windows in the rows bring it about, the clerk records it, and the
//! operator then returns or erases the personal data, as the home organisation chooses
//! (membership contract §7 ¶8).

use super::legal_basis::drop_what_was_under_way;
use super::{
    LegalBasis, Member, MemberRole, NoticeState, change, known, nothing_to_change, wrong_state,
};
use crate::computation::past_day;
use crate::time::{Date, Instant, Window};
use crate::value::{DocumentReference, InstrumentVersion, OrganisationOid, ShortText};
use crate::{Context, Decide, Decision, DueCommand, Evolve, Network, NoticeId, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most kinds of data that may be named as kept (a bound, not a rule of the agreement).
const RETAINED_MAX: usize = 20;

/// Records that a membership has ended, once it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordMembershipEnd {
    /// The former member.
    pub member: OrganisationOid,
}

/// A membership has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MembershipEnded {
    /// The former member.
    pub member: OrganisationOid,
    /// The instrument that ended.
    pub instrument: InstrumentVersion,
    /// The instant from which it is no member.
    pub at: Instant,
    /// The last day on which it was a member, in whole or in part.
    pub last_day: Date,
    /// The notice that ended it.
    pub notice: Option<NoticeId>,
    /// Whether it was a home organisation, whose data are to be returned or erased.
    pub was_home_organisation: bool,
}

impl Member {
    /// The end of a membership that has come and is not recorded.
    pub(crate) fn unrecorded_end(&self, now: Instant) -> Option<(&LegalBasis, Instant)> {
        self.legal_bases.iter().find_map(|basis| {
            let until = basis.window.until.filter(|until| *until <= now)?;
            (!basis.replaced && !basis.end_recorded).then_some((basis, until))
        })
    }

    /// Whether it was a home organisation at any time of the membership that it has or had last.
    pub fn was_home_organisation(&self) -> bool {
        let last = self.windows().pop();
        last.is_some_and(|last| self.was_home_organisation_in(last))
    }

    fn was_home_organisation_in(&self, membership: Window) -> bool {
        self.role_windows(MemberRole::HomeOrganisation)
            .iter()
            .any(|role| {
                membership.from <= role.from
                    && membership.until.is_none_or(|until| role.from < until)
            })
    }
}

impl Decide for RecordMembershipEnd {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.member, "member")?;
        let (basis, at) = row.unrecorded_end(context.now).ok_or_else(|| {
            wrong_state(
                "no membership of this organisation has ended unrecorded",
                "member",
                "wait until the end has come; it is recorded once",
            )
        })?;
        // A membership that began since has settled the notices already.
        let ended_by = row.notices.iter().find(|notice| {
            notice.end.at == at
                && matches!(notice.state, NoticeState::Running | NoticeState::TookEffect)
        });
        let membership = row
            .windows()
            .into_iter()
            .find(|window| window.until == Some(at));
        Ok(vec![
            MembershipEnded {
                member: self.member.clone(),
                instrument: basis.instrument.clone(),
                at,
                last_day: network
                    .zone()
                    .date(at.plus(::time::Duration::microseconds(-1))),
                notice: ended_by.map(|notice| notice.id),
                was_home_organisation: membership
                    .is_some_and(|membership| row.was_home_organisation_in(membership)),
            }
            .into(),
        ])
    }
}

impl Evolve for MembershipEnded {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            let ended = row
                .legal_bases
                .iter_mut()
                .filter(|basis| basis.window.until == Some(self.at));
            for basis in ended {
                basis.end_recorded = true;
            }
            // A membership that began since keeps its roles and notices.
            if row
                .legal_bases
                .last()
                .is_some_and(|basis| basis.end_recorded)
            {
                row.close_roles_at(self.at);
                row.settle_notices(self.at);
                // A new application may have its own contract under way.
                if row.open_application().is_none() {
                    drop_what_was_under_way(row);
                }
            }
        });
    }
}

/// What is due of members at `now`: their ends.
pub(crate) fn membership_due(network: &Network, now: Instant) -> Vec<DueCommand> {
    let ended = |row: &Member| {
        let (_, due) = row.unrecorded_end(now)?;
        Some(DueCommand {
            kind: "membership-end",
            subject: format!("member:{}", row.organisation),
            due,
            command: RecordMembershipEnd {
                member: row.organisation.clone(),
            }
            .into(),
        })
    };
    network.members.values().filter_map(ended).collect()
}

/// When the next membership ends after `now`, as far as it is known now.
pub(crate) fn membership_next_due(network: &Network, now: Instant) -> Option<Instant> {
    let ends = network.members.values().filter_map(Member::ends_at);
    ends.filter(|end| *end > now).min()
}

/// What becomes of the personal data that the operator holds for a home organisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DispositionChoice {
    /// They are returned.
    Return,
    /// They are erased, with all copies.
    Erase,
}

/// Data that are kept although they were to be returned or erased, for a law says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RetainedData {
    /// What is kept.
    pub what: ShortText,
    /// The law that says so.
    pub legal_basis: ShortText,
    /// Until when, where that is known.
    #[serde(default)]
    pub until: Option<Date>,
}

/// The choice of a leaving home organisation, and what was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataDisposition {
    /// What was chosen.
    pub choice: DispositionChoice,
    /// The day of the choice.
    pub chosen_on: Date,
    /// The day on which it was done.
    pub done_on: Option<Date>,
    /// What shows that it was done.
    pub evidence: Option<DocumentReference>,
    /// What is kept nevertheless.
    pub retained: Vec<RetainedData>,
}

/// Chooses whether the operator returns or erases the personal data it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChooseDataDisposition {
    /// The home organisation that leaves or has left.
    pub member: OrganisationOid,
    /// The choice.
    pub choice: DispositionChoice,
}

/// It was chosen what becomes of the data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataDispositionChosen {
    /// The home organisation.
    pub member: OrganisationOid,
    /// The choice.
    pub choice: DispositionChoice,
    /// The day of the choice.
    pub chosen_on: Date,
}

impl Decide for ChooseDataDisposition {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.member, "member")?;
        if !row.was_home_organisation() {
            return Err(Rejection::new(
                "NOT_A_HOME_ORGANISATION",
                "the choice is a home organisation's: the operator holds no data for others",
            )
            .field("member")
            .remedy("nothing needs to be chosen")
            .rule("membership contract §7 ¶8"));
        }
        if row.ends_at().is_none() {
            return Err(wrong_state(
                "no end of this membership is known",
                "member",
                "choose when notice was given or the membership has ended",
            )
            .rule("membership contract §7 ¶8"));
        }
        match &row.disposition {
            Some(before) if before.done_on.is_some() => Err(wrong_state(
                "the data were returned or erased already",
                "member",
                "nothing is left to choose",
            )),
            Some(before) if before.choice == self.choice => {
                Err(nothing_to_change("this was chosen already", "choice"))
            }
            _ => Ok(vec![
                DataDispositionChosen {
                    member: self.member.clone(),
                    choice: self.choice,
                    chosen_on: network.date(context.now),
                }
                .into(),
            ]),
        }
    }
}

impl Evolve for DataDispositionChosen {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            row.disposition = Some(DataDisposition {
                choice: self.choice,
                chosen_on: self.chosen_on,
                done_on: None,
                evidence: None,
                retained: Vec::new(),
            });
        });
    }
}

/// Records that the personal data were returned to the home organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordDataReturn {
    /// The former home organisation.
    pub member: OrganisationOid,
    /// The day; today where left out.
    #[serde(default)]
    pub returned_on: Option<Date>,
    /// What shows it: the receipt or record.
    pub evidence: DocumentReference,
    /// What is kept nevertheless, because a law says so.
    #[serde(default)]
    pub retained: Vec<RetainedData>,
}

/// The personal data were returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataReturned {
    /// The former home organisation.
    pub member: OrganisationOid,
    /// The day.
    pub returned_on: Date,
    /// What shows it.
    pub evidence: DocumentReference,
    /// What is kept nevertheless.
    pub retained: Vec<RetainedData>,
}

/// Records that the personal data were erased, with all copies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordDataErasure {
    /// The former home organisation.
    pub member: OrganisationOid,
    /// The day; today where left out.
    #[serde(default)]
    pub erased_on: Option<Date>,
    /// What shows it: the record of the erasure.
    pub evidence: DocumentReference,
    /// What is kept nevertheless, because a law says so.
    #[serde(default)]
    pub retained: Vec<RetainedData>,
}

/// The personal data were erased.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataErased {
    /// The former home organisation.
    pub member: OrganisationOid,
    /// The day.
    pub erased_on: Date,
    /// What shows it.
    pub evidence: DocumentReference,
    /// What is kept nevertheless.
    pub retained: Vec<RetainedData>,
}

/// The day on which the chosen disposition was done, or why it cannot have been.
fn done_on(
    network: &Network,
    context: &Context<'_>,
    member: &OrganisationOid,
    choice: DispositionChoice,
    day: (Option<Date>, &'static str),
    retained: &[RetainedData],
) -> Result<Date, Rejection> {
    let row = known(network, member, "member")?;
    let chosen = row.disposition.as_ref();
    let chosen = chosen
        .filter(|chosen| chosen.choice == choice)
        .ok_or_else(|| {
            wrong_state(
                "the home organisation has not chosen this",
                "member",
                "record its choice first",
            )
            .rule("membership contract §7 ¶8")
        })?;
    if chosen.done_on.is_some() {
        return Err(nothing_to_change("this is recorded already", "member"));
    }
    let end = row.ends_at().filter(|end| *end <= context.now);
    let Some(end) = end else {
        return Err(wrong_state(
            "the membership has not ended",
            "member",
            "wait until it has",
        )
        .rule("membership contract §7 ¶8"));
    };
    if retained.len() > RETAINED_MAX {
        return Err(Rejection::new(
            "TOO_MANY",
            format!("at most {RETAINED_MAX} kinds of data can be named"),
        )
        .field("retained")
        .remedy("name kinds of data, not single ones"));
    }
    let (day, field) = day;
    let day = past_day(network, context, day, field)?;
    if network.zone().end_of(day) < end {
        return Err(
            Rejection::new("TOO_EARLY", "the membership ended after that day")
                .field(field)
                .remedy("give the day on which it was done"),
        );
    }
    Ok(day)
}

impl Decide for RecordDataReturn {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let returned_on = done_on(
            network,
            context,
            &self.member,
            DispositionChoice::Return,
            (self.returned_on, "returnedOn"),
            &self.retained,
        )?;
        Ok(vec![
            DataReturned {
                member: self.member.clone(),
                returned_on,
                evidence: self.evidence.clone(),
                retained: self.retained.clone(),
            }
            .into(),
        ])
    }
}

impl Decide for RecordDataErasure {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let erased_on = done_on(
            network,
            context,
            &self.member,
            DispositionChoice::Erase,
            (self.erased_on, "erasedOn"),
            &self.retained,
        )?;
        Ok(vec![
            DataErased {
                member: self.member.clone(),
                erased_on,
                evidence: self.evidence.clone(),
                retained: self.retained.clone(),
            }
            .into(),
        ])
    }
}

fn done(
    network: &mut Network,
    member: &OrganisationOid,
    on: Date,
    evidence: &DocumentReference,
    retained: &[RetainedData],
) {
    change(network, member, |row| {
        if let Some(disposition) = &mut row.disposition {
            disposition.done_on = Some(on);
            disposition.evidence = Some(evidence.clone());
            disposition.retained = retained.to_vec();
        }
    });
}

impl Evolve for DataReturned {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let (member, on) = (&self.member, self.returned_on);
        done(network, member, on, &self.evidence, &self.retained);
    }
}

impl Evolve for DataErased {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let (member, on) = (&self.member, self.erased_on);
        done(network, member, on, &self.evidence, &self.retained);
    }
}
