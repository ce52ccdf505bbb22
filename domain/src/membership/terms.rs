//! Joining by a joining notification that accepts terms of use, and going over to terms from a
//! contract without a gap (service card of 2023; domain facts J.4).

use super::application::open_application;
use super::begin::{Beginning, begin, eligible_for};
use super::legal_basis::{BasisGround, offered};
use super::{
    ContractParty, Member, MembershipNotice, change, known, nothing_to_change, wrong_state,
};
use crate::computation::past_day;
use crate::time::{Date, Instant};
use crate::value::{DocumentReference, InstrumentVersion, OrganisationOid, PersonName};
use crate::{
    Category, Context, Decide, Decision, Event, Evolve, InstrumentKind, KeySubject, Network,
    PersonId, Private, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Terms that an organisation accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TermsAcceptance {
    /// The version of the terms.
    pub instrument: InstrumentVersion,
    /// The day.
    pub accepted_on: Date,
    /// Who accepted them for the organisation.
    pub person: PersonId,
    /// That person's name, sealed.
    pub accepted_by: Private,
}

/// Accepts terms of use. A member in force goes over to them at once and without a gap, unless the
/// operator has given it notice; an applicant's joining notification is complete with it. Both
/// then wait for the operator's confirmation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AcceptTerms {
    /// The applicant or member.
    pub organisation: OrganisationOid,
    /// The published version of the terms.
    pub instrument: InstrumentVersion,
    /// Who accepts them for the organisation.
    pub accepted_by: PersonName,
    /// The notification or form, where there is one.
    #[serde(default)]
    pub evidence: Option<DocumentReference>,
}

/// Terms of use were accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TermsAccepted {
    /// The applicant or member.
    pub member: OrganisationOid,
    /// The version of the terms.
    pub instrument: InstrumentVersion,
    /// The day.
    pub accepted_on: Date,
    /// Who accepted them.
    pub person: PersonId,
    /// That person's name, sealed.
    pub accepted_by: Private,
    /// The notification or form.
    pub evidence: Option<DocumentReference>,
    /// Whether the operator is to confirm it before anything changes.
    pub awaits_operator: bool,
}

impl Decide for AcceptTerms {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.organisation, "organisation")?;
        let kind = InstrumentKind::TermsOfUse;
        offered(network, &self.instrument, kind, context.now)?;
        let today = network.date(context.now);
        let roles = match row.legal_basis(context.now) {
            Some(basis) if basis.instrument == self.instrument => {
                return Err(nothing_to_change(
                    "the membership rests on these terms already",
                    "instrument",
                ));
            }
            Some(_) => row.roles_at(context.now),
            None => open_application(network, &self.organisation)?
                .1
                .roles
                .clone(),
        };
        eligible_for(network, context, row, kind, &roles)?;
        let person = PersonId(context.new_id("accepted by"));
        let key = KeySubject::new(person, Category::Signatory);
        // The operator's own notice is not undone by the member alone.
        let operators = |notice: &MembershipNotice| notice.by == ContractParty::Operator;
        let awaits_operator = !row.in_force(context.now) || row.running_notices().any(operators);
        let mut events: Vec<Event> = vec![
            TermsAccepted {
                member: self.organisation.clone(),
                instrument: self.instrument.clone(),
                accepted_on: today,
                person,
                accepted_by: Private::given(key, &self.accepted_by),
                evidence: self.evidence.clone(),
                awaits_operator,
            }
            .into(),
        ];
        if !awaits_operator {
            let beginning = Beginning {
                instrument: &self.instrument,
                kind: InstrumentKind::TermsOfUse,
                since: today,
                ground: BasisGround::AcceptedTerms,
            };
            events.extend(begin(network, context, row, &beginning)?);
        }
        Ok(events)
    }
}

impl Evolve for TermsAccepted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row: &mut Member| {
            if self.awaits_operator {
                row.terms = Some(TermsAcceptance {
                    instrument: self.instrument.clone(),
                    accepted_on: self.accepted_on,
                    person: self.person,
                    accepted_by: self.accepted_by.clone(),
                });
            }
        });
    }
}

/// Confirms a joining notification that accepted terms of use. With it the membership starts, or
/// goes on under the terms without a gap; notices of what it rested on end nothing any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ConfirmJoiningNotification {
    /// The applicant.
    pub organisation: OrganisationOid,
    /// The first day of the membership, not before the acceptance; today where left out.
    #[serde(default)]
    pub since: Option<Date>,
}

impl Decide for ConfirmJoiningNotification {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = known(network, &self.organisation, "organisation")?;
        if !row.in_force(context.now) {
            open_application(network, &self.organisation)?;
        }
        let Some(terms) = &row.terms else {
            return Err(wrong_state(
                "this organisation has not accepted terms of use",
                "organisation",
                "record the acceptance first",
            ));
        };
        let since = past_day(network, context, self.since, "since")?;
        if since < terms.accepted_on {
            return Err(Rejection::new(
                "TOO_EARLY",
                "a membership under terms of use starts when they are accepted",
            )
            .field("since")
            .remedy("give a day from the acceptance on")
            .rule("service card of 2023"));
        }
        let mut events: Vec<Event> = vec![
            JoiningNotificationConfirmed {
                member: self.organisation.clone(),
            }
            .into(),
        ];
        let beginning = Beginning {
            instrument: &terms.instrument,
            kind: InstrumentKind::TermsOfUse,
            since,
            ground: BasisGround::AcceptedTerms,
        };
        events.extend(begin(network, context, row, &beginning)?);
        Ok(events)
    }
}

/// The operator confirmed a joining notification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JoiningNotificationConfirmed {
    /// The applicant.
    pub member: OrganisationOid,
}

impl Evolve for JoiningNotificationConfirmed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row: &mut Member| row.terms = None);
    }
}
