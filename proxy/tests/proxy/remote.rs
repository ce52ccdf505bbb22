//! The feed and the intake over the network, against a stand-in for the ledger's server.

use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::get;
use axum::{Json, Router};
use domain::Environment;
use domain::time::Instant;
use domain::value::WebAddress;
use futures::StreamExt as _;
use ledger::Hash;
use projections::routing::{RoutingFeedError, RoutingSource, RoutingTable, RoutingUpdate};
use proxy::{
    AuthenticationLine, AuthenticationRecord, AuthenticationRecorder, IntakeMark,
    RemoteAuthenticationRecorder, RemoteRoutingSource, SourceUser,
};
use registrar::{Authentication, AuthenticationOutcome, SourceMark};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use zeroize::Zeroizing;

const CREDENTIAL: &str = "node credential";

/// A stand-in for the ledger's server.
#[derive(Default)]
struct Server {
    taken: Mutex<Vec<AuthenticationLine>>,
    /// How many answers to records are lost after they were taken.
    lost: Mutex<u32>,
    away: Mutex<bool>,
}

impl Server {
    fn mark(&self) -> IntakeMark {
        let taken = self.taken.lock().unwrap();
        let digest = taken
            .last()
            .map_or(Hash::ZERO, |line| line.authentication.digest().unwrap());
        IntakeMark {
            sequence: taken.len() as u64,
            digest: digest.to_string(),
        }
    }
}

async fn start() -> (Arc<Server>, WebAddress) {
    let server = Arc::new(Server::default());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new()
        .route("/feed/routing/{environment}", get(feed))
        .route(
            "/intake/authentications/{environment}",
            get(mark).post(take),
        )
        .with_state(Arc::clone(&server));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (server, WebAddress::parse(&address).unwrap())
}

fn is_known(headers: &HeaderMap) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| value == &format!("Bearer {CREDENTIAL}"))
}

async fn feed(
    Path(environment): Path<String>,
    Query(query): Query<HashMap<String, u64>>,
    headers: HeaderMap,
) -> Result<Body, StatusCode> {
    if !is_known(&headers) || environment != "test" {
        return Err(StatusCode::FORBIDDEN);
    }
    let mut table = RoutingTable::empty(Environment::Test);
    table.set_position(5);
    let update = match query.get("after") {
        Some(5) => RoutingUpdate::Heartbeat { position: 5 },
        _ => RoutingUpdate::Snapshot(Arc::new(table)),
    };
    let mut bytes = update.to_line().unwrap();
    bytes.extend_from_slice(b"\n");
    bytes.extend(RoutingUpdate::Heartbeat { position: 5 }.to_line().unwrap());
    // Cut where no line ends: the reader must not mind.
    let pieces: Vec<_> = bytes
        .chunks(7)
        .map(|piece| Ok::<_, std::io::Error>(Bytes::copy_from_slice(piece)))
        .collect();
    Ok(Body::from_stream(futures::stream::iter(pieces)))
}

