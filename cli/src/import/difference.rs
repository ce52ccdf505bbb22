//! What a call changes, entry by entry, in the words of the files it came from.

use super::{Finding, Kind};
use domain::time::Instant;
use domain::value::{OrganisationOid, ShortText};
use domain::{Blocker, Environment, Event, IntegrationId, Network, ServiceId, Warning, warnings};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// What becomes of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(crate) enum What {
    /// It was not known.
    Added,
    /// It is known and differs.
    Changed,
    /// It was inactive and comes back.
    Reactivated,
    /// It goes out of use.
    Inactivated,
}

impl What {
    /// The mark before its line.
    pub(crate) fn mark(self) -> char {
        match self {
            Self::Added => '+',
            Self::Changed => '~',
            Self::Reactivated => '^',
            Self::Inactivated => '-',
        }
    }
}

/// One entry that changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change {
    /// What becomes of it.
    pub(crate) what: What,
    /// What kind of entry it is.
    pub(crate) kind: Kind,
    /// Its identifier in its system; none for what the import made by itself.
    pub(crate) id: Option<String>,
    /// The file it stands in; none where no file of the call has it.
    pub(crate) file: Option<Arc<str>>,
    /// Where it lives.
    pub(crate) environment: Option<Environment>,
    /// Whose it is.
    pub(crate) organisation: Option<OrganisationOid>,
    /// The names of the events.
    pub(crate) events: Vec<&'static str>,
}

/// Where the entries of a call stand.
pub(crate) type Files = BTreeMap<(Kind, ShortText), Arc<str>>;

/// What the events of a call do.
pub(crate) struct Difference {
    /// The network with the events taken in.
    pub(crate) after: Network,
    /// The entries that change, in the order in which they do.
    pub(crate) changes: Vec<Change>,
    /// The organisations that are accepted as members.
    pub(crate) members: Vec<OrganisationOid>,
}

impl Difference {
    /// The difference that `events` make to `before`.
    pub(crate) fn of(before: &Network, events: &[Event], now: Instant, files: &Files) -> Self {
        let mut after = before.clone();
        let mut order = Vec::new();
        let mut by_stream: BTreeMap<domain::Stream, Vec<&'static str>> = BTreeMap::new();
        for event in events {
            let stream = event.stream();
            if !by_stream.contains_key(&stream) {
                order.push(stream.clone());
            }
            by_stream.entry(stream).or_default().push(event.name());
            after.apply(event, now);
        }
        let mut difference = Self {
            after,
            changes: Vec::new(),
            members: Vec::new(),
        };
        for stream in order {
            let names = by_stream.remove(&stream).unwrap_or_default();
            difference.stream(&stream, names, files);
        }
        difference
    }

    fn stream(&mut self, stream: &domain::Stream, events: Vec<&'static str>, files: &Files) {
        let uuid = || {
            stream
                .key
                .rsplit(':')
                .next()
                .and_then(|id| id.parse::<Uuid>().ok())
        };
        let what = what(&events);
        let change = match (stream.kind, uuid()) {
            ("integration", Some(id)) => {
                let Some(row) = self.after.integrations.get(IntegrationId(id)) else {
                    return;
                };
                let kind = if row.home().is_some() {
                    Kind::Home
                } else {
                    Kind::Client
                };
                let environment = Some(row.environment);
                let organisation = Some(row.organisation.clone());
                (kind, row.legacy_id.clone(), environment, organisation)
            }
            ("service", Some(id)) => {
                let Some(row) = self.after.services.get(ServiceId(id)) else {
                    return;
                };
                (
                    Kind::Set,
                    row.legacy_id.clone(),
                    row.environment,
                    row.organisation.clone(),
                )
            }
            ("organisation", _) => {
                let id = ShortText::parse(&stream.key).ok();
                (Kind::Organisation, id, None, None)
            }
            ("member", _) => {
                self.members.extend(stream.key.parse().ok());
                return;
            }
            _ => return,
        };
        let (kind, id, environment, organisation) = change;
        let file = id
            .as_ref()
            .and_then(|id| files.get(&(kind, id.clone())).cloned());
        let id = id.map(|id| id.to_string());
        self.changes.push(Change {
            what,
            kind,
            id,
            file,
            environment,
            organisation,
            events,
        });
    }

