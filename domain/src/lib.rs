//! The rules of a trust network: its values, the commands that ask for a change, the events that
//! record one, and the [`Network`] they add up to.
//!
//! Everything here is pure: no I/O, no clock, no random number, nothing asynchronous.
//! `network.decide(command, context)` says which events follow from a command, or why it is
//! refused; [`Network::apply`] takes an event in and cannot fail.
//! What this crate never sees: log positions, hashes, keys, callers' tokens.

mod access;
mod actor;
mod agreement;
mod calendar;
mod catalogue;
mod command;
mod computation;
mod confidential;
pub mod data_model;
mod due;
mod environment;
mod event;
mod founding;
mod id;
mod instrument;
mod integration;
mod membership;
mod network;
mod obligation;
mod operations;
mod organisation;
#[cfg(test)]
mod properties;
mod rejection;
mod rule;
mod service;
mod steering;
mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod time;
pub mod value;

pub use access::*;
pub use actor::{Actor, Authority, BelongsTo, Means, Right, Rights};
pub use agreement::*;
pub use calendar::*;
pub use catalogue::{Command, Event};
pub use command::{CommandDescription, Context, Decide, Decision};
pub use computation::{Boundary, Computation, ComputedDate, Period};
pub use confidential::{Category, KeySubject, Personal, Private, SealedSlot, take_given};
pub use due::{DueCommand, due, next_due_after};
pub use environment::Environment;
pub use event::{ErasedPayload, EventDescription, Evolve, Stream};
pub use founding::*;
pub use id::*;
pub use instrument::{EducationLevel, InstrumentKind};
pub use integration::*;
pub use membership::*;
pub use network::Network;
pub use obligation::*;
pub use operations::*;
pub use organisation::*;
pub use rejection::Rejection;
pub use rule::*;
pub use service::*;
pub use steering::*;
pub use table::Table;
