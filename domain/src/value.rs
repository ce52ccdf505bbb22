//! Value objects: what a text must be before any rule looks at it.
//!
//! Each type is read once, at the edge, by `parse`; whoever holds one holds the proof that it is well formed.
//! All of them are bounded in length, hold no control characters, are trimmed, compare and hash by their text
//! and cost a pointer to clone. In JSON they are strings, and reading one from JSON validates it.
//!
//! Values that say something about a person (names, addresses, learner ids, free text) have neither `Display` nor a
//! readable `Debug`: they get into a log or an error only by an explicit `as_str`.
//!
//! This module owns syntax. What a value means in the network (whether an organisation exists, whether an entity ID is
//! taken) is a rule and lives elsewhere.

mod certificate;
pub mod check_digit;
mod code;
mod document;
mod instrument;
mod invalid;
mod key_set;
mod language;
mod naming;
mod oid;
mod person;
mod source;
mod text;
mod web;

pub use certificate::Certificate;
pub use code::{BusinessId, InstitutionType, MunicipalityCode, SchoolCode};
pub use document::DocumentReference;
pub use instrument::InstrumentVersion;
pub use invalid::Invalid;
pub use key_set::KeySet;
pub use language::{Language, LanguageText};
pub use naming::{AttributeName, DistinguishedName, ShortText};
pub use oid::{CheckDigitRule, LearnerId, Oid, OrganisationOid};
pub use person::{EmailAddress, FreeText, PersonName, PhoneNumber, PostalAddress, Reason};
pub use source::{FlowName, IdpId, SecretText};
pub use web::{ClientId, EntityId, HostName, RedirectUri, WebAddress};

#[cfg(test)]
mod tests;
