//! Tests of the table, its changes and `permit`.

use super::*;
use domain::data_model::{Attribute, NonDisclosureRule, Version};
use domain::time::{Instant, Window};
use domain::value::{
    ClientId, LanguageText, OrganisationOid, RedirectUri, SchoolCode, ShortText, WebAddress,
};
use domain::{Environment, IntegrationId, ServiceId, SuspensionId};
use ledger::SeededRandom;
use ledger::sealed_box::BoxPrivateKey;
use rstest::rstest;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

mod changes;

const NOW: i64 = 1_800_000_000_000_000;
const USER_KEY: &[u8] = b"pairwise salt";

fn at(seconds: i64) -> Instant {
    Instant::from_microseconds(NOW + seconds * 1_000_000)
}

fn always() -> Vec<Window> {
    vec![Window {
        from: at(-1000),
        until: Some(at(1000)),
    }]
}

fn integration(number: u8) -> IntegrationId {
    IntegrationId(Uuid::from_u128(u128::from(number)))
}

fn service_id(number: u8) -> ServiceId {
    ServiceId(Uuid::from_u128(u128::from(number)))
}

fn oid(number: u8) -> OrganisationOid {
    OrganisationOid::parse(&format!("1.2.246.562.99.{number:011}")).unwrap()
}

fn service(number: u8) -> ServiceClient {
    ServiceClient {
        integration: integration(number),
        service: service_id(number),
        name: LanguageText::parse("Kuvitteellinen palvelu").unwrap(),
        organisation: oid(90),
        organisation_name: LanguageText::parse("Kuvitteellinen Palvelu Oy").unwrap(),
        protocol: ServiceProtocol::OpenIdConnect(OpenIdConnectClient {
            client_id: ClientId::parse(&format!("client-{number}")).unwrap(),
            secret_hash: Some(SecretHash::of("secret", [7; 16])),
            redirect_uris: vec![RedirectUri::parse("https://service.example.org/back").unwrap()],
            post_logout_redirect_uris: Vec::new(),
            token_endpoint_auth_method: TokenEndpointAuthentication::default(),
            jwks_uri: None,
            jwks: None,
            pkce_required: true,
            subject_type: SubjectType::default(),
            id_token_algorithm: ShortText::parse("RS256").unwrap(),
            attributes_in_id_token: false,
            scopes: Vec::new(),
        }),
        release_set: BTreeSet::from([Attribute::Uid]),
        data_model_version: Version::V1_4,
        allow_test_learner_id: false,
        single_sign_on: true,
        state: RouteState::Active,
        windows: always(),
        position: 10,
        because: vec![Because {
            position: 3,
            what: "MembershipStarted".to_owned(),
        }],
    }
}

fn home(number: u8) -> HomeIntegration {
    HomeIntegration {
        integration: integration(number),
        organisation: oid(number),
        organisation_name: LanguageText::parse("Kuvitteellinen kunta").unwrap(),
        idp_id: format!("oidc_{number}"),
        flow_name: format!("Oidc{number}"),
        tags: BTreeSet::new(),
        upstream: Upstream::OpenIdConnect(OpenIdConnectUpstream {
            issuer: WebAddress::parse("https://login.example.org").unwrap(),
            client_id: ClientId::parse("proxy").unwrap(),
            client_secret: Secret::Recorded(domain::SealedSlot(5, 0)),
            scopes: Vec::new(),
            pinned_claims: Vec::new(),
        }),
        graph: None,
        attribute_rules: Vec::new(),
        discovery: Discovery::default(),
        permissions: Permissions {
            services: Services::All,
            position: 11,
        },
        vetoes: BTreeMap::new(),
        non_disclosure: NonDisclosureRule::Refuse,
        municipality: None,
        municipality_code: None,
        single_sign_on: true,
        state: RouteState::Active,
        windows: always(),
        position: 11,
        because: vec![Because {
            position: 4,
            what: "MembershipStarted".to_owned(),
        }],
    }
}

fn organisation(number: u8, code: Option<&str>) -> Organisation {
    Organisation {
        oid: oid(number),
        name: LanguageText::parse("Kuvitteellinen koulu").unwrap(),
        types: BTreeSet::new(),
        school_code: code.map(|code| SchoolCode::parse(code).unwrap()),
        institution_type: None,
        parent: None,
        active: true,
        acts_for: BTreeSet::new(),
        position: 2,
    }
}

