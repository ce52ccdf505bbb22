//! Every other class of attack on an assertion, each with the reason it is refused for.

use super::*;
use rstest::rstest;

fn refusal(text: &str) -> SamlError {
    receive_it(text).expect_err("must be refused")
}

fn signed(assertion: &Assertion) -> String {
    response(assertion, &IDP, ASSERTION_ALONE)
}

#[rstest]
#[case(true, false)]
#[case(false, true)]
#[case(true, true)]
fn an_honest_response_is_taken_however_it_is_signed(
    #[case] assertion_signed: bool,
    #[case] response_signed: bool,
    #[values(false, true)] encrypted: bool,
) {
    let signing = Signing {
        assertion: assertion_signed,
        response: response_signed,
        encrypted,
    };
    let accepted = receive_it(&response(&assertion(), &IDP, signing)).unwrap();
    assert_eq!(user(&accepted), "pupil");
    assert_eq!(accepted.assertion, assertion());
}

#[rstest]
#[case(false)]
#[case(true)]
fn what_nobody_signed_is_not_believed(#[case] encrypted: bool) {
    let signing = Signing {
        assertion: false,
        response: false,
        encrypted,
    };
    let error = refusal(&response(&assertion(), &IDP, signing));
    assert_eq!(error, SamlError::Signature("there is none"));
}

#[test]
fn another_key_convinces_nobody_even_with_its_certificate_inline() {
    let error = refusal(&response(&assertion(), &EVIL, ASSERTION_ALONE));
    assert_eq!(error, SamlError::Signature("signature value or digest"));
}

#[test]
fn a_peer_without_a_key_cannot_log_anybody_in() {
    let text = signed(&assertion());
    let error = receive(&text, &[], &[], &expected()).err();
    assert_eq!(error, Some(SamlError::Signature("no key is registered")));
}

#[test]
fn both_keys_of_a_rollover_are_taken() {
    let keys = [EVIL.peer.clone(), IDP.peer.clone()];
    assert!(receive(&signed(&assertion()), &keys, &[], &expected()).is_ok());
}

#[rstest]
#[case("http://www.w3.org/2000/09/xmldsig#rsa-sha1")]
#[case("http://www.w3.org/2000/09/xmldsig#hmac-sha1")]
#[case("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256")]
#[case("http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1")]
fn an_algorithm_that_is_not_on_the_list_is_refused(#[case] algorithm: &str) {
    let text = signed(&assertion()).replace(
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        algorithm,
    );
    assert_eq!(refusal(&text), SamlError::Signature("algorithm"));
}

#[test]
fn sha_1_digests_are_refused() {
    let text = signed(&assertion()).replace(
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "http://www.w3.org/2000/09/xmldsig#sha1",
    );
    assert_eq!(refusal(&text), SamlError::Signature("digest algorithm"));
}

#[rstest]
#[case("http://www.w3.org/TR/1999/REC-xslt-19991116")]
#[case("http://www.w3.org/TR/1999/REC-xpath-19991116")]
#[case("http://www.w3.org/2002/06/xmldsig-filter2")]
#[case("http://www.w3.org/2000/09/xmldsig#base64")]
#[case("http://www.w3.org/2001/10/xml-exc-c14n#WithComments")]
#[case("http://www.w3.org/TR/2001/REC-xml-c14n-20010315")]
fn a_transform_that_is_not_on_the_list_is_refused(#[case] transform: &str) {
    let honest = signed(&assertion());
    let given = "<ds:Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">";
    let text = honest.replace(given, &format!("<ds:Transform Algorithm=\"{transform}\">"));
    assert_ne!(text, honest);
    assert_eq!(refusal(&text), SamlError::Signature("transforms"));
    let text = honest.replace(
        "</ds:Transforms>",
        &format!("<ds:Transform Algorithm=\"{transform}\"/></ds:Transforms>"),
    );
    assert_eq!(refusal(&text), SamlError::Signature("transforms"));
}

#[rstest]
#[case("URI=\"#_assertion\"", "URI=\"\"")]
#[case("URI=\"#_assertion\"", "")]
#[case("URI=\"#_assertion\"", "URI=\"#_response\"")]
#[case("URI=\"#_assertion\"", "URI=\"https://evil.example.org/\"")]
#[case("URI=\"#_assertion\"", "URI=\"file:///etc/passwd\"")]
#[case("URI=\"#_assertion\"", "URI=\"#xpointer(id('_assertion'))\"")]
#[case("URI=\"#_assertion\"", "URI=\"cid:attachment\"")]
fn the_reference_is_to_the_element_itself(#[case] from: &str, #[case] to: &str) {
    let text = signed(&assertion()).replace(from, to);
    assert_eq!(refusal(&text), SamlError::Signature("reference"));
}

#[test]
fn two_references_are_one_too_many() {
    let honest = signed(&assertion());
    let reference = cut(&honest, "<ds:Reference ", "</ds:Reference>");
    let text = honest.replace(reference, &format!("{reference}{reference}"));
    assert_eq!(refusal(&text), SamlError::Signature("shape"));
    let none = honest.replace(reference, "");
    assert_eq!(refusal(&none), SamlError::Signature("shape"));
}

