//! A full API over a ledger in memory, and callers of every kind.

use crate::authentication::claims::right;
use crate::authentication::cookie::CookieSealer;
use crate::authentication::session::{SESSION_COOKIE, Session};
use crate::{Api, ApiConfig, Backends, Limits, SignInConfig, hash_secret};
use axum_test::{TestRequest, TestResponse, TestServer};
use domain::value::OrganisationOid;
use domain::{
    CredentialId, EnrolNode, Environment, Event, FoundLedger, IssueMachineCredential, NodeId,
    PersonId, Right,
};
use projections::Views;
use projections::usage::Usage;
use registrar::testing::TestLedger;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) const ORIGIN: &str = "https://trustnet.example.org";
pub(crate) const KEY: [u8; 32] = [7; 32];

pub(crate) struct TestApp {
    pub(crate) ledger: TestLedger,
    pub(crate) api: Api,
    pub(crate) server: TestServer,
}

/// Somebody who sends requests.
#[derive(Clone, Debug)]
pub(crate) enum Somebody {
    Nobody,
    Session(String),
    Bearer(String),
}

impl TestApp {
    pub(crate) async fn founded() -> Self {
        Self::with(Limits::default(), None).await
    }

    pub(crate) async fn with(limits: Limits, sign_in: Option<SignInConfig>) -> Self {
        Self::founded_by(domain::testing::found_ledger(), limits, sign_in).await
    }

    pub(crate) async fn founded_by(
        founding: FoundLedger,
        limits: Limits,
        sign_in: Option<SignInConfig>,
    ) -> Self {
        let ledger = TestLedger::empty();
        ledger.given(founding).await;
        Self::over(ledger, limits, sign_in)
    }

    /// The API over a ledger that the test has chosen.
    pub(crate) fn over(ledger: TestLedger, limits: Limits, sign_in: Option<SignInConfig>) -> Self {
        let views = Views::fold(ledger.registrar.log().clone()).expect("the log folds");
        tokio::spawn(views.clone().follow());
        let zone = views.current().network.zone().clone();
        let usage = Usage::open(ledger.ledger.clone(), None, zone).expect("an index opens");
        let backends = Backends {
            usage,
            registrar: ledger.registrar.clone(),
            views,
            authentications: ledger.authentications(),
            alarms: registrar::Alarms::default(),
            clock: ledger.clock.clone(),
            random: ledger.random.clone(),
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .build()
                .expect("a client"),
        };
        let config = ApiConfig {
            public_origin: ORIGIN.parse().expect("an address"),
            sign_in,
            session_key: KEY,
            limits,
        };
        let api = Api::new(backends, config);
        let server = TestServer::builder().http_transport().build(api.router());
        Self {
            ledger,
            api,
            server,
        }
    }

    /// The first administrator, operator and owner, signed in.
    pub(crate) fn administrator(&self) -> Somebody {
        let network = self.ledger.registrar.network();
        let mut grants = network.1.access.grants.values();
        let grant = grants.find(|grant| grant.right == Right::Operator);
        let person = grant.expect("the founding gives the right").person;
        self.person(person, &[])
    }

    /// Somebody who signed in, with these claims.
    pub(crate) fn person(&self, person: PersonId, claims: &[&str]) -> Somebody {
        let session = Session {
            person,
            rights: claims.iter().filter_map(|claim| right(claim)).collect(),
            until: domain::testing::instant("2030-01-01T00:00:00Z"),
        };
        let sealer = CookieSealer::new(&KEY);
        let sealed = sealer.seal(&*self.ledger.random, SESSION_COOKIE, &session);
        Somebody::Session(sealed.expect("it seals"))
    }

    /// Somebody of an organisation, by a claim of the sign-in issuer.
    pub(crate) fn of(&self, right: &str, organisation: &OrganisationOid) -> Somebody {
        let claim = format!("APP_MPASSID_{right}_{organisation}");
        let person = PersonId(uuid::Uuid::from_u128(4242));
        self.person(person, &[&claim])
    }

