//! A routing change on its way, from its acknowledgement to the new table in a node that is
//! connected over loopback and keeps its last good copy on disk.

use super::Scale;
use super::figures::{Figure, Report, Target, median, milliseconds, quantile};
use super::house::{House, created, own};
use super::http::serve;
use super::network::{self, ENVIRONMENT, Network};
use anyhow::Context as _;
use domain::EnrolNode;
use proxy::{LiveRouting, NodeIdentity, RemoteRoutingSource};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// How long the node may take before the measurement is given up.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) async fn measure(place: &Path, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let house = House::founded(&place.join("ledger")).await?;
    let made = network::make(&house).await?;
    let node = NodeIdentity::generate("bench", &*house.random)?;
    let enrol = house.submission(EnrolNode {
        name: own("bench"),
        environments: vec![ENVIRONMENT],
        public_key: own(&node.public_key()?),
        secret_hash: own(&api::hash_secret(&*house.random, "secret")),
    });
    let token = format!("{}.secret", created(enrol.command_id, "node"));
    house.give(enrol).await?;
    let views = house.views()?;
    let mut following = tokio::task::JoinSet::new();
    following.spawn(views.clone().follow());
    let (address, server) = serve(&house, &views).await?;

    let source =
        RemoteRoutingSource::new(&own(&format!("http://{address}")), Zeroizing::new(token))?;
    let live = LiveRouting::open(
        ENVIRONMENT,
        node,
        Arc::clone(&house.clock),
        None,
        Some(place.to_owned()),
    )?;
    let live = Arc::new(live);
    let follower = Arc::clone(&live);
    following.spawn(async move { follower.follow(&source).await });
    reach(&live, house.registrar.network().0).await?;

    let (one, many) = if scale.quick { (200, 100) } else { (500, 200) };
    let mut edition = 0;
    changes(
        &house,
        &live,
        scale,
        report,
        ("one entry", one, 10.0),
        || {
            edition += 1;
            made.change_one(edition)
        },
    )
    .await?;
    let entries = format!("{} entries", network::CLIENTS_OF_THE_LARGEST);
    let mut edition = 0;
    changes(&house, &live, scale, report, (&entries, many, 50.0), || {
        edition += 1;
        Network::change_service(&made, 0, edition)
    })
    .await?;
    following.shutdown().await;
    server.abort();
    let _ = server.await;
    house.close().await
}

async fn reach(live: &LiveRouting, position: u64) -> anyhow::Result<()> {
    tokio::time::timeout(PATIENCE, live.reached(position))
        .await
        .context("the node did not get the table")
}

async fn changes(
    house: &House,
    live: &LiveRouting,
    scale: Scale,
    report: &mut Report,
    (entries, count, limit): (&str, usize, f64),
    mut next: impl FnMut() -> anyhow::Result<domain::Command>,
) -> anyhow::Result<()> {
    let (mut medians, mut highs) = (Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        let mut taken = Vec::with_capacity(count);
        for _ in 0..count {
            let receipt = house.submit(next()?).await?;
            let acknowledged = Instant::now();
            reach(live, receipt.positions.end).await?;
            taken.push(milliseconds(acknowledged.elapsed()));
        }
        medians.push(median(&taken));
        highs.push(quantile(&taken, 0.99));
    }
    report.add(&Figure {
        name: format!(
            "routing change of {entries} among {} integrations, acknowledged until in the node",
            network::INTEGRATIONS
        ),
        ours: format!(
            "99th percentile {:.1} ms, median {:.1} ms",
            median(&highs),
            median(&medians)
        ),
        peer: format!("limit {limit} ms; the ratio is the 99th percentile to it"),
        ratios: highs.iter().map(|high| high / limit).collect(),
        target: Target::AtMost(1.0),
    });
    Ok(())
}
