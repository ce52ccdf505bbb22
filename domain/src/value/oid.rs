//! Object identifiers: any, of organisations, of learners.

use super::Invalid;
use super::check_digit;
use super::text::{Checked, text_value, visible_ascii};

const ORGANISATION_BRANCH: &str = "1.2.246.562.10.";
const TEST_ORGANISATION_BRANCH: &str = "1.2.246.562.99.";
const LEARNER_BRANCH: &str = "1.2.246.562.24.";
const TEST_LEARNER_BRANCH: &str = "1.2.246.562.98.";

const OID_LENGTH_MAX: usize = 255;
/// Real ones have under 30 characters. The bound keeps the names of streams and of keys, which are
/// made of it, below theirs.
const ORGANISATION_LENGTH_MAX: usize = 64;

const INVALID_OID: Invalid = Invalid::new(
    "oid",
    "an object identifier: 0, 1 or 2, then numbers, all separated by dots, under 256 characters",
    "Copy the identifier from the organisation service",
);
const INVALID_ORGANISATION: Invalid = Invalid::new(
    "organisation_oid",
    "an organisation's identifier, 1.2.246.562.10.<number>, or 1.2.246.562.99.<number> for a test organisation",
    "Copy the identifier from the organisation service",
);
const INVALID_LEARNER: Invalid = Invalid::new(
    "learner_id",
    "a learner id: 1.2.246.562.24. (for a test learner id 1.2.246.562.98.) and 11 digits",
    "Take the learner id from the national register of learner ids",
);
const INVALID_LEARNER_CHECK_DIGIT: Invalid = Invalid::new(
    "learner_id_check_digit",
    "a learner id whose last digit is its check digit",
    "Compare the learner id with the national register of learner ids: a digit is probably mistyped",
);

text_value! {
    /// Any object identifier, of a person, an organisation or something else.
    ///
    /// The first number is 0, 1 or 2; no number is empty; leading zeros occur in real data and are kept.
    open Oid {
        check: oid,
        description: "Object identifier (dotted numbers)",
        length_max: OID_LENGTH_MAX,
        pattern: Some(r"^[0-2](\.[0-9]+)+$"),
    }
}

text_value! {
    /// The identifier of an organisation, institution or office in the national organisation service.
    ///
    /// The check digit is never a reason to refuse one: the root organisation and other real ones fail it.
    open OrganisationOid {
        check: organisation,
        description: "Identifier of an organisation in the national organisation service",
        length_max: ORGANISATION_LENGTH_MAX,
        pattern: Some(r"^1\.2\.246\.562\.(10|99)\.[0-9]+$"),
    }
}

text_value! {
    /// A learner id (oppijanumero): personal, stable, but not immutable, since duplicates are merged.
    ///
    /// [`parse`](LearnerId::parse) checks the shape; [`parse_with`](LearnerId::parse_with) the check digit too.
    personal LearnerId {
        check: learner,
        description: "Learner id: 1.2.246.562.24. or, for tests, 1.2.246.562.98. and 11 digits",
        length_max: OID_LENGTH_MAX,
        pattern: Some(r"^1\.2\.246\.562\.(24\.[1-9]|98\.[0-9])[0-9]{10}$"),
    }
}

/// How strictly a learner id is read.
///
/// The sources say that a learner id of wrong form blocks the login; whether a wrong check digit is a wrong form they
/// do not say, so it is a rule of the network.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CheckDigitRule {
    /// Branch and eleven digits are enough.
    #[default]
    Shape,
    /// The last digit must be the 7-3-1 check digit. Test learner ids are exempt: their rule is not published.
    Verified,
}

impl OrganisationOid {
    /// Whether it belongs to the branch of test organisations, which never exist in production.
    pub fn is_test(&self) -> bool {
        self.as_str().starts_with(TEST_ORGANISATION_BRANCH)
    }

    /// Whether the last digit is the Luhn check digit; for a hint to a person, never for a refusal.
    pub fn has_expected_check_digit(&self) -> bool {
        check_digit::ends_with_luhn(last_number(self.as_str()))
    }

    /// The same identifier as a plain [`Oid`].
    pub fn to_oid(&self) -> Oid {
        Oid(self.0.clone())
    }
}

impl LearnerId {
    /// Reads a learner id as strictly as the network's rule says.
    pub fn parse_with(text: &str, rule: CheckDigitRule) -> Result<Self, Invalid> {
        let learner_id = Self::parse(text)?;
        let exempt = rule == CheckDigitRule::Shape || learner_id.is_test();
        if exempt || check_digit::ends_with_seven_three_one(last_number(learner_id.as_str())) {
            Ok(learner_id)
        } else {
            Err(INVALID_LEARNER_CHECK_DIGIT)
        }
    }

    /// Whether it is a test learner id: no real person, not unique, only for services that allow them.
    pub fn is_test(&self) -> bool {
        self.as_str().starts_with(TEST_LEARNER_BRANCH)
    }
}

fn last_number(oid: &str) -> &str {
    oid.rsplit('.').next().unwrap_or_default()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn oid(text: &str) -> Checked<'_> {
    let text = visible_ascii(text, OID_LENGTH_MAX, INVALID_OID)?;
    let mut numbers = text.split('.');
    let rooted = matches!(numbers.next(), Some("0" | "1" | "2"));
    let mut rest = numbers.peekable();
    if rooted && rest.peek().is_some() && rest.all(is_number) {
        Ok(text.into())
    } else {
        Err(INVALID_OID)
    }
}

fn organisation(text: &str) -> Checked<'_> {
    let text = visible_ascii(text, ORGANISATION_LENGTH_MAX, INVALID_ORGANISATION)?;
    let number = text
        .strip_prefix(ORGANISATION_BRANCH)
        .or_else(|| text.strip_prefix(TEST_ORGANISATION_BRANCH));
    if number.is_some_and(is_number) {
        Ok(text.into())
    } else {
        Err(INVALID_ORGANISATION)
    }
}

fn learner(text: &str) -> Checked<'_> {
    let text = visible_ascii(text, OID_LENGTH_MAX, INVALID_LEARNER)?;
    let eleven_digits = |number: &str| number.len() == 11 && is_number(number);
    let real = text
        .strip_prefix(LEARNER_BRANCH)
        .is_some_and(|number| eleven_digits(number) && !number.starts_with('0'));
    let invented = text
        .strip_prefix(TEST_LEARNER_BRANCH)
        .is_some_and(eleven_digits);
    if real || invented {
        Ok(text.into())
    } else {
        Err(INVALID_LEARNER)
    }
}
