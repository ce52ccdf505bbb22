//! A login comes back from the home organisation.

use super::{Broker, Caller, End, Facts, Login, PASSWORD_PATH, see_other};
use crate::cookie::{self, Cookies};
use crate::flow::Flow;
use crate::live::View;
use crate::mapping;
use crate::parameters::Parameters;
use crate::problem::Problem;
use crate::session::Identity;
use crate::upstream::{Answer, UpstreamError};
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::time::Instant;
use ledger::Hash;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use projections::routing::HomeIntegration;
use std::error::Error as _;
use std::sync::{Arc, PoisonError};

/// Where home organisations send the browser back: another address for each integration.
pub(super) const RETURN_ROUTE: &str = "/login/return/{flow_name}";

pub(super) async fn by_query(
    State(broker): State<Arc<Broker>>,
    Path(flow_name): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    let answer = Parameters::parse(query.as_bytes());
    let came = Came {
        query: &query,
        posted: false,
    };
    broker.come_back(&flow_name, &headers, answer, came).await
}

pub(super) async fn by_form(
    State(broker): State<Arc<Broker>>,
    Path(flow_name): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let answer = Parameters::of_form(&headers, &body);
    let came = Came {
        query: "",
        posted: true,
    };
    broker.come_back(&flow_name, &headers, answer, came).await
}

/// What comes of an answer that did not end the login.
enum Finished {
    /// The login, and whether it may carry to further services.
    Login(Box<Login>, bool),
    /// The proxy's own form is shown once more.
    Again,
}

/// Where the form is shown once more.
fn again(flow: &Flow) -> String {
    format!("{PASSWORD_PATH}?flow={}&again=yes", flow.id)
}

/// How an answer came.
#[derive(Clone, Copy)]
struct Came<'a> {
    /// The raw query.
    query: &'a str,
    posted: bool,
}

impl Broker {
    /// The return address of a home integration.
    pub(super) fn return_address(&self, home: &HomeIntegration) -> String {
        let name = utf8_percent_encode(&home.flow_name, NON_ALPHANUMERIC);
        format!("{}/login/return/{name}", self.issuer)
    }

    /// Writes what failed at a home organisation to the trace; the user is told less.
    pub(super) fn note(&self, correlation: &str, home: &HomeIntegration, error: &UpstreamError) {
        let cause = error.source().map(ToString::to_string);
        tracing::warn!(
            environment = %self.environment, correlation, home = ?home.integration,
            %error, cause, "a login failed at the home organisation"
        );
    }

    async fn come_back(
        &self,
        flow_name: &str,
        headers: &HeaderMap,
        answer: Result<Parameters, Problem>,
        came: Came<'_>,
    ) -> Response {
        let mut caller = self.caller(headers);
        let cookies = Cookies::of(headers);
        let now = self.clock.now();
        let found = answer.and_then(|answer| {
            let view = self.view()?;
            let flow = self.flow(&view, answer.get("state"), &cookies, now)?;
            Ok((view, flow, answer))
        });
        let (view, flow, answer) = match found {
            Ok(found) => found,
            Err(problem) => return self.end(&caller, None, problem.into(), vec![]).await,
        };
        caller.correlation.clone_from(&flow.correlation);
        caller.language = flow.request.language;
        let finished = self
            .try_come_back(&view, &flow, flow_name, (&answer, came), now)
            .await;
        let mut response = match finished {
            Ok(Finished::Again) => return see_other(&again(&flow)),
            Ok(Finished::Login(login, keep)) => {
                let identity = login.identity.clone();
                let mut response = self.downstream(&flow.request.reply).deliver(self, *login);
                if keep {
                    self.set_session(&view, &identity, now, response.headers_mut());
                }
                response
            }
            Err(end) => self.end(&caller, Some(&flow.request), end, vec![]).await,
        };
        cookie::set(response.headers_mut(), &Flow::cookie_name(&flow.id), "", 0);
        response
    }

    async fn try_come_back(
        &self,
        view: &View,
        flow: &Flow,
        flow_name: &str,
        (answer, came): (&Parameters, Came<'_>),
        now: Instant,
    ) -> Result<Finished, End> {
        let (home, memory) = flow.upstream.as_ref().ok_or(Problem::FlowMissing)?;
        let facts = || Facts {
            home: Some(*home),
            ..Facts::default()
        };
        let fail = |problem| End {
            problem,
            facts: facts(),
        };
        self.may_route(view, &flow.request, Some(*home), now)?;
        let home = view
            .table
            .homes()
            .get(home)
            .ok_or_else(|| fail(Problem::FlowMissing))?;
        // An answer that arrives at another integration's address is somebody else's.
        if home.flow_name != flow_name {
            return Err(fail(Problem::UpstreamInvalid));
        }
        let fresh = {
            let mut consumed = self.consumed.lock().unwrap_or_else(PoisonError::into_inner);
            consumed.insert(Hash::of(flow.id.as_bytes()), (), now)
        };
        if !fresh {
            return Err(fail(Problem::FlowUsed));
        }
        let upstream = self
            .upstream(home)
            .ok_or_else(|| fail(Problem::UpstreamNotConfigured))?;
        let target = self.target(home, now);
        let answer = Answer {
            parameters: answer,
            address: &format!("{}?{}", target.return_address, came.query),
            posted: came.posted,
        };
        let said = upstream.come_back(&target, memory, &answer).await;
        let said = match (said, &home.graph) {
            (Ok(said), Some(graph)) => self.graph.complete(&target, graph, said).await,
            (said, _) => said,
        };
        let said = match said {
            Err(UpstreamError::WrongPassword) => {
                // The user is asked again in the same flow, which is not used up by that.
                let mut consumed = self.consumed.lock().unwrap_or_else(PoisonError::into_inner);
                consumed.take(&Hash::of(flow.id.as_bytes()), now);
                return Ok(Finished::Again);
            }
            said => said.map_err(|error| {
                self.note(&flow.correlation, home, &error);
                fail(error.problem())
            })?,
        };
        let attributes = mapping::map(&home.attribute_rules, &said.delivered);
        let source_user = attributes
            .get(&domain::data_model::SourceAttribute::Username)
            .and_then(|names| names.iter().find(|name| !name.trim().is_empty()))
            .map_or(said.subject, |name| name.trim().to_owned());
        let identity = Identity {
            home: home.integration,
            source_user,
            attributes,
            authenticated_at: said.authenticated_at,
        }
        .complete();
        // The home organisation may have taken its time: what is judged is the present.
        let now = self.clock.now();
        let view = self.view().map_err(&fail)?;
        let judged = self.judge(&view, flow.request.service, &identity, now);
        let judged = judged.map_err(|problem| End {
            problem,
            facts: Facts::of(&identity, false),
        })?;
        let downstream = self.downstream(&flow.request.reply);
        if !downstream.means(&view, &flow.request, &judged) {
            return Err(End {
                problem: Problem::AnotherUser,
                facts: Facts::of(&identity, false),
            });
        }
        let login = Login {
            request: flow.request.clone(),
            identity,
            correlation: flow.correlation.clone(),
            single_sign_on: false,
        };
        Ok(Finished::Login(Box::new(login), judged.home.single_sign_on))
    }
}

/// Names the caller of an answer whose flow is not known.
impl Caller {
    pub(super) fn of_flow(flow: &Flow) -> Self {
        Self {
            correlation: flow.correlation.clone(),
            language: flow.request.language,
        }
    }
}
