//! The user chooses where to log in.

use super::{Broker, Caller, End};
use crate::cookie::Cookies;
use crate::flow::Flow;
use crate::language::{of_locales, tag};
use crate::live::View;
use crate::page::{self, Choice, Choosing, Link};
use crate::parameters::Parameters;
use crate::problem::Problem;
use axum::extract::{RawQuery, State};
use axum::http::HeaderMap;
use axum::response::Response;
use domain::time::Instant;
use domain::value::{Language, OrganisationOid};
use projections::routing::{HomeIntegration, Organisation, RoutingTable};
use std::collections::HashMap;
use std::sync::Arc;

/// The choice page.
pub(super) const CHOOSE_PATH: &str = "/login/choose";
/// Where a choice leads.
pub(super) const START_PATH: &str = "/login/start";

/// Most lines on one page; the rest is found by searching.
const CHOICES_MAX: usize = 200;
/// Longest search text that is looked at, in characters.
const QUERY_LENGTH_MAX: usize = 100;

pub(super) async fn choose(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let now = broker.clock.now();
    let (caller, found) = broker.chosen(&headers, query, now);
    let (view, flow, parameters) = match found {
        Ok(found) => found,
        Err(problem) => return broker.end(&caller, None, problem.into(), vec![]).await,
    };
    let homes = match broker.candidates(&view, &flow.request, now) {
        Ok(homes) => homes,
        Err(end) => return broker.end(&caller, Some(&flow.request), end, vec![]).await,
    };
    let service = match Broker::service(&view, &flow.request) {
        Ok(service) => service
            .name
            .in_language(caller.language)
            .as_str()
            .to_owned(),
        Err(problem) => {
            return broker
                .end(&caller, Some(&flow.request), problem.into(), vec![])
                .await;
        }
    };
    let wanted: String = parameters
        .get("q")
        .unwrap_or_default()
        .chars()
        .take(QUERY_LENGTH_MAX)
        .collect();
    let mut lines = lines(&view.table, &homes, caller.language);
    let needle = wanted.trim().to_lowercase();
    lines.retain(|line| {
        let found = |text: &String| text.to_lowercase().contains(&needle);
        found(&line.name) || line.detail.as_ref().is_some_and(found)
    });
    let is_cut = lines.len() > CHOICES_MAX;
    lines.truncate(CHOICES_MAX);
    let choices: Vec<_> = lines
        .into_iter()
        .map(|line| Choice {
            address: format!(
                "{START_PATH}?flow={}&home={}",
                flow.id, line.home.integration
            ),
            name: line.name,
            detail: line.detail,
        })
        .collect();
    let languages: Vec<_> = page::LANGUAGES
        .into_iter()
        .filter(|(language, _)| *language != caller.language)
        .map(|(language, text)| Link {
            address: format!("{CHOOSE_PATH}?flow={}&lang={}", flow.id, tag(language)),
            text,
        })
        .collect();
    let choosing = Choosing {
        service: &service,
        path: CHOOSE_PATH,
        flow: &flow.id,
        query: &wanted,
        choices: &choices,
        is_cut,
        languages: &languages,
    };
    page::choose(&choosing, caller.language)
}

pub(super) async fn start(
    State(broker): State<Arc<Broker>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let now = broker.clock.now();
    let (caller, found) = broker.chosen(&headers, query, now);
    let (view, flow, parameters) = match found {
        Ok(found) => found,
        Err(problem) => return broker.end(&caller, None, problem.into(), vec![]).await,
    };
    let request = flow.request.clone();
    match broker
        .try_start(&view, flow, &parameters, &Cookies::of(&headers), now)
        .await
    {
        Ok(response) => response,
        Err(end) => broker.end(&caller, Some(&request), end, vec![]).await,
    }
}

type Chosen = Result<(Arc<View>, Flow, Parameters), Problem>;

