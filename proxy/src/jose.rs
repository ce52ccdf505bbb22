//! Signed JSON: a thin JWS (RFC 7515) over one family of cryptography: RS256 and ES256, and apart
//! from them HS256 for the one source that shares a secret.
//!
//! The algorithm is the key's, never the token's: a token whose header names another one than its
//! key has is refused, so `none` and confusions of RSA with HMAC have no way in.

mod shared;

pub(crate) use shared::verify_with_secret;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _,
    RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt;
use zeroize::Zeroizing;

/// Longest token that is looked at, in bytes.
const TOKEN_LENGTH_MAX: usize = 64 * 1024;
/// Most keys of one set that are tried.
const KEYS_MAX: usize = 50;

/// A signature algorithm (RFC 7518 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// ECDSA on P-256 with SHA-256.
    Es256,
}

impl Algorithm {
    /// Its registered name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
        }
    }

    /// The algorithm of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "RS256" => Some(Self::Rs256),
            "ES256" => Some(Self::Es256),
            _ => None,
        }
    }
}

/// Why a token or a key is not accepted. Names what is wrong, never what stood there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoseError {
    /// It is not a compact JWS of JSON claims.
    #[error("not a signed token in compact form")]
    Form,
    /// The algorithm is not accepted here.
    #[error("signature algorithm is not accepted")]
    Algorithm,
    /// The header demands something that is not understood (RFC 7515 §4.1.11).
    #[error("token has a critical header that is not understood")]
    Critical,
    /// No key of the set fits the token.
    #[error("no known key fits the token")]
    UnknownKey,
    /// The signature is not that of a fitting key.
    #[error("signature is wrong")]
    Signature,
    /// The key cannot be used.
    #[error("key is not usable")]
    Key,
}

/// A key pair that was just made: what the log takes to publish it.
pub struct GeneratedKey {
    /// The private half: PKCS #8 in base64.
    pub private_key: Zeroizing<String>,
    /// The public half: a JSON Web Key.
    pub public_key: String,
}

impl fmt::Debug for GeneratedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeneratedKey")
            .field("public_key", &self.public_key)
            .finish_non_exhaustive()
    }
}

/// Makes a key pair fit for an environment's signing key, from the cryptography library's own
/// generator.
pub fn generate_signing_key(algorithm: Algorithm) -> Result<GeneratedKey, JoseError> {
    let der = match algorithm {
        Algorithm::Rs256 => RsaKeyPair::generate(KeySize::Rsa2048)
            .and_then(|pair| pair.as_der())
            .map(|der| Zeroizing::new(der.as_ref().to_vec())),
        Algorithm::Es256 => EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .and_then(|pair| pair.to_pkcs8v1())
            .map(|der| Zeroizing::new(der.as_ref().to_vec())),
    }
    .map_err(|_| JoseError::Key)?;
    let key = SigningKey::from_pkcs8("", algorithm, &der)?;
    Ok(GeneratedKey {
        private_key: Zeroizing::new(STANDARD.encode(&*der)),
        public_key: Value::Object(key.public_members()).to_string(),
    })
}

enum Pair {
    Rsa(Box<RsaKeyPair>),
    Ecdsa(Box<EcdsaKeyPair>),
}

/// A private key that signs tokens.
pub(crate) struct SigningKey {
    key_id: String,
    pair: Pair,
}

impl SigningKey {
    pub(crate) fn from_pkcs8(
        key_id: &str,
        algorithm: Algorithm,
        der: &[u8],
    ) -> Result<Self, JoseError> {
        let pair = match algorithm {
            Algorithm::Rs256 => RsaKeyPair::from_pkcs8(der).map(|pair| Pair::Rsa(Box::new(pair))),
            Algorithm::Es256 => EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
                .map(|pair| Pair::Ecdsa(Box::new(pair))),
        }
        .map_err(|_| JoseError::Key)?;
        Ok(Self {
            key_id: key_id.to_owned(),
            pair,
        })
    }

