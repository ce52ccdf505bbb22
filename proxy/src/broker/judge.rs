//! Whether a login may be released, what would leave, and the record of either answer.

use super::register::Register;
use super::{Broker, Login};
use crate::flow::LoginRequest;
use crate::live::View;
use crate::mapping::for_data_model;
use crate::problem::Problem;
use crate::record::{AuthenticationRecord, NotRecorded, SourceUser};
use crate::session::Identity;
use domain::IntegrationId;
use domain::data_model::{self, Asserter, Attribute, Outcome, Release, ServiceView};
use domain::time::Instant;
use projections::routing::{
    HomeIntegration, Refusal, RouteRequest, ServiceClient, UserMark, permit,
};
use registrar::{Authentication, AuthenticationOutcome, SourceMark};
use std::sync::Arc;

/// What is known of a login when it ends, beside the request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    pub(crate) home: Option<IntegrationId>,
    pub(crate) user: Option<SourceUser>,
    pub(crate) single_sign_on: bool,
}

impl Facts {
    /// What is known once the user is.
    pub(crate) fn of(identity: &Identity, single_sign_on: bool) -> Self {
        Self {
            home: Some(identity.home),
            user: Some(SourceUser::new(&identity.source_user)),
            single_sign_on,
        }
    }
}

/// A login that may be released, by the table that was asked.
pub(crate) struct Judged {
    pub(crate) service: Arc<ServiceClient>,
    pub(crate) home: Arc<HomeIntegration>,
    pub(crate) release: Release,
    /// The user's national identifier.
    pub(crate) user_id: String,
    /// The position of the table.
    pub(crate) position: u64,
}

impl Broker {
    /// Asks `permit`, then the data model.
    pub(crate) fn judge(
        &self,
        view: &View,
        service: IntegrationId,
        identity: &Identity,
        now: Instant,
    ) -> Result<Judged, Problem> {
        let table = &view.table;
        let salt = view.keys.user_mark().ok_or(Problem::NotReady)?;
        let home = table.homes().get(&identity.home);
        let user = home
            .map(|home| UserMark::digest(salt, home.organisation.as_str(), &identity.source_user));
        let request = RouteRequest {
            environment: self.environment,
            service: Some(service),
            home: Some(identity.home),
            user,
            attribute_test: false,
        };
        if let Some(refusal) = permit(table, &request, now).refusal {
            return Err(Problem::Refused(refusal));
        }
        let home = home.ok_or(Problem::Refused(Refusal::NoSuchHomeIntegration))?;
        let service = table
            .services()
            .get(&service)
            .ok_or(Problem::Refused(Refusal::NoSuchService))?;

        let asserter = Asserter {
            organisation: home.organisation.clone(),
            idp_id: home.idp_id.clone(),
            municipality: home.municipality.clone(),
            municipality_code: home.municipality_code.clone(),
            non_disclosure: home.non_disclosure,
        };
        let allowed = ServiceView {
            version: service.data_model_version,
            release_set: service.release_set.clone(),
            vetoes: home
                .vetoes
                .get(&service.service)
                .cloned()
                .unwrap_or_default(),
            allow_test_learner_id: service.allow_test_learner_id,
        };
        let source = for_data_model(&identity.attributes);
        let rules = &table.settings().data_model;
        match data_model::release(&source, &asserter, &Register(table), rules, &allowed) {
            Outcome::Refused(reason) => Err(Problem::Data(reason)),
            Outcome::Released(release) => {
                let user_id = release
                    .get(Attribute::Uid)
                    .first()
                    .cloned()
                    .unwrap_or_else(|| data_model::uid(&home.idp_id, &identity.source_user));
                Ok(Judged {
                    service: Arc::clone(service),
                    home: Arc::clone(home),
                    release,
                    user_id,
                    position: table.position(),
                })
            }
        }
    }

