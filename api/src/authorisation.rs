//! The one table of who may ask for what: every field of the schema and every route. What does not
//! stand here is denied, and a test derives the schema's fields to find what is missing.
//!
//! The table says who may ask at all. Whose rows are then shown is tenant isolation, which
//! [`crate::seer`] decides row by row; a row marked [`Who::OwnRows`] says that it does.
//! Mutations have their rows from the table of commands: each may be asked by whoever is known,
//! and the registrar judges the command's own rights.

mod document;
mod fields;
mod nesting;

pub(crate) use document::{DocumentLimits, FieldTypes, authorised};
pub(crate) use nesting::NESTING_MAX;

use crate::seer::Seer;
use domain::Right;

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Anyone, also without signing in.
    Anyone,
    /// Anyone who is known.
    Identified,
    /// Whoever holds any right of a person or machine in the network.
    Participant,
    /// Whoever is of a member in force, or serves the network.
    Member,
    /// As [`Who::Participant`]; only rows that the caller may see are shown.
    OwnRows,
    /// The operator, the owner, or an auditor of the whole network.
    Network,
    /// Whoever holds one of these rights for the whole network.
    Rights(&'static [Right]),
}

impl Who {
    /// Whether a caller with these eyes is meant.
    pub(crate) fn admits(self, seer: &Seer) -> bool {
        match self {
            Self::Anyone => true,
            Self::Identified => seer.is_identified(),
            Self::Participant | Self::OwnRows => seer.participates(),
            Self::Member => seer.is_member(),
            Self::Network => seer.sees_network(),
            Self::Rights(rights) => seer.holds_any(rights),
        }
    }
}

/// Who may ask for a field; none where the table has no row for it.
pub(crate) fn field(parent: &str, name: &str) -> Option<Who> {
    if parent == "Mutation" {
        let known = domain::Command::ALL
            .iter()
            .any(|row| crate::graphql::field_name(row.name) == name);
        return known.then_some(Who::Identified);
    }
    // The answer of a mutation is for whoever was let to send it.
    if parent.ends_with("Payload") {
        return Some(Who::Identified);
    }
    fields::rows()
        .find(|(of, _, names)| *of == parent && names.contains(&name))
        .map(|(_, who, _)| *who)
}
