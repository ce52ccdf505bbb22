//! Changes, secrets and metadata.

use super::*;

fn change(integration: IntegrationId, host: &str) -> ChangeHomeIntegration {
    ChangeHomeIntegration {
        integration,
        configuration: wilma(host),
        secret: None,
    }
}

fn host(configuration: &HomeConfiguration) -> &str {
    match &configuration.upstream {
        HomeUpstream::Wilma(wilma) => wilma.host.as_str(),
        _ => "",
    }
}

#[test]
fn the_accepted_version_routes_until_the_next_is_accepted() {
    let (scenario, integration) = in_use(ledger(), register_home(Environment::Production));
    let now = scenario.now();
    scenario
        .when(change(integration, "new.example.org"))
        .then(&["IntegrationChanged"])
        .when(change(integration, "new.example.org"))
        .then_refused("NOTHING_TO_CHANGE")
        .then_state(|network| {
            let row = home(network, integration);
            assert_eq!(host(&row.configuration), "wilma.example.org");
            assert!(is_routable(network, integration, now));
        })
        .given(RefuseIntegration {
            integration,
            reason: "Not yours".parse().unwrap(),
        })
        .when(AcceptIntegration { integration })
        .then_refused("WRONG_STATE")
        .given(change(integration, "newer.example.org"))
        .given(AcceptIntegration { integration })
        .then_state(|network| {
            let row = home(network, integration);
            assert_eq!(host(&row.configuration), "newer.example.org");
            assert!(row.proposed.is_none());
            assert!(is_routable(network, integration, now));
        });
}

#[test]
fn in_the_test_environment_a_change_holds_at_once() {
    let (scenario, integration) = in_use(ledger(), register_home(Environment::Test));
    scenario
        .given(change(integration, "new.example.org"))
        .then_state(|network| {
            assert_eq!(
                host(&home(network, integration).configuration),
                "new.example.org"
            );
        });
}

#[test]
fn the_kind_of_a_source_never_changes() {
    let (scenario, integration) = in_use(ledger(), register_home(Environment::Test));
    scenario
        .when(ChangeHomeIntegration {
            integration,
            configuration: provider_upstream(),
            secret: None,
        })
        .then_refused("KIND_DIFFERS");
}

fn provider_upstream() -> HomeConfiguration {
    configuration(HomeUpstream::OpenIdConnect(OpenIdConnectUpstream {
        issuer: "https://login.example.org".parse().unwrap(),
        client_id: "proxy".parse().unwrap(),
        scopes: Vec::new(),
        pinned_claims: Vec::new(),
    }))
}

#[test]
fn a_mask_is_no_secret() {
    let register = |secret: Option<&str>| RegisterHomeIntegration {
        configuration: provider_upstream(),
        secret: secret.map(|secret| secret.parse().unwrap()),
        ..register_home(Environment::Test)
    };
    let scenario = ledger()
        .when(register(Some("abc***")))
        .then_refused("SECRET_MASKED");
    let (scenario, integration) = in_use(scenario, register(None));
    let now = scenario.now();
    let rotate = |secret: &str| RotateCredential {
        integration,
        secret: Some(secret.parse().unwrap()),
        valid_until: None,
        secret_hash: None,
    };
    scenario
        .then_state(|network| {
            let row = network.integrations.get(integration).unwrap();
            assert_eq!(blockers(network, row), [Blocker::SecretMissing]);
            assert!(!is_routable(network, integration, now));
        })
        .when(rotate("***"))
        .then_refused("NOTHING_TO_CHANGE")
        .given(rotate("a-real-secret"))
        .then_state(|network| assert!(is_routable(network, integration, now)))
        .when(ChangeHomeIntegration {
            integration,
            configuration: provider_upstream(),
            secret: Some("a-r***".parse().unwrap()),
        })
        .then_refused("NOTHING_TO_CHANGE")
        .when(ChangeHomeIntegration {
            integration,
            configuration: provider_upstream(),
            secret: Some("another-secret".parse().unwrap()),
        })
        .then(&["CredentialRotated"]);
}

#[test]
fn secrets_are_sealed_before_they_stand_anywhere() {
    let register = RegisterHomeIntegration {
        configuration: provider_upstream(),
        secret: Some("hidden-marker".parse().unwrap()),
        ..register_home(Environment::Test)
    };
    let command = format!("{register:?}");
    let scenario = ledger().given(register);
    let state = serde_json::to_string(scenario.network()).unwrap();
    assert!(!state.contains("hidden-marker") && !command.contains("hidden-marker"));
}

#[test]
fn a_service_has_a_hash_and_never_a_secret() {
    let scenario = ledger().given(create_service(None));
    let service = last_service(&scenario);
    let (scenario, integration) = in_use(
        scenario,
        register_client(service, Environment::Test, oidc_client("a")),
    );
    let rotate = |secret: Option<&str>, hash: Option<&str>| RotateCredential {
        integration,
        secret: secret.map(|text| text.parse().unwrap()),
        valid_until: None,
        secret_hash: hash.map(|text| text.parse().unwrap()),
    };
    scenario
        .when(rotate(Some("in clear"), None))
        .then_refused("CREDENTIAL_MISPLACED")
        .when(rotate(None, Some("s256.salt.digest")))
        .then_refused("NOTHING_TO_CHANGE")
        .when(rotate(None, Some("s256.salt.other")))
        .then(&["CredentialRotated"]);
}

