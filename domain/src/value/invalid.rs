//! The one error of all value objects.

use std::fmt;

/// A text that is not the value it was read as.
///
/// It names what was expected and what to do, never the text itself, which may be personal or secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub struct Invalid {
    /// Stable code for programs, `snake_case`, for example `business_id`.
    pub code: &'static str,
    /// What a right value looks like, as the end of a sentence that begins "expected".
    pub expected: &'static str,
    /// What the caller can do, as an imperative sentence without a full stop.
    pub remedy: &'static str,
}

impl Invalid {
    pub(crate) const fn new(
        code: &'static str,
        expected: &'static str,
        remedy: &'static str,
    ) -> Self {
        Self {
            code,
            expected,
            remedy,
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "expected {}; {}", self.expected, self.remedy)
    }
}

impl std::error::Error for Invalid {}
