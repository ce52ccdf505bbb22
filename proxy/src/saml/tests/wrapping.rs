//! Signature wrapping: XSW 1 to 8 ("On Breaking SAML", 2012), in the numbering of SAML Raider, and
//! what came after them.

use super::*;
use rstest::rstest;

const WHOLE: Signing = Signing {
    assertion: false,
    response: true,
    encrypted: false,
};

fn signature(text: &str) -> &str {
    cut(text, "<ds:Signature ", "</ds:Signature>")
}

/// The assertion that the attacker wants to be read, without a signature.
fn forged() -> String {
    evil().write(None)
}

/// The honest response's parts: the response, its assertion, the signature.
struct Honest {
    response: String,
    assertion: String,
    signature: String,
}

fn honest(signing: Signing) -> Honest {
    let response = response(&assertion(), &IDP, signing);
    Honest {
        assertion: cut(&response, "<saml:Assertion ", "</saml:Assertion>").to_owned(),
        signature: signature(&response).to_owned(),
        response,
    }
}

/// A response of the attacker around `signature` with the honest response in it, or beside.
fn evil_response(inner_signature: &str, honest_copy: &str) -> String {
    let whole = honest(WHOLE).response;
    let mut evil = whole.replace("_response", "_evil_response");
    evil = evil.replace(signature(&whole), "");
    let issuer = "</saml:Issuer>";
    let place = evil.find(issuer).unwrap() + issuer.len();
    evil.insert_str(place, &format!("{inner_signature}{honest_copy}"));
    evil.replace(">pupil<", ">rector<")
}

/// XSW 1: the signature over the response holds the honest response; the attacker's is around.
#[test]
fn xsw_1() {
    let honest = honest(WHOLE);
    let bare = honest.response.replace(&honest.signature, "");
    let inside = honest.signature.replace(
        "</ds:Signature>",
        &format!("<ds:Object>{bare}</ds:Object></ds:Signature>"),
    );
    let attack = evil_response("", "").replace(
        "</saml:Issuer><samlp:Status>",
        &format!("</saml:Issuer>{inside}<samlp:Status>"),
    );
    refused(&attack);
}

/// XSW 2: the same with the honest response before the detached signature.
#[test]
fn xsw_2() {
    let honest = honest(WHOLE);
    let bare = honest.response.replace(&honest.signature, "");
    let attack = evil_response("", "").replace(
        "</saml:Issuer><samlp:Status>",
        &format!("</saml:Issuer>{bare}{}<samlp:Status>", honest.signature),
    );
    refused(&attack);
}

/// XSW 3: the attacker's assertion before the honest one.
#[test]
fn xsw_3() {
    let honest = honest(ASSERTION_ALONE);
    refused(&honest.response.replace(
        &honest.assertion,
        &format!("{}{}", forged(), honest.assertion),
    ));
}

/// XSW 4: the honest assertion within the attacker's.
#[test]
fn xsw_4() {
    let honest = honest(ASSERTION_ALONE);
    let around = forged().replace(
        "</saml:Assertion>",
        &format!("{}</saml:Assertion>", honest.assertion),
    );
    refused(&honest.response.replace(&honest.assertion, &around));
}

/// XSW 5: the attacker's assertion takes the signature, the honest one stands at the end.
#[test]
fn xsw_5() {
    let honest = honest(ASSERTION_ALONE);
    let bare = honest.assertion.replace(&honest.signature, "");
    let with = forged().replacen(
        "</saml:Issuer>",
        &format!("</saml:Issuer>{}", honest.signature),
        1,
    );
    refused(
        &honest
            .response
            .replace(&honest.assertion, &format!("{with}{bare}")),
    );
}

/// XSW 6: the attacker's assertion takes the signature, and the honest one stands within it.
#[test]
fn xsw_6() {
    let honest = honest(ASSERTION_ALONE);
    let bare = honest.assertion.replace(&honest.signature, "");
    let inside = honest
        .signature
        .replace("</ds:Signature>", &format!("{bare}</ds:Signature>"));
    let with = forged().replacen("</saml:Issuer>", &format!("</saml:Issuer>{inside}"), 1);
    refused(&honest.response.replace(&honest.assertion, &with));
}

