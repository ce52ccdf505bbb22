//! How far long work is, shown where standard error is a terminal.

use indicatif::ProgressBar;
use std::time::Duration;

/// How often the mark of a running step turns.
const TURNS_EVERY: Duration = Duration::from_millis(120);

/// A step that takes its time; gone from the terminal when it is dropped.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    /// Begins a step. Nothing is shown where standard error is no terminal.
    pub(crate) fn step(what: &'static str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(what);
        bar.enable_steady_tick(TURNS_EVERY);
        Self(bar)
    }

    /// Begins work on `count` things.
    pub(crate) fn of(count: usize, what: &'static str) -> Self {
        let bar = ProgressBar::new(count.try_into().unwrap_or(u64::MAX)).with_message(what);
        Self(bar)
    }

    /// One more is done.
    pub(crate) fn next(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
