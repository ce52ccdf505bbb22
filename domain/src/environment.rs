//! The environments of the network; nothing crosses from one to another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Where an integration lives. Each environment has its own issuer, keys, host and journals.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Environment {
    /// Try-outs without a contract; no real personal data is processed here.
    Test,
    /// Free and freemium services shown to schools, without a contract.
    Demo,
    /// The last rehearsal before production; needs a membership.
    Preproduction,
    /// Where pupils and teachers log in.
    Production,
}

impl Environment {
    /// Every environment, from the least to the most guarded.
    pub const ALL: [Self; 4] = [
        Self::Test,
        Self::Demo,
        Self::Preproduction,
        Self::Production,
    ];

    /// Whether an integration routes here only while its organisation's membership is in force
    /// (our decision, domain facts J.11).
    pub fn needs_membership(self) -> bool {
        matches!(self, Self::Preproduction | Self::Production)
    }

    /// Whether the operator reviews an integration here before its first use, and each change
    /// after that (our decision, domain facts J.11: only the test environment needs no review).
    pub fn needs_review(self) -> bool {
        self != Self::Test
    }

    /// The lower-case name, as it stands in journal names, addresses and configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Demo => "demo",
            Self::Preproduction => "preproduction",
            Self::Production => "production",
        }
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Environment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|environment| environment.name().eq_ignore_ascii_case(text))
            .ok_or("expected test, demo, preproduction or production")
    }
}
