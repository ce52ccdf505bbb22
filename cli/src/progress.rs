//! How far long work is, shown where standard error is a terminal.

use indicatif::{ProgressBar, ProgressStyle};
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

    /// Begins work whose extent is not known, counted in events.
    pub(crate) fn events(what: &'static str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(what);
        let style = ProgressStyle::with_template("{spinner} {msg}: {human_pos} events");
        // The template is one of the library's own form.
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        bar.enable_steady_tick(TURNS_EVERY);
        Self(bar)
    }

    /// One more is done.
    pub(crate) fn next(&self) {
        self.0.inc(1);
    }

    /// So many are done.
    pub(crate) fn at(&self, position: u64) {
        self.0.set_position(position);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
