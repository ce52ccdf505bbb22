//! The demo's story: a trust network of invented organisations, told over the 400 days before now.
//!
//! The story is a plan: ordinary commands, each on a day counted from today. Telling it gives them
//! to the registrar in order, on a clock that moves from day to day, and has the clerk record what
//! each day brings. Every state is therefore one that the rules themselves lead to, and the same
//! commands have the same ids at every telling.
//!
//! A story is told into a fresh ledger of its own; a ledger whose purpose is not demo is refused.

mod agreement;
mod founding;
mod homes;
mod integrations;
mod joining;
mod members;
mod operations;
mod telling;
pub(crate) mod test_parties;
#[cfg(test)]
mod tests;
mod troubles;

pub(crate) use telling::{check_told, tell};
pub(crate) use test_parties::TestParties;

use super::addresses::Addresses;
use domain::time::{Date, Instant, Zone};
use domain::value::{DocumentReference, LanguageText, OrganisationOid};
use domain::{Command, CommandId};
use ledger::{Hash, Random as _, SeededRandom};
use std::str::FromStr;
use uuid::Uuid;

/// How many days before today the story begins.
pub(crate) const DAYS: u16 = 400;

/// The seed of the story's ids. Of ids alone: keys are made anew for every ledger.
const SEED: u64 = 2018;

/// The zone of the network.
pub(crate) const ZONE: &str = "Europe/Helsinki";

/// The invented organisation of this number. Operator and owner are 900 and 901; home organisations
/// begin at 101, service providers at 201, schools at 1001.
pub(crate) fn organisation(number: u32) -> OrganisationOid {
    own(&format!("1.2.246.562.99.{number:011}"))
}

/// A value from words of the story's own.
pub(super) fn own<T: FromStr>(text: &str) -> T {
    let value = text.parse().ok();
    value.expect("what the story says itself is well formed; its test tells all of it")
}

/// A text in Finnish, as the story's own names are.
fn words(text: &str) -> LanguageText {
    LanguageText {
        fi: own(text),
        sv: None,
        en: None,
    }
}

/// The document of this title. It exists as its hash alone.
fn document(title: &str) -> DocumentReference {
    own(&Hash::of(title.as_bytes()).to_string())
}

/// A command on a day of the story.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// The day, counted from today: 0 is today, before it is negative.
    pub(crate) day: i64,
    /// The command's id, from which the ids of what it creates follow.
    pub(crate) id: CommandId,
    /// The command.
    pub(crate) command: Command,
}

/// The plan of a story.
pub(crate) struct Plan {
    today: Date,
    zone: Zone,
    ids: SeededRandom,
    steps: Vec<Step>,
}

impl Plan {
    /// The whole story as of `now`, for parties at these addresses.
    pub(crate) fn of(now: Instant, addresses: &Addresses) -> (Self, TestParties) {
        let zone = Zone::named(ZONE).expect("the zone data that is compiled in has Helsinki");
        let ids = SeededRandom::new(SEED);
        let mut plan = Self {
            today: zone.date(now),
            zone,
            ids,
            steps: Vec::new(),
        };
        let steering_member = founding::plan(&mut plan, addresses);
        members::plan(&mut plan);
        agreement::plan(&mut plan, steering_member);
        let parties = test_parties::plan(&mut plan, addresses);
        integrations::plan(&mut plan);
        operations::plan(&mut plan, parties.home);
        // Stable: what one day holds keeps the order in which it was planned.
        plan.steps.sort_by_key(|step| step.day);
        (plan, parties)
    }

    /// Plans a command for a day, and says under which id it will be given.
    fn on(&mut self, day: i64, command: impl Into<Command>) -> CommandId {
        let id = CommandId(uuid::Builder::from_random_bytes(self.ids.sixteen()).into_uuid());
        self.steps.push(Step {
            day,
            id,
            command: command.into(),
        });
        id
    }

    /// A day counted from today.
    fn day(&self, day: i64) -> Date {
        self.today.plus_days(day)
    }

    /// An hour of a day counted from today.
    fn hour(&self, day: i64, hour: i64) -> Instant {
        self.zone
            .start_of(self.day(day))
            .plus(time::Duration::hours(hour))
    }

    /// The commands in the order of their days.
    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// When on its day a step is given: in the working hours, one minute after the other.
    pub(crate) fn instant(&self, day: i64, number: usize) -> Instant {
        let minutes = i64::try_from(number).unwrap_or(0);
        self.hour(day, 9).plus(time::Duration::minutes(minutes))
    }
}

/// The id of what a command creates.
fn created(command: CommandId, label: &str) -> Uuid {
    Uuid::new_v5(&command.0, label.as_bytes())
}