fn user() -> ledger::Hash {
    UserMark::digest(USER_KEY, oid(2).as_str(), "user-1")
}

fn suspension() -> Suspension {
    Suspension {
        id: SuspensionId(Uuid::from_u128(1)),
        integration: None,
        organisation: oid(2),
        user: UserMark::Digest(user()),
        services: Services::All,
        window: Window::open_from(at(-10)),
        position: 20,
    }
}

fn table() -> RoutingTable {
    let mut table = RoutingTable::empty(Environment::Test);
    table.put_service(service(1));
    table.put_home(home(2));
    table.put_organisation(organisation(2, Some("00001")));
    table.set_position(21);
    table
}

fn request() -> RouteRequest {
    RouteRequest {
        environment: Environment::Test,
        service: Some(integration(1)),
        home: Some(integration(2)),
        user: Some(user()),
        attribute_test: false,
    }
}

#[test]
fn a_login_inside_every_window_passes_and_says_on_what_it_stands() {
    let decision = permit(&table(), &request(), at(0));
    assert!(decision.allowed);
    assert_eq!(decision.position, 21);
    let because: Vec<_> = decision
        .because
        .iter()
        .map(|fact| (fact.position, fact.what.as_str()))
        .collect();
    assert_eq!(
        because,
        [
            (10, "service integration"),
            (3, "MembershipStarted"),
            (11, "home integration"),
            (4, "MembershipStarted"),
            (11, "all services permitted"),
        ]
    );
}

#[rstest]
#[case::environment(
    |_: &mut _| (), |request: &mut RouteRequest| request.environment = Environment::Production,
    Refusal::EnvironmentMismatch
)]
#[case::unknown_service(|_: &mut _| (), |request: &mut RouteRequest| request.service = None, Refusal::NoSuchService)]
#[case::removed_service(
    |table: &mut RoutingTable| table.remove_service(integration(1)), |_: &mut _| (), Refusal::NoSuchService
)]
#[case::draft_service(
    |table: &mut RoutingTable| table.put_service(ServiceClient { state: RouteState::DraftForTesting, ..service(1) }),
    |_: &mut _| (), Refusal::ServiceNotActive
)]
#[case::service_before_its_window(
    |table: &mut RoutingTable| table.put_service(ServiceClient {
        windows: vec![Window::open_from(at(1))], ..service(1)
    }),
    |_: &mut _| (), Refusal::ServiceOutsideWindow
)]
#[case::service_at_the_end_of_its_window(
    |table: &mut RoutingTable| table.put_service(ServiceClient {
        windows: vec![Window { from: at(-9), until: Some(at(0)) }], ..service(1)
    }),
    |_: &mut _| (), Refusal::ServiceOutsideWindow
)]
#[case::service_without_window(
    |table: &mut RoutingTable| table.put_service(ServiceClient { windows: Vec::new(), ..service(1) }),
    |_: &mut _| (), Refusal::ServiceOutsideWindow
)]
#[case::unknown_home(
    |_: &mut _| (), |request: &mut RouteRequest| request.home = Some(integration(9)), Refusal::NoSuchHomeIntegration
)]
#[case::draft_home(
    |table: &mut RoutingTable| table.put_home(HomeIntegration { state: RouteState::DraftForTesting, ..home(2) }),
    |_: &mut _| (), Refusal::HomeIntegrationNotActive
)]
#[case::home_after_its_window(
    |table: &mut RoutingTable| table.put_home(HomeIntegration {
        windows: vec![Window { from: at(-9), until: Some(at(-1)) }], ..home(2)
    }),
    |_: &mut _| (), Refusal::HomeIntegrationOutsideWindow
)]
#[case::empty_list(
    |table: &mut RoutingTable| table.put_home(HomeIntegration {
        permissions: Permissions { services: Services::List(BTreeMap::new()), position: 12 },
        ..home(2)
    }),
    |_: &mut _| (), Refusal::NotPermitted
)]
#[case::suspended(|table: &mut RoutingTable| table.put_suspension(suspension()), |_: &mut _| (), Refusal::UserSuspended)]
#[case::suspended_from_this_service(
    |table: &mut RoutingTable| table.put_suspension(Suspension {
        services: Services::List(BTreeMap::from([(service_id(1), 20)])), ..suspension()
    }),
    |_: &mut _| (), Refusal::UserSuspended
)]
fn each_refusal_has_its_code(
    #[case] change_table: fn(&mut RoutingTable),
    #[case] change_request: fn(&mut RouteRequest),
    #[case] expected: Refusal,
) {
    let (mut table, mut request) = (table(), request());
    assert!(permit(&table, &request, at(0)).allowed);
    change_table(&mut table);
    change_request(&mut request);
    let decision = permit(&table, &request, at(0));
    assert_eq!(decision.refusal, Some(expected));
    assert!(!decision.allowed);
}

