//! What a search field matches: identifiers as a whole, names by any part of them.

use domain::value::LanguageText;
use std::fmt::Display;

/// What somebody looks for.
#[derive(Clone, Debug)]
pub(crate) struct Wanted(String);

impl Wanted {
    pub(crate) fn new(text: &str) -> Self {
        Self(text.trim().to_lowercase())
    }

    /// Whether it is this identifier, upper and lower case alike.
    pub(crate) fn is(&self, identifier: impl Display) -> bool {
        identifier.to_string().eq_ignore_ascii_case(&self.0)
    }

    /// Whether it is a part of this text.
    pub(crate) fn is_part_of(&self, text: &str) -> bool {
        text.to_lowercase().contains(&self.0)
    }

    /// Whether it is a part of the name in any language.
    pub(crate) fn is_in(&self, name: &LanguageText) -> bool {
        self.is_part_of(name.fi.as_str())
            || name
                .sv
                .as_ref()
                .is_some_and(|name| self.is_part_of(name.as_str()))
            || name
                .en
                .as_ref()
                .is_some_and(|name| self.is_part_of(name.as_str()))
    }
}
