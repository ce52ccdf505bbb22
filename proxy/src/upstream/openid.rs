//! OpenID Connect towards home organisations: the proxy as relying party (OpenID Connect Core 1.0),
//! with what RFC 9700 asks for: pinned issuer, PKCE, nonce, state, `iss` in answers.

mod provider;
mod token;

use super::{Answer, Ask, Leaving, Said, Target, Upstream, UpstreamError, fresh};
use crate::clock::{after, seconds};
use crate::http::BackChannel;
use crate::language::tag;
use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ledger::{Hash, Random};
use projections::routing::{
    HomeIntegration, OpenIdConnectUpstream, Secret, SecretOwner, Upstream as UpstreamKind,
};
use provider::Providers;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

/// How far a home organisation's clock may be off, in seconds.
const SKEW_SECONDS: i64 = 120;

/// The relying party towards every OpenID Connect provider.
pub(crate) struct OpenIdRelyingParty {
    back_channel: BackChannel,
    providers: Providers,
}

/// What must be remembered until the answer.
#[derive(Serialize, Deserialize)]
struct Memory {
    #[serde(rename = "n")]
    nonce: String,
    #[serde(rename = "v")]
    verifier: String,
    /// When the login left, if the user must prove themselves anew.
    #[serde(rename = "f")]
    forced_at_seconds: Option<i64>,
    #[serde(rename = "m")]
    age_seconds_max: Option<u32>,
}

impl OpenIdRelyingParty {
    pub(crate) fn new(back_channel: BackChannel) -> Self {
        Self {
            providers: Providers::new(back_channel.clone()),
            back_channel,
        }
    }
}

fn registration(home: &HomeIntegration) -> Result<&OpenIdConnectUpstream, UpstreamError> {
    match &home.upstream {
        UpstreamKind::OpenIdConnect(upstream) => Ok(upstream),
        _ => Err(UpstreamError::Unsupported),
    }
}

#[async_trait]
impl Upstream for OpenIdRelyingParty {
    fn serves(&self, home: &HomeIntegration) -> bool {
        registration(home).is_ok_and(|upstream| upstream.client_secret != Secret::Missing)
    }

