//! Cookies: reading, writing, and the sealing of what they carry.
//!
//! A sealed value is encrypted and authenticated under a key of the environment, and bound to its
//! purpose: the environment and the cookie's name. Nothing in it can be read, changed, or moved
//! to another cookie or environment.

use crate::keyring::{CookieKey, KeyRing};
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Salt};
use axum::http::{HeaderMap, HeaderValue, header};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::Random;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// Longest sealed value that a browser is sure to keep, in bytes.
pub(crate) const SEALED_LENGTH_MAX: usize = 3584;
/// Most bytes of cookies that are looked at in one request.
const COOKIES_LENGTH_MAX: usize = 64 * 1024;

const SALT_LENGTH: usize = 16;

/// Why a value was not sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotSealed {
    /// No key for cookies is active.
    NoKey,
    /// It is longer than a browser keeps.
    TooLong,
}

struct KeyLength;

impl KeyType for KeyLength {
    fn len(&self) -> usize {
        32
    }
}

/// A key for this one value: the salt is fresh, so the fixed nonce is used once.
fn value_key(key: &CookieKey, salt: &[u8], purpose: &str) -> Option<LessSafeKey> {
    let mut bytes = Zeroizing::new([0; 32]);
    Salt::new(HKDF_SHA256, salt)
        .extract(&key.key)
        .expand(&[b"trustnet cookie 1", purpose.as_bytes()], KeyLength)
        .and_then(|material| material.fill(&mut *bytes))
        .ok()?;
    UnboundKey::new(&AES_256_GCM, &*bytes)
        .ok()
        .map(LessSafeKey::new)
}

fn nonce() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}

/// Seals `value` for `purpose`.
pub(crate) fn seal(
    ring: &KeyRing,
    random: &dyn Random,
    purpose: &str,
    value: &impl Serialize,
) -> Result<String, NotSealed> {
    let key = ring.cookie_sealing().ok_or(NotSealed::NoKey)?;
    let salt = random.sixteen();
    let mut bytes = serde_json::to_vec(value).map_err(|_| NotSealed::TooLong)?;
    let cipher = value_key(key, &salt, purpose).ok_or(NotSealed::NoKey)?;
    cipher
        .seal_in_place_append_tag(nonce(), Aad::from(purpose), &mut bytes)
        .map_err(|_| NotSealed::TooLong)?;
    let sealed = [&key.mark[..], &salt, &bytes].concat();
    let text = URL_SAFE_NO_PAD.encode(sealed);
    if text.len() > SEALED_LENGTH_MAX {
        Err(NotSealed::TooLong)
    } else {
        Ok(text)
    }
}

/// Opens what was sealed for `purpose`; `None` for anything else.
pub(crate) fn open<T: DeserializeOwned>(ring: &KeyRing, purpose: &str, text: &str) -> Option<T> {
    if text.len() > SEALED_LENGTH_MAX {
        return None;
    }
    let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (mark, rest) = sealed.split_first_chunk::<4>()?;
    let (salt, ciphertext) = rest.split_first_chunk::<SALT_LENGTH>()?;
    ring.cookie_opening(*mark).find_map(|key| {
        let mut bytes = ciphertext.to_vec();
        let cipher = value_key(key, salt, purpose)?;
        let opened = cipher
            .open_in_place(nonce(), Aad::from(purpose), &mut bytes)
            .ok()?;
        serde_json::from_slice(opened).ok()
    })
}

/// The cookies of one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cookies(Vec<(String, String)>);

impl Cookies {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let mut length = 0;
        let mut cookies = Vec::new();
        for header in headers.get_all(header::COOKIE) {
            length += header.len();
            let Ok(text) = header.to_str() else { continue };
            if length > COOKIES_LENGTH_MAX {
                break;
            }
            for pair in text.split(';') {
                if let Some((name, value)) = pair.split_once('=') {
                    cookies.push((name.trim().to_owned(), value.trim().to_owned()));
                }
            }
        }
        Self(cookies)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The names that begin with `prefix`.
    pub(crate) fn names(&self, prefix: &str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .map(|(name, _)| name.as_str())
            .filter(move |name| name.starts_with(prefix))
    }
}

/// Whether the browser says that it kept our cookies back: another site made it post here, and they
/// are Lax. A page of ours that posts the same form again brings them.
pub(crate) fn are_kept_back(headers: &HeaderMap) -> bool {
    headers
        .get("sec-fetch-site")
        .is_some_and(|site| site == "cross-site")
}

/// Adds a cookie to a response; with no seconds to live it is deleted.
///
/// `__Host-` makes the browser insist on Secure, on this host alone and on the root path. Lax lets
/// it come along when another site sends the browser here, but not when it posts here.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str, seconds: u32) {
    let text = format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}");
    if let Ok(text) = HeaderValue::from_str(&text) {
        headers.append(header::SET_COOKIE, text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Environment, KeyPurpose, KeyState};
    use ledger::SeededRandom;
    use ledger::sealed_box::BoxPrivateKey;
    use projections::routing::{EnvironmentKey, RoutingTable, Secret, SecretOwner};

    fn ring(state: KeyState) -> KeyRing {
        let random = SeededRandom::new(1);
        let node = BoxPrivateKey::generate(&random);
        let mut table = RoutingTable::empty(Environment::Test);
        let secret = base64::engine::general_purpose::STANDARD.encode([7; 32]);
        let owner = SecretOwner::Key("cookie-1");
        let public = node.public_key().unwrap();
        table.put_key(EnvironmentKey {
            key_id: "cookie-1".to_owned(),
            purpose: KeyPurpose::Cookie,
            algorithm: "A256".to_owned(),
            public_key: None,
            private_key: Secret::for_node(
                &random,
                &public,
                Environment::Test,
                owner,
                secret.as_bytes(),
            )
            .unwrap(),
            state,
            position: 1,
        });
        KeyRing::open(&table, &node)
    }

    #[test]
    fn a_sealed_value_opens_for_its_purpose_alone_and_not_when_changed() {
        let (ring, random) = (ring(KeyState::Active), SeededRandom::new(2));
        let sealed = seal(&ring, &random, "test/session", &"value").unwrap();
        assert_eq!(
            open::<String>(&ring, "test/session", &sealed).as_deref(),
            Some("value")
        );
        assert_eq!(open::<String>(&ring, "production/session", &sealed), None);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(
                open::<String>(&ring, "test/session", &changed),
                None,
                "at {at}"
            );
            assert_eq!(open::<String>(&ring, "test/session", &sealed[..at]), None);
        }
    }

    #[test]
    fn a_retiring_key_still_opens_and_no_longer_seals() {
        let random = SeededRandom::new(2);
        let sealed = seal(&ring(KeyState::Active), &random, "p", &1).unwrap();
        let retiring = ring(KeyState::Retiring);
        assert_eq!(open::<u8>(&retiring, "p", &sealed), Some(1));
        assert_eq!(seal(&retiring, &random, "p", &1), Err(NotSealed::NoKey));
    }

    #[test]
    fn what_a_browser_would_drop_is_not_sealed() {
        let random = SeededRandom::new(2);
        let long = "x".repeat(SEALED_LENGTH_MAX);
        assert_eq!(
            seal(&ring(KeyState::Active), &random, "p", &long),
            Err(NotSealed::TooLong)
        );
    }
}
