//! Signing people in: OpenID Connect's code flow with PKCE at the issuer that the ledger names.

use super::cookie::{self, CookieSealer};
use super::jwt::{self, Expected, KeySet, TokenError};
use super::people::{People, PersonError};
use super::session::{SESSION_COOKIE, Session};
use aws_lc_rs::digest::{SHA256, digest};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::Right;
use domain::time::Instant;
use domain::value::OrganisationOid;
use ledger::Random;
use registrar::Clock;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;
use tokio::sync::RwLock;
use url::Url;

/// What this product is registered with at the sign-in issuer.
#[derive(Clone)]
pub struct SignInConfig {
    /// The client identifier.
    pub client_id: String,
    /// The client secret, sent by HTTP Basic.
    pub client_secret: String,
    /// The scopes to ask for beside `openid`, such as `profile`.
    pub scopes: Vec<String>,
    /// The claim that lists rights in the form `APP_MPASSID_<RIGHT>_<OID>`.
    pub rights_claim: String,
    /// How long a session lasts.
    pub session: std::time::Duration,
}

/// The cookie of one sign-in that has begun.
const FLOW_COOKIE: &str = "__Host-trustnet-sign-in";
const FLOW_SECONDS: u64 = 600;
/// More than any issuer's documents need.
const DOCUMENT_MAX: usize = 256 * 1024;
/// How long a cookie may be, attributes included. Browsers drop a longer one without a word
/// (RFC 6265 §6.1 asks for at least this much).
const COOKIE_MAX: usize = 4096;

/// Why somebody could not be signed in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SignInError {
    #[error("signing in is not configured")]
    NotConfigured,
    #[error("the ledger has not been founded and names no issuer")]
    NotFounded,
    #[error("the sign-in issuer could not be reached")]
    Issuer(#[source] reqwest::Error),
    #[error("the sign-in issuer's answer cannot be read")]
    Answer,
    #[error("the sign-in issuer refused the code")]
    Refused,
    #[error("this sign-in was not begun here, or too long ago")]
    Flow,
    #[error("the identity token is not accepted")]
    Token(#[from] TokenError),
    #[error("the person could not be recorded")]
    Person(#[from] PersonError),
    #[error("the issuer names {0} rights of this person, more than a session carries")]
    TooManyRights(usize),
}

#[derive(Serialize, Deserialize)]
struct Flow {
    state: String,
    nonce: String,
    verifier: String,
    return_to: String,
    until: Instant,
}

#[derive(Clone, Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    jwks_uri: Url,
}

#[derive(Deserialize)]
struct Tokens {
    id_token: String,
}

/// What the browser comes back with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Callback {
    pub(crate) code: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) iss: Option<String>,
}

/// Where the browser goes, and the cookies it is given.
pub(crate) struct Redirect {
    pub(crate) location: String,
    pub(crate) cookies: Vec<String>,
}

/// Signs people in.
pub(crate) struct SignIn {
    config: Option<SignInConfig>,
    callback: Url,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    people: People,
    discovered: RwLock<Option<Discovery>>,
}

impl SignIn {
    pub(crate) fn new(
        config: Option<SignInConfig>,
        callback: Url,
        http: reqwest::Client,
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        people: People,
    ) -> Self {
        Self {
            config,
            callback,
            http,
            clock,
            random,
            people,
            discovered: RwLock::default(),
        }
    }

    /// Begins: sends the browser to the issuer.
    pub(crate) async fn begin(
        &self,
        sealer: &CookieSealer,
        issuer: Option<&str>,
        return_to: &str,
    ) -> Result<Redirect, SignInError> {
        let config = self.config.as_ref().ok_or(SignInError::NotConfigured)?;
        let discovery = self.discover(issuer).await?;
        let flow = Flow {
            state: self.token(),
            nonce: self.token(),
            verifier: self.token(),
            return_to: local_path(return_to).to_owned(),
            until: self.clock.now().plus(time::Duration::seconds(600)),
        };
        let challenge = URL_SAFE_NO_PAD.encode(digest(&SHA256, flow.verifier.as_bytes()));
        let mut scope = "openid".to_owned();
        for wanted in &config.scopes {
            scope.push(' ');
            scope.push_str(wanted);
        }
        let mut location = discovery.authorization_endpoint;
        location
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &config.client_id)
            .append_pair("redirect_uri", self.callback.as_str())
            .append_pair("scope", &scope)
            .append_pair("state", &flow.state)
            .append_pair("nonce", &flow.nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256");
        let sealed = sealer
            .seal(&*self.random, FLOW_COOKIE, &flow)
            .ok_or(SignInError::Flow)?;
        Ok(Redirect {
            location: location.into(),
            cookies: vec![cookie::set(FLOW_COOKIE, &sealed, FLOW_SECONDS)],
        })
    }

