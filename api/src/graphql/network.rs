//! The network itself: its founding, offices and rules, and the way to every view.

#![expect(
    clippy::too_many_arguments,
    reason = "a query has one argument for each filter"
)]

use crate::graphql::access::AccessView;
use crate::graphql::agreement::AgreementView;
use crate::graphql::compliance::{Finding, findings};
use crate::graphql::fault;
use crate::graphql::input::Word;
use crate::graphql::logins::{AuthenticationView, LoginFilter, UsageCount, authentications, usage};
use crate::graphql::member::{
    MemberFilter, MemberView, SelfAuditView, members, published_self_audits,
};
use crate::graphql::operations::OperationsView;
use crate::graphql::organisation::OrganisationView;
use crate::graphql::page::{FoundPage, Page, Window, page};
use crate::graphql::routing::{RoutingView, routing};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::search;
use crate::graphql::service::{
    IntegrationFilter, IntegrationRole, IntegrationType, IntegrationView, ServiceView,
    integrations, services,
};
use crate::graphql::steering::SteeringView;
use crate::graphql::timeline::{TimelineArguments, TimelineEvent, timeline};
use crate::graphql::value::{ContactPerson, LanguageText, id};
use async_graphql::{Context, ID, Json, Object, Result, SimpleObject};
use domain::value::OrganisationOid;
use domain::{
    Environment, Founding, IntegrationState, MemberRole, MemberStanding, Party, Purpose, RuleKind,
};

/// The trust network at one position of its log.
#[derive(Clone)]
pub(crate) struct NetworkView {
    scope: Scope,
}

impl NetworkView {
    pub(crate) fn new(scope: Scope) -> Self {
        Self { scope }
    }
}

/// An organisation that is a party to the agreement by its office.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "Party")]
pub(crate) struct PartyView {
    /// Its identifier in the organisation service.
    organisation: String,
    /// Its name.
    name: LanguageText,
    /// Its business ID, where it has one.
    business_id: Option<String>,
}

impl From<&Party> for PartyView {
    fn from(party: &Party) -> Self {
        Self {
            organisation: party.organisation.to_string(),
            name: (&party.name).into(),
            business_id: party.business_id.as_ref().map(ToString::to_string),
        }
    }
}

/// How the ledger was founded, and who holds the offices.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "Founding")]
pub(crate) struct FoundingView {
    /// What the ledger is for.
    purpose: Word<Purpose>,
    /// The zone in which civil dates are read, by its IANA name.
    zone: String,
    /// The operator in office.
    operator: PartyView,
    /// The owner.
    owner: PartyView,
    /// The issuer by which people sign in.
    sign_in_issuer: String,
    /// When the ledger was founded.
    founded_at: scalar::Instant,
}

impl From<&Founding> for FoundingView {
    fn from(founding: &Founding) -> Self {
        Self {
            purpose: Word(founding.purpose),
            zone: founding.zone.name().to_owned(),
            operator: (&founding.operator).into(),
            owner: (&founding.owner).into(),
            sign_in_issuer: founding.sign_in_issuer.to_string(),
            founded_at: scalar::Instant(founding.founded_at),
        }
    }
}

/// A rule that the sources leave open, as it was set.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "DatedRule")]
pub(crate) struct RuleView {
    /// Which rule.
    kind: Word<RuleKind>,
    /// The first day on which this value holds.
    valid_from: scalar::Date,
    /// Whether this is the value that holds on the day of the answer.
    holds: bool,
    /// The value, in the form in which `setRule` takes it.
    value: Json<serde_json::Value>,
    /// Where it comes from, in the words of whoever set it.
    source: String,
}

/// The trust network at one position of its log.
#[Object(name = "Network")]
impl NetworkView {
    /// How many events of the log are in this answer.
    async fn position(&self) -> u64 {
        self.scope.snapshot().position
    }

    /// The instant at which windows are read in this answer.
    async fn at(&self) -> scalar::Instant {
        scalar::Instant(self.scope.now())
    }

    /// The day of that instant in the network's zone.
    async fn day(&self) -> scalar::Date {
        scalar::Date(self.scope.day())
    }

