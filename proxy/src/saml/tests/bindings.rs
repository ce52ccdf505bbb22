//! The HTTP-Redirect binding, and requests.

use super::*;
use crate::saml::redirect::{self, Kind, RedirectMessage};
use crate::saml::request::{
    AuthnRequest, Comparison, Consumer, NameIdPolicy, RequestedContexts, Scoping,
};
use crate::saml::xml::{self, Limits};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rstest::rstest;
use std::io::Write as _;

fn request() -> AuthnRequest {
    AuthnRequest {
        destination: Some("https://proxy.example.org/saml/sso/redirect".to_owned()),
        consumer: Some(Consumer::Address(
            "https://service.example.org/acs".to_owned(),
        )),
        protocol_binding: Some(crate::saml::HTTP_POST.to_owned()),
        force: true,
        passive: true,
        name_id_policy: Some(NameIdPolicy {
            format: Some(crate::saml::PERSISTENT.to_owned()),
            sp_name_qualifier: None,
            allow_create: true,
        }),
        contexts: Some(RequestedContexts {
            comparison: Comparison::Minimum,
            classes: vec!["urn:mpass.id:authnsource:Wilma1".to_owned()],
        }),
        scoping: Some(Scoping {
            proxy_count: Some(1),
            providers: vec!["https://idp.example.org".to_owned()],
            requesters: vec!["https://behind.example.org".to_owned()],
        }),
        ..AuthnRequest::new("_request", at(0), "https://service.example.org/saml")
    }
}

fn query(relay_state: Option<&str>) -> String {
    let key = Some(&IDP.signing);
    let xml = request().write(None);
    let address = redirect::address(
        "https://p.example.org/sso",
        Kind::Request,
        &xml,
        relay_state,
        key,
    );
    address.unwrap().split_once('?').unwrap().1.to_owned()
}

fn read(query: &str) -> Result<RedirectMessage, SamlError> {
    redirect::read(query, Kind::Request)
}

#[test]
fn a_request_is_read_as_it_was_written() {
    let written = request().write(None);
    let document = xml::parse(&written, Limits::MESSAGE).unwrap();
    assert_eq!(AuthnRequest::read(document.root_element()), Ok(request()));
    let by_index = AuthnRequest {
        consumer: Some(Consumer::Index(3)),
        ..AuthnRequest::new("_r", at(0), "urn:service")
    };
    let written = by_index.write(None);
    let document = xml::parse(&written, Limits::MESSAGE).unwrap();
    assert_eq!(AuthnRequest::read(document.root_element()), Ok(by_index));
}

#[test]
fn a_signed_query_verifies_over_its_own_octets() {
    let message = read(&query(Some("state &=?"))).unwrap();
    assert_eq!(message.relay_state.as_deref(), Some("state &=?"));
    assert_eq!(message.verify(std::slice::from_ref(&IDP.peer)), Ok(()));
    assert_eq!(
        message.verify(std::slice::from_ref(&EVIL.peer)),
        Err(SamlError::Signature("signature value"))
    );
    // Other escapes of the same characters, as ADFS writes them, are other octets.
    let lower = query(None).replace("%2B", "%2b").replace("%2F", "%2f");
    assert_ne!(lower, query(None));
    let message = read(&lower).unwrap();
    assert!(message.verify(std::slice::from_ref(&IDP.peer)).is_err());
}

#[rstest]
#[case::relay_state_changed(|q: &str| q.replace("RelayState=s", "RelayState=t"))]
#[case::relay_state_removed(|q: &str| q.replace("&RelayState=s", ""))]
#[case::relay_state_emptied(|q: &str| q.replace("RelayState=s", "RelayState="))]
#[case::algorithm_changed(|q: &str| q.replace("sha256", "sha512"))]
#[case::sha_1(|q: &str| q.replace("xmldsig%2Dmore%23rsa%2Dsha256", "xmldsig%23rsa%2Dsha1"))]
fn a_query_that_was_changed_does_not_verify(#[case] change: fn(&str) -> String) {
    let honest = query(Some("s"));
    let changed = change(&honest);
    assert_ne!(changed, honest);
    let message = read(&changed).unwrap();
    assert!(matches!(
        message.verify(std::slice::from_ref(&IDP.peer)),
        Err(SamlError::Signature(_))
    ));
}

