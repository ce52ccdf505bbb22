//! Rules that the sources leave open, as dated data: majority and quorum, gates, periods.
//!
//! Nothing here has a default that claims to be the agreement's. A command that needs a rule
//! nobody has set is refused and names it.

use crate::time::{Date, Instant};
use crate::value::{FreeText, InstrumentVersion};
use crate::{Context, Decide, Decision, EducationLevel, Evolve, Network, Rejection, Table};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A share, such as two thirds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Share {
    /// The upper number.
    pub numerator: u32,
    /// The lower number, at least the upper one and not zero.
    pub denominator: u32,
}

impl Share {
    /// Whether it is a share between nothing and the whole.
    pub fn is_valid(self) -> bool {
        self.denominator > 0 && self.numerator > 0 && self.numerator <= self.denominator
    }

    /// Whether `part` of `whole` is at least this share. Nothing of nothing is not.
    pub fn is_reached_by(self, part: u32, whole: u32) -> bool {
        whole > 0
            && u64::from(part) * u64::from(self.denominator)
                >= u64::from(whole) * u64::from(self.numerator)
    }
}

/// Of what the qualified majority is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum MajorityOf {
    /// Of the votes for and against; who abstains is not counted.
    VotesCast,
    /// Of the steering-group members in office.
    MembersInOffice,
}

/// When a self-audit must have been accepted (domain facts K1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SelfAuditGate {
    /// Before a home organisation's first production integration is activated.
    BeforeProduction,
    /// After joining, on the operator's instruction.
    AfterJoining,
}

/// From when a period of notice counts (membership contract §7 ¶3 leaves it open).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum NoticeCountsFrom {
    /// From the day the contact person received it.
    Receipt,
    /// From the day it was sent.
    Sending,
}

/// One rule with its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Rule {
    /// What share decides an amendment of an annex (contract §7 ¶5 names a qualified majority
    /// without a number).
    QualifiedMajority {
        /// The share that must be reached.
        share: Share,
        /// Of what it is counted.
        of: MajorityOf,
    },
    /// What share of the steering group in office must take part in a decision.
    Quorum {
        /// The share that must be reached.
        share: Share,
    },
    /// When a self-audit must have been accepted.
    SelfAuditGate {
        /// The gate.
        gate: SelfAuditGate,
    },
    /// When a self-audit must have been accepted by members under one version of the agreement
    /// (domain facts K1); it stands over `selfAuditGate`.
    SelfAuditGateUnder {
        /// The version, published.
        instrument: InstrumentVersion,
        /// The gate.
        gate: SelfAuditGate,
    },
    /// From when a period of notice counts.
    NoticeCountsFrom {
        /// The day it counts from.
        from: NoticeCountsFrom,
    },
    /// After how many months a self-audit is due anew; not set means never.
    SelfAuditRenewal {
        /// Months from acceptance, 1–120.
        months: u16,
    },
    /// Whether members may leave on an urgent amendment (contract §7 ¶6 does not say).
    ExitOnUrgentAmendment {
        /// Whether they may.
        allowed: bool,
    },
    /// How long one login carries a user from service to service.
    SessionLifetime {
        /// Minutes, 1–1440.
        minutes: u16,
    },
    /// For how many months authentications are kept; not set means no period is claimed.
    AuthenticationRetention {
        /// Months after the month of recording, 1–600.
        months: u16,
    },
    /// The largest share of known organisations that one answer of the organisation service may
    /// close (our decision, domain facts J.13).
    OrganisationClosures {
        /// Per cent, 0–100.
        percent: u8,
    },
    /// The levels of education of which a home organisation under a contract arranges one.
    ContractEducationLevels {
        /// At least one.
        levels: Vec<EducationLevel>,
    },
    /// The levels of education of which a home organisation under terms of use arranges one.
    TermsEducationLevels {
        /// At least one.
        levels: Vec<EducationLevel>,
    },
    /// The notice that a member gives under terms of use, whose text is not known (J.4).
    TermsNoticeByMember {
        /// Months from the day that `noticeCountsFrom` names, 0–24.
        months: u16,
    },
    /// The notice that the operator gives under terms of use, whose text is not known (J.4).
    TermsNoticeByOperator {
        /// Months from the day that `noticeCountsFrom` names, 0–24.
        months: u16,
    },
    /// How long a breach of the terms of use may be cured, whose text is not known (J.4).
    TermsBreachCure {
        /// Days from the receipt of the remark, 1–365.
        days: u16,
    },
    /// From which day after its report an outage lets a member under terms of use leave (J.4).
    TermsOutageExit {
        /// Days from the report, 1–365.
        days: u16,
    },
    /// How members under terms of use are told of amendments and leave because of one, whose text
    /// is not known (J.4).
    TermsAmendment {
        /// Months before the entry into force by which an ordinary amendment is notified, 0–24.
        notice_months: u16,
        /// Days from its own receipt of the notice in which a member may leave, 1–365.
        exit_days: u16,
    },
}

