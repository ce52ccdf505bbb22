//! Members: organisations that are, were or want to be part of the network.

use crate::graphql::input::Word;
use crate::graphql::organisation::OrganisationView;
use crate::graphql::page::{Page, Window as PageWindow, listed, page};
use crate::graphql::record::{Confidential, record};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::search::Wanted;
use crate::graphql::service::{IntegrationFilter, IntegrationView, integrations};
use crate::graphql::value::{ContactPerson, LanguageText, Window, id};
use async_graphql::{ID, Json, Object, Result, SimpleObject};
use domain::value::OrganisationOid;
use domain::{
    BasisGround, InstrumentKind, Member, MemberRole, MemberStanding, SelfAudit, SelfAuditId,
    SelfAuditState,
};
use serde_json::Value;
use std::sync::Arc;

/// A member.
#[derive(Clone)]
pub(crate) struct MemberView {
    scope: Scope,
    row: Arc<Member>,
}

/// Which members are asked for.
#[derive(Default)]
pub(crate) struct MemberFilter {
    pub(crate) search: Option<String>,
    pub(crate) role: Option<MemberRole>,
    pub(crate) standing: Option<MemberStanding>,
}

/// The members that the caller may see: an organisation's people see their own.
pub(crate) fn members(
    scope: &Scope,
    filter: &MemberFilter,
    window: &PageWindow,
) -> Result<Page<MemberView>> {
    let wanted = filter.search.as_deref().map(Wanted::new);
    let now = scope.now();
    let everything = scope.seer().sees_network();
    let rows = scope
        .network()
        .members
        .iter()
        .filter(|(oid, _)| everything || scope.seer().sees(oid))
        .filter(|(oid, row)| {
            wanted.as_ref().is_none_or(|wanted| {
                wanted.is(oid)
                    || row.business_id.as_ref().is_some_and(|id| wanted.is(id))
                    || name(scope, oid, row).is_some_and(|name| wanted.is_in(name))
            })
        })
        .filter(|(_, row)| filter.role.is_none_or(|role| row.has_role(role, now)))
        .filter(|(_, row)| {
            filter
                .standing
                .is_none_or(|standing| row.standing(now) == standing)
        })
        .map(|(oid, _)| (oid.clone(), ()))
        .collect();
    // Only the page's own rows are looked up again.
    page(
        rows,
        window,
        |key| key.parse().ok(),
        |oid, ()| member(scope, oid),
    )
}

/// The view of a member that is there.
fn member(scope: &Scope, oid: &OrganisationOid) -> MemberView {
    let row = scope.network().members.shared(oid);
    MemberView {
        scope: scope.clone(),
        row: row.expect("a page is made of rows that are there"),
    }
}

/// The member, where it is known and shown to this caller.
pub(crate) fn find_member(scope: &Scope, oid: &OrganisationOid) -> Option<MemberView> {
    let row = scope.network().members.shared(oid)?;
    scope.seer().sees(oid).then(|| MemberView {
        scope: scope.clone(),
        row,
    })
}

/// The name in its application or, without one, in the organisation register.
fn name<'a>(
    scope: &'a Scope,
    oid: &OrganisationOid,
    row: &'a Member,
) -> Option<&'a domain::value::LanguageText> {
    let registered = || {
        let organisation = scope.network().organisations.get(oid)?;
        Some(&organisation.description.name)
    };
    row.name.as_ref().or_else(registered)
}

/// What a membership rests on.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "LegalBasis")]
pub(crate) struct BasisView {
    /// The instrument's version.
    instrument: String,
    /// Whether it is a contract or terms of use.
    kind: Word<InstrumentKind>,
    /// The first day.
    since: scalar::Date,
    /// When it holds.
    window: Window,
    /// How it came about: the signed contract, the accepted terms, or other evidence.
    ground: Json<Value>,
    /// Whether another basis took its place without a gap.
    replaced: bool,
}

/// A role, and when it is held.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "RoleWindow")]
pub(crate) struct RoleView {
    /// The role.
    role: Word<MemberRole>,
    /// When.
    window: Window,
}

/// A self-audit of a home organisation (annex 1).
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "SelfAudit")]
pub(crate) struct SelfAuditView {
    /// The self-audit.
    pub(crate) id: ID,
    /// The organisation.
    organisation: String,
    /// Where it stands.
    state: Word<SelfAuditState>,
    /// The version of annex 1 whose questions it answers.
    questionnaire: String,
    /// The day by which it was asked for.
    due_on: Option<scalar::Date>,
    /// The day on which the report was submitted.
    submitted_on: Option<scalar::Date>,
    /// The day of the latest review.
    reviewed_on: Option<scalar::Date>,
    /// The day on which it was published to the members.
    published_on: Option<scalar::Date>,
    /// The answers of the report.
    answers: Json<Value>,
}

impl SelfAuditView {
    fn new(scope: &Scope, organisation: &OrganisationOid, row: &SelfAudit) -> Self {
        Self {
            id: id(SelfAuditId::KIND, row.id),
            organisation: organisation.to_string(),
            state: Word(row.state),
            questionnaire: row.questionnaire.to_string(),
            due_on: row.due_on.map(scalar::Date),
            submitted_on: row.submitted_on.map(scalar::Date),
            reviewed_on: row.reviewed_on.map(scalar::Date),
            published_on: row.published_on.map(scalar::Date),
            answers: record(scope, &row.answers, Confidential::Opened),
        }
    }
}

