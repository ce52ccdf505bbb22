//! Random sequences of commands: none panics, every refusal says what to do, the invariants of the
//! areas hold after each, and the events replayed give the same network.
//!
//! Each area adds a function that makes a command from some random numbers and what the network
//! holds, and one that checks what must always be true of it.

mod agreement;
mod operations;

use crate::time::{Date, Instant};
use crate::{Command, Network};
use proptest::prelude::*;

/// The random numbers from which one command is made.
#[derive(Clone, Copy, Debug)]
struct Dice {
    /// Which kind of command.
    kind: u8,
    /// Which of the things that the network holds.
    pick: usize,
    /// Another choice.
    other: usize,
    /// Days from today to a date in the command.
    days: i64,
    /// Days for which the clock then runs on.
    wait: i64,
}

impl Dice {
    /// One of the keys of a table, where it has any.
    fn one<K: Copy>(self, keys: impl Iterator<Item = K>) -> Option<K> {
        let keys: Vec<K> = keys.collect();
        (!keys.is_empty()).then(|| keys[self.pick % keys.len()])
    }

    /// A date around today.
    fn date(self, network: &Network, now: Instant) -> Date {
        network.date(now).plus_days(self.days)
    }
}

fn dice() -> impl Strategy<Value = Dice> {
    (
        any::<u8>(),
        0..7_usize,
        0..7_usize,
        prop_oneof![Just(0_i64), -5..120_i64, 85..400_i64],
        prop_oneof![Just(0_i64), 0..40_i64],
    )
        .prop_map(|(kind, pick, other, days, wait)| Dice {
            kind,
            pick,
            other,
            days,
            wait,
        })
}

type Area = (
    fn(&Network, Instant, Dice) -> Option<Command>,
    fn(&Network, Instant),
);

const AREAS: [Area; 2] = [
    (agreement::command, agreement::check),
    (operations::command, operations::check),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 3 / 16))]

    #[test]
    fn whatever_is_asked_the_network_stays_whole(
        steps in prop::collection::vec((0..AREAS.len(), dice()), 1..60),
    ) {
        let mut scenario = agreement::start();
        for (area, dice) in steps {
            let now = scenario.now();
            let (command, _) = AREAS[area];
            let Some(command) = command(scenario.network(), now, dice) else {
                continue;
            };
            match scenario.decide(&command) {
                Ok(events) => scenario.apply(events),
                Err(rejection) => prop_assert!(!rejection.remedy.is_empty(), "{}", rejection),
            }
            for (_, check) in AREAS {
                check(scenario.network(), now);
            }
            let today = scenario.network().date(now).plus_days(dice.wait);
            scenario = scenario.at(&format!("{today}T12:00:00Z"));
            for due in crate::due(scenario.network(), scenario.now()) {
                let events = scenario.decide(&due.command);
                prop_assert!(events.is_ok(), "{} is due and refused", due.kind);
                scenario.apply(events.unwrap_or_default());
            }
            prop_assert!(crate::due(scenario.network(), scenario.now()).is_empty());
        }
        let mut replayed = Network::default();
        for (event, at) in scenario.log() {
            replayed.apply(event, *at);
        }
        prop_assert!(replayed == *scenario.network(), "a replay gives the same network");
    }
}
