//! Written remarks about a material breach, by either party: receipt, time for cure, cure
//! (membership contract §7 ¶2). Ending the membership for a breach is a notice.

use super::notice::sent_and_received;
use super::{ContractParty, Member, change, in_force, known, nothing_to_change, text_key};
use crate::computation::past_day;
use crate::time::{Date, Instant};
use crate::value::{DocumentReference, FreeText, OrganisationOid, ShortText};
use crate::{
    ComputedDate, Context, Decide, Decision, Event, Evolve, InstrumentKind, Network, Period,
    Private, Rejection, RemarkId, Rule, RuleKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The least days for cure from the receipt of a remark (membership contract §7 ¶2).
pub const CURE_DAYS_MIN: u16 = 30;
const CURE_DAYS_MAX: u16 = 730;
const CURE_SOURCE: &str = "membership contract §7 ¶2: immediately, when not cured within a \
                           reasonable time of at least 30 days from the receipt";

/// A remark about a breach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Remark {
    /// Its identifier.
    pub id: RemarkId,
    /// Who made it; the breach is the other party's.
    pub by: ContractParty,
    /// The clause that it says is broken.
    pub clause: ShortText,
    /// What it says, sealed.
    pub text: Private,
    /// How many days it gives for cure.
    pub cure_days: u16,
    /// What grants the time for cure: the contract, or the rule that was set for the terms of use.
    pub source: String,
    /// The day on which it was sent.
    pub sent_on: Date,
    /// The day on which the other party received it.
    pub received_on: Option<Date>,
    /// The last day for cure, once the receipt is known.
    pub deadline: Option<ComputedDate>,
    /// The day on which the breach was cured.
    pub cured_on: Option<Date>,
}

/// Sends a member a written remark about a material breach of the agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SendRemark {
    /// The member.
    pub member: OrganisationOid,
    /// The clause that is broken, such as `§5 b4`.
    pub clause: ShortText,
    /// What the breach is.
    pub text: FreeText,
    /// How many days it may be cured, from its receipt: at least 30, and 30 where left out.
    #[serde(default)]
    pub cure_days: Option<u16>,
    /// The day on which it was sent; today where left out.
    #[serde(default)]
    pub sent_on: Option<Date>,
}

/// Makes a written remark about the operator's material breach of the agreement, here and now:
/// the operator has received it today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MakeRemark {
    /// The member that makes it.
    pub member: OrganisationOid,
    /// The clause that is broken, such as `§6 ¶3`.
    pub clause: ShortText,
    /// What the breach is.
    pub text: FreeText,
    /// How many days it may be cured, from its receipt: at least 30, and 30 where left out.
    #[serde(default)]
    pub cure_days: Option<u16>,
}

/// A remark about a breach was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemarkSent {
    /// The member.
    pub member: OrganisationOid,
    /// The remark.
    pub remark: RemarkId,
    /// Who made it.
    pub by: ContractParty,
    /// The clause.
    pub clause: ShortText,
    /// What it says, sealed.
    pub text: Private,
    /// How many days it gives for cure.
    pub cure_days: u16,
    /// What grants the time for cure.
    pub source: String,
    /// The day on which it was sent.
    pub sent_on: Date,
}

/// Records that the member's contact received the operator's remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordRemarkReceipt {
    /// The member.
    pub member: OrganisationOid,
    /// The remark.
    pub remark: RemarkId,
    /// The day of the receipt; today where left out.
    #[serde(default)]
    pub received_on: Option<Date>,
    /// What shows the receipt, where there is something.
    #[serde(default)]
    pub evidence: Option<DocumentReference>,
}

/// A remark was received: the time for cure runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RemarkReceived {
    /// The member.
    pub member: OrganisationOid,
    /// The remark.
    pub remark: RemarkId,
    /// The day of the receipt.
    pub received_on: Date,
    /// What shows the receipt.
    pub evidence: Option<DocumentReference>,
    /// The last day for cure.
    pub deadline: ComputedDate,
}

/// The days for cure, as given but no fewer than the instrument grants, and what grants them.
fn cure_days(
    network: &Network,
    row: &Member,
    given: Option<u16>,
    now: Instant,
) -> Result<(u16, String), Rejection> {
    let (least, source) = match row.instrument_kind(now) {
        Some(InstrumentKind::TermsOfUse) => {
            let today = network.date(now);
            let dated = network.rules.require(RuleKind::TermsBreachCure, today)?;
            let Rule::TermsBreachCure { days } = dated.rule else {
                return Err(Rejection::rule_not_set("TermsBreachCure"));
            };
            (days, dated.source.as_str())
        }
        _ => (CURE_DAYS_MIN, CURE_SOURCE),
    };
    let days = given.unwrap_or(least);
    if days < least {
        return Err(Rejection::new(
            "TOO_SHORT",
            format!("a breach may be cured for at least {least} days"),
        )
        .field("cureDays")
        .remedy(format!("give {least} days or more"))
        .rule(source.to_owned()));
    }
    if days > CURE_DAYS_MAX {
        return Err(Rejection::new(
            "TOO_LONG",
            format!("more than {CURE_DAYS_MAX} days is no time for cure"),
        )
        .field("cureDays")
        .remedy("give fewer days")
        .rule("our decision"));
    }
    Ok((days, source.to_owned()))
}

fn deadline(network: &Network, received_on: Date, days: u16, source: &str) -> ComputedDate {
    ComputedDate::end_of_period(
        network.zone(),
        received_on,
        Period::Days(days),
        "BREACH_CURE",
        source,
    )
}

