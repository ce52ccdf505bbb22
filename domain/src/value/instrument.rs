//! Names of the versions of the legal instruments under which an organisation is a member.

use super::Invalid;
use super::text::{Checked, text_value, visible_ascii};

const INSTRUMENT_VERSION_LENGTH_MAX: usize = 64;

const INVALID_INSTRUMENT_VERSION: Invalid = Invalid::new(
    "instrument_version",
    "the name of an instrument's version, such as contract-2018 or terms-2023",
    "Use letters, digits, full stops and hyphens, at most 64 characters",
);

text_value! {
    /// The name of one version of a legal instrument: a membership contract or terms of use.
    open InstrumentVersion {
        check: instrument_version,
        description: "Version of a legal instrument, such as contract-2018 or terms-2023",
        length_max: INSTRUMENT_VERSION_LENGTH_MAX,
        pattern: Some("^[0-9A-Za-z.-]+$"),
    }
}

fn instrument_version(text: &str) -> Checked<'_> {
    let text = visible_ascii(
        text,
        INSTRUMENT_VERSION_LENGTH_MAX,
        INVALID_INSTRUMENT_VERSION,
    )?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if text.bytes().all(plain) {
        Ok(text.into())
    } else {
        Err(INVALID_INSTRUMENT_VERSION)
    }
}

#[cfg(test)]
mod tests {
    use super::InstrumentVersion;

    #[test]
    fn a_version_is_a_plain_name() {
        assert!(InstrumentVersion::parse("FI-CSC-2018.1").is_ok());
        for wrong in ["", "terms 2023", "terms/2023", &"a".repeat(65)] {
            assert!(InstrumentVersion::parse(wrong).is_err(), "{wrong}");
        }
    }
}
