//! What is known of a home organisation's provider: its description and its keys, fetched and kept
//! for a while.

use super::UpstreamError;
use crate::cache::Cache;
use crate::http::BackChannel;
use crate::key_sets::{KeySetError, KeySets};
use domain::time::Instant;
use domain::value::WebAddress;
use serde_json::{Map, Value};
use std::sync::Arc;

/// How long a description serves, in seconds.
const DESCRIPTION_SECONDS: i64 = 3600;
/// A provider's description (OpenID Connect Discovery 1.0), as far as it is used.
#[derive(Clone, Debug)]
pub(super) struct Provider {
    pub(super) authorization_endpoint: WebAddress,
    pub(super) token_endpoint: WebAddress,
    pub(super) userinfo_endpoint: Option<WebAddress>,
    pub(super) jwks_uri: WebAddress,
    /// Whether the token endpoint takes HTTP Basic authentication.
    pub(super) takes_basic: bool,
    /// Whether every answer carries `iss` (RFC 9207).
    pub(super) names_itself: bool,
}

/// Every provider that was met.
pub(super) struct Providers {
    back_channel: BackChannel,
    descriptions: Cache<Provider>,
    keys: KeySets,
}

impl Providers {
    pub(super) fn new(back_channel: BackChannel) -> Self {
        Self {
            keys: KeySets::new(back_channel.clone()),
            back_channel,
            descriptions: Cache::default(),
        }
    }

    /// The description of the provider of this issuer.
    pub(super) async fn describe(
        &self,
        issuer: &WebAddress,
        now: Instant,
    ) -> Result<Arc<Provider>, UpstreamError> {
        let name = issuer.as_str();
        if let Some(provider) = self.descriptions.get(name, now, DESCRIPTION_SECONDS) {
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
        Ok(self.descriptions.put(name, now, provider))
    }

    /// Checks a token's signature by the provider's keys, fetching them anew where none fits.
    pub(super) async fn verify(
        &self,
        provider: &Provider,
        token: &str,
        now: Instant,
    ) -> Result<Map<String, Value>, UpstreamError> {
        let verified = self.keys.verify(&provider.jwks_uri, token, now).await;
        verified.map_err(|error| match error {
            KeySetError::Fetch(error) => UpstreamError::Keys(error),
            KeySetError::Token(error) => UpstreamError::Token(error),
        })
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