    /// How the ledger was founded, and who holds the offices; none before the founding.
    async fn founding(&self) -> Option<FoundingView> {
        self.scope.network().founding.as_ref().map(Into::into)
    }

    /// The operator's contacts.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    async fn operator_contacts(&self) -> Vec<ContactPerson> {
        let founding = self.scope.network().founding.as_ref();
        founding
            .into_iter()
            .flat_map(|founding| &founding.operator_contacts)
            .map(|(role, contact)| ContactPerson::open(&self.scope, *role, contact))
            .collect()
    }

    /// The owner's contacts.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    async fn owner_contacts(&self) -> Vec<ContactPerson> {
        let founding = self.scope.network().founding.as_ref();
        founding
            .into_iter()
            .flat_map(|founding| &founding.owner_contacts)
            .map(|(role, contact)| ContactPerson::open(&self.scope, *role, contact))
            .collect()
    }

    /// Every rule that was set, each kind with its values by day.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn rules(&self) -> Vec<RuleView> {
        let day = self.scope.day();
        let rules = &self.scope.network().rules;
        rules
            .iter()
            .map(|rule| RuleView {
                kind: Word(rule.rule.kind()),
                valid_from: scalar::Date(rule.valid_from),
                holds: rules.holds(rule, day),
                value: Json(serde_json::to_value(&rule.rule).unwrap_or_default()),
                source: rule.source.clone(),
            })
            .collect()
    }

    /// The organisation register: providers, schools and offices, as the organisation service
    /// names them. It holds nothing confidential and is there for every member.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn organisations(
        &self,
        #[graphql(desc = "Part of a name, or a whole OID, business ID or school code.")]
        search: Option<String>,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<OrganisationView>> {
        let wanted = search.as_deref().map(search::Wanted::new);
        let rows = self
            .scope
            .network()
            .organisations
            .iter()
            .filter(|(oid, row)| {
                wanted.as_ref().is_none_or(|wanted| {
                    let description = &row.description;
                    wanted.is(oid)
                        || description
                            .business_id
                            .as_ref()
                            .is_some_and(|id| wanted.is(id))
                        || description
                            .school_code
                            .as_ref()
                            .is_some_and(|code| wanted.is(code))
                        || wanted.is_in(&description.name)
                })
            })
            .map(|(oid, _)| (oid.clone(), ()))
            .collect();
        page(
            rows,
            &Window::first(first, after),
            |key| key.parse().ok(),
            |oid, ()| OrganisationView::new(self.scope.clone(), oid.clone()),
        )
    }

    /// The members that the caller may see: an organisation's people see their own.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn members(
        &self,
        #[graphql(desc = "Part of a name, or a whole OID or business ID.")] search: Option<String>,
        #[graphql(desc = "Only those that hold this role.")] role: Option<Word<MemberRole>>,
        #[graphql(desc = "Only those that stand so.")] state: Option<Word<MemberStanding>>,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<MemberView>> {
        let filter = MemberFilter {
            search,
            role: role.map(|role| role.0),
            standing: state.map(|state| state.0),
        };
        members(&self.scope, &filter, &Window::first(first, after))
    }

    /// The services; there for every member to choose among.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn services(
        &self,
        #[graphql(desc = "Part of a name, or a whole identifier.")] search: Option<String>,
        #[graphql(desc = "Only those that may have clients here.")] environment: Option<
            Word<Environment>,
        >,
        #[graphql(desc = "Also the caller's own that were withdrawn.", default)] inactive: bool,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<ServiceView>> {
        let environment = environment.map(|environment| environment.0);
        let window = Window::first(first, after);
        services(
            &self.scope,
            search.as_deref(),
            environment,
            inactive,
            &window,
        )
    }

    /// The integrations that the caller may see.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn integrations(
        &self,
        #[graphql(desc = "Part of a name, or a whole identifier.")] search: Option<String>,
        #[graphql(name = "type", desc = "Only of this kind.")] kind: Option<Word<IntegrationType>>,
        #[graphql(desc = "Only on this side of the proxy.")] role: Option<Word<IntegrationRole>>,
        #[graphql(desc = "Only those that live here.")] environment: Option<Word<Environment>>,
        #[graphql(desc = "Only of the organisation with this OID.")] organisation: Option<String>,
        #[graphql(desc = "Only those that stand so.")] state: Option<Word<IntegrationState>>,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<IntegrationView>> {
        let filter = IntegrationFilter {
            search,
            kind: kind.map(|kind| kind.0),
            role: role.map(|role| role.0),
            environment: environment.map(|environment| environment.0),
            organisation: parsed(organisation)?,
            state: state.map(|state| state.0),
        };
        integrations(&self.scope, &filter, &Window::first(first, after))
    }

    /// The self-audits that were published; there for every member (contract §5).
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn published_self_audits(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<SelfAuditView>> {
        published_self_audits(&self.scope, &Window::first(first, after))
    }

    /// What is wrong, due or worth a look, the gravest first.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn compliance(
        &self,
        #[graphql(desc = "Only of the organisation with this OID.")] organisation: Option<String>,
    ) -> Result<Vec<Finding>> {
        let organisation = parsed(organisation)?;
        Ok(findings(&self.scope, organisation.as_ref()))
    }

    /// The agreement: instruments, annexes and amendments.
    async fn agreement(&self) -> AgreementView {
        AgreementView::new(self.scope.clone())
    }

    /// The steering group.
    async fn steering_group(&self) -> SteeringView {
        SteeringView::new(self.scope.clone())
    }

    /// Who may do what: administrators, machine credentials, nodes and keys.
    async fn access(&self) -> AccessView {
        AccessView::new(self.scope.clone())
    }

    /// What the operator does and owes while the network runs: interruptions, suspensions, misuse,
    /// breaches, sub-processors, requests of data subjects, audits, requests for log data.
    async fn operations(&self) -> OperationsView {
        OperationsView::new(self.scope.clone())
    }

    /// The routing table of an environment as proxy nodes have it, without secrets. Each row has
    /// its own windows.
    async fn routing(
        &self,
        #[graphql(desc = "Which environment.")] environment: Word<Environment>,
    ) -> Result<RoutingView> {
        routing(&self.scope, environment.0).await
    }

    /// How many logins there were in an environment, by day, home integration and service. Of a
    /// past moment, the days that were over by then.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn usage(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which environment.")] environment: Word<Environment>,
        #[graphql(desc = "The first day.")] first_day: scalar::Date,
        #[graphql(desc = "The last day, at most a year later.")] last_day: scalar::Date,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<UsageCount>> {
        let days = (first_day.0, last_day.0);
        let window = Window::first(first, after);
        usage(context, &self.scope, environment.0, days, &window).await
    }

    /// What was recorded of each login, newest first, without the user: as far as the caller may
    /// see it, and as it was recorded by the instant of the answer.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn authentications(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which environment.")] environment: Word<Environment>,
        #[graphql(desc = "Only of this month of recording, `YYYY-MM`.")] month: Option<String>,
        #[graphql(desc = "How many records; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<FoundPage<AuthenticationView>> {
        let filter = LoginFilter {
            environment,
            month,
            first,
            after,
        };
        authentications(context, &self.scope, filter).await
    }

    /// What happened, newest first: all that this caller may see, or the events of one stream.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn timeline(
        &self,
        #[graphql(desc = "A stream's name, such as `member/1.2.246.562.99.00000000001`.")]
        stream: Option<String>,
        #[graphql(desc = "Only events below this position.")] before: Option<u64>,
        #[graphql(desc = "How many events; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<FoundPage<TimelineEvent>> {
        let arguments = TimelineArguments {
            stream,
            before,
            first,
            after,
        };
        timeline(&self.scope, arguments).await
    }

    /// The identifier of this network as a node.
    pub(crate) async fn id(&self) -> ID {
        id("network", self.scope.views().log().ledger_id())
    }
}

fn parsed(oid: Option<String>) -> Result<Option<OrganisationOid>> {
    let wrong = |_| fault::bad_request("`organisation` is no OID", "give the organisation's OID");
    oid.map(|oid| oid.parse()).transpose().map_err(wrong)
}
