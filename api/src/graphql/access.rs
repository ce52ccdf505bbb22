//! Who may do what: the caller itself, administrators, machines, nodes and keys.

use crate::app::Backends;
use crate::caller::Caller;
use crate::graphql::input::Word;
use crate::graphql::page::{Page, Window, page};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::value::id;
use async_graphql::{ID, Object, Result, SimpleObject};
use domain::value::OrganisationOid;
use domain::{
    CredentialId, Environment, GrantId, KeyPurpose, KeyState, Means, NodeId, PersonId, Right,
};
use std::sync::Arc;

/// Who is asking.
pub(crate) struct Me {
    caller: Arc<Caller>,
    backends: Arc<Backends>,
}

impl Me {
    pub(crate) fn new(caller: Arc<Caller>, backends: &Arc<Backends>) -> Self {
        Self {
            caller,
            backends: Arc::clone(backends),
        }
    }
}

/// A right, for an organisation or for the network.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "HeldRight")]
pub(crate) struct HeldRight {
    /// The right.
    right: Word<Right>,
    /// For which organisation; none for the whole network.
    organisation: Option<String>,
}

/// Who is asking, and what they may do.
#[Object]
impl Me {
    /// The reference by which the log names this caller; none where nobody is signed in.
    async fn id(&self) -> Option<ID> {
        self.caller
            .actor()
            .map(|actor| id(PersonId::KIND, actor.person))
    }

    /// How the caller was identified.
    async fn means(&self) -> Option<Word<Means>> {
        self.caller.actor().map(|actor| Word(actor.means))
    }

    /// The caller's name, of a person.
    async fn name(&self) -> Option<String> {
        let actor = self.caller.actor()?;
        let network = self.backends.registrar.network();
        let row = network.1.access.administrators.get(&actor.person)?;
        let name = self.backends.registrar.log().open(row.name.slot()?).ok()?;
        Some(name.as_str().to_owned())
    }

    /// Every right held now.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    async fn rights(&self) -> Vec<HeldRight> {
        let network = self.backends.registrar.network();
        let rights = self.caller.rights(&network.1);
        rights
            .iter()
            .map(|(right, organisation)| HeldRight {
                right: Word(right),
                organisation: organisation.map(ToString::to_string),
            })
            .collect()
    }

    /// The environments that a machine is for.
    async fn environments(&self) -> Vec<Word<Environment>> {
        let network = self.backends.registrar.network();
        let environments = self.caller.environments(&network.1);
        environments.into_iter().map(Word).collect()
    }
}

/// The access side of the network.
#[derive(Clone)]
pub(crate) struct AccessView {
    scope: Scope,
}

impl AccessView {
    pub(crate) fn new(scope: Scope) -> Self {
        Self { scope }
    }
}

/// A person who administers.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "Administrator")]
pub(crate) struct AdministratorView {
    /// The person's reference.
    pub(crate) id: ID,
    /// The name; none where the person was erased.
    name: Option<String>,
    /// The rights given by events, also those taken back.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    grants: Vec<GrantView>,
}

/// A right that was given to a person.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "Grant")]
pub(crate) struct GrantView {
    /// The grant.
    pub(crate) id: ID,
    /// The right.
    right: Word<Right>,
    /// For which organisation; none for the whole network.
    organisation: Option<String>,
    /// When it was given.
    granted_at: scalar::Instant,
    /// When it was taken back.
    revoked_at: Option<scalar::Instant>,
}

/// A machine's credential. Its secret is nowhere, and the hash of it is not shown.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "MachineCredential")]
pub(crate) struct CredentialView {
    /// The credential; the part of the bearer token before the dot.
    pub(crate) id: ID,
    /// What it is for, in words.
    label: String,
    /// The right it carries.
    right: Word<Right>,
    /// For which organisation; none for the whole network.
    organisation: Option<String>,
    /// For which environment; none for all.
    environment: Option<Word<Environment>>,
    /// When it was revoked.
    revoked_at: Option<scalar::Instant>,
}

/// A proxy node.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "ProxyNode")]
pub(crate) struct NodeView {
    /// The node; the part of its bearer token before the dot.
    pub(crate) id: ID,
    /// Its name.
    name: String,
    /// The environments it serves.
    environments: Vec<Word<Environment>>,
    /// The public key to which secrets are encrypted for it, in base64.
    public_key: String,
    /// When it was expelled.
    expelled_at: Option<scalar::Instant>,
}

/// A key of an environment. Its private half is never shown.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "EnvironmentKey")]
pub(crate) struct KeyView {
    /// The environment.
    environment: Word<Environment>,
    /// The key's identifier, which tokens carry.
    key_id: String,
    /// What it is for.
    purpose: Word<KeyPurpose>,
    /// Its algorithm.
    algorithm: String,
    /// Its public half as a JSON Web Key.
    public_key: Option<String>,
    /// Where it stands.
    state: Word<KeyState>,
}

