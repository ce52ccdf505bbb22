//! What is known of a home organisation's provider: its description and its keys, fetched and kept
//! for a while.

use super::UpstreamError;
use crate::http::BackChannel;
use crate::jose::{JoseError, PublicKey, verify};
use domain::time::Instant;
use domain::value::WebAddress;
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a description serves, in seconds.
const DESCRIPTION_SECONDS: i64 = 3600;
/// How long after fetching keys an unknown key makes them be fetched again at the earliest, in
/// seconds, so that tokens with made-up key names cannot cause a flood.
const KEYS_SECONDS_MIN: i64 = 30;
/// How long keys serve, in seconds.
const KEYS_SECONDS: i64 = 3600;
/// Most providers that are remembered.
const PROVIDERS_MAX: usize = 10_000;

/// A provider's description (OpenID Connect Discovery 1.0), as far as it is used.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    pub(super) issuer: String,
    pub(super) authorization_endpoint: WebAddress,
    pub(super) token_endpoint: WebAddress,
    pub(super) userinfo_endpoint: Option<WebAddress>,
    pub(super) jwks_uri: WebAddress,
    /// Whether the token endpoint takes HTTP Basic authentication.
    pub(super) takes_basic: bool,
    /// Whether every answer carries `iss` (RFC 9207).
    pub(super) names_itself: bool,
}

struct Kept<T> {
    fetched_at: Instant,
    value: T,
}

impl<T> Kept<T> {
    fn age_seconds(&self, now: Instant) -> i64 {
        (now.microseconds() - self.fetched_at.microseconds()) / 1_000_000
    }
}

type Cache<T> = Mutex<HashMap<String, Kept<Arc<T>>>>;

/// Every provider that was met.
pub(super) struct Providers {
    back_channel: BackChannel,
    descriptions: Cache<Provider>,
    keys: Cache<Vec<PublicKey>>,
}

fn kept<T>(cache: &Cache<T>, name: &str, now: Instant, seconds: i64) -> Option<Arc<T>> {
    let cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    let kept = cache
        .get(name)
        .filter(|kept| (0..seconds).contains(&kept.age_seconds(now)))?;
    Some(Arc::clone(&kept.value))
}

fn keep<T>(cache: &Cache<T>, name: &str, now: Instant, value: T) -> Arc<T> {
    let value = Arc::new(value);
    let mut cache = cache.lock().unwrap_or_else(PoisonError::into_inner);
    if cache.len() >= PROVIDERS_MAX {
        cache.clear();
    }
    cache.insert(
        name.to_owned(),
        Kept {
            fetched_at: now,
            value: Arc::clone(&value),
        },
    );
    value
}

impl Providers {
    pub(super) fn new(back_channel: BackChannel) -> Self {
        Self {
            back_channel,
            descriptions: Cache::default(),
            keys: Cache::default(),
        }
    }

    /// The description of the provider of this issuer.
    pub(super) async fn describe(
        &self,
        issuer: &WebAddress,
        now: Instant,
    ) -> Result<Arc<Provider>, UpstreamError> {
        let name = issuer.as_str();
        if let Some(provider) = kept(&self.descriptions, name, now, DESCRIPTION_SECONDS) {
            return Ok(provider);
        }
        let address = format!(
            "{}/.well-known/openid-configuration",
            name.trim_end_matches('/')
        );
        let address = WebAddress::parse(&address)
            .map_err(|_| UpstreamError::Description("issuer is too long"))?;
        let description = self
            .back_channel
            .get(&address, None)
            .await
            .map_err(UpstreamError::Discovery)?;
        let provider = read(&description, issuer)?;
        Ok(keep(&self.descriptions, name, now, provider))
    }

    /// Checks a token's signature by the provider's keys, fetching them anew where none fits.
    pub(super) async fn verify(
        &self,
        provider: &Provider,
        token: &str,
        now: Instant,
    ) -> Result<Map<String, Value>, UpstreamError> {
        if let Some(keys) = kept(&self.keys, &provider.issuer, now, KEYS_SECONDS) {
            match verify(token, &keys) {
                // A provider that reuses a key's name after a change looks like a wrong signature.
                Err(JoseError::UnknownKey | JoseError::Signature)
                    if kept(&self.keys, &provider.issuer, now, KEYS_SECONDS_MIN).is_none() => {}
                done => return done.map_err(UpstreamError::Token),
            }
        }
        let set = self.back_channel.get(&provider.jwks_uri, None).await;
        let keys = PublicKey::from_set(&set.map_err(UpstreamError::Keys)?);
        let keys = keep(&self.keys, &provider.issuer, now, keys);
        verify(token, &keys).map_err(UpstreamError::Token)
    }
}

fn read(description: &Value, issuer: &WebAddress) -> Result<Provider, UpstreamError> {
    if description.get("issuer").and_then(Value::as_str) != Some(issuer.as_str()) {
        return Err(UpstreamError::Description(
            "issuer is not the registered one",
        ));
    }
    let address = |name: &'static str| -> Result<Option<WebAddress>, UpstreamError> {
        let Some(text) = description.get(name).and_then(Value::as_str) else {
            return Ok(None);
        };
        let address = WebAddress::parse(text).map_err(|_| UpstreamError::Description(name))?;
        // A provider elsewhere must not make the proxy talk to its own machine.
        if address.is_loopback() && !issuer.is_loopback() {
            return Err(UpstreamError::Description(name));
        }
        Ok(Some(address))
    };
    let needed = |name| address(name)?.ok_or(UpstreamError::Description(name));
    let methods = description.get("token_endpoint_auth_methods_supported");
    let takes_basic = methods.and_then(Value::as_array).is_none_or(|methods| {
        methods
            .iter()
            .any(|method| method.as_str() == Some("client_secret_basic"))
    });
    let names_itself = description
        .get("authorization_response_iss_parameter_supported")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    Ok(Provider {
        issuer: issuer.as_str().to_owned(),
        authorization_endpoint: needed("authorization_endpoint")?,
        token_endpoint: needed("token_endpoint")?,
        userinfo_endpoint: address("userinfo_endpoint")?,
        jwks_uri: needed("jwks_uri")?,
        takes_basic,
        names_itself,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn description() -> Value {
        json!({
            "issuer": "https://login.example.org",
            "authorization_endpoint": "https://login.example.org/authorize",
            "token_endpoint": "https://login.example.org/token",
            "jwks_uri": "https://keys.example.org/jwks",
        })
    }

    #[test]
    fn a_description_must_name_the_registered_issuer_and_stay_off_this_machine() {
        let issuer = WebAddress::parse("https://login.example.org").unwrap();
        assert!(read(&description(), &issuer).is_ok());
        let mut other = description();
        other["issuer"] = "https://login.example.org/".into();
        assert!(read(&other, &issuer).is_err());
        for address in [
            "http://127.0.0.1/token",
            "https://localhost/token",
            "http://x.org/",
            "ftp://x/",
        ] {
            let mut other = description();
            other["token_endpoint"] = address.into();
            assert!(read(&other, &issuer).is_err(), "{address}");
        }
        let mut other = description();
        other.as_object_mut().unwrap().remove("jwks_uri");
        assert!(read(&other, &issuer).is_err());
    }
}
