//! How the program ends: one code for each kind of trouble, and an error that says what to do.

use std::fmt;
use std::process::ExitCode;

/// What the help says of exit codes.
pub(crate) const HELP: &str = "\
Exit codes:
  0  done
  1  the rules refused it, or a check found something: nothing was changed
  2  the command line, the configuration or an input file is wrong
  3  the machine stood in the way: a file, a port, a locked or damaged data directory, a peer";

/// What kind of trouble ended the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A refusal by the rules, or a finding of a check.
    Refused = 1,
    /// Something the caller wrote.
    Input = 2,
    /// Something about the machine or a peer.
    Machine = 3,
}

/// Says which kind of trouble an error is; without it an error counts as the machine's.
#[derive(Debug)]
pub(crate) struct Trouble {
    kind: Kind,
    source: anyhow::Error,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.source)
    }
}

impl std::error::Error for Trouble {}

/// Marks errors with their kind.
pub(crate) trait Marked<T> {
    /// This error is of that kind.
    fn kind(self, kind: Kind) -> anyhow::Result<T>;
}

impl<T, E: Into<anyhow::Error>> Marked<T> for Result<T, E> {
    fn kind(self, kind: Kind) -> anyhow::Result<T> {
        self.map_err(|error| {
            Trouble {
                kind,
                source: error.into(),
            }
            .into()
        })
    }
}

/// An error of a kind, in words.
pub(crate) fn trouble(kind: Kind, message: impl fmt::Display) -> anyhow::Error {
    Trouble {
        kind,
        source: anyhow::anyhow!("{message}"),
    }
    .into()
}

/// Writes the error to standard error and gives its code.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("trustnet: {error:#}");
    ExitCode::from(kind_of(error) as u8)
}

fn kind_of(error: &anyhow::Error) -> Kind {
    error
        .chain()
        .find_map(|cause| cause.downcast_ref::<Trouble>())
        .map_or(Kind::Machine, |trouble| trouble.kind)
}
