//! Identity tokens of the sign-in issuer: signed JSON Web Tokens (OpenID Connect Core §3.1.3.7).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::Instant;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;

/// How far the issuer's clock may differ from ours.
const LEEWAY: Duration = Duration::from_mins(1);

/// Why an identity token is not accepted. Says nothing of its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error("the identity token cannot be read")]
    Form,
    #[error("the identity token is signed with a key that the issuer does not publish")]
    UnknownKey,
    #[error("the identity token's signature does not hold")]
    Signature,
    #[error("the identity token is not meant for this sign-in")]
    Claims,
    #[error("the identity token has expired or is not valid yet")]
    Time,
}

/// The issuer's public keys (RFC 7517).
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct KeySet {
    keys: Vec<Key>,
}

#[derive(Clone, Debug, Deserialize)]
struct Key {
    kty: String,
    #[serde(default)]
    kid: Option<String>,
    #[serde(default, rename = "use")]
    usage: Option<String>,
    #[serde(default)]
    n: Option<String>,
    #[serde(default)]
    e: Option<String>,
    #[serde(default)]
    crv: Option<String>,
    #[serde(default)]
    x: Option<String>,
    #[serde(default)]
    y: Option<String>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    #[serde(default)]
    kid: Option<String>,
}

/// What a token must say.
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: Instant,
}

/// The claims of a token that is valid.
pub(crate) fn verify(
    token: &str,
    keys: &KeySet,
    expected: &Expected<'_>,
) -> Result<Value, TokenError> {
    let (signed, signature) = token.rsplit_once('.').ok_or(TokenError::Form)?;
    let (header, claims) = signed.split_once('.').ok_or(TokenError::Form)?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| TokenError::Form);
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| TokenError::Form)?;
    let claims_bytes = decode(claims)?;
    let signature = decode(signature)?;
    let mut candidates = keys
        .keys
        .iter()
        .filter(|key| key.usage.as_deref().unwrap_or("sig") == "sig")
        .filter(|key| header.kid.is_none() || key.kid == header.kid)
        .peekable();
    if candidates.peek().is_none() {
        return Err(TokenError::UnknownKey);
    }
    if !candidates.any(|key| key.verifies(&header.alg, signed.as_bytes(), &signature)) {
        return Err(TokenError::Signature);
    }
    let claims = crate::strict_json::read(&claims_bytes).map_err(|_| TokenError::Form)?;
    check(&claims, expected)?;
    Ok(claims)
}

fn check(claims: &Value, expected: &Expected<'_>) -> Result<(), TokenError> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    let audience = match claims.get("aud") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(many)) => many.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let several = audience.len() > 1;
    let authorised = text("azp").map_or(!several, |azp| azp == expected.client_id);
    if text("iss") != Some(expected.issuer)
        || !audience.contains(&expected.client_id)
        || !authorised
        || text("nonce") != Some(expected.nonce)
    {
        return Err(TokenError::Claims);
    }
    let seconds = |name: &str| claims.get(name).and_then(Value::as_i64);
    let now = expected.now.microseconds() / 1_000_000;
    let leeway = i64::try_from(LEEWAY.as_secs()).unwrap_or(0);
    let expires = seconds("exp").ok_or(TokenError::Form)?;
    let issued = seconds("iat").ok_or(TokenError::Form)?;
    let not_before = seconds("nbf").unwrap_or(issued);
    let late = now >= expires.saturating_add(leeway);
    let early = not_before > now.saturating_add(leeway) || issued > now.saturating_add(leeway);
    if late || early {
        Err(TokenError::Time)
    } else {
        Ok(())
    }
}

impl Key {
    fn verifies(&self, algorithm: &str, signed: &[u8], signature: &[u8]) -> bool {
        let part = |part: &Option<String>| {
            part.as_ref()
                .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
        };
        match (algorithm, self.kty.as_str()) {
            ("RS256", "RSA") => match (part(&self.n), part(&self.e)) {
                (Some(n), Some(e)) => RsaPublicKeyComponents { n, e }
                    .verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
                    .is_ok(),
                _ => false,
            },
            ("ES256", "EC") if self.crv.as_deref() == Some("P-256") => {
                match (part(&self.x), part(&self.y)) {
                    (Some(x), Some(y)) if x.len() == 32 && y.len() == 32 => {
                        let point = [&[4], x.as_slice(), &y].concat();
                        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                            .verify(signed, signature)
                            .is_ok()
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }
}
