//! Opinsys: a token signed with a shared secret, and a call for the attributes (domain facts E.5,
//! and Opinsys' own developer page on single sign-on).
//!
//! The token is HS256 and names when it was issued (`iat`) and itself (`jti`); it has no end of its
//! own, so it is taken for a short time and once. `exp`, `nbf`, `aud` and `nonce` bind where they
//! are given.

use super::{Answer, Ask, Leaving, Said, Target, Upstream, UpstreamError, fresh};
use crate::clock::{after, seconds};
use crate::http::{BackChannel, Hosts};
use crate::jose;
use crate::single_use::Expiring;
use async_trait::async_trait;
use domain::value::{HostName, WebAddress};
use ledger::{Hash, Random};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use projections::routing::{
    HomeIntegration, OpinsysUpstream, Secret, SecretOwner, Upstream as UpstreamKind,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use std::sync::{Mutex, PoisonError};
use url::Url;

/// The host of the service, for every tenant.
const HOST: &str = "api.opinsys.fi";
/// How old a token may be, in seconds.
const AGE_SECONDS_MAX: i64 = 300;
/// How far the service's clock may be off, in seconds.
const SKEW_SECONDS: i64 = 120;
/// Most tokens that are remembered.
const TOKENS_MAX: usize = 200_000;

/// Every Opinsys tenant.
pub(crate) struct Opinsys {
    back_channel: BackChannel,
    hosts: Hosts,
    /// The tokens that were taken.
    taken: Mutex<Expiring<()>>,
}

/// What must be remembered until the answer.
#[derive(Serialize, Deserialize)]
struct Memory {
    #[serde(rename = "n")]
    nonce: String,
    #[serde(rename = "l")]
    left_at_seconds: i64,
}

impl Opinsys {
    pub(crate) fn new(back_channel: BackChannel, hosts: Hosts) -> Self {
        let remembered = AGE_SECONDS_MAX + 2 * SKEW_SECONDS;
        Self {
            back_channel,
            hosts,
            taken: Mutex::new(Expiring::new(remembered, TOKENS_MAX)),
        }
    }

    fn origin(&self) -> Result<String, UpstreamError> {
        let host = HostName::parse(HOST).map_err(|_| UpstreamError::Description("host"))?;
        Ok(self.hosts.origin(&host))
    }

    /// Judges the claims of a token whose signature is good, and returns its user's name.
    fn check(
        &self,
        claims: &Map<String, Value>,
        memory: &Memory,
        target: &Target<'_>,
        upstream: &OpinsysUpstream,
    ) -> Result<String, UpstreamError> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let number = |name: &str| claims.get(name).and_then(Value::as_i64);
        let now = seconds(target.now);
        let issued = number("iat").ok_or(UpstreamError::Claim("iat"))?;
        let oldest = memory.left_at_seconds.max(now - AGE_SECONDS_MAX) - SKEW_SECONDS;
        if !(oldest..=now + SKEW_SECONDS).contains(&issued) {
            return Err(UpstreamError::Claim("iat"));
        }
        let given = |name: &str| claims.get(name).is_some_and(|value| !value.is_null());
        if given("exp") && number("exp").is_none_or(|until| until + SKEW_SECONDS <= now) {
            return Err(UpstreamError::Claim("exp"));
        }
        if given("nbf") && number("nbf").is_none_or(|from| from > now + SKEW_SECONDS) {
            return Err(UpstreamError::Claim("nbf"));
        }
        if given("aud") && !is_for(target, upstream, claims.get("aud")) {
            return Err(UpstreamError::Claim("aud"));
        }
        if given("nonce") && text("nonce") != Some(memory.nonce.as_str()) {
            return Err(UpstreamError::Claim("nonce"));
        }
        // On a device that is logged in to another tenant, the service passes over the one asked for.
        if text("organisation_domain") != Some(upstream.tenant.as_str()) {
            return Err(UpstreamError::Claim("organisation_domain"));
        }
        let identifier = text("jti").filter(|text| !text.is_empty());
        let identifier = identifier.ok_or(UpstreamError::Claim("jti"))?;
        let user = text("username").filter(|name| !name.trim().is_empty());
        let user = user.ok_or(UpstreamError::Claim("username"))?;
        let key = Hash::of(format!("{}\n{identifier}", target.home.integration).as_bytes());
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.get(&key, target.now).is_some() {
            return Err(UpstreamError::Claim("jti"));
        }
        taken.insert(key, (), target.now);
        Ok(user.to_owned())
    }
}

/// Whether a token was made for this proxy: its address, or the name that it has there.
fn is_for(target: &Target<'_>, upstream: &OpinsysUpstream, audience: Option<&Value>) -> bool {
    let own = Url::parse(&target.return_address).map(|url| url.origin().ascii_serialization());
    let ours = |one: &Value| {
        let one = one.as_str();
        one.is_some()
            && (one == own.as_deref().ok()
                || one == Some(target.return_address.as_str())
                || one == Some(upstream.client_id.as_str()))
    };
    match audience {
        Some(Value::Array(several)) => several.iter().any(ours),
        Some(one) => ours(one),
        None => true,
    }
}

