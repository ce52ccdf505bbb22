//! The whole API over a ledger in memory.

mod bad_input;
mod compliance;
mod documents;
mod harness;
mod isolation;
mod machine;
mod mutation;
mod operations;
mod past;
mod provisioning;
mod sign_in;
mod subscription;
