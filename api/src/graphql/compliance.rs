//! Compliance: what is due, and what somebody should look at, as the rules and the day say.

use crate::graphql::organisation::OrganisationView;
use crate::graphql::record::{Confidential, record};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::service::is_shown;
use crate::graphql::value::id;
use async_graphql::{Enum, ID, Json, SimpleObject};
use domain::time::Date;
use domain::value::OrganisationOid;
use domain::{
    AmendmentId, AmendmentState, ContactRole, IntegrationId, IntegrationState, Member, RuleKind,
    SelfAuditState,
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
    /// Stable upper-case code, such as `SELF_AUDIT_DUE`.
    code: String,
    /// How much it matters at the instant of the answer.
    severity: Severity,
    /// The organisation that it concerns; none where it is the network's own.
    organisation: Option<OrganisationView>,
    /// The thing it is about, by its typed identifier.
    subject: Option<ID>,
    /// The day on which it is due.
    due_on: Option<scalar::Date>,
    /// What the log says of it.
    detail: Json<Value>,
}

struct Findings<'a> {
    scope: &'a Scope,
    day: Date,
    found: Vec<Finding>,
}

/// Everything that the caller may see, the gravest first.
pub(crate) fn findings(scope: &Scope, organisation: Option<&OrganisationOid>) -> Vec<Finding> {
    let mut findings = Findings {
        scope,
        day: scope.day(),
        found: Vec::new(),
    };
    let concerned = |oid: &OrganisationOid| organisation.is_none_or(|wanted| wanted == oid);
    for (oid, row) in scope.network().members.iter() {
        if concerned(oid) && scope.seer().sees_membership(oid) {
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
    if organisation.is_none() && scope.seer().sees_network() {
        findings.network();
    }
    let mut found = findings.found;
    found.sort_by_key(|finding| (finding.severity, finding.due_on.map(|due| due.0)));
    found
}

impl Findings<'_> {
    fn add(
        &mut self,
        code: &str,
        organisation: Option<&OrganisationOid>,
        subject: Option<ID>,
        due: Option<Date>,
        detail: Value,
    ) {
        let severity = match due {
            Some(due) if due < self.day => Severity::Wrong,
            Some(_) => Severity::Due,
            None => Severity::Notice,
        };
        self.found.push(Finding {
            code: code.to_owned(),
            severity,
            organisation: organisation
                .map(|oid| OrganisationView::new(self.scope.clone(), oid.clone())),
            subject,
            due_on: due.map(scalar::Date),
            detail: Json(detail),
        });
    }

    fn member(&mut self, oid: &OrganisationOid, row: &Member) {
        let now = self.scope.now();
        let subject = || Some(id("member", oid));
        if let Some(application) = row.open_application() {
            let detail = json!({ "appliedOn": application.applied_on });
            self.add("APPLICATION_OPEN", Some(oid), subject(), None, detail);
        }
        if row.in_force(now) {
            // Contract §2, §5 ¶3: each member names these, and an address for notices.
            let roles = [
                ContactRole::Contract,
                ContactRole::Administrative,
                ContactRole::Technical,
                ContactRole::NoticeAddress,
            ];
            for role in roles {
                if row.contact_at(role, now).is_none() {
                    self.add(
                        "CONTACT_MISSING",
                        Some(oid),
                        subject(),
                        Some(self.day),
                        json!({ "role": role }),
                    );
                }
            }
        }
        for audit in &row.self_audits {
            let subject = Some(id(domain::SelfAuditId::KIND, audit.id));
            let open = matches!(
                audit.state,
                SelfAuditState::Draft | SelfAuditState::CorrectionsAsked
            );
            if open {
                let detail = json!({ "questionnaire": audit.questionnaire });
                self.add("SELF_AUDIT_DUE", Some(oid), subject, audit.due_on, detail);
            } else if audit.state == SelfAuditState::Submitted {
                self.add(
                    "SELF_AUDIT_TO_REVIEW",
                    Some(oid),
                    subject,
                    None,
                    json!({ "submittedOn": audit.submitted_on }),
                );
            } else if let Some(renewal) = &audit.renewal {
                let detail = record(self.scope, renewal, Confidential::Left).0;
                self.add(
                    "SELF_AUDIT_RENEWAL",
                    Some(oid),
                    subject,
                    Some(renewal.day),
                    detail,
                );
            }
        }
        for notice in row.running_notices() {
            let subject = Some(id(domain::NoticeId::KIND, notice.id));
            let detail = record(self.scope, notice, Confidential::Left).0;
            self.add(
                "NOTICE_RUNNING",
                Some(oid),
                subject,
                Some(notice.end.day),
                detail,
            );
        }
        for remark in row
            .remarks
            .iter()
            .filter(|remark| remark.cured_on.is_none())
        {
            let subject = Some(id(domain::RemarkId::KIND, remark.id));
            let due = remark.deadline.as_ref().map(|deadline| deadline.day);
            self.add(
                "REMARK_OPEN",
                Some(oid),
                subject,
                due,
                json!({ "clause": remark.clause }),
            );
        }
        for outage in row
            .outages
            .iter()
            .filter(|outage| outage.corrected_on.is_none())
        {
            let subject = Some(id(domain::OutageId::KIND, outage.id));
            let due = outage.exit_right.as_ref().map(|right| right.day);
            self.add(
                "OUTAGE_OPEN",
                Some(oid),
                subject,
                due,
                json!({ "reportedOn": outage.reported_on }),
            );
        }
        for complaint in row
            .complaints
            .iter()
            .filter(|complaint| complaint.settled_on.is_none())
        {
            let subject = Some(id(domain::ComplaintId::KIND, complaint.id));
            self.add(
                "COMPLAINT_OPEN",
                Some(oid),
                subject,
                complaint.due_on,
                json!({ "madeOn": complaint.made_on }),
            );
        }
        for dispute in row
            .disputes
            .iter()
            .filter(|dispute| dispute.closed.is_none())
        {
            let subject = Some(id(domain::DisputeId::KIND, dispute.id));
            let due = Some(dispute.negotiation_ends.day);
            self.add(
                "DISPUTE_OPEN",
                Some(oid),
                subject,
                due,
                json!({ "openedOn": dispute.opened_on }),
            );
        }
    }

    fn integration(&mut self, integration: IntegrationId, organisation: &OrganisationOid) {
        let warnings = domain::warnings(self.scope.network(), integration, self.scope.now());
        for warning in warnings {
            let detail = record(self.scope, &warning, Confidential::Left).0;
            let name = match &detail {
                Value::String(name) => name.clone(),
                Value::Object(fields) => fields.keys().next().cloned().unwrap_or_default(),
                _ => String::new(),
            };
            let subject = Some(id(IntegrationId::KIND, integration));
            self.add(&screaming(&name), Some(organisation), subject, None, detail);
        }
    }

    fn network(&mut self) {
        let network = self.scope.network();
        let needed = [
            RuleKind::QualifiedMajority,
            RuleKind::Quorum,
            RuleKind::SelfAuditGate,
            RuleKind::NoticeCountsFrom,
            RuleKind::SessionLifetime,
            RuleKind::AuthenticationRetention,
        ];
        for kind in needed {
            if network.rules.on(kind, self.day).is_none() {
                self.add("RULE_NOT_SET", None, None, None, json!({ "rule": kind }));
            }
        }
        for year in network.steering.unreviewed_years(self.day) {
            self.add(
                "FEES_NOT_REVIEWED",
                None,
                None,
                None,
                json!({ "year": year }),
            );
        }
        for (amendment, row) in network.agreement.amendments.iter() {
            let state = row.state(self.scope.now());
            if !matches!(state, AmendmentState::Approved | AmendmentState::Announced) {
                continue;
            }
            let subject = || Some(id(AmendmentId::KIND, amendment));
            if row.announcement.is_none() {
                self.add(
                    "AMENDMENT_TO_ANNOUNCE",
                    None,
                    subject(),
                    Some(row.enters_on),
                    json!({}),
                );
            }
            let waiting: Vec<_> = network
                .members
                .iter()
                .filter(|(oid, member)| {
                    member.in_force(self.scope.now())
                        && row
                            .notices
                            .get(oid)
                            .is_none_or(|notice| notice.receipt.is_none())
                })
                .map(|(oid, _)| oid.clone())
                .collect();
            if !waiting.is_empty() {
                let detail = json!({ "membersWithoutReceipt": waiting });
                self.add(
                    "AMENDMENT_TO_NOTIFY",
                    None,
                    subject(),
                    row.notify_by(),
                    detail,
                );
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
