//! Dates that a rule computed, together with what they were computed from.
//!
//! A date with legal effect never stands alone in an event: it carries the rule, the day it was
//! counted from and the calendar, so that it can be explained when the code has long changed.

use crate::SemesterCalendar;
use crate::time::{Date, Instant, Zone};
use crate::{Context, Network, Rejection};
use serde::{Deserialize, Serialize};

/// How long something runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Period {
    /// Calendar months: the same day number, or the month's last day where it has no such day.
    Months(u16),
    /// Calendar days.
    Days(u16),
}

impl Period {
    /// The last day of a period whose day 0 is `day`.
    pub fn last_day(self, day: Date) -> Date {
        match self {
            Self::Months(months) => day.plus_months(months),
            Self::Days(days) => day.plus_days(i64::from(days)),
        }
    }
}

/// At which moment of its day a computed date takes effect (our decision, domain facts J.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Boundary {
    /// At 00:00: the text names the day as a start.
    StartOfDay,
    /// At 24:00: the day is the last of a period, and is had in full.
    EndOfDay,
    /// In the course of the day: the text says "immediately".
    AtOnce,
}

/// Which rule gave a date, and from what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Computation {
    /// The rule's stable name, such as `MEMBER_NOTICE`.
    pub rule: String,
    /// Where the rule comes from, such as `membership contract §7 ¶1`.
    pub source: String,
    /// Day 0 of the period, or the day on which the rule was asked.
    pub counted_from: Date,
    /// The period that ran, where one did.
    pub period: Option<Period>,
    /// The day named by a text or a calendar that took part, such as the next semester's start.
    pub named_day: Option<Date>,
    /// The semester calendar that was asked, where one was.
    pub calendar: Option<SemesterCalendar>,
}

/// A date with legal effect: the civil day, the instant, and what gave them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ComputedDate {
    /// The civil day in the network's zone.
    pub day: Date,
    /// The instant.
    pub at: Instant,
    /// Where in the day the instant lies.
    pub boundary: Boundary,
    /// What gave it.
    pub computation: Computation,
}

impl ComputedDate {
    /// The end of a period, at 24:00 of its last day.
    pub fn end_of_period(
        zone: &Zone,
        counted_from: Date,
        period: Period,
        rule: &str,
        source: &str,
    ) -> Self {
        let day = period.last_day(counted_from);
        let mut computation = Computation::new(rule, source, counted_from);
        computation.period = Some(period);
        Self {
            day,
            at: zone.end_of(day),
            boundary: Boundary::EndOfDay,
            computation,
        }
    }

    /// A day that a text or a calendar names as a start, at 00:00.
    pub fn start_of(zone: &Zone, day: Date, counted_from: Date, rule: &str, source: &str) -> Self {
        let mut computation = Computation::new(rule, source, counted_from);
        computation.named_day = Some(day);
        Self {
            day,
            at: zone.start_of(day),
            boundary: Boundary::StartOfDay,
            computation,
        }
    }

    /// What happens immediately on `day`: now, where that is today, and else at the end of that
    /// day, of which the hour is not known.
    pub fn at_once(zone: &Zone, day: Date, now: Instant, rule: &str, source: &str) -> Self {
        let end = zone.end_of(day);
        Self {
            day,
            at: if now < end { now } else { end },
            boundary: Boundary::AtOnce,
            computation: Computation::new(rule, source, day),
        }
    }
}

impl Computation {
    fn new(rule: &str, source: &str, counted_from: Date) -> Self {
        Self {
            rule: rule.to_owned(),
            source: source.to_owned(),
            counted_from,
            period: None,
            named_day: None,
            calendar: None,
        }
    }
}

/// The day a caller gave for something that has happened, or today where none was given;
/// refused where it lies in the future.
pub(crate) fn past_day(
    network: &Network,
    context: &Context<'_>,
    given: Option<Date>,
    field: &'static str,
) -> Result<Date, Rejection> {
    let today = network.date(context.now);
    match given {
        Some(day) if day > today => Err(Rejection::new(
            "IN_THE_FUTURE",
            format!("{day} has not come yet; today is {today}"),
        )
        .field(field)
        .remedy("give the day on which it happened")),
        Some(day) => Ok(day),
        None => Ok(today),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{day, instant};
    use rstest::rstest;

    fn helsinki() -> Zone {
        Zone::named("Europe/Helsinki").unwrap()
    }

    // Membership contract §7 ¶1, with the instants of domain facts J.1: 24:00 of the last day,
    // which is 22:00 UTC in winter and 21:00 UTC in summer.
    #[rstest]
    #[case("2025-01-31", Period::Months(1), "2025-02-28", "2025-02-28T22:00:00Z")]
    #[case("2024-01-31", Period::Months(1), "2024-02-29", "2024-02-29T22:00:00Z")]
    #[case("2025-11-30", Period::Months(3), "2026-02-28", "2026-02-28T22:00:00Z")]
    #[case("2025-02-28", Period::Months(1), "2025-03-28", "2025-03-28T22:00:00Z")]
    #[case::clocks_go_forward_that_day(
        "2025-02-28",
        Period::Days(30),
        "2025-03-30",
        "2025-03-30T21:00:00Z"
    )]
    #[case::clocks_go_back_that_day(
        "2025-09-26",
        Period::Months(1),
        "2025-10-26",
        "2025-10-26T22:00:00Z"
    )]
    #[case("2025-06-30", Period::Months(1), "2025-07-30", "2025-07-30T21:00:00Z")]
    fn a_period_ends_with_its_last_day(
        #[case] from: &str,
        #[case] period: Period,
        #[case] last: &str,
        #[case] at: &str,
    ) {
        let end = ComputedDate::end_of_period(&helsinki(), day(from), period, "R", "s");
        assert_eq!((end.day, end.at), (day(last), instant(at)));
        assert_eq!(end.computation.counted_from, day(from));
    }

    #[test]
    fn a_named_start_is_at_midnight() {
        let start =
            ComputedDate::start_of(&helsinki(), day("2025-08-01"), day("2025-01-01"), "R", "s");
        assert_eq!(start.at, instant("2025-07-31T21:00:00Z"));
    }

    #[test]
    fn at_once_is_now_or_the_end_of_a_past_day() {
        let now = instant("2025-05-05T10:00:00Z");
        let today = ComputedDate::at_once(&helsinki(), day("2025-05-05"), now, "R", "s");
        assert_eq!(today.at, now);
        let past = ComputedDate::at_once(&helsinki(), day("2025-05-03"), now, "R", "s");
        assert_eq!(past.at, instant("2025-05-03T21:00:00Z"));
    }
}
