//! Microsoft Graph: where the attributes of an Entra ID tenant's users come from after the login,
//! whichever protocol the login used (domain facts E.5).
//!
//! The proxy's app registration in the tenant reads them by client credentials; the access token
//! serves until shortly before its end. Names are case-sensitive there, and a dotted name reaches
//! into an object.

use super::{Said, Target, UpstreamError};
use crate::cache::Cache;
use crate::clock::seconds;
use crate::http::{BackChannel, BackChannelError, Hosts};
use domain::time::{Date, Instant};
use domain::value::{HostName, WebAddress};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use projections::routing::{AttributeValues, GraphAttributes, HomeIntegration, SecretOwner};
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The hosts of the token endpoint and of Graph.
const LOGIN_HOST: &str = "login.microsoftonline.com";
const GRAPH_HOST: &str = "graph.microsoft.com";
/// What the token is asked for: everything that the app registration was granted.
const SCOPE: &str = "https://graph.microsoft.com/.default";
/// How long before its end a token is no longer used, in seconds.
const MARGIN_SECONDS: i64 = 60;
/// Longest time a token serves, whatever it says, in seconds.
const TOKEN_SECONDS_MAX: i64 = 3600;
/// How long before its end a client key is worth a warning, in days.
const WARNING_DAYS: i64 = 30;
/// What a login says a user's immutable identifier is: OpenID Connect, then SAML.
const OBJECT_ID: [&str; 2] = [
    "oid",
    "http://schemas.microsoft.com/identity/claims/objectidentifier",
];
/// What stays itself in a segment of a path.
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

struct Token {
    value: Zeroizing<String>,
    until_seconds: i64,
}

/// Graph, for every tenant.
pub(crate) struct Graph {
    back_channel: BackChannel,
    hosts: Hosts,
    tokens: Cache<Token>,
}

impl Graph {
    pub(crate) fn new(back_channel: BackChannel, hosts: Hosts) -> Self {
        Self {
            back_channel,
            hosts,
            tokens: Cache::default(),
        }
    }

    /// What the login said, with the user's attributes from Graph; where both name something,
    /// Graph's word stands.
    pub(crate) async fn complete(
        &self,
        target: &Target<'_>,
        graph: &GraphAttributes,
        mut said: Said,
    ) -> Result<Said, UpstreamError> {
        let user = user(&said);
        let select: Vec<_> = selected(target.home).into_iter().collect();
        if select.is_empty() {
            return Ok(said);
        }
        let address = format!(
            "{}/v1.0/users/{}?$select={}",
            self.origin(GRAPH_HOST)?,
            utf8_percent_encode(&user, SEGMENT),
            select.join(",")
        );
        let address =
            WebAddress::parse(&address).map_err(|_| UpstreamError::Description("attributes"))?;
        let token = self.token(target, graph).await?;
        let mut fetched = self.back_channel.get(&address, Some(&token.value)).await;
        if matches!(fetched, Err(BackChannelError::Status { status: 401 })) {
            // Revoked before its time: once more with a new one.
            self.tokens.forget(&name(graph));
            let token = self.token(target, graph).await?;
            fetched = self.back_channel.get(&address, Some(&token.value)).await;
        }
        let Value::Object(attributes) = fetched.map_err(UpstreamError::Graph)? else {
            return Err(UpstreamError::Answer("attributes are no object"));
        };
        said.delivered.extend(attributes);
        Ok(said)
    }

    fn origin(&self, host: &str) -> Result<String, UpstreamError> {
        let host = HostName::parse(host).map_err(|_| UpstreamError::Description("host"))?;
        Ok(self.hosts.origin(&host))
    }

