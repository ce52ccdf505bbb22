//! What every value object promises, and the tables of right and wrong texts.

use super::*;
use proptest::prelude::*;
use rstest::rstest;

/// Any text, and texts near the values' own alphabets, so that parsing also succeeds now and then.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ -~]{0,40}",
        r"1\.2\.246\.562\.(10|24|98|99)\.[0-9]{9,12}",
        "[0-2](\\.[0-9]{0,4}){0,6}",
        "[0-9]{0,7}-?[0-9]",
        "https?://[a-z0-9.:@/#-]{0,30}",
        "[a-z.+]{1,8}@[a-z.-]{1,12}",
        "[a-zA-Z0-9 .-]{0,30}",
        "([a-z]{1,3}=[a-z \\\\,+]{0,6},?){0,4}",
        "oppilaitostyyppi_[0-9]{0,5}(#1)?",
    ]
}

macro_rules! promises {
    ($($test:ident: $type:ty),+ $(,)?) => {
        proptest! { $(
            #[test]
            fn $test(text in texts()) {
                let Ok(value) = <$type>::parse(&text) else { return Ok(()) };
                prop_assert_eq!(<$type>::parse(value.as_str()), Ok(value.clone()));
                prop_assert_eq!(value.as_str().trim(), value.as_str());
                prop_assert!(value.as_str().chars().count() <= <$type>::LENGTH_MAX);
                let json = serde_json::to_string(&value).expect("a string");
                prop_assert_eq!(serde_json::from_str::<$type>(&json).expect("its own JSON"), value);
            }
        )+ }
    };
}

promises! {
    oid: Oid, organisation_oid: OrganisationOid, learner_id: LearnerId, business_id: BusinessId,
    school_code: SchoolCode, municipality_code: MunicipalityCode, entity_id: EntityId, client_id: ClientId,
    host_name: HostName, web_address: WebAddress, redirect_uri: RedirectUri, certificate: Certificate,
    person_name: PersonName, email_address: EmailAddress, phone_number: PhoneNumber,
    postal_address: PostalAddress, reason: Reason, free_text: FreeText, short_text: ShortText,
    attribute_name: AttributeName, distinguished_name: DistinguishedName, key_set: KeySet,
}

proptest! {
    #[test]
    fn institution_type(text in texts()) {
        let Ok(value) = InstitutionType::parse(&text) else { return Ok(()) };
        prop_assert_eq!(InstitutionType::parse(&value.to_string()), Ok(value));
    }

    #[test]
    fn language_text(fi in texts(), sv in texts()) {
        let Ok(value) = LanguageText::from_parts(&fi, Some(&sv), None) else { return Ok(()) };
        let json = serde_json::to_string(&value).expect("an object");
        prop_assert_eq!(serde_json::from_str::<LanguageText>(&json).expect("its own JSON"), value);
    }
}

#[rstest]
#[case("1.2.246.562.99.00000000001", true)]
#[case(" 1.2.246.562.10.1 ", true)]
#[case("3.2", false)]
#[case("1", false)]
#[case("1..2", false)]
#[case("1.2.", false)]
fn oids(#[case] text: &str, #[case] right: bool) {
    assert_eq!(Oid::parse(text).is_ok(), right);
}

#[test]
fn an_oid_ends_before_256_characters() {
    let longest = format!("1.{}", "2".repeat(253));
    assert!(Oid::parse(&longest).is_ok());
    assert!(Oid::parse(&format!("{longest}2")).is_err());
}

#[test]
fn an_organisations_oid_is_short_enough_to_name_streams_and_keys() {
    let longest = format!("1.2.246.562.10.{}", "2".repeat(49));
    assert!(OrganisationOid::parse(&longest).is_ok());
    assert!(OrganisationOid::parse(&format!("{longest}2")).is_err());
}

#[rstest]
#[case::root("1.2.246.562.10.00000000001", true, false)]
#[case::twelve_digits("1.2.246.562.10.494695390410", true, false)]
#[case::test("1.2.246.562.99.00000000001", true, true)]
#[case::person("1.2.246.562.24.10000000016", false, false)]
#[case::two_numbers("1.2.246.562.10.1.2", false, false)]
#[case::no_number("1.2.246.562.10.", false, false)]
fn organisation_oids(#[case] text: &str, #[case] right: bool, #[case] test: bool) {
    let oid = OrganisationOid::parse(text);
    assert_eq!(oid.is_ok(), right);
    assert_eq!(oid.is_ok_and(|oid| oid.is_test()), test);
}

