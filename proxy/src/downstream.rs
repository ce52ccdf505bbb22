//! Towards services: one trait, one implementation for each protocol.
//!
//! A downstream protocol reads a service's request into a `LoginRequest` that every protocol
//! shares, gives it to the broker, and carries the broker's answer back. It knows nothing of home
//! organisations. SAML is a further implementation.

pub(crate) mod openid;

pub(crate) use openid::OpenIdProvider;

use crate::broker::{Broker, Judged, Login};
use crate::flow::LoginRequest;
use crate::live::View;
use crate::problem::Problem;
use axum::Router;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What a protocol needs to answer a request; kept sealed in the flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Reply {
    /// An OpenID Connect authorization request.
    #[serde(rename = "o")]
    OpenIdConnect(openid::OpenIdReply),
}

impl Reply {
    /// The protocol's name, as the log keeps it.
    pub(crate) fn protocol(&self) -> &'static str {
        match self {
            Self::OpenIdConnect(_) => openid::PROTOCOL,
        }
    }
}

/// A protocol spoken to services.
pub(crate) trait Downstream: Send + Sync {
    /// Its endpoints.
    fn routes(&self) -> Router<Arc<Broker>>;

    /// Sends the browser back with what the service needs to fetch the login, or with the login.
    fn deliver(&self, broker: &Broker, login: Login) -> Response;

    /// Whether the user who logged in is the one that the service named; true where it named none.
    fn means(&self, _view: &View, _request: &LoginRequest, _judged: &Judged) -> bool {
        true
    }

    /// Sends the browser back with word that a login without the user's doing was not possible.
    fn needs_user(&self, broker: &Broker, request: &LoginRequest) -> Response;

    /// Sends the browser back with word of a problem, without a page.
    fn refuse(&self, broker: &Broker, request: &LoginRequest, problem: Problem) -> Response;

    /// Where a link on an error page leads back to the service, telling it of the problem; none
    /// where the service cannot be told by a link.
    fn refusal_address(
        &self,
        broker: &Broker,
        request: &LoginRequest,
        problem: Problem,
    ) -> Option<String>;
}
