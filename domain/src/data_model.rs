//! The national data model (annex 3): what one service receives about one user, and why not the rest.
//!
//! [`release`] is one pure function of what the source said, what the organisation register knows, the network's
//! rules and what the service may have. It is the only place where attribute values are made, so the login, the
//! attribute test and the tests of this module see the same answer.
//!
//! Values leave in [`Release::values`] alone. Everything else here (what is withheld, why a login is refused, every
//! `Debug`) names attributes and reasons, never a value.
//!
//! It does not own the mapping of a source's own attribute names to [`SourceAttribute`], who is a member, nor whether
//! the service may be used at all: those are settled before.
//!
//! Sources, cited by these names: *data model annex 3* (the tables of versions 1.0 to 1.3; 1.4 is reconstructed from
//! public clients), *W-MULTI* (how multi-valued attributes combine), *W-CHECK* (what missing or invalid input
//! removes), *W-ROLES* (the role vocabulary), *W-LEARNER* (learner ids).

mod attribute;
mod combine;
mod compute;
mod outcome;
mod place;
mod register;
mod rules;
mod service;
mod source;
mod values;

pub use attribute::{Attribute, Version};
pub use compute::{release, uid};
pub use outcome::{Detail, Outcome, RefusalReason, Release, Why, Withheld};
pub use register::{OrganisationNames, OrganisationRegister, RegisteredOrganisation};
pub use rules::{ChargeRule, NonDisclosureRule, Rules, VocabularyRole};
pub use service::ServiceView;
pub use source::{Affiliation, Asserter, SourceAttribute, SourceAttributes};

#[cfg(test)]
mod tests;
