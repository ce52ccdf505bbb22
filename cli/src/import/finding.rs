//! What is wrong with an input, or worth knowing about it: by file, identifier and field.

use domain::{ImportKind, LeftEntry};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;

/// What kind of entry a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum Kind {
    /// A file as a whole.
    File,
    /// A set of clients: `integrationGroups`.
    Set,
    /// A client of a service: `services`.
    Client,
    /// A home organisation's integration: `identityProviders`.
    Home,
    /// An organisation of the register.
    Organisation,
}

impl Kind {
    /// Its name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Set => "set",
            Self::Client => "service",
            Self::Home => "home organisation",
            Self::Organisation => "organisation",
        }
    }

    /// The kind as the network's command names it.
    pub(crate) fn imported(self) -> Option<ImportKind> {
        match self {
            Self::Set => Some(ImportKind::Set),
            Self::Client => Some(ImportKind::Client),
            Self::Home => Some(ImportKind::Home),
            Self::File | Self::Organisation => None,
        }
    }
}

impl From<ImportKind> for Kind {
    fn from(kind: ImportKind) -> Self {
        match kind {
            ImportKind::Set => Self::Set,
            ImportKind::Client => Self::Client,
            ImportKind::Home => Self::Home,
        }
    }
}

/// One thing that was found in an input. It never holds a value of the input, which may be secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    /// The file.
    pub(crate) file: Arc<str>,
    /// What it is about.
    pub(crate) kind: Kind,
    /// The entry's identifier in its system, where it has one.
    pub(crate) id: Option<String>,
    /// The path of the field, as the file names it; empty where the entry as a whole is meant.
    pub(crate) field: String,
    /// A stable upper-case code.
    pub(crate) code: String,
    /// What is wrong, and what is expected.
    pub(crate) message: String,
}

impl Finding {
    /// Something about a file as a whole.
    pub(crate) fn of_file(file: &Arc<str>, code: &str, message: String) -> Self {
        Self {
            file: Arc::clone(file),
            kind: Kind::File,
            id: None,
            field: String::new(),
            code: code.to_owned(),
            message,
        }
    }

    /// What the network says of an entry that came from `file`.
    pub(crate) fn of_left(file: Arc<str>, left: LeftEntry) -> Self {
        Self {
            file,
            kind: left.kind.into(),
            id: Some(left.legacy_id.to_string()),
            field: left.field,
            code: left.code,
            message: left.message,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if self.kind != Kind::File {
            write!(
                f,
                ", {} {}",
                self.kind.name(),
                self.id.as_deref().unwrap_or("without id")
            )?;
        }
        if !self.field.is_empty() {
            write!(f, ", {}", self.field)?;
        }
        write!(f, ": {} ({})", self.message, self.code)
    }
}
