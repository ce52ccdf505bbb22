//! A login arrives from a service.

use super::choose::CHOOSE_PATH;
use super::{Broker, Caller, End, Facts, Login, see_other};
use crate::cookie::Cookies;
use crate::flow::{Flow, LoginRequest};
use crate::language::Words;
use crate::live::View;
use crate::page::Link;
use crate::problem::Problem;
use crate::upstream::{Ask, Target};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use domain::IntegrationId;
use domain::time::Instant;
use projections::routing::{HomeIntegration, Refusal, RouteRequest, permit};
use std::sync::Arc;

impl Broker {
    /// Takes a request that its protocol found valid.
    pub(crate) async fn arrive(
        &self,
        caller: Caller,
        request: LoginRequest,
        cookies: &Cookies,
    ) -> Response {
        let view = match self.view() {
            Ok(view) => view,
            Err(problem) => {
                return self
                    .end(&caller, Some(&request), problem.into(), vec![])
                    .await;
            }
        };
        let now = self.clock.now();
        match self
            .try_arrive(&view, &caller, &request, cookies, now)
            .await
        {
            Ok(response) => response,
            // A silent request is answered, never shown a page (OpenID Connect Core §3.1.2.6).
            Err(end) if request.passive => {
                let End { problem, facts } = end;
                self.record_refusal(&caller.correlation, &request, problem, facts)
                    .await;
                self.downstream(&request.reply)
                    .refuse(self, &request, problem)
            }
            Err(end) => {
                let (links, set) = self.other_ways(&view, &caller, &request, &end, cookies, now);
                let mut response = self.end(&caller, Some(&request), end, links).await;
                for cookie in set.get_all(header::SET_COOKIE) {
                    response
                        .headers_mut()
                        .append(header::SET_COOKIE, cookie.clone());
                }
                response
            }
        }
    }

    async fn try_arrive(
        &self,
        view: &View,
        caller: &Caller,
        request: &LoginRequest,
        cookies: &Cookies,
        now: Instant,
    ) -> Result<Response, End> {
        self.may_route(view, request, None, now)?;
        let service = Self::service(view, request)?;
        let mut another = false;
        if service.single_sign_on
            && !request.force
            && !request.choose
            && let Some(identity) = self.session(view, cookies, now)
        {
            let home = view.table.homes().get(&identity.home);
            let fits = home.is_none_or(|home| home.single_sign_on && asked_for(home, request));
            let most = request.age_seconds_max.map(i64::from);
            if fits && most.is_none_or(|most| identity.age_seconds(now) <= most) {
                let judged = self.judge(view, request.service, &identity, now);
                let judged = judged.map_err(|problem| End {
                    problem,
                    facts: Facts::of(&identity, true),
                })?;
                let downstream = self.downstream(&request.reply);
                if downstream.means(view, request, &judged) {
                    let login = Login {
                        request: request.clone(),
                        identity,
                        correlation: caller.correlation.clone(),
                        single_sign_on: true,
                    };
                    return Ok(downstream.deliver(self, login));
                }
                // Somebody else is logged in: the home organisation must not take its own session
                // for an answer either.
                another = true;
            }
        }
        if request.passive {
            return Ok(self.downstream(&request.reply).needs_user(self, request));
        }
        let homes = self.candidates(view, request, now)?;
        let mut flow = self.new_flow(caller, request, now);
        flow.request.force |= another;
        match homes.as_slice() {
            [only] if !request.choose => self.leave(view, flow, only, cookies, now).await,
            _ => {
                let mut response = see_other(&format!("{CHOOSE_PATH}?flow={}", flow.id));
                self.set_flow(view, &flow, cookies, response.headers_mut())?;
                Ok(response)
            }
        }
    }

    pub(super) fn new_flow(&self, caller: &Caller, request: &LoginRequest, now: Instant) -> Flow {
        Flow {
            id: self.fresh_id(),
            correlation: caller.correlation.clone(),
            began_at: now,
            request: request.clone(),
            upstream: None,
        }
    }

    pub(super) fn may_route(
        &self,
        view: &View,
        request: &LoginRequest,
        home: Option<IntegrationId>,
        now: Instant,
    ) -> Result<(), End> {
        let asked = RouteRequest {
            environment: self.environment,
            service: Some(request.service),
            home,
            user: None,
            attribute_test: false,
        };
        match permit(&view.table, &asked, now).refusal {
            None => Ok(()),
            Some(refusal) => Err(End {
                problem: Problem::Refused(refusal),
                facts: Facts {
                    home,
                    ..Facts::default()
                },
            }),
        }
    }

