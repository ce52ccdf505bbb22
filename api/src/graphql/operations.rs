//! What the operator does and owes while the network runs (membership contract §5, §6): a list for
//! each register, cut to the rows that concern the caller's organisation.
//!
//! Texts are opened for those whom a row concerns. An end user's identifier never is: what is known
//! of one end user is shown under a recorded request alone ([`disclosure`]).

pub(crate) mod disclosure;
pub(crate) mod duty;
pub(crate) mod running;

use crate::graphql::page::{Page, Window, page};
use crate::graphql::scope::Scope;
use async_graphql::{Object, OutputType, Result};
use disclosure::DisclosureView;
use domain::Table;
use duty::{AuditView, BreachView, CommitmentView, PermitView, SubjectRequestView};
use running::{InterruptionView, MisuseView, SuspensionView};
use std::fmt::Display;
use std::str::FromStr;

/// The registers of the operations.
#[derive(Clone)]
pub(crate) struct OperationsView {
    scope: Scope,
}

impl OperationsView {
    pub(crate) fn new(scope: Scope) -> Self {
        Self { scope }
    }
}

/// The asked page of a register's rows that `node` shows to the caller.
fn register<K, R: Clone, N>(
    scope: &Scope,
    table: &Table<K, R>,
    window: &Window,
    is_shown: impl Fn(&Scope, &R) -> bool,
    node: impl Fn(&Scope, K, &R) -> N,
) -> Result<Page<N>>
where
    K: Ord + Copy + Display + FromStr,
    N: OutputType,
{
    let rows = table
        .iter()
        .filter(|(_, row)| is_shown(scope, row))
        .map(|(key, row)| (*key, row))
        .collect();
    page(
        rows,
        window,
        |key| key.parse().ok(),
        |key, row| node(scope, *key, row),
    )
}

/// What the operator does and owes while the network runs.
#[Object(name = "Operations")]
impl OperationsView {
    /// Maintenance and interruptions, announced or not; there for every member.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn interruptions(
        &self,
        #[graphql(desc = "Only those that run, or are announced and not over.", default)]
        open: bool,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<InterruptionView>> {
        let table = &self.scope.network().operations.interruptions;
        let is_shown = |scope: &Scope, row: &domain::Interruption| {
            InterruptionView::is_shown(scope) && (!open || running::is_open(scope, row))
        };
        let window = Window::first(first, after);
        register(&self.scope, table, &window, is_shown, InterruptionView::new)
    }

    /// Suspensions of end users, also those that are over: their home organisation's.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn suspensions(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<SuspensionView>> {
        let table = &self.scope.network().operations.suspensions;
        let window = Window::first(first, after);
        let is_shown = SuspensionView::is_shown;
        register(&self.scope, table, &window, is_shown, SuspensionView::new)
    }

    /// Cases of suspected misuse: of those who reported them and of those concerned.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn misuse_cases(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<MisuseView>> {
        let table = &self.scope.network().operations.misuse_cases;
        let window = Window::first(first, after);
        let is_shown = MisuseView::is_shown;
        register(&self.scope, table, &window, is_shown, MisuseView::new)
    }

    /// Personal-data breaches: of the controllers concerned.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn breaches(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<BreachView>> {
        let table = &self.scope.network().operations.breaches;
        let window = Window::first(first, after);
        let is_shown = BreachView::is_shown;
        register(&self.scope, table, &window, is_shown, BreachView::new)
    }

    /// Commitments to confidentiality of those who process personal data.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn commitments(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<CommitmentView>> {
        let table = &self.scope.network().operations.commitments;
        let window = Window::first(first, after);
        let is_shown = CommitmentView::is_shown;
        register(&self.scope, table, &window, is_shown, CommitmentView::new)
    }

    /// Permissions to use sub-processors, also the revoked: of the controller that gave them and of
    /// the service provider that has them.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn subprocessor_permits(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<PermitView>> {
        let table = &self.scope.network().operations.permits;
        let window = Window::first(first, after);
        let is_shown = PermitView::is_shown;
        register(&self.scope, table, &window, is_shown, PermitView::new)
    }

    /// Requests of data subjects: of the controller that answers them.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn subject_requests(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<SubjectRequestView>> {
        let table = &self.scope.network().operations.subject_requests;
        let window = Window::first(first, after);
        let is_shown = SubjectRequestView::is_shown;
        register(
            &self.scope,
            table,
            &window,
            is_shown,
            SubjectRequestView::new,
        )
    }

    /// Audits of the operator: of the controller that asked for them.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn audits(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<AuditView>> {
        let table = &self.scope.network().operations.audits;
        let window = Window::first(first, after);
        let is_shown = AuditView::is_shown;
        register(&self.scope, table, &window, is_shown, AuditView::new)
    }

    /// The register of requests for log data: of the home organisation whose user they are about.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn disclosures(
        &self,
        #[graphql(desc = "Only those that are open.", default)] open: bool,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<DisclosureView>> {
        let table = &self.scope.network().operations.disclosures;
        let is_shown = |scope: &Scope, row: &domain::LogDisclosure| {
            DisclosureView::is_shown(scope, row) && (!open || row.is_open())
        };
        let window = Window::first(first, after);
        register(&self.scope, table, &window, is_shown, DisclosureView::new)
    }
}
