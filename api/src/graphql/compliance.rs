//! Compliance: what is owed, as the domain says, and what somebody should look at besides.

use crate::graphql::input::Word;
use crate::graphql::organisation::OrganisationView;
use crate::graphql::record::{Confidential, record};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::service::is_shown;
use crate::graphql::value::id;
use async_graphql::{Enum, ID, Json, SimpleObject};
use domain::time::{Date, Instant};
use domain::value::OrganisationOid;
use domain::{
    IntegrationId, IntegrationState, Member, Obligation, ObligedParty, RuleKind,
    network_obligations,
};
use serde_json::{Value, json};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Enum)]
pub(crate) enum Severity {
    /// Something is wrong now.
    Wrong,
    /// Something is to be done by a day.
    Due,
    /// Something is worth a look.
    Notice,
}

/// Something that is wrong, due or worth a look.
#[derive(Clone, SimpleObject)]
pub(crate) struct Finding {
    /// Stable upper-case code, such as `SUBMIT_SELF_AUDIT`: what is owed, or what is worth a look.
    code: String,
    /// How much it matters at the instant of the answer.
    severity: Severity,
    /// The organisation that it concerns; none where it is the network's own.
    organisation: Option<OrganisationView>,
    /// The thing it is about, by its typed identifier.
    subject: Option<ID>,
    /// Who owes it; none where nothing is owed.
    owed_by: Option<Word<ObligedParty>>,
    /// The last day for it.
    due_on: Option<scalar::Date>,
    /// Where the obligation comes from.
    source: Option<String>,
    /// What the log says of it; of an obligation, its kind and what gave its last day.
    detail: Json<Value>,
}

/// Something worth a look, before it is known how much it matters.
struct Warning<'a> {
    code: &'a str,
    organisation: Option<&'a OrganisationOid>,
    subject: Option<ID>,
    due: Option<Date>,
    detail: Value,
}

struct Findings<'a> {
    scope: &'a Scope,
    day: Date,
    now: Instant,
    found: Vec<Finding>,
}

/// Everything that the caller may see, the gravest first.
pub(crate) fn findings(scope: &Scope, organisation: Option<&OrganisationOid>) -> Vec<Finding> {
    let mut findings = Findings {
        scope,
        day: scope.day(),
        now: scope.now(),
        found: Vec::new(),
    };
    let concerned = |oid: &OrganisationOid| organisation.is_none_or(|wanted| wanted == oid);
    let seen = |oid: &OrganisationOid| concerned(oid) && scope.seer().sees_membership(oid);
    let whole = organisation.is_none() && scope.seer().sees_network();
    for owed in network_obligations(scope.network(), scope.now()) {
        if owed.organisation.as_ref().map_or(whole, seen) {
            findings.owed(&owed);
        }
    }
    for (oid, row) in scope.network().members.iter() {
        if seen(oid) {
            findings.member(oid, row);
        }
    }
    for (id, row) in scope.network().integrations.iter() {
        if concerned(&row.organisation)
            && is_shown(scope.seer(), row)
            && row.state != IntegrationState::Inactive
        {
            findings.integration(id, &row.organisation);
        }
    }
    if whole {
        findings.rules();
    }
    let mut found = findings.found;
    found.sort_by_key(|finding| (finding.severity, finding.due_on.map(|due| due.0)));
    found
}

