//! Rollover: keys that are published, active, retiring and retired.

use super::{conformance_client, login, plain, tokens};
use crate::browser::Browser;
use crate::login::checked;
use crate::world::World;
use domain::{Environment, KeyPurpose, KeyState};
use ledger::SeededRandom;
use projections::routing::{EnvironmentKey, Secret, SecretOwner};
use proxy::{Algorithm, GeneratedKey, generate_signing_key};
use serde_json::Value;

fn row(world: &World, key_id: &str, key: &GeneratedKey, state: KeyState) -> EnvironmentKey {
    let owner = SecretOwner::Key(key_id);
    let node = world.node.public_key().unwrap();
    let private = key.private_key.as_bytes();
    let random = SeededRandom::new(9);
    EnvironmentKey {
        key_id: key_id.to_owned(),
        purpose: KeyPurpose::Signing,
        algorithm: "RS256".to_owned(),
        public_key: Some(key.public_key.clone()),
        private_key: Secret::for_node(&random, &node, Environment::Test, owner, private).unwrap(),
        state,
        position: 1,
    }
}

async fn published(browser: &mut Browser<'_>) -> Vec<String> {
    let keys = browser.get("/openid/jwks").await.json();
    let name = |key: &Value| key["kid"].as_str().unwrap().to_owned();
    let mut names: Vec<_> = keys["keys"].as_array().unwrap().iter().map(name).collect();
    names.sort();
    names
}

fn signed_by(id_token: &str) -> String {
    use base64::Engine as _;
    let head = id_token.split('.').next().unwrap();
    let head = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(head)
        .unwrap();
    let head: Value = serde_json::from_slice(&head).unwrap();
    head["kid"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_verifies_after_it_signed() {
    let world = World::new().await;
    conformance_client(&world).await;
    let mut browser = Browser::new(&world);
    let [old, new] = [(), ()].map(|()| generate_signing_key(Algorithm::Rs256).unwrap());
    let stages = [
        // The two that the world begins with, the ES256 key beside them.
        (KeyState::Active, KeyState::Published, "a-old"),
        (KeyState::Retiring, KeyState::Active, "b-new"),
        (KeyState::Retired, KeyState::Active, "b-new"),
    ];
    let world_key = || {
        let key = generate_signing_key(Algorithm::Rs256).unwrap();
        row(&world, "sign-rs", &key, KeyState::Retired)
    };
    let retired = world_key();
    world.change(|table| table.put_key(retired)).await;

    let mut tokens_of_old = None;
    for (old_state, new_state, signer) in stages {
        let rows = [
            row(&world, "a-old", &old, old_state),
            row(&world, "b-new", &new, new_state),
        ];
        world
            .change(|table| rows.into_iter().for_each(|row| table.put_key(row)))
            .await;
        let names = published(&mut browser).await;
        let expected: &[&str] = if old_state == KeyState::Retired {
            &["b-new", "sign-es"]
        } else {
            &["a-old", "b-new", "sign-es"]
        };
        assert_eq!(names, expected, "{old_state:?}");
        let mut fresh = Browser::new(&world);
        let (given, _) = login(&mut fresh, &plain()).await;
        assert_eq!(signed_by(given.id_token()), signer);

        let earlier: &super::Tokens = tokens_of_old.get_or_insert(given);
        let asked = plain()
            .with("prompt", "none")
            .with("id_token_hint", earlier.id_token());
        let answer = fresh.get(&asked.path()).await;
        if old_state == KeyState::Retired {
            assert_eq!(
                answer.parameter("error").as_deref(),
                Some("invalid_request")
            );
        } else {
            // What the retiring key signed is still known as ours, by us and by services.
            let keys = browser.get("/openid/jwks").await.json();
            checked(earlier.id_token(), &keys);
            tokens(&mut fresh, &answer, &asked).await;
        }
    }
}

#[tokio::test]
async fn a_key_that_does_not_fit_its_public_half_signs_nothing_and_costs_nothing_else() {
    let world = World::new().await;
    conformance_client(&world).await;
    let [one, other] = [(), ()].map(|()| generate_signing_key(Algorithm::Rs256).unwrap());
    let mut mixed = row(&world, "a-mixed", &one, KeyState::Active);
    mixed.public_key = Some(other.public_key);
    world.change(|table| table.put_key(mixed)).await;
    let mut browser = Browser::new(&world);
    let (tokens, _) = login(&mut browser, &plain()).await;
    assert_eq!(signed_by(tokens.id_token()), "sign-rs");
    assert!(
        !published(&mut browser)
            .await
            .contains(&"a-mixed".to_owned())
    );
}
