//! OpenID Connect towards services: the proxy as provider (OpenID Connect Core 1.0), code flow
//! alone, with what RFC 9700 asks for: PKCE, exact redirect URIs, `iss` in answers, codes that
//! serve once.

mod authorize;
mod grant;
mod logout;
mod metadata;
mod token;
mod userinfo;

use super::{Downstream, Reply};
use crate::broker::{Broker, Login, see_other};
use crate::flow::LoginRequest;
use crate::page;
use crate::problem::Problem;
use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use domain::value::Language;
use grant::Grants;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use url::Url;

/// The protocol's name, as the log keeps it.
pub(crate) const PROTOCOL: &str = "openid-connect";

const METADATA_PATH: &str = "/.well-known/openid-configuration";
const KEYS_PATH: &str = "/openid/jwks";
const AUTHORIZE_PATH: &str = "/openid/authorize";
const TOKEN_PATH: &str = "/openid/token";
const USERINFO_PATH: &str = "/openid/userinfo";
const LOGOUT_PATH: &str = "/openid/logout";

/// The provider of one environment at this node.
pub(crate) struct OpenIdProvider {
    grants: Grants,
}

/// What must be remembered of an authorization request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OpenIdReply {
    #[serde(rename = "u")]
    redirect_uri: String,
    #[serde(rename = "s")]
    state: Option<String>,
    #[serde(rename = "n")]
    nonce: Option<String>,
    /// The PKCE challenge, always S256.
    #[serde(rename = "c")]
    challenge: Option<String>,
    /// Whether the answer is posted instead of put into the query.
    #[serde(rename = "p")]
    form_post: bool,
    /// Whether the scope asks for the user's attributes, not for the subject alone.
    #[serde(rename = "a")]
    attributes: bool,
}

impl OpenIdProvider {
    pub(crate) fn new() -> Self {
        Self {
            grants: Grants::new(),
        }
    }
}

fn reply(request: &LoginRequest) -> &OpenIdReply {
    let Reply::OpenIdConnect(reply) = &request.reply;
    reply
}

/// An answer to an authorization request, with `state` and `iss` (RFC 9207).
struct Answer<'a> {
    broker: &'a Broker,
    reply: &'a OpenIdReply,
    language: Language,
    parameters: Vec<(String, String)>,
}

impl<'a> Answer<'a> {
    fn new(
        broker: &'a Broker,
        reply: &'a OpenIdReply,
        language: Language,
        own: &[(&str, &str)],
    ) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let mut parameters: Vec<_> = own.iter().map(owned).collect();
        if let Some(state) = &reply.state {
            parameters.push(("state".to_owned(), state.clone()));
        }
        parameters.push(("iss".to_owned(), broker.issuer.clone()));
        Self {
            broker,
            reply,
            language,
            parameters,
        }
    }

    /// The answer as an address: the registered one, whose own query stays as it is.
    fn address(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.parameters);
        let joint = if self.reply.redirect_uri.contains('?') {
            '&'
        } else {
            '?'
        };
        format!("{}{joint}{}", self.reply.redirect_uri, query.finish())
    }

    fn send(self) -> Response {
        if !self.reply.form_post {
            return see_other(&self.address());
        }
        let address = &self.reply.redirect_uri;
        let origin = Url::parse(address).map(|url| url.origin().ascii_serialization());
        let nonce = self.broker.fresh_id();
        let origin = origin.unwrap_or_default();
        page::post(address, &origin, &self.parameters, &nonce, self.language)
    }
}

impl Downstream for OpenIdProvider {
    fn routes(&self) -> Router<Arc<Broker>> {
        Router::new()
            .route(METADATA_PATH, get(metadata::configuration))
            .route(KEYS_PATH, get(metadata::keys))
            .route(
                AUTHORIZE_PATH,
                get(authorize::by_query).post(authorize::by_form),
            )
            .route(TOKEN_PATH, post(token::token))
            .route(USERINFO_PATH, get(userinfo::by_get).post(userinfo::by_post))
            .route(LOGOUT_PATH, get(logout::by_query).post(logout::by_form))
    }

    fn deliver(&self, broker: &Broker, login: Login) -> Response {
        let request = login.request.clone();
        let code = self.grants.issue(broker, login);
        let language = request.language;
        Answer::new(broker, reply(&request), language, &[("code", &code)]).send()
    }

    fn needs_user(&self, broker: &Broker, request: &LoginRequest) -> Response {
        let error = [("error", "login_required")];
        Answer::new(broker, reply(request), request.language, &error).send()
    }

    fn refuse(&self, broker: &Broker, request: &LoginRequest, problem: Problem) -> Response {
        refusal(broker, request, problem).send()
    }

    fn refusal_address(
        &self,
        broker: &Broker,
        request: &LoginRequest,
        problem: Problem,
    ) -> Option<String> {
        // A posted answer cannot be made by following a link.
        (!reply(request).form_post).then(|| refusal(broker, request, problem).address())
    }
}

fn refusal<'a>(broker: &'a Broker, request: &'a LoginRequest, problem: Problem) -> Answer<'a> {
    let error = [
        ("error", problem.service_error()),
        ("error_description", problem.code()),
    ];
    Answer::new(broker, reply(request), request.language, &error)
}
