//! A small network: one home organisation with a school, two services, and a proxy.

use crate::provider::{Provider, SECRET};
use async_trait::async_trait;
use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::data_model::{NonDisclosureRule, ServiceView, SourceAttribute, Version};
use domain::time::{Instant, Window};
use domain::value::{
    AttributeName, ClientId, LanguageText, OrganisationOid, RedirectUri, SchoolCode, ShortText,
    WebAddress,
};
use domain::{Environment, IntegrationId, KeyPurpose, KeyState, ServiceId, SuspensionId};
use futures::StreamExt as _;
use ledger::SeededRandom;
use ledger::sealed_box::BoxPrivateKey;
use projections::routing::*;
use proxy::{
    Algorithm, AuthenticationRecord, AuthenticationRecorder, BackChannel, EnvironmentSettings,
    NodeIdentity, NotRecorded, Proxy, ProxyParts, ProxySettings, SourceSettings,
    generate_signing_key,
};
use registrar::{AuthenticationOutcome, Clock};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use uuid::Uuid;

pub(crate) const NOW: i64 = 1_800_000_000;
pub(crate) const HOST: &str = "test.proxy.localhost:8600";
pub(crate) const DEMO_HOST: &str = "demo.proxy.localhost:8600";
pub(crate) const CLIENT_SECRET: &str = "service secret";
pub(crate) const SALT: [u8; 32] = [5; 32];

pub(crate) struct Turned(Mutex<i64>);

impl Clock for Turned {
    fn now(&self) -> Instant {
        at(*self.0.lock().unwrap())
    }

    fn running(&self) -> Duration {
        Duration::ZERO
    }
}

pub(crate) fn at(seconds: i64) -> Instant {
    Instant::from_microseconds(seconds * 1_000_000)
}

/// Keeps what is recorded, or refuses.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) records: Mutex<Vec<AuthenticationRecord>>,
    pub(crate) refuses: Mutex<bool>,
}

#[async_trait]
impl AuthenticationRecorder for Kept {
    async fn record(&self, record: AuthenticationRecord) -> Result<(), NotRecorded> {
        if *self.refuses.lock().unwrap() {
            return Err(NotRecorded("the disk is full".into()));
        }
        self.records.lock().unwrap().push(record);
        Ok(())
    }
}

/// Gives the whole table at every change.
struct Tables(HashMap<Environment, watch::Receiver<RoutingTable>>);

impl RoutingSource for Tables {
    fn subscribe(&self, environment: Environment, _: Option<u64>) -> RoutingUpdates {
        let tables = WatchStream::new(self.0[&environment].clone());
        tables
            .map(|table| Ok(RoutingUpdate::Snapshot(Arc::new(table))))
            .boxed()
    }
}

pub(crate) struct World {
    pub(crate) clock: Arc<Turned>,
    pub(crate) recorder: Arc<Kept>,
    pub(crate) provider: Arc<Provider>,
    pub(crate) node: BoxPrivateKey,
    table: watch::Sender<RoutingTable>,
    _demo: watch::Sender<RoutingTable>,
    proxy: Proxy,
}

pub(crate) fn integration(number: u8) -> IntegrationId {
    IntegrationId(Uuid::from_u128(u128::from(number)))
}

pub(crate) fn service_id(number: u8) -> ServiceId {
    ServiceId(Uuid::from_u128(1000 + u128::from(number)))
}

pub(crate) fn oid(number: u8) -> OrganisationOid {
    OrganisationOid::parse(&format!("1.2.246.562.99.{number:011}")).unwrap()
}

fn text(text: &str) -> LanguageText {
    LanguageText::parse(text).unwrap()
}

pub(crate) fn short(text: &str) -> ShortText {
    ShortText::parse(text).unwrap()
}

fn open_window() -> Vec<Window> {
    vec![Window {
        from: at(NOW - 1000),
        until: Some(at(NOW + 100_000)),
    }]
}

/// The client of service `number`, of the name `client-<number>`.
pub(crate) fn service(number: u8) -> ServiceClient {
    ServiceClient {
        integration: integration(number),
        service: service_id(number),
        name: text(&format!("Kuvitteellinen palvelu {number}")),
        organisation: oid(90),
        organisation_name: text("Kuvitteellinen Palvelu Oy"),
        protocol: ServiceProtocol::OpenIdConnect(client(number)),
        release_set: ServiceView::profile(Version::V1_4),
        data_model_version: Version::V1_4,
        allow_test_learner_id: false,
        single_sign_on: true,
        state: RouteState::Active,
        windows: open_window(),
        position: 2,
        because: Vec::new(),
    }
}

