//! Durable appends through the registrar, against a bare file that is synced as often for the same bytes.

use super::Scale;
use super::bare::{BareFile, BareQueue};
use super::figures::{Figure, Report, Target, median, milliseconds, number};
use super::house::{House, own};
use anyhow::Context as _;
use domain::{ContactDetails, ContactRole, NameOperatorContact};
use ledger::JournalName;
use std::path::Path;
use std::time::{Duration, Instant};

/// How many commands wait at once.
const WRITERS: usize = 64;

/// One event with two sealed fields, name and address; the registrar seals a third, the digest of the command.
fn command(number: usize) -> NameOperatorContact {
    NameOperatorContact {
        role: if number.is_multiple_of(2) {
            ContactRole::Contract
        } else {
            ContactRole::Technical
        },
        contact: ContactDetails {
            name: own("Kuvitteellinen Yhteyshenkilö"),
            email: own("yhteys@operaattori.example.org"),
            phone: None,
            postal_address: None,
        },
        notified_on: None,
    }
}

pub(crate) async fn measure(place: &Path, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let house = House::founded(&place.join("ledger")).await?;
    let time = Duration::from_millis(if scale.quick { 500 } else { 1500 });
    many(&house, place, scale, time, report).await?;
    one(&house, place, scale, time, report).await?;
    house.close().await
}

/// The bytes of the journal from a position on, and how many commits and events they are.
fn written(house: &House, from: u64) -> anyhow::Result<(u64, u64, u64)> {
    let journal = house.ledger.journal(&JournalName::governance())?;
    let (mut bytes, mut commits, mut events) = (0, 0, 0);
    for batch in journal.replay(from)? {
        let batch = batch?;
        bytes += batch.frame().bytes().len() as u64;
        events += u64::from(batch.frame().count());
        commits += 1;
    }
    Ok((bytes, commits, events))
}

async fn ours(house: &House, time: Duration) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut writers = tokio::task::JoinSet::new();
    for writer in 0..WRITERS {
        let house = house.clone();
        writers.spawn(async move {
            let mut done = 0_u64;
            while began.elapsed() < time {
                house.submit(command(writer)).await?;
                done += 1;
            }
            anyhow::Ok(done)
        });
    }
    total(writers, began).await
}

async fn bare(queue: &BareQueue, bytes: usize, time: Duration) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut writers = tokio::task::JoinSet::new();
    for _ in 0..WRITERS {
        let queue = queue.clone();
        writers.spawn(async move {
            let mut done = 0_u64;
            while began.elapsed() < time {
                queue.write(vec![1; bytes]).await?;
                done += 1;
            }
            anyhow::Ok(done)
        });
    }
    total(writers, began).await
}

/// How many a second the writers did together.
async fn total(
    mut writers: tokio::task::JoinSet<anyhow::Result<u64>>,
    began: Instant,
) -> anyhow::Result<f64> {
    let mut done = 0;
    while let Some(writer) = writers.join_next().await {
        done += writer.context("a writer failed")??;
    }
    Ok(number(done) / began.elapsed().as_secs_f64())
}

async fn many(
    house: &House,
    place: &Path,
    scale: Scale,
    time: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let from = house.registrar.network().0;
    ours(house, time).await?;
    let (bytes, commits, events) = written(house, from)?;
    let per_event = usize::try_from(bytes / events.max(1))?;
    let queue = BareQueue::start(&place.join("bare"))?;
    let (mut our_rates, mut bare_rates, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        let peer = bare(&queue, per_event, time).await?;
        let own = ours(house, time).await?;
        ratios.push(own / peer);
        our_rates.push(own);
        bare_rates.push(peer);
    }
    report.add(&Figure {
        name: format!("durable append, {WRITERS} at once"),
        ours: format!(
            "{:.0} events a second ({per_event} bytes each, {:.0} a commit)",
            median(&our_rates),
            number(events) / number(commits.max(1)),
        ),
        peer: format!("bare file with group commit {:.0}", median(&bare_rates)),
        ratios,
        target: Target::AtLeast(0.5),
    });
    Ok(())
}

async fn one(
    house: &House,
    place: &Path,
    scale: Scale,
    time: Duration,
    report: &mut Report,
) -> anyhow::Result<()> {
    let from = house.registrar.network().0;
    house.submit(command(0)).await?;
    let (bytes, _, _) = written(house, from)?;
    let bytes = vec![1; usize::try_from(bytes)?];
    let mut file = BareFile::create(&place.join("bare-one"))?;
    let (mut our_medians, mut bare_medians, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..scale.rounds {
        let mut taken = Vec::new();
        let round = Instant::now();
        while round.elapsed() < time {
            let began = Instant::now();
            file.append(&bytes)?;
            taken.push(milliseconds(began.elapsed()));
        }
        let peer = median(&taken);
        taken.clear();
        let round = Instant::now();
        while round.elapsed() < time {
            let submission = house.submission(command(taken.len()));
            let began = Instant::now();
            house.give(submission).await?;
            taken.push(milliseconds(began.elapsed()));
        }
        let own = median(&taken);
        ratios.push(own / peer);
        our_medians.push(own);
        bare_medians.push(peer);
    }
    report.add(&Figure {
        name: "durable append, one writer, median".to_owned(),
        ours: format!("{:.3} ms", median(&our_medians)),
        peer: format!("bare write and fdatasync {:.3} ms", median(&bare_medians)),
        ratios,
        target: Target::AtMost(1.5),
    });
    Ok(())
}