#[rstest]
#[case("1.2.246.562.24.10000000016", true, true)]
#[case::wrong_check_digit("1.2.246.562.24.10000000008", true, false)]
#[case::leading_zero("1.2.246.562.24.00000000016", false, false)]
#[case::ten_digits("1.2.246.562.24.1000000001", false, false)]
#[case::twelve_digits("1.2.246.562.24.100000000160", false, false)]
#[case::test_is_exempt("1.2.246.562.98.00000000001", true, true)]
#[case::organisation("1.2.246.562.10.10000000016", false, false)]
fn learner_ids(#[case] text: &str, #[case] shape: bool, #[case] verified: bool) {
    assert_eq!(
        LearnerId::parse_with(text, CheckDigitRule::Shape).is_ok(),
        shape
    );
    assert_eq!(
        LearnerId::parse_with(text, CheckDigitRule::Verified).is_ok(),
        verified
    );
}

#[rstest]
#[case("0920632-0", true)]
#[case::wrong_check_digit("0920632-1", false)]
#[case::other_check_digit("1234567-1", true)]
#[case::remainder_one("0000006-0", false)]
#[case::no_hyphen("09206320", false)]
#[case::letters("O920632-0", false)]
fn business_ids(#[case] text: &str, #[case] right: bool) {
    assert_eq!(BusinessId::parse(text).is_ok(), right);
}

#[rstest]
#[case("https://service.example.org/return?a=b", true, true)]
#[case("http://service.example.org/return", true, false)]
#[case("https://localhost/return", true, false)]
#[case("https://service.localhost./return", true, false)]
#[case("http://127.0.0.1:8080/return", true, false)]
#[case("https://127.1/return", true, false)]
#[case("https://[::1]/return", true, false)]
#[case("https://[::ffff:127.0.0.1]/return", true, false)]
#[case::fragment("https://service.example.org/#x", false, false)]
#[case::user("https://service.example.org@evil.example/", false, false)]
#[case::backslash("https:\\\\service.example.org/", false, false)]
#[case::backslash_after_the_host("https://service.example.org\\@other.example/", false, false)]
#[case::surplus_slash("https:///service.example.org/", false, false)]
#[case::scheme("javascript://service.example.org/", false, false)]
#[case::space("https://service.example.org/a b", false, false)]
fn redirect_uris(#[case] text: &str, #[case] test: bool, #[case] production: bool) {
    let uri = RedirectUri::parse(text);
    assert_eq!(uri.is_ok(), test);
    assert_eq!(
        uri.and_then(|uri| uri.check_production()).is_ok(),
        production
    );
}

#[rstest]
#[case("https://metadata.example.org/idp", true, true)]
#[case("http://metadata.example.org/idp", false, false)]
#[case::demonstration("http://127.0.0.1:9000/idp", true, false)]
fn web_addresses(#[case] text: &str, #[case] right: bool, #[case] production: bool) {
    let address = WebAddress::parse(text);
    assert_eq!(address.is_ok(), right);
    assert_eq!(
        address
            .and_then(|address| address.check_production())
            .is_ok(),
        production
    );
}

#[rstest]
#[case("Wilma.Example.org", Some("wilma.example.org"))]
#[case("wilma.example.org:443", None)]
#[case("-wilma.example.org", None)]
#[case("wilma..example.org", None)]
#[case("192.0.2.1", None)]
fn host_names(#[case] text: &str, #[case] expected: Option<&str>) {
    assert_eq!(
        HostName::parse(text).ok().as_ref().map(HostName::as_str),
        expected
    );
}

#[rstest]
#[case("cn=reader,dc=example,dc=org", true)]
#[case("cn=Virtanen\\, Aino+uid=a,dc=example", true)]
#[case("2.5.4.3=reader", true)]
#[case::no_value("reader", false)]
#[case::open_escape("cn=reader\\", false)]
#[case::quote("cn=\"reader\",dc=example", false)]
fn distinguished_names(#[case] text: &str, #[case] right: bool) {
    assert_eq!(DistinguishedName::parse(text).is_ok(), right);
}

#[rstest]
#[case("aino@example.org", true)]
#[case("aino@localhost", true)]
#[case("Aino <aino@example.org>", false)]
#[case("aino@@example.org", false)]
#[case("@example.org", false)]
fn email_addresses(#[case] text: &str, #[case] right: bool) {
    assert_eq!(EmailAddress::parse(text).is_ok(), right);
}

#[rstest]
#[case("+358 (0)40 123 4567", true)]
#[case("09-1234", true)]
#[case("123", false)]
#[case("call me", false)]
#[case("1234567890123456", false)]
fn phone_numbers(#[case] text: &str, #[case] right: bool) {
    assert_eq!(PhoneNumber::parse(text).is_ok(), right);
}