/// XSW 7: an extension with the attacker's assertion, of the honest one's identifier or another.
#[rstest]
#[case("_evil")]
#[case("_assertion")]
fn xsw_7(#[case] identifier: &str) {
    let honest = honest(ASSERTION_ALONE);
    let forged = forged().replace("_evil", identifier);
    let extension = format!("<samlp:Extensions>{forged}</samlp:Extensions>");
    let attack = honest
        .response
        .replace("<samlp:Status>", &format!("{extension}<samlp:Status>"));
    match receive_it(&attack) {
        // What stands elsewhere in the document has no way into what is read.
        Ok(accepted) => assert_eq!(user(&accepted), "pupil"),
        Err(error) => assert_eq!(error, SamlError::Xml("identifier stands twice")),
    }
}

/// XSW 8: the signature's object holds the honest assertion, the attacker's is around.
#[test]
fn xsw_8() {
    let honest = honest(ASSERTION_ALONE);
    let bare = honest.assertion.replace(&honest.signature, "");
    let inside = honest.signature.replace(
        "</ds:Signature>",
        &format!("<ds:Object>{bare}</ds:Object></ds:Signature>"),
    );
    let with = forged().replacen("</saml:Issuer>", &format!("</saml:Issuer>{inside}"), 1);
    refused(&honest.response.replace(&honest.assertion, &with));
}

/// An assertion that nobody signed within a response in which another one is.
#[test]
fn a_signed_assertion_in_advice_signs_nothing_else() {
    let honest = honest(ASSERTION_ALONE);
    let advice = format!("<saml:Advice>{}</saml:Advice>", honest.assertion);
    let around = forged().replace("<saml:Conditions", &format!("{advice}<saml:Conditions"));
    refused(&honest.response.replace(&honest.assertion, &around));
}

/// An attribute in a namespace that looks like the identifier (portswigger.net, "The Fragile
/// Lock").
#[rstest]
#[case("xmlns:e=\"urn:e\" e:ID=\"_assertion\" ID=\"_evil\"")]
#[case("Id=\"_assertion\" ID=\"_evil\"")]
#[case("xml:id=\"_assertion\" ID=\"_evil\"")]
fn confusable_identifiers_do_not_move_the_signature(#[case] identifiers: &str) {
    let honest = honest(ASSERTION_ALONE);
    let with = forged()
        .replacen(
            "</saml:Issuer>",
            &format!("</saml:Issuer>{}", honest.signature),
            1,
        )
        .replace("ID=\"_evil\"", identifiers);
    refused(&honest.response.replace(&honest.assertion, &with));
}

/// A second `SignedInfo`, or one wrapped elsewhere (xml-crypto, CVE-2025-29774).
#[test]
fn a_signature_has_one_signed_info() {
    let honest = honest(ASSERTION_ALONE);
    let signed_info = cut(&honest.signature, "<ds:SignedInfo>", "</ds:SignedInfo>");
    let twice = honest
        .response
        .replace(signed_info, &format!("{signed_info}{signed_info}"));
    assert_eq!(
        receive_it(&twice).err(),
        Some(SamlError::Signature("shape"))
    );
    let wrapped = honest.response.replace(
        "<ds:KeyInfo>",
        &format!("<ds:Object>{signed_info}</ds:Object><ds:KeyInfo>"),
    );
    assert_eq!(
        receive_it(&wrapped).err(),
        Some(SamlError::Signature("shape"))
    );
}

/// An element called `Signature` that is of no signature namespace.
#[test]
fn a_signature_of_another_namespace_is_no_signature() {
    let honest = honest(ASSERTION_ALONE);
    let fake = honest.response.replace(
        "xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"",
        "xmlns:ds=\"urn:fake\"",
    );
    assert!(receive_it(&fake).is_err());
}

fn refused(attack: &str) {
    let honest = honest(ASSERTION_ALONE);
    assert!(
        receive_it(&honest.response).is_ok(),
        "the honest one is taken"
    );
    assert!(attack.contains("rector"), "the attack says what it wants");
    let error = receive_it(attack).expect_err("the attack is refused");
    assert!(
        matches!(
            error,
            SamlError::Signature(_) | SamlError::Message(_) | SamlError::Xml(_)
        ),
        "{error}"
    );
}
