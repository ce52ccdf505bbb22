//! The vectors of domain facts C.3, for both calendars, with the instants of J.1.

use super::*;
use crate::SemesterStart;
use crate::testing::{day, instant};
use crate::time::Instant;
use rstest::rstest;

fn helsinki() -> Zone {
    Zone::named("Europe/Helsinki").unwrap()
}

fn calendar(starts: [(u8, u8); 2]) -> SemesterCalendar {
    SemesterCalendar {
        members_own: false,
        starts: starts
            .map(|(month, day)| SemesterStart { month, day })
            .to_vec(),
    }
}

/// A: 1 January and 1 August. B: 7 January and 11 August.
const A: [(u8, u8); 2] = [(1, 1), (8, 1)];
const B: [(u8, u8); 2] = [(1, 7), (8, 11)];

// Winter days end at 22:00 UTC, summer days at 21:00 UTC. Where the semester start is the end,
// it is 00:00 of that day, which is the evening before in UTC.
#[rstest]
#[case("2025-01-01", A, "2025-08-01", "2025-08-01", "2025-07-31T21:00:00Z")]
#[case("2025-01-31", A, "2025-08-01", "2025-08-01", "2025-07-31T21:00:00Z")]
#[case("2025-02-01", A, "2025-08-01", "2025-08-01", "2025-08-01T21:00:00Z")]
#[case("2025-02-02", A, "2025-08-01", "2025-08-02", "2025-08-02T21:00:00Z")]
#[case("2025-02-12", A, "2025-08-01", "2025-08-12", "2025-08-12T21:00:00Z")]
#[case("2025-03-15", A, "2025-08-01", "2025-09-15", "2025-09-15T21:00:00Z")]
#[case("2025-07-31", A, "2025-08-01", "2026-01-31", "2026-01-31T22:00:00Z")]
#[case("2025-08-01", A, "2026-01-01", "2026-02-01", "2026-02-01T22:00:00Z")]
#[case("2025-08-31", A, "2026-01-01", "2026-02-28", "2026-02-28T22:00:00Z")]
#[case("2025-12-31", A, "2026-01-01", "2026-06-30", "2026-06-30T21:00:00Z")]
#[case("2025-01-01", B, "2025-01-07", "2025-07-01", "2025-07-01T21:00:00Z")]
#[case("2025-01-31", B, "2025-08-11", "2025-08-11", "2025-08-10T21:00:00Z")]
#[case("2025-02-01", B, "2025-08-11", "2025-08-11", "2025-08-10T21:00:00Z")]
#[case("2025-02-02", B, "2025-08-11", "2025-08-11", "2025-08-10T21:00:00Z")]
#[case("2025-02-12", B, "2025-08-11", "2025-08-12", "2025-08-12T21:00:00Z")]
#[case("2025-03-15", B, "2025-08-11", "2025-09-15", "2025-09-15T21:00:00Z")]
#[case("2025-07-31", B, "2025-08-11", "2026-01-31", "2026-01-31T22:00:00Z")]
#[case("2025-08-01", B, "2025-08-11", "2026-02-01", "2026-02-01T22:00:00Z")]
#[case("2025-08-31", B, "2026-01-07", "2026-02-28", "2026-02-28T22:00:00Z")]
#[case("2025-12-31", B, "2026-01-07", "2026-06-30", "2026-06-30T21:00:00Z")]
// The last day is the one on which the clocks change: 23 and 25 hours long.
#[case::spring_forward("2025-09-30", A, "2026-01-01", "2026-03-30", "2026-03-30T21:00:00Z")]
#[case::spring_forward_itself("2025-09-29", A, "2026-01-01", "2026-03-29", "2026-03-29T21:00:00Z")]
#[case::autumn_back_itself("2025-04-26", A, "2025-08-01", "2025-10-26", "2025-10-26T22:00:00Z")]
fn the_semester_rule(
    #[case] notice: &str,
    #[case] starts: [(u8, u8); 2],
    #[case] next: &str,
    #[case] effective: &str,
    #[case] at: &str,
) {
    let calendar = calendar(starts);
    let end = semester_rule(&helsinki(), day(notice), &calendar);
    assert_eq!((end.day, end.at), (day(effective), instant(at)));
    assert_eq!(end.computation.named_day, Some(day(next)));
    assert_eq!(end.computation.calendar.as_ref(), Some(&calendar));
    assert_eq!(end.computation.counted_from, day(notice));
}

// The two wordings, "six months where the next semester is less than half a year away" and
// "whichever is longer", give the same on every day (domain facts K4).
#[test]
fn both_wordings_agree_on_every_day() {
    for starts in [A, B] {
        let calendar = calendar(starts);
        for number in 0..1461 {
            let notice = day("2024-01-01").plus_days(number);
            let next = calendar.next_after(notice).unwrap();
            let six_months = notice.plus_months(6);
            let contract = if next >= six_months { next } else { six_months };
            assert_eq!(
                semester_rule(&helsinki(), notice, &calendar).day,
                contract.max(next),
                "{notice}"
            );
        }
    }
}

fn end(notice: &str, roles: &[MemberRole]) -> (Date, Instant) {
    let end = operator_notice_end(&helsinki(), day(notice), roles, &calendar(A));
    (end.day, end.at)
}

// Domain facts K2: three months hold for service providers only.
#[test]
fn a_member_in_both_roles_has_the_semester_rule() {
    use MemberRole::{HomeOrganisation, ServiceProvider};
    let three_months = (day("2026-02-28"), instant("2026-02-28T22:00:00Z"));
    assert_eq!(end("2025-11-30", &[ServiceProvider]), three_months);
    let semester = (day("2026-05-30"), instant("2026-05-30T21:00:00Z"));
    assert_eq!(end("2025-11-30", &[HomeOrganisation]), semester);
    assert_eq!(
        end("2025-11-30", &[HomeOrganisation, ServiceProvider]),
        semester
    );
}

#[rstest]
#[case("2025-01-31", "2025-02-28", "2025-02-28T22:00:00Z")]
#[case("2024-01-31", "2024-02-29", "2024-02-29T22:00:00Z")]
#[case("2025-02-28", "2025-03-28", "2025-03-28T22:00:00Z")]
#[case("2025-03-01", "2025-04-01", "2025-04-01T21:00:00Z")]
#[case("2025-09-26", "2025-10-26", "2025-10-26T22:00:00Z")]
fn a_member_leaves_after_a_month(#[case] notice: &str, #[case] last: &str, #[case] at: &str) {
    let end = member_notice_end(&helsinki(), day(notice));
    assert_eq!((end.day, end.at), (day(last), instant(at)));
}
