//! The instruments by which organisations join: versions of the membership contract, and of the
//! terms of use that a joining notification accepts (domain facts section 0).

use super::not_too_far;
use crate::time::{Date, Instant, Window};
use crate::value::{DocumentReference, InstrumentVersion, LanguageText, WebAddress};
use crate::{Context, Decide, Decision, Evolve, InstrumentKind, Network, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One version of the contract or of the terms of use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instrument {
    /// What kind it is.
    pub kind: InstrumentKind,
    /// Its title.
    pub title: LanguageText,
    /// Its text.
    pub document: DocumentReference,
    /// Where it is kept available on the web (contract §6 ¶6).
    pub address: Option<WebAddress>,
    /// The first day on which organisations may join under it.
    pub valid_from: Date,
    /// The last day on which they may, where it was closed. Memberships under it go on.
    pub closed_after: Option<Date>,
    /// When organisations may join under it.
    pub offered: Window,
}

impl Instrument {
    /// Whether the notice periods and amendment rules of contract §7 hold for members under it.
    /// Those of the terms of use are not known: a command that needs one is refused
    /// (our decision, domain facts J.4).
    pub fn has_contract_rules(&self) -> bool {
        self.kind == InstrumentKind::Contract
    }
}

/// Publishes a version of the membership contract or of the terms of use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PublishInstrument {
    /// What kind it is.
    pub kind: InstrumentKind,
    /// The name of this version, unique among all instruments, such as `contract-2018`.
    pub version: InstrumentVersion,
    /// Its title.
    pub title: LanguageText,
    /// Its text.
    pub document: DocumentReference,
    /// Where it is kept available on the web (contract §6 ¶6).
    #[serde(default)]
    pub address: Option<WebAddress>,
    /// The first day on which organisations may join under it; it may lie in the past.
    pub valid_from: Date,
}

/// A version of the membership contract or of the terms of use was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstrumentPublished {
    /// What kind it is.
    pub kind: InstrumentKind,
    /// The name of this version.
    pub version: InstrumentVersion,
    /// Its title.
    pub title: LanguageText,
    /// Its text.
    pub document: DocumentReference,
    /// Where it is kept available on the web.
    pub address: Option<WebAddress>,
    /// The first day on which organisations may join under it.
    pub valid_from: Date,
    /// 00:00 of that day in the network's zone.
    pub offered_from: Instant,
}

impl Decide for PublishInstrument {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        if network.agreement.instruments.contains(&self.version) {
            return Err(
                Rejection::new("NAME_TAKEN", "an instrument of this name was published")
                    .field("version")
                    .remedy(
                        "give the new version a name of its own; a published text cannot change",
                    )
                    .rule("membership contract §7 ¶5"),
            );
        }
        not_too_far(network, context, self.valid_from, "validFrom")?;
        Ok(vec![
            InstrumentPublished {
                kind: self.kind,
                version: self.version.clone(),
                title: self.title.clone(),
                document: self.document.clone(),
                address: self.address.clone(),
                valid_from: self.valid_from,
                offered_from: network.zone().start_of(self.valid_from),
            }
            .into(),
        ])
    }
}

impl Evolve for InstrumentPublished {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.agreement.instruments.insert(
            self.version.clone(),
            Instrument {
                kind: self.kind,
                title: self.title.clone(),
                document: self.document.clone(),
                address: self.address.clone(),
                valid_from: self.valid_from,
                closed_after: None,
                offered: Window::open_from(self.offered_from),
            },
        );
    }
}

/// Closes an instrument: nobody joins under it after its last day. Memberships under it go on
/// until they end or move to another instrument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CloseInstrument {
    /// The name of the version.
    pub version: InstrumentVersion,
    /// The last day on which an organisation may join under it; not before its first day.
    pub last_day: Date,
}

/// An instrument was closed to new members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstrumentClosed {
    /// The name of the version.
    pub version: InstrumentVersion,
    /// The last day on which an organisation may join under it.
    pub last_day: Date,
    /// 24:00 of that day in the network's zone.
    pub offered_until: Instant,
}

impl Decide for CloseInstrument {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let instrument = network
            .agreement
            .instruments
            .get(&self.version)
            .ok_or_else(|| Rejection::unknown("instrument", "version"))?;
        if instrument.closed_after.is_some() {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "the instrument is closed already")
                    .field("version")
                    .remedy("publish another version where organisations shall join again"),
            );
        }
        if self.last_day < instrument.valid_from {
            return Err(Rejection::new(
                "TOO_EARLY",
                "an instrument cannot close before its first day",
            )
            .field("lastDay")
            .remedy(format!("give {} or a later day", instrument.valid_from))
            .rule("our decision"));
        }
        not_too_far(network, context, self.last_day, "lastDay")?;
        Ok(vec![
            InstrumentClosed {
                version: self.version.clone(),
                last_day: self.last_day,
                offered_until: network.zone().end_of(self.last_day),
            }
            .into(),
        ])
    }
}

impl Evolve for InstrumentClosed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .agreement
            .instruments
            .change(&self.version, |instrument| {
                instrument.closed_after = Some(self.last_day);
                instrument.offered.close_at(self.offered_until);
            });
    }
}
