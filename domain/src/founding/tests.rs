//! The founding, the offices and their contacts, given, when, then.

use super::*;
use crate::Command;
use crate::testing::{Scenario, found_ledger};

#[test]
fn a_ledger_is_founded_once() {
    Scenario::founded()
        .when(found_ledger())
        .then_refused("ALREADY_FOUNDED");
}

#[test]
fn nothing_happens_before_the_founding() {
    let owner = found_ledger().operator;
    Scenario::empty()
        .when(ChangeOwner { owner })
        .then_refused("NOT_FOUNDED");
}

#[test]
fn the_founding_asks_for_the_majority() {
    let command = FoundLedger {
        rules: Vec::new(),
        ..found_ledger()
    };
    Scenario::empty().when(command).then_refused("RULE_NOT_SET");
}

#[test]
fn somebody_must_be_able_to_administer() {
    let command = FoundLedger {
        first_administrators: Vec::new(),
        ..found_ledger()
    };
    Scenario::empty()
        .when(command)
        .then_refused("NO_ADMINISTRATOR");
}

#[test]
fn a_new_operator_names_its_own_contacts() {
    let contact = ContactDetails {
        name: "Olivia Operaattori".parse().unwrap(),
        email: "olivia@operator.example".parse().unwrap(),
        phone: None,
        postal_address: None,
    };
    let operator = Party {
        organisation: "1.2.246.562.99.00000000077".parse().unwrap(),
        ..found_ledger().operator
    };
    let scenario = Scenario::founded()
        .given(NameOperatorContact {
            role: ContactRole::Contract,
            contact,
            notified_on: None,
        })
        .then_state(|network| {
            let founding = network.founding.as_ref().unwrap();
            assert!(
                founding.operator_contacts[0].1.name.slot().is_some(),
                "sealed"
            );
        });
    scenario
        .given(AppointOperator {
            operator,
            commission: "decision 7".parse().unwrap(),
        })
        .then_state(|network| {
            assert!(
                network
                    .founding
                    .as_ref()
                    .unwrap()
                    .operator_contacts
                    .is_empty()
            );
        });
}

#[test]
fn a_new_owner_names_its_own_contacts() {
    let owner = Party {
        organisation: "1.2.246.562.99.00000000078".parse().unwrap(),
        ..found_ledger().owner
    };
    let name = |notified_on: Option<&str>| NameOwnerContact {
        role: ContactRole::Contract,
        contact: crate::membership::tests::person("Oona Omistaja"),
        notified_on: notified_on.map(crate::testing::day),
    };
    let contacts = |network: &Network| network.founding.as_ref().unwrap().owner_contacts.clone();
    let scenario = Scenario::founded()
        .when(name(Some("2025-01-02")))
        .then_refused("IN_THE_FUTURE")
        .given(name(None))
        .given(name(Some("2024-12-30")))
        .then_state(|network| {
            let named = contacts(network);
            assert_eq!(named.len(), 1, "the newer in place of the older");
            assert!(named[0].1.email.slot().is_some(), "sealed");
        });
    let commands = Command::from(name(None)).authorities(scenario.network());
    assert!(commands.iter().any(|way| way.right == Right::Owner));
    let command = ChangeOwner {
        owner: owner.clone(),
    };
    scenario
        .when(command.clone())
        .then(&["OwnerChanged"])
        .then_state(|network| {
            assert_eq!(network.founding.as_ref().unwrap().owner, owner);
            assert!(contacts(network).is_empty(), "the new owner names its own");
            let owed = crate::network_obligations(
                network,
                crate::testing::instant("2025-01-01T12:00:00Z"),
            );
            assert!(
                owed.iter().any(|one| one.kind
                    == crate::ObligationKind::NameOwnerContact(ContactRole::Contract))
            );
        })
        .when(command)
        .then_refused("NOTHING_TO_CHANGE");
}
