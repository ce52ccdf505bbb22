//! The organisation service's answers (domain facts F.8): one organisation, or a hierarchy of them
//! with what lies below each.
//!
//! Of an answer only what the register keeps is read; contact details and everything else the
//! service says are passed over. An identifier or a name that cannot be read refuses the whole
//! answer, for an organisation that is left out would look like one that was closed.

use super::difference::Difference;
use super::fields::{Entry, Fields};
use super::json::{self, Node};
use super::report::{Report, Verdict};
use super::target::{Done, Local, NOTHING, Target, give_to, new_command};
use super::{Finding, Kind, Progress};
use domain::value::{
    BusinessId, InstitutionType, LanguageText, MunicipalityCode, OrganisationOid, SchoolCode,
    ShortText, WebAddress,
};
use domain::{Command, OrganisationDescription, OrganisationEntry, RecordOrganisations};
use reqwest::redirect;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// How long the service may take: its whole hierarchy is large.
const TIMEOUT: Duration = Duration::from_mins(2);
/// The largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 128 * 1024 * 1024;
/// How often the service may send the request on, always to itself.
const REDIRECTS_MAX: usize = 5;
/// By what the service knows its callers.
const CALLER: &str = "trustnet";
/// The answers of a search list what matches it, and nothing can be said of the rest.
const NARROWING: [&str; 6] = [
    "searchStr",
    "organisaatiotyyppi",
    "oppilaitostyyppi",
    "kunta",
    "vuosiluokka",
    "oidRestrictionList",
];

/// What an answer says, and of what.
pub(crate) struct Answer {
    /// The organisations, at any depth.
    pub(crate) organisations: Vec<OrganisationEntry>,
    /// Whether it is a hierarchy.
    pub(crate) hierarchy: bool,
    /// What refuses the answer.
    pub(crate) errors: Vec<Finding>,
    /// What was left out of an organisation that is taken.
    pub(crate) warnings: Vec<Finding>,
}