/// Which rule it is, without its value.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(
    missing_docs,
    reason = "each kind is documented at the rule of the same name"
)]
pub enum RuleKind {
    QualifiedMajority,
    Quorum,
    SelfAuditGate,
    SelfAuditGateUnder,
    NoticeCountsFrom,
    SelfAuditRenewal,
    ExitOnUrgentAmendment,
    SessionLifetime,
    AuthenticationRetention,
    OrganisationClosures,
    ContractEducationLevels,
    TermsEducationLevels,
    TermsNoticeByMember,
    TermsNoticeByOperator,
    TermsBreachCure,
    TermsOutageExit,
    TermsAmendment,
}

impl Rule {
    /// Which rule it is.
    pub fn kind(&self) -> RuleKind {
        match self {
            Self::QualifiedMajority { .. } => RuleKind::QualifiedMajority,
            Self::Quorum { .. } => RuleKind::Quorum,
            Self::SelfAuditGate { .. } => RuleKind::SelfAuditGate,
            Self::SelfAuditGateUnder { .. } => RuleKind::SelfAuditGateUnder,
            Self::NoticeCountsFrom { .. } => RuleKind::NoticeCountsFrom,
            Self::SelfAuditRenewal { .. } => RuleKind::SelfAuditRenewal,
            Self::ExitOnUrgentAmendment { .. } => RuleKind::ExitOnUrgentAmendment,
            Self::SessionLifetime { .. } => RuleKind::SessionLifetime,
            Self::AuthenticationRetention { .. } => RuleKind::AuthenticationRetention,
            Self::OrganisationClosures { .. } => RuleKind::OrganisationClosures,
            Self::ContractEducationLevels { .. } => RuleKind::ContractEducationLevels,
            Self::TermsEducationLevels { .. } => RuleKind::TermsEducationLevels,
            Self::TermsNoticeByMember { .. } => RuleKind::TermsNoticeByMember,
            Self::TermsNoticeByOperator { .. } => RuleKind::TermsNoticeByOperator,
            Self::TermsBreachCure { .. } => RuleKind::TermsBreachCure,
            Self::TermsOutageExit { .. } => RuleKind::TermsOutageExit,
            Self::TermsAmendment { .. } => RuleKind::TermsAmendment,
        }
    }

    /// The version of the agreement for which alone it holds; none where it holds for all.
    pub fn instrument(&self) -> Option<&InstrumentVersion> {
        match self {
            Self::SelfAuditGateUnder { instrument, .. } => Some(instrument),
            _ => None,
        }
    }

    /// Whether it decides votes, so that it holds from the day on which it is set at the
    /// earliest: nobody votes under a majority that is chosen afterwards.
    fn decides_votes(&self) -> bool {
        matches!(self, Self::QualifiedMajority { .. } | Self::Quorum { .. })
    }

    /// Why the value cannot be, where it cannot.
    fn fault(&self) -> Option<&'static str> {
        match self {
            Self::QualifiedMajority { share, .. } if !share.is_valid() => {
                Some("the share must lie between nothing and the whole")
            }
            // Half or less is no majority, and so no qualified one either.
            Self::QualifiedMajority { share, .. }
                if u64::from(share.numerator) * 2 <= u64::from(share.denominator) =>
            {
                Some("a qualified majority is more than half")
            }
            Self::Quorum { share } if !share.is_valid() => {
                Some("the share must lie between nothing and the whole")
            }
            Self::SelfAuditRenewal { months } if !(1..=120).contains(months) => {
                Some("the renewal lies between 1 and 120 months")
            }
            Self::SessionLifetime { minutes } if !(1..=1440).contains(minutes) => {
                Some("the lifetime lies between 1 and 1440 minutes")
            }
            Self::AuthenticationRetention { months } if !(1..=600).contains(months) => {
                Some("the retention lies between 1 and 600 months")
            }
            Self::OrganisationClosures { percent } if *percent > 100 => {
                Some("the share lies between 0 and 100 per cent")
            }
            Self::ContractEducationLevels { levels } | Self::TermsEducationLevels { levels }
                if levels.is_empty() || levels.len() > 6 =>
            {
                Some("one to six levels of education are named")
            }
            Self::TermsNoticeByMember { months } | Self::TermsNoticeByOperator { months }
                if *months > 24 =>
            {
                Some("the notice lies between 0 and 24 months")
            }
            Self::TermsBreachCure { days } | Self::TermsOutageExit { days }
                if !(1..=365).contains(days) =>
            {
                Some("the period lies between 1 and 365 days")
            }
            Self::TermsAmendment {
                notice_months,
                exit_days,
            } if *notice_months > 24 || !(1..=365).contains(exit_days) => Some(
                "the notice lies between 0 and 24 months, the time to leave between 1 and 365 days",
            ),
            _ => None,
        }
    }
}

/// A rule's value from a day on, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DatedRule {
    /// The first day on which it holds.
    pub valid_from: Date,
    /// The rule and its value.
    pub rule: Rule,
    /// Where it comes from, in the words of whoever set it.
    pub source: String,
}

