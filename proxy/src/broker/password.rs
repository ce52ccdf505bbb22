//! The form in which the proxy itself asks for name and password, for protocols that have it ask.

use super::{Broker, Caller};
use crate::cookie::Cookies;
use crate::flow::Flow;
use crate::language::{of_locales, tag};
use crate::live::View;
use crate::page::{self, AskPassword, Link};
use crate::parameters::Parameters;
use crate::problem::Problem;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::value::Language;
use std::sync::Arc;

/// The form.
pub(crate) const PASSWORD_PATH: &str = "/login/password";

pub(super) async fn ask(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let stranger = broker.caller(&headers);
    let found = Parameters::parse(query.unwrap_or_default().as_bytes()).and_then(|parameters| {
        let view = broker.view()?;
        let now = broker.clock.now();
        let flow = broker.flow(&view, parameters.get("flow"), &Cookies::of(&headers), now)?;
        Ok((view, flow, parameters))
    });
    let (view, flow, parameters) = match found {
        Ok(found) => found,
        Err(problem) => return broker.end(&stranger, None, problem.into(), vec![]).await,
    };
    let caller = Caller::of_flow(&flow);
    let language = parameters.get("lang").and_then(of_locales);
    let language = language.unwrap_or(caller.language);
    let again = parameters.get("again") == Some("yes");
    match broker.form(&view, &flow, again, language) {
        Ok(page) => page,
        Err(problem) => {
            let request = Some(&flow.request);
            broker.end(&caller, request, problem.into(), vec![]).await
        }
    }
}

impl Broker {
    fn form(
        &self,
        view: &View,
        flow: &Flow,
        again: bool,
        language: Language,
    ) -> Result<Response, Problem> {
        let (home, memory) = flow.upstream.as_ref().ok_or(Problem::FlowMissing)?;
        let home = view.table.homes().get(home).ok_or(Problem::FlowMissing)?;
        let token = self
            .upstream(home)
            .and_then(|upstream| upstream.form_token(memory))
            .ok_or(Problem::FlowMissing)?;
        let service = Self::service(view, &flow.request)?;
        let link = |(other, text)| Link {
            address: format!("{PASSWORD_PATH}?flow={}&lang={}", flow.id, tag(other)),
            text,
        };
        let languages: Vec<_> = page::LANGUAGES
            .into_iter()
            .filter(|(other, _)| *other != language)
            .map(link)
            .collect();
        let asking = AskPassword {
            home: home.organisation_name.in_language(language).as_str(),
            service: service.name.in_language(language).as_str(),
            address: &self.return_address(home),
            flow: &flow.id,
            token: &token,
            username: flow.request.login_hint.as_deref().unwrap_or_default(),
            again,
            onward: page::onward(&self.issuer),
            languages: &languages,
        };
        Ok(page::ask_password(&asking, language))
    }
}