    async fn leave(
        &self,
        target: &Target<'_>,
        ask: &Ask<'_>,
        random: &dyn Random,
    ) -> Result<Leaving, UpstreamError> {
        let upstream = registration(target.home)?;
        let provider = self
            .providers
            .describe(&upstream.issuer, target.now)
            .await?;
        let (nonce, verifier) = (fresh(random), fresh(random));
        let challenge = URL_SAFE_NO_PAD.encode(Hash::of(verifier.as_bytes()).0);
        let mut scopes = vec!["openid"];
        scopes.extend(
            upstream
                .scopes
                .iter()
                .map(domain::value::ShortText::as_str)
                .filter(|s| *s != "openid"),
        );
        let mut address = Url::parse(provider.authorization_endpoint.as_str())
            .map_err(|_| UpstreamError::Description("authorization endpoint"))?;
        let mut query = address.query_pairs_mut();
        query
            .append_pair("response_type", "code")
            .append_pair("client_id", upstream.client_id.as_str())
            .append_pair("redirect_uri", &target.return_address)
            .append_pair("scope", &scopes.join(" "))
            .append_pair("state", ask.state)
            .append_pair("nonce", &nonce)
            .append_pair("code_challenge", &challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("ui_locales", tag(ask.language));
        if ask.force {
            query.append_pair("prompt", "login");
        }
        if let Some(most) = ask.age_seconds_max {
            query.append_pair("max_age", &most.to_string());
        }
        if let Some(hint) = ask.login_hint {
            query.append_pair("login_hint", hint);
        }
        drop(query);
        let memory = Memory {
            nonce,
            verifier,
            forced_at_seconds: ask.force.then(|| seconds(target.now)),
            age_seconds_max: ask.age_seconds_max,
        };
        let memory = serde_json::to_value(memory).map_err(|_| UpstreamError::Answer("memory"))?;
        Ok(Leaving {
            address: address.into(),
            memory,
        })
    }

    async fn come_back(
        &self,
        target: &Target<'_>,
        memory: &Value,
        answer: &Answer<'_>,
    ) -> Result<Said, UpstreamError> {
        let memory: Memory =
            Memory::deserialize(memory).map_err(|_| UpstreamError::Answer("memory"))?;
        let upstream = registration(target.home)?;
        let provider = self
            .providers
            .describe(&upstream.issuer, target.now)
            .await?;
        let parameter = |name: &str| answer.parameters.get(name);
        // RFC 9207: whose answer it is comes before what it says.
        match parameter("iss") {
            Some(issuer) if issuer == upstream.issuer.as_str() => {}
            Some(_) => return Err(UpstreamError::Answer("iss is another issuer's")),
            None if provider.names_itself => return Err(UpstreamError::Answer("iss is missing")),
            None => {}
        }
        if parameter("error").is_some() {
            return Err(UpstreamError::Ended);
        }
        let code = parameter("code").ok_or(UpstreamError::Answer("code is missing"))?;

        let owner = SecretOwner::Integration(target.home.integration);
        let secret = upstream
            .client_secret
            .open(target.node_key, target.environment, owner)
            .map_err(UpstreamError::Secret)?;
        let secret = std::str::from_utf8(&secret).map_err(|_| UpstreamError::Answer("secret"))?;
        let client_id = upstream.client_id.as_str();
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &target.return_address),
            ("code_verifier", &memory.verifier),
        ];
        let basic = provider.takes_basic.then_some((client_id, secret));
        if basic.is_none() {
            form.extend([("client_id", client_id), ("client_secret", secret)]);
        }
        let tokens = self
            .back_channel
            .post(&provider.token_endpoint, basic, &form)
            .await
            .map_err(UpstreamError::Exchange)?;
        let text = |name: &str| tokens.get(name).and_then(Value::as_str);
        let id_token = text("id_token").ok_or(UpstreamError::Answer("ID token is missing"))?;
        let access_token = text("access_token");

        let claims = self
            .providers
            .verify(&provider, id_token, target.now)
            .await?;
        let expected = token::Expected {
            issuer: upstream.issuer.as_str(),
            client_id,
            nonce: &memory.nonce,
            access_token,
            pinned: &upstream.pinned_claims,
            now_seconds: seconds(target.now),
        };
        let subject = token::check(&claims, &expected)?;
        let authenticated_at = claims.get("auth_time").and_then(Value::as_i64);
        let now = seconds(target.now);
        if let Some(most) = memory.age_seconds_max {
            // OpenID Connect Core §2: auth_time must be there when max_age was asked for.
            let at = authenticated_at.ok_or(UpstreamError::Claim("auth_time is missing"))?;
            if now - at > i64::from(most) + SKEW_SECONDS {
                return Err(UpstreamError::Claim("auth_time is too old"));
            }
        }
        if let (Some(left), Some(at)) = (memory.forced_at_seconds, authenticated_at)
            && at < left - SKEW_SECONDS
        {
            return Err(UpstreamError::Claim("auth_time is before the forced login"));
        }

        let mut delivered = claims;
        if let (Some(address), Some(token)) = (&provider.userinfo_endpoint, access_token) {
            let info = self.back_channel.get(address, Some(token)).await;
            let Value::Object(info) = info.map_err(UpstreamError::Attributes)? else {
                return Err(UpstreamError::Answer("userinfo is no object"));
            };
            // OpenID Connect Core §5.3.2, against answers about another user.
            if info.get("sub").and_then(Value::as_str) != Some(subject.as_str()) {
                return Err(UpstreamError::Answer("userinfo is about another user"));
            }
            for (name, value) in info {
                // What was signed stands over what was not.
                delivered.entry(name).or_insert(value);
            }
        }
        let authenticated_at = authenticated_at
            .filter(|at| (0..=now).contains(at))
            .unwrap_or(now);
        Ok(Said {
            subject,
            delivered,
            authenticated_at: after(target.now, authenticated_at - now),
        })
    }
}
