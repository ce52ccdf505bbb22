//! Semester calendars: when semesters start, network-wide and per member.

use crate::agreement::not_too_far;
use crate::membership::known;
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

/// When semesters start: the network's calendar, and those of members that set their own, each
/// with the day from which it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SemesterCalendars {
    network: Vec<DatedCalendar>,
    members: Table<OrganisationOid, Vec<DatedCalendar>>,
}

/// A calendar from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DatedCalendar {
    valid_from: Date,
    /// None where a member went back to the network's calendar.
    starts: Vec<SemesterStart>,
}

fn on(calendars: &[DatedCalendar], day: Date) -> Option<&DatedCalendar> {
    calendars.iter().rev().find(|one| one.valid_from <= day)
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
    /// The calendar that holds for `member` on `day`: its own, or else the network's, or else
    /// 1 January and 1 August (our decision, domain facts J.2).
    pub fn of(&self, member: &OrganisationOid, day: Date) -> SemesterCalendar {
        let set = |calendars: &[DatedCalendar]| {
            let starts = on(calendars, day).map(|one| one.starts.clone());
            starts.filter(|starts| !starts.is_empty())
        };
        if let Some(starts) = self.members.get(member).and_then(|own| set(own)) {
            return SemesterCalendar {
                members_own: true,
                starts,
            };
        }
        let default = || {
            vec![
                SemesterStart { month: 1, day: 1 },
                SemesterStart { month: 8, day: 1 },
            ]
        };
        SemesterCalendar {
            members_own: false,
            starts: set(&self.network).unwrap_or_else(default),
        }
    }

    /// What was set for `member`, or for the network where that is none, in the order of the days.
    fn set_for(&self, member: Option<&OrganisationOid>) -> &[DatedCalendar] {
        match member {
            Some(member) => self.members.get(member).map_or(&[], Vec::as_slice),
            None => &self.network,
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

/// Sets when semesters start, for the whole network or for one member, from a day on. Days that
/// have passed keep the calendar they had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetSemesterCalendar {
    /// The member whose calendar it is; left out, it is the network's.
    #[serde(default)]
    pub member: Option<OrganisationOid>,
    /// One to six semester starts; none for a member that goes back to the network's calendar.
    #[serde(default)]
    pub starts: Vec<SemesterStart>,
    /// The first day on which it holds, today or later; today where left out. An earlier day only
    /// where no calendar was set then.
    #[serde(default)]
    pub valid_from: Option<Date>,
}

/// When semesters start was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SemesterCalendarSet {
    /// The member whose calendar it is; none for the network's.
    pub member: Option<OrganisationOid>,
    /// The semester starts, in the order of the year; none where a member went back to the
    /// network's calendar.
    pub starts: Vec<SemesterStart>,
    /// The first day on which it holds.
    pub valid_from: Date,
}

impl Decide for SetSemesterCalendar {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        if let Some(member) = &self.member {
            known(network, member, "member")?;
        }
        let mut starts = self.starts.clone();
        starts.sort_unstable();
        starts.dedup();
        // 2001 was no leap year: a start on 29 February would be missing three years of four.
        let every_year = starts
            .iter()
            .all(|s| Date::new(2001, s.month, s.day).is_some());
        let goes_back = starts.is_empty() && self.member.is_some();
        if (starts.is_empty() && !goes_back) || starts.len() > 6 || !every_year {
            return Err(Rejection::new(
                "CALENDAR_INVALID",
                "a calendar has one to six semester starts on days that every year has",
            )
            .field("starts")
            .remedy("give months 1 to 12 and days that exist in every year"));
        }
        let today = network.date(context.now);
        let valid_from = self.valid_from.unwrap_or(today);
        let set = network.semesters.set_for(self.member.as_ref());
        if valid_from < today && on(set, today.plus_days(-1)).is_some() {
            return Err(Rejection::new(
                "TOO_EARLY",
                "notices were counted by the calendar that held: it is not changed for days that have passed",
            )
            .field("validFrom")
            .remedy(format!("give {today} or a later day"))
            .rule("our decision"));
        }
        not_too_far(network, context, valid_from, "validFrom")?;
        let held = on(set, valid_from).map_or(&[][..], |one| &one.starts);
        if held == starts {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this calendar holds then already")
                    .field("starts")
                    .remedy("nothing needs to be recorded"),
            );
        }
        Ok(vec![
            SemesterCalendarSet {
                member: self.member.clone(),
                starts,
                valid_from,
            }
            .into(),
        ])
    }
}

