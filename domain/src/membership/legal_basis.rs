//! What a membership rests on: a member's contracts and terms of use, one after the other, each
//! with the window in which it held.

use super::{ApplicationState, Member, NoticeState, change};
use crate::time::{Date, Instant, Window};
use crate::value::{DocumentReference, InstrumentVersion, OrganisationOid, ShortText};
use crate::{Evolve, Instrument, InstrumentKind, Network, NoticeId, Rejection};
use serde::{Deserialize, Serialize};

/// How a legal basis came about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BasisGround {
    /// A contract that the member and then the operator signed.
    SignedContract {
        /// The contract with all signatures.
        document: DocumentReference,
    },
    /// Terms of use that the member accepted.
    AcceptedTerms,
    /// A membership older than this ledger, which the operator accepted as it was.
    Accepted {
        /// What shows it.
        evidence: ShortText,
    },
}

/// One contract or one version of terms on which a membership rests, or rested.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LegalBasis {
    /// The instrument's version.
    pub instrument: InstrumentVersion,
    /// The kind of instrument.
    pub kind: InstrumentKind,
    /// The first day.
    pub since: Date,
    /// When it holds. Its end is the earliest of all notices that stand, or the moment at which
    /// another basis took its place.
    pub window: Window,
    /// How it came about.
    pub ground: BasisGround,
    /// The day on which the member got the signed copy, for a contract.
    pub copy_delivered_on: Option<Date>,
    /// Whether another basis took its place without a gap.
    pub replaced: bool,
    /// Whether the end of the membership it carried has been recorded.
    pub end_recorded: bool,
}

/// The published instrument of this version, or the refusal that there is none.
pub(crate) fn instrument<'a>(
    network: &'a Network,
    version: &InstrumentVersion,
    field: &'static str,
) -> Result<&'a Instrument, Rejection> {
    network
        .agreement
        .instruments
        .get(version)
        .ok_or_else(|| Rejection::unknown("published instrument", field))
}

/// The published instrument of this version, which must be of this kind and open to new members
/// at `now`.
pub(crate) fn offered(
    network: &Network,
    version: &InstrumentVersion,
    kind: InstrumentKind,
    now: Instant,
) -> Result<(), Rejection> {
    let found = instrument(network, version, "instrument")?;
    if found.kind != kind {
        let (message, remedy) = match kind {
            InstrumentKind::Contract => (
                "this instrument is no contract: it is accepted, not signed",
                "name a published contract, or accept the terms instead",
            ),
            InstrumentKind::TermsOfUse => (
                "this instrument is no terms of use: it is signed, not accepted",
                "name published terms of use, or draft a contract instead",
            ),
        };
        return Err(Rejection::new("WRONG_INSTRUMENT", message)
            .field("instrument")
            .remedy(remedy));
    }
    if found.offered.holds_at(now) {
        return Ok(());
    }
    Err(Rejection::new(
        "INSTRUMENT_CLOSED",
        "nobody joins under this instrument now",
    )
    .field("instrument")
    .remedy("name an instrument that is open to new members"))
}

/// A membership started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MembershipStarted {
    /// The member.
    pub member: OrganisationOid,
    /// The instrument's version.
    pub instrument: InstrumentVersion,
    /// The kind of instrument.
    pub kind: InstrumentKind,
    /// The first day.
    pub since: Date,
    /// The instant from which it is in force.
    pub from: Instant,
    /// How it came about.
    pub ground: BasisGround,
}

/// A membership in force went on under another instrument, without a gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LegalBasisChanged {
    /// The member.
    pub member: OrganisationOid,
    /// The instrument that no longer holds.
    pub before: InstrumentVersion,
    /// The instrument's version from now on.
    pub instrument: InstrumentVersion,
    /// The kind of instrument.
    pub kind: InstrumentKind,
    /// The first day.
    pub since: Date,
    /// The instant at which the one ends and the other starts.
    pub from: Instant,
    /// How it came about.
    pub ground: BasisGround,
    /// The notices that were running and end nothing any more, for what they were to end has
    /// been replaced.
    pub superseded: Vec<NoticeId>,
}

fn settle_application(row: &mut Member) {
    if let Some(application) = &mut row.application
        && application.is_open()
    {
        application.state = ApplicationState::Joined;
    }
}

/// Nothing that was on its way to another basis outlives the change: whoever wants it begins anew.
pub(super) fn drop_what_was_under_way(row: &mut Member) {
    row.contract.take_if(|contract| contract.is_open());
    row.terms = None;
}

impl Evolve for MembershipStarted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            // What an earlier membership left open ended with it.
            if let Some(end) = row.legal_bases.last().and_then(|basis| basis.window.until) {
                row.close_roles_at(end);
                row.settle_notices(end);
            }
            settle_application(row);
            drop_what_was_under_way(row);
            row.disposition = None;
            row.legal_bases.push(LegalBasis {
                instrument: self.instrument.clone(),
                kind: self.kind,
                since: self.since,
                window: Window::open_from(self.from),
                ground: self.ground.clone(),
                copy_delivered_on: None,
                replaced: false,
                end_recorded: false,
            });
        });
    }
}

impl Evolve for LegalBasisChanged {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row| {
            if let Some(before) = row.legal_bases.last_mut() {
                before.window.close_at(self.from);
                before.replaced = true;
            }
            drop_what_was_under_way(row);
            for notice in &mut row.notices {
                if self.superseded.contains(&notice.id) {
                    notice.state = NoticeState::Superseded { at: self.from };
                }
            }
            row.legal_bases.push(LegalBasis {
                instrument: self.instrument.clone(),
                kind: self.kind,
                since: self.since,
                window: Window::open_from(self.from),
                ground: self.ground.clone(),
                copy_delivered_on: None,
                replaced: false,
                end_recorded: false,
            });
        });
    }
}
