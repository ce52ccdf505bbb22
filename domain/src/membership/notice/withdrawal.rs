//! Taking a notice back by mutual agreement (not in the text; our decision, domain facts C.3), and
//! a human's look at a notice on which the text is silent.

use super::super::{change, known, text_key, wrong_state};
use super::{MembershipNotice, NoticeState};
use crate::computation::past_day;
use crate::time::{Date, Instant};
use crate::value::{DocumentReference, FreeText, OrganisationOid};
use crate::{Context, Decide, Decision, Evolve, Network, NoticeId, Private, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Withdraws a notice that both parties agreed to withdraw, before its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithdrawNotice {
    /// The member.
    pub member: OrganisationOid,
    /// The notice.
    pub notice: NoticeId,
    /// The day of the agreement; today where left out.
    #[serde(default)]
    pub agreed_on: Option<Date>,
    /// What shows that both parties agreed.
    pub evidence: DocumentReference,
}

/// A notice was withdrawn by mutual agreement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoticeWithdrawn {
    /// The member.
    pub member: OrganisationOid,
    /// The notice.
    pub notice: NoticeId,
    /// The day of the agreement.
    pub agreed_on: Date,
    /// What shows that both parties agreed.
    pub evidence: DocumentReference,
    /// When the membership ends by the notices that remain; none where none does.
    pub membership_ends_at: Option<Instant>,
}

impl Decide for WithdrawNotice {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.member, "member")?;
        let notice = row
            .running_notices()
            .find(|notice| notice.id == self.notice)
            .ok_or_else(|| Rejection::unknown("running notice of this member", "notice"))?;
        if notice.end.at <= context.now || !row.in_force(context.now) {
            return Err(Rejection::new(
                "TOO_LATE",
                "the membership has ended; what has ended is not continued",
            )
            .field("notice")
            .remedy("let the organisation join anew")
            .rule("our decision, domain facts C.3"));
        }
        let agreed_on = past_day(network, context, self.agreed_on, "agreedOn")?;
        if agreed_on < notice.sent_on {
            return Err(
                Rejection::new("TOO_EARLY", "a notice is withdrawn after it was given")
                    .field("agreedOn")
                    .remedy("give the day of the agreement"),
            );
        }
        let remaining = row
            .running_notices()
            .filter(|other| other.id != self.notice);
        Ok(vec![
            NoticeWithdrawn {
                member: self.member.clone(),
                notice: self.notice,
                agreed_on,
                evidence: self.evidence.clone(),
                membership_ends_at: remaining.map(|other| other.end.at).min(),
            }
            .into(),
        ])
    }
}

fn change_notice(
    network: &mut Network,
    member: &OrganisationOid,
    id: NoticeId,
    then: impl FnOnce(&mut MembershipNotice),
) {
    change(network, member, |row| {
        if let Some(notice) = row.notices.iter_mut().find(|notice| notice.id == id) {
            then(notice);
        }
    });
}

impl Evolve for NoticeWithdrawn {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change_notice(network, &self.member, self.notice, |notice| {
            notice.state = NoticeState::Withdrawn { on: self.agreed_on };
        });
        change(network, &self.member, |row| {
            if let Some(basis) = row.legal_bases.last_mut() {
                basis.window.until = self.membership_ends_at;
            }
        });
    }
}

/// Records that a human has looked at a notice that was marked for review, and with what result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReviewNotice {
    /// The member.
    pub member: OrganisationOid,
    /// The notice.
    pub notice: NoticeId,
    /// What was concluded. Another end than the computed one needs a notice of its own.
    pub conclusion: FreeText,
}

/// A human has looked at a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoticeReviewed {
    /// The member.
    pub member: OrganisationOid,
    /// The notice.
    pub notice: NoticeId,
    /// The day.
    pub on: Date,
    /// What was concluded, sealed.
    pub conclusion: Private,
}

impl Decide for ReviewNotice {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.member, "member")?;
        if !row.notices.iter().any(|notice| notice.id == self.notice) {
            return Err(Rejection::unknown("notice of this member", "notice"));
        }
        if !row
            .notices_to_review()
            .any(|notice| notice.id == self.notice)
        {
            return Err(wrong_state(
                "nothing about this notice waits for a human",
                "notice",
                "nothing needs to be recorded",
            ));
        }
        Ok(vec![
            NoticeReviewed {
                member: self.member.clone(),
                notice: self.notice,
                on: network.date(context.now),
                conclusion: Private::given(text_key(&self.member), &self.conclusion),
            }
            .into(),
        ])
    }
}

impl Evolve for NoticeReviewed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change_notice(network, &self.member, self.notice, |notice| {
            notice.reviewed_on = Some(self.on);
        });
    }
}
