//! References to documents: the text lies elsewhere, the log names it by its hash.

use super::Invalid;
use super::text::{Checked, text_value, visible_ascii};

const DOCUMENT_REFERENCE_LENGTH: usize = 64;

const INVALID_DOCUMENT_REFERENCE: Invalid = Invalid::new(
    "document_reference",
    "the SHA-256 of a document in 64 hexadecimal digits",
    "Upload the document, or compute its SHA-256, and give the hash",
);

text_value! {
    /// A document, named by the SHA-256 of its octets in 64 lower-case hexadecimal digits.
    ///
    /// Upper case is read and written in lower case, so that the same document has one name.
    open DocumentReference {
        check: document_reference,
        description: "SHA-256 of a document, 64 hexadecimal digits",
        length_max: DOCUMENT_REFERENCE_LENGTH,
        pattern: Some("^[0-9A-Fa-f]{64}$"),
    }
}

fn document_reference(text: &str) -> Checked<'_> {
    let text = visible_ascii(text, DOCUMENT_REFERENCE_LENGTH, INVALID_DOCUMENT_REFERENCE)?;
    let hexadecimal = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if text.len() == DOCUMENT_REFERENCE_LENGTH && hexadecimal {
        Ok(text.to_ascii_lowercase().into())
    } else {
        Err(INVALID_DOCUMENT_REFERENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::DocumentReference;
    use rstest::rstest;

    #[test]
    fn one_document_has_one_name() {
        let upper = DocumentReference::parse(&"AB".repeat(32)).unwrap();
        assert_eq!(upper.as_str(), "ab".repeat(32));
    }

    #[rstest]
    #[case("")]
    #[case("abc")]
    #[case(&"ab".repeat(33))]
    #[case(&"gg".repeat(32))]
    #[case(&"ä".repeat(64))]
    fn anything_else_is_none(#[case] text: &str) {
        assert!(DocumentReference::parse(text).is_err());
    }
}