    async fn token(
        &self,
        target: &Target<'_>,
        graph: &GraphAttributes,
    ) -> Result<Arc<Token>, UpstreamError> {
        let (name, now) = (name(graph), seconds(target.now));
        let kept = self.tokens.get(&name, target.now, TOKEN_SECONDS_MAX);
        if let Some(token) = kept.filter(|token| now < token.until_seconds) {
            return Ok(token);
        }
        warn_of_end(target, graph);
        let owner = SecretOwner::Integration(target.home.integration);
        let key = graph
            .client_key
            .open(target.node_key, target.environment, owner)
            .map_err(UpstreamError::Secret)?;
        let key = std::str::from_utf8(&key).map_err(|_| UpstreamError::Answer("secret"))?;
        let address = format!(
            "{}/{}/oauth2/v2.0/token",
            self.origin(LOGIN_HOST)?,
            utf8_percent_encode(graph.tenant_id.as_str(), SEGMENT)
        );
        let address =
            WebAddress::parse(&address).map_err(|_| UpstreamError::Description("tenant"))?;
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", graph.client_id.as_str()),
            ("client_secret", key),
            ("scope", SCOPE),
        ];
        let answer = self.back_channel.post(&address, None, &form).await;
        let answer = answer.map_err(UpstreamError::Graph)?;
        let value = answer.get("access_token").and_then(Value::as_str);
        let value = value.ok_or(UpstreamError::Answer("access token is missing"))?;
        let serves = answer.get("expires_in").and_then(Value::as_i64);
        let serves = serves.unwrap_or(0).clamp(0, TOKEN_SECONDS_MAX);
        let token = Token {
            value: Zeroizing::new(value.to_owned()),
            until_seconds: now + serves - MARGIN_SECONDS,
        };
        Ok(self.tokens.put(&name, target.now, token))
    }
}

/// A token is the tenant's, the registration's, and of one key: a new key makes a new one.
fn name(graph: &GraphAttributes) -> String {
    let key =
        ledger::Hash::of(format!("{:?}", serde_json::to_string(&graph.client_key)).as_bytes());
    format!("{}/{}/{key}", graph.tenant_id, graph.client_id)
}

/// Says in the trace that a client key is near its end; asked for at most once for each token.
fn warn_of_end(target: &Target<'_>, graph: &GraphAttributes) {
    let Some(on) = graph.valid_until else { return };
    let left = days_left(on, target.now);
    if left < WARNING_DAYS {
        tracing::warn!(
            environment = %target.environment, home = ?target.home.integration, days_left = left,
            "the client key for Graph is near its end"
        );
    }
}

/// Days until the end of a key's last day.
fn days_left(on: Date, now: Instant) -> i64 {
    let today = now.utc().date();
    let today = Date::new(today.year(), today.month().into(), today.day());
    today.map_or(0, |today| today.days_until(on))
}

/// Whom Graph is asked about: the immutable identifier where the login gave it, or else its subject.
fn user(said: &Said) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(values) => match values.as_slice() {
            [Value::String(text)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    };
    let id = OBJECT_ID
        .iter()
        .find_map(|name| said.delivered.get(*name).and_then(text));
    id.unwrap_or_else(|| said.subject.clone())
}

/// The properties that the integration's rules name; of a dotted name the outermost.
fn selected(home: &HomeIntegration) -> BTreeSet<&str> {
    let is_property = |name: &&str| {
        name.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    let sources = home.attribute_rules.iter().filter_map(|rule| {
        let AttributeValues::Source { name } = &rule.values else {
            return None;
        };
        name.as_str().split('.').next()
    });
    sources.filter(is_property).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(delivered: Value) -> Said {
        let Value::Object(delivered) = delivered else {
            unreachable!()
        };
        Said {
            subject: "pairwise".to_owned(),
            delivered,
            authenticated_at: Instant::from_microseconds(0),
        }
    }

    #[test]
    fn days_are_counted_to_the_last_on_which_the_key_holds() {
        let on = Date::new(1970, 1, 31).unwrap();
        assert_eq!(days_left(on, Instant::from_microseconds(0)), 30);
        let later = Instant::from_microseconds(31 * 86_400 * 1_000_000);
        assert_eq!(days_left(on, later), -1);
    }

    #[test]
    fn the_immutable_identifier_is_asked_about_before_the_subject() {
        assert_eq!(user(&said(json!({ "oid": "guid" }))), "guid");
        let saml = json!({ OBJECT_ID[1]: ["guid"] });
        assert_eq!(user(&said(saml)), "guid");
        assert_eq!(user(&said(json!({ "oid": ["a", "b"] }))), "pairwise");
        assert_eq!(user(&said(json!({}))), "pairwise");
    }
}
