//! Requests for log data, and what the log says under one of them: the only way to an end user's
//! authentications (membership contract §6 ¶7; domain facts J.16).
//!
//! Who may look: the home organisation's managers under a request of its own, and the operator, who
//! also acts for an authority. Only while the request is open, as it stands now and not in the past
//! that is asked about. A caller names the request and never the user, so that no query, answer or
//! error carries an identifier in.

use crate::app::Backends;
use crate::caller::Caller;
use crate::graphql::fault;
use crate::graphql::input::Word;
use crate::graphql::logins::AuthenticationView;
use crate::graphql::organisation::OrganisationView;
use crate::graphql::page::{FoundPage, PAGE_DEFAULT, PAGE_MAX, place};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::value::id;
use crate::seer::Seer;
use async_graphql::{Context, ID, Object, Result, SimpleObject};
use domain::{DisclosureId, DisclosureOutcome, Environment, IntegrationId, LogDisclosure, Right};
use registrar::authentication::{JournalPlace, LookUp, Sought};
use std::sync::Arc;

/// How many records one page looks at, at most.
const LOOKED_AT_MAX: usize = 20_000;

/// A request for log data.
#[derive(Clone)]
pub(crate) struct DisclosureView {
    scope: Scope,
    key: DisclosureId,
    row: LogDisclosure,
}

impl DisclosureView {
    pub(crate) fn is_shown(scope: &Scope, row: &LogDisclosure) -> bool {
        scope.seer().sees_membership(&row.member)
    }

    pub(crate) fn new(scope: &Scope, key: DisclosureId, row: &LogDisclosure) -> Self {
        Self {
            scope: scope.clone(),
            key,
            row: row.clone(),
        }
    }

    /// The look-up that the request allows to this caller.
    fn granted(
        &self,
        backends: &Backends,
        caller: &Caller,
        environment: Environment,
    ) -> Result<LookUp> {
        let (_, network) = &*backends.registrar.network();
        let seer = Seer::today(caller, backends);
        let row = network.operations.disclosures.get(&self.key);
        let row = row.ok_or_else(fault::disclosure_closed)?;
        let own = row.authority.is_none() && seer.holds_for_any(&[Right::Manager], &row.member);
        if !own && !seer.holds_any(&[Right::Operator]) {
            return Err(fault::forbidden_field("LogDisclosure", "authentications"));
        }
        if !row.is_open() {
            return Err(fault::disclosure_closed());
        }
        let sought = match (&row.user, &row.message_id) {
            (Some(user), _) => {
                let slot = user.slot().ok_or_else(fault::unavailable)?;
                let log = backends.registrar.log();
                Sought::User(log.open(slot).map_err(|_| fault::unavailable())?)
            }
            (None, Some(message)) => Sought::Message(message.to_string()),
            (None, None) => return Err(fault::disclosure_closed()),
        };
        let zone = network.zone();
        Ok(LookUp {
            environment,
            home_organisation: row.member.clone(),
            home_integration: row.integration,
            from: zone.start_of(row.first_day),
            until: zone.end_of(row.last_day),
            recorded_until: self.scope.now(),
            sought,
        })
    }
}

/// An authentication as it is disclosed.
#[derive(Clone, SimpleObject)]
#[graphql(name = "DisclosedAuthentication")]
pub(crate) struct DisclosedAuthentication {
    /// What was recorded of the login.
    authentication: AuthenticationView,
    /// The user's identifier in the source system; none where none was recorded or it was erased.
    user: Option<String>,
}

/// How a request for log data ended.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "DisclosureOutcome")]
pub(crate) struct OutcomeView {
    /// Whether data were handed over; otherwise the request was refused.
    disclosed: bool,
    /// The day.
    decided_on: scalar::Date,
    /// Days from the receipt of the request.
    delay_days: u32,
    /// What was handed over, as a document.
    document: Option<String>,
    /// How many authentications it tells of.
    authentications: Option<u32>,
    /// Why nothing was handed over.
    reason: Option<String>,
}