fn metadata(certificates: Vec<Certificate>) -> PeerMetadata {
    PeerMetadata {
        entity_id: "https://idp.example.org".parse().unwrap(),
        single_sign_on: vec![SingleSignOnEndpoint {
            binding: SamlBinding::HttpRedirect,
            location: "https://idp.example.org/sso".parse().unwrap(),
        }],
        signing_certificates: certificates,
        valid_until: None,
    }
}

fn adfs() -> HomeConfiguration {
    configuration(HomeUpstream::Adfs(SamlUpstream {
        entity_id: Some("https://idp.example.org".parse().unwrap()),
        metadata_url: Some("https://idp.example.org/metadata".parse().unwrap()),
        metadata_document: None,
        metadata: None,
    }))
}

#[test]
fn a_new_key_or_address_in_the_metadata_is_a_change_to_review() {
    let register = RegisterHomeIntegration {
        configuration: adfs(),
        ..register_home(Environment::Production)
    };
    let (scenario, integration) = in_use(ledger(), register);
    let now = scenario.now();
    let refresh = |metadata| RefreshMetadata {
        integration,
        metadata,
    };
    let mut moved = metadata(vec![certificate()]);
    moved.single_sign_on[0].location = "https://elsewhere.example.org/sso".parse().unwrap();
    let mut dated = metadata(vec![certificate()]);
    dated.valid_until = Some(now);
    let mut foreign = metadata(vec![certificate()]);
    foreign.entity_id = "https://other.example.org".parse().unwrap();
    scenario
        .then_state(|network| assert!(!is_routable(network, integration, now)))
        .when(refresh(metadata(vec![])))
        .then_refused("CERTIFICATE_MISSING")
        .when(refresh(foreign))
        .then_refused("ENTITY_ID_DIFFERS")
        .given(refresh(metadata(vec![certificate()])))
        .then_state(|network| assert!(is_routable(network, integration, now)))
        .when(refresh(metadata(vec![certificate()])))
        .then_refused("NOTHING_TO_CHANGE")
        // Another date asks for no more trust.
        .given(refresh(dated))
        .then_state(|network| assert!(home(network, integration).proposed.is_none()))
        .given(refresh(moved.clone()))
        .then_state(|network| {
            let row = home(network, integration);
            let saml = row.configuration.upstream.saml().unwrap();
            assert_ne!(saml.metadata.as_ref(), Some(&moved));
            assert!(row.proposed.is_some());
        })
        .given(AcceptIntegration { integration })
        .then_state(|network| {
            let saml = home(network, integration).configuration.upstream.saml();
            assert_eq!(saml.unwrap().metadata.as_ref(), Some(&moved));
        })
        // Changing something else leaves what was read.
        .given(ChangeHomeIntegration {
            integration,
            configuration: HomeConfiguration {
                single_sign_on: false,
                ..adfs()
            },
            secret: None,
        })
        .given(AcceptIntegration { integration })
        .then_state(|network| {
            let saml = home(network, integration).configuration.upstream.saml();
            assert_eq!(saml.unwrap().metadata.as_ref(), Some(&moved));
        });
}

#[test]
fn metadata_come_from_one_place() {
    let with = |url: Option<&str>, document: Option<String>| RegisterHomeIntegration {
        configuration: configuration(HomeUpstream::Adfs(SamlUpstream {
            entity_id: None,
            metadata_url: url.map(|url| url.parse().unwrap()),
            metadata_document: document.map(|text| text.parse().unwrap()),
            metadata: None,
        })),
        ..register_home(Environment::Test)
    };
    let url = "https://idp.example.org/metadata";
    ledger()
        .when(with(None, None))
        .then_refused("METADATA_SOURCE")
        .when(with(Some(url), Some("b".repeat(64))))
        .then_refused("METADATA_SOURCE")
        .when(with(None, Some("b".repeat(64))))
        .then(&["IntegrationRegistered"]);
}

#[test]
fn an_input_of_the_data_model_is_filled_once_and_known() {
    let mapped = |names: &[&str]| {
        let attributes = names.iter().map(|name| AttributeMapping {
            attribute: name.parse().unwrap(),
            source: "anything".parse().unwrap(),
        });
        RegisterHomeIntegration {
            configuration: HomeConfiguration {
                attributes: attributes.collect(),
                ..wilma("wilma.example.org")
            },
            ..register_home(Environment::Test)
        }
    };
    ledger()
        .when(mapped(&["learnerId", "learnerId"]))
        .then_refused("REPEATED")
        .when(mapped(&["shoeSize"]))
        .then_refused("ATTRIBUTE_UNKNOWN")
        .when(mapped(&["learnerId", "schoolIds"]))
        .then(&["IntegrationRegistered"]);
}
