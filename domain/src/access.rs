//! Who may do what: administrators and their rights, machine credentials, proxy nodes, and the
//! keys of each environment. Organisation rights may also come from the sign-in issuer's claims;
//! those never stand here.

use crate::time::Instant;
use crate::value::{FreeText, OrganisationOid, PersonName, ShortText};
use crate::{
    Category, Context, CredentialId, Decide, Decision, Environment, Event, Evolve,
    FirstAdministrator, GrantId, KeySubject, Network, NodeId, PersonId, Private, Rejection, Right,
    Table,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The access side of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Access {
    /// Everyone who ever signed in to change something or was given a right.
    pub administrators: Table<PersonId, Administrator>,
    /// Every right that was given, also those taken back.
    pub grants: Table<GrantId, Grant>,
    /// Every machine credential, also the revoked.
    pub credentials: Table<CredentialId, MachineCredential>,
    /// Every proxy node, also the expelled.
    pub nodes: Table<NodeId, Node>,
    /// The keys of each environment.
    pub keys: Table<(Environment, String), EnvironmentKey>,
}

/// A person who administers, by reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Administrator {
    /// The subject by which the sign-in issuer names the person, sealed.
    pub subject: Private,
    /// The person's name, sealed.
    pub name: Private,
}

/// A right that was given to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grant {
    /// Who holds it.
    pub person: PersonId,
    /// The right.
    pub right: Right,
    /// For which organisation; none for the whole network.
    pub organisation: Option<OrganisationOid>,
    /// When it was given.
    pub granted_at: Instant,
    /// When it was taken back, where it was.
    pub revoked_at: Option<Instant>,
}

/// A machine's credential. The secret itself is nowhere; its hash is here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MachineCredential {
    /// What it is for, in words.
    pub label: ShortText,
    /// The right it carries.
    pub right: Right,
    /// For which organisation; none for the whole network.
    pub organisation: Option<OrganisationOid>,
    /// For which environment, for the rights of a proxy and of provisioning.
    pub environment: Option<Environment>,
    /// The salted hash of its secret.
    pub secret_hash: String,
    /// When it was revoked, where it was.
    pub revoked_at: Option<Instant>,
}

/// A proxy node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Node {
    /// Its name, which the codes and tokens it issues carry.
    pub name: ShortText,
    /// The environments it serves.
    pub environments: Vec<Environment>,
    /// The X25519 public key to which secrets are encrypted for it, in base64.
    pub public_key: String,
    /// The salted hash of its credential's secret.
    pub secret_hash: String,
    /// When it was expelled, where it was.
    pub expelled_at: Option<Instant>,
}

/// What a key of an environment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum KeyPurpose {
    /// Signs tokens, assertions and metadata.
    Signing,
    /// Decrypts what home organisations encrypt to the proxy.
    Encryption,
    /// Seals cookies.
    Cookie,
    /// Salts the identifiers that differ from service to service.
    Pairwise,
}

/// Where a key stands in its life. All but the retired stand in metadata and key sets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum KeyState {
    /// Published ahead of its use, so that peers learn it.
    Published,
    /// In use.
    Active,
    /// No longer used for new signatures; old ones still verify.
    Retiring,
    /// Gone.
    Retired,
}

/// A key of an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentKey {
    /// What it is for.
    pub purpose: KeyPurpose,
    /// Its algorithm, such as `RS256`.
    pub algorithm: ShortText,
    /// Its public half as a JSON Web Key; none for symmetric keys.
    pub public_key: Option<FreeText>,
    /// Its private half or secret, sealed.
    pub private_key: Private,
    /// Where it stands.
    pub state: KeyState,
}

impl Access {
    /// The rights that hold for `person` by events. Organisation rights from claims come on top.
    pub fn rights_of(
        &self,
        person: PersonId,
    ) -> impl Iterator<Item = (Right, Option<OrganisationOid>)> {
        self.grants
            .values()
            .filter(move |grant| grant.person == person && grant.revoked_at.is_none())
            .map(|grant| (grant.right, grant.organisation.clone()))
    }
}

/// Records a person who signed in, so that what they do refers to them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordAdministrator {
    /// The subject by which the sign-in issuer names the person.
    pub subject: FreeText,
    /// The person's name.
    pub name: PersonName,
}

/// A person who administers was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AdministratorRecorded {
    /// The reference given to the person.
    pub person: PersonId,
    /// The subject by which the sign-in issuer names the person.
    pub subject: Private,
    /// The person's name.
    pub name: Private,
}

impl Decide for RecordAdministrator {
    fn decide(&self, _: &Network, context: &Context<'_>) -> Decision {
        Ok(vec![
            self.recorded(PersonId(context.new_id("administrator")))
                .into(),
        ])
    }
}

impl RecordAdministrator {
    fn recorded(&self, person: PersonId) -> AdministratorRecorded {
        let key = || KeySubject::new(person, Category::Administrator);
        AdministratorRecorded {
            person,
            subject: Private::given(key(), &self.subject),
            name: Private::given(key(), &self.name),
        }
    }
}

impl Evolve for AdministratorRecorded {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let (subject, name) = (self.subject.clone(), self.name.clone());
        network
            .access
            .administrators
            .insert(self.person, Administrator { subject, name });
    }
}

/// The events by which a first administrator enters.
pub(crate) fn first_administrator(
    person: &FirstAdministrator,
    label: &str,
    context: &Context<'_>,
) -> Decision {
    let id = PersonId(context.new_id(label));
    let record = RecordAdministrator {
        subject: person.subject.clone(),
        name: person.name.clone(),
    };
    let mut events: Vec<Event> = vec![record.recorded(id).into()];
    for right in &person.rights {
        if right.is_for_one_organisation() || matches!(right, Right::Clerk) {
            return Err(not_network_wide("firstAdministrators"));
        }
        let grant = GrantId(context.new_id(&format!("{label} {right:?}")));
        events.push(
            AccessGranted {
                grant,
                person: id,
                right: *right,
                organisation: None,
            }
            .into(),
        );
    }
    Ok(events)
}