/// xml-crypto's CVE-2025-29775: a comment within the digest.
#[test]
fn a_comment_in_the_digest_value_is_refused() {
    let text = signed(&assertion()).replace("<ds:DigestValue>", "<ds:DigestValue><!-- x -->");
    assert_eq!(refusal(&text), SamlError::Signature("shape"));
}

/// CVE-2025-66475 and CVE-2025-66568: a failed canonicalisation that hashes to that of nothing.
#[test]
fn the_digest_of_nothing_signs_nothing() {
    let honest = signed(&assertion());
    let digest = cut(&honest, "<ds:DigestValue>", "</ds:DigestValue>");
    let empty = "<ds:DigestValue>47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=</ds:DigestValue>";
    let text = honest.replace(digest, empty).replace("pupil", "rector");
    assert_eq!(
        refusal(&text),
        SamlError::Signature("signature value or digest")
    );
    // A relative namespace, on which canonicalisation fails in other libraries.
    let text = honest
        .replace(
            "<saml:Subject>",
            "<saml:Subject xmlns:x=\"relative\"><x:y/>",
        )
        .replace(digest, empty);
    assert!(receive_it(&text).is_err());
}

/// CVE-2017-11427 and its kin: a comment that cuts the name short. The signature does not cover
/// comments, so it stays valid; what is read is the whole name.
#[test]
fn a_comment_in_the_name_does_not_cut_it() {
    let mut assertion = assertion();
    if let Some(name) = &mut assertion.name_id {
        name.value = "rector@example.org.evil.example.net".to_owned();
    }
    let text = signed(&assertion).replace("rector@example.org", "rector@example.org<!-- x -->");
    let accepted = receive_it(&text).unwrap();
    assert_eq!(user(&accepted), "rector@example.org.evil.example.net");
}

#[test]
fn a_processing_instruction_in_the_name_is_refused() {
    let text = signed(&assertion()).replace(">pupil<", ">pupil<?x?><");
    assert_eq!(refusal(&text), SamlError::Xml("processing instruction"));
}

#[rstest]
#[case("<!DOCTYPE r>")]
#[case("<!DOCTYPE r [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]>")]
#[case("<!DOCTYPE r [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>")]
#[case("<!DOCTYPE r [<!ATTLIST saml:Assertion ID ID #IMPLIED>]>")]
fn document_types_and_entities_are_refused(#[case] document_type: &str) {
    let text = format!("{document_type}{}", signed(&assertion()));
    assert_eq!(refusal(&text), SamlError::Xml("document type"));
}

#[test]
fn an_identifier_that_stands_twice_is_refused() {
    let text = signed(&assertion()).replace("ID=\"_response\"", "ID=\"_assertion\"");
    assert_eq!(refusal(&text), SamlError::Xml("identifier stands twice"));
}

#[test]
fn two_documents_in_one_are_refused() {
    let honest = signed(&assertion());
    let text = format!("{honest}{honest}");
    assert_eq!(refusal(&text), SamlError::Xml("not well-formed"));
}

#[test]
fn what_was_changed_after_signing_is_refused() {
    for signing in [
        ASSERTION_ALONE,
        Signing {
            assertion: false,
            response: true,
            encrypted: false,
        },
    ] {
        let text = response(&assertion(), &IDP, signing).replace(">pupil<", ">rector<");
        assert_eq!(
            refusal(&text),
            SamlError::Signature("signature value or digest")
        );
    }
}

type Change = fn(&mut Assertion);

#[rstest]
#[case::issuer(|a: &mut Assertion| a.issuer = "https://other.example.org".to_owned(), "issuer")]
#[case::audience(|a: &mut Assertion| a.conditions.audiences = vec![vec!["https://other".to_owned()]], "audience")]
#[case::second_audience(
    |a: &mut Assertion| a.conditions.audiences.push(vec!["https://other".to_owned()]), "audience")]
#[case::no_audience(|a: &mut Assertion| a.conditions.audiences.clear(), "audience is missing")]
#[case::recipient(
    |a: &mut Assertion| a.confirmations[0].recipient = Some("https://other/acs".to_owned()), "recipient")]
#[case::no_recipient(|a: &mut Assertion| a.confirmations[0].recipient = None, "recipient")]
#[case::other_request(
    |a: &mut Assertion| a.confirmations[0].in_response_to = Some("_other".to_owned()), "answers another request")]
#[case::unsolicited(|a: &mut Assertion| a.confirmations[0].in_response_to = None, "answers another request")]
#[case::confirmation_begins(
    |a: &mut Assertion| a.confirmations[0].not_before = Some(at(-9)), "subject confirmation has a beginning")]
#[case::confirmation_ended(
    |a: &mut Assertion| a.confirmations[0].not_on_or_after = Some(at(-200)), "subject confirmation has ended")]
#[case::confirmation_endless(
    |a: &mut Assertion| a.confirmations[0].not_on_or_after = None, "subject confirmation has ended")]
