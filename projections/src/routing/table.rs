//! The table itself: ordered maps of shared rows, whose copy costs a few pointers.

use super::{
    EnvironmentKey, HomeIntegration, Organisation, RoutingSettings, ServiceClient, ServiceProtocol,
    Suspension,
};
use domain::value::{OrganisationOid, SchoolCode};
use domain::{Environment, IntegrationId};
use imbl::{OrdMap, OrdSet};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::sync::Arc;

/// A row that carries its own key.
pub trait Row: Clone + Eq {
    /// What identifies the row in its table.
    type Key: Ord + Clone;

    /// The row's key.
    fn key(&self) -> Self::Key;
}

/// An ordered set of shared rows by key. In JSON an array of rows; a repeated key is an error.
#[derive(Debug)]
pub struct Rows<R: Row>(pub(super) OrdMap<R::Key, Arc<R>>);

impl<R: Row> Rows<R> {
    /// The row under `key`.
    pub fn get(&self, key: &R::Key) -> Option<&Arc<R>> {
        self.0.get(key)
    }

    /// Every row, in the order of the keys.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<R>> {
        self.0.values()
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn put(&mut self, row: Arc<R>) -> Option<Arc<R>> {
        self.0.insert(row.key(), row)
    }

    pub(super) fn take(&mut self, key: &R::Key) -> Option<Arc<R>> {
        self.0.remove(key)
    }
}

impl<R: Row> Default for Rows<R> {
    fn default() -> Self {
        Self(OrdMap::new())
    }
}

impl<R: Row> Clone for Rows<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R: Row> PartialEq for Rows<R> {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.values().eq(other.0.values())
    }
}

impl<R: Row> Eq for Rows<R> {}

impl<R: Row + Serialize> Serialize for Rows<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.values())
    }
}

impl<'de, R: Row + Deserialize<'de>> Deserialize<'de> for Rows<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut rows = Self::default();
        for row in Vec::<Arc<R>>::deserialize(deserializer)? {
            if rows.put(row).is_some() {
                return Err(de::Error::custom("expected each row once"));
            }
        }
        Ok(rows)
    }
}

/// A look-up from a value to the rows that have it. More than one row may: two drafts may name the
/// same client until one of them is accepted.
type Index<V, K> = OrdMap<V, OrdSet<K>>;

fn index<V: Ord + Clone, K: Ord + Clone>(index: &mut Index<V, K>, value: V, key: K) {
    index.entry(value).or_default().insert(key);
}

fn unindex<V: Ord + Clone, K: Ord + Clone>(index: &mut Index<V, K>, value: &V, key: &K) {
    let emptied = index.get_mut(value).is_some_and(|keys| {
        keys.remove(key);
        keys.is_empty()
    });
    if emptied {
        index.remove(value);
    }
}

/// All that a node needs to route the logins of one environment, at one position of the log.
///
/// The rows carry their validity windows, so the table is a function of the log alone: whether a
/// route holds is asked with an instant, and a route stops at its end even if no change arrives.
#[derive(Clone, Debug)]
pub struct RoutingTable {
    environment: Environment,
    position: u64,
    pub(super) services: Rows<ServiceClient>,
    pub(super) homes: Rows<HomeIntegration>,
    pub(super) organisations: Rows<Organisation>,
    pub(super) suspensions: Rows<Suspension>,
    pub(super) keys: Rows<EnvironmentKey>,
    pub(super) settings: Arc<RoutingSettings>,
    services_by_name: Index<String, IntegrationId>,
    homes_by_flow: Index<String, IntegrationId>,
    organisations_by_code: Index<SchoolCode, OrganisationOid>,
}

impl RoutingTable {
    /// The table of `environment` before anything was recorded: it routes nothing.
    pub fn empty(environment: Environment) -> Self {
        Self {
            environment,
            position: 0,
            services: Rows::default(),
            homes: Rows::default(),
            organisations: Rows::default(),
            suspensions: Rows::default(),
            keys: Rows::default(),
            settings: Arc::new(RoutingSettings::default()),
            services_by_name: OrdMap::new(),
            homes_by_flow: OrdMap::new(),
            organisations_by_code: OrdMap::new(),
        }
    }

