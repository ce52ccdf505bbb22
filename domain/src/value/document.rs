//! References to documents: the log names them, and holds nothing of their text.

use super::Invalid;
use super::text::{Checked, text_value, visible_ascii};

const DOCUMENT_REFERENCE_LENGTH: usize = 64;

const INVALID_DOCUMENT_REFERENCE: Invalid = Invalid::new(
    "document_reference",
    "the name of a document in 64 hexadecimal digits",
    "Hand the document in at /documents and give the reference that is answered",
);

text_value! {
    /// A document, named by 64 lower-case hexadecimal digits: the SHA-256 of its sealed form where
    /// the ledger keeps it, or of its own octets where it is kept elsewhere.
    ///
    /// Upper case is read and written in lower case, so that the same document has one name.
    open DocumentReference {
        check: document_reference,
        description: "Reference of a document, 64 hexadecimal digits: what POST /documents answered, or the SHA-256 of a document that is kept elsewhere",
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
