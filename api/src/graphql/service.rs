//! Services and integrations.

use crate::graphql::input::Word;
use crate::graphql::organisation::OrganisationView;
use crate::graphql::page::{Page, Window as PageWindow, page};
use crate::graphql::record::{Confidential, SECRETS, leave_out, record};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::search::Wanted;
use crate::graphql::value::{LanguageText, Window, id};
use crate::seer::Seer;
use async_graphql::{ID, Json, Object, Result, SimpleObject};
use domain::value::OrganisationOid;
use domain::{
    ClientProtocol, Environment, HomeUpstream, Integration, IntegrationId, IntegrationState,
    PeerName, PermissionMode, Service, ServiceFee, ServiceId, Side, is_routable, routable_windows,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::sync::Arc;

/// On which side of the proxy an integration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum IntegrationRole {
    /// A home organisation's: it identifies users.
    HomeOrganisation,
    /// A service's: it receives users.
    Service,
}

/// What an integration speaks to: the kind of source of a home organisation, or the protocol of a
/// service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum IntegrationType {
    /// Microsoft ADFS.
    Adfs,
    /// Microsoft Entra ID.
    EntraId,
    /// Google Workspace.
    Google,
    /// Wilma.
    Wilma,
    /// Opinsys.
    Opinsys,
    /// A directory.
    Ldap,
    /// OpenID Connect, on either side.
    OpenIdConnect,
    /// SAML 2.0, on either side.
    Saml,
}

/// Which integrations are asked for.
#[derive(Default)]
pub(crate) struct IntegrationFilter {
    pub(crate) search: Option<String>,
    pub(crate) kind: Option<IntegrationType>,
    pub(crate) role: Option<IntegrationRole>,
    pub(crate) environment: Option<Environment>,
    pub(crate) organisation: Option<OrganisationOid>,
    pub(crate) state: Option<IntegrationState>,
}

/// The integrations that the caller may see, in the order of their identifiers.
pub(crate) fn integrations(
    scope: &Scope,
    filter: &IntegrationFilter,
    window: &PageWindow,
) -> Result<Page<IntegrationView>> {
    let wanted = filter.search.as_deref().map(Wanted::new);
    let rows = scope
        .network()
        .integrations
        .iter()
        .filter(|(_, row)| is_shown(scope.seer(), row))
        .filter(|(_, row)| filter.environment.is_none_or(|of| row.environment == of))
        .filter(|(_, row)| filter.state.is_none_or(|state| row.state == state))
        .filter(|(_, row)| filter.role.is_none_or(|role| role_of(row) == role))
        .filter(|(_, row)| filter.kind.is_none_or(|kind| kind_of(row) == kind))
        .filter(|(_, row)| {
            filter
                .organisation
                .as_ref()
                .is_none_or(|of| row.organisation == *of)
        })
        .filter(|(id, row)| {
            wanted
                .as_ref()
                .is_none_or(|wanted| matches(scope, *id, row, wanted))
        })
        .map(|(id, _)| (id, ()))
        .collect();
    page(
        rows,
        window,
        |key| key.parse().ok(),
        |id, ()| {
            let row = scope.network().integrations.shared(*id);
            IntegrationView {
                scope: scope.clone(),
                id: *id,
                row: row.expect("a page is made of rows that are there"),
            }
        },
    )
}

/// Home integrations are shown to those who see the membership, a service's to all of its
/// organisation's people.
pub(crate) fn is_shown(seer: &Seer, row: &Integration) -> bool {
    match row.side {
        Side::Home(_) => seer.sees_membership(&row.organisation),
        Side::Service(_) => seer.sees(&row.organisation),
    }
}

/// The integration, where it is known and shown to this caller.
pub(crate) fn find_integration(scope: &Scope, id: IntegrationId) -> Option<IntegrationView> {
    let row = scope.network().integrations.shared(id)?;
    is_shown(scope.seer(), &row).then(|| IntegrationView {
        scope: scope.clone(),
        id,
        row,
    })
}

/// The service, where it is known: services are there for every member to choose among.
pub(crate) fn find_service(scope: &Scope, id: ServiceId) -> Option<ServiceView> {
    let row = scope.network().services.get(id)?.clone();
    Some(ServiceView {
        scope: scope.clone(),
        id,
        row: Arc::new(row),
    })
}

fn role_of(row: &Integration) -> IntegrationRole {
    match row.side {
        Side::Home(_) => IntegrationRole::HomeOrganisation,
        Side::Service(_) => IntegrationRole::Service,
    }
}

