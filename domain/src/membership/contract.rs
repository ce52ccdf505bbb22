//! Joining by contract, and going over to one from another version or from terms of use: draft,
//! signatures of every signatory, the operator's signature last, the signed copy. The membership
//! starts, or goes on under the contract, with the operator's signature and not before
//! (membership contract §4 ¶6).

use super::application::{open_application, signatories};
use super::begin::{Beginning, begin, eligible_for};
use super::legal_basis::{BasisGround, offered};
use super::{Member, change, known, wrong_state};
use crate::computation::past_day;
use crate::time::{Date, Instant};
use crate::value::{DocumentReference, InstrumentVersion, OrganisationOid};
use crate::{
    Contact, ContactDetails, Context, Decide, Decision, Event, Evolve, InstrumentKind, Network,
    PersonId, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod delivery;

pub use delivery::*;

/// How a contract is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SignatureChannel {
    /// Each signatory gets a message and signs in the browser.
    Electronic,
    /// The contract is printed, signed, scanned and returned.
    Paper,
}

/// When and how signatures were asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureCall {
    /// How the contract is signed.
    pub channel: SignatureChannel,
    /// The day.
    pub on: Date,
}

/// Somebody who signs for a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signatory {
    /// Who, by reference.
    pub contact: Contact,
    /// The day of the signature.
    pub signed_on: Option<Date>,
    /// The scan, or the signing service's record.
    pub evidence: Option<DocumentReference>,
}

/// A contract on its way to being signed, and afterwards.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContractProcess {
    /// The contract's version.
    pub instrument: InstrumentVersion,
    /// The day of the draft.
    pub drafted_on: Date,
    /// When and how signatures were asked for last.
    pub request: Option<SignatureCall>,
    /// Everybody who signs for the member.
    pub signatories: Vec<Signatory>,
    /// The day of the operator's signature.
    pub operator_signed_on: Option<Date>,
}

impl ContractProcess {
    /// Whether every signatory of the member has signed.
    pub fn is_signed_by_member(&self) -> bool {
        self.signatories.iter().all(|one| one.signed_on.is_some())
    }

    /// Whether it waits for signatures, the member's or the operator's.
    pub fn is_open(&self) -> bool {
        self.operator_signed_on.is_none()
    }
}

/// Drafts the contract for an applicant, or for a member that goes over to it from another version
/// or from terms of use. A draft that nobody has signed is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DraftContract {
    /// The applicant or member.
    pub organisation: OrganisationOid,
    /// The published version of the contract.
    pub instrument: InstrumentVersion,
    /// Who signs for the organisation; left out, those of its application.
    #[serde(default)]
    pub signatories: Vec<ContactDetails>,
}

/// A contract was drafted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContractDrafted {
    /// The applicant or member.
    pub member: OrganisationOid,
    /// The version of the contract.
    pub instrument: InstrumentVersion,
    /// Who signs for the organisation, by reference.
    pub signatories: Vec<Contact>,
    /// The day.
    pub on: Date,
}

impl Decide for DraftContract {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.organisation, "organisation")?;
        offered(
            network,
            &self.instrument,
            InstrumentKind::Contract,
            context.now,
        )?;
        let begun = |contract: &super::ContractProcess| {
            contract.is_open()
                && contract
                    .signatories
                    .iter()
                    .any(|one| one.signed_on.is_some())
        };
        if row.contract.as_ref().is_some_and(begun) {
            return Err(wrong_state(
                "the contract that was drafted before bears signatures already",
                "organisation",
                "have the remaining signatures recorded, or let the application be withdrawn",
            ));
        }
        if let Some(basis) = row.legal_basis(context.now) {
            if basis.instrument == self.instrument {
                return Err(Rejection::new(
                    "ALREADY_A_MEMBER",
                    "this organisation's membership is in force under this contract",
                )
                .field("organisation")
                .remedy("draft another version of the contract, or leave the membership as it is")
                .rule("membership contract §4, last paragraph"));
            }
            if basis.kind != InstrumentKind::Contract {
                let roles = row.roles_at(context.now);
                eligible_for(network, context, row, InstrumentKind::Contract, &roles)?;
            }
        } else {
            let (_, application) = open_application(network, &self.organisation)?;
            let kind = InstrumentKind::Contract;
            eligible_for(network, context, row, kind, &application.roles)?;
        }
        let signatories = match (&self.signatories[..], &row.application) {
            ([], Some(application)) => application.signatories.clone(),
            (named, _) => signatories(named, context)?,
        };
        if signatories.is_empty() {
            return Err(
                Rejection::new("SIGNATORY_MISSING", "somebody must sign the contract")
                    .field("signatories")
                    .remedy("name everybody whose signature binds the organisation")
                    .rule("membership contract §11"),
            );
        }
        Ok(vec![
            ContractDrafted {
                member: self.organisation.clone(),
                instrument: self.instrument.clone(),
                signatories,
                on: network.date(context.now),
            }
            .into(),
        ])
    }
}