    /// The home integrations that can serve a request: asked for, permitted, and spoken.
    pub(super) fn candidates<'a>(
        &self,
        view: &'a View,
        request: &LoginRequest,
        now: Instant,
    ) -> Result<Vec<&'a Arc<HomeIntegration>>, End> {
        let mut homes = Vec::new();
        let mut refusals = Vec::new();
        for home in view
            .table
            .homes()
            .iter()
            .filter(|home| asked_for(home, request))
        {
            match self.may_route(view, request, Some(home.integration), now) {
                Ok(()) if self.upstream(home).is_some() => homes.push(home),
                Ok(()) => refusals.push(End {
                    problem: Problem::UpstreamNotConfigured,
                    facts: Facts {
                        home: Some(home.integration),
                        ..Facts::default()
                    },
                }),
                Err(end) => refusals.push(end),
            }
        }
        if !homes.is_empty() {
            return Ok(homes);
        }
        let one = refusals.len() == 1;
        let not_permitted = Problem::Refused(Refusal::NotPermitted);
        match refusals.into_iter().next() {
            Some(end) if one => Err(end),
            // Whoever could permit the service did not; who it was is not one answer.
            Some(_) => Err(not_permitted.into()),
            None => Err(Problem::NoHomeIntegration.into()),
        }
    }

    /// Sends a flow to a home organisation.
    pub(super) async fn leave(
        &self,
        view: &View,
        mut flow: Flow,
        home: &HomeIntegration,
        cookies: &Cookies,
        now: Instant,
    ) -> Result<Response, End> {
        let facts = || Facts {
            home: Some(home.integration),
            ..Facts::default()
        };
        let upstream = self.upstream(home);
        let upstream = upstream.ok_or_else(|| End {
            problem: Problem::UpstreamNotConfigured,
            facts: facts(),
        })?;
        let target = self.target(home, now);
        let ask = Ask {
            state: &flow.id,
            // A login that is too old by what the service asked can only be mended by a new one.
            force: flow.request.force,
            age_seconds_max: flow.request.age_seconds_max,
            login_hint: flow.request.login_hint.as_deref(),
            language: flow.request.language,
        };
        let leaving = upstream.leave(&target, &ask, self.random.as_ref()).await;
        let leaving = leaving.map_err(|error| {
            self.note(&flow.correlation, home, &error);
            End {
                problem: error.problem(),
                facts: facts(),
            }
        })?;
        flow.upstream = Some((home.integration, leaving.memory));
        let mut response = see_other(&leaving.address);
        self.set_flow(view, &flow, cookies, response.headers_mut())?;
        Ok(response)
    }

    /// What this node has for a home integration.
    pub(super) fn target<'a>(&'a self, home: &'a HomeIntegration, now: Instant) -> Target<'a> {
        Target {
            environment: self.environment,
            home,
            return_address: self.return_address(home),
            node_key: self.node.key(),
            now,
        }
    }

    /// What an error page offers a user whose session did not do: another home organisation.
    fn other_ways(
        &self,
        view: &View,
        caller: &Caller,
        request: &LoginRequest,
        end: &End,
        cookies: &Cookies,
        now: Instant,
    ) -> (Vec<Link>, HeaderMap) {
        let mut headers = HeaderMap::new();
        let others = end.facts.single_sign_on && self.candidates(view, request, now).is_ok();
        if !others {
            return (Vec::new(), headers);
        }
        let request = LoginRequest {
            choose: true,
            ..request.clone()
        };
        let flow = self.new_flow(caller, &request, now);
        if self.set_flow(view, &flow, cookies, &mut headers).is_err() {
            return (Vec::new(), HeaderMap::new());
        }
        let text = Words {
            fi: "Kirjaudu toisen organisaation tunnuksella",
            sv: "Logga in med en annan organisations konto",
            en: "Log in with another organisation",
        };
        let address = format!("{CHOOSE_PATH}?flow={}", flow.id);
        (
            vec![Link {
                address,
                text: text.in_language(caller.language),
            }],
            headers,
        )
    }
}

/// Whether a service's request lets this home integration serve.
pub(super) fn asked_for(home: &HomeIntegration, request: &LoginRequest) -> bool {
    request.contexts.is_empty() || request.contexts.iter().any(|context| context.is_of(home))
}
