//! Log-out that a service began (OpenID Connect RP-Initiated Logout 1.0): it ends the session at
//! the proxy, and says truthfully that nothing else was ended.

use super::hint::{self, Hint};
use super::{LOGOUT_PATH, PROTOCOL, post_again, subject};
use crate::broker::{Broker, see_other};
use crate::cookie::{self, Cookies};
use crate::language::{Words, of_locales};
use crate::live::View;
use crate::page::{self, Confirm, Link, LogOut};
use crate::parameters::Parameters;
use crate::problem::Problem;
use crate::session::{Identity, SESSION_COOKIE};
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use projections::routing::{ServiceClient, ServiceProtocol};
use std::sync::Arc;

pub(super) async fn by_query(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let parameters = Parameters::parse(query.unwrap_or_default().as_bytes());
    logout(&broker, &headers, parameters, false).await
}

pub(super) async fn by_form(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let parameters = Parameters::of_form(&headers, &body);
    if let Ok(parameters) = &parameters
        && cookie::are_kept_back(&headers)
    {
        // Another site's word that the user has confirmed is none.
        let asked = parameters.without("confirm");
        return post_again(&broker, &headers, LOGOUT_PATH, &asked);
    }
    logout(&broker, &headers, parameters, true).await
}

async fn logout(
    broker: &Broker,
    headers: &HeaderMap,
    parameters: Result<Parameters, Problem>,
    posted: bool,
) -> Response {
    let mut caller = broker.caller(headers);
    let asked = parameters.and_then(|parameters| {
        let view = broker.view()?;
        let asking = asking(broker, &view, &parameters)?;
        Ok((parameters, view, asking))
    });
    let (parameters, view, asking) = match asked {
        Ok(asked) => asked,
        Err(problem) => return broker.end(&caller, None, problem.into(), vec![]).await,
    };
    if let Some(language) = parameters.get("ui_locales").and_then(of_locales) {
        caller.language = language;
    }
    let confirmed = posted && parameters.get("confirm") == Some("yes");
    let cookies = Cookies::of(headers);
    let session = broker.session(&view, &cookies, broker.clock.now());
    // A token of ours speaks for the user whom it names, and for no other who sits here now.
    let proven = asking.as_ref().is_some_and(|asking| match &session {
        Some(identity) => asking.names(broker, &view, identity),
        None => asking.hint.is_some(),
    });
    if session.is_some() && !proven && !confirmed {
        // Anyone can link here; without a token of ours the user is asked.
        let mut fields = vec![("confirm".to_owned(), "yes".to_owned())];
        let client_id = asking.as_ref().map(Asking::client_id);
        fields.extend(client_id.map(|id| ("client_id".to_owned(), id.to_owned())));
        for name in ["post_logout_redirect_uri", "state", "ui_locales"] {
            if let Some(value) = parameters.get(name) {
                fields.push((name.to_owned(), value.to_owned()));
            }
        }
        let button = Words {
            fi: "Kirjaudu ulos",
            sv: "Logga ut",
            en: "Log out",
        };
        let button = button.in_language(caller.language);
        let confirm = Confirm {
            address: LOGOUT_PATH,
            fields: &fields,
            button,
        };
        return page::logout(&LogOut::Asked(confirm), &[], caller.language);
    }
    if let Some(identity) = &session {
        let service = asking.as_ref().map(|asking| asking.service.as_ref());
        broker
            .record_logout(&caller.correlation, PROTOCOL, identity, service)
            .await;
    }
    let back = parameters.get("post_logout_redirect_uri").map(|address| {
        let Some(state) = parameters.get("state") else {
            return address.to_owned();
        };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("state", state);
        let joint = if address.contains('?') { '&' } else { '?' };
        format!("{address}{joint}{}", query.finish())
    });
    let mut response = match back {
        // A shared device is the rule: unless the service proved itself, the user reads first what
        // is still open.
        Some(address) if proven => see_other(&address),
        back => {
            let text = Words {
                fi: "Palaa palveluun",
                sv: "Tillbaka till tjänsten",
                en: "Return to the service",
            };
            let text = text.in_language(caller.language);
            let links: Vec<_> = back
                .map(|address| Link { address, text })
                .into_iter()
                .collect();
            let home = session.as_ref().map(|identity| {
                let home = view.table.homes().get(&identity.home);
                home.map(|home| home.organisation_name.in_language(caller.language).as_str())
            });
            let done = home.map_or(LogOut::NothingFound, |home| LogOut::Ended { home });
            page::logout(&done, &links, caller.language)
        }
    };
    // What the browser did not bring is not taken from it: a form of another site comes without.
    if cookies.get(SESSION_COOKIE).is_some() {
        cookie::set(response.headers_mut(), SESSION_COOKIE, "", 0);
    }
    response
}

/// The service that asks, with the token of ours that it shows.
struct Asking {
    service: Arc<ServiceClient>,
    hint: Option<Hint>,
}

impl Asking {
    fn client_id(&self) -> &str {
        match &self.service.protocol {
            ServiceProtocol::OpenIdConnect(client) => client.client_id.as_str(),
            ServiceProtocol::Saml(service) => service.entity_id.as_str(),
        }
    }

    /// Whether the token names the user of this session.
    fn names(&self, broker: &Broker, view: &View, identity: &Identity) -> bool {
        let (Some(hint), ServiceProtocol::OpenIdConnect(client)) =
            (&self.hint, &self.service.protocol)
        else {
            return false;
        };
        let now = broker.clock.now();
        let judged = broker.judge(view, self.service.integration, identity, now);
        // Where the user may not log in any more, they are asked.
        judged.is_ok_and(|judged| subject(view, client, &judged).as_ref() == Some(&hint.subject))
    }
}

/// Which service asks. An address to return to must be registered for it, or the request is
/// refused.
fn asking(
    broker: &Broker,
    view: &View,
    parameters: &Parameters,
) -> Result<Option<Asking>, Problem> {
    let hint = match parameters.get("id_token_hint") {
        None => None,
        Some(token) => Some(hint::read(broker, view, token).ok_or(Problem::InvalidRequest)?),
    };
    let named = parameters.get("client_id");
    if let (Some(hint), Some(named)) = (&hint, named)
        && hint.client_id != named
    {
        return Err(Problem::InvalidRequest);
    }
    let client_id = hint.as_ref().map(|hint| hint.client_id.as_str()).or(named);
    let row = client_id.and_then(|id| view.table.service_by_client_id(id));
    let registered = |address: &str| {
        row.is_some_and(|row| match &row.protocol {
            ServiceProtocol::OpenIdConnect(client) => client
                .post_logout_redirect_uris
                .iter()
                .any(|known| known.as_str() == address),
            ServiceProtocol::Saml(_) => false,
        })
    };
    if parameters
        .get("post_logout_redirect_uri")
        .is_some_and(|address| !registered(address))
    {
        return Err(Problem::RedirectUriNotRegistered);
    }
    Ok(row.map(|row| Asking {
        service: Arc::clone(row),
        hint,
    }))
}
