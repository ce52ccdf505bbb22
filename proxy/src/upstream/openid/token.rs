//! What an ID token must say (OpenID Connect Core §3.1.3.7).

use super::{SKEW_SECONDS, UpstreamError};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::Hash;
use projections::routing::PinnedClaim;
use serde_json::{Map, Value};

/// What is expected of the token.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) access_token: Option<&'a str>,
    pub(super) pinned: &'a [PinnedClaim],
    pub(super) now_seconds: i64,
}

/// Judges the claims of a token whose signature is good, and returns its subject.
pub(super) fn check(
    claims: &Map<String, Value>,
    expected: &Expected<'_>,
) -> Result<String, UpstreamError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let number = |name: &str| claims.get(name).and_then(Value::as_i64);
    if text("iss") != Some(expected.issuer) {
        return Err(UpstreamError::Claim("iss"));
    }
    let audience: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !audience.contains(&expected.client_id) {
        return Err(UpstreamError::Claim("aud"));
    }
    // With several audiences, or where it is named, the token must have been made for us.
    let party = text("azp");
    if party.map_or(audience.len() > 1, |party| party != expected.client_id) {
        return Err(UpstreamError::Claim("azp"));
    }
    let expires = number("exp").ok_or(UpstreamError::Claim("exp"))?;
    if expires.saturating_add(SKEW_SECONDS) <= expected.now_seconds {
        return Err(UpstreamError::Claim("exp"));
    }
    let issued = number("iat").ok_or(UpstreamError::Claim("iat"))?;
    if issued > expected.now_seconds + SKEW_SECONDS {
        return Err(UpstreamError::Claim("iat"));
    }
    if number("nbf").is_some_and(|from| from > expected.now_seconds + SKEW_SECONDS) {
        return Err(UpstreamError::Claim("nbf"));
    }
    if text("nonce") != Some(expected.nonce) {
        return Err(UpstreamError::Claim("nonce"));
    }
    if let Some(hash) = text("at_hash") {
        // Both algorithms accepted here hash with SHA-256.
        let token = expected
            .access_token
            .ok_or(UpstreamError::Claim("at_hash"))?;
        let half = URL_SAFE_NO_PAD.encode(&Hash::of(token.as_bytes()).0[..16]);
        if hash != half {
            return Err(UpstreamError::Claim("at_hash"));
        }
    }
    for pin in expected.pinned {
        if text(pin.claim.as_str()) != Some(pin.value.as_str()) {
            return Err(UpstreamError::Claim("a pinned claim"));
        }
    }
    match text("sub") {
        // OpenID Connect Core §2: at most 255 ASCII characters.
        Some(subject) if (1..=255).contains(&subject.len()) => Ok(subject.to_owned()),
        _ => Err(UpstreamError::Claim("sub")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::value::{AttributeName, ShortText};
    use rstest::rstest;
    use serde_json::json;

    fn judge(change: Value) -> Result<String, UpstreamError> {
        let mut claims = json!({
            "iss": "https://login.example.org", "aud": "proxy", "sub": "user-1",
            "exp": 1300, "iat": 1000, "nonce": "n", "tid": "tenant-1",
            "at_hash": URL_SAFE_NO_PAD.encode(&Hash::of(b"access").0[..16]),
        });
        let (Value::Object(claims), Value::Object(change)) = (&mut claims, change) else {
            unreachable!()
        };
        claims.extend(change);
        let pinned = [PinnedClaim {
            claim: AttributeName::parse("tid").unwrap(),
            value: ShortText::parse("tenant-1").unwrap(),
        }];
        check(
            claims,
            &Expected {
                issuer: "https://login.example.org",
                client_id: "proxy",
                nonce: "n",
                access_token: Some("access"),
                pinned: &pinned,
                now_seconds: 1000,
            },
        )
    }

    #[rstest]
    #[case(json!({ "aud": ["proxy"] }))]
    #[case(json!({ "aud": ["proxy", "other"], "azp": "proxy" }))]
    #[case(json!({ "exp": 881, "iat": 870 }))]
    #[case(json!({ "at_hash": null }))]
    fn a_right_token_gives_its_subject(#[case] change: Value) {
        assert_eq!(judge(change).unwrap(), "user-1");
    }

    #[rstest]
    #[case(json!({ "iss": "https://login.example.org/" }))]
    #[case(json!({ "iss": null }))]
    #[case(json!({ "aud": "other" }))]
    #[case(json!({ "aud": [] }))]
    #[case(json!({ "aud": ["proxy", "other"] }))]
    #[case(json!({ "aud": "proxy", "azp": "other" }))]
    #[case(json!({ "exp": 880 }))]
    #[case(json!({ "exp": null }))]
    #[case(json!({ "exp": "1300" }))]
    #[case(json!({ "iat": 1121 }))]
    #[case(json!({ "nbf": 1121 }))]
    #[case(json!({ "nonce": "m" }))]
    #[case(json!({ "nonce": null }))]
    #[case(json!({ "at_hash": "AAAA" }))]
    #[case(json!({ "tid": "tenant-2" }))]
    #[case(json!({ "tid": null }))]
    #[case(json!({ "sub": "" }))]
    #[case(json!({ "sub": null }))]
    fn a_wrong_claim_is_refused(#[case] change: Value) {
        assert!(judge(change).is_err());
    }
}
