//! The matters of a membership that have an identifier and no fields of their own yet: notices,
//! remarks, outages, complaints, disputes.

use crate::graphql::organisation::OrganisationView;
use crate::graphql::record::{Confidential, record};
use crate::graphql::scope::Scope;
use crate::graphql::value::id;
use async_graphql::{Enum, ID, Json, SimpleObject};
use domain::{ComplaintId, DisputeId, Member, NoticeId, OutageId, RemarkId};
use serde::Serialize;
use serde_json::Value;

/// What a matter of a membership is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub(crate) enum MatterKind {
    /// A notice that ends, or would end, the membership.
    Notice,
    /// A written remark about a breach of the agreement.
    Remark,
    /// An outage that the member reported.
    Outage,
    /// A quality complaint.
    Complaint,
    /// A dispute with the operator.
    Dispute,
}

/// A notice, remark, outage, complaint or dispute of a membership; shown to those who see the
/// membership.
#[derive(Clone, SimpleObject)]
#[graphql(name = "MembershipMatter")]
pub(crate) struct MatterView {
    /// The matter.
    pub(crate) id: ID,
    /// What it is.
    kind: MatterKind,
    /// Whose membership it belongs to.
    organisation: OrganisationView,
    /// What is known of it, in the domain's own shape, with confidential values opened.
    record: Json<Value>,
}

impl MatterView {
    /// The matter of this identifier, where it is there and shown.
    pub(crate) fn find(scope: &Scope, kind: &str, key: &str) -> Option<Self> {
        match kind {
            NoticeId::KIND => {
                let key: NoticeId = key.parse().ok()?;
                let of = |row: &Member| row.notices.iter().find(|of| of.id == key).cloned();
                Self::of(scope, MatterKind::Notice, id(kind, key), of)
            }
            RemarkId::KIND => {
                let key: RemarkId = key.parse().ok()?;
                let of = |row: &Member| row.remarks.iter().find(|of| of.id == key).cloned();
                Self::of(scope, MatterKind::Remark, id(kind, key), of)
            }
            OutageId::KIND => {
                let key: OutageId = key.parse().ok()?;
                let of = |row: &Member| row.outages.iter().find(|of| of.id == key).cloned();
                Self::of(scope, MatterKind::Outage, id(kind, key), of)
            }
            ComplaintId::KIND => {
                let key: ComplaintId = key.parse().ok()?;
                let of = |row: &Member| row.complaints.iter().find(|of| of.id == key).cloned();
                Self::of(scope, MatterKind::Complaint, id(kind, key), of)
            }
            DisputeId::KIND => {
                let key: DisputeId = key.parse().ok()?;
                let of = |row: &Member| row.disputes.iter().find(|of| of.id == key).cloned();
                Self::of(scope, MatterKind::Dispute, id(kind, key), of)
            }
            _ => None,
        }
    }

    fn of<R: Serialize>(
        scope: &Scope,
        kind: MatterKind,
        id: ID,
        of: impl Fn(&Member) -> Option<R>,
    ) -> Option<Self> {
        let mut members = scope.network().members.iter();
        let shown = |oid: &domain::value::OrganisationOid| scope.seer().sees_membership(oid);
        let (oid, row) =
            members.find_map(|(oid, row)| Some((oid, of(row).filter(|_| shown(oid))?)))?;
        Some(Self {
            id,
            kind,
            organisation: OrganisationView::new(scope.clone(), oid.clone()),
            record: record(scope, &row, Confidential::Opened),
        })
    }
}
