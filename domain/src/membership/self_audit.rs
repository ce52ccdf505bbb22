//! Self-audits of home organisations under annex 1: requested, submitted under a versioned
//! questionnaire, reviewed, published to every member, due anew by rule (membership contract §5,
//! home organisation, fourth point; domain facts D.1, J.15).

use super::{Member, MemberRole, change, known, nothing_to_change, text_key, wrong_state};
use crate::time::{Date, Instant};
use crate::value::{FreeText, OrganisationOid, ShortText};
use crate::{
    AnnexEdition, AnnexNumber, AnnexSelection, ComputedDate, Context, Decide, Decision, Evolve,
    Network, Period, Private, Questionnaire, Rejection, Rule, RuleKind, SelfAuditId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most octets of all answers together: a report stays one record.
const ANSWERS_OCTETS_MAX: usize = 30_000;

/// Where a self-audit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SelfAuditState {
    /// The operator asked for it; the report is being drafted.
    Draft,
    /// The report was submitted.
    Submitted,
    /// The operator asked for corrections; the report is being drafted again.
    CorrectionsAsked,
    /// The operator accepted the report.
    Accepted,
    /// Every member sees the report.
    Published,
}

/// An answer, as it is recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedAnswer {
    /// The question's key in the questionnaire.
    pub question: ShortText,
    /// The answer, sealed; shown to every member once the report is published.
    pub answer: Private,
}

/// A self-audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SelfAudit {
    /// Its identifier.
    pub id: SelfAuditId,
    /// The version of annex 1 whose questions it answers.
    pub questionnaire: ShortText,
    /// The day on which the operator asked for it.
    pub requested_on: Option<Date>,
    /// The day by which the operator asked for it.
    pub due_on: Option<Date>,
    /// The day on which the report was submitted last.
    pub submitted_on: Option<Date>,
    /// The answers of the report submitted last.
    pub answers: Vec<RecordedAnswer>,
    /// The day of the latest review.
    pub reviewed_on: Option<Date>,
    /// What the reviewer remarked, sealed.
    pub remarks: Option<Private>,
    /// When the next self-audit is due, where a rule says so.
    pub renewal: Option<ComputedDate>,
    /// The day on which it was published to the members.
    pub published_on: Option<Date>,
    /// Where it stands.
    pub state: SelfAuditState,
}

impl Member {
    /// The self-audit that was accepted last.
    pub fn accepted_self_audit(&self) -> Option<&SelfAudit> {
        self.self_audits
            .iter()
            .filter(|audit| {
                matches!(
                    audit.state,
                    SelfAuditState::Accepted | SelfAuditState::Published
                )
            })
            .max_by_key(|audit| audit.reviewed_on)
    }

    /// The self-audit that is neither accepted nor published.
    pub fn open_self_audit(&self) -> Option<&SelfAudit> {
        self.self_audits.iter().find(|audit| {
            !matches!(
                audit.state,
                SelfAuditState::Accepted | SelfAuditState::Published
            )
        })
    }

    /// Whether it is a home organisation at `now` or has applied to become one.
    pub(crate) fn is_or_will_be(&self, role: MemberRole, now: Instant) -> bool {
        self.has_role(role, now)
            || self
                .open_application()
                .is_some_and(|application| application.roles.contains(&role))
    }
}

/// The row of a home organisation, or of one that has applied to become one.
fn home<'a>(
    network: &'a Network,
    member: &OrganisationOid,
    now: Instant,
) -> Result<&'a Member, Rejection> {
    let row = known(network, member, "member")?;
    if row.is_or_will_be(MemberRole::HomeOrganisation, now) {
        return Ok(row);
    }
    Err(Rejection::new(
        "ROLE_MISSING",
        "home organisations write self-audit reports",
    )
    .field("member")
    .remedy("a service provider gives its assurance under annex 1 instead")
    .rule("membership contract §5, home organisation, fourth point"))
}

