//! Audits of the operator by a controller or the auditor it authorised, which the operator allows
//! and takes part in (membership contract §6 ¶9, sixth duty).

use super::{controller, days_between, nothing_to_change, too_early};
use crate::agreement::not_in_future;
use crate::time::{Date, Instant};
use crate::value::{DocumentReference, FreeText, OrganisationOid, ShortText};
use crate::{
    AuditId, Category, Context, Decide, Decision, Evolve, KeySubject, Network, Private, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An audit of the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorAudit {
    /// The controller that asked for it.
    pub member: OrganisationOid,
    /// The auditing organisation it authorised; none where it audits itself.
    pub auditor: Option<ShortText>,
    /// The day on which it was asked for.
    pub requested_on: Date,
    /// What is to be audited, sealed.
    pub scope: Private,
    /// That it was held.
    pub held: Option<AuditRecord>,
}

/// What was recorded of an audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRecord {
    /// The day on which it was held.
    pub held_on: Date,
    /// Days from the request.
    pub delay_days: u32,
    /// Whether the operator took part.
    pub operator_took_part: bool,
    /// What was found, sealed.
    pub findings: Option<Private>,
    /// The report.
    pub report: Option<DocumentReference>,
}

/// Asks for an audit of the operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestAudit {
    /// The controller that asks for it.
    pub member: OrganisationOid,
    /// The auditing organisation it authorises; left out where it audits itself.
    #[serde(default)]
    pub auditor: Option<ShortText>,
    /// The day on which it was asked for.
    pub requested_on: Date,
    /// What is to be audited.
    pub scope: FreeText,
}

/// An audit of the operator was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditRequested {
    /// The audit.
    pub audit: AuditId,
    /// The controller that asks for it.
    pub member: OrganisationOid,
    /// The auditing organisation it authorises; none where it audits itself.
    pub auditor: Option<ShortText>,
    /// The day on which it was asked for.
    pub requested_on: Date,
    /// What is to be audited, sealed.
    pub scope: Private,
}

impl Decide for RequestAudit {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        not_in_future(network, context, self.requested_on, "requestedOn")?;
        controller(network, &self.member, context.now, "member")?;
        let audit = AuditId(context.new_id("audit"));
        let key = KeySubject::new(audit, Category::Text);
        Ok(vec![
            AuditRequested {
                audit,
                member: self.member.clone(),
                auditor: self.auditor.clone(),
                requested_on: self.requested_on,
                scope: Private::given(key, &self.scope),
            }
            .into(),
        ])
    }
}

impl Evolve for AuditRequested {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.operations.audits.insert(
            self.audit,
            OperatorAudit {
                member: self.member.clone(),
                auditor: self.auditor.clone(),
                requested_on: self.requested_on,
                scope: self.scope.clone(),
                held: None,
            },
        );
    }
}

/// Records that an audit of the operator was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldAudit {
    /// The audit.
    pub audit: AuditId,
    /// The day on which it was held.
    pub held_on: Date,
    /// Whether the operator took part, as it must.
    pub operator_took_part: bool,
    /// What was found; this or the report, or both.
    #[serde(default)]
    pub findings: Option<FreeText>,
    /// The report.
    #[serde(default)]
    pub report: Option<DocumentReference>,
}

/// An audit of the operator was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditHeld {
    /// The audit.
    pub audit: AuditId,
    /// The day on which it was held.
    pub held_on: Date,
    /// Days from the request.
    pub delay_days: u32,
    /// Whether the operator took part.
    pub operator_took_part: bool,
    /// What was found, sealed.
    pub findings: Option<Private>,
    /// The report.
    pub report: Option<DocumentReference>,
}

impl Decide for HoldAudit {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let audit = network
            .operations
            .audits
            .get(&self.audit)
            .ok_or_else(|| Rejection::unknown("audit", "audit"))?;
        if audit.held.is_some() {
            return Err(nothing_to_change("the audit was held", "audit"));
        }
        not_in_future(network, context, self.held_on, "heldOn")?;
        let delay_days = days_between(audit.requested_on, self.held_on)
            .ok_or_else(|| too_early("the audit was asked for later", "heldOn"))?;
        if self.findings.is_none() && self.report.is_none() {
            return Err(
                Rejection::new("FINDINGS_MISSING", "an audit held has its findings")
                    .field("findings")
                    .remedy("give the findings in words or the report as a document")
                    .rule("our decision"),
            );
        }
        let key = || KeySubject::new(self.audit, Category::Text);
        Ok(vec![
            AuditHeld {
                audit: self.audit,
                held_on: self.held_on,
                delay_days,
                operator_took_part: self.operator_took_part,
                findings: self
                    .findings
                    .as_ref()
                    .map(|findings| Private::given(key(), findings)),
                report: self.report.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for AuditHeld {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.operations.audits.change(&self.audit, |audit| {
            audit.held = Some(AuditRecord {
                held_on: self.held_on,
                delay_days: self.delay_days,
                operator_took_part: self.operator_took_part,
                findings: self.findings.clone(),
                report: self.report.clone(),
            });
        });
    }
}
