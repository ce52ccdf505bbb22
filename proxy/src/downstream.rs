//! Towards services: one trait, one implementation for each protocol.
//!
//! A downstream protocol reads a service's request into a `LoginRequest` that every protocol
//! shares, gives it to the broker, and carries the broker's answer back. It knows nothing of home
//! organisations.

pub(crate) mod openid;
pub(crate) mod saml;

pub(crate) use openid::OpenIdProvider;
pub(crate) use saml::SamlIdentityProvider;

use crate::broker::{Broker, End, Judged, Login};
use crate::flow::LoginRequest;
use crate::live::View;
use crate::page::WayBack;
use crate::problem::Problem;
use async_trait::async_trait;
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
    /// A SAML authentication request.
    #[serde(rename = "s")]
    Saml(saml::SamlReply),
}

impl Reply {
    /// The protocol's name, as the log keeps it.
    pub(crate) fn protocol(&self) -> &'static str {
        match self {
            Self::OpenIdConnect(_) => openid::PROTOCOL,
            Self::Saml(_) => saml::PROTOCOL,
        }
    }
}

/// A protocol spoken to services.
#[async_trait]
pub(crate) trait Downstream: Send + Sync {
    /// Its endpoints.
    fn routes(&self) -> Router<Arc<Broker>>;

    /// Sends the browser back with what the service needs to fetch the login, or with the login.
    async fn deliver(&self, broker: &Broker, login: Login) -> Result<Response, End>;

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

    /// The form on an error page that leads back to the service, telling it of the problem, where
    /// the service is told by a form.
    fn way_back(
        &self,
        _broker: &Broker,
        _request: &LoginRequest,
        _problem: Problem,
    ) -> Option<WayBack> {
        None
    }
}
