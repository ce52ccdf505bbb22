//! Outages that a member reports, and the right to leave that grows from one: from the 61st day
//! after the member's own report, until it is corrected (membership contract §5 ¶4, §7 ¶2).

use super::{change, in_force, known, nothing_to_change, text_key};
use crate::computation::past_day;
use crate::time::{Date, Instant};
use crate::value::{FreeText, OrganisationOid};
use crate::{
    ComputedDate, Context, Decide, Decision, Evolve, InstrumentKind, Network, OutageId, Period,
    Private, Rejection, Rule, RuleKind,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Full days that must pass from the report (membership contract §7 ¶2).
const OUTAGE_DAYS: u16 = 60;
const OUTAGE_SOURCE: &str =
    "membership contract §7 ¶2: immediately, when 60 days have passed since the report";

/// An outage that a member reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Outage {
    /// Its identifier.
    pub id: OutageId,
    /// The day of the report.
    pub reported_on: Date,
    /// What is not working, sealed.
    pub description: Private,
    /// Whether it prevents the use in essential parts, as the member says.
    pub essential: bool,
    /// The first day on which the member may leave because of it; none where it is not essential,
    /// or where the rule that gives the right was not set then.
    pub exit_right: Option<ComputedDate>,
    /// The day on which the operator corrected it.
    pub corrected_on: Option<Date>,
}

impl Outage {
    /// Whether the member may leave because of it on `day`.
    pub fn lets_leave_on(&self, day: Date) -> bool {
        self.essential
            && self.corrected_on.is_none_or(|corrected| day < corrected)
            && self
                .exit_right
                .as_ref()
                .is_some_and(|right| right.day <= day)
    }
}

/// Reports an outage in writing, here and now: the 60 days run from today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReportOutage {
    /// The member.
    pub member: OrganisationOid,
    /// What is not working.
    pub description: FreeText,
    /// Whether it prevents the use of the service in essential parts.
    pub essential: bool,
}

/// Records a member's report of an outage that reached the operator in writing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordOutageReport {
    /// The member.
    pub member: OrganisationOid,
    /// What is not working.
    pub description: FreeText,
    /// Whether it prevents the use of the service in essential parts.
    pub essential: bool,
    /// The day on which the operator was told.
    pub reported_on: Date,
}

/// An outage was reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutageReported {
    /// The member.
    pub member: OrganisationOid,
    /// The outage.
    pub outage: OutageId,
    /// The day of the report.
    pub reported_on: Date,
    /// What is not working, sealed.
    pub description: Private,
    /// Whether it prevents the use in essential parts.
    pub essential: bool,
    /// The first day on which the member may leave because of it.
    pub exit_right: Option<ComputedDate>,
}

/// The first day on which an outage reported on `reported_on` lets a member leave: by the contract
/// from the 61st day on, under terms of use by the rule that holds on `asked_on` (domain facts J.4).
pub(super) fn exit_right(
    network: &Network,
    kind: InstrumentKind,
    reported_on: Date,
    asked_on: Date,
) -> Result<ComputedDate, Rejection> {
    let (days, source) = match kind {
        InstrumentKind::Contract => (OUTAGE_DAYS, OUTAGE_SOURCE),
        InstrumentKind::TermsOfUse => {
            let dated = network.rules.require(RuleKind::TermsOutageExit, asked_on)?;
            let Rule::TermsOutageExit { days } = dated.rule else {
                return Err(Rejection::rule_not_set("TermsOutageExit"));
            };
            (days, dated.source.as_str())
        }
    };
    let first = reported_on.plus_days(i64::from(days) + 1);
    let mut right = ComputedDate::start_of(
        network.zone(),
        first,
        reported_on,
        "OUTAGE_EXIT_RIGHT",
        source,
    );
    right.computation.period = Some(Period::Days(days));
    Ok(right)
}

fn reported(
    network: &Network,
    context: &Context<'_>,
    member: &OrganisationOid,
    description: &FreeText,
    essential: bool,
    reported_on: Date,
) -> Decision {
    let row = in_force(network, member, context.now)?;
    let kind = row
        .instrument_kind(context.now)
        .unwrap_or(InstrumentKind::Contract);
    // A rule that is not set gives no right yet; once it is, a notice may still stand on it.
    let exit_right = essential
        .then(|| exit_right(network, kind, reported_on, reported_on).ok())
        .flatten();
    Ok(vec![
        OutageReported {
            member: member.clone(),
            outage: OutageId(context.new_id("outage")),
            reported_on,
            description: Private::given(text_key(member), description),
            essential,
            exit_right,
        }
        .into(),
    ])
}

impl Decide for ReportOutage {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let today = network.date(context.now);
        reported(
            network,
            context,
            &self.member,
            &self.description,
            self.essential,
            today,
        )
    }
}

impl Decide for RecordOutageReport {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let day = past_day(network, context, Some(self.reported_on), "reportedOn")?;
        let row = known(network, &self.member, "member")?;
        if !row.in_force(network.zone().end_of(day).min(context.now)) {
            return Err(
                Rejection::new("TOO_EARLY", "the membership was not in force on that day")
                    .field("reportedOn")
                    .remedy("give the day of the report within the membership"),
            );
        }
        reported(
            network,
            context,
            &self.member,
            &self.description,
            self.essential,
            day,
        )
    }
}

impl Evolve for OutageReported {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            row.outages.push(Outage {
                id: self.outage,
                reported_on: self.reported_on,
                description: self.description.clone(),
                essential: self.essential,
                exit_right: self.exit_right.clone(),
                corrected_on: None,
            });
        });
    }
}

/// Records that the operator corrected an outage; the right to leave because of it lapses with
/// that day, for notices that are received from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordOutageCorrection {
    /// The member that reported it.
    pub member: OrganisationOid,
    /// The outage.
    pub outage: OutageId,
    /// The day of the correction; today where left out.
    #[serde(default)]
    pub corrected_on: Option<Date>,
    /// What was done.
    pub measures: FreeText,
}

/// An outage was corrected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OutageCorrected {
    /// The member that reported it.
    pub member: OrganisationOid,
    /// The outage.
    pub outage: OutageId,
    /// The day of the correction.
    pub corrected_on: Date,
    /// What was done, sealed.
    pub measures: Private,
}

impl Decide for RecordOutageCorrection {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.member, "member")?;
        let outage = row
            .outages
            .iter()
            .find(|outage| outage.id == self.outage)
            .ok_or_else(|| Rejection::unknown("outage report of this member", "outage"))?;
        if outage.corrected_on.is_some() {
            return Err(nothing_to_change("the correction is recorded", "outage"));
        }
        let corrected_on = past_day(network, context, self.corrected_on, "correctedOn")?;
        if corrected_on < outage.reported_on {
            return Err(
                Rejection::new("TOO_EARLY", "the outage was reported after that day")
                    .field("correctedOn")
                    .remedy("give the day on which the service worked again"),
            );
        }
        Ok(vec![
            OutageCorrected {
                member: self.member.clone(),
                outage: self.outage,
                corrected_on,
                measures: Private::given(text_key(&self.member), &self.measures),
            }
            .into(),
        ])
    }
}

impl Evolve for OutageCorrected {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            if let Some(outage) = row.outages.iter_mut().find(|one| one.id == self.outage) {
                outage.corrected_on = Some(self.corrected_on);
            }
        });
    }
}
