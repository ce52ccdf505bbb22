//! Values about persons: names, ways to reach them, and what they wrote.
//!
//! None of them has `Display`, and their `Debug` shows the type alone.

use super::Invalid;
use super::text::{Checked, line, paragraph, text_value};
use super::web::host_name;

const NAME_LENGTH_MAX: usize = 200;
const EMAIL_LENGTH_MAX: usize = 320;
const PHONE_LENGTH_MAX: usize = 40;
const POSTAL_ADDRESS_LENGTH_MAX: usize = 500;
const REASON_LENGTH_MAX: usize = 2_000;
const FREE_TEXT_LENGTH_MAX: usize = 8_000;

const INVALID_NAME: Invalid = Invalid::new(
    "person_name",
    "a person's name of at most 200 characters on one line",
    "Give the name as the person writes it",
);
const INVALID_EMAIL: Invalid = Invalid::new(
    "email_address",
    "an e-mail address such as name@example.org",
    "Give one address, without a display name",
);
const INVALID_PHONE: Invalid = Invalid::new(
    "phone_number",
    "a telephone number of 4 to 15 digits, with + in front of a country code",
    "Use digits, spaces, hyphens and parentheses",
);
const INVALID_POSTAL_ADDRESS: Invalid = Invalid::new(
    "postal_address",
    "a postal address of at most 500 characters on one line",
    "Separate street, postal code and post office with commas",
);
const INVALID_REASON: Invalid = Invalid::new(
    "reason",
    "a reason of 1 to 2000 characters",
    "Say in a sentence or two why",
);
const INVALID_FREE_TEXT: Invalid = Invalid::new(
    "free_text",
    "a text of 1 to 8000 characters",
    "Shorten the text, or attach it as a document",
);

text_value! {
    /// The name of a person.
    personal PersonName {
        check: person_name,
        description: "Name of a person",
        length_max: NAME_LENGTH_MAX,
        pattern: None,
    }
}

text_value! {
    /// An e-mail address. The local part is kept as written, the domain in lower case.
    personal EmailAddress {
        check: email_address,
        description: "E-mail address",
        length_max: EMAIL_LENGTH_MAX,
        pattern: Some("^[^@ ]+@[^@ ]+$"),
    }
}

text_value! {
    /// A telephone number, kept as written.
    personal PhoneNumber {
        check: phone_number,
        description: "Telephone number",
        length_max: PHONE_LENGTH_MAX,
        pattern: Some("^\\+?[0-9 ()./-]+$"),
    }
}

text_value! {
    /// A postal address on one line. It may be a private person's, so it is treated as one.
    personal PostalAddress {
        check: postal_address,
        description: "Postal address on one line",
        length_max: POSTAL_ADDRESS_LENGTH_MAX,
        pattern: None,
    }
}

text_value! {
    /// Why somebody did something, in that person's words; line breaks are allowed.
    personal Reason {
        check: reason,
        description: "Reason in words",
        length_max: REASON_LENGTH_MAX,
        pattern: None,
    }
}

text_value! {
    /// A longer text that somebody wrote, such as a finding or an answer; line breaks are allowed.
    personal FreeText {
        check: free_text,
        description: "Text in words",
        length_max: FREE_TEXT_LENGTH_MAX,
        pattern: None,
    }
}

fn person_name(text: &str) -> Checked<'_> {
    line(text, NAME_LENGTH_MAX, INVALID_NAME).map(Into::into)
}

fn email_address(text: &str) -> Checked<'_> {
    let text = line(text, EMAIL_LENGTH_MAX, INVALID_EMAIL)?;
    let (local, domain) = text.split_once('@').ok_or(INVALID_EMAIL)?;
    let forbidden = |character: char| {
        character.is_whitespace() || matches!(character, '"' | '<' | '>' | ',' | ';' | ':')
    };
    if local.is_empty() || local.chars().count() > 64 || local.contains(forbidden) {
        return Err(INVALID_EMAIL);
    }
    let domain = host_name(domain).map_err(|_| INVALID_EMAIL)?;
    Ok(format!("{local}@{domain}").into())
}

fn phone_number(text: &str) -> Checked<'_> {
    let text = line(text, PHONE_LENGTH_MAX, INVALID_PHONE)?;
    let body = text.strip_prefix('+').unwrap_or(text);
    let digits = body.bytes().filter(u8::is_ascii_digit).count();
    let allowed = body
        .chars()
        .all(|character| character.is_ascii_digit() || " ()./-".contains(character));
    if allowed && (4..=15).contains(&digits) {
        Ok(text.into())
    } else {
        Err(INVALID_PHONE)
    }
}

fn postal_address(text: &str) -> Checked<'_> {
    line(text, POSTAL_ADDRESS_LENGTH_MAX, INVALID_POSTAL_ADDRESS).map(Into::into)
}

fn reason(text: &str) -> Checked<'_> {
    paragraph(text, REASON_LENGTH_MAX, INVALID_REASON).map(Into::into)
}

fn free_text(text: &str) -> Checked<'_> {
    paragraph(text, FREE_TEXT_LENGTH_MAX, INVALID_FREE_TEXT).map(Into::into)
}