    pub(crate) fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::Rsa(_) => Algorithm::Rs256,
            Pair::Ecdsa(_) => Algorithm::Es256,
        }
    }

    /// The members of the public key, without name and use.
    pub(crate) fn public_members(&self) -> Map<String, Value> {
        let encode = |bytes: &[u8]| Value::from(URL_SAFE_NO_PAD.encode(bytes));
        let mut members = Map::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let public = pair.public_key();
                let number = |bytes: &[u8]| {
                    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
                    encode(&bytes[zeros..])
                };
                members.insert("kty".to_owned(), "RSA".into());
                members.insert(
                    "n".to_owned(),
                    number(public.modulus().big_endian_without_leading_zero()),
                );
                members.insert(
                    "e".to_owned(),
                    number(public.exponent().big_endian_without_leading_zero()),
                );
            }
            Pair::Ecdsa(pair) => {
                // An uncompressed point: one byte, then both coordinates of 32 bytes.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                members.insert("kty".to_owned(), "EC".into());
                members.insert("crv".to_owned(), "P-256".into());
                members.insert("x".to_owned(), encode(x));
                members.insert("y".to_owned(), encode(y));
            }
        }
        members
    }

    /// Signs claims as a token of the type `typ`.
    pub(crate) fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, JoseError> {
        let header = json!({ "alg": self.algorithm().name(), "kid": self.key_id, "typ": typ });
        let claims = serde_json::to_vec(claims).map_err(|_| JoseError::Form)?;
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let signature = match &self.pair {
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(
                    &RSA_PKCS1_SHA256,
                    &SystemRandom::new(),
                    token.as_bytes(),
                    &mut signature,
                )
                .map_err(|_| JoseError::Key)?;
                signature
            }
            Pair::Ecdsa(pair) => pair
                .sign(&SystemRandom::new(), token.as_bytes())
                .map_err(|_| JoseError::Key)?
                .as_ref()
                .to_vec(),
        };
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        Ok(token)
    }
}

/// A public key that checks tokens.
#[derive(Clone, Debug)]
pub(crate) struct PublicKey {
    key_id: Option<String>,
    material: Material,
}

#[derive(Clone, Debug)]
enum Material {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256 { point: Vec<u8> },
}

impl PublicKey {
    /// The key that a JSON Web Key describes; `None` for a key that cannot check RS256 or ES256
    /// signatures. A set may hold others, which do not disturb.
    pub(crate) fn from_jwk(jwk: &Value) -> Option<Self> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let bytes = |name: &str| URL_SAFE_NO_PAD.decode(text(name)?).ok();
        if text("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        let (algorithm, material) = match text("kty")? {
            "RSA" => {
                let strip = |number: Vec<u8>| -> Vec<u8> {
                    number.into_iter().skip_while(|byte| *byte == 0).collect()
                };
                (
                    Algorithm::Rs256,
                    Material::Rsa {
                        n: strip(bytes("n")?),
                        e: strip(bytes("e")?),
                    },
                )
            }
            "EC" if text("crv") == Some("P-256") => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                if x.len() != 32 || y.len() != 32 {
                    return None;
                }
                (
                    Algorithm::Es256,
                    Material::P256 {
                        point: [&[4][..], &x, &y].concat(),
                    },
                )
            }
            _ => return None,
        };
        if text("alg").is_some_and(|name| name != algorithm.name()) {
            return None;
        }
        Some(Self {
            key_id: text("kid").map(str::to_owned),
            material,
        })
    }

    /// The usable keys of a JSON Web Key Set.
    pub(crate) fn from_set(set: &Value) -> Vec<Self> {
        let keys = set.get("keys").and_then(Value::as_array);
        keys.into_iter()
            .flatten()
            .take(KEYS_MAX)
            .filter_map(Self::from_jwk)
            .collect()
    }

    fn algorithm(&self) -> Algorithm {
        match self.material {
            Material::Rsa { .. } => Algorithm::Rs256,
            Material::P256 { .. } => Algorithm::Es256,
        }
    }

    fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Rsa { n, e } => PublicKeyComponents {
                n: n.as_slice(),
                e: e.as_slice(),
            }
            .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
            .is_ok(),
            Material::P256 { point } => UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
                .verify(message, signature)
                .is_ok(),
        }
    }
}

/// A compact JWS taken apart; nothing of it is believed yet.
struct Parts<'a> {
    message: &'a str,
    claims: &'a str,
    header: Map<String, Value>,
    signature: Vec<u8>,
}

impl<'a> Parts<'a> {
    fn of(token: &'a str) -> Result<Self, JoseError> {
        if token.len() > TOKEN_LENGTH_MAX {
            return Err(JoseError::Form);
        }
        let (message, signature) = token.rsplit_once('.').ok_or(JoseError::Form)?;
        let (header, claims) = message.split_once('.').ok_or(JoseError::Form)?;
        let header = object(header)?;
        let signature = URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| JoseError::Form)?;
        if header.contains_key("crit") {
            return Err(JoseError::Critical);
        }
        Ok(Self {
            message,
            claims,
            header,
            signature,
        })
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.header.get(name).and_then(Value::as_str)
    }
}