pub(crate) fn client(number: u8) -> OpenIdConnectClient {
    let address = |path: &str| {
        RedirectUri::parse(&format!("https://service-{number}.example.org/{path}")).unwrap()
    };
    OpenIdConnectClient {
        client_id: ClientId::parse(&format!("client-{number}")).unwrap(),
        secret_hash: Some(SecretHash::of(CLIENT_SECRET, [3; 16])),
        redirect_uris: vec![address("back"), address("back?with=query")],
        post_logout_redirect_uris: vec![address("bye")],
        token_endpoint_auth_method: TokenEndpointAuthentication::ClientSecretBasic,
        jwks_uri: None,
        jwks: None,
        pkce_required: true,
        subject_type: SubjectType::Pairwise,
        id_token_algorithm: short(if number == 1 { "RS256" } else { "ES256" }),
        attributes_in_id_token: false,
        scopes: Vec::new(),
    }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_sources(SourceSettings::default()).await
    }

    /// A world whose proxy is told more of sources than none.
    pub(crate) async fn with_sources(sources: SourceSettings) -> Self {
        let random = Arc::new(SeededRandom::new(7));
        let clock = Arc::new(Turned(Mutex::new(NOW)));
        let recorder = Arc::new(Kept::default());
        let provider = Provider::start(NOW).await;
        let node = BoxPrivateKey::generate(random.as_ref());

        let mut table = RoutingTable::empty(Environment::Test);
        keys(&mut table, &node);
        let mut demo = RoutingTable::empty(Environment::Demo);
        keys(&mut demo, &node);
        for number in [1, 2] {
            table.put_service(service(number));
            demo.put_service(service(number));
        }
        for (number, code, parent) in [(10, None, None), (11, Some("00011"), Some(oid(10)))] {
            table.put_organisation(organisation(number, code, parent));
        }
        let (table, demo) = (watch::Sender::new(table), watch::Sender::new(demo));
        let tables = HashMap::from([
            (Environment::Test, table.subscribe()),
            (Environment::Demo, demo.subscribe()),
        ]);
        let settings = |environment, host: &str| EnvironmentSettings {
            environment,
            issuer: WebAddress::parse(&format!("http://{host}")).unwrap(),
            back_channel: None,
        };
        let proxy = Proxy::new(
            ProxySettings {
                environments: vec![
                    settings(Environment::Test, HOST),
                    settings(Environment::Demo, DEMO_HOST),
                ],
                table_age_seconds_max: None,
                directory: None,
                sources,
            },
            ProxyParts {
                clock: clock.clone(),
                random,
                node: NodeIdentity::of("node-1", node.clone()).unwrap(),
                source: Arc::new(Tables(tables)),
                recorder: recorder.clone(),
                back_channel: BackChannel::new().unwrap(),
            },
        )
        .unwrap();
        let running = proxy.clone();
        tokio::spawn(async move { running.run().await });
        let world = Self {
            clock,
            recorder,
            provider,
            node,
            table,
            _demo: demo,
            proxy,
        };
        let home = world.home(10);
        world.change(|table| table.put_home(home)).await;
        world
    }

    /// The integration `number` of a home organisation, at the stand-in provider.
    pub(crate) fn home(&self, number: u8) -> HomeIntegration {
        let from = |to, name: &str| AttributeRule {
            to,
            values: AttributeValues::Source {
                name: AttributeName::parse(name).unwrap(),
            },
        };
        let random = SeededRandom::new(u64::from(number));
        let owner = SecretOwner::Integration(integration(number));
        let node = self.node.public_key().unwrap();
        let secret = SECRET.as_bytes();
        HomeIntegration {
            integration: integration(number),
            organisation: oid(number),
            organisation_name: text(&format!("Kuvitteellinen kunta {number}")),
            idp_id: format!("oidc_{number}"),
            flow_name: format!("Oidc{number}"),
            tags: BTreeSet::from(["primarySchool".to_owned()]),
            upstream: Upstream::OpenIdConnect(OpenIdConnectUpstream {
                issuer: WebAddress::parse(&self.provider.issuer).unwrap(),
                client_id: ClientId::parse("proxy").unwrap(),
                client_secret: Secret::for_node(&random, &node, Environment::Test, owner, secret)
                    .unwrap(),
                scopes: vec![short("profile")],
                pinned_claims: Vec::new(),
            }),
            graph: None,
            attribute_rules: vec![
                from(SourceAttribute::FirstName, "given_name"),
                from(SourceAttribute::Surname, "family_name"),
                from(SourceAttribute::LearnerId, "learner_id"),
                from(SourceAttribute::Roles, "role"),
                from(SourceAttribute::SchoolIds, "school"),
                from(SourceAttribute::NonDisclosure, "hidden"),
            ],
            discovery: Discovery::default(),
            permissions: Permissions {
                services: Services::All,
                position: 3,
            },
            vetoes: BTreeMap::new(),
            non_disclosure: NonDisclosureRule::Refuse,
            municipality: None,
            municipality_code: None,
            single_sign_on: true,
            state: RouteState::Active,
            windows: open_window(),
            position: 3,
            because: Vec::new(),
        }
    }

    /// Changes the table of the test environment, and waits until the proxy has it.
    pub(crate) async fn change(&self, change: impl FnOnce(&mut RoutingTable)) {
        let mut position = 0;
        self.table.send_modify(|table| {
            position = table.position() + 1;
            table.set_position(position);
            change(table);
        });
        loop {
            let at = self.proxy.status()[0].position;
            if at == Some(position) && self.proxy.status().iter().all(|table| table.ready) {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    pub(crate) async fn suspend(&self, user: &str) {
        let user = UserMark::Digest(UserMark::digest(
            STANDARD.encode(SALT).as_bytes(),
            oid(10).as_str(),
            user,
        ));
        let suspension = Suspension {
            id: SuspensionId(Uuid::from_u128(1)),
            integration: None,
            organisation: oid(10),
            user,
            services: Services::All,
            window: Window::open_from(at(NOW)),
            position: 9,
        };
        self.change(|table| table.put_suspension(suspension)).await;
    }

    pub(crate) fn pass(&self, seconds: i64) {
        *self.clock.0.lock().unwrap() += seconds;
        *self.provider.now_seconds.lock().unwrap() += seconds;
    }

    pub(crate) fn router(&self) -> Router {
        self.proxy.router()
    }

    pub(crate) fn records(&self) -> Vec<AuthenticationRecord> {
        self.recorder.records.lock().unwrap().clone()
    }

    /// The codes of the refusals that were recorded.
    pub(crate) fn refusals(&self) -> Vec<String> {
        let reason = |record: AuthenticationRecord| match record.authentication.outcome {
            AuthenticationOutcome::Refused { reason } => Some(reason),
            _ => None,
        };
        self.records().into_iter().filter_map(reason).collect()
    }

    pub(crate) fn successes(&self) -> usize {
        let succeeded = |record: &AuthenticationRecord| {
            matches!(
                record.authentication.outcome,
                AuthenticationOutcome::Succeeded { .. }
            )
        };
        self.records()
            .iter()
            .filter(|record| succeeded(record))
            .count()
    }
}

pub(crate) fn organisation(
    number: u8,
    code: Option<&str>,
    parent: Option<OrganisationOid>,
) -> Organisation {
    Organisation {
        oid: oid(number),
        name: text(&format!("Kuvitteellinen organisaatio {number}")),
        types: BTreeSet::new(),
        school_code: code.map(|code| SchoolCode::parse(code).unwrap()),
        institution_type: None,
        parent,
        active: true,
        acts_for: BTreeSet::new(),
        position: 1,
    }
}

fn keys(table: &mut RoutingTable, node: &BoxPrivateKey) {
    let environment = table.environment();
    let mut put = |key_id: &str, purpose, algorithm: &str, public_key, private: &str| {
        let random = SeededRandom::new(1);
        let owner = SecretOwner::Key(key_id);
        let node = node.public_key().unwrap();
        table.put_key(EnvironmentKey {
            key_id: key_id.to_owned(),
            purpose,
            algorithm: algorithm.to_owned(),
            public_key,
            private_key: Secret::for_node(&random, &node, environment, owner, private.as_bytes())
                .unwrap(),
            state: KeyState::Active,
            position: 1,
        });
    };
    for (key_id, algorithm) in [("sign-rs", Algorithm::Rs256), ("sign-es", Algorithm::Es256)] {
        let key = generate_signing_key(algorithm).unwrap();
        let public = Some(key.public_key.clone());
        put(
            key_id,
            KeyPurpose::Signing,
            algorithm.name(),
            public,
            &key.private_key,
        );
    }
    // The same in both environments on purpose: what keeps them apart must not be the key alone.
    put(
        "cookie",
        KeyPurpose::Cookie,
        "A256GCM",
        None,
        &STANDARD.encode([4; 32]),
    );
    put(
        "pairwise",
        KeyPurpose::Pairwise,
        "HS256",
        None,
        &STANDARD.encode(SALT),
    );
}
