//! Where rules meet bytes: takes commands, has the network decide them, and records what follows.
//!
//! A command goes once down (`decide` in `domain`, append in `ledger`) and its receipt once up.
//! Recorded events leave through [`Log`], decoded; documents that events name lie in
//! [`Documents`]; authentications enter through [`AuthenticationJournals`]. What time brings about is recorded by the [`clerk`].
//!
//! **Architecture invariant:** only this crate knows both positions and rules, and only it writes.

mod alarms;
pub mod authentication;
pub mod clerk;
mod codec;
mod documents;
mod environment;
mod fault;
mod log;
mod recording_clock;
mod submission;
#[cfg(feature = "testing")]
pub mod testing;
mod writer;

pub use alarms::Alarms;
pub use authentication::{
    Authentication, AuthenticationJournals, AuthenticationOutcome, DecodeAuthenticationError,
    RecordError, SourceMark,
};
pub use codec::{DecodeError, Upcaster, Upcasters};
pub use documents::{Audience, Document, DocumentError, DocumentHead, Documents};
pub use environment::{Clock, EventIds};
pub use fault::{chain, is_out_of_space};
pub use log::{EventBatch, EventDetails, Log, OpenValueError, ReadError, Replay, Subscription};
pub use submission::{Receipt, Submission, SubmitError};
pub use writer::{Health, OpenError, Registrar};
