//! What every text value shares: bounds, and the plumbing of the newtypes.

use super::Invalid;
use std::borrow::Cow;

/// The result of checking a text: its canonical form, borrowed where it is already canonical.
pub(super) type Checked<'a> = Result<Cow<'a, str>, Invalid>;

/// Trims, then bounds: one to `length_max` characters, no control characters.
///
/// Invisible marks that turn the direction of writing are refused with them: they make a name read as another one.
pub(super) fn line(text: &str, length_max: usize, invalid: Invalid) -> Result<&str, Invalid> {
    bounded(text, length_max, invalid, |_| false)
}

/// As [`line()`], with line breaks and tabs allowed inside.
pub(super) fn paragraph(text: &str, length_max: usize, invalid: Invalid) -> Result<&str, Invalid> {
    bounded(text, length_max, invalid, |character| {
        matches!(character, '\n' | '\r' | '\t')
    })
}

/// As [`line()`], of visible ASCII without spaces.
pub(super) fn visible_ascii(
    text: &str,
    length_max: usize,
    invalid: Invalid,
) -> Result<&str, Invalid> {
    let text = line(text, length_max, invalid)?;
    if text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text)
    } else {
        Err(invalid)
    }
}

fn bounded(
    text: &str,
    length_max: usize,
    invalid: Invalid,
    extra: impl Fn(char) -> bool,
) -> Result<&str, Invalid> {
    let text = text.trim();
    // Bytes first: a text of many megabytes is refused without a walk through it.
    let fits = text.len() <= length_max.saturating_mul(4)
        && text.chars().take(length_max + 1).count() <= length_max;
    let clean = fits
        && text
            .chars()
            .all(|character| extra(character) || !is_unprintable(character));
    if clean && !text.is_empty() {
        Ok(text)
    } else {
        Err(invalid)
    }
}

fn is_unprintable(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// The JSON schema of a value that is written as a string.
pub(super) fn string_schema(
    description: &'static str,
    length_max: usize,
    pattern: Option<&'static str>,
) -> schemars::Schema {
    let mut schema = schemars::json_schema!({
        "type": "string",
        "description": description,
        "minLength": 1,
        "maxLength": length_max,
    });
    if let Some(pattern) = pattern {
        schema.insert("pattern".to_owned(), pattern.into());
    }
    schema
}

/// Serde and schema of a type that has `parse` and `as_str`.
macro_rules! string_in_json {
    ($name:ident, $description:literal, $length_max:expr, $pattern:expr) => {
        impl std::str::FromStr for $name {
            type Err = $crate::value::Invalid;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::parse(text)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text =
                    <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($name)).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                $crate::value::text::string_schema($description, $length_max, $pattern)
            }
        }
    };
}

/// A newtype over text: `open` values have `Display` and a plain `Debug`, `personal` ones have neither.
macro_rules! text_value {
    (
        $(#[$meta:meta])*
        $visibility:ident $name:ident {
            check: $check:path,
            description: $description:literal,
            length_max: $length_max:expr,
            pattern: $pattern:expr $(,)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// Longest text, in characters.
            pub const LENGTH_MAX: usize = $length_max;

            /// Reads the value; surrounding white space is not part of it.
            pub fn parse(text: &str) -> Result<Self, $crate::value::Invalid> {
                $check(text).map(|text| Self(std::sync::Arc::from(text)))
            }

            /// The value as text, in its canonical form.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        $crate::value::text::string_in_json!($name, $description, $length_max, $pattern);
        $crate::value::text::text_value!(@$visibility $name);
    };
    (@open $name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self.as_str())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }
    };
    (@personal $name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    };
}

pub(super) use {string_in_json, text_value};