impl Evolve for ContractDrafted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row: &mut Member| {
            let unsigned = |contact: &Contact| Signatory {
                contact: contact.clone(),
                signed_on: None,
                evidence: None,
            };
            row.contract = Some(ContractProcess {
                instrument: self.instrument.clone(),
                drafted_on: self.on,
                request: None,
                signatories: self.signatories.iter().map(unsigned).collect(),
                operator_signed_on: None,
            });
        });
    }
}

/// The contract that waits for signatures, or the refusal that there is none. What was drafted for
/// a membership that has ended since leads nowhere: that organisation applies anew.
fn open_contract<'a>(
    network: &'a Network,
    organisation: &OrganisationOid,
    now: Instant,
) -> Result<(&'a Member, &'a ContractProcess), Rejection> {
    let row = known(network, organisation, "organisation")?;
    if !row.in_force(now) {
        open_application(network, organisation)?;
    }
    let contract = row
        .contract
        .as_ref()
        .filter(|contract| contract.is_open())
        .ok_or_else(|| {
            wrong_state(
                "no contract waits for signatures",
                "organisation",
                "draft the contract first",
            )
        })?;
    Ok((row, contract))
}

/// Asks the member's signatories for their signatures. May be asked anew, also in another way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestSignatures {
    /// The applicant or member.
    pub organisation: OrganisationOid,
    /// How the contract is to be signed.
    pub channel: SignatureChannel,
}

/// The member's signatories were asked for their signatures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SignatureRequested {
    /// The applicant or member.
    pub member: OrganisationOid,
    /// The call.
    #[serde(flatten)]
    pub call: SignatureCall,
}

impl Decide for RequestSignatures {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let (row, contract) = open_contract(network, &self.organisation, context.now)?;
        let unsuitable = row
            .open_application()
            .is_some_and(|application| !application.electronic_signature);
        if self.channel == SignatureChannel::Electronic && unsuitable {
            return Err(Rejection::new(
                "CHANNEL_UNSUITABLE",
                "the applicant said that electronic signature does not suit",
            )
            .field("channel")
            .remedy("ask for the signatures on paper")
            .rule("joining page of the agreement"));
        }
        if contract.is_signed_by_member() {
            return Err(wrong_state(
                "every signatory of the member has signed",
                "organisation",
                "have the operator's signature recorded",
            ));
        }
        let call = SignatureCall {
            channel: self.channel,
            on: network.date(context.now),
        };
        Ok(vec![
            SignatureRequested {
                member: self.organisation.clone(),
                call,
            }
            .into(),
        ])
    }
}

impl Evolve for SignatureRequested {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row: &mut Member| {
            if let Some(contract) = &mut row.contract {
                contract.request = Some(self.call);
            }
        });
    }
}

/// Records that one of the member's signatories has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordMemberSignature {
    /// The applicant or member.
    pub organisation: OrganisationOid,
    /// Which signatory, by the reference the draft gave.
    pub signatory: PersonId,
    /// The day of the signature; today where left out.
    #[serde(default)]
    pub signed_on: Option<Date>,
    /// The scan of the signed contract, or the signing service's record. Needed on paper.
    #[serde(default)]
    pub evidence: Option<DocumentReference>,
}

/// One of the member's signatories has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberSigned {
    /// The applicant or member.
    pub member: OrganisationOid,
    /// Which signatory.
    pub signatory: PersonId,
    /// The day of the signature.
    pub signed_on: Date,
    /// The scan, or the signing service's record.
    pub evidence: Option<DocumentReference>,
}