impl Decide for SendRemark {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = in_force(network, &self.member, context.now)?;
        let (cure_days, source) = cure_days(network, row, self.cure_days, context.now)?;
        Ok(vec![
            RemarkSent {
                member: self.member.clone(),
                remark: RemarkId(context.new_id("remark")),
                by: ContractParty::Operator,
                clause: self.clause.clone(),
                text: Private::given(text_key(&self.member), &self.text),
                cure_days,
                source,
                sent_on: past_day(network, context, self.sent_on, "sentOn")?,
            }
            .into(),
        ])
    }
}

impl Decide for MakeRemark {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = in_force(network, &self.member, context.now)?;
        let (days, source) = cure_days(network, row, self.cure_days, context.now)?;
        let today = network.date(context.now);
        let remark = RemarkId(context.new_id("remark"));
        let sent: Event = RemarkSent {
            member: self.member.clone(),
            remark,
            by: ContractParty::Member,
            clause: self.clause.clone(),
            text: Private::given(text_key(&self.member), &self.text),
            cure_days: days,
            source: source.clone(),
            sent_on: today,
        }
        .into();
        let received = RemarkReceived {
            member: self.member.clone(),
            remark,
            received_on: today,
            evidence: None,
            deadline: deadline(network, today, days, &source),
        };
        Ok(vec![sent, received.into()])
    }
}

impl Evolve for RemarkSent {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            row.remarks.push(Remark {
                id: self.remark,
                by: self.by,
                clause: self.clause.clone(),
                text: self.text.clone(),
                cure_days: self.cure_days,
                source: self.source.clone(),
                sent_on: self.sent_on,
                received_on: None,
                deadline: None,
                cured_on: None,
            });
        });
    }
}

fn remark<'a>(
    network: &'a Network,
    member: &OrganisationOid,
    id: RemarkId,
    by: ContractParty,
) -> Result<&'a Remark, Rejection> {
    known(network, member, "member")?
        .remarks
        .iter()
        .find(|remark| remark.id == id && remark.by == by)
        .ok_or_else(|| Rejection::unknown("remark of this party", "remark"))
}

impl Decide for RecordRemarkReceipt {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let remark = remark(network, &self.member, self.remark, ContractParty::Operator)?;
        if remark.received_on.is_some() {
            return Err(nothing_to_change(
                "the receipt of this remark is recorded",
                "remark",
            ));
        }
        let received_on = past_day(network, context, self.received_on, "receivedOn")?;
        sent_and_received(network, context, remark.sent_on, received_on)?;
        Ok(vec![
            RemarkReceived {
                member: self.member.clone(),
                remark: self.remark,
                received_on,
                evidence: self.evidence.clone(),
                deadline: deadline(network, received_on, remark.cure_days, &remark.source),
            }
            .into(),
        ])
    }
}

fn change_remark(
    network: &mut Network,
    member: &OrganisationOid,
    id: RemarkId,
    then: impl FnOnce(&mut Remark),
) {
    change(network, member, |row| {
        if let Some(remark) = row.remarks.iter_mut().find(|remark| remark.id == id) {
            then(remark);
        }
    });
}

impl Evolve for RemarkReceived {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change_remark(network, &self.member, self.remark, |remark| {
            remark.received_on = Some(self.received_on);
            remark.deadline = Some(self.deadline.clone());
        });
    }
}

/// Accepts that a member has cured the breach that the operator's remark named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptCure {
    /// The member.
    pub member: OrganisationOid,
    /// The operator's remark.
    pub remark: RemarkId,
    /// The day of the cure; today where left out.
    #[serde(default)]
    pub cured_on: Option<Date>,
}

/// Accepts that the operator has cured the breach that the member's remark named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptOperatorsCure {
    /// The member.
    pub member: OrganisationOid,
    /// The member's remark.
    pub remark: RemarkId,
    /// The day of the cure; today where left out.
    #[serde(default)]
    pub cured_on: Option<Date>,
}

/// A breach was cured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct BreachCured {
    /// The member.
    pub member: OrganisationOid,
    /// The remark.
    pub remark: RemarkId,
    /// The day of the cure.
    pub cured_on: Date,
}

fn cured(
    network: &Network,
    context: &Context<'_>,
    member: &OrganisationOid,
    id: RemarkId,
    by: ContractParty,
    cured_on: Option<Date>,
) -> Decision {
    let remark = remark(network, member, id, by)?;
    if remark.cured_on.is_some() {
        return Err(nothing_to_change("the cure is recorded", "remark"));
    }
    let cured_on = past_day(network, context, cured_on, "curedOn")?;
    if cured_on < remark.sent_on {
        return Err(
            Rejection::new("TOO_EARLY", "the remark was sent after that day")
                .field("curedOn")
                .remedy("give the day on which the breach ended after the remark"),
        );
    }
    Ok(vec![
        BreachCured {
            member: member.clone(),
            remark: id,
            cured_on,
        }
        .into(),
    ])
}

impl Decide for AcceptCure {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let by = ContractParty::Operator;
        cured(
            network,
            context,
            &self.member,
            self.remark,
            by,
            self.cured_on,
        )
    }
}

impl Decide for AcceptOperatorsCure {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let by = ContractParty::Member;
        cured(
            network,
            context,
            &self.member,
            self.remark,
            by,
            self.cured_on,
        )
    }
}

impl Evolve for BreachCured {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change_remark(network, &self.member, self.remark, |remark| {
            remark.cured_on = Some(self.cured_on);
        });
    }
}