fn edition<'a>(
    network: &'a Network,
    version: &ShortText,
    now: Instant,
) -> Result<(&'a AnnexEdition, &'a Questionnaire), Rejection> {
    let editions = network.agreement.annexes.get(&AnnexNumber::SelfAudit);
    editions
        .into_iter()
        .flatten()
        .filter(|edition| edition.enters_at <= now)
        .find_map(|edition| match edition.selects.as_ref()? {
            AnnexSelection::Questionnaire(questions) if edition.version == *version => {
                Some((edition, questions))
            }
            _ => None,
        })
        .ok_or_else(|| Rejection::unknown("questionnaire of annex 1 in force", "questionnaire"))
}

fn current(network: &Network, now: Instant) -> Result<&ShortText, Rejection> {
    let current = network.agreement.questionnaire(now);
    current.map(|(edition, _)| &edition.version).ok_or_else(|| {
        Rejection::new(
            "RULE_NOT_SET",
            "no edition of annex 1 with a questionnaire is in force",
        )
        .field("questionnaire")
        .remedy("publish annex 1 with its questions first")
        .rule("membership contract §5 ¶2; domain facts J.15")
    })
}

/// Asks a home organisation for a self-audit under the questionnaire in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestSelfAudit {
    /// The home organisation.
    pub member: OrganisationOid,
    /// The day by which the report is asked for, today or later.
    #[serde(default)]
    pub due_on: Option<Date>,
}

/// A self-audit was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SelfAuditRequested {
    /// The home organisation.
    pub member: OrganisationOid,
    /// The self-audit.
    pub self_audit: SelfAuditId,
    /// The version of annex 1 whose questions are asked.
    pub questionnaire: ShortText,
    /// The day.
    pub requested_on: Date,
    /// The day by which the report is asked for.
    pub due_on: Option<Date>,
}

impl Decide for RequestSelfAudit {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = home(network, &self.member, context.now)?;
        if row.open_self_audit().is_some() {
            return Err(wrong_state(
                "a self-audit of this member is under way",
                "member",
                "finish it first",
            ));
        }
        let today = network.date(context.now);
        let possible = today..=today.plus_months(120);
        if self.due_on.is_some_and(|day| !possible.contains(&day)) {
            return Err(
                Rejection::new("OUT_OF_RANGE", "the day lies outside the next ten years")
                    .field("dueOn")
                    .remedy("give today or a later day")
                    .rule("our decision"),
            );
        }
        Ok(vec![
            SelfAuditRequested {
                member: self.member.clone(),
                self_audit: SelfAuditId(context.new_id("self-audit")),
                questionnaire: current(network, context.now)?.clone(),
                requested_on: today,
                due_on: self.due_on,
            }
            .into(),
        ])
    }
}

impl Evolve for SelfAuditRequested {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            row.self_audits.push(SelfAudit {
                requested_on: Some(self.requested_on),
                due_on: self.due_on,
                ..SelfAudit::new(self.self_audit, self.questionnaire.clone())
            });
        });
    }
}

impl SelfAudit {
    fn new(id: SelfAuditId, questionnaire: ShortText) -> Self {
        Self {
            id,
            questionnaire,
            requested_on: None,
            due_on: None,
            submitted_on: None,
            answers: Vec::new(),
            reviewed_on: None,
            remarks: None,
            renewal: None,
            published_on: None,
            state: SelfAuditState::Draft,
        }
    }
}

/// An answer to a question of the self-audit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SelfAuditAnswer {
    /// The question's key in the questionnaire.
    pub question: ShortText,
    /// The answer; every member reads it once the report is published.
    pub answer: FreeText,
}

/// Submits a self-audit report: the one under way, or one of the organisation's own accord under
/// the questionnaire in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SubmitSelfAudit {
    /// The home organisation.
    pub member: OrganisationOid,
    /// The version of annex 1 whose questions are answered.
    pub questionnaire: ShortText,
    /// The answers, each question at most once and every required one.
    pub answers: Vec<SelfAuditAnswer>,
}

/// A self-audit report was submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SelfAuditSubmitted {
    /// The home organisation.
    pub member: OrganisationOid,
    /// The self-audit.
    pub self_audit: SelfAuditId,
    /// The version of annex 1 whose questions are answered.
    pub questionnaire: ShortText,
    /// The day.
    pub submitted_on: Date,
    /// The answers.
    pub answers: Vec<RecordedAnswer>,
}

