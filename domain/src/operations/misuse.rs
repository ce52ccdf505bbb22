//! Cases of suspected misuse, in whose clearing up the members take an active part
//! (membership contract §5 ¶5).

use super::{member, nothing_to_change, too_early, wrong_state};
use crate::agreement::not_in_future;
use crate::time::{Date, Instant};
use crate::value::{FreeText, OrganisationOid};
use crate::{
    Category, Context, Decide, Decision, Evolve, KeySubject, MisuseId, Network, Private, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Members concerned in one case, at most.
const MEMBERS_MAX: usize = 500;

/// How a case ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MisuseOutcome {
    /// It was misuse.
    Confirmed,
    /// It was none.
    Unfounded,
    /// It could not be cleared up.
    Unresolved,
}

/// What a member did to clear a case up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MisuseParticipation {
    /// The member.
    pub member: OrganisationOid,
    /// The day.
    pub took_part_on: Date,
    /// What it did, sealed.
    pub contribution: Private,
}

/// A case of suspected misuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MisuseCase {
    /// Who reported it; none where the operator noticed it.
    pub reported_by: Option<OrganisationOid>,
    /// The day on which it was noticed.
    pub noticed_on: Date,
    /// What is suspected, sealed.
    pub description: Private,
    /// The members concerned, in order.
    pub members: Vec<OrganisationOid>,
    /// What members did to clear it up.
    pub participations: Vec<MisuseParticipation>,
    /// The day on which it was closed.
    pub closed_on: Option<Date>,
    /// How it ended.
    pub outcome: Option<MisuseOutcome>,
    /// What was found, sealed.
    pub finding: Option<Private>,
}

impl MisuseCase {
    /// The members concerned who have not taken part so far.
    pub fn silent_members(&self) -> impl Iterator<Item = &OrganisationOid> {
        self.members.iter().filter(|member| {
            self.participations
                .iter()
                .all(|part| part.member != **member)
        })
    }
}

/// Opens a case of suspected misuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OpenMisuseCase {
    /// The member that reports it; left out where the operator noticed it.
    #[serde(default)]
    pub reported_by: Option<OrganisationOid>,
    /// The day on which it was noticed.
    pub noticed_on: Date,
    /// What is suspected.
    pub description: FreeText,
    /// The members concerned, at most 500.
    pub members: Vec<OrganisationOid>,
}

/// A case of suspected misuse was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MisuseCaseOpened {
    /// The case.
    pub misuse: MisuseId,
    /// Who reported it; none where the operator noticed it.
    pub reported_by: Option<OrganisationOid>,
    /// The day on which it was noticed.
    pub noticed_on: Date,
    /// What is suspected, sealed.
    pub description: Private,
    /// The members concerned, in order.
    pub members: Vec<OrganisationOid>,
}

impl Decide for OpenMisuseCase {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        not_in_future(network, context, self.noticed_on, "noticedOn")?;
        if let Some(reporter) = &self.reported_by {
            member(network, reporter, context.now, "reportedBy")?;
        }
        let members = super::organisations(&self.members, MEMBERS_MAX, "members")?;
        for one in &members {
            member(network, one, context.now, "members")?;
        }
        let misuse = MisuseId(context.new_id("misuse"));
        let key = KeySubject::new(misuse, Category::Text);
        Ok(vec![
            MisuseCaseOpened {
                misuse,
                reported_by: self.reported_by.clone(),
                noticed_on: self.noticed_on,
                description: Private::given(key, &self.description),
                members,
            }
            .into(),
        ])
    }
}

impl Evolve for MisuseCaseOpened {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.operations.misuse_cases.insert(
            self.misuse,
            MisuseCase {
                reported_by: self.reported_by.clone(),
                noticed_on: self.noticed_on,
                description: self.description.clone(),
                members: self.members.clone(),
                participations: Vec::new(),
                closed_on: None,
                outcome: None,
                finding: None,
            },
        );
    }
}

fn open_case<'a>(
    network: &'a Network,
    id: MisuseId,
    day: Date,
    field: &'static str,
) -> Result<&'a MisuseCase, Rejection> {
    let case = network
        .operations
        .misuse_cases
        .get(&id)
        .ok_or_else(|| Rejection::unknown("misuse case", "misuse"))?;
    if case.closed_on.is_some() {
        return Err(wrong_state(
            "the case is closed",
            "misuse",
            "open another case",
        ));
    }
    if day < case.noticed_on {
        return Err(too_early("the misuse was noticed later", field));
    }
    Ok(case)
}

/// Records what a member did to clear a case up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordMisuseParticipation {
    /// The case, open.
    pub misuse: MisuseId,
    /// The member, one of those concerned.
    pub member: OrganisationOid,
    /// The day.
    pub took_part_on: Date,
    /// What it did.
    pub contribution: FreeText,
}

/// A member took part in clearing a case up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MisuseParticipationRecorded {
    /// The case.
    pub misuse: MisuseId,
    /// The member.
    pub member: OrganisationOid,
    /// The day.
    pub took_part_on: Date,
    /// What it did, sealed.
    pub contribution: Private,
}

impl Decide for RecordMisuseParticipation {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        not_in_future(network, context, self.took_part_on, "tookPartOn")?;
        let case = open_case(network, self.misuse, self.took_part_on, "tookPartOn")?;
        if !case.members.contains(&self.member) {
            return Err(Rejection::unknown(
                "member concerned in this case",
                "member",
            ));
        }
        let key = KeySubject::new(self.misuse, Category::Text);
        Ok(vec![
            MisuseParticipationRecorded {
                misuse: self.misuse,
                member: self.member.clone(),
                took_part_on: self.took_part_on,
                contribution: Private::given(key, &self.contribution),
            }
            .into(),
        ])
    }
}

impl Evolve for MisuseParticipationRecorded {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .operations
            .misuse_cases
            .change(&self.misuse, |case| {
                case.participations.push(MisuseParticipation {
                    member: self.member.clone(),
                    took_part_on: self.took_part_on,
                    contribution: self.contribution.clone(),
                });
            });
    }
}

/// Closes a case of suspected misuse.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloseMisuseCase {
    /// The case, open.
    pub misuse: MisuseId,
    /// The day.
    pub closed_on: Date,
    /// How it ended.
    pub outcome: MisuseOutcome,
    /// What was found.
    pub finding: FreeText,
}

/// A case of suspected misuse was closed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MisuseCaseClosed {
    /// The case.
    pub misuse: MisuseId,
    /// The day.
    pub closed_on: Date,
    /// How it ended.
    pub outcome: MisuseOutcome,
    /// What was found, sealed.
    pub finding: Private,
}

impl Decide for CloseMisuseCase {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let closed = |case: &MisuseCase| case.closed_on.is_some();
        if network
            .operations
            .misuse_cases
            .get(&self.misuse)
            .is_some_and(closed)
        {
            return Err(nothing_to_change("the case is closed already", "misuse"));
        }
        not_in_future(network, context, self.closed_on, "closedOn")?;
        open_case(network, self.misuse, self.closed_on, "closedOn")?;
        let key = KeySubject::new(self.misuse, Category::Text);
        Ok(vec![
            MisuseCaseClosed {
                misuse: self.misuse,
                closed_on: self.closed_on,
                outcome: self.outcome,
                finding: Private::given(key, &self.finding),
            }
            .into(),
        ])
    }
}

impl Evolve for MisuseCaseClosed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .operations
            .misuse_cases
            .change(&self.misuse, |case| {
                case.closed_on = Some(self.closed_on);
                case.outcome = Some(self.outcome);
                case.finding = Some(self.finding.clone());
            });
    }
}
