//! The four annexes, each edition replacing the earlier one of its number whole, and what an
//! edition selects: the data model's version, the self-audit's questions (domain facts J.5).

use super::not_too_far;
use crate::data_model::Version;
use crate::time::{Date, Instant};
use crate::value::{DocumentReference, LanguageText, ShortText};
use crate::{AmendmentId, Context, Decide, Decision, Evolve, Network, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Questions in one questionnaire, at most.
const QUESTIONS_MAX: usize = 100;
/// Octets in all the texts of one questionnaire, at most: an event holds 64 KiB, with the description of an amendment in it.
const QUESTIONNAIRE_OCTETS_MAX: usize = 24_000;

/// Which annex it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AnnexNumber {
    /// Annex 1: self-audit, first identification, what a provider's services must meet.
    SelfAudit,
    /// Annex 2: rules of use for end users.
    RulesOfUse,
    /// Annex 3: the data model.
    DataModel,
    /// Annex 4: the operator's services and their level.
    Services,
}

impl AnnexNumber {
    /// Every annex, in the order of the numbers.
    pub const ALL: [Self; 4] = [
        Self::SelfAudit,
        Self::RulesOfUse,
        Self::DataModel,
        Self::Services,
    ];

    /// The number under which the agreement knows it, 1–4.
    pub fn number(self) -> u8 {
        match self {
            Self::SelfAudit => 1,
            Self::RulesOfUse => 2,
            Self::DataModel => 3,
            Self::Services => 4,
        }
    }
}

/// One question of a self-audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Question {
    /// The question's own name, by which an answer refers to it; unique in the questionnaire.
    pub key: ShortText,
    /// The question.
    pub text: LanguageText,
    /// Whether a report without an answer to it is incomplete.
    pub required: bool,
}

/// The questions of a self-audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Questionnaire {
    /// Whether the questions are sample content, made up because the annex's own are not known
    /// (domain facts D.1).
    pub sample: bool,
    /// One to a hundred questions, in the order in which they are asked.
    pub questions: Vec<Question>,
}

/// What an edition of an annex selects beyond its text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AnnexSelection {
    /// Annex 1: the questions of the self-audit.
    Questionnaire(Questionnaire),
    /// Annex 3: the version of the data model.
    DataModel(Version),
}

/// A time for which a service may stay on the version of the data model that was replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// Its last day.
    pub last_day: Date,
    /// 24:00 of that day in the network's zone.
    pub until: Instant,
}

/// One edition of an annex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnnexEdition {
    /// Its version, unique among the editions of its number.
    pub version: ShortText,
    /// Its title.
    pub title: LanguageText,
    /// Its whole text.
    pub document: DocumentReference,
    /// What it selects.
    pub selects: Option<AnnexSelection>,
    /// The day on which it enters into force.
    pub enters_on: Date,
    /// The instant from which it is in force.
    pub enters_at: Instant,
    /// Until when a service may stay on the data model that it replaces.
    pub transition: Option<Transition>,
    /// The amendment that brought it; none where it was published with the agreement.
    pub amendment: Option<AmendmentId>,
}

impl AnnexEdition {
    /// The version of the data model that it selects.
    pub fn data_model(&self) -> Option<Version> {
        match self.selects {
            Some(AnnexSelection::DataModel(version)) => Some(version),
            _ => None,
        }
    }
}

/// Publishes an edition of an annex with the agreement: the first of its number, or one that
/// entered into force before the ledger's founding. All others come by amendment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublishAnnex {
    /// Which annex it is.
    pub annex: AnnexNumber,
    /// The version of this edition, unique among the editions of its number.
    pub version: ShortText,
    /// Its title.
    pub title: LanguageText,
    /// Its whole text.
    pub document: DocumentReference,
    /// What it selects; needed for annexes 1 (questions) and 3 (data model), impossible for
    /// the others.
    #[serde(default)]
    pub selects: Option<AnnexSelection>,
    /// The first day on which it is in force.
    pub valid_from: Date,
    /// The last day on which a service may stay on the data model that it replaces; annex 3 only.
    #[serde(default)]
    pub transition_last_day: Option<Date>,
}

/// An edition of an annex was published with the agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AnnexPublished {
    /// Which annex it is.
    pub annex: AnnexNumber,
    /// The edition.
    pub edition: AnnexEdition,
}

/// Refuses a selection that does not belong to the annex, or that cannot be.
pub(super) fn check_selection(
    annex: AnnexNumber,
    selects: Option<&AnnexSelection>,
) -> Result<(), Rejection> {
    let wrong = |message: &'static str, remedy: &'static str| {
        Rejection::new("SELECTION_INVALID", message)
            .field("selects")
            .remedy(remedy)
            .rule("our decision, domain facts J.5")
    };
    match (annex, selects) {
        (AnnexNumber::SelfAudit, Some(AnnexSelection::Questionnaire(questionnaire))) => {
            check_questionnaire(questionnaire)
        }
        (AnnexNumber::DataModel, Some(AnnexSelection::DataModel(_)))
        | (AnnexNumber::RulesOfUse | AnnexNumber::Services, None) => Ok(()),
        (AnnexNumber::SelfAudit, _) => Err(wrong(
            "an edition of annex 1 brings the questions of the self-audit",
            "give `questionnaire`; mark made-up questions as sample",
        )),
        (AnnexNumber::DataModel, _) => Err(wrong(
            "an edition of annex 3 names its version of the data model",
            "give `dataModel`",
        )),
        (AnnexNumber::RulesOfUse | AnnexNumber::Services, Some(_)) => Err(wrong(
            "only annexes 1 and 3 select something",
            "leave `selects` out",
        )),
    }
}

