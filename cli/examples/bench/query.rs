//! A search among the members by GraphQL, against the smallest query on the same server.

use super::Scale;
use super::figures::{Figure, Report, Target, median, number};
use super::house::{House, created, own};
use super::http::{Connection, graphql, serve};
use super::network;
use anyhow::Context as _;
use domain::{IssueMachineCredential, Right};
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};

/// How many connections ask at once.
const CONNECTIONS: usize = 16;

const MEMBERS: &str = r#"{ network { members(first: 50, search: "koulu") { totalCount nodes { id name { fi } businessId state } } } }"#;
const SMALLEST: &str = "{ __typename }";

/// How many requests a second are answered.
async fn rate(address: SocketAddr, request: &[u8], time: Duration) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut connections = tokio::task::JoinSet::new();
    for _ in 0..CONNECTIONS {
        let request = request.to_vec();
        connections.spawn(async move {
            let mut connection = Connection::open(address).await?;
            let mut answered = 0_u64;
            while began.elapsed() < time {
                connection.ask(&request).await?;
                answered += 1;
            }
            anyhow::Ok(answered)
        });
    }
    let mut answered = 0;
    while let Some(connection) = connections.join_next().await {
        answered += connection.context("a connection failed")??;
    }
    Ok(number(answered) / began.elapsed().as_secs_f64())
}

pub(crate) async fn measure(place: &Path, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let house = House::founded(&place.join("ledger")).await?;
    network::make(&house).await?;
    let issue = house.submission(IssueMachineCredential {
        label: own("invented for measuring"),
        right: Right::Auditor,
        organisation: None,
        environment: None,
        secret_hash: own(&api::hash_secret(&*house.random, "secret")),
    });
    let token = format!("{}.secret", created(issue.command_id, "credential"));
    house.give(issue).await?;
    let views = house.views()?;
    let (address, server) = serve(&house, &views).await?;

    let members = graphql(address, &token, MEMBERS);
    let smallest = graphql(address, &token, SMALLEST);
    let answer: serde_json::Value =
        serde_json::from_slice(Connection::open(address).await?.ask(&members).await?)?;
    let found = answer.pointer("/data/network/members/totalCount");
    let found = found.and_then(serde_json::Value::as_u64);
    let first = answer.pointer("/data/network/members/nodes/0/businessId");
    anyhow::ensure!(
        first.is_some_and(serde_json::Value::is_string),
        "members have business ids: {answer}"
    );
    anyhow::ensure!(
        found == Some(u64::from(network::MEMBERS / 10)),
        "the query was answered: {answer}"
    );

    let time = Duration::from_millis(if scale.quick { 700 } else { 2000 });
    rate(address, &members, time / 2).await?;
    let (mut ours, mut peers, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        let peer = rate(address, &smallest, time).await?;
        let own = rate(address, &members, time).await?;
        ratios.push(own / peer);
        ours.push(own);
        peers.push(peer);
    }
    report.add(&Figure {
        name: format!(
            "GraphQL members query (a name is an object here: name {{ fi }}), {} members and {} integrations",
            network::MEMBERS,
            network::INTEGRATIONS
        ),
        ours: format!("{:.0} requests a second", median(&ours)),
        peer: format!("{SMALLEST} {:.0}", median(&peers)),
        ratios,
        target: Target::AtLeast(0.15),
    });
    server.abort();
    let _ = server.await;
    house.close().await
}