    /// The environment whose logins it routes.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// The governance position up to which it was folded: the number of events taken in.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Says up to which position it was folded.
    pub fn set_position(&mut self, position: u64) {
        self.position = position;
    }

    /// The clients of services.
    pub fn services(&self) -> &Rows<ServiceClient> {
        &self.services
    }

    /// The integrations of home organisations.
    pub fn homes(&self) -> &Rows<HomeIntegration> {
        &self.homes
    }

    /// The organisation register.
    pub fn organisations(&self) -> &Rows<Organisation> {
        &self.organisations
    }

    /// The suspended end users.
    pub fn suspensions(&self) -> &Rows<Suspension> {
        &self.suspensions
    }

    /// The environment's keys that are not retired.
    pub fn keys(&self) -> &Rows<EnvironmentKey> {
        &self.keys
    }

    /// The rules that apply to every login.
    pub fn settings(&self) -> &RoutingSettings {
        &self.settings
    }

    /// Puts the client of a service in, in place of what stood under its integration.
    pub fn put_service(&mut self, row: ServiceClient) {
        self.put_shared_service(Arc::new(row));
    }

    pub(super) fn put_shared_service(&mut self, row: Arc<ServiceClient>) {
        let key = row.integration;
        self.remove_service(key);
        index(&mut self.services_by_name, name_of(&row).to_owned(), key);
        self.services.put(row);
    }

    /// Takes the client of a service out.
    pub fn remove_service(&mut self, key: IntegrationId) {
        if let Some(row) = self.services.take(&key) {
            unindex(&mut self.services_by_name, &name_of(&row).to_owned(), &key);
        }
    }

    /// Puts a home organisation's integration in, in place of what stood under it.
    pub fn put_home(&mut self, row: HomeIntegration) {
        self.put_shared_home(Arc::new(row));
    }

    pub(super) fn put_shared_home(&mut self, row: Arc<HomeIntegration>) {
        let key = row.integration;
        self.remove_home(key);
        index(&mut self.homes_by_flow, row.flow_name.clone(), key);
        self.homes.put(row);
    }

    /// Takes a home organisation's integration out.
    pub fn remove_home(&mut self, key: IntegrationId) {
        if let Some(row) = self.homes.take(&key) {
            unindex(&mut self.homes_by_flow, &row.flow_name, &key);
        }
    }

    /// Puts an organisation in, in place of what stood under its identifier.
    pub fn put_organisation(&mut self, row: Organisation) {
        self.put_shared_organisation(Arc::new(row));
    }

    pub(super) fn put_shared_organisation(&mut self, row: Arc<Organisation>) {
        let key = row.oid.clone();
        self.remove_organisation(&key);
        if let Some(code) = &row.school_code {
            index(&mut self.organisations_by_code, code.clone(), key);
        }
        self.organisations.put(row);
    }

    /// Takes an organisation out.
    pub fn remove_organisation(&mut self, key: &OrganisationOid) {
        let code = self
            .organisations
            .take(key)
            .and_then(|row| row.school_code.clone());
        if let Some(code) = code {
            unindex(&mut self.organisations_by_code, &code, key);
        }
    }

    /// Puts a suspension in.
    pub fn put_suspension(&mut self, row: Suspension) {
        self.suspensions.put(Arc::new(row));
    }

    /// Takes a suspension out.
    pub fn remove_suspension(&mut self, key: domain::SuspensionId) {
        self.suspensions.take(&key);
    }

    /// Puts a key in, in place of what stood under its name.
    pub fn put_key(&mut self, row: EnvironmentKey) {
        self.keys.put(Arc::new(row));
    }

