//! A login on its way: what the service asked for, and what is remembered while the user is at
//! the home organisation. It lives in one sealed cookie of the browser that began it.

use crate::downstream::Reply;
use domain::IntegrationId;
use domain::time::Instant;
use domain::value::Language;
use projections::routing::HomeIntegration;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How long a user may take from the request to the return, in seconds.
pub(crate) const FLOW_SECONDS: u32 = 15 * 60;
/// The beginning of the name of every flow's cookie.
pub(crate) const FLOW_COOKIE: &str = "__Host-flow-";
/// How many flows a browser may have under way; with one more, all others are forgotten.
pub(crate) const FLOWS_MAX: usize = 8;

/// A source that the service asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RequestedContext {
    /// Exactly this flow: `urn:mpass.id:authnsource:<flow name>`.
    #[serde(rename = "s")]
    Source(String),
    /// Any of a group: `urn:mpass.id:authntag:<tag>`.
    #[serde(rename = "t")]
    Tag(String),
}

impl RequestedContext {
    /// The context of a class reference; `None` for references of other kinds, which bind nobody.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("urn:mpass.id:")?;
        let (kind, name) = rest.split_once(':')?;
        match kind {
            "authnsource" => Some(Self::Source(name.to_owned())),
            "authntag" => Some(Self::Tag(name.to_owned())),
            _ => None,
        }
    }

    /// Whether a home integration is what the context asks for.
    pub(crate) fn is_of(&self, home: &HomeIntegration) -> bool {
        match self {
            Self::Source(flow_name) => *flow_name == home.flow_name,
            Self::Tag(tag) => home.tags.contains(tag),
        }
    }
}

/// The class reference by which a login at `home` answers a request: a tag where the service asked
/// for that, or else the source itself.
pub(crate) fn answered_context(contexts: &[RequestedContext], home: &HomeIntegration) -> String {
    match contexts.iter().find(|context| context.is_of(home)) {
        Some(RequestedContext::Tag(tag)) => format!("urn:mpass.id:authntag:{tag}"),
        Some(RequestedContext::Source(_)) | None => {
            format!("urn:mpass.id:authnsource:{}", home.flow_name)
        }
    }
}

/// What a service asks for, in words that every protocol shares.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LoginRequest {
    /// The client of the service.
    #[serde(rename = "c")]
    pub(crate) service: IntegrationId,
    /// The user must log in now, whatever session there is.
    #[serde(rename = "f")]
    pub(crate) force: bool,
    /// Nothing may be shown: the session must do.
    #[serde(rename = "p")]
    pub(crate) passive: bool,
    /// The user must be let choose the home organisation.
    #[serde(rename = "h")]
    pub(crate) choose: bool,
    /// The login must not be older than this, in seconds.
    #[serde(rename = "m")]
    pub(crate) age_seconds_max: Option<u32>,
    /// Which sources will do; none means all.
    #[serde(rename = "x")]
    pub(crate) contexts: Vec<RequestedContext>,
    /// Who is likely to log in, for the home organisation to prefill.
    #[serde(rename = "l")]
    pub(crate) login_hint: Option<String>,
    /// In which language.
    #[serde(rename = "g")]
    pub(crate) language: Language,
    /// What the protocol needs to answer.
    #[serde(rename = "r")]
    pub(crate) reply: Reply,
}

/// A login on its way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Flow {
    /// Its public name. Useless without the cookie.
    #[serde(rename = "n")]
    pub(crate) id: String,
    /// What error pages and the log name it by.
    #[serde(rename = "o")]
    pub(crate) correlation: String,
    /// When it began.
    #[serde(rename = "b")]
    pub(crate) began_at: Instant,
    /// What the service asked for.
    #[serde(rename = "q")]
    pub(crate) request: LoginRequest,
    /// The home integration that was chosen, and what its protocol must remember.
    #[serde(rename = "u")]
    pub(crate) upstream: Option<(IntegrationId, Value)>,
}

impl Flow {
    /// The name of its cookie.
    pub(crate) fn cookie_name(id: &str) -> String {
        format!("{FLOW_COOKIE}{id}")
    }

    /// Whether `id` can be a flow's name: what came from outside is looked at before it is used.
    pub(crate) fn is_id(id: &str) -> bool {
        id.len() == 22
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_references_of_the_network_are_contexts() {
        let source = RequestedContext::Source("Wilma1".to_owned());
        assert_eq!(
            RequestedContext::parse("urn:mpass.id:authnsource:Wilma1"),
            Some(source)
        );
        let tag = RequestedContext::Tag("primarySchool".to_owned());
        assert_eq!(
            RequestedContext::parse("urn:mpass.id:authntag:primarySchool"),
            Some(tag)
        );
        assert_eq!(
            RequestedContext::parse("urn:oasis:names:tc:SAML:2.0:ac:classes:Password"),
            None
        );
        assert_eq!(RequestedContext::parse("urn:mpass.id:other:x"), None);
    }
}
