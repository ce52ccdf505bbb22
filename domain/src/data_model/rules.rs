//! What the network decides about the data model: data, with the sources' defaults.
//!
//! What it has decided stands in its own rules, by day; [`Rules::on`] puts the rules of a day together.

use crate::time::Date;
use crate::value::{CheckDigitRule, ShortText};
use crate::{Rule, RuleKind};
use std::collections::{BTreeMap, BTreeSet};

/// The rules of the data model that are the network's to set.
///
/// Words and roles are compared without regard to case.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(default, deny_unknown_fields)]
pub struct Rules {
    /// Which word of a source means which role: word in lower case to role (W-ROLES). A word that is not here means
    /// itself.
    pub role_words: BTreeMap<String, String>,
    /// The code of each role, delivered from version 1.4 (W-ROLES). A role without one gets
    /// [`Rules::ROLE_WITHOUT_CODE`].
    pub role_codes: BTreeMap<String, i32>,
    /// The roles that are delivered; empty means every role.
    pub allowed_roles: BTreeSet<String>,
    /// The roles of students, to whom a charge for learning materials can apply.
    pub student_roles: BTreeSet<String>,
    /// The organisation types that are offices, in whose place the parent stands as school.
    pub office_types: BTreeSet<String>,
    /// What a wrong number of charges removes.
    pub charge_rule: ChargeRule,
    /// How strictly a learner id is read.
    pub learner_id_check_digit: CheckDigitRule,
}

/// What happens where the number of charges is neither one nor that of the schools.
///
/// Guide and running code disagree; the default is what runs.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ChargeRule {
    /// Only the charges are dropped, as the running code does.
    #[default]
    CodeLenient,
    /// All multi-valued attributes are dropped, as W-MULTI says.
    WikiStrict,
}

/// A role of the network's vocabulary.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct VocabularyRole {
    /// The role as it is delivered.
    pub role: ShortText,
    /// Its code, delivered from version 1.4; left out, the code of roles without one.
    #[serde(default)]
    pub code: Option<i32>,
    /// The words by which sources name it, beside its own.
    #[serde(default)]
    pub words: Vec<ShortText>,
    /// Whether a charge for learning materials can apply to those who have it.
    #[serde(default)]
    pub is_student: bool,
}

/// Roles in one vocabulary, at most.
const ROLES_MAX: usize = 50;
/// Words for one role, at most.
const WORDS_MAX: usize = 50;

impl VocabularyRole {
    /// Why these are no vocabulary, where they are none.
    pub(crate) fn fault_of(roles: &[Self]) -> Option<&'static str> {
        if roles.is_empty() || roles.len() > ROLES_MAX {
            return Some("a vocabulary has between one role and fifty");
        }
        let mut named = BTreeSet::new();
        for one in roles {
            if one.words.len() > WORDS_MAX {
                return Some("a role has at most fifty words");
            }
            if one.role.as_str().contains(';') {
                return Some("a role holds no semicolon: it stands between semicolons");
            }
            let own: BTreeSet<String> = one.all_words().collect();
            if !own.into_iter().all(|word| named.insert(word)) {
                return Some("a word stands for one role");
            }
        }
        None
    }

    /// Every word that stands for it, its own among them, in lower case.
    fn all_words(&self) -> impl Iterator<Item = String> {
        let words = std::iter::once(&self.role).chain(&self.words);
        words.map(|word| word.as_str().to_lowercase())
    }
}

/// What a home organisation has decided for users under an order of non-disclosure.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NonDisclosureRule {
    /// The login ends before anything is released.
    #[default]
    Refuse,
    /// The marker is disregarded; the home organisation answers for it.
    Relay,
}

impl Rules {
    /// The code of a role that has none of its own.
    pub const ROLE_WITHOUT_CODE: i32 = -1;