#[rstest]
#[case::right_to_left_override("Aino\u{202E}ony")]
#[case::line_break("Aino\nKuvitteellinen")]
#[case::null("Aino\0")]
#[case::empty("  ")]
fn names_that_deceive_are_refused(#[case] text: &str) {
    assert!(PersonName::parse(text).is_err());
}

#[test]
fn a_reason_keeps_its_line_breaks() {
    assert_eq!(
        Reason::parse(" first\nsecond ").expect("a reason").as_str(),
        "first\nsecond"
    );
}

#[test]
fn personal_values_do_not_show_in_debug() {
    let name = PersonName::parse("Aino Kuvitteellinen").expect("a name");
    let learner_id = LearnerId::parse("1.2.246.562.24.10000000016").expect("a learner id");
    assert_eq!(
        format!("{name:?} {learner_id:?}"),
        "PersonName(…) LearnerId(…)"
    );
}

#[test]
fn an_error_in_json_says_what_was_expected_and_not_what_was_given() {
    let error = serde_json::from_str::<EmailAddress>("\"secret\"")
        .expect_err("no address")
        .to_string();
    insta::assert_snapshot!(error, @"expected an e-mail address such as name@example.org; Give one address, without a display name");
}

#[test]
fn the_schema_describes_the_string() {
    let schema = schemars::schema_for!(OrganisationOid);
    insta::assert_json_snapshot!(schema, @r#"
    {
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "OrganisationOid",
      "description": "Identifier of an organisation in the national organisation service",
      "type": "string",
      "minLength": 1,
      "maxLength": 64,
      "pattern": "^1\\.2\\.246\\.562\\.(10|99)\\.[0-9]+$"
    }
    "#);
}

/// Self-signed, of an invented peer, valid from November 2026 for ten years.
const CERTIFICATE: &str = include_str!("tests/certificate.pem");

#[test]
fn a_certificate_is_read_from_pem_and_from_base64() {
    let armoured = Certificate::parse(CERTIFICATE).expect("PEM");
    assert_eq!(
        Certificate::parse(armoured.as_str()).as_ref(),
        Ok(&armoured)
    );
    assert_eq!(
        Certificate::from_der(armoured.der()).as_ref(),
        Ok(&armoured)
    );
    assert!(!armoured.as_str().contains(['-', '\n', ' ']));
    assert!(armoured.not_before() < armoured.not_after());
    assert!(armoured.is_valid_at(armoured.not_after()));
    assert!(!armoured.is_valid_at(armoured.not_after() + time::Duration::SECOND));
}

#[rstest]
#[case::cut(|der: &[u8]| der[..der.len() - 1].to_vec())]
#[case::longer(|der: &[u8]| [der, b"\0"].concat())]
#[case::empty(|_: &[u8]| Vec::new())]
fn damaged_certificates_are_refused(#[case] damage: fn(&[u8]) -> Vec<u8>) {
    let certificate = Certificate::parse(CERTIFICATE).expect("PEM");
    assert!(Certificate::from_der(&damage(certificate.der())).is_err());
}

proptest! {
    #[test]
    fn no_octets_make_the_certificate_reader_panic(at in 0_usize..400, with in any::<u8>()) {
        let mut der = Certificate::parse(CERTIFICATE).expect("PEM").der().to_vec();
        let length = der.len();
        der[at % length] = with;
        let _ = Certificate::from_der(&der);
    }
}

#[rstest]
#[case(r#"{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB"}]}"#, true)]
#[case(
    r#" { "keys": [ {"kty":"EC","crv":"P-256","x":"AQ","y":"Ag","kid":"a"} ] } "#,
    true
)]
#[case(r#"{"keys":[]}"#, false)]
#[case(r#"{"keys":[{"kty":"RSA","n":"AQ","e":"AQAB","d":"AQ"}]}"#, false)]
#[case(
    r#"{"keys":[{"kty":"EC","crv":"P-256","x":"AQ","y":"Ag","d":"AQ"}]}"#,
    false
)]
#[case(r#"{"keys":[{"kty":"EC","crv":"P-521","x":"AQ","y":"Ag"}]}"#, false)]
#[case(r#"{"keys":[{"kty":"oct","k":"AQ"}]}"#, false)]
#[case(r#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#, false)]
#[case("[]", false)]
fn key_sets_hold_public_keys_alone(#[case] text: &str, #[case] right: bool) {
    assert_eq!(KeySet::parse(text).is_ok(), right);
}