    /// Ends: the browser is back with a code.
    pub(crate) async fn complete(
        &self,
        sealer: &CookieSealer,
        issuer: Option<&str>,
        headers: &HeaderMap,
        callback: Callback,
    ) -> Result<Redirect, SignInError> {
        let config = self.config.as_ref().ok_or(SignInError::NotConfigured)?;
        let flow: Flow = sealer.open(headers, FLOW_COOKIE).ok_or(SignInError::Flow)?;
        let state = callback.state.unwrap_or_default();
        let same: bool = state.as_bytes().ct_eq(flow.state.as_bytes()).into();
        let now = self.clock.now();
        if !same || now >= flow.until {
            return Err(SignInError::Flow);
        }
        let discovery = self.discover(issuer).await?;
        // RFC 9207: an issuer that names itself must be the one that was asked.
        if callback.iss.is_some_and(|iss| iss != discovery.issuer) {
            return Err(SignInError::Flow);
        }
        let code = callback.code.ok_or(SignInError::Refused)?;
        let tokens = self
            .redeem(config, &discovery, &code, &flow.verifier)
            .await?;
        let keys: KeySet = self.document(discovery.jwks_uri.clone()).await?;
        let claims = jwt::verify(
            &tokens.id_token,
            &keys,
            &Expected {
                issuer: &discovery.issuer,
                client_id: &config.client_id,
                nonce: &flow.nonce,
                now,
            },
        )?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let subject = text("sub").ok_or(SignInError::Answer)?;
        let name = text("name")
            .or_else(|| text("preferred_username"))
            .unwrap_or(subject);
        let person = self.people.person(subject, name).await?;
        let lifetime = time::Duration::try_from(config.session).unwrap_or(time::Duration::HOUR);
        let session = Session {
            person,
            rights: rights(&claims, &config.rights_claim),
            until: now.plus(lifetime),
        };
        let sealed = sealer
            .seal(&*self.random, SESSION_COOKIE, &session)
            .ok_or(SignInError::Answer)?;
        let cookie = cookie::set(SESSION_COOKIE, &sealed, config.session.as_secs());
        // Leaving some out would let a person work with rights that nobody chose.
        if cookie.len() > COOKIE_MAX {
            return Err(SignInError::TooManyRights(session.rights.len()));
        }
        Ok(Redirect {
            location: flow.return_to,
            cookies: vec![cookie, cookie::clear(FLOW_COOKIE)],
        })
    }

    async fn redeem(
        &self,
        config: &SignInConfig,
        discovery: &Discovery,
        code: &str,
        verifier: &str,
    ) -> Result<Tokens, SignInError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.callback.as_str()),
            ("code_verifier", verifier),
        ];
        // RFC 6749 §2.3.1: both parts are form-encoded before they are put together.
        let encode =
            |part: &str| url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();
        let response = self
            .http
            .post(discovery.token_endpoint.clone())
            .basic_auth(
                encode(&config.client_id),
                Some(encode(&config.client_secret)),
            )
            .form(&form)
            .send()
            .await
            .map_err(|error| SignInError::Issuer(error.without_url()))?;
        if !response.status().is_success() {
            return Err(SignInError::Refused);
        }
        read(response).await
    }

    async fn discover(&self, issuer: Option<&str>) -> Result<Discovery, SignInError> {
        let issuer = issuer.ok_or(SignInError::NotFounded)?;
        if let Some(known) = self.discovered.read().await.as_ref()
            && known.issuer == issuer
        {
            return Ok(known.clone());
        }
        let address = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let address = Url::parse(&address).map_err(|_| SignInError::Answer)?;
        let discovery: Discovery = self.document(address).await?;
        // OpenID Connect Discovery §4.3: whoever answers must be who was asked.
        if discovery.issuer != issuer {
            return Err(SignInError::Answer);
        }
        *self.discovered.write().await = Some(discovery.clone());
        Ok(discovery)
    }

    async fn document<T: serde::de::DeserializeOwned>(
        &self,
        address: Url,
    ) -> Result<T, SignInError> {
        let response = self
            .http
            .get(address)
            .send()
            .await
            .and_then(reqwest::Response::error_for_status)
            .map_err(|error| SignInError::Issuer(error.without_url()))?;
        read(response).await
    }

    fn token(&self) -> String {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

async fn read<T: serde::de::DeserializeOwned>(
    mut response: reqwest::Response,
) -> Result<T, SignInError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| SignInError::Issuer(error.without_url()))?
    {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > DOCUMENT_MAX {
            return Err(SignInError::Answer);
        }
    }
    serde_json::from_slice(&bytes).map_err(|_| SignInError::Answer)
}

/// The rights that the claims give, each once; other claims are not kept.
fn rights(claims: &Value, name: &str) -> Vec<(Right, OrganisationOid)> {
    let values = claims.get(name).and_then(Value::as_array);
    let rights: BTreeSet<_> = values
        .into_iter()
        .flatten()
        .filter_map(|value| super::claims::right(value.as_str()?))
        .collect();
    rights.into_iter().collect()
}

/// A path of this site; the root where an address of another site, or none, was given.
fn local_path(path: &str) -> &str {
    let local = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.bytes().all(|byte| byte.is_ascii_graphic());
    if local { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("/members?x=1", "/members?x=1")]
    #[case("", "/")]
    #[case("//evil.example", "/")]
    #[case("/\\evil.example", "/")]
    #[case("https://evil.example", "/")]
    #[case("/a\r\nSet-Cookie: x", "/")]
    fn returns_only_to_this_site(#[case] given: &str, #[case] expected: &str) {
        assert_eq!(local_path(given), expected);
    }
}
