//! Tokens signed with a secret that both sides hold (HS256), apart from those signed with keys, so
//! that no token can choose between the two.

use super::{JoseError, Parts, object};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use serde_json::{Map, Value};

/// Shortest secret that is used, in bytes: an HMAC under a short one can be guessed from a single
/// token (RFC 7518 §3.2 asks for 32; what sources hand out is text, and of 16 characters at least).
const SECRET_LENGTH_MIN: usize = 16;

/// Checks the signature of an HS256 token in constant time, and returns its claims. What the claims
/// say is the caller's to judge.
pub(crate) fn verify_with_secret(
    token: &str,
    secret: &[u8],
) -> Result<Map<String, Value>, JoseError> {
    let parts = Parts::of(token)?;
    if parts.header("alg") != Some("HS256") {
        return Err(JoseError::Algorithm);
    }
    if secret.len() < SECRET_LENGTH_MIN {
        return Err(JoseError::Key);
    }
    let key = hmac::Key::new(HMAC_SHA256, secret);
    hmac::verify(&key, parts.message.as_bytes(), &parts.signature)
        .map_err(|_| JoseError::Signature)?;
    object(parts.claims)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use rstest::rstest;

    const SECRET: &[u8] = b"an invented secret";

    fn token(header: &str, secret: &[u8]) -> String {
        let claims = URL_SAFE_NO_PAD.encode(r#"{"username":"u"}"#);
        let message = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header));
        let tag = hmac::sign(&hmac::Key::new(HMAC_SHA256, secret), message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    #[test]
    fn a_token_under_the_secret_is_taken() {
        let claims = verify_with_secret(&token(r#"{"alg":"HS256"}"#, SECRET), SECRET).unwrap();
        assert_eq!(claims["username"], "u");
    }

    #[rstest]
    #[case(
        r#"{"alg":"HS256"}"#,
        b"another secret!!",
        SECRET,
        JoseError::Signature
    )]
    #[case(r#"{"alg":"none"}"#, SECRET, SECRET, JoseError::Algorithm)]
    #[case(r#"{"alg":"HS512"}"#, SECRET, SECRET, JoseError::Algorithm)]
    #[case(r#"{"alg":"RS256"}"#, SECRET, SECRET, JoseError::Algorithm)]
    #[case(
        r#"{"alg":"HS256","crit":["exp"]}"#,
        SECRET,
        SECRET,
        JoseError::Critical
    )]
    #[case(r#"{"alg":"HS256"}"#, b"short", b"short", JoseError::Key)]
    fn any_other_is_refused(
        #[case] header: &str,
        #[case] signed: &[u8],
        #[case] checked: &[u8],
        #[case] expected: JoseError,
    ) {
        let token = token(header, signed);
        assert_eq!(verify_with_secret(&token, checked), Err(expected));
    }
}
