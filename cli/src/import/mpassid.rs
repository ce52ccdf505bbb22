//! The loading files of the management service (domain facts F.6): identity providers, services
//! and integration groups, as many of each in a file as it likes.
//!
//! All files of a call are read before anything is judged, and everything that is wrong is said at
//! once. What is read here is typed; whether it may stand beside what is recorded, the network
//! decides.

pub(crate) mod call;
mod client;
mod home;
mod repeats;
mod set;

use super::fields::{Entry, Fields};
use super::json::{self, Node};
use super::{Finding, Kind, Progress};
use domain::value::{OrganisationOid, ShortText};
use domain::{Environment, ImportedClient, ImportedHome, ImportedSet};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What one file says: its name as it was given, and its octets.
pub(crate) struct Source {
    /// The name.
    pub(crate) name: Arc<str>,
    /// What stands in it.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
}

/// One entry of a file.
struct Item<T> {
    /// Everything that was found about it.
    entry: Entry,
    /// Its identifier, where it can be read.
    id: Option<ShortText>,
    /// What it says, where that can be read.
    value: Option<T>,
}

/// What every kind of entry tells of itself when it was read whole.
trait Read {
    /// Where the names of the fields go that nothing here has a place for.
    fn unknown_fields(&mut self) -> &mut Vec<ShortText>;
}

impl Read for ImportedSet {
    fn unknown_fields(&mut self) -> &mut Vec<ShortText> {
        &mut self.unknown_fields
    }
}

impl Read for ReadClient {
    fn unknown_fields(&mut self) -> &mut Vec<ShortText> {
        &mut self.client.unknown_fields
    }
}

impl Read for ImportedHome {
    fn unknown_fields(&mut self) -> &mut Vec<ShortText> {
        &mut self.unknown_fields
    }
}

/// A client with the secret that its file shows.
pub(crate) struct ReadClient {
    /// What the file says.
    pub(crate) client: ImportedClient,
    /// Its secret in clear; only its hash goes further.
    pub(crate) secret: Option<Zeroizing<String>>,
}

/// Everything that the files of a call say.
pub(crate) struct Reading {
    /// Sets, without the unusable ones.
    pub(crate) sets: Vec<ImportedSet>,
    /// Clients, without the unusable ones.
    pub(crate) clients: Vec<ReadClient>,
    /// Home organisations' integrations, without the unusable ones.
    pub(crate) homes: Vec<ImportedHome>,
    /// What is unusable, and why.
    pub(crate) errors: Vec<Finding>,
    /// What is taken nevertheless.
    pub(crate) warnings: Vec<Finding>,
    /// Which file each entry stands in.
    pub(crate) files: BTreeMap<(Kind, ShortText), Arc<str>>,
    /// The unusable entries that can be named: they are in the files, and so are not lacking.
    pub(crate) unusable: BTreeSet<(Kind, ShortText)>,
    /// Whether something is so broken that nobody can say which entries it holds.
    pub(crate) incomplete: bool,
}

/// The entries of all files.
#[derive(Default)]
struct Items {
    sets: Vec<Item<ImportedSet>>,
    clients: Vec<Item<ReadClient>>,
    homes: Vec<Item<ImportedHome>>,
}

/// Reads all files of a call.
pub(crate) fn read(sources: &[Source]) -> Reading {
    let mut items = Items::default();
    let mut errors = Vec::new();
    let mut warnings = Vec::new();
    let mut incomplete = false;
    let progress = Progress::of(sources.len(), "reading files");
    for source in sources {
        if let Err(error) = file(source, &mut items, &mut warnings) {
            incomplete = true;
            errors.push(error);
        }
        progress.next();
    }
    repeats::mark(items.sets.iter().map(|item| &item.entry));
    repeats::mark(items.clients.iter().map(|item| &item.entry));
    repeats::mark(items.homes.iter().map(|item| &item.entry));
    let mut reading = Reading {
        sets: Vec::new(),
        clients: Vec::new(),
        homes: Vec::new(),
        errors,
        warnings,
        files: BTreeMap::new(),
        unusable: BTreeSet::new(),
        incomplete,
    };
    reading.sets = reading.take(items.sets);
    reading.clients = reading.take(items.clients);
    reading.homes = reading.take(items.homes);
    let order = |finding: &Finding| {
        sources
            .iter()
            .position(|source| source.name == finding.file)
    };
    reading.errors.sort_by_key(order);
    reading.warnings.sort_by_key(order);
    reading
}

impl Reading {
    /// The usable ones of these entries; what was found about all of them is kept.
    fn take<T>(&mut self, items: Vec<Item<T>>) -> Vec<T> {
        let mut usable = Vec::new();
        for item in items {
            let (kind, file) = (item.entry.kind(), item.entry.file());
            match &item.id {
                Some(id) => {
                    self.files.insert((kind, id.clone()), file);
                }
                None => self.incomplete = true,
            }
            if item.entry.is_good() {
                usable.extend(item.value);
            } else if let Some(id) = item.id {
                self.unusable.insert((kind, id));
            }
            let (errors, warnings) = item.entry.findings();
            self.errors.extend(errors);
            self.warnings.extend(warnings);
        }
        usable
    }
}

