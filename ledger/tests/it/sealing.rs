//! Sealing: opens in its place alone, and an unknown key never looks like an erased one.

use std::sync::Arc;

use ledger::vault::MemoryVault;
use ledger::{Binding, KeyId, SealError, Sealer, SeededRandom, VaultError};
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::{binding, event};

fn sealer() -> Sealer {
    let random = Arc::new(SeededRandom::new(5));
    Sealer::new(Arc::new(MemoryVault::new(random.clone())), random)
}

#[test]
fn a_value_opens_in_its_place_and_nowhere_else() {
    let (sealer, event) = (sealer(), event(1));
    let key = sealer.vault().key_for("person-1", "contact").unwrap();
    let place = binding(&event, "name");
    let field = sealer.seal(key, &place, b"Maija Malli").unwrap();
    assert_eq!(
        sealer.open(&place, &field).unwrap().as_slice(),
        b"Maija Malli"
    );
    let elsewhere = [
        Binding {
            ledger_id: Uuid::nil(),
            ..place
        },
        Binding {
            stream: "member-9",
            ..place
        },
        Binding {
            event_id: Uuid::nil(),
            ..place
        },
        Binding {
            event_type: "ContactNamed",
            ..place
        },
        Binding {
            field: "email",
            ..place
        },
    ];
    for other in elsewhere {
        assert!(
            matches!(sealer.open(&other, &field), Err(SealError::Opening { .. })),
            "{other:?}"
        );
    }
    let mut other_key = field.clone();
    other_key.key_id = sealer.vault().key_for("person-2", "contact").unwrap();
    assert!(matches!(
        sealer.open(&place, &other_key),
        Err(SealError::Opening { .. })
    ));
}

#[test]
fn a_commitment_that_does_not_match_is_refused() {
    let (sealer, event) = (sealer(), event(1));
    let key = sealer.vault().key_for("person-1", "contact").unwrap();
    let mut field = sealer
        .seal(key, &binding(&event, "name"), b"value")
        .unwrap();
    field.commitment.0[0] ^= 1;
    assert!(matches!(
        sealer.open(&binding(&event, "name"), &field),
        Err(SealError::Commitment { .. })
    ));
}

#[test]
fn the_same_value_twice_shows_nothing_in_common() {
    let (sealer, event) = (sealer(), event(1));
    let key = sealer.vault().key_for("person-1", "contact").unwrap();
    let one = sealer
        .seal(key, &binding(&event, "name"), b"value")
        .unwrap();
    let two = sealer
        .seal(key, &binding(&event, "name"), b"value")
        .unwrap();
    assert_ne!(one.ciphertext, two.ciphertext);
    assert_ne!(one.commitment, two.commitment);
}

#[test]
fn an_unknown_key_is_an_error_of_its_own() {
    let (sealer, event) = (sealer(), event(1));
    let key = sealer.vault().key_for("person-1", "contact").unwrap();
    let mut field = sealer
        .seal(key, &binding(&event, "name"), b"value")
        .unwrap();
    field.key_id = KeyId([9; 16]);
    let error = sealer.open(&binding(&event, "name"), &field).unwrap_err();
    assert!(matches!(error, SealError::Vault(VaultError::UnknownKey(id)) if id == KeyId([9; 16])));
}

#[test]
fn there_is_one_key_for_each_subject_and_category() {
    let sealer = sealer();
    let vault = sealer.vault();
    let key = vault.key_for("person-1", "contact").unwrap();
    assert_eq!(vault.key_for("person-1", "contact").unwrap(), key);
    assert_ne!(vault.key_for("person-1", "signatory").unwrap(), key);
    assert_ne!(vault.key_for("person-2", "contact").unwrap(), key);
    assert_eq!(vault.find("person-1", "contact").unwrap(), Some(key));
    assert_eq!(vault.find("person-3", "contact").unwrap(), None);
}

proptest! {
    #[test]
    fn documents_open_whole_and_no_changed_byte_passes(document in prop::collection::vec(any::<u8>(), 0..500), at in any::<prop::sample::Index>()) {
        let (sealer, event) = (sealer(), event(1));
        let key = sealer.vault().key_for("contract-1", "documents").unwrap();
        let place = binding(&event, "scan");
        let mut stored = sealer.seal_document(key, &place, &document).unwrap();
        let opened = sealer.open_document(&place, &stored).unwrap();
        prop_assert_eq!(opened.as_slice(), &document[..]);
        let at = at.index(stored.len());
        stored[at] ^= 1;
        prop_assert!(sealer.open_document(&place, &stored).is_err());
        prop_assert!(sealer.open_document(&place, &stored[..at]).is_err());
    }
}
