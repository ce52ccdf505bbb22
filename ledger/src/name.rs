//! Names of journals, checked once where they enter, so that inner code may use them as file names.

use std::fmt;

/// The name of one journal of a ledger: `governance`, or `production/2026-11`.
///
/// One to three parts joined by `/`, each of lower-case ASCII letters, digits and inner hyphens, at most
/// 64 bytes in all. It holds no person and no secret: it appears in file names and in every event.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, serde::Serialize, serde::Deserialize,
)]
#[serde(into = "String", try_from = "String")]
pub struct JournalName(String);

/// Why a journal name was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "journal name is not one to three parts of lower-case letters, digits and inner hyphens joined by '/', at most 64 bytes"
)]
pub struct JournalNameError;

impl JournalName {
    /// The longest name, in bytes.
    pub const BYTES_MAX: usize = 64;

    /// Checks `text` and keeps it.
    pub fn new(text: impl Into<String>) -> Result<Self, JournalNameError> {
        let text = text.into();
        if Self::is_valid(text.as_bytes()) {
            Ok(Self(text))
        } else {
            Err(JournalNameError)
        }
    }

    /// The journal of everything that is decided: small, kept for ever.
    pub fn governance() -> Self {
        Self("governance".to_owned())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn is_valid(bytes: &[u8]) -> bool {
        let part_is_valid = |part: &[u8]| {
            let inner =
                |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
            part.first().is_some_and(|byte| *byte != b'-')
                && part.last().is_some_and(|byte| *byte != b'-')
                && part.iter().all(inner)
        };
        bytes.len() <= Self::BYTES_MAX
            && bytes.split(|byte| *byte == b'/').count() <= 3
            && bytes.split(|byte| *byte == b'/').all(part_is_valid)
    }

    /// One flat directory name: `/` becomes `+`, which no name contains, so that no journal lies inside another.
    pub(crate) fn to_directory(&self) -> String {
        self.0.replace('/', "+")
    }

    pub(crate) fn from_directory(directory: &str) -> Option<Self> {
        if directory.contains('/') {
            return None;
        }
        Self::new(directory.replace('+', "/")).ok()
    }
}

impl From<JournalName> for String {
    fn from(name: JournalName) -> Self {
        name.0
    }
}

impl TryFrom<String> for JournalName {
    type Error = JournalNameError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::new(text)
    }
}

impl fmt::Display for JournalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for JournalName {
    type Err = JournalNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("governance")]
    #[case("production/2026-11")]
    #[case("a/b/c")]
    fn names_are_taken_and_survive_as_directories(#[case] text: &str) {
        let name = JournalName::new(text).unwrap();
        assert_eq!(
            JournalName::from_directory(&name.to_directory()),
            Some(name)
        );
    }

    #[rstest]
    #[case("")]
    #[case("/")]
    #[case("a/")]
    #[case("-a")]
    #[case("a-")]
    #[case("..")]
    #[case("a/../b")]
    #[case("A")]
    #[case("a+b")]
    #[case("a/b/c/d")]
    #[case("ä")]
    #[case(&"a".repeat(65))]
    fn other_text_is_refused(#[case] text: &str) {
        assert_eq!(JournalName::new(text), Err(JournalNameError));
    }
}