impl Evolve for SemesterCalendarSet {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let set = |calendars: &mut Vec<DatedCalendar>| {
            // Sorted by day; what was set last for a day stands.
            calendars.retain(|one| one.valid_from != self.valid_from);
            let place = calendars.partition_point(|one| one.valid_from < self.valid_from);
            let dated = DatedCalendar {
                valid_from: self.valid_from,
                starts: self.starts.clone(),
            };
            calendars.insert(place, dated);
        };
        match &self.member {
            Some(member) => {
                network
                    .semesters
                    .members
                    .change_or_insert(member.clone(), Vec::new, set);
            }
            None => set(&mut network.semesters.network),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::membership::tests::{application, municipality, with_instruments};
    use crate::testing::{Scenario, day};

    fn start(month: u8, day: u8) -> SemesterStart {
        SemesterStart { month, day }
    }

    fn set(member: Option<OrganisationOid>, starts: &[SemesterStart]) -> SetSemesterCalendar {
        SetSemesterCalendar {
            member,
            starts: starts.to_vec(),
            valid_from: None,
        }
    }

    #[test]
    fn a_members_own_calendar_stands_over_the_networks() {
        let other: OrganisationOid = "1.2.246.562.99.00000000002".parse().unwrap();
        let own = [start(8, 11), start(1, 7), start(1, 7)];
        with_instruments()
            .given(application())
            .when(set(Some(other.clone()), &own))
            .then_refused("NOT_A_MEMBER")
            .given(set(Some(municipality()), &own))
            .then_state(|network| {
                let calendar = network.semesters.of(&municipality(), day("2025-01-01"));
                assert!(calendar.members_own);
                assert_eq!(
                    calendar.next_after(day("2025-01-07")),
                    Some(day("2025-08-11"))
                );
                assert_eq!(
                    calendar.next_after(day("2025-08-11")),
                    Some(day("2026-01-07"))
                );
                let default = network.semesters.of(&other, day("2025-01-01"));
                assert_eq!(default.starts, [start(1, 1), start(8, 1)]);
            });
    }

    #[test]
    fn a_calendar_holds_from_its_day_and_the_networks_comes_back() {
        let later = SetSemesterCalendar {
            valid_from: Some(day("2025-06-01")),
            ..set(Some(municipality()), &[])
        };
        let backwards = SetSemesterCalendar {
            valid_from: Some(day("2025-01-31")),
            ..set(Some(municipality()), &[start(9, 1)])
        };
        with_instruments()
            .given(application())
            .when(set(Some(municipality()), &[]))
            .then_refused("NOTHING_TO_CHANGE")
            .given(set(None, &[start(1, 7), start(8, 15)]))
            .given(set(Some(municipality()), &[start(1, 7), start(8, 11)]))
            .when(set(Some(municipality()), &[start(8, 11), start(1, 7)]))
            .then_refused("NOTHING_TO_CHANGE")
            .given(later)
            .at("2025-02-01")
            .when(backwards)
            .then_refused("TOO_EARLY")
            .when(SetSemesterCalendar {
                valid_from: Some(day("2045-01-01")),
                ..set(None, &[start(9, 1)])
            })
            .then_refused("TOO_FAR_AHEAD")
            .then_state(|network| {
                let of = |on: &str| network.semesters.of(&municipality(), day(on));
                assert!(of("2025-05-31").members_own);
                assert_eq!(of("2025-06-01").starts, [start(1, 7), start(8, 15)]);
                assert!(!of("2025-06-01").members_own);
                assert_eq!(of("2024-12-31").starts, [start(1, 1), start(8, 1)]);
            });
    }

    #[test]
    fn a_semester_starts_on_a_day_that_every_year_has() {
        Scenario::founded()
            .when(set(None, &[start(2, 29)]))
            .then_refused("CALENDAR_INVALID")
            .when(set(None, &[]))
            .then_refused("CALENDAR_INVALID");
    }
}
