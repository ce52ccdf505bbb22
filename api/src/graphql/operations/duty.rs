//! The duties of a processor of personal data: breaches, confidentiality, sub-processors, requests
//! of data subjects, audits (membership contract §6 ¶9).

use crate::graphql::input::Word;
use crate::graphql::organisation::OrganisationView;
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::value::{Window, id};
use async_graphql::{ID, SimpleObject};
use domain::value::DocumentReference;
use domain::{
    AuditId, BreachId, CommitmentId, ConfidentialityCommitment, DataBreach, NoticeChannel,
    OperatorAudit, PermitId, PermittedProcessor, PersonId, SubjectRequest, SubjectRequestId,
    SubjectRight, SubprocessorPermit,
};

fn document(reference: Option<&DocumentReference>) -> Option<String> {
    reference.map(ToString::to_string)
}

/// A personal-data breach, as the controllers concerned see it.
#[derive(Clone, SimpleObject)]
#[graphql(name = "DataBreach")]
pub(crate) struct BreachView {
    /// The breach.
    pub(crate) id: ID,
    /// When it was detected.
    detected_at: scalar::Instant,
    /// What happened.
    description: Option<String>,
    /// The controllers concerned that the caller may see, each with what it was told.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    controllers: Vec<BreachControllerView>,
}

/// A controller that a breach concerns, and its notice of it.
#[derive(Clone, SimpleObject)]
#[graphql(name = "BreachController")]
pub(crate) struct BreachControllerView {
    /// The controller.
    organisation: OrganisationView,
    /// When it was told; none where it was not yet.
    notified_at: Option<scalar::Instant>,
    /// How it was told.
    channel: Option<Word<NoticeChannel>>,
    /// After how many minutes from the detection it was told.
    delay_minutes: Option<u64>,
    /// What it was told.
    content: Option<String>,
    /// The document that it was given.
    document: Option<String>,
}

impl BreachView {
    pub(crate) fn is_shown(scope: &Scope, row: &DataBreach) -> bool {
        let seer = scope.seer();
        let mut controllers = row.controllers.iter();
        seer.sees_network() || controllers.any(|(oid, _)| seer.sees_membership(oid))
    }

    pub(crate) fn new(scope: &Scope, key: BreachId, row: &DataBreach) -> Self {
        let controllers = row.controllers.iter();
        Self {
            id: id(BreachId::KIND, key),
            detected_at: scalar::Instant(row.detected_at),
            description: scope.open(&row.description),
            controllers: controllers
                .filter(|(oid, _)| scope.seer().sees_membership(oid))
                .map(|(oid, notice)| {
                    let notice = notice.as_ref();
                    BreachControllerView {
                        organisation: OrganisationView::new(scope.clone(), oid.clone()),
                        notified_at: notice.map(|notice| scalar::Instant(notice.notified_at)),
                        channel: notice.map(|notice| Word(notice.channel)),
                        delay_minutes: notice.map(|notice| notice.delay_minutes),
                        content: notice.and_then(|notice| scope.open(&notice.content)),
                        document: document(notice.and_then(|notice| notice.document.as_ref())),
                    }
                })
                .collect(),
        }
    }
}

/// A person's commitment to confidentiality.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "ConfidentialityCommitment")]
pub(crate) struct CommitmentView {
    /// The commitment.
    pub(crate) id: ID,
    /// The person's reference.
    person: ID,
    /// The person's name; none where it was erased.
    name: Option<String>,
    /// The day.
    committed_on: scalar::Date,
    /// The signed document.
    document: Option<String>,
}

impl CommitmentView {
    /// The operator's own people are nobody else's matter.
    pub(crate) fn is_shown(scope: &Scope, _: &ConfidentialityCommitment) -> bool {
        scope.seer().sees_network()
    }

    pub(crate) fn new(scope: &Scope, key: CommitmentId, row: &ConfidentialityCommitment) -> Self {
        let administrators = &scope.network().access.administrators;
        let recorded = administrators.get(&row.person.person).map(|row| &row.name);
        let name = row.person.name.as_ref().or(recorded);
        Self {
            id: id(CommitmentId::KIND, key),
            person: id(PersonId::KIND, row.person.person),
            name: name.and_then(|name| scope.open(name)),
            committed_on: scalar::Date(row.committed_on),
            document: document(row.document.as_ref()),
        }
    }
}

/// A controller's permission to use a sub-processor.
#[derive(Clone, SimpleObject)]
#[graphql(name = "SubprocessorPermit")]
pub(crate) struct PermitView {
    /// The permission; `revokeSubprocessor` names it.
    pub(crate) id: ID,
    /// The controller that gave it.
    organisation: OrganisationView,
    /// The service provider that has it; none where it is the operator.
    provider: Option<OrganisationView>,
    /// The document that gives it.
    document: Option<String>,
    /// The sub-processor's name; none where it is permitted for any.
    subprocessor: Option<String>,
    /// The sub-processor's business ID.
    business_id: Option<String>,
    /// What the sub-processor does.
    task: Option<String>,
    /// The day on which it was given.
    permitted_on: scalar::Date,
    /// The last day, where it was revoked.
    last_day: Option<scalar::Date>,
    /// When it holds.
    window: Window,
}

