//! Machines: credentials, nodes, keys.

use super::*;
use crate::RecordAdministrator;
use crate::testing::Scenario;
use rstest::rstest;

fn credential(right: Right) -> IssueMachineCredential {
    IssueMachineCredential {
        label: "Kuvitteellinen kone".parse().unwrap(),
        right,
        organisation: None,
        environment: None,
        secret_hash: "s256.salt.digest".parse().unwrap(),
    }
}

#[test]
fn a_credential_holds_until_it_is_revoked_once() {
    let scenario = Scenario::founded().given(credential(Right::Auditor));
    let (id, row) = scenario.network().access.credentials.iter().next().unwrap();
    assert!(row.right == Right::Auditor && row.revoked_at.is_none());
    let revoke = RevokeMachineCredential { credential: *id };
    let id = *id;
    scenario
        .at("2025-02-01")
        .given(revoke.clone())
        .then_state(|network| {
            let row = network.access.credentials.get(&id).unwrap();
            assert!(row.revoked_at.is_some());
        })
        .when(revoke)
        .then_refused("UNKNOWN");
}

#[rstest]
#[case::a_node_is_enrolled(credential(Right::Proxy), "RIGHT_NOT_GRANTABLE")]
#[case::the_clerk_is_the_program(credential(Right::Clerk), "RIGHT_NOT_GRANTABLE")]
#[case::whose_manager(credential(Right::Manager), "RIGHT_NOT_GRANTABLE")]
#[case::of_which_environment(credential(Right::Provisioning), "ENVIRONMENT_MISSING")]
#[case::of_no_environment(
    IssueMachineCredential { environment: Some(Environment::Test), ..credential(Right::Auditor) },
    "ENVIRONMENT_MISSING"
)]
fn a_machine_holds_few_rights(#[case] issue: IssueMachineCredential, #[case] code: &str) {
    Scenario::founded().when(issue).then_refused(code);
}

fn node(name: &str) -> EnrolNode {
    EnrolNode {
        name: name.parse().unwrap(),
        environments: vec![Environment::Test, Environment::Demo, Environment::Test],
        public_key: format!("{}=", "A".repeat(43)).parse().unwrap(),
        secret_hash: "s256.salt.digest".parse().unwrap(),
    }
}

#[test]
fn a_node_serves_its_environments_until_it_is_expelled() {
    let scenario = Scenario::founded()
        .given(node("pohjoinen"))
        .when(node("pohjoinen"))
        .then_refused("NAME_TAKEN");
    let (id, row) = scenario.network().access.nodes.iter().next().unwrap();
    assert_eq!(row.environments.len(), 2);
    let expel = ExpelNode { node: *id };
    scenario
        .given(expel.clone())
        .when(expel)
        .then_refused("UNKNOWN")
        // Its name is free again.
        .when(node("pohjoinen"))
        .then(&["NodeEnrolled"]);
}

#[rstest]
#[case::no_base64("not a key", &[Environment::Test], "KEY_INVALID")]
#[case::too_short("AAAA", &[Environment::Test], "KEY_INVALID")]
#[case::for_nothing("", &[], "ENVIRONMENT_MISSING")]
fn a_node_has_a_key_and_something_to_serve(
    #[case] key: &str,
    #[case] environments: &[Environment],
    #[case] code: &str,
) {
    let mut enrol = node("pohjoinen");
    environments.clone_into(&mut enrol.environments);
    if !key.is_empty() {
        enrol.public_key = key.parse().unwrap();
    }
    Scenario::founded().when(enrol).then_refused(code);
}

fn key(key_id: &str, purpose: KeyPurpose) -> PublishSigningKey {
    let symmetric = matches!(purpose, KeyPurpose::Cookie | KeyPurpose::Pairwise);
    PublishSigningKey {
        environment: Environment::Test,
        key_id: key_id.parse().unwrap(),
        purpose,
        algorithm: "RS256".parse().unwrap(),
        public_key: (!symmetric).then(|| "{}".parse().unwrap()),
        private_key: "invented".parse().unwrap(),
    }
}

fn state(network: &Network, key_id: &str) -> KeyState {
    let name = (Environment::Test, key_id.to_owned());
    network.access.keys.get(&name).unwrap().state
}

#[test]
fn a_key_is_published_then_used_then_retires_as_the_next_takes_its_place() {
    let activate = |key_id: &str| ActivateSigningKey {
        environment: Environment::Test,
        key_id: key_id.parse().unwrap(),
    };
    let retire = |key_id: &str| RetireSigningKey {
        environment: Environment::Test,
        key_id: key_id.parse().unwrap(),
    };
    let signing = KeyPurpose::Signing;
    let other = PublishSigningKey {
        algorithm: "ES256".parse().unwrap(),
        ..key("other", signing)
    };
    Scenario::founded()
        .given(key("first", signing))
        .when(key("first", signing))
        .then_refused("NAME_TAKEN")
        .given(key("second", signing))
        .given(other)
        .given(activate("first"))
        .when(activate("first"))
        .then_refused("KEY_STATE")
        .when(retire("first"))
        .then_refused("KEY_STATE")
        .given(activate("other"))
        .given(activate("second"))
        .then_state(|network| {
            assert_eq!(state(network, "first"), KeyState::Retiring);
            assert_eq!(state(network, "second"), KeyState::Active);
            // Another algorithm: both are in use.
            assert_eq!(state(network, "other"), KeyState::Active);
        })
        .when(activate("first"))
        .then_refused("KEY_STATE")
        .given(retire("first"))
        .then_state(|network| assert_eq!(state(network, "first"), KeyState::Retired))
        .when(retire("first"))
        .then_refused("KEY_STATE")
        .when(retire("unheard-of"))
        .then_refused("UNKNOWN");
}

#[rstest]
#[case(PublishSigningKey { public_key: None, ..key("a", KeyPurpose::Signing) })]
#[case(PublishSigningKey { public_key: Some("{}".parse().unwrap()), ..key("a", KeyPurpose::Cookie) })]
fn a_public_half_goes_with_its_use(#[case] publish: PublishSigningKey) {
    Scenario::founded()
        .when(publish)
        .then_refused("KEY_INVALID");
}

#[test]
fn an_administrator_is_recorded_sealed_and_without_rights() {
    let before = Scenario::founded();
    let known = before.network().access.administrators.len();
    let scenario = before.given(RecordAdministrator {
        subject: "subject-2".parse().unwrap(),
        name: "Uusi Ylläpitäjä".parse().unwrap(),
    });
    let access = &scenario.network().access;
    assert_eq!(access.administrators.len(), known + 1);
    let new = access
        .administrators
        .iter()
        .find(|(person, _)| access.rights_of(**person).next().is_none());
    let (_, row) = new.unwrap();
    assert!(row.subject.slot().is_some() && row.name.slot().is_some());
}