/// Reads one file into `items`; the error is about the file as a whole.
fn file(source: &Source, items: &mut Items, warnings: &mut Vec<Finding>) -> Result<(), Finding> {
    let name = &source.name;
    let broken = |code: &str, message: &str| Finding::of_file(name, code, message.to_owned());
    let node = json::read(&source.bytes).map_err(|why| broken("BROKEN_JSON", &why))?;
    let whole = Entry::new(name, Kind::File);
    let fields = Fields::of(&whole, String::new(), &node);
    let lists = fields.map(|fields| {
        let lists = Lists {
            sets: fields.list("integrationGroups"),
            clients: fields.list("services"),
            homes: fields.list("identityProviders"),
            any: ["integrationGroups", "services", "identityProviders"]
                .into_iter()
                .any(|list| fields.names().any(|name| name == list)),
        };
        fields.finish();
        lists
    });
    let (mut errors, unknown) = whole.findings();
    warnings.extend(unknown);
    if !errors.is_empty() {
        return Err(errors.swap_remove(0));
    }
    let lists = lists.filter(|lists| lists.any).ok_or_else(|| {
        let message = "expected one of the lists identityProviders, services, integrationGroups";
        broken("NOT_A_LOADING_FILE", message)
    })?;
    let entry = |kind| Entry::new(name, kind);
    items.sets.extend(
        lists
            .sets
            .iter()
            .map(|(_, node)| item(entry(Kind::Set), node, set::read)),
    );
    let clients = lists.clients.iter();
    items
        .clients
        .extend(clients.map(|(_, node)| item(entry(Kind::Client), node, client::read)));
    let homes = lists.homes.iter();
    items
        .homes
        .extend(homes.map(|(_, node)| item(entry(Kind::Home), node, home::read)));
    Ok(())
}

/// The lists of a file.
struct Lists<'a> {
    sets: Vec<(String, &'a Node)>,
    clients: Vec<(String, &'a Node)>,
    homes: Vec<(String, &'a Node)>,
    any: bool,
}

/// What the entries of all kinds begin with.
struct Head {
    id: Option<ShortText>,
    environment: Option<Environment>,
    organisation: Option<OrganisationOid>,
}

/// Reads one entry with the reader of its kind.
fn item<T: Read>(
    entry: Entry,
    node: &Node,
    read: impl FnOnce(&Fields<'_>, &Head) -> Option<T>,
) -> Item<T> {
    let (mut id, mut value) = (None, None);
    if let Some(fields) = Fields::of(&entry, String::new(), node) {
        let head = head(&fields);
        value = read(&fields, &head);
        fields.finish();
        if let Some(value) = &mut value {
            *value.unknown_fields() = entry.unknown_fields();
        }
        id = head.id;
    }
    if value.is_none() && entry.is_good() {
        // No reader gives up without a word; should one do so, the entry is not lost with it.
        entry.error("", "UNREADABLE", "this entry cannot be read");
    }
    Item { entry, id, value }
}

fn head(fields: &Fields<'_>) -> Head {
    let entry = fields.entry();
    let number = fields.number("id");
    let id = number.and_then(|number| ShortText::parse(&number.to_string()).ok());
    // Only a missing one; of one that is no number the field itself said so.
    if fields.filled("id").is_none() {
        entry.error("id", "MISSING", "every entry needs its id");
    }
    if let Some(id) = &id {
        entry.identify(id.as_str());
        entry.claim("id", id.to_string());
    }
    Head {
        id,
        environment: environment(fields),
        organisation: organisation(fields),
    }
}

/// The environment by its number; an entry without one is a test.
fn environment(fields: &Fields<'_>) -> Option<Environment> {
    const FIELD: &str = "deploymentPhase";
    match fields.filled(FIELD) {
        None => {
            let message = "no deployment phase: taken as test";
            fields.entry().warn(FIELD, "ENVIRONMENT_ASSUMED", message);
            Some(Environment::Test)
        }
        Some(_) => match fields.number(FIELD)? {
            0 => Some(Environment::Test),
            1 => Some(Environment::Production),
            2 => Some(Environment::Preproduction),
            _ => {
                let message = "expected 0 (test), 1 (production) or 2 (preproduction)";
                fields.entry().error(FIELD, "DEPLOYMENT_PHASE", message);
                None
            }
        },
    }
}

/// The organisation's identifier; its name and business id stand in the register.
fn organisation(fields: &Fields<'_>) -> Option<OrganisationOid> {
    let organisation = fields.object("organization")?;
    organisation.known(&["name", "businessId", "ytunnus"]);
    let oid = organisation.value("oid");
    organisation.finish();
    oid
}

/// The organisation of an entry that cannot be without one.
fn needed_organisation(fields: &Fields<'_>, head: &Head) -> Option<OrganisationOid> {
    let oid = fields.get("organization").and_then(|node| match node {
        Node::Object(own) => own
            .iter()
            .find(|(name, _)| name == "oid")
            .map(|(_, oid)| oid),
        _ => Some(node),
    });
    let absent = match oid {
        None | Some(Node::Null) => true,
        Some(Node::Text(text)) => text.trim().is_empty(),
        Some(_) => false,
    };
    if absent {
        fields
            .entry()
            .error("organization.oid", "MISSING", "this field is needed");
    }
    head.organisation.clone()
}

/// A text that stands for a secret without being one.
fn is_masked(text: &str) -> bool {
    text.contains("***")
}