impl Findings<'_> {
    /// The thing that an obligation is about; the network where it is the network's own.
    fn subject(&self, subject: &str) -> ID {
        if subject == "network" || subject.starts_with("year:") {
            return id("network", self.scope.views().log().ledger_id());
        }
        ID(subject.to_owned())
    }

    fn organisation(&self, oid: Option<&OrganisationOid>) -> Option<OrganisationView> {
        oid.map(|oid| OrganisationView::new(self.scope.clone(), oid.clone()))
    }

    /// An obligation, as the domain has it.
    fn owed(&mut self, owed: &Obligation) {
        let severity = match &owed.due {
            _ if owed.is_overdue(self.now) => Severity::Wrong,
            Some(_) => Severity::Due,
            None => Severity::Notice,
        };
        let detail = json!({ "kind": owed.kind, "due": owed.due });
        let finding = Finding {
            code: owed.kind.code(),
            severity,
            organisation: self.organisation(owed.organisation.as_ref()),
            subject: Some(self.subject(&owed.subject)),
            owed_by: Some(Word(owed.by)),
            due_on: owed.due.as_ref().map(|due| scalar::Date(due.day)),
            source: Some(owed.source.to_owned()),
            detail: Json(detail),
        };
        self.found.push(finding);
    }

    fn warn(&mut self, warning: Warning<'_>) {
        let severity = match warning.due {
            Some(due) if due < self.day => Severity::Wrong,
            Some(_) => Severity::Due,
            None => Severity::Notice,
        };
        let finding = Finding {
            code: warning.code.to_owned(),
            severity,
            organisation: self.organisation(warning.organisation),
            subject: warning.subject,
            owed_by: None,
            due_on: warning.due.map(scalar::Date),
            source: None,
            detail: Json(warning.detail),
        };
        self.found.push(finding);
    }

    /// What runs and ends by itself: notices, times for cure, negotiations.
    fn member(&mut self, oid: &OrganisationOid, row: &Member) {
        for notice in row.running_notices() {
            self.warn(Warning {
                code: "NOTICE_RUNNING",
                organisation: Some(oid),
                subject: Some(id(domain::NoticeId::KIND, notice.id)),
                due: Some(notice.end.day),
                detail: record(self.scope, notice, Confidential::Left).0,
            });
        }
        for remark in &row.remarks {
            if let (None, Some(deadline)) = (remark.cured_on, &remark.deadline)
                && self.now < deadline.at
            {
                self.warn(Warning {
                    code: "BREACH_TO_CURE",
                    organisation: Some(oid),
                    subject: Some(id(domain::RemarkId::KIND, remark.id)),
                    due: Some(deadline.day),
                    detail: json!({ "clause": remark.clause, "by": remark.by }),
                });
            }
        }
        for dispute in &row.disputes {
            if dispute.closed.is_none() && self.now < dispute.negotiation_ends.at {
                self.warn(Warning {
                    code: "DISPUTE_OPEN",
                    organisation: Some(oid),
                    subject: Some(id(domain::DisputeId::KIND, dispute.id)),
                    due: Some(dispute.negotiation_ends.day),
                    detail: json!({ "openedOn": dispute.opened_on }),
                });
            }
        }
    }

    fn integration(&mut self, integration: IntegrationId, organisation: &OrganisationOid) {
        let warnings = domain::warnings(self.scope.network(), integration, self.now);
        for warning in warnings {
            let detail = record(self.scope, &warning, Confidential::Left).0;
            let name = match &detail {
                Value::String(name) => name.clone(),
                Value::Object(fields) => fields.keys().next().cloned().unwrap_or_default(),
                _ => String::new(),
            };
            self.warn(Warning {
                code: &screaming(&name),
                organisation: Some(organisation),
                subject: Some(id(IntegrationId::KIND, integration)),
                due: None,
                detail,
            });
        }
    }

    /// Rules that commands will ask for and nobody has set.
    fn rules(&mut self) {
        let needed = [
            RuleKind::QualifiedMajority,
            RuleKind::Quorum,
            RuleKind::SelfAuditGate,
            RuleKind::NoticeCountsFrom,
            RuleKind::SessionLifetime,
            RuleKind::AuthenticationRetention,
        ];
        for kind in needed {
            if self.scope.network().rules.on(kind, self.day).is_none() {
                self.warn(Warning {
                    code: "RULE_NOT_SET",
                    organisation: None,
                    subject: None,
                    due: None,
                    detail: json!({ "rule": kind }),
                });
            }
        }
    }
}

/// `certificateExpired` as a code: `CERTIFICATE_EXPIRED`.
fn screaming(name: &str) -> String {
    let mut code = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !code.is_empty() {
            code.push('_');
        }
        code.push(character.to_ascii_uppercase());
    }
    code
}