fn kind_of(row: &Integration) -> IntegrationType {
    match &row.side {
        Side::Home(home) => match &home.configuration.upstream {
            HomeUpstream::Adfs(_) => IntegrationType::Adfs,
            HomeUpstream::EntraId(_) => IntegrationType::EntraId,
            HomeUpstream::Google(_) => IntegrationType::Google,
            HomeUpstream::Wilma(_) => IntegrationType::Wilma,
            HomeUpstream::Opinsys(_) => IntegrationType::Opinsys,
            HomeUpstream::Ldap(_) => IntegrationType::Ldap,
            HomeUpstream::OpenIdConnect(_) => IntegrationType::OpenIdConnect,
            HomeUpstream::Saml(_) => IntegrationType::Saml,
        },
        Side::Service(client) => match &client.configuration.protocol {
            ClientProtocol::OpenIdConnect(_) => IntegrationType::OpenIdConnect,
            ClientProtocol::Saml(_) => IntegrationType::Saml,
        },
    }
}

fn peer_name(row: &Integration) -> Option<String> {
    let client = row.client()?;
    Some(match client.configuration.protocol.peer_name() {
        PeerName::ClientId(id) => id.to_string(),
        PeerName::EntityId(id) => id.to_string(),
    })
}

fn matches(scope: &Scope, id: IntegrationId, row: &Integration, wanted: &Wanted) -> bool {
    let organisation = scope.network().organisations.get(&row.organisation);
    let named = organisation.is_some_and(|row| wanted.is_in(&row.description.name))
        || organisation
            .and_then(|row| row.description.business_id.as_ref())
            .is_some_and(|id| wanted.is(id));
    let side = match &row.side {
        Side::Home(home) => wanted.is(&home.idp_id) || wanted.is(&home.flow_name),
        Side::Service(client) => {
            peer_name(row).is_some_and(|name| wanted.is(name))
                || scope
                    .network()
                    .services
                    .get(client.service)
                    .is_some_and(|service| wanted.is_in(&service.description.name))
        }
    };
    named
        || side
        || wanted.is(id)
        || wanted.is(&row.organisation)
        || row
            .legacy_id
            .as_ref()
            .is_some_and(|legacy| wanted.is(legacy))
}

/// An integration.
#[derive(Clone)]
pub(crate) struct IntegrationView {
    scope: Scope,
    id: IntegrationId,
    row: Arc<Integration>,
}

/// What a home organisation permits.
#[derive(Clone, SimpleObject)]
#[graphql(name = "Permissions")]
pub(crate) struct PermissionsView {
    /// Whether all services are permitted, or those named.
    mode: Word<PermissionMode>,
    /// The services named, with the time since when each is permitted.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    services: Vec<PermittedServiceView>,
    /// Clients that an import permitted and that are not known.
    unknown: Vec<String>,
}

/// A service that a home organisation permits.
#[derive(Clone, SimpleObject)]
#[graphql(name = "PermittedService")]
pub(crate) struct PermittedServiceView {
    /// The service.
    service: ServiceView,
    /// Since when, and by whom, in the domain's own shape.
    since: Json<Value>,
}

/// An integration of a home organisation or of a service, in one environment.
#[Object(name = "Integration")]
impl IntegrationView {
    /// The identifier of this integration as a node.
    pub(crate) async fn id(&self) -> ID {
        id(IntegrationId::KIND, self.id)
    }

    /// Whose it is.
    async fn organisation(&self) -> OrganisationView {
        OrganisationView::new(self.scope.clone(), self.row.organisation.clone())
    }

    /// Where it lives.
    async fn environment(&self) -> Word<Environment> {
        Word(self.row.environment)
    }

    /// On which side of the proxy it is.
    async fn role(&self) -> Word<IntegrationRole> {
        Word(role_of(&self.row))
    }

    /// What it speaks to.
    #[graphql(name = "type")]
    async fn kind(&self) -> Word<IntegrationType> {
        Word(kind_of(&self.row))
    }

    /// Where it stands.
    async fn state(&self) -> Word<IntegrationState> {
        Word(self.row.state)
    }

    /// Whether it routes at the instant of the answer, membership included.
    async fn is_routable(&self) -> bool {
        is_routable(self.scope.network(), self.id, self.scope.now())
    }