#[rstest]
#[case::request_twice(|q: &str| format!("SAMLRequest=AA&{q}"), "a parameter stands twice")]
#[case::escaped_name(|q: &str| format!("SAML%52equest=AA&{q}"), "a parameter's name is escaped")]
#[case::relay_state_twice(|q: &str| format!("{q}&RelayState=x&RelayState=y"), "a parameter stands twice")]
#[case::algorithm_twice(|q: &str| format!("{q}&SigAlg=x"), "a parameter stands twice")]
#[case::signature_twice(|q: &str| format!("{q}&Signature=x"), "a parameter stands twice")]
#[case::response_too(|q: &str| format!("{q}&SAMLResponse=AA"), "request and response at once")]
#[case::half(|q: &str| q.split("&Signature").next().unwrap().to_owned(), "half a signature")]
#[case::encoding(|q: &str| format!("{q}&SAMLEncoding=none"), "encoding")]
#[case::none(|_: &str| "a=b".to_owned(), "there is no message")]
#[case::not_base64(|_: &str| "SAMLRequest=%25".to_owned(), "not base64")]
#[case::not_compressed(|_: &str| "SAMLRequest=AAAA".to_owned(), "not compressed")]
fn smuggled_parameters_are_refused(
    #[case] change: fn(&str) -> String,
    #[case] reason: &'static str,
) {
    assert_eq!(read(&change(&query(None))), Err(SamlError::Binding(reason)));
}

#[test]
fn a_deflate_bomb_is_stopped_at_the_limit() {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    for _ in 0..400 {
        encoder.write_all(&vec![b'a'; 1024 * 100]).unwrap();
    }
    let bomb = encoder.finish().unwrap();
    let escaped = STANDARD
        .encode(&bomb)
        .replace('+', "%2B")
        .replace('/', "%2F");
    assert!(escaped.len() > 1000);
    let answer = read(&format!("SAMLRequest={}", &escaped.replace('=', "%3D")));
    assert!(
        matches!(
            answer,
            Err(SamlError::Binding("expands too far" | "query is too long"))
        ),
        "{answer:?}"
    );
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&vec![b'a'; 300_000]).unwrap();
    let small = STANDARD.encode(encoder.finish().unwrap());
    let escaped = small
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D");
    let answer = read(&format!("SAMLRequest={escaped}"));
    assert_eq!(answer, Err(SamlError::Binding("expands too far")));
}

#[rstest]
#[case("Version=\"2.0\"", "Version=\"1.1\"", "version")]
#[case("ID=\"_request\"", "", "identifier is missing")]
#[case(
    "ForceAuthn=\"true\"",
    "ForceAuthn=\"yes\"",
    "a flag is neither true nor false"
)]
#[case(
    "samlp:AuthnRequest",
    "samlp:LogoutRequest",
    "not an authentication request"
)]
#[case(
    "AssertionConsumerServiceURL",
    "AssertionConsumerServiceIndex=\"1\" AssertionConsumerServiceURL",
    "consumer stands twice"
)]
#[case(
    "<saml:Issuer>",
    "<saml:Issuer Format=\"urn:x\">",
    "issuer is no entity"
)]
#[case("ProxyCount=\"1\"", "ProxyCount=\"-1\"", "proxy count")]
fn a_request_that_breaks_the_protocol_is_refused(
    #[case] from: &str,
    #[case] to: &str,
    #[case] reason: &'static str,
) {
    let written = request().write(None);
    let changed = written.replace(from, to);
    assert_ne!(changed, written);
    let document = xml::parse(&changed, Limits::MESSAGE).unwrap();
    assert_eq!(
        AuthnRequest::read(document.root_element()),
        Err(SamlError::Message(reason))
    );
}