/// Of what an answer speaks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// Whether it lists all there are: whatever it leaves out is then closed.
    pub(crate) complete: bool,
    /// The organisation under which it does.
    pub(crate) under: Option<OrganisationOid>,
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The address is neither https nor of this machine.
    #[error("the address is not https")]
    Address,
    /// The client could not be made.
    #[error("making the client failed")]
    Client(#[source] reqwest::Error),
    /// The service was not reached, or stopped answering.
    #[error("asking the organisation service failed")]
    Asking(#[source] reqwest::Error),
    /// It answered with a status that is no success; it never is sent elsewhere.
    #[error("the organisation service answered with status {0}")]
    Status(u16),
    /// The answer is too long.
    #[error("the answer has more than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
}

/// Fetches an answer. Redirects are followed only where they stay at the same service.
pub(crate) async fn fetch(url: &Url) -> Result<Vec<u8>, FetchError> {
    if WebAddress::parse(url.as_str()).is_err() {
        return Err(FetchError::Address);
    }
    let policy = redirect::Policy::custom(|attempt| {
        let here = attempt.previous().last().map(Url::origin);
        let stays = here.is_some_and(|here| here == attempt.url().origin());
        if stays && attempt.previous().len() <= REDIRECTS_MAX {
            attempt.follow()
        } else {
            attempt.stop()
        }
    });
    let client = reqwest::Client::builder()
        .redirect(policy)
        .timeout(TIMEOUT)
        .build()
        .map_err(FetchError::Client)?;
    let request = client.get(url.clone()).header("Caller-Id", CALLER);
    let request = request.header(reqwest::header::ACCEPT, "application/json");
    let mut answer = request.send().await.map_err(FetchError::Asking)?;
    if !answer.status().is_success() {
        return Err(FetchError::Status(answer.status().as_u16()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(FetchError::Asking)? {
        if bytes.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(FetchError::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// Of what the answer of this address speaks: a hierarchy that no search narrows is all there is,
/// or all there is under the organisation that was asked about.
pub(crate) fn scope_of(url: &Url, answer: &Answer) -> Scope {
    let asked = |name: &str| {
        let found = url
            .query_pairs()
            .find(|(own, value)| own == name && !value.is_empty());
        found.map(|(_, value)| value.into_owned())
    };
    let narrowed = NARROWING.iter().any(|name| asked(name).is_some());
    let active_left_out = asked("aktiiviset").is_some_and(|value| value != "true");
    let under = asked("oid").map(|oid| OrganisationOid::parse(&oid));
    match under {
        Some(Err(_)) => Scope::default(),
        _ if !answer.hierarchy || narrowed || active_left_out => Scope::default(),
        Some(Ok(under)) => Scope {
            complete: true,
            under: Some(under),
        },
        None => Scope {
            complete: true,
            under: None,
        },
    }
}

/// Reads an answer of either shape.
pub(crate) fn read(name: &Arc<str>, bytes: &[u8]) -> Answer {
    let mut answer = Answer {
        organisations: Vec::new(),
        hierarchy: false,
        errors: Vec::new(),
        warnings: Vec::new(),
    };
    let broken = |code: &str, message: String| Finding::of_file(name, code, message);
    let node = match json::read(bytes) {
        Ok(node) => node,
        Err(why) => {
            answer.errors.push(broken("BROKEN_JSON", why));
            return answer;
        }
    };
    let whole = Entry::new(name, Kind::File);
    if let Some(fields) = Fields::of(&whole, String::new(), &node) {
        if fields.get("organisaatiot").is_some() {
            answer.hierarchy = true;
            let top = fields.list("organisaatiot");
            for (_, node) in top {
                answer.take(name, node);
            }
            let hits = fields.number("numHits");
            let listed = answer.organisations.len() as u64;
            if answer.errors.is_empty() && hits.is_some_and(|hits| hits > listed) {
                let message = "the answer lists fewer organisations than it counts";
                whole.error("numHits", "INCOMPLETE", message);
            }
        } else if fields.get("oid").is_some() {
            answer.take(name, &node);
            // The organisation itself said what is wrong with its fields.
            whole.findings();
        } else {
            let message = "expected one organisation, or a hierarchy under `organisaatiot`";
            whole.error("", "NOT_AN_ANSWER", message);
        }
    }
    let (errors, _) = whole.findings();
    answer.errors.extend(errors);
    answer
}

impl Answer {
    /// Takes one organisation in, and everything below it.
    fn take(&mut self, file: &Arc<str>, node: &Node) {
        let entry = Entry::new(file, Kind::Organisation);
        if let Some(fields) = Fields::of(&entry, String::new(), node) {
            let organisation = organisation(&fields);
            // The service repeats the children as `subRows`.
            let children = fields.list("children");
            let below = if children.is_empty() {
                fields.list("subRows")
            } else {
                children
            };
            self.organisations.extend(organisation);
            for (_, node) in below {
                self.take(file, node);
            }
        }
        let (errors, warnings) = entry.findings();
        self.errors.extend(errors);
        self.warnings.extend(warnings);
    }
}

fn organisation(fields: &Fields<'_>) -> Option<OrganisationEntry> {
    let entry = fields.entry();
    let oid: Option<OrganisationOid> = fields.needed("oid");
    if let Some(oid) = &oid {
        entry.identify(oid.as_str());
    }
    let active = match fields.text("status").as_deref() {
        None | Some("AKTIIVINEN") => Some(true),
        // What is planned is not in operation yet.
        Some("PASSIIVINEN" | "SUUNNITELTU" | "POISTETTU") => Some(false),
        Some(_) => {
            let message = "expected AKTIIVINEN, PASSIIVINEN, SUUNNITELTU or POISTETTU";
            entry.error("status", "STATUS_UNKNOWN", message);
            None
        }
    };
    let name = name(fields);
    let kind: Option<InstitutionType> = lenient(fields, "oppilaitostyyppi", str::to_owned);
    let kind = kind.or_else(|| lenient(fields, "oppilaitosTyyppiUri", str::to_owned));
    let description = OrganisationDescription {
        business_id: lenient::<BusinessId>(fields, "ytunnus", str::to_owned),
        types: types(fields),
        institution_type: kind,
        school_code: lenient::<SchoolCode>(fields, "oppilaitosKoodi", str::to_owned),
        municipality: municipality(fields),
        parent: fields.value("parentOid"),
        name: name?,
    };
    Some(OrganisationEntry {
        organisation: oid?,
        description,
        active: active?,
    })
}

/// The name; where it has no Finnish one, another stands in its place.
fn name(fields: &Fields<'_>) -> Option<LanguageText> {
    let entry = fields.entry();
    let given = fields.needed_object("nimi")?;
    let [fi, sv, en] = ["fi", "sv", "en"].map(|language| given.text(language));
    let Some(first) = fi.as_deref().or(sv.as_deref()).or(en.as_deref()) else {
        entry.error("nimi", "MISSING", "the organisation has no name");
        return None;
    };
    let name = LanguageText::from_parts(first, sv.as_deref(), en.as_deref());
    name.map_err(|invalid| entry.invalid("nimi", invalid)).ok()
}

/// A value that is left out where it cannot be read: the register lives without it.
fn lenient<T: std::str::FromStr<Err = domain::value::Invalid>>(
    fields: &Fields<'_>,
    name: &'static str,
    form: impl Fn(&str) -> String,
) -> Option<T> {
    let text = fields.text(name)?;
    match form(&text).parse() {
        Ok(value) => Some(value),
        Err(invalid) => {
            let message = format!("{invalid}; left out");
            fields
                .entry()
                .warn(name, &invalid.code.to_uppercase(), message);
            None
        }
    }
}

/// The types, as the service writes them; both shapes have a name of their own for them.
fn types(fields: &Fields<'_>) -> Vec<ShortText> {
    let mut types: Vec<ShortText> = Vec::new();
    for name in ["tyypit", "organisaatiotyypit"] {
        for kind in fields.values::<ShortText>(name) {
            if !types.contains(&kind) {
                types.push(kind);
            }
        }
    }
    types.sort_unstable();
    types
}

/// The municipality; organisations abroad have none.
fn municipality(fields: &Fields<'_>) -> Option<MunicipalityCode> {
    let text = fields.text("kotipaikkaUri")?;
    if !text.starts_with("kunta_") {
        return None;
    }
    let code = |text: &str| {
        let code = text.trim_start_matches("kunta_");
        code.split('#').next().unwrap_or_default().to_owned()
    };
    lenient(fields, "kotipaikkaUri", code)
}

/// Records an answer, or says what it would change.
pub(crate) async fn record(
    target: &Target,
    answer: Answer,
    scope: Scope,
    dry_run: bool,
) -> anyhow::Result<Report> {
    let mut report = Report::new(Verdict::Invalid);
    report.warnings = answer.warnings;
    report.refused = answer.errors;
    if !report.refused.is_empty() {
        return Ok(report);
    }
    let command = RecordOrganisations {
        organisations: answer.organisations,
        complete: scope.complete,
        under: scope.under,
    };
    let id = new_command();
    let _progress = Progress::step("recording organisations");
    let done = match target {
        Target::Server(server, _) => give_to(server, "RecordOrganisations", id, &command).await?,
        Target::Local(local) => {
            let command = Command::from(command);
            if let Some(ended) = decide(local, &command, id, dry_run, &mut report) {
                ended
            } else {
                local.give(command, id).await?
            }
        }
    };
    match done {
        Done::Recorded(positions) => {
            report.verdict = if dry_run {
                Verdict::WouldRecord
            } else {
                Verdict::Recorded
            };
            report.positions = positions;
        }
        Done::Nothing => report.verdict = Verdict::NothingToRecord,
        Done::Refused(refused) => {
            report.verdict = Verdict::Refused;
            report.recorded = None;
            report.refusal = Some(refused);
        }
    }
    Ok(report)
}

/// What the command leads to; the outcome, where nothing is to be given.
fn decide(
    local: &Local,
    command: &Command,
    id: domain::CommandId,
    dry_run: bool,
    report: &mut Report,
) -> Option<Done> {
    let decided = local.decide(command, id);
    match decided.outcome {
        Err(refused) if refused.code == NOTHING => {
            report.recorded = Some(Vec::new());
            Some(Done::Nothing)
        }
        Err(refused) => Some(Done::Refused(refused)),
        Ok(events) => {
            let difference =
                Difference::of(&decided.before.1, &events, decided.now, &BTreeMap::new());
            report.recorded = Some(difference.changes);
            dry_run.then_some(Done::Recorded(None))
        }
    }
}