fn registration(home: &HomeIntegration) -> Result<&OpinsysUpstream, UpstreamError> {
    match &home.upstream {
        UpstreamKind::Opinsys(upstream) => Ok(upstream),
        _ => Err(UpstreamError::Unsupported),
    }
}

#[async_trait]
impl Upstream for Opinsys {
    fn serves(&self, home: &HomeIntegration) -> bool {
        registration(home).is_ok_and(|upstream| upstream.client_key != Secret::Missing)
    }

    async fn leave(
        &self,
        target: &Target<'_>,
        ask: &Ask<'_>,
        random: &dyn Random,
    ) -> Result<Leaving, UpstreamError> {
        let upstream = registration(target.home)?;
        if ask.force {
            // There is no way to ask for it, and a login that was not new must not be passed off
            // as one.
            return Err(UpstreamError::CannotForce);
        }
        let memory = Memory {
            nonce: fresh(random),
            left_at_seconds: seconds(target.now),
        };
        let mut back = Url::parse(&target.return_address)
            .map_err(|_| UpstreamError::Description("return address"))?;
        back.query_pairs_mut()
            .append_pair("state", ask.state)
            .append_pair("nonce", &memory.nonce);
        let mut address =
            Url::parse(&self.origin()?).map_err(|_| UpstreamError::Description("host"))?;
        address.set_path("/v3/sso");
        address
            .query_pairs_mut()
            .append_pair("organisation", upstream.tenant.as_str())
            .append_pair("return_to", back.as_str());
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
        let given = answer.parameters.get("nonce");
        if given != Some(memory.nonce.as_str()) {
            return Err(UpstreamError::Answer("nonce"));
        }
        let token = answer.parameters.get("jwt").ok_or(UpstreamError::Ended)?;
        let owner = SecretOwner::Integration(target.home.integration);
        let key = upstream
            .client_key
            .open(target.node_key, target.environment, owner)
            .map_err(UpstreamError::Secret)?;
        let claims = jose::verify_with_secret(token, &key).map_err(UpstreamError::Token)?;
        let subject = self.check(&claims, &memory, target, upstream)?;
        let issued = claims
            .get("iat")
            .and_then(Value::as_i64)
            .unwrap_or_default();

        let id = match claims.get("id") {
            Some(Value::String(id)) => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            _ => return Err(UpstreamError::Claim("id")),
        };
        let address = format!(
            "{}/v3/users/_by_id/{}",
            self.origin()?,
            utf8_percent_encode(&id, NON_ALPHANUMERIC)
        );
        let address = WebAddress::parse(&address).map_err(|_| UpstreamError::Claim("id"))?;
        let key = std::str::from_utf8(&key).map_err(|_| UpstreamError::Answer("secret"))?;
        let said = self
            .back_channel
            .get_as(
                &address,
                &upstream.tenant,
                (upstream.client_id.as_str(), key),
            )
            .await
            .map_err(UpstreamError::Attributes)?;
        let Value::Object(mut delivered) = said else {
            return Err(UpstreamError::Answer("attributes are no object"));
        };
        // The token is signed, the answer is not: they must be about the same user.
        if delivered.get("username").and_then(Value::as_str) != Some(subject.as_str()) {
            return Err(UpstreamError::Answer("attributes are another user's"));
        }
        let roles = roles(&delivered);
        delivered.insert("roles".to_owned(), roles);
        let age = (seconds(target.now) - issued).max(0);
        Ok(Said {
            subject,
            delivered,
            authenticated_at: after(target.now, -age),
        })
    }
}

/// A role at a school, one entry for each, with the first teaching group there: the same shape in
/// which Wilma gives them.
fn roles(delivered: &Map<String, Value>) -> Value {
    let list = |value: &Value, name: &str| {
        let list = value.get(name).and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    let schools = delivered.get("schools").and_then(Value::as_array);
    let mut entries = Vec::new();
    for school in schools.into_iter().flatten() {
        // The code is what the register knows a school by; `external_id` is where tenants keep it.
        let code = ["school_code", "external_id"]
            .into_iter()
            .find_map(|name| school.get(name).filter(|code| !code.is_null()));
        let groups = list(school, "groups");
        let group = groups.iter().find(|group| {
            let kind = group.get("type").and_then(Value::as_str);
            kind.is_some_and(|kind| kind.eq_ignore_ascii_case("teaching group"))
        });
        let group = group.and_then(|group| group.get("name"));
        for role in list(school, "roles") {
            entries.push(json!({ "school": code, "role": role, "group": group }));
        }
    }
    entries.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_named_for_each_school_with_its_teaching_group() {
        let Value::Object(said) = json!({ "schools": [
            { "name": "A", "school_code": "00011", "roles": ["student"],
              "groups": [{ "name": "Club", "type": "other" }, { "name": "7B", "type": "teaching group" }] },
            { "name": "B", "external_id": "00012", "roles": ["teacher", "staff"], "groups": [] },
            { "name": "C", "roles": [] },
        ] }) else {
            unreachable!()
        };
        let expected = json!([
            { "school": "00011", "role": "student", "group": "7B" },
            { "school": "00012", "role": "teacher", "group": null },
            { "school": "00012", "role": "staff", "group": null },
        ]);
        assert_eq!(roles(&said), expected);
        assert_eq!(roles(&Map::new()), json!([]));
    }
}