    /// What compliance will show of the entries of the call.
    pub(crate) fn compliance(&self, files: &Files, now: Instant) -> Vec<Finding> {
        let mut found = Vec::new();
        for ((kind, id), file) in files {
            let integrations = &self.after.integrations;
            let integration = match kind {
                Kind::Home => integrations.home_by_legacy_id(id),
                Kind::Client => integrations.client_by_legacy_id(id),
                _ => None,
            };
            let Some(integration) = integration else {
                continue;
            };
            // Several certificates of one entry may be worth the same words.
            let mut said = BTreeSet::new();
            for warning in warnings(&self.after, integration, now) {
                let Some((code, message)) = words(&self.after, &warning) else {
                    continue;
                };
                if said.insert((code, message.clone())) {
                    found.push(Finding {
                        file: Arc::clone(file),
                        kind: *kind,
                        id: Some(id.to_string()),
                        field: String::new(),
                        code: code.to_owned(),
                        message,
                    });
                }
            }
        }
        found
    }
}

fn what(events: &[&str]) -> What {
    let any = |end: &str| events.iter().any(|name| name.ends_with(end));
    if any("Registered") || any("Created") || any("Recorded") {
        What::Added
    } else if any("Reactivated") {
        What::Reactivated
    } else if any("Inactivated") || any("Closed") {
        What::Inactivated
    } else {
        What::Changed
    }
}

/// A warning in words; none for what the reading of the file says better.
fn words(network: &Network, warning: &Warning) -> Option<(&'static str, String)> {
    Some(match warning {
        Warning::Blocked(blocker) => (
            "NOT_ROUTABLE",
            format!("recorded, and does not route: {}", why(*blocker)),
        ),
        Warning::NotAMember => {
            let message =
                "recorded, and does not route: its organisation is no member in that role";
            ("NOT_A_MEMBER", message.to_owned())
        }
        Warning::CertificateNotYetValid { from } => (
            "CERTIFICATE_NOT_YET_VALID",
            format!("a certificate is valid from {from} on"),
        ),
        Warning::CertificateExpired { at } => (
            "CERTIFICATE_EXPIRED",
            format!("a certificate expired at {at}"),
        ),
        Warning::CertificateExpiresSoon { at } => (
            "CERTIFICATE_EXPIRES_SOON",
            format!("a certificate expires at {at}"),
        ),
        Warning::ClientKeyExpires { on } => (
            "CLIENT_KEY_EXPIRES",
            format!("the client key is valid until {on}"),
        ),
        Warning::SchoolsOverlap { with } => {
            let other = network
                .integrations
                .get(*with)
                .and_then(|row| row.legacy_id.clone());
            let other = other.map_or_else(|| with.to_string(), |id| id.to_string());
            (
                "SCHOOLS_OVERLAP",
                format!("a school leads to the integration {other} too"),
            )
        }
        Warning::ServiceOfAnotherEnvironment => (
            "SET_OF_ANOTHER_ENVIRONMENT",
            "its set is of another environment".to_owned(),
        ),
        Warning::UnknownClientsPermitted(names) => {
            let names: Vec<&str> = names.iter().map(ShortText::as_str).collect();
            let names = names.join(", ");
            (
                "UNKNOWN_CLIENTS_PERMITTED",
                format!("permits clients that nobody knows: {names}"),
            )
        }
        Warning::ServiceWithoutOrganisation | Warning::UnknownFields(_) => return None,
    })
}

/// What keeps an integration from routing, in words.
fn why(blocker: Blocker) -> &'static str {
    match blocker {
        Blocker::SecretMissing => "its secret is not known; set it",
        Blocker::ClientIdMissing => "the client id that its source gave to the proxy is not known",
        Blocker::MetadataMissing => "the metadata of its identity provider were not read yet",
        Blocker::NotServed => {
            "it is registered for HS256 or client_secret_jwt, which need its secret in clear"
        }
        Blocker::ServiceInactive => "its service was withdrawn",
        Blocker::NotForDemo => {
            "its service is neither free nor freemium, which the environment demo asks for"
        }
    }
}
