//! Sealed cookies: what the browser carries and cannot read or change.

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::Random;
use serde::{Serialize, de::DeserializeOwned};

/// Seals and opens cookies under one key. A cookie of one name does not open as another.
pub(crate) struct CookieSealer(LessSafeKey);

impl CookieSealer {
    /// A sealer under this key.
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        let key = UnboundKey::new(&AES_256_GCM_SIV, key).expect("the key has the cipher's length");
        Self(LessSafeKey::new(key))
    }

    /// The value of the cookie `name`.
    pub(crate) fn seal(
        &self,
        random: &dyn Random,
        name: &str,
        content: &impl Serialize,
    ) -> Option<String> {
        let mut bytes = serde_json::to_vec(content).ok()?;
        let mut nonce = [0; NONCE_LEN];
        random.fill(&mut nonce);
        self.0
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(name.as_bytes()),
                &mut bytes,
            )
            .ok()?;
        let sealed = [nonce.as_slice(), &bytes].concat();
        Some(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// What the cookie `name` of a request holds; none where there is none that opens.
    pub(crate) fn open<T: DeserializeOwned>(&self, headers: &HeaderMap, name: &str) -> Option<T> {
        let sealed = URL_SAFE_NO_PAD.decode(value(headers, name)?).ok()?;
        let (nonce, content) = sealed.split_at_checked(NONCE_LEN)?;
        let mut content = content.to_vec();
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self
            .0
            .open_in_place(nonce, Aad::from(name.as_bytes()), &mut content)
            .ok()?;
        serde_json::from_slice(opened).ok()
    }
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

/// The header that sets a cookie. `__Host-` names need exactly these attributes.
pub(crate) fn set(name: &str, value: &str, seconds: u64) -> String {
    format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax")
}

/// The header that takes a cookie away.
pub(crate) fn clear(name: &str) -> String {
    set(name, "", 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use ledger::SeededRandom;

    fn headers(name: &str, value: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let cookie = format!("other=1; {name}={value}");
        headers.insert(COOKIE, HeaderValue::from_str(&cookie).unwrap());
        headers
    }

    #[test]
    fn opens_only_as_what_it_was_sealed() {
        let sealer = CookieSealer::new(&[1; 32]);
        let sealed = sealer
            .seal(&SeededRandom::new(1), "__Host-a", &"content")
            .unwrap();
        let open = |sealer: &CookieSealer, name: &str, value: &str| {
            sealer.open::<String>(&headers(name, value), name)
        };
        assert_eq!(
            open(&sealer, "__Host-a", &sealed).as_deref(),
            Some("content")
        );
        assert_eq!(open(&sealer, "__Host-b", &sealed), None);
        assert_eq!(
            open(&CookieSealer::new(&[2; 32]), "__Host-a", &sealed),
            None
        );
        assert_eq!(open(&sealer, "__Host-a", ""), None);
        assert_eq!(open(&sealer, "__Host-a", "AAAA"), None);
        assert_eq!(open(&sealer, "__Host-a", &sealed[..sealed.len() - 1]), None);
    }
}