    /// The rules as the network has set them for `day`; what it has not set is the sources' default.
    pub fn on(network: &crate::Rules, day: Date) -> Self {
        let mut rules = Self::default();
        let set = |kind| network.on(kind, day).map(|dated| &dated.rule);
        if let Some(Rule::LearningMaterialsCharge { rule }) = set(RuleKind::LearningMaterialsCharge)
        {
            rules.charge_rule = *rule;
        }
        if let Some(Rule::LearnerIdCheckDigit { rule }) = set(RuleKind::LearnerIdCheckDigit) {
            rules.learner_id_check_digit = *rule;
        }
        if let Some(Rule::RoleVocabulary { roles }) = set(RuleKind::RoleVocabulary) {
            let name = |one: &VocabularyRole| one.role.as_str().to_owned();
            let words = |one: &VocabularyRole| {
                let role = name(one);
                let words = one.all_words().map(move |word| (word, role.clone()));
                words.collect::<Vec<_>>()
            };
            let coded = |one: &VocabularyRole| Some((name(one), one.code?));
            rules.role_words = roles.iter().flat_map(words).collect();
            rules.role_codes = roles.iter().filter_map(coded).collect();
            rules.allowed_roles = roles.iter().map(name).collect();
            let students = roles.iter().filter(|one| one.is_student);
            rules.student_roles = students.map(name).collect();
        }
        rules
    }

    /// The role that a source's word stands for, if it may be delivered.
    pub(super) fn role(&self, word: &str) -> Option<String> {
        let word_lower = word.to_lowercase();
        let role = self
            .role_words
            .get(&word_lower)
            .map_or(word, String::as_str);
        let allowed = self.allowed_roles.is_empty() || contains(&self.allowed_roles, role);
        allowed.then(|| role.to_owned())
    }

    pub(super) fn role_code(&self, role: &str) -> i32 {
        let role = role.to_lowercase();
        let mut codes = self.role_codes.iter();
        codes
            .find(|(name, _)| name.to_lowercase() == role)
            .map_or(Self::ROLE_WITHOUT_CODE, |(_, code)| *code)
    }

    pub(super) fn is_student(&self, role: &str) -> bool {
        contains(&self.student_roles, role)
    }
}

impl Default for Rules {
    /// The vocabulary of W-ROLES and the observed configuration of the incumbent.
    ///
    /// That the six roles of the vocabulary are the allowed ones is our decision: W-CHECK speaks of roles that are not
    /// allowed without listing the allowed ones.
    fn default() -> Self {
        const ROLES: [(&str, i32, &[&str]); 6] = [
            (
                "oppilas",
                1,
                &[
                    "opiskelija",
                    "oppilas",
                    "student",
                    "oppija",
                    "inlärare",
                    "learner",
                ],
            ),
            ("opettaja", 2, &["opettaja", "teacher", "lärare"]),
            ("hallintohenkilö", 3, &["hallintohenkilö", "staff"]),
            (
                "koulusihteeri",
                4,
                &["koulusihteeri", "skolsekreterare", "school secretary"],
            ),
            (
                "sijaisopettaja",
                5,
                &["sijaisopettaja", "lärarvikarie", "substitute teacher"],
            ),
            ("rehtori", 6, &["rehtori", "principal", "rektor"]),
        ];
        let words = |(role, _, words): &(&str, i32, &[&str])| {
            let role = (*role).to_owned();
            words
                .iter()
                .map(move |word| ((*word).to_owned(), role.clone()))
                .collect::<Vec<_>>()
        };
        Self {
            role_words: ROLES.iter().flat_map(words).collect(),
            role_codes: ROLES
                .iter()
                .map(|(role, code, _)| ((*role).to_owned(), *code))
                .collect(),
            allowed_roles: ROLES
                .iter()
                .map(|(role, _, _)| (*role).to_owned())
                .collect(),
            student_roles: BTreeSet::from(["oppilas".to_owned()]),
            office_types: BTreeSet::from([
                "organisaatiotyyppi_03".to_owned(),
                "organisaatiotyyppi_08".to_owned(),
            ]),
            charge_rule: ChargeRule::default(),
            learner_id_check_digit: CheckDigitRule::default(),
        }
    }
}

fn contains(roles: &BTreeSet<String>, role: &str) -> bool {
    let role = role.to_lowercase();
    roles.iter().any(|name| name.to_lowercase() == role)
}