impl Decide for RecordMemberSignature {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let (_, contract) = open_contract(network, &self.organisation, context.now)?;
        let Some(call) = contract.request else {
            return Err(wrong_state(
                "nobody was asked to sign yet",
                "organisation",
                "request the signatures first",
            ));
        };
        let signatory = contract
            .signatories
            .iter()
            .find(|one| one.contact.person == self.signatory)
            .ok_or_else(|| Rejection::unknown("signatory of this contract", "signatory"))?;
        if signatory.signed_on.is_some() {
            return Err(super::nothing_to_change(
                "this signatory has signed already",
                "signatory",
            ));
        }
        if call.channel == SignatureChannel::Paper && self.evidence.is_none() {
            return Err(Rejection::new(
                "EVIDENCE_MISSING",
                "a signature on paper is shown by its scan",
            )
            .field("evidence")
            .remedy("hand the scan of the signed contract in at /documents and name it here")
            .rule("joining page of the agreement, paper signature"));
        }
        let signed_on = past_day(network, context, self.signed_on, "signedOn")?;
        if signed_on < contract.drafted_on {
            return Err(before_draft("signedOn"));
        }
        Ok(vec![
            MemberSigned {
                member: self.organisation.clone(),
                signatory: self.signatory,
                signed_on,
                evidence: self.evidence.clone(),
            }
            .into(),
        ])
    }
}

fn before_draft(field: &'static str) -> Rejection {
    Rejection::new("TOO_EARLY", "nobody signs a contract before its draft")
        .field(field)
        .remedy("give a day from the draft on")
        .rule("our decision")
}

impl Evolve for MemberSigned {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row: &mut Member| {
            let signatories = row.contract.iter_mut().flat_map(|c| &mut c.signatories);
            for one in signatories.filter(|one| one.contact.person == self.signatory) {
                one.signed_on = Some(self.signed_on);
                one.evidence.clone_from(&self.evidence);
            }
        });
    }
}

/// Records that the operator has signed, last of all. With it the membership starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordOperatorSignature {
    /// The applicant or member.
    pub organisation: OrganisationOid,
    /// The day of the signature; today where left out.
    #[serde(default)]
    pub signed_on: Option<Date>,
    /// The contract with every signature.
    pub document: DocumentReference,
}

/// The operator has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorSigned {
    /// The applicant or member.
    pub member: OrganisationOid,
    /// The day of the signature.
    pub signed_on: Date,
    /// The contract with every signature.
    pub document: DocumentReference,
}

impl Decide for RecordOperatorSignature {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let (row, contract) = open_contract(network, &self.organisation, context.now)?;
        if !contract.is_signed_by_member() {
            return Err(Rejection::new(
                "SIGNATURE_MISSING",
                "the operator signs when every signatory of the member has signed",
            )
            .field("organisation")
            .remedy("have the missing signatures recorded first")
            .rule("joining page of the agreement; membership contract §4 ¶6"));
        }
        let signed_on = past_day(network, context, self.signed_on, "signedOn")?;
        let last = contract.signatories.iter().filter_map(|one| one.signed_on);
        if last.max().is_some_and(|day| signed_on < day) {
            return Err(Rejection::new("TOO_EARLY", "the operator signs last")
                .field("signedOn")
                .remedy("give a day not before the member's last signature")
                .rule("joining page of the agreement"));
        }
        let mut events: Vec<Event> = vec![
            OperatorSigned {
                member: self.organisation.clone(),
                signed_on,
                document: self.document.clone(),
            }
            .into(),
        ];
        let ground = BasisGround::SignedContract {
            document: self.document.clone(),
        };
        events.extend(begin(
            network,
            context,
            row,
            &Beginning {
                instrument: &contract.instrument,
                kind: InstrumentKind::Contract,
                since: signed_on,
                ground,
            },
        )?);
        Ok(events)
    }
}

impl Evolve for OperatorSigned {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row: &mut Member| {
            if let Some(contract) = &mut row.contract {
                contract.operator_signed_on = Some(self.signed_on);
            }
        });
    }
}
