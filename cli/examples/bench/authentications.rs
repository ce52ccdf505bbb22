//! Millions of authentications: whether memory and speed stay as they were.

use super::Scale;
use super::bare::BareQueue;
use super::figures::{Figure, Report, Target, median, number, resident_mib};
use super::house::{House, own};
use anyhow::Context as _;
use domain::{Environment, IntegrationId, ServiceId};
use projections::usage::Usage;
use registrar::{
    Alarms, Authentication, AuthenticationJournals, AuthenticationOutcome, SourceMark,
};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;
use zeroize::Zeroizing;

/// How many logins are under way at once.
const AT_ONCE: u64 = 128;

/// How many home organisations they come from.
const HOMES: u64 = 100;

/// In how many blocks each million is recorded; the bare file writes one in turn.
const BLOCKS: u64 = 10;

/// As a proxy node records a login.
fn login(number: u64, at: domain::time::Instant) -> Authentication {
    let home = u128::from(number % HOMES);
    Authentication {
        occurred_at: at,
        home_organisation: Some(own(&format!("1.2.246.562.99.{:011}", 1_000 + home))),
        home_integration: Some(IntegrationId(Uuid::from_u128(1_000 + home))),
        service: Some(ServiceId(Uuid::from_u128(2_000))),
        service_integration: Some(IntegrationId(Uuid::from_u128(3_000))),
        protocol: "openid-connect".to_owned(),
        request_id: format!("request-{number:016}"),
        message_id: Some(format!("token-{number:016}")),
        governance_position: 4_000,
        outcome: AuthenticationOutcome::Succeeded {
            data_model_version: "1.4".to_owned(),
            released: ["uid", "givenName", "surname", "learnerId", "schoolIds"]
                .map(|name| format!("urn:mpass.id:{name}"))
                .to_vec(),
            single_sign_on: false,
        },
        mark: SourceMark {
            source: String::new(),
            sequence: 0,
            previous: String::new(),
        },
    }
}

async fn block(
    house: &House,
    source: &Arc<registrar::authentication::LocalSource>,
    first: u64,
    count: u64,
) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut logins = tokio::task::JoinSet::new();
    for lane in 0..AT_ONCE {
        let (source, clock) = (Arc::clone(source), Arc::clone(&house.clock));
        logins.spawn(async move {
            let mut number = first + lane;
            while number < first + count {
                let user = Zeroizing::new(format!("kuvitteellinen-{}", number % 10_000));
                source
                    .record(login(number, clock.now()), Some(user))
                    .await?;
                number += AT_ONCE;
            }
            anyhow::Ok(())
        });
    }
    while let Some(lane) = logins.join_next().await {
        lane.context("a login failed")??;
    }
    Ok(number(count) / began.elapsed().as_secs_f64())
}

/// How many bytes of the log an authentication takes.
fn bytes_each(house: &House) -> anyhow::Result<usize> {
    let (mut bytes, mut events) = (0, 0);
    for name in house.ledger.journals()? {
        if !name.as_str().starts_with(Environment::Production.name()) {
            continue;
        }
        for batch in house.ledger.journal(&name)?.replay(0)? {
            let batch = batch?;
            bytes += batch.frame().bytes().len() as u64;
            events += u64::from(batch.frame().count());
        }
    }
    Ok(usize::try_from(bytes / events.max(1))?)
}

async fn bare_block(queue: &BareQueue, bytes: usize, count: u64) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut lanes = tokio::task::JoinSet::new();
    for _ in 0..AT_ONCE {
        let queue = queue.clone();
        lanes.spawn(async move {
            for _ in 0..count / AT_ONCE {
                queue.write(vec![1; bytes]).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(lane) = lanes.join_next().await {
        lane.context("a writer failed")??;
    }
    Ok(number(count) / began.elapsed().as_secs_f64())
}

/// How many authentications the counts of usage hold once they have caught up.
fn all_counted(usage: &Usage) -> anyhow::Result<u64> {
    usage.catch_up()?;
    let (first, last) = (own("2020-01-01"), own("2099-12-31"));
    let rows = usage.rows(Environment::Production, first, last)?;
    Ok(rows.iter().map(|row| row.count).sum())
}

pub(crate) async fn measure(place: &Path, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let house = House::founded(&place.join("ledger")).await?;
    let journals = AuthenticationJournals::open(
        &house.ledger,
        Arc::clone(&house.clock),
        Arc::clone(&house.random),
    )?;
    let source = Arc::new(journals.local_source(Environment::Production, "bench"));
    // As in `serve`, the counts of usage follow the journals meanwhile.
    let zone = house.views()?.current().network.zone().clone();
    let usage = Usage::open(house.ledger.clone(), Some(&place.join("usage")), zone)?;
    let follower = tokio::spawn(usage.clone().follow(Alarms::default()));
    let queue = BareQueue::start(&place.join("bare"))?;
    let million: u64 = if scale.quick { 100_000 } else { 1_000_000 };
    let warm_up = million / BLOCKS / 10;
    let recorded = warm_up + 4 * million;
    block(&house, &source, 0, warm_up).await?;
    let bytes = bytes_each(&house)?;
    let mut quarters = Vec::new();
    let mut resident = Vec::new();
    let mut rates = Vec::new();
    for quarter in 0..4 {
        let mut ratios = Vec::new();
        let mut own_rates = Vec::new();
        for part in 0..BLOCKS {
            let count = million / BLOCKS;
            let first = quarter * million + part * count;
            let ours = block(&house, &source, first, count).await?;
            let peer = bare_block(&queue, bytes, count).await?;
            ratios.push(ours / peer);
            own_rates.push(ours);
        }
        quarters.push(ratios);
        rates.push(median(&own_rates));
        resident.push(resident_mib()?);
    }
    let first = quarters.first().map_or(0.0, |ratios| median(ratios));
    let last: Vec<f64> = quarters.pop().unwrap_or_default();
    let list = |values: &[f64]| {
        let texts: Vec<_> = values.iter().map(|value| format!("{value:.0}")).collect();
        texts.join(", ")
    };
    report.add(&Figure {
        name: format!(
            "authentications, rate after {} against the first {million}",
            4 * million
        ),
        ours: format!("{} a second in each quarter", list(&rates)),
        peer: "each block as a ratio to a bare file with group commit".to_owned(),
        ratios: last.iter().map(|ratio| ratio / first).collect(),
        target: Target::AtLeast(0.9),
    });
    let before = resident.first().copied().unwrap_or(0.0);
    let after = resident.last().copied().unwrap_or(0.0);
    report.add(&Figure {
        name: format!(
            "authentications, growth of resident memory from {million} to {}",
            4 * million
        ),
        ours: format!("{} MiB after each quarter", list(&resident)),
        peer: "limit 32 MiB; the ratio is the growth to the limit".to_owned(),
        ratios: vec![(after - before) / 32.0],
        target: Target::AtMost(1.0),
    });
    follower.abort();
    let _ = follower.await;
    let counted = tokio::task::spawn_blocking(move || all_counted(&usage)).await??;
    anyhow::ensure!(
        counted == recorded,
        "{counted} authentications of {recorded} were counted"
    );
    drop((source, journals));
    house.close().await
}
