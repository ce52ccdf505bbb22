//! The log: frames, journals, engines, sealing and the vault.
//!
//! # Life of an event
//!
//! The registrar has decided on an event and numbered it. It seals the personal values with [`Sealer`], under
//! keys of the [`Vault`] that only an opaque id names, stores scanned documents, encrypted too, in [`Blobs`],
//! and puts the rest into an [`Envelope`]. [`Journal::append`] takes a batch of envelopes and the position it
//! expects the journal to be at. It first makes new keys and documents durable, then encodes each envelope
//! into a leaf and the batch into one [`Frame`], whose hash covers the frame before it and every leaf. The
//! [`Engine`](engine::Engine) appends the frame if nobody else has appended in between, and answers when it is
//! durable; only then does the caller learn of it, and only then do followers. They get the frame from
//! [`Journal::subscribe`], those that come later from [`Journal::replay`]; both check the chain as they read,
//! and hand out envelopes borrowed from the frame's bytes. The bytes never change again. When a subject is
//! erased, its key is destroyed, and no hash moves.
//!
//! **Architecture invariant:** this crate never looks inside a payload, and knows nothing of the rules. It
//! reads no clock, no environment and no configuration; randomness is passed in as [`Random`].

pub mod blobs;
mod durable;
pub mod engine;
pub mod envelope;
pub mod frame;
pub mod hash;
pub mod journal;
mod name;
mod random;
pub mod sealed_box;
pub mod sealing;
pub mod store;
pub mod vault;
mod wire;

pub use blobs::Blobs;
pub use engine::Repair;
pub use engine::embedded::EmbeddedOptions;
pub use envelope::{Actor, BlobReference, Envelope, EnvelopeView, KeyId, SealedField, Timestamp};
pub use frame::Frame;
pub use hash::{Hash, keyed_digest};
pub use journal::{
    AppendError, Appended, EventBatch, Head, Journal, JournalError, Replay, Subscription,
};
pub use name::{JournalName, JournalNameError};
pub use random::{Random, SeededRandom};
pub use sealing::{Binding, SealError, Sealer};
pub use store::{DirectoryOptions, Ledger, OpenError};
pub use vault::{MasterKey, SubjectKey, Vault, VaultError};
