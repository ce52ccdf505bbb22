//! The kinds of legal instrument under which an organisation can be a member. Which versions of
//! them are published, with which annexes, is the agreement's business.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a membership rests on (domain facts K6).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InstrumentKind {
    /// A membership contract with its annexes, signed by both parties.
    Contract,
    /// Terms of use, accepted by a joining notification.
    TermsOfUse,
}

/// A level of education that an education provider may arrange.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EducationLevel {
    /// Early childhood education.
    Early,
    /// Basic education (perusopetuslaki).
    Basic,
    /// General upper secondary education (lukiolaki).
    GeneralUpperSecondary,
    /// Vocational education (laki ammatillisesta koulutuksesta).
    Vocational,
    /// Universities of applied sciences (ammattikorkeakoululaki).
    UniversityOfAppliedSciences,
    /// Universities (yliopistolaki).
    University,
}