/// Every rule that was set, each kind with its values by day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules(Table<RuleKind, Vec<DatedRule>>);

impl Rules {
    /// The value that holds on `day` under every version of the agreement, where one was set.
    pub fn on(&self, kind: RuleKind, day: Date) -> Option<&DatedRule> {
        self.last(kind, None, day)
    }

    /// Whether this value, and no later one, holds on `day`.
    pub fn holds(&self, value: &DatedRule, day: Date) -> bool {
        self.last(value.rule.kind(), value.rule.instrument(), day) == Some(value)
    }

    /// When a self-audit must have been accepted by a member under this version of the agreement,
    /// on `day`: the value for the version, or else the one for all.
    pub fn self_audit_gate(
        &self,
        instrument: &InstrumentVersion,
        day: Date,
    ) -> Result<(SelfAuditGate, &DatedRule), Rejection> {
        let own = self.last(RuleKind::SelfAuditGateUnder, Some(instrument), day);
        let dated = match own {
            Some(own) => own,
            None => self.require(RuleKind::SelfAuditGate, day)?,
        };
        match dated.rule {
            Rule::SelfAuditGate { gate } | Rule::SelfAuditGateUnder { gate, .. } => {
                Ok((gate, dated))
            }
            _ => Err(Rejection::rule_not_set("SelfAuditGate")),
        }
    }

    fn last(
        &self,
        kind: RuleKind,
        instrument: Option<&InstrumentVersion>,
        day: Date,
    ) -> Option<&DatedRule> {
        let values = self.0.get(&kind)?.iter().rev();
        let mut of = values.filter(|dated| dated.rule.instrument() == instrument);
        of.find(|dated| dated.valid_from <= day)
    }

    /// The value that holds on `day`, or the refusal that names the missing rule.
    pub fn require(&self, kind: RuleKind, day: Date) -> Result<&DatedRule, Rejection> {
        self.on(kind, day)
            .ok_or_else(|| Rejection::rule_not_set(&format!("{kind:?}")))
    }

    /// Every value that was ever set, by kind and day.
    pub fn iter(&self) -> impl Iterator<Item = &DatedRule> {
        self.0.values().flatten()
    }
}

/// Sets a rule that the sources leave open, from a day on. What held is not rewritten: once the
/// ledger is founded, a value holds from a day in the past only where none held then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SetRule {
    /// The rule and its value.
    pub rule: Rule,
    /// The first day on which it holds: today or later; an earlier one only for a rule that was
    /// not set then, and never for the majority and the quorum.
    pub valid_from: Date,
    /// Where the value comes from: a decision, a section of the agreement.
    pub source: FreeText,
}

/// A rule's value was set from a day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RuleSet {
    /// The rule and its value.
    pub rule: Rule,
    /// The first day on which it holds.
    pub valid_from: Date,
    /// Where the value comes from.
    pub source: String,
}

impl Decide for SetRule {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        if let Some(fault) = self.rule.fault() {
            return Err(Rejection::new("RULE_OUT_OF_RANGE", fault)
                .field("rule")
                .remedy("give a value within the range"));
        }
        let (kind, instrument) = (self.rule.kind(), self.rule.instrument());
        let published = |version| network.agreement.instruments.get(version).is_some();
        if !instrument.is_none_or(published) {
            return Err(Rejection::unknown(
                "published instrument",
                "rule.instrument",
            ));
        }
        let today = network.date(context.now);
        let yesterday = network.rules.last(kind, instrument, today.plus_days(-1));
        let rewrites = self.rule.decides_votes() || yesterday.is_some();
        if network.founding.is_some() && self.valid_from < today && rewrites {
            return Err(Rejection::new(
                "TOO_EARLY",
                "what was decided by a rule stands: its value is not changed for days that have passed",
            )
            .field("validFrom")
            .remedy(format!("give {today} or a later day"))
            .rule("our decision"));
        }
        let same = network.rules.last(kind, instrument, self.valid_from);
        if same.is_some_and(|dated| dated.rule == self.rule) {
            return Err(Rejection::new(
                "NOTHING_TO_CHANGE",
                "the rule already has this value then",
            )
            .field("rule")
            .remedy("give another value or another day"));
        }
        Ok(vec![
            RuleSet {
                rule: self.rule.clone(),
                valid_from: self.valid_from,
                source: self.source.as_str().to_owned(),
            }
            .into(),
        ])
    }
}

impl Evolve for RuleSet {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .rules
            .0
            .change_or_insert(self.rule.kind(), Vec::new, |values| {
                // Sorted by day; the value set last for a day stands.
                values.retain(|dated| {
                    dated.valid_from != self.valid_from
                        || dated.rule.instrument() != self.rule.instrument()
                });
                let place = values.partition_point(|dated| dated.valid_from < self.valid_from);
                let source = self.source.clone();
                let dated = DatedRule {
                    valid_from: self.valid_from,
                    rule: self.rule.clone(),
                    source,
                };
                values.insert(place, dated);
            });
    }
}

#[cfg(test)]
mod tests;