impl Broker {
    /// The flow that a request of the choice page belongs to.
    fn chosen(&self, headers: &HeaderMap, query: Option<String>, now: Instant) -> (Caller, Chosen) {
        let stranger = self.caller(headers);
        let found =
            Parameters::parse(query.unwrap_or_default().as_bytes()).and_then(|parameters| {
                let view = self.view()?;
                let flow = self.flow(&view, parameters.get("flow"), &Cookies::of(headers), now)?;
                Ok((view, flow, parameters))
            });
        let caller = match &found {
            Err(_) => stranger,
            Ok((_, flow, parameters)) => {
                let language = parameters.get("lang").and_then(of_locales);
                let caller = Caller::of_flow(flow);
                Caller {
                    language: language.unwrap_or(caller.language),
                    ..caller
                }
            }
        };
        (caller, found)
    }

    async fn try_start(
        &self,
        view: &View,
        flow: Flow,
        parameters: &Parameters,
        cookies: &Cookies,
        now: Instant,
    ) -> Result<Response, End> {
        let home = parameters.get("home").and_then(|home| home.parse().ok());
        let home = home.ok_or(Problem::InvalidRequest)?;
        // What is not shown cannot be chosen either.
        let homes = self.candidates(view, &flow.request, now)?;
        let chosen = homes
            .into_iter()
            .find(|candidate| candidate.integration == home);
        let Some(home) = chosen else {
            self.may_route(view, &flow.request, Some(home), now)?;
            return Err(Problem::NoHomeIntegration.into());
        };
        self.leave(view, flow, home, cookies, now).await
    }
}

/// A line of the choice page.
struct Line<'a> {
    home: &'a HomeIntegration,
    name: String,
    detail: Option<String>,
}

fn lines<'a>(
    table: &RoutingTable,
    homes: &[&'a Arc<HomeIntegration>],
    language: Language,
) -> Vec<Line<'a>> {
    let mut children: HashMap<&OrganisationOid, Vec<&Organisation>> = HashMap::new();
    if homes.iter().any(|home| home.discovery.show_schools) {
        for row in table.organisations().iter().filter(|row| row.active) {
            if let (Some(parent), Some(_)) = (&row.parent, &row.school_code) {
                children.entry(parent).or_default().push(row);
            }
        }
    }
    let mut lines = Vec::new();
    for home in homes.iter().copied() {
        let discovery = &home.discovery;
        let own = discovery
            .display_name
            .as_ref()
            .unwrap_or(&home.organisation_name);
        let own = own.in_language(language).as_str();
        let title = discovery
            .title
            .as_ref()
            .map(|title| title.in_language(language).as_str());
        let schools = discovery
            .show_schools
            .then(|| children.get(&home.organisation))
            .flatten();
        let before = lines.len();
        for school in schools
            .into_iter()
            .flatten()
            .filter(|school| is_listed(home, school))
        {
            lines.push(Line {
                home,
                name: school.name.in_language(language).as_str().to_owned(),
                detail: Some(title.unwrap_or(own).to_owned()),
            });
        }
        // Nobody is left without a way in because the register lists no school of theirs.
        if lines.len() == before {
            lines.push(Line {
                home,
                name: own.to_owned(),
                detail: title.map(str::to_owned),
            });
        }
    }
    lines.sort_by_cached_key(|line| (line.name.to_lowercase(), line.detail.clone()));
    lines
}

/// Whether the page lists a school under an integration (domain facts F.5).
fn is_listed(home: &HomeIntegration, school: &Organisation) -> bool {
    let discovery = &home.discovery;
    let code = school.school_code.as_ref();
    let named =
        discovery.schools.is_empty() || code.is_some_and(|code| discovery.schools.contains(code));
    let excluded = code.is_some_and(|code| discovery.excluded_schools.contains(code));
    let kind = discovery.institution_types.is_empty()
        || school
            .institution_type
            .is_none_or(|kind| discovery.institution_types.contains(&kind));
    named && !excluded && kind
}