fn not_network_wide(field: &'static str) -> Rejection {
    Rejection::new(
        "RIGHT_NOT_GRANTABLE",
        "this right cannot be given in this way",
    )
    .field(field)
    .remedy("organisation rights need their organisation, other rights must have none")
}

/// Gives a right to a person, for one organisation or for the network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantAccess {
    /// The person, as recorded.
    pub person: PersonId,
    /// The right.
    pub right: Right,
    /// The organisation; needed for organisation rights, possible for the auditor's.
    #[serde(default)]
    pub organisation: Option<OrganisationOid>,
}

/// A right was given to a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessGranted {
    /// The grant.
    pub grant: GrantId,
    /// Who holds it.
    pub person: PersonId,
    /// The right.
    pub right: Right,
    /// For which organisation; none for the whole network.
    pub organisation: Option<OrganisationOid>,
}

/// Whether `right` can be given for `organisation`; machines' and the clerk's rights go to no
/// person.
fn grantable(right: Right, organisation: Option<&OrganisationOid>) -> bool {
    match right {
        Right::Clerk | Right::Proxy | Right::Provisioning => false,
        Right::Auditor => true,
        _ => right.is_for_one_organisation() == organisation.is_some(),
    }
}

impl Decide for GrantAccess {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        if !network.access.administrators.contains(&self.person) {
            return Err(Rejection::unknown("person", "person"));
        }
        if !grantable(self.right, self.organisation.as_ref()) {
            return Err(not_network_wide("right"));
        }
        let wanted = (self.right, self.organisation.clone());
        if network
            .access
            .rights_of(self.person)
            .any(|held| held == wanted)
        {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "the person holds this right already")
                    .field("right")
                    .remedy("nothing needs to be recorded"),
            );
        }
        Ok(vec![
            AccessGranted {
                grant: GrantId(context.new_id("grant")),
                person: self.person,
                right: self.right,
                organisation: self.organisation.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for AccessGranted {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network.access.grants.insert(
            self.grant,
            Grant {
                person: self.person,
                right: self.right,
                organisation: self.organisation.clone(),
                granted_at: at,
                revoked_at: None,
            },
        );
    }
}

/// Takes a right back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RevokeAccess {
    /// The grant.
    pub grant: GrantId,
}

/// A right was taken back. Whoever acts under it is stopped at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessRevoked {
    /// The grant.
    pub grant: GrantId,
}

impl Decide for RevokeAccess {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let standing = |grant: &Grant| grant.revoked_at.is_none();
        let grants = &network.access.grants;
        let grant = grants
            .get(&self.grant)
            .filter(|grant| standing(grant))
            .ok_or_else(|| Rejection::unknown("standing grant", "grant"))?;
        let operators = grants
            .values()
            .filter(|g| standing(g) && g.right == Right::Operator);
        if grant.right == Right::Operator && operators.count() == 1 {
            return Err(Rejection::new(
                "LAST_ADMINISTRATOR",
                "nobody could administer this ledger any more",
            )
            .field("grant")
            .remedy("give the right OPERATOR to somebody else first"));
        }
        Ok(vec![AccessRevoked { grant: self.grant }.into()])
    }
}

impl Evolve for AccessRevoked {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network
            .access
            .grants
            .change(&self.grant, |grant| grant.revoked_at = Some(at));
    }
}

mod machine;
pub use machine::*;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Scenario;

    fn administrator(network: &Network) -> PersonId {
        *network.access.administrators.iter().next().unwrap().0
    }

    fn grant_of(network: &Network, right: Right) -> GrantId {
        let mut grants = network.access.grants.iter();
        *grants.find(|(_, grant)| grant.right == right).unwrap().0
    }

    #[test]
    fn the_last_operator_stays() {
        let scenario = Scenario::founded();
        let grant = grant_of(scenario.network(), Right::Operator);
        scenario
            .when(RevokeAccess { grant })
            .then_refused("LAST_ADMINISTRATOR");
    }

    #[test]
    fn an_organisation_right_names_its_organisation() {
        let scenario = Scenario::founded();
        let person = administrator(scenario.network());
        scenario
            .when(GrantAccess {
                person,
                right: Right::Manager,
                organisation: None,
            })
            .then_refused("RIGHT_NOT_GRANTABLE");
    }

    #[test]
    fn no_person_is_a_proxy() {
        let scenario = Scenario::founded();
        let person = administrator(scenario.network());
        scenario
            .when(GrantAccess {
                person,
                right: Right::Proxy,
                organisation: None,
            })
            .then_refused("RIGHT_NOT_GRANTABLE");
    }

    #[test]
    fn a_right_holds_from_its_grant_to_its_revocation() {
        let scenario = Scenario::founded();
        let person = administrator(scenario.network());
        let organisation: OrganisationOid = "1.2.246.562.99.00000000001".parse().unwrap();
        let manager = (Right::Manager, Some(organisation.clone()));
        let scenario = scenario
            .given(GrantAccess {
                person,
                right: Right::Manager,
                organisation: Some(organisation),
            })
            .then_state(|network| {
                assert!(
                    network
                        .access
                        .rights_of(person)
                        .any(|right| right == manager)
                );
            });
        let grant = grant_of(scenario.network(), Right::Manager);
        scenario
            .given(RevokeAccess { grant })
            .then_state(|network| {
                assert!(
                    network
                        .access
                        .rights_of(person)
                        .all(|right| right != manager)
                );
            });
    }
}