impl PermitView {
    pub(crate) fn is_shown(scope: &Scope, row: &SubprocessorPermit) -> bool {
        let seer = scope.seer();
        let provider = match &row.processor {
            PermittedProcessor::Provider(permission) => seer.sees(&permission.provider),
            PermittedProcessor::Operator(_) => false,
        };
        seer.sees_membership(&row.member) || provider
    }

    pub(crate) fn new(scope: &Scope, key: PermitId, row: &SubprocessorPermit) -> Self {
        let (provider, given) = match &row.processor {
            PermittedProcessor::Provider(permission) => {
                (Some(&permission.provider), permission.document.as_ref())
            }
            PermittedProcessor::Operator(permission) => (None, Some(&permission.document)),
        };
        let subprocessor = row.subprocessor.as_ref();
        Self {
            id: id(PermitId::KIND, key),
            organisation: OrganisationView::new(scope.clone(), row.member.clone()),
            provider: provider.map(|oid| OrganisationView::new(scope.clone(), oid.clone())),
            document: document(given),
            subprocessor: subprocessor.map(|of| of.name.to_string()),
            business_id: subprocessor
                .and_then(|of| of.business_id.as_ref().map(ToString::to_string)),
            task: subprocessor.map(|of| of.task.to_string()),
            permitted_on: scalar::Date(row.permitted_on),
            last_day: row.last_day.map(scalar::Date),
            window: row.window.into(),
        }
    }
}

/// A data subject's request, without the subject.
#[derive(Clone, SimpleObject)]
#[graphql(name = "SubjectRequest")]
pub(crate) struct SubjectRequestView {
    /// The request.
    pub(crate) id: ID,
    /// The controller that answers it.
    organisation: OrganisationView,
    /// Which right is exercised.
    right: Word<SubjectRight>,
    /// The day on which it was received.
    received_on: scalar::Date,
    /// What is asked.
    description: Option<String>,
    /// The day on which the operator answered.
    answered_on: Option<scalar::Date>,
    /// After how many days the operator answered.
    delay_days: Option<u32>,
    /// What the operator answered.
    answer: Option<String>,
}

impl SubjectRequestView {
    pub(crate) fn is_shown(scope: &Scope, row: &SubjectRequest) -> bool {
        scope.seer().sees_membership(&row.member)
    }

    pub(crate) fn new(scope: &Scope, key: SubjectRequestId, row: &SubjectRequest) -> Self {
        Self {
            id: id(SubjectRequestId::KIND, key),
            organisation: OrganisationView::new(scope.clone(), row.member.clone()),
            right: Word(row.right),
            received_on: scalar::Date(row.received_on),
            description: scope.open(&row.description),
            answered_on: row.answered_on.map(scalar::Date),
            delay_days: row.delay_days,
            answer: row.answer.as_ref().and_then(|answer| scope.open(answer)),
        }
    }
}

/// An audit of the operator.
#[derive(Clone, SimpleObject)]
#[graphql(name = "OperatorAudit")]
pub(crate) struct AuditView {
    /// The audit.
    pub(crate) id: ID,
    /// The controller that asked for it.
    organisation: OrganisationView,
    /// The auditing organisation it authorised; none where it audits itself.
    auditor: Option<String>,
    /// The day on which it was asked for.
    requested_on: scalar::Date,
    /// What is to be audited.
    scope: Option<String>,
    /// The day on which it was held.
    held_on: Option<scalar::Date>,
    /// After how many days it was held.
    delay_days: Option<u32>,
    /// Whether the operator took part, as it must.
    operator_took_part: Option<bool>,
    /// What was found.
    findings: Option<String>,
    /// The report.
    report: Option<String>,
}

impl AuditView {
    pub(crate) fn is_shown(scope: &Scope, row: &OperatorAudit) -> bool {
        scope.seer().sees_membership(&row.member)
    }

    pub(crate) fn new(scope: &Scope, key: AuditId, row: &OperatorAudit) -> Self {
        let held = row.held.as_ref();
        let findings = held.and_then(|held| held.findings.as_ref());
        Self {
            id: id(AuditId::KIND, key),
            organisation: OrganisationView::new(scope.clone(), row.member.clone()),
            auditor: row.auditor.as_ref().map(ToString::to_string),
            requested_on: scalar::Date(row.requested_on),
            scope: scope.open(&row.scope),
            held_on: held.map(|held| scalar::Date(held.held_on)),
            delay_days: held.map(|held| held.delay_days),
            operator_took_part: held.map(|held| held.operator_took_part),
            findings: findings.and_then(|findings| scope.open(findings)),
            report: document(held.and_then(|held| held.report.as_ref())),
        }
    }
}
