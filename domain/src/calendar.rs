//! Semester calendars: when semesters start, network-wide and per member.

use crate::time::{Date, Instant};
use crate::value::OrganisationOid;
use crate::{Context, Decide, Decision, Evolve, Network, Rejection, Table};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A day of the year on which a semester starts.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SemesterStart {
    /// The month, 1–12.
    pub month: u8,
    /// The day of the month, 1–31; one that every year has.
    pub day: u8,
}

/// When semesters start: the network's calendar, and those of members that set their own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SemesterCalendars {
    network: Vec<SemesterStart>,
    members: Table<OrganisationOid, Vec<SemesterStart>>,
}

/// A semester calendar that answered a question, so that a computed date can say what gave it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SemesterCalendar {
    /// Whether it is the member's own, and not the network's.
    pub members_own: bool,
    /// Its semester starts, in the order of the year.
    pub starts: Vec<SemesterStart>,
}

impl SemesterCalendars {
    /// The calendar that holds for `member`: its own, or else the network's, or else 1 January
    /// and 1 August (our decision, domain facts J.2).
    pub fn of(&self, member: &OrganisationOid) -> SemesterCalendar {
        let default = || {
            vec![
                SemesterStart { month: 1, day: 1 },
                SemesterStart { month: 8, day: 1 },
            ]
        };
        match self.members.get(member) {
            Some(starts) => SemesterCalendar {
                members_own: true,
                starts: starts.clone(),
            },
            None if self.network.is_empty() => SemesterCalendar {
                members_own: false,
                starts: default(),
            },
            None => SemesterCalendar {
                members_own: false,
                starts: self.network.clone(),
            },
        }
    }
}

impl SemesterCalendar {
    /// The first semester start strictly after `day`.
    pub fn next_after(&self, day: Date) -> Option<Date> {
        (day.year()..=day.year() + 1)
            .flat_map(|year| {
                self.starts
                    .iter()
                    .filter_map(move |start| Date::new(year, start.month, start.day))
            })
            .filter(|start| *start > day)
            .min()
    }
}

/// Sets when semesters start, for the whole network or for one member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetSemesterCalendar {
    /// The member whose calendar it is; left out, it is the network's.
    #[serde(default)]
    pub member: Option<OrganisationOid>,
    /// One to six semester starts.
    pub starts: Vec<SemesterStart>,
}

/// When semesters start was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SemesterCalendarSet {
    /// The member whose calendar it is; none for the network's.
    pub member: Option<OrganisationOid>,
    /// The semester starts, in the order of the year.
    pub starts: Vec<SemesterStart>,
}

impl Decide for SetSemesterCalendar {
    fn decide(&self, _: &Network, _: &Context<'_>) -> Decision {
        let mut starts = self.starts.clone();
        starts.sort_unstable();
        starts.dedup();
        // 2001 was no leap year: a start on 29 February would be missing three years of four.
        let every_year = starts
            .iter()
            .all(|s| Date::new(2001, s.month, s.day).is_some());
        if starts.is_empty() || starts.len() > 6 || !every_year {
            return Err(Rejection::new(
                "CALENDAR_INVALID",
                "a calendar has one to six semester starts on days that every year has",
            )
            .field("starts")
            .remedy("give months 1 to 12 and days that exist in every year"));
        }
        Ok(vec![
            SemesterCalendarSet {
                member: self.member.clone(),
                starts,
            }
            .into(),
        ])
    }
}

impl Evolve for SemesterCalendarSet {
    fn evolve(&self, network: &mut Network, _: Instant) {
        match &self.member {
            Some(member) => network
                .semesters
                .members
                .insert(member.clone(), self.starts.clone()),
            None => network.semesters.network.clone_from(&self.starts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Scenario, day};

    #[test]
    fn a_members_own_calendar_stands_over_the_networks() {
        let member: OrganisationOid = "1.2.246.562.99.00000000001".parse().unwrap();
        let other: OrganisationOid = "1.2.246.562.99.00000000002".parse().unwrap();
        let start = |month, day| SemesterStart { month, day };
        let own = vec![start(8, 11), start(1, 7), start(1, 7)];
        Scenario::founded()
            .given(SetSemesterCalendar {
                member: Some(member.clone()),
                starts: own,
            })
            .then_state(|network| {
                let calendar = network.semesters.of(&member);
                assert!(calendar.members_own);
                assert_eq!(
                    calendar.next_after(day("2025-01-07")),
                    Some(day("2025-08-11"))
                );
                assert_eq!(
                    calendar.next_after(day("2025-08-11")),
                    Some(day("2026-01-07"))
                );
                let default = network.semesters.of(&other);
                assert_eq!(default.starts, [start(1, 1), start(8, 1)]);
            });
    }

    #[test]
    fn a_semester_starts_on_a_day_that_every_year_has() {
        let starts = vec![SemesterStart { month: 2, day: 29 }];
        Scenario::founded()
            .when(SetSemesterCalendar {
                member: None,
                starts,
            })
            .then_refused("CALENDAR_INVALID");
    }
}
