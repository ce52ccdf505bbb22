//! The whole API over a ledger in memory.

mod bad_input;
mod compliance;
mod documents;
mod everything;
pub(crate) mod harness;
mod identity_token;
mod isolation;
mod issuer;
mod machine;
mod mutation;
mod operations;
mod past;
mod provisioning;
mod rights;
mod sign_in;
mod socket;
mod story;
mod subscription;
