//! Encrypted assertions.

use super::*;
use rstest::rstest;

const BOTH: Signing = Signing {
    assertion: true,
    response: false,
    encrypted: true,
};

#[test]
fn nothing_of_the_user_can_be_read_on_the_way() {
    let text = response(&assertion(), &IDP, BOTH);
    assert!(!text.contains("pupil") && !text.contains("oppilas"));
}

#[test]
fn what_is_encrypted_to_another_is_not_opened_and_any_of_our_keys_serves() {
    let text = response(&assertion(), &IDP, BOTH);
    let keys = [IDP.peer.clone()];
    let error = receive(
        &text,
        &keys,
        std::slice::from_ref(&EVIL.decryption),
        &expected(),
    )
    .err();
    assert_eq!(error, Some(SamlError::Encryption("cannot be opened")));
    let rollover = [EVIL.decryption.clone(), OWN.decryption.clone()];
    assert!(receive(&text, &keys, &rollover, &expected()).is_ok());
}

#[test]
fn a_changed_ciphertext_and_a_changed_key_give_the_same_answer() {
    let text = response(&assertion(), &IDP, BOTH);
    let values: Vec<_> = text
        .match_indices("<xenc:CipherValue>")
        .map(|(at, tag)| at + tag.len() + 40)
        .collect();
    assert_eq!(values.len(), 2);
    for at in values {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(
            receive_it(&changed).err(),
            Some(SamlError::Encryption("cannot be opened"))
        );
    }
}

/// The attacker encrypts to us an assertion of their own, in a response that nobody signed.
#[test]
fn an_encrypted_forgery_is_a_forgery() {
    let signing = Signing {
        assertion: false,
        ..BOTH
    };
    let text = response(&evil(), &EVIL, signing);
    assert_eq!(
        receive_it(&text).err(),
        Some(SamlError::Signature("there is none"))
    );
    let text = response(&evil(), &EVIL, BOTH);
    assert_eq!(
        receive_it(&text).err(),
        Some(SamlError::Signature("signature value or digest"))
    );
}

#[rstest]
#[case(
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2001/04/xmlenc#aes256-cbc",
    "content algorithm"
)]
#[case(
    "http://www.w3.org/2009/xmlenc11#aes256-gcm",
    "http://www.w3.org/2001/04/xmlenc#tripledes-cbc",
    "content algorithm"
)]
#[case(
    "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
    "http://www.w3.org/2001/04/xmlenc#rsa-1_5",
    "key algorithm"
)]
#[case(
    "<xenc:CipherData><xenc:CipherValue>",
    "<xenc:CipherData><xenc:CipherReference URI=\"https://evil.example.org\"/><xenc:CipherValue>",
    "ok"
)]
fn of_xml_encryption_no_more_is_taken_than_is_needed(
    #[case] from: &str,
    #[case] to: &str,
    #[case] reason: &'static str,
) {
    let honest = response(&assertion(), &IDP, BOTH);
    let text = honest.replace(from, to);
    assert_ne!(text, honest);
    match receive_it(&text) {
        // A reference to elsewhere is never followed: what is read is the value.
        Ok(accepted) => assert_eq!((reason, user(&accepted)), ("ok", "pupil")),
        Err(error) => assert_eq!(error, SamlError::Encryption(reason)),
    }
}

/// Two kinds of assertion in one response: which would be the one?
#[test]
fn an_assertion_beside_an_encrypted_one_is_refused() {
    let text = response(&assertion(), &IDP, BOTH);
    let text = text.replace(
        "</samlp:Response>",
        &format!("{}</samlp:Response>", evil().write(None)),
    );
    assert_eq!(
        receive_it(&text).err(),
        Some(SamlError::Message("not one assertion"))
    );
}
