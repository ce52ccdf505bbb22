//! Names of things that are no persons: titles, source attributes, directory entries.

use super::Invalid;
use super::text::{Checked, line, text_value, visible_ascii};

const SHORT_TEXT_LENGTH_MAX: usize = 300;
const ATTRIBUTE_NAME_LENGTH_MAX: usize = 512;
const DISTINGUISHED_NAME_LENGTH_MAX: usize = 1024;

const INVALID_SHORT_TEXT: Invalid = Invalid::new(
    "short_text",
    "a text of 1 to 300 characters on one line",
    "Shorten the text",
);
const INVALID_ATTRIBUTE_NAME: Invalid = Invalid::new(
    "attribute_name",
    "the technical name of an attribute, such as extensionAttribute14",
    "Copy the name from the source system; it is case-sensitive and has no spaces",
);
const INVALID_DISTINGUISHED_NAME: Invalid = Invalid::new(
    "distinguished_name",
    "an LDAP distinguished name such as cn=reader,dc=example,dc=org",
    "Give attribute=value pairs separated by commas (RFC 4514)",
);

text_value! {
    /// A short open text: the name of an organisation or a service, a title.
    open ShortText {
        check: short_text,
        description: "Name or title on one line",
        length_max: SHORT_TEXT_LENGTH_MAX,
        pattern: None,
    }
}

text_value! {
    /// The technical name under which a source system knows an attribute, dotted or a URI; case-sensitive.
    open AttributeName {
        check: attribute_name,
        description: "Technical name of an attribute in the source system",
        length_max: ATTRIBUTE_NAME_LENGTH_MAX,
        pattern: Some("^[!-:<-~]+$"),
    }
}

text_value! {
    /// An LDAP distinguished name (RFC 4514 §3), kept as written.
    open DistinguishedName {
        check: distinguished_name,
        description: "LDAP distinguished name",
        length_max: DISTINGUISHED_NAME_LENGTH_MAX,
        pattern: None,
    }
}

fn short_text(text: &str) -> Checked<'_> {
    line(text, SHORT_TEXT_LENGTH_MAX, INVALID_SHORT_TEXT).map(Into::into)
}

fn attribute_name(text: &str) -> Checked<'_> {
    let text = visible_ascii(text, ATTRIBUTE_NAME_LENGTH_MAX, INVALID_ATTRIBUTE_NAME)?;
    // A semicolon separates values in everything the sources deliver.
    if text.contains(';') {
        Err(INVALID_ATTRIBUTE_NAME)
    } else {
        Ok(text.into())
    }
}

fn distinguished_name(text: &str) -> Checked<'_> {
    let text = line(
        text,
        DISTINGUISHED_NAME_LENGTH_MAX,
        INVALID_DISTINGUISHED_NAME,
    )?;
    let pairs = unescaped_split(text).ok_or(INVALID_DISTINGUISHED_NAME)?;
    let pair = |pair: &&str| {
        pair.split_once('=')
            .is_some_and(|(name, value)| attribute_type(name) && attribute_value(value))
    };
    if pairs.iter().all(pair) {
        Ok(text.into())
    } else {
        Err(INVALID_DISTINGUISHED_NAME)
    }
}

/// Cuts at commas and plus signs that no backslash precedes; `None` where the last backslash escapes nothing.
fn unescaped_split(text: &str) -> Option<Vec<&str>> {
    let mut pairs = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, character) in text.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' | '+' => {
                pairs.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    pairs.push(&text[start..]);
    (!escaped).then_some(pairs)
}

fn attribute_type(name: &str) -> bool {
    let name = name.trim();
    let word = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let numbers = name
        .split('.')
        .all(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    word || numbers
}

fn attribute_value(value: &str) -> bool {
    let mut escaped = false;
    for character in value.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' | ';' | '<' | '>' => return false,
            _ => {}
        }
    }
    true
}