    /// Makes a success durable. Nothing may leave before this returns.
    pub(crate) async fn record_success(
        &self,
        login: &Login,
        judged: &Judged,
        token_id: &str,
        released: &[Attribute],
    ) -> Result<(), NotRecorded> {
        let outcome = AuthenticationOutcome::Succeeded {
            data_model_version: judged.service.data_model_version.as_str().to_owned(),
            released: released
                .iter()
                .map(|attribute| attribute.name().to_owned())
                .collect(),
            single_sign_on: login.single_sign_on,
        };
        let user = Some(SourceUser::new(&login.identity.source_user));
        let record = Record {
            correlation: &login.correlation,
            protocol: login.request.reply.protocol(),
            home: Some(&judged.home),
            service: Some(&judged.service),
            message_id: Some(token_id),
            position: judged.position,
            outcome,
        };
        self.record(record, user).await
    }

    /// Records a refusal. That it cannot be recorded does not let anything out, so the user still
    /// gets the page.
    pub(crate) async fn record_refusal(
        &self,
        correlation: &str,
        request: &LoginRequest,
        problem: Problem,
        facts: Facts,
    ) {
        let Some(view) = self.live.view() else { return };
        if !problem.is_answer() || (facts.user.is_none() && !self.anonymous_record_allowed()) {
            return;
        }
        let home = facts.home.and_then(|home| view.table.homes().get(&home));
        let record = Record {
            correlation,
            protocol: request.reply.protocol(),
            home: home.map(Arc::as_ref),
            service: view.table.services().get(&request.service).map(Arc::as_ref),
            message_id: None,
            position: view.table.position(),
            outcome: AuthenticationOutcome::Refused {
                reason: problem.code().to_owned(),
            },
        };
        // What went wrong stands in the trace; there is nothing else to be done.
        let _ = self.record(record, facts.user).await;
    }

    /// Records that a session was ended. The session ends even where that fails.
    pub(crate) async fn record_logout(
        &self,
        correlation: &str,
        protocol: &str,
        identity: &Identity,
        service: Option<&ServiceClient>,
    ) {
        let Some(view) = self.live.view() else { return };
        let record = Record {
            correlation,
            protocol,
            home: view.table.homes().get(&identity.home).map(Arc::as_ref),
            service,
            message_id: None,
            position: view.table.position(),
            outcome: AuthenticationOutcome::LoggedOut,
        };
        let _ = self
            .record(record, Some(SourceUser::new(&identity.source_user)))
            .await;
    }

    async fn record(
        &self,
        record: Record<'_>,
        user: Option<SourceUser>,
    ) -> Result<(), NotRecorded> {
        let authentication = Authentication {
            occurred_at: self.clock.now(),
            home_organisation: record.home.map(|home| home.organisation.clone()),
            home_integration: record.home.map(|home| home.integration),
            service: record.service.map(|service| service.service),
            service_integration: record.service.map(|service| service.integration),
            protocol: record.protocol.to_owned(),
            // OpenID Connect requests have no identifier; the one that pages and traces show
            // stands for it, so that the operator finds the case.
            request_id: record.correlation.to_owned(),
            message_id: record.message_id.map(str::to_owned),
            governance_position: record.position,
            outcome: record.outcome,
            mark: SourceMark {
                source: self.node.name().to_owned(),
                sequence: 0,
                previous: String::new(),
            },
        };
        let record = AuthenticationRecord {
            environment: self.environment,
            authentication,
            user,
        };
        let correlation = record.authentication.request_id.clone();
        self.recorder.record(record).await.inspect_err(|error| {
            tracing::error!(
                environment = %self.environment, correlation, cause = %error.0,
                "an authentication could not be recorded; nothing is released by it"
            );
        })
    }
}

/// What is recorded of a login, by reference.
struct Record<'a> {
    correlation: &'a str,
    protocol: &'a str,
    home: Option<&'a HomeIntegration>,
    service: Option<&'a ServiceClient>,
    message_id: Option<&'a str>,
    position: u64,
    outcome: AuthenticationOutcome,
}