#[rstest]
#[case::another_user(
    UserMark::Digest(UserMark::digest(USER_KEY, "other", "user-1")),
    oid(2),
    0
)]
#[case::erased(UserMark::Erased, oid(2), 0)]
#[case::another_organisation(UserMark::Digest(user()), oid(3), 0)]
#[case::ended(UserMark::Digest(user()), oid(2), 100)]
fn a_suspension_holds_for_its_user_and_time_alone(
    #[case] user: UserMark,
    #[case] organisation: OrganisationOid,
    #[case] seconds: i64,
) {
    let mut table = table();
    let window = Window {
        from: at(-10),
        until: Some(at(50)),
    };
    table.put_suspension(Suspension {
        organisation,
        user,
        window,
        ..suspension()
    });
    assert!(permit(&table, &request(), at(seconds)).allowed);
}

#[test]
fn a_suspension_from_another_service_does_not_matter() {
    let mut table = table();
    let services = Services::List(BTreeMap::from([(service_id(7), 20)]));
    table.put_suspension(Suspension {
        services,
        ..suspension()
    });
    assert!(permit(&table, &request(), at(0)).allowed);
}

#[test]
fn a_named_permission_is_the_reason_that_is_given() {
    let mut table = table();
    let services = Services::List(BTreeMap::from([(service_id(1), 15)]));
    table.put_home(HomeIntegration {
        permissions: Permissions {
            services,
            position: 12,
        },
        ..home(2)
    });
    let decision = permit(&table, &request(), at(0));
    assert!(decision.allowed);
    assert_eq!(
        decision.because.last(),
        Some(&Because {
            position: 15,
            what: "service permitted".to_owned()
        })
    );
}

#[test]
fn an_attribute_test_reaches_drafts_and_nothing_that_is_forbidden() {
    let mut table = table();
    let draft = RouteState::DraftForTesting;
    table.put_home(HomeIntegration {
        state: draft,
        windows: Vec::new(),
        ..home(2)
    });
    let request = RouteRequest {
        attribute_test: true,
        ..request()
    };
    assert!(permit(&table, &request, at(0)).allowed);
    table.put_suspension(suspension());
    assert_eq!(
        permit(&table, &request, at(0)).refusal,
        Some(Refusal::UserSuspended)
    );
}

#[test]
fn the_code_of_a_refusal_is_what_is_serialised() {
    for refusal in Refusal::ALL {
        assert_eq!(serde_json::to_value(refusal).unwrap(), refusal.code());
    }
}

#[test]
fn look_ups_follow_the_rows() {
    let mut table = table();
    assert_eq!(
        table.service_by_client_id("client-1").unwrap().integration,
        integration(1)
    );
    assert!(table.service_by_entity_id("client-1").is_none());
    assert_eq!(
        table.home_by_flow_name("Oidc2").unwrap().integration,
        integration(2)
    );
    let code = SchoolCode::parse("00001").unwrap();
    assert_eq!(
        table.organisation_by_school_code(&code).unwrap().oid,
        oid(2)
    );

    table.put_organisation(organisation(2, None));
    assert!(table.organisation_by_school_code(&code).is_none());
    table.remove_service(integration(1));
    assert!(table.service_by_client_id("client-1").is_none());
    table.remove_home(integration(2));
    assert!(table.home_by_flow_name("Oidc2").is_none());
}

#[test]
fn a_draft_of_the_same_client_does_not_hide_the_active_one() {
    let mut table = table();
    let ServiceProtocol::OpenIdConnect(client) = service(1).protocol else {
        unreachable!()
    };
    table.put_service(ServiceClient {
        protocol: ServiceProtocol::OpenIdConnect(client),
        state: RouteState::DraftForTesting,
        ..service(0)
    });
    assert_eq!(
        table.service_by_client_id("client-1").unwrap().integration,
        integration(1)
    );
    table.remove_service(integration(1));
    assert_eq!(
        table.service_by_client_id("client-1").unwrap().integration,
        integration(0)
    );
}

