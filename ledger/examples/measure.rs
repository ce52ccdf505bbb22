//! Measures the log against the bare minimum on the same disk, in the same run: durable appends against a
//! pre-zeroed file with the same writes and syncs, and a full replay against a loop that reads the same bytes
//! and decodes them. Prints one line for each, with the ratio. `scripts/bench` runs it in release mode:
//! `cargo run --release -p ledger --example measure -- DIRECTORY [EVENTS]`

use std::fs::File;
use std::io::{Read, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ledger::vault::MasterKey;
use ledger::{
    Actor, DirectoryOptions, Envelope, EnvelopeView, Journal, JournalName, Ledger, SeededRandom,
    Timestamp,
};
use uuid::Uuid;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const LEDGER_ID: Uuid = Uuid::from_u128(1);

fn event(position: u64) -> Envelope {
    Envelope {
        ledger_id: LEDGER_ID,
        journal: JournalName::governance(),
        position,
        stream: "member-0192f0a0".to_owned(),
        stream_version: position,
        event_id: Uuid::from_u128(u128::from(position)),
        event_type: "MembershipApplied".to_owned(),
        schema_version: 1,
        occurred_at: Timestamp(1_790_000_000_000_000),
        recorded_at: Timestamp(1_790_000_000_000_000),
        effective_from: None,
        actor: Actor {
            id: "actor-1".to_owned(),
            authentication: "oidc".to_owned(),
            on_behalf_of: None,
        },
        command_id: Uuid::from_u128(u128::from(position)),
        correlation_id: None,
        causation_id: None,
        payload: vec![b'x'; 400],
        sealed: Vec::new(),
        blobs: Vec::new(),
    }
}

fn batch(from: u64, size: u64) -> Vec<Envelope> {
    (from..from + size).map(event).collect()
}

/// Appends frames of `size` events for `time`; gives the frames' latencies.
fn append(journal: &Journal, size: u64, time: Duration) -> Outcome<Vec<Duration>> {
    let mut next = journal.head()?.next_position;
    let mut latencies = Vec::new();
    let start = Instant::now();
    while start.elapsed() < time {
        let events = batch(next, size);
        let began = Instant::now();
        next = journal.append(next, &events)?.head.next_position;
        latencies.push(began.elapsed());
    }
    Ok(latencies)
}

/// Writes and syncs as many bytes as a frame of `size` events has, into a pre-zeroed file, for `time`.
fn bare(path: &Path, size: u64, time: Duration) -> Outcome<Vec<Duration>> {
    let leaves = batch(0, size)
        .iter()
        .map(Envelope::encode)
        .collect::<Result<Vec<_>, _>>()?;
    let bytes = leaves.concat();
    let file = File::options()
        .create(true)
        .truncate(true)
        .read(true)
        .write(true)
        .open(path)?;
    let length = 64 * 1024 * 1024;
    file.write_all_at(&vec![0; length], 0)?;
    file.sync_all()?;
    let mut latencies = Vec::new();
    let mut at = 0;
    let start = Instant::now();
    while start.elapsed() < time {
        let began = Instant::now();
        file.write_all_at(&bytes, at)?;
        file.sync_data()?;
        latencies.push(began.elapsed());
        at = (at + bytes.len() as u64) % (length - bytes.len()) as u64;
    }
    Ok(latencies)
}

fn median(latencies: &mut [Duration]) -> Duration {
    latencies.sort();
    latencies
        .get(latencies.len() / 2)
        .copied()
        .unwrap_or_default()
}

fn ratio(numerator: Duration, denominator: Duration) -> f64 {
    numerator.as_secs_f64() / denominator.as_secs_f64()
}

fn measure_append(
    journal: &Journal,
    directory: &Path,
    size: u64,
    out: &mut impl Write,
) -> Outcome<()> {
    let path = directory.join("bare");
    let time = Duration::from_secs(1);
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    // Interleaved, because the disk's speed changes from second to second.
    for _ in 0..3 {
        theirs.extend(bare(&path, size, time)?);
        ours.extend(append(journal, size, time)?);
    }
    std::fs::remove_file(&path)?;
    let (frames, bare_frames) = (ours.len(), theirs.len());
    let (median, bare_median) = (median(&mut ours), median(&mut theirs));
    writeln!(
        out,
        "durable append of {size}: {} events in 3 s ({} bare), median {median:?} ({bare_median:?} bare, x{:.2})",
        frames as u64 * size,
        bare_frames as u64 * size,
        ratio(median, bare_median),
    )?;
    Ok(())
}

fn measure_replay(
    ledger: &Ledger,
    directory: &Path,
    events: u64,
    out: &mut impl Write,
) -> Outcome<()> {
    let journal = ledger.journal_or_create(&JournalName::governance())?;
    let mut next = journal.head()?.next_position;
    while next < events {
        next = journal.append(next, &batch(next, 256))?.head.next_position;
    }
    let path = directory.join("leaves");
    let mut file = std::io::BufWriter::new(File::create(&path)?);
    for batch in journal.replay(0)? {
        for leaf in batch?.frame().leaves() {
            file.write_all(&u32::try_from(leaf.len())?.to_be_bytes())?;
            file.write_all(leaf)?;
        }
    }
    file.flush()?;
    let began = Instant::now();
    let mut sum = 0_u64;
    let mut reader = std::io::BufReader::with_capacity(1 << 20, File::open(&path)?);
    let mut length = [0; 4];
    let mut leaf = Vec::new();
    for _ in 0..next {
        reader.read_exact(&mut length)?;
        leaf.resize(u32::from_be_bytes(length) as usize, 0);
        reader.read_exact(&mut leaf)?;
        sum = sum.wrapping_add(EnvelopeView::decode(&leaf)?.stream_version);
    }
    let bare = began.elapsed();
    let began = Instant::now();
    for batch in journal.replay(0)? {
        for event in batch?.events() {
            sum = sum.wrapping_sub(event?.stream_version);
        }
    }
    let ours = began.elapsed();
    std::fs::remove_file(&path)?;
    writeln!(
        out,
        "replay of {next} events: {ours:?} with chain and hashes, {bare:?} bare ({:.2} of its speed, {sum})",
        ratio(bare, ours),
    )?;
    Ok(())
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments
        .next()
        .ok_or("usage: measure DIRECTORY [EVENTS]")?;
    let events = arguments
        .next()
        .map_or(Ok(1_000_000), |text| text.parse())?;
    let directory = Path::new(&directory);
    std::fs::create_dir_all(directory)?;
    let options = DirectoryOptions::new(MasterKey::new([1; 32]), Arc::new(SeededRandom::new(1)));
    let place = directory.join("ledger");
    let ledger = Ledger::create_in(&place, LEDGER_ID, &options)?;
    let mut out = std::io::stdout().lock();
    let journal = ledger.journal_or_create(&JournalName::governance())?;
    for size in [1, 64] {
        measure_append(&journal, directory, size, &mut out)?;
    }
    measure_replay(&ledger, directory, events, &mut out)?;
    drop(journal);
    let began = Instant::now();
    ledger.close();
    let closing = began.elapsed();
    let began = Instant::now();
    Ledger::open_in(&place, &options)?.journal(&JournalName::governance())?;
    writeln!(
        out,
        "closing took {closing:?}, opening {:?}",
        began.elapsed()
    )?;
    Ok(())
}
