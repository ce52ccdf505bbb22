//! Random sequences of commands: none panics, every refusal says what to do, the invariants of the
//! areas hold after each, and the events replayed give the same network.
//!
//! All areas act on the same few organisations, which join, leave and join again. Each area has a
//! function that makes a command from some random numbers and what the network holds, and one that
//! checks what must always be true of it; a last one makes any command at all from its schema.

mod agreement;
mod any;
mod operations;
mod routes;

use crate::integration::tests::random as integration;
use crate::membership::tests::properties as membership;
use crate::time::{Date, Instant};
use crate::value::OrganisationOid;
use crate::{Command, Network};
use any::Seen;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::collections::BTreeSet;

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
    /// Which command of the whole table.
    which: usize,
    /// From which any number of others is made.
    seed: u64,
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

    /// One of the numbers that the seed gives.
    fn byte(self, place: usize) -> u8 {
        self.seed.to_le_bytes()[place % 8]
    }
}

fn dice() -> impl Strategy<Value = Dice> {
    (
        any::<u8>(),
        0..7_usize,
        0..7_usize,
        prop_oneof![Just(0_i64), -5..120_i64, 85..400_i64],
        prop_oneof![3 => Just(0_i64), 3 => 0..40_i64, 1 => 40..200_i64],
        0..Command::ALL.len(),
        any::<u64>(),
    )
        .prop_map(|(kind, pick, other, days, wait, which, seed)| Dice {
            kind,
            pick,
            other,
            days,
            wait,
            which,
            seed,
        })
}

/// The organisations that every area speaks of: an education provider, a company, two more
/// members, the operator, and one of which nobody knows.
fn organisation(number: usize) -> OrganisationOid {
    const NUMBERS: [u32; 6] = [101, 102, 103, 104, 900, 999];
    crate::agreement::tests::member(NUMBERS[number % NUMBERS.len()])
}

/// Which area gives the next command.
#[derive(Clone, Copy, Debug)]
enum Area {
    Agreement,
    Operations,
    Membership,
    Integrations,
    Routes,
    Any,
}

fn area() -> impl Strategy<Value = Area> {
    prop_oneof![
        2 => Just(Area::Agreement),
        1 => Just(Area::Operations),
        4 => Just(Area::Membership),
        5 => Just(Area::Integrations),
        3 => Just(Area::Routes),
        4 => Just(Area::Any),
    ]
}

fn command(
    area: Area,
    network: &Network,
    now: Instant,
    seen: &Seen,
    dice: Dice,
) -> Option<Command> {
    match area {
        Area::Agreement => agreement::command(network, now, dice),
        Area::Operations => operations::command(network, now, dice),
        Area::Membership => Some(membership::command(
            network,
            network.date(now),
            membership::Step {
                days: 0,
                command: dice.kind,
                organisation: dice.other.is_multiple_of(2),
                detail: dice.byte(0),
            },
        )),
        Area::Integrations => {
            integration::any_step(dice.kind, [dice.byte(0), dice.byte(1), dice.byte(2)])
                .and_then(|step| integration::command(network, &step))
        }
        Area::Routes => routes::command(network, now, dice),
        Area::Any => any::command(network, now, seen, dice),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases / 2,
        rng_seed: RngSeed::Fixed(2),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_is_asked_the_network_stays_whole(
        joined in any::<[bool; 2]>(),
        steps in prop::collection::vec((area(), dice()), 20..140),
    ) {
        let mut scenario = routes::start(joined);
        let mut seen = Seen::default();
        for (event, _) in scenario.log() {
            seen.note(event);
        }
        let mut imported = false;
        for (area, dice) in steps {
            let now = scenario.now();
            if let Some(command) = command(area, scenario.network(), now, &seen, dice) {
                match scenario.decide(&command) {
                    Ok(events) => {
                        imported |= matches!(command, Command::ImportIntegrations(_));
                        for event in &events {
                            seen.note(event);
                        }
                        scenario.apply(events);
                        agreement::check(scenario.network(), now);
                        operations::check(scenario.network(), now);
                        membership::check(scenario.network(), now);
                        integration::check(scenario.network(), imported);
                        routes::check(scenario.network(), now);
                    }
                    Err(rejection) => {
                        prop_assert!(!rejection.remedy.is_empty(), "{}", rejection);
                    }
                }
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
        routes::names_are_given_once(scenario.log());
        let mut replayed = Network::default();
        for (event, at) in scenario.log() {
            replayed.apply(event, *at);
        }
        prop_assert!(replayed == *scenario.network(), "a replay gives the same network");
    }
}

// The random commands reach every command there is: each takes some random input, and none panics
// on any.
#[test]
fn every_command_is_asked_for_and_answers() {
    let mut scenario = routes::start([true, true]);
    let mut seen = Seen::default();
    for (event, _) in scenario.log() {
        seen.note(event);
    }
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    let mut accepted: BTreeSet<&str> = BTreeSet::new();
    for seed in 0..60_u64 {
        for description in Command::ALL {
            let now = scenario.now();
            let input = any::input(description, scenario.network(), now, &seen, seed);
            let Some(Ok(command)) = Command::deserialize_named(description.name, input) else {
                continue;
            };
            taken.insert(description.name);
            match scenario.decide(&command) {
                Ok(events) => {
                    accepted.insert(description.name);
                    for event in &events {
                        seen.note(event);
                    }
                    scenario.apply(events);
                }
                Err(rejection) => assert!(!rejection.remedy.is_empty(), "{rejection}"),
            }
        }
        routes::check(scenario.network(), scenario.now());
        let tomorrow = scenario.network().date(scenario.now()).plus_days(1);
        scenario = scenario.at(&tomorrow.to_string());
    }
    let missing: Vec<&str> = Command::ALL
        .iter()
        .map(|description| description.name)
        .filter(|name| !taken.contains(name))
        .collect();
    assert!(missing.is_empty(), "never asked for: {missing:?}");
    assert!(
        accepted.len() * 2 > Command::ALL.len(),
        "half of them are accepted: {accepted:?}"
    );
}
