//! What a call did, for people and for scripts.

use super::Finding;
use super::difference::Change;
use super::target::Refused;
use crate::exit::{self, trouble};
use domain::value::OrganisationOid;
use serde::Serialize;
use std::fmt::Write as _;
use std::ops::Range;

/// More lines than anybody reads on a terminal; `--json` has all.
const LINES_MAX: usize = 200;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Verdict {
    /// It was recorded.
    Recorded,
    /// It would be recorded: nothing was.
    WouldRecord,
    /// All of it is recorded already.
    NothingToRecord,
    /// The input is wrong: nothing was recorded.
    Invalid,
    /// The rules refuse it: nothing was recorded.
    Refused,
}

/// What a call did.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// How it ended.
    pub(crate) verdict: Verdict,
    /// Where the events stand in the log.
    pub(crate) positions: Option<Range<u64>>,
    /// The entries that were, or would be, recorded. None where they lie behind a server.
    pub(crate) recorded: Option<Vec<Change>>,
    /// How many entries say what is recorded already.
    pub(crate) unchanged: Option<usize>,
    /// The organisations that were, or would be, accepted as members.
    pub(crate) members: Vec<OrganisationOid>,
    /// The entries that were left out.
    pub(crate) left: Vec<Finding>,
    /// What refuses the call.
    pub(crate) refused: Vec<Finding>,
    /// The rule that refuses the call.
    pub(crate) refusal: Option<Refused>,
    /// What is worth knowing.
    pub(crate) warnings: Vec<Finding>,
}

impl Report {
    /// A report with nothing in it yet.
    pub(crate) fn new(verdict: Verdict) -> Self {
        Self {
            verdict,
            positions: None,
            recorded: None,
            unchanged: None,
            members: Vec::new(),
            left: Vec::new(),
            refused: Vec::new(),
            refusal: None,
            warnings: Vec::new(),
        }
    }

    /// Prints it, and says by an error that the call failed.
    pub(crate) fn finish(&self, json: bool) -> anyhow::Result<()> {
        if json {
            crate::commands::print_json(self)?;
        } else {
            print!("{}", self.text());
            for warning in self.warnings.iter().take(LINES_MAX) {
                eprintln!("warning: {warning}");
            }
            if self.warnings.len() > LINES_MAX {
                eprintln!(
                    "warning: and {} more; --json lists all",
                    self.warnings.len() - LINES_MAX
                );
            }
        }
        match self.verdict {
            Verdict::Recorded | Verdict::WouldRecord | Verdict::NothingToRecord => Ok(()),
            Verdict::Invalid => {
                let count = self.refused.len();
                let message = format!("nothing was recorded: {count} errors in the input");
                Err(trouble(exit::Kind::Input, message))
            }
            Verdict::Refused => {
                let mut message = "nothing was recorded".to_owned();
                if let Some(refusal) = &self.refusal {
                    let Refused {
                        code,
                        message: words,
                        remedy,
                        ..
                    } = refusal;
                    let _ = write!(message, ": {code}: {words}\n  what to do: {remedy}");
                }
                Err(trouble(exit::Kind::Refused, message))
            }
        }
    }

    fn text(&self) -> String {
        let mut out = String::new();
        let mut lines = Lines {
            out: &mut out,
            shown: 0,
            more: 0,
        };
        for change in self.recorded.iter().flatten() {
            lines.add(&line(change));
        }
        for member in &self.members {
            lines.add(&format!("+ member {member}"));
        }
        for left in &self.left {
            lines.add(&format!("left out: {left}"));
        }
        for refused in &self.refused {
            lines.add(&format!("error: {refused}"));
        }
        lines.finish();
        let _ = writeln!(out, "{}", self.summary());
        out
    }

    fn summary(&self) -> String {
        let mut words = match self.verdict {
            Verdict::Recorded => "recorded".to_owned(),
            Verdict::WouldRecord => "would be recorded; nothing was".to_owned(),
            Verdict::NothingToRecord => {
                "nothing to record: all of this is recorded already".to_owned()
            }
            Verdict::Invalid | Verdict::Refused => "nothing was recorded".to_owned(),
        };
        if let Some(changes) = &self.recorded
            && matches!(self.verdict, Verdict::Recorded | Verdict::WouldRecord)
        {
            words = format!("{words}: {} entries", changes.len());
        }
        if let Some(unchanged) = self.unchanged {
            let _ = write!(words, ", {unchanged} unchanged");
        }
        if !self.left.is_empty() {
            let _ = write!(words, ", {} left out", self.left.len());
        }
        if let Some(positions) = &self.positions {
            let last = positions.end.saturating_sub(1);
            let _ = write!(words, " (positions {} to {last})", positions.start);
        }
        words
    }
}

/// Lines up to a limit, then how many more there are.
struct Lines<'a> {
    out: &'a mut String,
    shown: usize,
    more: usize,
}

impl Lines<'_> {
    fn add(&mut self, line: &str) {
        if self.shown == LINES_MAX {
            self.more += 1;
        } else {
            self.shown += 1;
            let _ = writeln!(self.out, "{line}");
        }
    }

    fn finish(self) {
        if self.more > 0 {
            let _ = writeln!(self.out, "and {} more; --json lists all", self.more);
        }
    }
}

fn line(change: &Change) -> String {
    let mut line = format!("{} {}", change.what.mark(), change.kind.name());
    if let Some(id) = &change.id {
        let _ = write!(line, " {id}");
    }
    if let Some(environment) = change.environment {
        let _ = write!(line, ", {environment}");
    }
    if let Some(organisation) = &change.organisation {
        let _ = write!(line, ", {organisation}");
    }
    if let Some(file) = &change.file {
        let _ = write!(line, " ({file})");
    }
    let _ = write!(line, ": {}", change.events.join(", "));
    line
}
