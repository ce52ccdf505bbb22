//! What is printed: the machine, each figure beside its peer, the summary.

use anyhow::Context as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// What a figure is to reach.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// At least this.
    AtLeast(f64),
    /// At most this.
    AtMost(f64),
    /// Nothing: printed to explain another figure.
    None,
}

/// One figure over the rounds.
#[derive(Debug)]
pub(crate) struct Figure {
    /// What was measured.
    pub(crate) name: String,
    /// What came out, with its unit.
    pub(crate) ours: String,
    /// What it is compared with, with its unit.
    pub(crate) peer: String,
    /// Their ratio in each round.
    pub(crate) ratios: Vec<f64>,
    /// What the median ratio is to reach.
    pub(crate) target: Target,
}

/// How many figures reached what they are to reach.
#[derive(Debug, Default)]
pub(crate) struct Report {
    reached: usize,
    missed: Vec<String>,
}

impl Report {
    /// Prints a figure.
    pub(crate) fn add(&mut self, figure: &Figure) {
        let ratio = median(&figure.ratios);
        let (least, most) = figure.ratios.iter().fold(
            (f64::INFINITY, f64::NEG_INFINITY),
            |(least, most), ratio| (least.min(*ratio), most.max(*ratio)),
        );
        let (reached, target) = match figure.target {
            Target::AtLeast(target) => (Some(ratio >= target), format!(", at least {target}")),
            Target::AtMost(target) => (Some(ratio <= target), format!(", at most {target}")),
            Target::None => (None, String::new()),
        };
        let verdict = match reached {
            Some(true) => "PASS",
            Some(false) => "MISS",
            None => "    ",
        };
        println!(
            "{verdict} {}: {} | {} | ratio {ratio:.2} (rounds {least:.2} to {most:.2}){target}",
            figure.name, figure.ours, figure.peer,
        );
        match reached {
            Some(true) => self.reached += 1,
            Some(false) => self.missed.push(figure.name.clone()),
            None => {}
        }
    }

    /// Prints how many figures reached what they are to reach.
    pub(crate) fn print_summary(&self) {
        println!("{} reached, {} missed", self.reached, self.missed.len());
        for name in &self.missed {
            println!("  missed: {name}");
        }
    }
}

/// The median; 0 of nothing.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The value below which this share of the values lies; 0 of nothing.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list of measurements"
    )]
    let place = (sorted.len() as f64 * share) as usize;
    let last = sorted.len().saturating_sub(1);
    sorted.get(place.min(last)).copied().unwrap_or(0.0)
}

/// A count as a number to calculate with.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(crate) fn number(count: u64) -> f64 {
    count as f64
}

/// Milliseconds.
pub(crate) fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// Prints what the figures depend on.
pub(crate) fn print_machine(scratch: &Path) -> anyhow::Result<()> {
    let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = field(&cpuinfo, "model name").unwrap_or("an unknown processor");
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = field(&memory, "MemTotal").unwrap_or("unknown");
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!(
        "machine: {processors} x {model}, memory {memory}, Linux {}",
        kernel.trim()
    );
    println!("load average before: {}", load.trim());
    let syncs = bare_sync(scratch).context("measuring the disk failed")?;
    println!("disk: a bare write of 4096 bytes with fdatasync takes {syncs:.3} ms in the median");
    Ok(())
}

fn bare_sync(scratch: &Path) -> anyhow::Result<f64> {
    let mut file = super::bare::BareFile::create(&scratch.join("disk"))?;
    let mut taken = Vec::new();
    for _ in 0..200 {
        let began = std::time::Instant::now();
        file.append(&[1; 4096])?;
        taken.push(milliseconds(began.elapsed()));
    }
    Ok(median(&taken))
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim())
}

/// How much memory of this process is resident, in MiB.
pub(crate) fn resident_mib() -> anyhow::Result<f64> {
    let status =
        fs::read_to_string("/proc/self/status").context("reading the own status failed")?;
    let text = field(&status, "VmRSS").and_then(|text| text.split_whitespace().next());
    let kibibytes: f64 = text
        .context("the kernel does not say how much is resident")?
        .parse()?;
    Ok(kibibytes / 1024.0)
}
