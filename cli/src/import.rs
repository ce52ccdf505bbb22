//! Taking in what other systems wrote: the loading files of the management service, and the
//! answers of the organisation service.
//!
//! It reads, says precisely what is wrong, and turns each entry into a typed command. No rule is
//! decided here: the network checks everything again, and one command is recorded whole or not at
//! all.

pub(crate) mod daily;
pub(crate) mod difference;
mod fields;
mod finding;
mod json;
pub(crate) mod mpassid;
pub(crate) mod organisations;
pub(crate) mod report;
pub(crate) mod secrets;
pub(crate) mod server;
pub(crate) mod target;
#[cfg(test)]
mod tests;

pub(crate) use crate::progress::Progress;
pub(crate) use finding::{Finding, Kind};