impl OutcomeView {
    fn new(scope: &Scope, outcome: &DisclosureOutcome) -> Self {
        match outcome {
            DisclosureOutcome::Disclosed(log) => Self {
                disclosed: true,
                decided_on: scalar::Date(log.disclosed_on),
                delay_days: log.delay_days,
                document: Some(log.document.to_string()),
                authentications: Some(log.authentications),
                reason: None,
            },
            DisclosureOutcome::Refused(refusal) => Self {
                disclosed: false,
                decided_on: scalar::Date(refusal.refused_on),
                delay_days: refusal.delay_days,
                document: None,
                authentications: None,
                reason: scope.open(&refusal.reason),
            },
        }
    }
}

/// A request to see log data about one end user, who is not named, or about whose one message was.
#[Object(name = "LogDisclosure")]
impl DisclosureView {
    /// The request.
    pub(crate) async fn id(&self) -> ID {
        id(DisclosureId::KIND, self.key)
    }

    /// The home organisation whose user it is about.
    async fn organisation(&self) -> OrganisationView {
        OrganisationView::new(self.scope.clone(), self.row.member.clone())
    }

    /// The authority that asks; none where the home organisation does.
    async fn authority(&self) -> Option<String> {
        self.row.authority.as_ref().map(ToString::to_string)
    }

    /// The law or decision that obliges.
    async fn legal_basis(&self) -> String {
        self.row.legal_basis.to_string()
    }

    /// The assertion or token it is about; none where it is about a user.
    async fn message_id(&self) -> Option<String> {
        self.row.message_id.as_ref().map(ToString::to_string)
    }

    /// The integration in whose source system the user is known; none for any.
    async fn integration(&self) -> Option<ID> {
        let integration = self.row.integration?;
        Some(id(IntegrationId::KIND, integration))
    }

    /// The first day asked about.
    async fn first_day(&self) -> scalar::Date {
        scalar::Date(self.row.first_day)
    }

    /// The last day asked about.
    async fn last_day(&self) -> scalar::Date {
        scalar::Date(self.row.last_day)
    }

    /// The day on which it was received.
    async fn received_on(&self) -> scalar::Date {
        scalar::Date(self.row.received_on)
    }

    /// Whether it is open: only then the log may be searched for what it asks about.
    async fn is_open(&self) -> bool {
        self.row.is_open()
    }

    /// How it ended; none while it is open.
    async fn outcome(&self) -> Option<OutcomeView> {
        let outcome = self.row.outcome.as_ref()?;
        Some(OutcomeView::new(&self.scope, outcome))
    }

    /// The authentications that it asks about, the oldest first. Only while it is open now, for
    /// the operator, and for the home organisation's managers where no authority asks. A page may
    /// have fewer rows than were asked for: `pageInfo` says whether to go on.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn authentications(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which environment; PRODUCTION where left out.")] environment: Option<
            Word<Environment>,
        >,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<FoundPage<DisclosedAuthentication>> {
        let backends = context.data::<Arc<Backends>>()?;
        let caller = context.data::<Arc<Caller>>()?;
        let environment = environment.map_or(Environment::Production, |environment| environment.0);
        let look_up = self.granted(backends, caller, environment)?;
        let after: Option<JournalPlace> = place(after.as_deref())?;
        let count = first.unwrap_or(PAGE_DEFAULT).clamp(1, PAGE_MAX);
        let journals = backends.authentications.clone();
        let begins = after.is_some();
        let looking = move || journals.look_up(&look_up, after.as_ref(), count, LOOKED_AT_MAX);
        let found = tokio::task::spawn_blocking(looking)
            .await
            .map_err(|_| fault::unavailable())?;
        let found = found.map_err(|error| {
            tracing::error!(%error, "Looking authentications up failed: {error}");
            fault::unavailable()
        })?;
        let rows = found.authentications.into_iter().map(|found| {
            let node = DisclosedAuthentication {
                authentication: found.recorded.into(),
                user: found.user.map(|user| user.as_str().to_owned()),
            };
            (found.place.to_string(), node)
        });
        let more_after = found.more_after.map(|place| place.to_string());
        Ok(FoundPage::new(rows, more_after, begins))
    }
}