    /// A machine with this right.
    pub(crate) async fn machine(
        &self,
        right: Right,
        organisation: Option<OrganisationOid>,
        environment: Option<Environment>,
    ) -> (CredentialId, Somebody) {
        let hash = hash_secret(&*self.ledger.random, "machine-secret");
        let receipt = self
            .ledger
            .given(IssueMachineCredential {
                label: "invented machine".parse().unwrap(),
                right,
                organisation,
                environment,
                secret_hash: hash.parse().unwrap(),
            })
            .await;
        let Event::MachineCredentialIssued(issued) = self.event(receipt.positions.start) else {
            panic!("no credential was issued");
        };
        let token = format!("{}.machine-secret", issued.credential);
        (issued.credential, Somebody::Bearer(token))
    }

    /// A proxy node of the test environment.
    pub(crate) async fn node(&self, public_key: &str) -> (NodeId, Somebody) {
        let hash = hash_secret(&*self.ledger.random, "node-secret");
        let receipt = self
            .ledger
            .given(EnrolNode {
                name: "node-1".parse().unwrap(),
                environments: vec![Environment::Test],
                public_key: public_key.parse().unwrap(),
                secret_hash: hash.parse().unwrap(),
            })
            .await;
        let Event::NodeEnrolled(enrolled) = self.event(receipt.positions.start) else {
            panic!("no node was enrolled");
        };
        (
            enrolled.node,
            Somebody::Bearer(format!("{}.node-secret", enrolled.node)),
        )
    }

    pub(crate) fn event(&self, position: u64) -> Event {
        let log = self.ledger.registrar.log();
        log.details(position).unwrap().expect("an event").event
    }

    pub(crate) fn post(&self, who: &Somebody, path: &str) -> TestRequest {
        identify(self.server.post(path), who)
    }

    pub(crate) fn get(&self, who: &Somebody, path: &str) -> TestRequest {
        identify(self.server.get(path), who)
    }

    /// A GraphQL request's HTTP response.
    pub(crate) async fn send(&self, who: &Somebody, query: &str, variables: Value) -> TestResponse {
        let body = json!({ "query": query, "variables": variables });
        self.post(who, "/graphql").json(&body).await
    }

    /// Waits until the read models have taken in all that is recorded.
    pub(crate) async fn caught_up(&self) {
        let position = self.ledger.registrar.network().0;
        let caught_up = self.api.0.backends.views.at_least(position);
        tokio::time::timeout(Duration::from_secs(10), caught_up)
            .await
            .expect("the views follow");
    }

    /// A GraphQL answer, at least as new as the log.
    pub(crate) async fn ask(&self, who: &Somebody, query: &str) -> Value {
        self.ask_with(who, query, json!({})).await
    }

    pub(crate) async fn ask_with(&self, who: &Somebody, query: &str, variables: Value) -> Value {
        self.caught_up().await;
        let response = self.send(who, query, variables).await;
        assert_eq!(response.status_code(), 200, "{}", response.text());
        response.json()
    }
}

fn identify(request: TestRequest, who: &Somebody) -> TestRequest {
    match who {
        Somebody::Nobody => request,
        Somebody::Session(sealed) => request
            .add_header("cookie", format!("{SESSION_COOKIE}={sealed}"))
            .add_header("origin", ORIGIN),
        Somebody::Bearer(token) => request.add_header("authorization", format!("Bearer {token}")),
    }
}

pub(crate) fn organisation(number: u32) -> OrganisationOid {
    let mut oid = format!("1.2.246.562.99.{number:011}");
    for digit in 0..10 {
        if let Ok(valid) = oid.parse() {
            return valid;
        }
        oid.pop();
        oid.push(char::from(b'0' + digit));
    }
    panic!("no OID");
}