/// Whether a right or credential for this organisation, or for the whole network, is shown.
fn is_shown(scope: &Scope, organisation: Option<&OrganisationOid>) -> bool {
    let seer = scope.seer();
    seer.sees_network() || organisation.is_some_and(|own| seer.sees_membership(own))
}

impl AdministratorView {
    /// The administrator, where one of the person's rights is shown to the caller.
    pub(crate) fn find(scope: &Scope, person: PersonId) -> Option<Self> {
        let access = &scope.network().access;
        let row = access.administrators.get(&person)?;
        let own = access.grants.iter().filter(|(_, row)| row.person == person);
        let grants: Vec<_> = own
            .filter_map(|(grant, _)| GrantView::find(scope, *grant))
            .collect();
        (scope.seer().sees_network() || !grants.is_empty()).then(|| Self {
            id: id(PersonId::KIND, person),
            name: scope.open(&row.name),
            grants,
        })
    }
}

impl GrantView {
    /// The right that was given, where it is shown to the caller.
    pub(crate) fn find(scope: &Scope, grant: GrantId) -> Option<Self> {
        let row = scope.network().access.grants.get(&grant)?;
        is_shown(scope, row.organisation.as_ref()).then(|| Self {
            id: id(GrantId::KIND, grant),
            right: Word(row.right),
            organisation: row.organisation.as_ref().map(ToString::to_string),
            granted_at: scalar::Instant(row.granted_at),
            revoked_at: row.revoked_at.map(scalar::Instant),
        })
    }
}

impl CredentialView {
    /// The credential, where it is shown to the caller.
    pub(crate) fn find(scope: &Scope, credential: CredentialId) -> Option<Self> {
        let row = scope.network().access.credentials.get(&credential)?;
        is_shown(scope, row.organisation.as_ref()).then(|| Self {
            id: id(CredentialId::KIND, credential),
            label: row.label.to_string(),
            right: Word(row.right),
            organisation: row.organisation.as_ref().map(ToString::to_string),
            environment: row.environment.map(Word),
            revoked_at: row.revoked_at.map(scalar::Instant),
        })
    }
}

impl NodeView {
    fn new(node: NodeId, row: &domain::Node) -> Self {
        Self {
            id: id(NodeId::KIND, node),
            name: row.name.to_string(),
            environments: row.environments.iter().copied().map(Word).collect(),
            public_key: row.public_key.clone(),
            expelled_at: row.expelled_at.map(scalar::Instant),
        }
    }

    /// The node, for those who see the whole network.
    pub(crate) fn find(scope: &Scope, node: NodeId) -> Option<Self> {
        let row = scope.network().access.nodes.get(&node)?;
        scope.seer().sees_network().then(|| Self::new(node, row))
    }
}

/// Who may do what.
#[Object(name = "Access")]
impl AccessView {
    /// Everyone who ever signed in to change something or was given a right. An organisation's
    /// people see those who hold a right for it.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn administrators(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<AdministratorView>> {
        let access = &self.scope.network().access;
        let persons = access.administrators.iter();
        let rows = persons.filter_map(|(person, _)| {
            let view = AdministratorView::find(&self.scope, *person)?;
            Some((*person, view))
        });
        let window = Window::first(first, after);
        page(
            rows.collect(),
            &window,
            |key| key.parse().ok(),
            |_, row| row,
        )
    }

    /// The machine credentials; an organisation's people see those that are for it.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn credentials(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<CredentialView>> {
        let credentials = self.scope.network().access.credentials.iter();
        let rows = credentials.filter_map(|(credential, _)| {
            let view = CredentialView::find(&self.scope, *credential)?;
            Some((*credential, view))
        });
        let window = Window::first(first, after);
        page(
            rows.collect(),
            &window,
            |key| key.parse().ok(),
            |_, row| row,
        )
    }

    /// The proxy nodes.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn nodes(&self) -> Vec<NodeView> {
        let nodes = self.scope.network().access.nodes.iter();
        nodes.map(|(node, row)| NodeView::new(*node, row)).collect()
    }

    /// The keys of each environment.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn keys(&self) -> Vec<KeyView> {
        let keys = self.scope.network().access.keys.iter();
        keys.map(|((environment, key_id), row)| KeyView {
            environment: Word(*environment),
            key_id: key_id.clone(),
            purpose: Word(row.purpose),
            algorithm: row.algorithm.to_string(),
            public_key: row.public_key.as_ref().map(|key| key.as_str().to_owned()),
            state: Word(row.state),
        })
        .collect()
    }
}
