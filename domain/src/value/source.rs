//! What a home organisation's integration is known by, and the secrets it needs.

use super::Invalid;
use super::text::{Checked, line, text_value, visible_ascii};

const NAME_LENGTH_MAX: usize = 128;
const SECRET_LENGTH_MAX: usize = 4096;

const INVALID_IDP_ID: Invalid = Invalid::new(
    "idp_id",
    "an identifier of 1 to 128 letters, digits, dots, hyphens and underscores",
    "Copy the identifier from the system that gave it",
);
const INVALID_FLOW_NAME: Invalid = Invalid::new(
    "flow_name",
    "a flow name of 1 to 128 letters, digits, dots, hyphens and underscores",
    "Copy the name from the system that gave it",
);
const INVALID_SECRET: Invalid = Invalid::new(
    "secret",
    "a secret of 1 to 4096 characters on one line",
    "Copy the secret as the other system shows it",
);

text_value! {
    /// The identifier of a home integration from which every user identifier is derived.
    ///
    /// Case counts: two identifiers that differ in case alone give different users.
    open IdpId {
        check: idp_id,
        description: "Identifier from which user identifiers are derived; never changes",
        length_max: NAME_LENGTH_MAX,
        pattern: Some("^[A-Za-z0-9._-]+$"),
    }
}

text_value! {
    /// The name of a home integration's authentication flow, as in `urn:mpass.id:authnsource:<flow name>`.
    open FlowName {
        check: flow_name,
        description: "Name of an authentication flow; never changes",
        length_max: NAME_LENGTH_MAX,
        pattern: Some("^[A-Za-z0-9._-]+$"),
    }
}

text_value! {
    /// A secret that the proxy must use towards a home organisation's system. Held in a command only; sealed when
    /// recorded.
    personal SecretText {
        check: secret,
        description: "A secret; one that holds *** stands for the recorded one",
        length_max: SECRET_LENGTH_MAX,
        pattern: None,
    }
}

impl SecretText {
    /// Whether it is the mask under which other systems show a secret, such as `abc***`; it is then no secret at all.
    pub fn is_masked(&self) -> bool {
        self.as_str().contains("***")
    }
}

fn word(text: &str, invalid: Invalid) -> Checked<'_> {
    let text = visible_ascii(text, NAME_LENGTH_MAX, invalid)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if text.bytes().all(plain) {
        Ok(text.into())
    } else {
        Err(invalid)
    }
}

fn idp_id(text: &str) -> Checked<'_> {
    word(text, INVALID_IDP_ID)
}

fn flow_name(text: &str) -> Checked<'_> {
    word(text, INVALID_FLOW_NAME)
}

fn secret(text: &str) -> Checked<'_> {
    line(text, SECRET_LENGTH_MAX, INVALID_SECRET).map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_masked_secret_is_told_from_a_real_one() {
        assert!(SecretText::parse("abc*********").unwrap().is_masked());
        assert!(SecretText::parse("***").unwrap().is_masked());
        assert!(!SecretText::parse("a*b**c").unwrap().is_masked());
    }

    #[test]
    fn a_secret_is_never_shown() {
        let secret = SecretText::parse("hidden-marker").unwrap();
        assert!(!format!("{secret:?}").contains("hidden"));
    }

    #[test]
    fn names_hold_nothing_that_an_address_would_change() {
        assert!(IdpId::parse("wilma_7000001").is_ok());
        assert!(IdpId::parse("wilma/1").is_err());
        assert!(FlowName::parse("Wilma 1").is_err());
        assert!(FlowName::parse("").is_err());
    }
}
