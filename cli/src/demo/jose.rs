//! Signed tokens of the demo's parties: ES256 alone, over the one family of cryptography.

use anyhow::Context as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// A key that signs the tokens of one party, made anew at every start.
pub(crate) struct Signer {
    pair: EcdsaKeyPair,
}

/// The name of a party's only key.
const KEY_ID: &str = "demo";

impl Signer {
    /// A fresh key.
    pub(crate) fn generate() -> anyhow::Result<Self> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        Ok(Self {
            pair: pair.context("making a signing key failed")?,
        })
    }

    /// The public half, as a JSON Web Key Set (RFC 7517).
    pub(crate) fn public_keys(&self) -> Value {
        // An uncompressed point: one byte, then both coordinates of 32 bytes.
        let (x, y) = self.pair.public_key().as_ref()[1..].split_at(32);
        let (x, y) = (URL_SAFE_NO_PAD.encode(x), URL_SAFE_NO_PAD.encode(y));
        json!({ "keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": KEY_ID, "x": x, "y": y,
        }] })
    }

    /// Signs claims as a compact token (RFC 7515).
    pub(crate) fn sign(&self, claims: &Value) -> anyhow::Result<String> {
        let header = json!({ "alg": "ES256", "kid": KEY_ID, "typ": "JWT" });
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims.to_string(), &mut token);
        let signature = self.pair.sign(&SystemRandom::new(), token.as_bytes());
        let signature = signature.context("signing failed")?;
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

/// The claims of a token that one of the keys of a set has signed with ES256.
pub(crate) fn verify(token: &str, keys: &Value) -> Option<Map<String, Value>> {
    let (message, signature) = token.rsplit_once('.')?;
    let (header, claims) = message.split_once('.')?;
    let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).ok();
    let object = |part: &str| serde_json::from_slice::<Map<String, Value>>(&decode(part)?).ok();
    let header = object(header)?;
    let signature = decode(signature)?;
    // The algorithm is the verifier's choice, never the token's.
    if header.get("alg").and_then(Value::as_str) != Some("ES256") {
        return None;
    }
    let fits = |key: &Value| {
        let part = |name: &str| decode(key.get(name)?.as_str()?);
        let named = header
            .get("kid")
            .is_none_or(|wanted| key.get("kid") == Some(wanted));
        let (Some(x), Some(y), true) = (part("x"), part("y"), named) else {
            return false;
        };
        let point = [&[4][..], &x, &y].concat();
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .verify(message.as_bytes(), &signature)
            .is_ok()
    };
    let signed = keys.get("keys")?.as_array()?.iter().any(fits);
    signed.then(|| object(claims)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_its_signers_and_unchanged() {
        let (signer, other) = (Signer::generate().unwrap(), Signer::generate().unwrap());
        let token = signer.sign(&json!({ "sub": "somebody" })).unwrap();
        assert_eq!(
            verify(&token, &signer.public_keys()).unwrap()["sub"],
            "somebody"
        );
        assert!(verify(&token, &other.public_keys()).is_none());
        let (message, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = message.split_once('.').unwrap();
        let forged = URL_SAFE_NO_PAD.encode(r#"{"sub":"other"}"#);
        assert!(
            verify(
                &format!("{header}.{forged}.{signature}"),
                &signer.public_keys()
            )
            .is_none()
        );
        let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none"}"#);
        assert!(verify(&format!("{none}.{forged}."), &signer.public_keys()).is_none());
    }
}