impl SubmitSelfAudit {
    fn check_answers(&self, questionnaire: &Questionnaire) -> Result<(), Rejection> {
        let octets: usize = self.answers.iter().map(|a| a.answer.as_str().len()).sum();
        if octets > ANSWERS_OCTETS_MAX {
            return Err(Rejection::new(
                "TOO_LONG",
                format!("the answers are longer than {ANSWERS_OCTETS_MAX} octets together"),
            )
            .field("answers")
            .remedy("shorten them, and refer to documents for the details")
            .rule("our decision"));
        }
        let mut answered: Vec<&ShortText> = Vec::new();
        for answer in &self.answers {
            let asked = |question: &crate::Question| question.key == answer.question;
            if !questionnaire.questions.iter().any(asked) {
                return Err(Rejection::unknown(
                    "question in this questionnaire",
                    "answers.question",
                ));
            }
            if answered.contains(&&answer.question) {
                return Err(Rejection::new("REPEATED", "a question is answered once")
                    .field("answers.question")
                    .remedy("give one answer to each question"));
            }
            answered.push(&answer.question);
        }
        let missing = questionnaire
            .questions
            .iter()
            .find(|question| question.required && !answered.contains(&&question.key));
        match missing {
            Some(question) => Err(Rejection::new(
                "ANSWER_MISSING",
                format!("the question `{}` needs an answer", question.key),
            )
            .field("answers")
            .remedy("answer every required question")
            .rule("annex 1")),
            None => Ok(()),
        }
    }
}

impl Decide for SubmitSelfAudit {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = home(network, &self.member, context.now)?;
        let (self_audit, version) = match row.open_self_audit() {
            Some(open) if open.state == SelfAuditState::Submitted => {
                return Err(wrong_state(
                    "a submitted report waits for its review",
                    "member",
                    "wait for the review",
                ));
            }
            Some(open) => (open.id, &open.questionnaire),
            None => (
                SelfAuditId(context.new_id("self-audit")),
                current(network, context.now)?,
            ),
        };
        if *version != self.questionnaire {
            return Err(Rejection::new(
                "WRONG_QUESTIONNAIRE",
                format!("the questions of version `{version}` are to be answered"),
            )
            .field("questionnaire")
            .remedy("answer the questions of that version")
            .rule("our decision, domain facts J.15"));
        }
        let (_, questionnaire) = edition(network, version, context.now)?;
        self.check_answers(questionnaire)?;
        let answers = self.answers.iter().map(|answer| RecordedAnswer {
            question: answer.question.clone(),
            answer: Private::given(text_key(&self.member), &answer.answer),
        });
        Ok(vec![
            SelfAuditSubmitted {
                member: self.member.clone(),
                self_audit,
                questionnaire: self.questionnaire.clone(),
                submitted_on: network.date(context.now),
                answers: answers.collect(),
            }
            .into(),
        ])
    }
}

impl Evolve for SelfAuditSubmitted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            if !row.self_audits.iter().any(|one| one.id == self.self_audit) {
                let new = SelfAudit::new(self.self_audit, self.questionnaire.clone());
                row.self_audits.push(new);
            }
            change_audit(row, self.self_audit, |audit| {
                audit.submitted_on = Some(self.submitted_on);
                audit.answers.clone_from(&self.answers);
                audit.state = SelfAuditState::Submitted;
            });
        });
    }
}

fn change_audit(row: &mut Member, id: SelfAuditId, then: impl FnOnce(&mut SelfAudit)) {
    if let Some(audit) = row.self_audits.iter_mut().find(|audit| audit.id == id) {
        then(audit);
    }
}

fn in_state<'a>(
    network: &'a Network,
    member: &OrganisationOid,
    id: SelfAuditId,
    state: SelfAuditState,
) -> Result<&'a SelfAudit, Rejection> {
    let audits = &known(network, member, "member")?.self_audits;
    let audit = audits
        .iter()
        .find(|audit| audit.id == id)
        .ok_or_else(|| Rejection::unknown("self-audit of this member", "selfAudit"))?;
    if audit.state == state {
        return Ok(audit);
    }
    Err(wrong_state(
        "the self-audit is in another state",
        "selfAudit",
        "submitted reports are reviewed, accepted ones published",
    ))
}

/// What a review of a self-audit came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ReviewOutcome {
    /// The report is accepted.
    Accepted,
    /// Corrections are asked for.
    CorrectionsAsked,
}