fn check_questionnaire(questionnaire: &Questionnaire) -> Result<(), Rejection> {
    let questions = &questionnaire.questions;
    let texts = |question: &Question| {
        let LanguageText { fi, sv, en } = &question.text;
        let parts = [Some(&question.key), Some(fi), sv.as_ref(), en.as_ref()];
        parts
            .into_iter()
            .flatten()
            .map(|text| text.as_str().len())
            .sum::<usize>()
    };
    let octets: usize = questions.iter().map(texts).sum();
    if questions.is_empty() || questions.len() > QUESTIONS_MAX || octets > QUESTIONNAIRE_OCTETS_MAX
    {
        return Err(Rejection::new(
            "QUESTIONNAIRE_INVALID",
            "a questionnaire has one to a hundred questions of together at most 24,000 octets",
        )
        .field("selects.questionnaire.questions")
        .remedy("shorten the questionnaire")
        .rule("our decision"));
    }
    let mut keys: Vec<&ShortText> = questions.iter().map(|question| &question.key).collect();
    keys.sort_unstable();
    if keys.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(
            Rejection::new("NAME_TAKEN", "two questions have the same key")
                .field("selects.questionnaire.questions")
                .remedy("give each question a key of its own"),
        );
    }
    Ok(())
}

/// The transition that a command asks for, where it can be.
pub(super) fn transition(
    network: &Network,
    annex: AnnexNumber,
    enters_on: Date,
    last_day: Option<Date>,
) -> Result<Option<Transition>, Rejection> {
    let Some(last_day) = last_day else {
        return Ok(None);
    };
    if annex != AnnexNumber::DataModel || last_day < enters_on {
        return Err(Rejection::new(
            "TRANSITION_INVALID",
            "a transition period belongs to annex 3 and runs on from the entry into force",
        )
        .field("transitionLastDay")
        .remedy("leave it out, or give a day on or after the entry into force")
        .rule("our decision, domain facts J.5"));
    }
    Ok(Some(Transition {
        last_day,
        until: network.zone().end_of(last_day),
    }))
}

/// Refuses a version that an edition of the annex, or a pending amendment of it, bears already.
pub(super) fn version_is_free(
    network: &Network,
    annex: AnnexNumber,
    version: &ShortText,
) -> Result<(), Rejection> {
    let agreement = &network.agreement;
    let editions = agreement.annexes.get(&annex).into_iter().flatten();
    let mut pending = agreement
        .amendments
        .values()
        .filter(|amendment| amendment.annex == annex && amendment.is_pending());
    if editions.map(|e| &e.version).any(|v| v == version)
        || pending.any(|amendment| amendment.version == *version)
    {
        return Err(Rejection::new(
            "NAME_TAKEN",
            "an edition of this annex has or is to have this version",
        )
        .field("version")
        .remedy("give the edition a version of its own"));
    }
    Ok(())
}

impl Decide for PublishAnnex {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        version_is_free(network, self.annex, &self.version)?;
        not_too_far(network, context, self.valid_from, "validFrom")?;
        check_selection(self.annex, self.selects.as_ref())?;
        let editions = network.agreement.annexes.get(&self.annex);
        let founded_on = network
            .founding
            .as_ref()
            .map(|founding| network.date(founding.founded_at));
        let history = founded_on.is_some_and(|founded| self.valid_from <= founded);
        if editions.is_some_and(|editions| !editions.is_empty()) && !history {
            return Err(Rejection::new(
                "ONLY_BY_AMENDMENT",
                "an annex in force is replaced by a decision of the steering group",
            )
            .field("validFrom")
            .remedy("propose an amendment of the annex")
            .rule("membership contract §7 ¶5"));
        }
        let same_day = |edition: &AnnexEdition| edition.enters_on == self.valid_from;
        if editions.is_some_and(|editions| editions.iter().any(same_day)) {
            return Err(Rejection::new(
                "DATE_TAKEN",
                "an edition of this annex enters into force on this day",
            )
            .field("validFrom")
            .remedy("give the day on which this edition replaced the one before it"));
        }
        let transition = transition(
            network,
            self.annex,
            self.valid_from,
            self.transition_last_day,
        )?;
        Ok(vec![
            AnnexPublished {
                annex: self.annex,
                edition: AnnexEdition {
                    version: self.version.clone(),
                    title: self.title.clone(),
                    document: self.document.clone(),
                    selects: self.selects.clone(),
                    enters_on: self.valid_from,
                    enters_at: network.zone().start_of(self.valid_from),
                    transition,
                    amendment: None,
                },
            }
            .into(),
        ])
    }
}

impl Evolve for AnnexPublished {
    fn evolve(&self, network: &mut Network, _: Instant) {
        add_edition(network, self.annex, &self.edition);
    }
}

/// Puts an edition in its place in time.
pub(super) fn add_edition(network: &mut Network, annex: AnnexNumber, edition: &AnnexEdition) {
    network
        .agreement
        .annexes
        .change_or_insert(annex, Vec::new, |editions| {
            let place = editions.partition_point(|other| other.enters_at <= edition.enters_at);
            editions.insert(place, edition.clone());
        });
}