#[case::no_confirmation(|a: &mut Assertion| a.confirmations.clear(), "subject confirmation is missing")]
#[case::expired(|a: &mut Assertion| a.conditions.not_on_or_after = Some(at(-200)), "expired")]
#[case::not_yet(|a: &mut Assertion| a.conditions.not_before = Some(at(300)), "not yet valid")]
#[case::old(|a: &mut Assertion| a.issue_instant = at(-500), "too old")]
#[case::future(|a: &mut Assertion| a.issue_instant = at(300), "made in the future")]
#[case::authenticated_later(
    |a: &mut Assertion| a.authentication.instant = at(300), "authenticated in the future")]
#[case::session_ended(
    |a: &mut Assertion| a.authentication.session_not_on_or_after = Some(at(-200)), "session has ended")]
fn an_assertion_that_is_not_for_us_now_is_refused(
    #[case] change: Change,
    #[case] reason: &'static str,
) {
    let mut assertion = assertion();
    change(&mut assertion);
    assert_eq!(refusal(&signed(&assertion)), SamlError::Condition(reason));
}

#[test]
fn a_clock_that_is_three_minutes_off_is_forgiven_and_four_are_not() {
    for (seconds, taken) in [(-170, true), (170, true), (240, false)] {
        let mut assertion = assertion();
        assertion.issue_instant = at(seconds);
        assertion.authentication.instant = at(seconds);
        assertion.conditions.not_before = Some(at(seconds));
        assert_eq!(receive_it(&signed(&assertion)).is_ok(), taken, "{seconds}");
    }
}

#[test]
fn a_condition_that_is_not_understood_is_not_met() {
    let mut text = assertion().write(Some(&super::super::signature::template(
        "_assertion",
        &IDP.signing,
    )));
    text = text.replace(
        "</saml:Conditions>",
        "<e:OnlyOnSundays xmlns:e=\"urn:e\"></e:OnlyOnSundays></saml:Conditions>",
    );
    let text = super::super::signature::sign(text, &IDP.signing).unwrap();
    let unsigned = response(
        &assertion(),
        &IDP,
        Signing {
            assertion: false,
            ..ASSERTION_ALONE
        },
    );
    let bare = cut(&unsigned, "<saml:Assertion ", "</saml:Assertion>");
    let text = unsigned.replace(bare, &text);
    assert_eq!(
        refusal(&text),
        SamlError::Condition("one that is not understood")
    );
}

#[rstest]
#[case(
    "Destination=\"https://proxy.example.org/saml/acs\"",
    "Destination=\"https://other/acs\"",
    "destination"
)]
#[case(
    "InResponseTo=\"_request\" IssueInstant",
    "InResponseTo=\"_other\" IssueInstant",
    "answers another request"
)]
#[case(
    "InResponseTo=\"_request\" IssueInstant",
    "IssueInstant",
    "answers another request"
)]
fn the_envelope_must_fit_even_where_it_is_not_signed(
    #[case] from: &str,
    #[case] to: &str,
    #[case] reason: &'static str,
) {
    let honest = signed(&assertion());
    let text = honest.replacen(from, to, 1);
    assert_ne!(text, honest);
    assert_eq!(refusal(&text), SamlError::Condition(reason));
}

#[test]
fn a_signed_response_without_a_destination_is_refused() {
    let honest = envelope();
    let signing = Signing {
        assertion: true,
        response: true,
        encrypted: false,
    };
    let with = response(&assertion(), &IDP, signing);
    assert!(with.contains(&honest.destination));
    let template = super::super::signature::template("_response", &IDP.signing);
    let stripped = with
        .replace(&format!(" Destination=\"{RECIPIENT}\""), "")
        .replacen(
            cut(&with, "<ds:Signature ", "</ds:Signature>"),
            &template,
            1,
        );
    let text = super::super::signature::sign(stripped, &IDP.signing).unwrap();
    assert_eq!(refusal(&text), SamlError::Condition("destination"));
}

#[test]
fn more_than_one_assertion_is_refused() {
    let signing = Signing {
        assertion: false,
        response: true,
        encrypted: false,
    };
    let mut text = response(&assertion(), &IDP, signing);
    let template = super::super::signature::template("_response", &IDP.signing);
    text = text.replacen(
        cut(&text, "<ds:Signature ", "</ds:Signature>"),
        &template,
        1,
    );
    text = text.replace(
        "</samlp:Response>",
        &format!("{}</samlp:Response>", evil().write(None)),
    );
    let text = super::super::signature::sign(text, &IDP.signing).unwrap();
    assert_eq!(refusal(&text), SamlError::Message("not one assertion"));
}

#[test]
fn a_failure_is_told_by_its_code_alone() {
    use super::super::response::{Failure, StatusCode};
    let failure = Failure {
        first: StatusCode::Responder,
        second: Some(StatusCode::NoPassive),
        message: None,
    };
    let text = envelope().failure(&failure, &IDP.signing).unwrap();
    assert_eq!(refusal(&text), SamlError::Status("NoPassive"));
}