#[test]
fn a_change_applies_once_and_only_where_it_starts() {
    let before = table();
    let mut after = before.clone();
    after.remove_home(integration(2));
    after.set_position(30);
    let delta = RoutingDelta::between(&before, &after);

    let mut table = before.clone();
    table.apply(&delta).unwrap();
    assert_eq!(table, after);
    assert_eq!(
        table.apply(&delta),
        Err(ApplyError::Gap {
            position: 30,
            from: 21
        })
    );
    let mut other = RoutingTable::empty(Environment::Production);
    assert!(matches!(
        other.apply(&delta),
        Err(ApplyError::Environment { .. })
    ));
    let backwards = RoutingDelta {
        from: 30,
        to: 29,
        ..delta
    };
    assert_eq!(
        table.apply(&backwards),
        Err(ApplyError::Backwards { from: 30, to: 29 })
    );
    assert_eq!(table, after);
}

#[test]
fn a_line_of_another_version_is_refused_before_it_is_read() {
    let update = RoutingUpdate::Heartbeat { position: 7 };
    let line = update.to_line().unwrap();
    assert_eq!(RoutingUpdate::from_line(&line).unwrap(), update);
    let strange = br#"{"version":2,"update":{"kind":"telegram"}}"#;
    assert!(matches!(
        RoutingUpdate::from_line(strange),
        Err(RoutingFeedError::Version { found: 2 })
    ));
    assert!(matches!(
        RoutingUpdate::from_line(b"{"),
        Err(RoutingFeedError::Malformed(_))
    ));
}

#[test]
fn a_secret_hash_matches_its_secret_alone() {
    let hash = SecretHash::of("correct horse", [9; 16]);
    assert!(hash.matches("correct horse"));
    assert!(!hash.matches("correct horsf"));
    assert!(!hash.matches(""));
    assert!(!SecretHash::recorded("").matches(""));
    assert!(!SecretHash::recorded("s256.+0.00").matches(""));
    assert!(!SecretHash::recorded("***").matches("***"));
    assert!(!format!("{hash:?}").contains("s256"));
}

struct Vaultlike(SeededRandom, BoxPrivateKey);

impl Confidential for Vaultlike {
    fn secret(&self, slot: domain::SealedSlot, owner: SecretOwner<'_>) -> Secret {
        assert_eq!(slot, domain::SealedSlot(5, 0));
        let node = self.1.public_key().unwrap();
        Secret::for_node(&self.0, &node, Environment::Test, owner, b"upstream").unwrap()
    }

    fn user(&self, _: domain::SealedSlot, organisation: &str) -> Option<ledger::Hash> {
        Some(UserMark::digest(USER_KEY, organisation, "user-1"))
    }
}

#[test]
fn a_node_receives_secrets_that_it_alone_opens_and_users_it_cannot_read() {
    let random = SeededRandom::new(1);
    let vault = Vaultlike(SeededRandom::new(2), BoxPrivateKey::generate(&random));
    let mut folded = table();
    let recorded = UserMark::Recorded(domain::SealedSlot(6, 0));
    folded.put_suspension(Suspension {
        user: recorded,
        ..suspension()
    });
    let table = folded.for_node(&vault);

    let row = table.homes().get(&integration(2)).unwrap();
    let Upstream::OpenIdConnect(upstream) = &row.upstream else {
        unreachable!()
    };
    let owner = SecretOwner::Integration(integration(2));
    let open = |environment, owner| {
        upstream
            .client_secret
            .open(&vault.1, environment, owner)
            .map(|secret| secret.to_vec())
    };
    assert_eq!(open(Environment::Test, owner).unwrap(), b"upstream");
    assert!(matches!(
        open(Environment::Production, owner),
        Err(SecretError::Opening(_))
    ));
    let other = SecretOwner::Integration(integration(3));
    assert!(matches!(
        open(Environment::Test, other),
        Err(SecretError::Opening(_))
    ));
    assert_eq!(
        permit(&table, &request(), at(0)).refusal,
        Some(Refusal::UserSuspended)
    );

    let mut replica = RoutingTable::empty(Environment::Test);
    replica.set_position(0);
    let start = replica.clone();
    let delta = RoutingDelta::between(&start, &folded).for_node(&vault);
    replica.apply(&delta).unwrap();
    let text = serde_json::to_string(&replica).unwrap();
    assert!(!text.contains("recorded"), "{text}");
}
