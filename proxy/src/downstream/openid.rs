//! OpenID Connect towards services: the proxy as provider (OpenID Connect Core 1.0), code flow
//! alone, with what RFC 9700 asks for: PKCE, exact redirect URIs, `iss` in answers, codes that
//! serve once.

mod authorize;
mod claims;
mod client;
mod grant;
mod hint;
mod logout;
mod metadata;
mod token;
mod userinfo;

use super::{Downstream, Reply};
use crate::broker::{Broker, Judged, Login, see_other};
use crate::flow::LoginRequest;
use crate::language::{of_browser, of_locales};
use crate::live::View;
use crate::page;
use crate::parameters::Parameters;
use crate::problem::Problem;
use crate::single_use::Expiring;
use axum::Router;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::data_model::Attribute;
use domain::value::Language;
use grant::Grants;
use ledger::keyed_digest;
use projections::routing::{OpenIdConnectClient, ServiceProtocol, SubjectType};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use url::Url;

/// The protocol's name, as the log keeps it.
pub(crate) const PROTOCOL: &str = "openid-connect";

const METADATA_PATH: &str = "/.well-known/openid-configuration";
const KEYS_PATH: &str = "/openid/jwks";
const AUTHORIZE_PATH: &str = "/openid/authorize";
const TOKEN_PATH: &str = "/openid/token";
const USERINFO_PATH: &str = "/openid/userinfo";
const LOGOUT_PATH: &str = "/openid/logout";

/// Most assertions of clients that are remembered.
const ASSERTIONS_MAX: usize = 500_000;

/// The provider of one environment at this node.
pub(crate) struct OpenIdProvider {
    grants: Grants,
    /// The assertions of clients that were presented here.
    assertions: Mutex<Expiring<()>>,
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
    /// Attributes that the request asks for one by one, at userinfo and in the ID token.
    #[serde(rename = "k", default, skip_serializing_if = "BTreeSet::is_empty")]
    userinfo_claims: BTreeSet<Attribute>,
    #[serde(rename = "i", default, skip_serializing_if = "BTreeSet::is_empty")]
    id_token_claims: BTreeSet<Attribute>,
    /// The only user who will do, as the client knows them.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    subject: Option<String>,
}

impl OpenIdProvider {
    pub(crate) fn new() -> Self {
        Self {
            grants: Grants::new(),
            assertions: Mutex::new(Expiring::new(client::ASSERTION_SECONDS_MAX, ASSERTIONS_MAX)),
        }
    }
}

fn reply(request: &LoginRequest) -> &OpenIdReply {
    let Reply::OpenIdConnect(reply) = &request.reply;
    reply
}

fn token_endpoint(broker: &Broker) -> String {
    format!("{}{TOKEN_PATH}", broker.back_channel_origin)
}

/// Has the browser post a form once more, from a page of ours: then it brings the cookies that it
/// kept back when another site made it post.
fn post_again(
    broker: &Broker,
    headers: &HeaderMap,
    path: &str,
    parameters: &Parameters,
) -> Response {
    let language = parameters.get("ui_locales").and_then(of_locales);
    let language = language.unwrap_or_else(|| of_browser(headers));
    let nonce = broker.fresh_id();
    let onward = page::onward(&broker.issuer);
    page::post(path, onward, parameters.as_slice(), &nonce, language)
}

/// The subject that a client sees (OpenID Connect Core §8.1): the same in all clients of a
/// service, another in every service, unless the user's national identifier is what it is given.
fn subject(view: &View, client: &OpenIdConnectClient, judged: &Judged) -> Option<String> {
    match client.subject_type {
        SubjectType::Public => Some(judged.user_id.clone()),
        SubjectType::Pairwise => {
            let input = format!("{}/{}", judged.service.service, judged.user_id);
            let digest = keyed_digest(view.keys.pairwise()?, "pairwise subject", input.as_bytes());
            Some(URL_SAFE_NO_PAD.encode(digest.0))
        }
    }
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

    fn means(&self, view: &View, request: &LoginRequest, judged: &Judged) -> bool {
        let Some(wanted) = &reply(request).subject else {
            return true;
        };
        let ServiceProtocol::OpenIdConnect(client) = &judged.service.protocol else {
            return false;
        };
        subject(view, client, judged).as_ref() == Some(wanted)
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