async fn mark(
    State(server): State<Arc<Server>>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Result<Json<IntakeMark>, StatusCode> {
    if !is_known(&headers) || query.get("source").map(String::as_str) != Some("node-1") {
        return Err(StatusCode::FORBIDDEN);
    }
    Ok(Json(server.mark()))
}

async fn take(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<IntakeMark>, StatusCode> {
    if !is_known(&headers) {
        return Err(StatusCode::FORBIDDEN);
    }
    if *server.away.lock().unwrap() {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    }
    for line in body
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        let line: AuthenticationLine = serde_json::from_slice(line).unwrap();
        let mark = server.mark();
        if line.authentication.mark.sequence <= mark.sequence {
            continue;
        }
        assert_eq!(line.authentication.mark.sequence, mark.sequence + 1);
        assert_eq!(line.authentication.mark.previous, mark.digest);
        server.taken.lock().unwrap().push(line);
    }
    let mut lost = server.lost.lock().unwrap();
    if *lost > 0 {
        *lost -= 1;
        return Err(StatusCode::BAD_GATEWAY);
    }
    drop(lost);
    Ok(Json(server.mark()))
}

fn credential() -> Zeroizing<String> {
    Zeroizing::new(CREDENTIAL.to_owned())
}

#[tokio::test]
async fn the_feed_is_read_line_by_line_and_from_where_the_table_stands() {
    let (_, address) = start().await;
    let source = RemoteRoutingSource::new(&address, credential()).unwrap();
    let updates: Vec<_> = source.subscribe(Environment::Test, None).collect().await;
    assert_eq!(updates.len(), 2);
    assert!(matches!(updates[0], Ok(RoutingUpdate::Snapshot(_))));
    let updates: Vec<_> = source.subscribe(Environment::Test, Some(5)).collect().await;
    assert!(matches!(
        updates[0],
        Ok(RoutingUpdate::Heartbeat { position: 5 })
    ));

    let updates: Vec<_> = source
        .subscribe(Environment::Production, None)
        .collect()
        .await;
    assert!(matches!(updates[0], Err(RoutingFeedError::Refused { .. })));
    let nobody = WebAddress::parse("http://127.0.0.1:1").unwrap();
    let source = RemoteRoutingSource::new(&nobody, credential()).unwrap();
    let updates: Vec<_> = source.subscribe(Environment::Test, None).collect().await;
    assert!(matches!(
        updates[0],
        Err(RoutingFeedError::Unreachable { .. })
    ));
}

fn record(user: &str) -> AuthenticationRecord {
    AuthenticationRecord {
        environment: Environment::Test,
        authentication: Authentication {
            occurred_at: Instant::from_microseconds(0),
            home_organisation: None,
            home_integration: None,
            service: None,
            service_integration: None,
            protocol: "openid-connect".to_owned(),
            request_id: user.to_owned(),
            message_id: None,
            governance_position: 5,
            outcome: AuthenticationOutcome::LoggedOut,
            mark: SourceMark {
                source: String::new(),
                sequence: 0,
                previous: String::new(),
            },
        },
        user: Some(SourceUser::new(user)),
    }
}

#[tokio::test]
async fn each_record_is_taken_once_whatever_is_lost_on_the_way() {
    let (server, address) = start().await;
    let environments = [Environment::Test];
    let recorder =
        RemoteAuthenticationRecorder::new(&address, credential(), "node-1", &environments).unwrap();
    let recorder = Arc::new(recorder);
    let running = Arc::clone(&recorder);
    let runner = tokio::spawn(async move { running.run().await });

    *server.lost.lock().unwrap() = 2;
    let users: Vec<_> = (0..50).map(|number| format!("user-{number}")).collect();
    let all = users.iter().map(|user| recorder.record(record(user)));
    for recorded in futures::future::join_all(all).await {
        recorded.unwrap();
    }
    let taken: Vec<_> = server
        .taken
        .lock()
        .unwrap()
        .iter()
        .map(|line| line.user.clone().unwrap())
        .collect();
    assert_eq!(taken, users);

    *server.away.lock().unwrap() = true;
    assert!(recorder.record(record("lost")).await.is_err());
    *server.away.lock().unwrap() = false;
    recorder.record(record("back")).await.unwrap();
    let other = AuthenticationRecord {
        environment: Environment::Demo,
        ..record("x")
    };
    assert!(recorder.record(other).await.is_err());
    assert_eq!(server.taken.lock().unwrap().len(), 51);

    // A restarted node goes on where the intake says it stood.
    runner.abort();
    let recorder =
        RemoteAuthenticationRecorder::new(&address, credential(), "node-1", &environments).unwrap();
    let recorder = Arc::new(recorder);
    let running = Arc::clone(&recorder);
    tokio::spawn(async move { running.run().await });
    recorder.record(record("restarted")).await.unwrap();
    assert_eq!(server.mark().sequence, 52);
}
