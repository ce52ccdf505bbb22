//! The replay of the whole governance journal into every read model, against a bare loop on one
//! thread that reads the same bytes and decodes them to the same typed values.

use super::Scale;
use super::figures::{Figure, Report, Target, median, number};
use super::house::House;
use super::network::{self, AT_ONCE};
use anyhow::Context as _;
use domain::Event;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use ledger::{EnvelopeView, JournalName};
use projections::Views;
use registrar::Registrar;
use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, BufWriter, Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

pub(crate) async fn measure(place: &Path, scale: Scale, report: &mut Report) -> anyhow::Result<()> {
    let house = House::founded(&place.join("ledger")).await?;
    let made = &network::make(&house).await?;
    let events: u64 = if scale.quick { 100_000 } else { 1_000_000 };
    let recorded = house.registrar.network().0;
    let began = Instant::now();
    stream::iter(0..events.saturating_sub(recorded))
        .map(|number| {
            let house = &house;
            async move { house.submit(made.business(number)?).await }
        })
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |_| Ok(()))
        .await?;
    let events = house.registrar.network().0;
    println!(
        "     {events} events recorded, in {:.0} s",
        began.elapsed().as_secs_f64()
    );

    let leaves = place.join("leaves");
    let copy = house.clone();
    let ratios = tokio::task::spawn_blocking(move || {
        write_leaves(&copy, &leaves)?;
        let rounds = if scale.quick {
            scale.rounds
        } else {
            scale.rounds.min(3)
        };
        let mut rates = Vec::new();
        for _ in 0..rounds {
            let began = Instant::now();
            anyhow::ensure!(
                bare(&leaves)? == events,
                "the bare loop has read another number"
            );
            let peer = number(events) / began.elapsed().as_secs_f64();
            let began = Instant::now();
            let views = Views::fold(copy.registrar.log().clone())?;
            let ours = number(events) / began.elapsed().as_secs_f64();
            anyhow::ensure!(
                views.current().position == events,
                "the replay has stopped early"
            );
            drop(views);
            let began = Instant::now();
            drop(Registrar::open(
                &copy.ledger,
                Arc::clone(&copy.clock),
                Arc::clone(&copy.random),
            )?);
            let state = number(events) / began.elapsed().as_secs_f64();
            rates.push((ours, peer, state));
        }
        anyhow::Ok(rates)
    });
    let rates = ratios.await.context("the replay failed")??;
    let column = |of: fn(&(f64, f64, f64)) -> f64| rates.iter().map(of).collect::<Vec<_>>();
    let peer = format!(
        "bare single-threaded read and decode {:.0}",
        median(&column(|rate| rate.1))
    );
    report.add(&Figure {
        name: format!("full replay of {events} events into every read model"),
        ours: format!("{:.0} events a second", median(&column(|rate| rate.0))),
        peer: peer.clone(),
        ratios: column(|rate| rate.0 / rate.1),
        target: Target::AtLeast(0.5),
    });
    report.add(&Figure {
        name: "replay of the same into the registrar's state, which a start does besides"
            .to_owned(),
        ours: format!("{:.0} events a second", median(&column(|rate| rate.2))),
        peer,
        ratios: column(|rate| rate.2 / rate.1),
        target: Target::None,
    });
    house.close().await
}

/// Writes the leaves of the journal one after the other, each after its length.
fn write_leaves(house: &House, path: &Path) -> anyhow::Result<()> {
    let journal = house.ledger.journal(&JournalName::governance())?;
    let mut file = BufWriter::new(File::create(path)?);
    for batch in journal.replay(0)? {
        for leaf in batch?.frame().leaves() {
            file.write_all(&u32::try_from(leaf.len())?.to_be_bytes())?;
            file.write_all(leaf)?;
        }
    }
    file.into_inner()
        .context("writing the leaves failed")?
        .sync_all()?;
    Ok(())
}

/// Reads and decodes them, and says how many they were.
fn bare(path: &Path) -> anyhow::Result<u64> {
    let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
    let end = file.get_ref().metadata()?.len();
    let (mut at, mut count) = (0, 0);
    let mut length = [0; 4];
    let mut leaf = Vec::new();
    while at < end {
        file.read_exact(&mut length)?;
        let size = u32::from_be_bytes(length);
        leaf.resize(usize::try_from(size)?, 0);
        file.read_exact(&mut leaf)?;
        let view = EnvelopeView::decode(&leaf)?;
        let mut json = serde_json::Deserializer::from_slice(view.payload);
        let event = Event::deserialize_named(view.event_type, &mut json);
        black_box(event.context("an event of unknown name")??);
        at += 4 + u64::from(size);
        count += 1;
    }
    Ok(count)
}