/// Reviews a submitted self-audit report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReviewSelfAudit {
    /// The home organisation.
    pub member: OrganisationOid,
    /// The self-audit.
    pub self_audit: SelfAuditId,
    /// What the review came to.
    pub outcome: ReviewOutcome,
    /// What the reviewer remarks; needed where corrections are asked for.
    #[serde(default)]
    pub remarks: Option<FreeText>,
}

/// A self-audit report was reviewed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SelfAuditReviewed {
    /// The home organisation.
    pub member: OrganisationOid,
    /// The self-audit.
    pub self_audit: SelfAuditId,
    /// What the review came to.
    pub outcome: ReviewOutcome,
    /// The day.
    pub reviewed_on: Date,
    /// What the reviewer remarked, sealed.
    pub remarks: Option<Private>,
    /// When the next self-audit is due, where a rule says so.
    pub renewal: Option<ComputedDate>,
}

impl Decide for ReviewSelfAudit {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        in_state(
            network,
            &self.member,
            self.self_audit,
            SelfAuditState::Submitted,
        )?;
        if self.outcome == ReviewOutcome::CorrectionsAsked && self.remarks.is_none() {
            return Err(
                Rejection::new("REMARKS_MISSING", "corrections are asked for in words")
                    .field("remarks")
                    .remedy("say what is to be corrected")
                    .rule("our decision"),
            );
        }
        let today = network.date(context.now);
        let rule = network.rules.on(RuleKind::SelfAuditRenewal, today);
        let renewal = rule
            .filter(|_| self.outcome == ReviewOutcome::Accepted)
            .and_then(|dated| match dated.rule {
                Rule::SelfAuditRenewal { months } => Some((months, &dated.source)),
                _ => None,
            })
            .map(|(months, source)| {
                ComputedDate::end_of_period(
                    network.zone(),
                    today,
                    Period::Months(months),
                    "SELF_AUDIT_RENEWAL",
                    source,
                )
            });
        let remarks = self.remarks.as_ref();
        Ok(vec![
            SelfAuditReviewed {
                member: self.member.clone(),
                self_audit: self.self_audit,
                outcome: self.outcome,
                reviewed_on: today,
                remarks: remarks.map(|text| Private::given(text_key(&self.member), text)),
                renewal,
            }
            .into(),
        ])
    }
}

impl Evolve for SelfAuditReviewed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            change_audit(row, self.self_audit, |audit| {
                audit.reviewed_on = Some(self.reviewed_on);
                audit.remarks.clone_from(&self.remarks);
                audit.renewal.clone_from(&self.renewal);
                audit.state = match self.outcome {
                    ReviewOutcome::Accepted => SelfAuditState::Accepted,
                    ReviewOutcome::CorrectionsAsked => SelfAuditState::CorrectionsAsked,
                };
            });
        });
    }
}

/// Publishes an accepted self-audit report to every member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublishSelfAudit {
    /// The home organisation.
    pub member: OrganisationOid,
    /// The self-audit.
    pub self_audit: SelfAuditId,
}

/// A self-audit report was published to every member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SelfAuditPublished {
    /// The home organisation.
    pub member: OrganisationOid,
    /// The self-audit.
    pub self_audit: SelfAuditId,
    /// The day.
    pub published_on: Date,
}

impl Decide for PublishSelfAudit {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let audits = &known(network, &self.member, "member")?.self_audits;
        let published = |audit: &SelfAudit| {
            audit.id == self.self_audit && audit.state == SelfAuditState::Published
        };
        if audits.iter().any(published) {
            return Err(nothing_to_change("the report is published", "selfAudit"));
        }
        in_state(
            network,
            &self.member,
            self.self_audit,
            SelfAuditState::Accepted,
        )?;
        Ok(vec![
            SelfAuditPublished {
                member: self.member.clone(),
                self_audit: self.self_audit,
                published_on: network.date(context.now),
            }
            .into(),
        ])
    }
}

impl Evolve for SelfAuditPublished {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            change_audit(row, self.self_audit, |audit| {
                audit.published_on = Some(self.published_on);
                audit.state = SelfAuditState::Published;
            });
        });
    }
}
