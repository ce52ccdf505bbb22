//! The agreement that binds the network: its instruments (the membership contract, the terms of
//! use), its four annexes as they stand on each day, and the amendments of the annexes.
//!
//! What a single member signed or accepted is the membership's affair and does not stand here.
//! The body of an instrument cannot be amended; another version of it is another instrument
//! (membership contract §7 ¶5; domain facts K5).

mod amendment;
mod annex;
mod dates;
mod due;
mod exit;
mod instrument;
mod late;
mod notice;
mod obligation;
mod party;
mod vote;

pub use amendment::*;
pub use annex::*;
pub use due::*;
pub use exit::*;
pub use instrument::*;
pub use late::*;
pub use notice::*;
pub use vote::*;

pub(crate) use dates::{not_in_future, not_too_far};
pub(crate) use obligation::{agreement_obligations, amendment_obligations_to};
pub use party::AmendmentPeriods;
pub(crate) use party::{
    amendment_periods, contract_contact, is_home_integration_of, is_party_on, members_to_tell,
    not_a_member, technical_contact,
};

use crate::data_model::Version;
use crate::time::Instant;
use crate::value::InstrumentVersion;
use crate::{AmendmentId, InstrumentKind, Table};
use serde::{Deserialize, Serialize};

/// The instruments, annexes and amendments of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Agreement {
    /// Every version of the contract and of the terms of use, by its name.
    pub instruments: Table<InstrumentVersion, Instrument>,
    /// The editions of each annex, in the order in which they enter into force; also those to
    /// come that are published.
    pub annexes: Table<AnnexNumber, Vec<AnnexEdition>>,
    /// Every amendment ever proposed.
    pub amendments: Table<AmendmentId, Amendment>,
}

impl Agreement {
    /// The instrument of this kind that is offered at `now`: the newest that is in use and not
    /// closed.
    pub fn offered(
        &self,
        kind: InstrumentKind,
        now: Instant,
    ) -> Option<(&InstrumentVersion, &Instrument)> {
        self.instruments
            .iter()
            .filter(|(_, instrument)| instrument.kind == kind && instrument.offered.holds_at(now))
            .max_by_key(|(_, instrument)| instrument.offered.from)
    }

    /// The edition of this annex in force at `now`: the last that has entered into force, whole,
    /// in place of the earlier one of the same number (contract §7 ¶5).
    pub fn annex(&self, number: AnnexNumber, now: Instant) -> Option<&AnnexEdition> {
        self.annexes
            .get(&number)?
            .iter()
            .rev()
            .find(|edition| edition.enters_at <= now)
    }

    /// The self-audit questionnaire in force at `now`, with the edition of annex 1 it stands in
    /// (domain facts J.5).
    pub fn questionnaire(&self, now: Instant) -> Option<(&AnnexEdition, &Questionnaire)> {
        let edition = self.annex(AnnexNumber::SelfAudit, now)?;
        match edition.selects.as_ref()? {
            AnnexSelection::Questionnaire(questionnaire) => Some((edition, questionnaire)),
            AnnexSelection::DataModel(_) => None,
        }
    }

    /// The version of the national data model in force at `now` (domain facts J.5).
    pub fn data_model(&self, now: Instant) -> Option<Version> {
        self.annex(AnnexNumber::DataModel, now)?.data_model()
    }

    /// The versions of the data model that a service may receive at `now`: the one in force, and
    /// each earlier one that a later edition let stand for a transition period still running.
    pub fn data_models(&self, now: Instant) -> Vec<Version> {
        let editions = self.annexes.get(&AnnexNumber::DataModel);
        let mut entered = editions
            .into_iter()
            .flatten()
            .filter(|edition| edition.enters_at <= now)
            .rev();
        let mut versions = Vec::new();
        let mut later = entered.next();
        versions.extend(later.and_then(AnnexEdition::data_model));
        for earlier in entered {
            // An edition whose predecessor's time is over ends the chain: what it had already
            // replaced does not come back.
            let in_transition = later
                .and_then(|edition| edition.transition)
                .is_some_and(|transition| now < transition.until);
            if !in_transition {
                break;
            }
            versions.extend(earlier.data_model());
            later = Some(earlier);
        }
        versions.dedup();
        versions
    }
}

#[cfg(test)]
pub(crate) mod tests;
