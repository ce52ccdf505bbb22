//! Identity tokens: one that is valid, and one change a case (OpenID Connect Core §3.1.3.7).

use super::issuer::Keys;
use crate::authentication::jwt::{Expected, KeySet, TokenError, verify};
use domain::testing::instant;
use rstest::rstest;
use serde_json::{Value, json};

const ISSUER: &str = "https://sign-in.example.org";
const CLIENT: &str = "trustnet";
const NONCE: &str = "nonce-1";

fn now() -> i64 {
    instant("2025-01-01T12:00:00Z").microseconds() / 1_000_000
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": CLIENT, "sub": "user-1", "nonce": NONCE,
        "iat": now(), "exp": now() + 300,
    })
}

fn verified(keys: &Keys, token: &str) -> Result<Value, TokenError> {
    let published: KeySet = serde_json::from_value(keys.published()).unwrap();
    let expected = Expected {
        issuer: ISSUER,
        client_id: CLIENT,
        nonce: NONCE,
        now: instant("2025-01-01T12:00:00Z"),
    };
    verify(token, &published, &expected)
}

#[rstest]
#[case::elliptic("ec", json!({ "alg": "ES256", "kid": "ec" }))]
#[case::rsa("rsa", json!({ "alg": "RS256", "kid": "rsa" }))]
#[case::without_a_key_id("ec", json!({ "alg": "ES256" }))]
fn a_valid_token_is_accepted(#[case] by: &str, #[case] header: Value) {
    let keys = Keys::new();
    let token = keys.token(by, &header, &claims().to_string());
    assert_eq!(verified(&keys, &token), Ok(claims()));
}

#[rstest]
#[case::issuer("iss", json!("https://evil.example"), TokenError::Claims)]
#[case::issuer_with_a_slash("iss", json!("https://sign-in.example.org/"), TokenError::Claims)]
#[case::no_issuer("iss", Value::Null, TokenError::Claims)]
#[case::audience("aud", json!("another"), TokenError::Claims)]
#[case::audiences("aud", json!(["another", "third"]), TokenError::Claims)]
#[case::no_audience("aud", Value::Null, TokenError::Claims)]
#[case::several_audiences_without_azp("aud", json!([CLIENT, "another"]), TokenError::Claims)]
#[case::authorised_party("azp", json!("another"), TokenError::Claims)]
#[case::nonce("nonce", json!("nonce-2"), TokenError::Claims)]
#[case::no_nonce("nonce", Value::Null, TokenError::Claims)]
#[case::expired("exp", json!(now() - 60), TokenError::Time)]
#[case::no_expiry("exp", Value::Null, TokenError::Form)]
#[case::expiry_of_another_type("exp", json!("never"), TokenError::Form)]
#[case::issued_in_the_future("iat", json!(now() + 120), TokenError::Time)]
#[case::no_time_of_issue("iat", Value::Null, TokenError::Form)]
#[case::not_valid_yet("nbf", json!(now() + 120), TokenError::Time)]
fn one_wrong_claim_is_enough(
    #[case] claim: &str,
    #[case] value: Value,
    #[case] expected: TokenError,
) {
    let keys = Keys::new();
    let mut claims = claims();
    match value {
        Value::Null => claims.as_object_mut().unwrap().remove(claim),
        value => claims
            .as_object_mut()
            .unwrap()
            .insert(claim.to_owned(), value),
    };
    let header = json!({ "alg": "ES256", "kid": "ec" });
    let token = keys.token("ec", &header, &claims.to_string());
    assert_eq!(verified(&keys, &token), Err(expected));
}

#[rstest]
#[case::several_audiences("aud", json!([CLIENT, "another"]), true)]
#[case::expired_within_the_leeway("exp", json!(now() - 59), false)]
#[case::issued_within_the_leeway("iat", json!(now() + 59), false)]
fn what_the_rules_leave_open_is_accepted(
    #[case] claim: &str,
    #[case] value: Value,
    #[case] authorised: bool,
) {
    let keys = Keys::new();
    let mut claims = claims();
    claims[claim] = value;
    if authorised {
        claims["azp"] = json!(CLIENT);
    }
    let header = json!({ "alg": "ES256", "kid": "ec" });
    let token = keys.token("ec", &header, &claims.to_string());
    assert_eq!(verified(&keys, &token), Ok(claims));
}

#[rstest]
#[case::none("", json!({ "alg": "none" }), TokenError::Signature)]
#[case::none_with_a_key("", json!({ "alg": "none", "kid": "ec" }), TokenError::Signature)]
#[case::unsigned("", json!({ "alg": "ES256", "kid": "ec" }), TokenError::Signature)]
#[case::symmetric("hmac", json!({ "alg": "HS256", "kid": "rsa" }), TokenError::Signature)]
#[case::another_algorithm("rsa", json!({ "alg": "ES256", "kid": "ec" }), TokenError::Signature)]
#[case::another_key("ec", json!({ "alg": "ES256", "kid": "rsa" }), TokenError::Signature)]
#[case::algorithm_in_small_letters("ec", json!({ "alg": "es256", "kid": "ec" }), TokenError::Signature)]
#[case::unknown_key("ec", json!({ "alg": "ES256", "kid": "other" }), TokenError::UnknownKey)]
#[case::key_for_encryption("rsa", json!({ "alg": "RS256", "kid": "for-encryption" }), TokenError::UnknownKey)]
#[case::no_algorithm("ec", json!({ "kid": "ec" }), TokenError::Form)]
fn one_wrong_word_of_the_header_is_enough(
    #[case] by: &str,
    #[case] header: Value,
    #[case] expected: TokenError,
) {
    let keys = Keys::new();
    let token = keys.token(by, &header, &claims().to_string());
    assert_eq!(verified(&keys, &token), Err(expected));
}

#[test]
fn a_token_of_another_issuers_key_is_not_accepted() {
    let header = json!({ "alg": "ES256", "kid": "ec" });
    let token = Keys::new().token("ec", &header, &claims().to_string());
    assert_eq!(verified(&Keys::new(), &token), Err(TokenError::Signature));
}

#[test]
fn what_was_signed_is_what_counts() {
    let keys = Keys::new();
    let header = json!({ "alg": "ES256", "kid": "ec" });
    let token = keys.token("ec", &header, &claims().to_string());
    let mut other = claims();
    other["sub"] = json!("user-2");
    let other = keys.token("ec", &header, &other.to_string());
    let (signed, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    let mixed = format!("{signed}.{signature}");
    assert_eq!(verified(&keys, &mixed), Err(TokenError::Signature));
    for broken in ["", "a", "a.b", "a.b.c", ".."] {
        assert_eq!(verified(&keys, broken), Err(TokenError::Form), "{broken}");
    }
    // What one reader takes for the first value and another for the last is read by nobody.
    let twice = claims()
        .to_string()
        .replacen('{', "{\"sub\":\"user-2\",", 1);
    let twice = keys.token("ec", &header, &twice);
    assert_eq!(verified(&keys, &twice), Err(TokenError::Form));
}