fn object(part: &str) -> Result<Map<String, Value>, JoseError> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| JoseError::Form)?;
    serde_json::from_slice(&bytes).map_err(|_| JoseError::Form)
}

/// Checks a token's signature and returns its claims. What the claims say is the caller's to judge.
pub(crate) fn verify(token: &str, keys: &[PublicKey]) -> Result<Map<String, Value>, JoseError> {
    let parts = Parts::of(token)?;
    let algorithm = parts.header("alg").and_then(Algorithm::from_name);
    let algorithm = algorithm.ok_or(JoseError::Algorithm)?;
    let key_id = parts.header("kid");
    let fitting: Vec<_> = keys
        .iter()
        .filter(|key| key.algorithm() == algorithm)
        .filter(|key| key_id.is_none() || key.key_id.is_none() || key.key_id.as_deref() == key_id)
        .collect();
    if fitting.is_empty() {
        return Err(JoseError::UnknownKey);
    }
    if fitting
        .iter()
        .any(|key| key.verifies(parts.message.as_bytes(), &parts.signature))
    {
        object(parts.claims)
    } else {
        Err(JoseError::Signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn pair(algorithm: Algorithm) -> (SigningKey, PublicKey) {
        let generated = generate_signing_key(algorithm).unwrap();
        let der = STANDARD.decode(generated.private_key.as_str()).unwrap();
        let mut jwk: Value = serde_json::from_str(&generated.public_key).unwrap();
        jwk["kid"] = "k".into();
        (
            SigningKey::from_pkcs8("k", algorithm, &der).unwrap(),
            PublicKey::from_jwk(&jwk).unwrap(),
        )
    }

    #[rstest]
    #[case(Algorithm::Rs256)]
    #[case(Algorithm::Es256)]
    fn a_signed_token_verifies_and_a_changed_one_does_not(#[case] algorithm: Algorithm) {
        let (signing, public) = pair(algorithm);
        let token = signing.sign("JWT", &json!({ "sub": "somebody" })).unwrap();
        let claims = verify(&token, std::slice::from_ref(&public)).unwrap();
        assert_eq!(claims["sub"], "somebody");

        let (head, signature) = token.rsplit_once('.').unwrap();
        let (header, _) = head.split_once('.').unwrap();
        let forged = URL_SAFE_NO_PAD.encode(r#"{"sub":"other"}"#);
        let forged = format!("{header}.{forged}.{signature}");
        assert_eq!(
            verify(&forged, std::slice::from_ref(&public)),
            Err(JoseError::Signature)
        );
        let (_, other) = pair(algorithm);
        assert_eq!(verify(&token, &[other]), Err(JoseError::Signature));
    }

    #[rstest]
    #[case(r#"{"alg":"none"}"#, JoseError::Algorithm)]
    #[case(r#"{"alg":"HS256"}"#, JoseError::Algorithm)]
    #[case(r#"{"alg":"RS256"}"#, JoseError::UnknownKey)]
    #[case(r#"{"alg":"ES256","kid":"other"}"#, JoseError::UnknownKey)]
    #[case(r#"{"alg":"ES256","crit":["b64"]}"#, JoseError::Critical)]
    #[case(r#"{"alg":"ES256"}"#, JoseError::Signature)]
    #[case("[]", JoseError::Form)]
    fn the_header_cannot_choose_how_it_is_checked(
        #[case] header: &str,
        #[case] expected: JoseError,
    ) {
        let (_, public) = pair(Algorithm::Es256);
        let token = format!(
            "{}.{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode("{}"),
            URL_SAFE_NO_PAD.encode([0; 64])
        );
        assert_eq!(verify(&token, &[public]), Err(expected));
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_taken_for_a_token_and_none_panics(text in "\\PC{0,200}", dots in 0_usize..4) {
            let (_, public) = pair(Algorithm::Es256);
            let token = vec![text; dots + 1].join(".");
            proptest::prop_assert!(verify(&token, &[public]).is_err());
        }
    }

    #[test]
    fn keys_for_encryption_or_of_other_kinds_are_passed_over() {
        let (signing, _) = pair(Algorithm::Es256);
        let mut jwk = Value::Object(signing.public_members());
        assert!(PublicKey::from_jwk(&jwk).is_some());
        jwk["use"] = "enc".into();
        assert!(PublicKey::from_jwk(&jwk).is_none());
        assert!(PublicKey::from_jwk(&json!({ "kty": "oct", "k": "AA" })).is_none());
    }
}