    /// When it routes: inside any of these.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    async fn routable_windows(&self) -> Vec<Window> {
        let windows = routable_windows(self.scope.network(), self.id);
        windows.into_iter().map(Into::into).collect()
    }

    /// Of a home organisation's: what every user identifier is derived from.
    async fn idp_id(&self) -> Option<String> {
        self.row.home().map(|home| home.idp_id.to_string())
    }

    /// Of a home organisation's: the name of its authentication flow.
    async fn flow_name(&self) -> Option<String> {
        self.row.home().map(|home| home.flow_name.to_string())
    }

    /// Of a service's: its client id or entity ID.
    async fn peer_name(&self) -> Option<String> {
        peer_name(&self.row)
    }

    /// Of a service's: the service it belongs to.
    async fn service(&self) -> Option<ServiceView> {
        find_service(&self.scope, self.row.client()?.service)
    }

    /// Of a home organisation's: what it permits.
    async fn permissions(&self) -> Option<PermissionsView> {
        let permissions = &self.row.home()?.permissions;
        let services = permissions.services.iter();
        Some(PermissionsView {
            mode: Word(permissions.mode),
            services: services
                .filter_map(|(service, since)| {
                    Some(PermittedServiceView {
                        service: find_service(&self.scope, *service)?,
                        since: record(&self.scope, since, Confidential::Left),
                    })
                })
                .collect(),
            unknown: permissions
                .unknown
                .iter()
                .map(ToString::to_string)
                .collect(),
        })
    }

    /// Whether a changed version awaits the operator's review.
    async fn has_proposal(&self) -> bool {
        self.row.has_proposal()
    }

    /// Whether a secret is set. The secret itself is never shown.
    async fn has_secret(&self) -> bool {
        match &self.row.side {
            Side::Home(home) => home.secret.is_some(),
            Side::Service(client) => client.secret_hash.is_some(),
        }
    }

    /// Its identifier in the system it was imported from.
    async fn legacy_id(&self) -> Option<String> {
        self.row.legacy_id.as_ref().map(ToString::to_string)
    }

    /// When it was registered.
    async fn registered_at(&self) -> scalar::Instant {
        scalar::Instant(self.row.registered_at)
    }

    /// What somebody should look at.
    async fn warnings(&self) -> Vec<Json<Value>> {
        let warnings = domain::warnings(self.scope.network(), self.id, self.scope.now());
        warnings
            .iter()
            .map(|warning| record(&self.scope, warning, Confidential::Left))
            .collect()
    }

    /// Its whole configuration in the domain's own shape, without secrets and their hashes.
    async fn configuration(&self) -> Json<Value> {
        let mut json = record(&self.scope, self.row.as_ref(), Confidential::Left);
        leave_out(&mut json.0, SECRETS);
        json
    }
}

/// A service: what a home organisation permits.
#[derive(Clone)]
pub(crate) struct ServiceView {
    scope: Scope,
    id: ServiceId,
    row: Arc<Service>,
}

/// The services, active ones unless others are asked for; there for every member.
pub(crate) fn services(
    scope: &Scope,
    search: Option<&str>,
    environment: Option<Environment>,
    inactive: bool,
    window: &PageWindow,
) -> Result<Page<ServiceView>> {
    let wanted = search.map(Wanted::new);
    let rows = scope
        .network()
        .services
        .services
        .iter()
        .filter(|(_, row)| row.is_active() || (inactive && owns(scope.seer(), row)))
        .filter(|(_, row)| {
            environment.is_none_or(|of| row.environment.is_none_or(|environment| environment == of))
        })
        .filter(|(id, row)| {
            wanted.as_ref().is_none_or(|wanted| {
                wanted.is_in(&row.description.name)
                    || wanted.is(id)
                    || row.organisation.as_ref().is_some_and(|oid| wanted.is(oid))
            })
        })
        .map(|(id, row)| (*id, row.clone()))
        .collect();
    page(
        rows,
        window,
        |key| key.parse().ok(),
        |id, row| ServiceView {
            scope: scope.clone(),
            id: *id,
            row: Arc::new(row),
        },
    )
}

fn owns(seer: &Seer, row: &Service) -> bool {
    seer.sees_network() || row.organisation.as_ref().is_some_and(|oid| seer.sees(oid))
}

/// A service: a set of clients that home organisations permit as one. There for every member.
#[Object(name = "Service")]
impl ServiceView {
    /// The identifier of this service as a node.
    pub(crate) async fn id(&self) -> ID {
        id(ServiceId::KIND, self.id)
    }

    /// Its name.
    async fn name(&self) -> LanguageText {
        (&self.row.description.name).into()
    }

    /// What it is.
    async fn description(&self) -> Option<LanguageText> {
        self.row.description.description.as_ref().map(Into::into)
    }

    /// What it costs, where that is known.
    async fn fee(&self) -> Option<Word<ServiceFee>> {
        self.row.description.fee.map(Word)
    }

    /// Who provides it.
    async fn organisation(&self) -> Option<OrganisationView> {
        let oid = self.row.organisation.clone()?;
        Some(OrganisationView::new(self.scope.clone(), oid))
    }

    /// The one environment in which it has clients; none where it may have them in several.
    async fn environment(&self) -> Option<Word<Environment>> {
        self.row.environment.map(Word)
    }

    /// Whether it is offered.
    async fn is_active(&self) -> bool {
        self.row.is_active()
    }

    /// The attributes it receives at most, each with its purpose; none means the whole profile of
    /// its data-model version.
    async fn release_set(&self) -> Option<Json<Value>> {
        let set = self.row.release_set.as_ref()?;
        Some(record(&self.scope, set, Confidential::Left))
    }

    /// A release set that awaits the operator's acceptance; shown to its own people.
    async fn proposed_release_set(&self) -> Option<Json<Value>> {
        let set = self.row.proposed_release_set.as_ref()?;
        owns(self.scope.seer(), &self.row).then(|| record(&self.scope, set, Confidential::Left))
    }

    /// Its clients that the caller may see.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn clients(&self) -> Vec<IntegrationView> {
        let clients = self.scope.network().integrations.clients_of(self.id);
        clients
            .filter_map(|(id, _)| find_integration(&self.scope, id))
            .collect()
    }
}
