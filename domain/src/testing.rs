//! Given, when, then: how the rules are tested. Commands are decided, their confidential values
//! replaced by slots and the events read back from JSON, exactly as they are when recorded.

use crate::time::{Date, Instant};
use crate::value::LanguageText;
use crate::{
    Actor, Command, CommandId, Context, Decision, Event, FirstAdministrator, FoundLedger,
    MajorityOf, Means, Network, Party, PersonId, Purpose, Rejection, Right, Rule, SealedSlot,
    SetRule, Share, take_given,
};
use uuid::Uuid;

/// A network under test, a clock and somebody who acts.
#[derive(Debug)]
pub struct Scenario {
    network: Network,
    log: Vec<(Event, Instant)>,
    now: Instant,
    commands: u128,
    outcome: Option<Decision>,
}

/// The founding of the networks under test: an invented operator and owner, two thirds of the
/// votes cast with half of the members present.
pub fn found_ledger() -> FoundLedger {
    let party = |oid: &str, name: &str| Party {
        organisation: oid.parse().expect("an OID"),
        name: LanguageText::parse(name).expect("a name"),
        business_id: None,
    };
    let rule = |rule| SetRule {
        rule,
        valid_from: Date::new(2018, 1, 1).expect("a date"),
        source: "invented for tests".parse().expect("a text"),
    };
    FoundLedger {
        purpose: Purpose::Production,
        zone: crate::time::Zone::named("Europe/Helsinki").expect("a zone"),
        operator: party("1.2.246.562.99.00000000900", "Esimerkkioperaattori"),
        owner: party("1.2.246.562.99.00000000901", "Esimerkkiomistaja"),
        sign_in_issuer: "https://sign-in.example.org".parse().expect("an address"),
        first_administrators: vec![FirstAdministrator {
            subject: "first-administrator".parse().expect("a text"),
            name: "Ylva Ylläpitäjä".parse().expect("a name"),
            rights: vec![Right::Operator, Right::Owner],
        }],
        rules: vec![
            rule(Rule::QualifiedMajority {
                share: Share {
                    numerator: 2,
                    denominator: 3,
                },
                of: MajorityOf::VotesCast,
            }),
            rule(Rule::Quorum {
                share: Share {
                    numerator: 1,
                    denominator: 2,
                },
            }),
        ],
    }
}

/// Reads a date or instant that the test itself wrote.
///
/// # Panics
/// Where it is none.
#[track_caller]
pub fn day(text: &str) -> Date {
    text.parse()
        .unwrap_or_else(|_| panic!("`{text}` is no date"))
}

/// Reads an instant that the test itself wrote.
///
/// # Panics
/// Where it is none.
#[track_caller]
pub fn instant(text: &str) -> Instant {
    text.parse()
        .unwrap_or_else(|_| panic!("`{text}` is no instant"))
}

impl Scenario {
    /// A network before its founding, on 1 January 2025.
    pub fn empty() -> Self {
        Self {
            network: Network::default(),
            log: Vec::new(),
            now: instant("2025-01-01T10:00:00Z"),
            commands: 0,
            outcome: None,
        }
    }

    /// A founded network.
    pub fn founded() -> Self {
        Self::empty().given(found_ledger())
    }

    /// Moves the clock to an instant, or to noon UTC of a date.
    #[track_caller]
    pub fn at(mut self, when: &str) -> Self {
        self.now = match when.parse::<Date>() {
            Ok(_) => instant(&format!("{when}T12:00:00Z")),
            Err(_) => instant(when),
        };
        self
    }

    /// Gives a command that must be accepted, and applies what follows.
    #[track_caller]
    pub fn given(mut self, command: impl Into<Command>) -> Self {
        let command = command.into();
        match self.decide(&command) {
            Ok(events) => self.apply(events),
            Err(rejection) => panic!("{} was refused: {rejection}", command.name()),
        }
        self
    }

    /// Gives a command whose outcome the next step looks at; nothing is applied.
    pub fn when(mut self, command: impl Into<Command>) -> Self {
        let outcome = self.decide(&command.into());
        self.outcome = Some(outcome);
        self
    }

    /// The command was accepted, with events of these names in this order; they are applied.
    #[track_caller]
    pub fn then(mut self, names: &[&str]) -> Self {
        match self.outcome.take().expect("a command was given") {
            Ok(events) => {
                assert_eq!(events.iter().map(Event::name).collect::<Vec<_>>(), names);
                self.apply(events);
            }
            Err(rejection) => panic!("refused: {rejection}"),
        }
        self
    }

    /// The command was refused with this code, and a remedy.
    #[track_caller]
    pub fn then_refused(mut self, code: &str) -> Self {
        match self.outcome.take().expect("a command was given") {
            Ok(events) => panic!("accepted: {events:?}"),
            Err(Rejection {
                code: actual,
                remedy,
                ..
            }) => {
                assert_eq!(actual, code);
                assert!(!remedy.is_empty(), "a refusal says what to do");
            }
        }
        self
    }

    /// Looks at the network.
    pub fn then_state(self, look: impl FnOnce(&Network)) -> Self {
        look(&self.network);
        self
    }

    /// The network as it stands.
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// Every event so far, with the instant at which it was recorded.
    pub fn log(&self) -> &[(Event, Instant)] {
        &self.log
    }

    /// The clock.
    pub fn now(&self) -> Instant {
        self.now
    }

    /// Decides a command as the given number of commands so far makes it unique, and says what
    /// follows without applying it.
    pub fn decide(&mut self, command: &Command) -> Decision {
        self.commands += 1;
        let actor = Actor {
            person: PersonId(Uuid::nil()),
            means: Means::Console,
            on_behalf_of: None,
        };
        let command_id = CommandId(Uuid::from_u128(self.commands));
        self.network.decide(
            command,
            &Context {
                now: self.now,
                command: command_id,
                actor: &actor,
            },
        )
    }

    /// Records events as the recorder does: values sealed, then read back.
    ///
    /// # Panics
    /// Where an event does not survive being written and read.
    #[track_caller]
    pub fn apply(&mut self, events: Vec<Event>) {
        for event in events {
            let recorded = record(&event, self.log.len() as u64);
            self.network.apply(&recorded, self.now);
            self.log.push((recorded, self.now));
        }
    }
}

/// The event as it is after being sealed, written and read back.
#[track_caller]
fn record(event: &Event, position: u64) -> Event {
    let mut payload = event.payload().to_json().expect("an event can be written");
    let mut fields = 0;
    take_given(&mut payload, &mut |_, _, _| {
        fields += 1;
        SealedSlot(position, fields - 1)
    });
    Event::deserialize_named(event.name(), payload)
        .expect("the event's name is known")
        .expect("what was written can be read")
}