    /// Takes a key out.
    pub fn remove_key(&mut self, key_id: &str) {
        self.keys.take(&key_id.to_owned());
    }

    /// Sets the rules that apply to every login.
    pub fn set_settings(&mut self, settings: RoutingSettings) {
        self.settings = Arc::new(settings);
    }

    /// The client that an OpenID Connect request names, the active one first.
    pub fn service_by_client_id(&self, client_id: &str) -> Option<&Arc<ServiceClient>> {
        self.service_named(client_id, |protocol| {
            matches!(protocol, ServiceProtocol::OpenIdConnect(_))
        })
    }

    /// The service that a SAML request's issuer names, the active one first.
    pub fn service_by_entity_id(&self, entity_id: &str) -> Option<&Arc<ServiceClient>> {
        self.service_named(entity_id, |protocol| {
            matches!(protocol, ServiceProtocol::Saml(_))
        })
    }

    fn service_named(
        &self,
        name: &str,
        speaks: impl Fn(&ServiceProtocol) -> bool,
    ) -> Option<&Arc<ServiceClient>> {
        let keys = self.services_by_name.get(name)?;
        keys.iter()
            .filter_map(|key| self.services.get(key))
            .filter(|row| speaks(&row.protocol))
            .min_by_key(|row| row.state)
    }

    /// The home integration of this flow name (`urn:mpass.id:authnsource:<flow name>`).
    pub fn home_by_flow_name(&self, flow_name: &str) -> Option<&Arc<HomeIntegration>> {
        let keys = self.homes_by_flow.get(flow_name)?;
        keys.iter()
            .filter_map(|key| self.homes.get(key))
            .min_by_key(|row| row.state)
    }

    /// The organisation that has this school code; an active one where there are several.
    pub fn organisation_by_school_code(&self, code: &SchoolCode) -> Option<&Arc<Organisation>> {
        let keys = self.organisations_by_code.get(code)?;
        let rows = || keys.iter().filter_map(|key| self.organisations.get(key));
        rows().find(|row| row.active).or_else(|| rows().next())
    }
}

/// The name by which requests know a service: a client id or an entity ID.
fn name_of(row: &ServiceClient) -> &str {
    match &row.protocol {
        ServiceProtocol::OpenIdConnect(client) => client.client_id.as_str(),
        ServiceProtocol::Saml(service) => service.entity_id.as_str(),
    }
}

impl PartialEq for RoutingTable {
    fn eq(&self, other: &Self) -> bool {
        // The look-ups follow from the rows.
        self.environment == other.environment
            && self.position == other.position
            && self.services == other.services
            && self.homes == other.homes
            && self.organisations == other.organisations
            && self.suspensions == other.suspensions
            && self.keys == other.keys
            && self.settings == other.settings
    }
}

impl Eq for RoutingTable {}

/// The table as it is written: rows only, the look-ups are built again when it is read.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    environment: Environment,
    position: u64,
    services: Rows<ServiceClient>,
    homes: Rows<HomeIntegration>,
    organisations: Rows<Organisation>,
    suspensions: Rows<Suspension>,
    keys: Rows<EnvironmentKey>,
    settings: Arc<RoutingSettings>,
}

impl Serialize for RoutingTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let table = self.clone();
        Written {
            environment: table.environment,
            position: table.position,
            services: table.services,
            homes: table.homes,
            organisations: table.organisations,
            suspensions: table.suspensions,
            keys: table.keys,
            settings: table.settings,
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for RoutingTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let mut table = Self::empty(written.environment);
        table.position = written.position;
        for row in written.services.iter() {
            table.put_shared_service(Arc::clone(row));
        }
        for row in written.homes.iter() {
            table.put_shared_home(Arc::clone(row));
        }
        for row in written.organisations.iter() {
            table.put_shared_organisation(Arc::clone(row));
        }
        table.suspensions = written.suspensions;
        table.keys = written.keys;
        table.settings = written.settings;
        Ok(table)
    }
}
