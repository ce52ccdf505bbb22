//! Codes given by registers: business ids, schools, municipalities, kinds of institution.

use super::Invalid;
use super::text::{Checked, string_schema, text_value, visible_ascii};
use std::fmt;

const BUSINESS_ID_LENGTH: usize = 9;
const SCHOOL_CODE_LENGTH_MAX: usize = 6;
const MUNICIPALITY_CODE_LENGTH: usize = 3;

const INVALID_BUSINESS_ID: Invalid = Invalid::new(
    "business_id",
    "a Finnish business id: seven digits, a hyphen and the right check digit, such as 0920632-0",
    "Copy the business id from the business information system",
);
const INVALID_SCHOOL_CODE: Invalid = Invalid::new(
    "school_code",
    "a school code of one to six digits, such as 04647",
    "Copy the code from Statistics Finland's register of educational institutions, leading zeros included",
);
const INVALID_MUNICIPALITY_CODE: Invalid = Invalid::new(
    "municipality_code",
    "a municipality code of three digits, such as 091",
    "Copy the code from Statistics Finland's classification of municipalities",
);
const INVALID_INSTITUTION_TYPE: Invalid = Invalid::new(
    "institution_type",
    "the number of a kind of institution, such as 11",
    "Take the number from the national code set of institution types",
);

text_value! {
    /// A Finnish business id (y-tunnus): seven digits, a hyphen, a check digit.
    ///
    /// The check digit follows the weights 7, 9, 10, 5, 8, 4, 2 modulo 11; a remainder of 1 is never given out.
    open BusinessId {
        check: business_id,
        description: "Finnish business id (y-tunnus)",
        length_max: BUSINESS_ID_LENGTH,
        pattern: Some("^[0-9]{7}-[0-9]$"),
    }
}

text_value! {
    /// The code of an educational institution in Statistics Finland's register; leading zeros belong to it.
    open SchoolCode {
        check: school_code,
        description: "Code of an educational institution, one to six digits",
        length_max: SCHOOL_CODE_LENGTH_MAX,
        pattern: Some("^[0-9]{1,6}$"),
    }
}

text_value! {
    /// The three-digit code of a municipality.
    open MunicipalityCode {
        check: municipality_code,
        description: "Code of a municipality, three digits",
        length_max: MUNICIPALITY_CODE_LENGTH,
        pattern: Some("^[0-9]{3}$"),
    }
}

/// A kind of institution (oppilaitostyyppi), a number of the national code set; 11 is a comprehensive school.
///
/// Which numbers exist is the code set's affair and may change; this type holds any number up to four digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct InstitutionType(u16);

impl InstitutionType {
    /// Longest text of the number, in characters.
    pub const LENGTH_MAX: usize = 4;

    /// Reads the number, alone or in the code set's notation `oppilaitostyyppi_11#1`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let number = match text.strip_prefix("oppilaitostyyppi_") {
            Some(rest) => rest.split('#').next().unwrap_or_default(),
            None => text,
        };
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        if digits && number.len() <= Self::LENGTH_MAX {
            number
                .parse()
                .map(Self)
                .map_err(|_| INVALID_INSTITUTION_TYPE)
        } else {
            Err(INVALID_INSTITUTION_TYPE)
        }
    }

    /// From the number itself; at most 9999.
    pub fn from_number(number: u16) -> Result<Self, Invalid> {
        if number <= 9999 {
            Ok(Self(number))
        } else {
            Err(INVALID_INSTITUTION_TYPE)
        }
    }

    /// The number in the code set.
    pub fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Debug for InstitutionType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "InstitutionType({})", self.0)
    }
}

impl fmt::Display for InstitutionType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl std::str::FromStr for InstitutionType {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        Self::parse(text)
    }
}

impl serde::Serialize for InstitutionType {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for InstitutionType {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for InstitutionType {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "InstitutionType".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        string_schema(
            "Kind of institution, a number of the national code set",
            Self::LENGTH_MAX,
            Some("^[0-9]{1,4}$"),
        )
    }
}

fn business_id(text: &str) -> Checked<'_> {
    const WEIGHTS: [u32; 7] = [7, 9, 10, 5, 8, 4, 2];
    let text = visible_ascii(text, BUSINESS_ID_LENGTH, INVALID_BUSINESS_ID)?;
    let (body, check) = text.split_once('-').ok_or(INVALID_BUSINESS_ID)?;
    let body: Vec<u32> = body
        .chars()
        .map(|digit| digit.to_digit(10))
        .collect::<Option<_>>()
        .ok_or(INVALID_BUSINESS_ID)?;
    if body.len() != WEIGHTS.len() || check.len() != 1 {
        return Err(INVALID_BUSINESS_ID);
    }
    let remainder = body
        .iter()
        .zip(WEIGHTS)
        .map(|(digit, weight)| digit * weight)
        .sum::<u32>()
        % 11;
    let expected = match remainder {
        0 => Some(0),
        1 => None,
        remainder => Some(11 - remainder),
    };
    let given = check.chars().next().and_then(|digit| digit.to_digit(10));
    if given.is_some() && given == expected {
        Ok(text.into())
    } else {
        Err(INVALID_BUSINESS_ID)
    }
}

fn school_code(text: &str) -> Checked<'_> {
    digits(text, 1, SCHOOL_CODE_LENGTH_MAX, INVALID_SCHOOL_CODE)
}

fn municipality_code(text: &str) -> Checked<'_> {
    digits(
        text,
        MUNICIPALITY_CODE_LENGTH,
        MUNICIPALITY_CODE_LENGTH,
        INVALID_MUNICIPALITY_CODE,
    )
}

fn digits(text: &str, length_min: usize, length_max: usize, invalid: Invalid) -> Checked<'_> {
    let text = visible_ascii(text, length_max, invalid)?;
    if text.len() >= length_min && text.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(text.into())
    } else {
        Err(invalid)
    }
}
