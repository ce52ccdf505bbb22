//! What the writer knows of everything recorded: the network, and what it needs to number events
//! and recognise commands.

use crate::log::{Log, ReadError, recorded_at};
use domain::time::Instant;
use domain::{CommandId, Network};
use imbl::HashMap;
use std::ops::Range;

/// The state after some prefix of the log. A copy costs a few pointers.
#[derive(Clone)]
pub(super) struct State {
    pub(super) network: Network,
    /// The position that the next event gets.
    pub(super) next_position: u64,
    /// How many events each stream has.
    pub(super) streams: HashMap<String, u64>,
    /// Where the events of each command stand.
    pub(super) commands: HashMap<CommandId, Range<u64>>,
    pub(super) last_recorded_at: Instant,
}

impl State {
    /// The state of a log, from its beginning. `watch` is told how far it is.
    pub(super) fn replayed(log: &Log, watch: &dyn Fn(u64)) -> Result<Self, ReadError> {
        let mut state = Self {
            network: Network::default(),
            next_position: 0,
            streams: HashMap::new(),
            commands: HashMap::new(),
            last_recorded_at: Instant::from_microseconds(i64::MIN),
        };
        state.extend(log, watch)?;
        Ok(state)
    }

    /// Takes in everything recorded since.
    pub(super) fn extend(&mut self, log: &Log, watch: &dyn Fn(u64)) -> Result<(), ReadError> {
        for batch in log.replay(self.next_position)? {
            for event in batch?.events() {
                let (view, event) = event?;
                self.network.apply(&event, recorded_at(&view));
                self.note(view.stream, CommandId(view.command_id), recorded_at(&view));
            }
            watch(self.next_position);
        }
        Ok(())
    }

    /// Counts one recorded event; the network has taken it in already.
    pub(super) fn note(&mut self, stream: &str, command: CommandId, at: Instant) {
        match self.streams.get_mut(stream) {
            Some(count) => *count += 1,
            None => {
                self.streams.insert(stream.to_owned(), 1);
            }
        }
        let next = self.next_position + 1;
        self.commands
            .entry(command)
            .and_modify(|positions| positions.end = next)
            .or_insert(self.next_position..next);
        self.next_position = next;
        self.last_recorded_at = self.last_recorded_at.max(at);
    }

    /// The version of a stream: how many events it has.
    pub(super) fn version(&self, stream: &str) -> u64 {
        self.streams.get(stream).copied().unwrap_or(0)
    }
}