/// The self-audits that were published: every member reads them (contract §5).
pub(crate) fn published_self_audits(
    scope: &Scope,
    window: &PageWindow,
) -> Result<Page<SelfAuditView>> {
    let members = scope.network().members.iter();
    let published = members
        .flat_map(|(oid, row)| row.self_audits.iter().map(move |audit| (oid, audit)))
        .filter(|(_, audit)| audit.state == SelfAuditState::Published);
    listed(published.collect(), window, |(oid, audit)| {
        SelfAuditView::new(scope, oid, audit)
    })
}

/// The self-audit, where it is published or the caller sees the membership.
pub(crate) fn find_self_audit(scope: &Scope, id: SelfAuditId) -> Option<SelfAuditView> {
    let mut members = scope.network().members.iter();
    let (oid, audit) = members.find_map(|(oid, row)| {
        let mut audits = row.self_audits.iter();
        Some((oid, audits.find(|audit| audit.id == id)?))
    })?;
    let seer = scope.seer();
    let published = audit.state == SelfAuditState::Published && seer.is_member();
    let shown = published || seer.sees_membership(oid);
    shown.then(|| SelfAuditView::new(scope, oid, audit))
}

impl MemberView {
    /// Whether the membership itself is shown, and not its service side alone.
    fn is_whole(&self) -> bool {
        self.scope.seer().sees_membership(&self.row.organisation)
    }
}

/// An organisation that is, was or wants to be a member.
#[Object(name = "Member")]
impl MemberView {
    /// The identifier of this member as a node.
    pub(crate) async fn id(&self) -> ID {
        id("member", &self.row.organisation)
    }

    /// The organisation, as the register knows it.
    async fn organisation(&self) -> OrganisationView {
        OrganisationView::new(self.scope.clone(), self.row.organisation.clone())
    }

    /// Its name.
    async fn name(&self) -> Option<LanguageText> {
        name(&self.scope, &self.row.organisation, &self.row).map(Into::into)
    }

    /// Its business ID.
    async fn business_id(&self) -> Option<String> {
        self.row.business_id.as_ref().map(ToString::to_string)
    }

    /// Where it stands at the instant of the answer.
    async fn state(&self) -> Word<MemberStanding> {
        Word(self.row.standing(self.scope.now()))
    }

    /// The roles it holds at the instant of the answer.
    async fn roles(&self) -> Vec<Word<MemberRole>> {
        let roles = self.row.roles_at(self.scope.now());
        roles.into_iter().map(Word).collect()
    }

    /// Every role it holds or held, with its time. None for people of its service side alone.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    async fn role_history(&self) -> Vec<RoleView> {
        let roles = self.row.roles.iter().filter(|_| self.is_whole());
        roles
            .map(|held| RoleView {
                role: Word(held.role),
                window: held.window.into(),
            })
            .collect()
    }

    /// When the membership ends; none while no end is known, and for people of its service side
    /// alone.
    async fn ends_at(&self) -> Option<scalar::Instant> {
        let end = self.row.ends_at().filter(|_| self.is_whole());
        end.map(scalar::Instant)
    }

    /// What the membership rests on, and rested on, in order of time. None for people of its
    /// service side alone.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    async fn legal_bases(&self) -> Vec<BasisView> {
        let bases = self.row.legal_bases.iter().filter(|_| self.is_whole());
        bases
            .map(|basis| BasisView {
                instrument: basis.instrument.to_string(),
                kind: Word(basis.kind),
                since: scalar::Date(basis.since),
                window: basis.window.into(),
                ground: Json(ground(&basis.ground)),
                replaced: basis.replaced,
            })
            .collect()
    }

    /// The contacts named at the instant of the answer. People of its service side alone do not
    /// see them.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    async fn contacts(&self) -> Vec<ContactPerson> {
        let now = self.scope.now();
        let contacts = self.row.contacts.iter().filter(|_| self.is_whole());
        contacts
            .filter(|contact| contact.from <= now && contact.until.is_none_or(|until| now < until))
            .map(|contact| ContactPerson::open(&self.scope, contact.role, &contact.contact))
            .collect()
    }

    /// Its self-audits. People of its service side alone see the published ones.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn self_audits(&self) -> Vec<SelfAuditView> {
        let all = self.is_whole();
        let audits = self.row.self_audits.iter();
        audits
            .filter(|audit| all || audit.state == SelfAuditState::Published)
            .map(|audit| SelfAuditView::new(&self.scope, &self.row.organisation, audit))
            .collect()
    }

    /// Its integrations that the caller may see.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn integrations(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<IntegrationView>> {
        let filter = IntegrationFilter {
            organisation: Some(self.row.organisation.clone()),
            ..IntegrationFilter::default()
        };
        integrations(&self.scope, &filter, &PageWindow::first(first, after))
    }

    /// Everything that is known of the membership, in the domain's own shape, with confidential
    /// values opened: application, contract, notices, remarks, outages, complaints, disputes, and
    /// what became of the data. None for people of its service side alone.
    async fn record(&self) -> Option<Json<Value>> {
        self.is_whole()
            .then(|| record(&self.scope, self.row.as_ref(), Confidential::Opened))
    }
}

fn ground(ground: &BasisGround) -> Value {
    serde_json::to_value(ground).unwrap_or_default()
}
