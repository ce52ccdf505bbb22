//! Applications: an organisation asks to join, gives what the agreement asks for, and is taken
//! further by a contract or by terms of use, refused, or withdraws.

use super::contact::{MemberContact, NamedContact};
use super::{
    EducationProvider, Member, MemberRole, ServicePurpose, change, eligibility, known, text_key,
    wrong_state,
};
use crate::time::{Date, Instant};
use crate::value::{BusinessId, LanguageText, OrganisationOid, PostalAddress, Reason};
use crate::{
    Category, Contact, ContactDetails, ContactRole, Context, Decide, Decision, Evolve,
    InstrumentKind, Network, PersonId, Private, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The most people who sign for one member (a bound, not a rule of the agreement).
pub(crate) const SIGNATORIES_MAX: usize = 10;

/// Where an application stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ApplicationState {
    /// Neither joined nor turned down.
    Open,
    /// The operator turned it down.
    Refused {
        /// The day.
        on: Date,
        /// Why, sealed.
        reason: Private,
    },
    /// The organisation took it back.
    Withdrawn {
        /// The day.
        on: Date,
    },
    /// It led to a membership.
    Joined,
}

/// An organisation's latest application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MembershipApplication {
    /// The day on which it was made.
    pub applied_on: Date,
    /// The kind of instrument asked for.
    pub instrument: InstrumentKind,
    /// The roles asked for.
    pub roles: Vec<MemberRole>,
    /// Who signs for the organisation, by reference.
    pub signatories: Vec<Contact>,
    /// Whether electronic signature suits.
    pub electronic_signature: bool,
    /// Where it stands.
    pub state: ApplicationState,
}

impl MembershipApplication {
    /// Whether it is neither joined nor turned down.
    pub fn is_open(&self) -> bool {
        self.state == ApplicationState::Open
    }
}

/// Applies for membership, with all that is needed to start (joining page of the agreement; the
/// joining notification carries the same).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ApplyForMembership {
    /// The organisation.
    pub organisation: OrganisationOid,
    /// Its name.
    pub name: LanguageText,
    /// Its business ID, where it has one.
    #[serde(default)]
    pub business_id: Option<BusinessId>,
    /// Its postal address.
    pub postal_address: PostalAddress,
    /// The roles it asks for; at least one, both only for an education provider.
    pub roles: Vec<MemberRole>,
    /// What makes it an education provider; left out where it is none.
    #[serde(default)]
    pub education_provider: Option<EducationProvider>,
    /// The purpose of the services it will offer; needed for the role of a service provider.
    #[serde(default)]
    pub service_purpose: Option<ServicePurpose>,
    /// The kind of instrument under which it asks to join.
    pub instrument: InstrumentKind,
    /// Its contacts; the one for the contract is needed, each role once.
    pub contacts: Vec<NamedContact>,
    /// Who signs for it; at least one for a contract.
    #[serde(default)]
    pub signatories: Vec<ContactDetails>,
    /// Whether electronic signature suits; if not, the contract is signed on paper.
    #[serde(default = "yes")]
    pub electronic_signature: bool,
}

fn yes() -> bool {
    true
}

/// An organisation applied for membership.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MembershipApplied {
    /// The organisation.
    pub member: OrganisationOid,
    /// Its name.
    pub name: LanguageText,
    /// Its business ID.
    pub business_id: Option<BusinessId>,
    /// Its postal address, sealed.
    pub postal_address: Private,
    /// The roles it asks for.
    pub roles: Vec<MemberRole>,
    /// What makes it an education provider.
    pub education_provider: Option<EducationProvider>,
    /// The purpose of the services it will offer.
    pub service_purpose: Option<ServicePurpose>,
    /// The kind of instrument.
    pub instrument: InstrumentKind,
    /// Its contacts, by reference.
    pub contacts: Vec<(ContactRole, Contact)>,
    /// Who signs for it, by reference.
    pub signatories: Vec<Contact>,
    /// Whether electronic signature suits.
    pub electronic_signature: bool,
    /// The day of the application.
    pub applied_on: Date,
}

/// Signatories by reference.
pub(crate) fn signatories(
    details: &[ContactDetails],
    context: &Context<'_>,
) -> Result<Vec<Contact>, Rejection> {
    if details.len() > SIGNATORIES_MAX {
        return Err(Rejection::new(
            "TOO_MANY",
            format!("at most {SIGNATORIES_MAX} people sign for one member"),
        )
        .field("signatories")
        .remedy("name only those whose signature binds the organisation")
        .rule("our decision"));
    }
    if details.iter().any(|person| person.phone.is_none()) {
        return Err(
            Rejection::new("PHONE_MISSING", "whoever signs can be reached by telephone")
                .field("signatories.phone")
                .remedy("give the telephone number of each signatory")
                .rule("joining page of the agreement"),
        );
    }
    let by_reference = |(number, person): (usize, &ContactDetails)| {
        let id = PersonId(context.new_id(&format!("signatory {number}")));
        person.by_reference(id, Category::Signatory)
    };
    Ok(details.iter().enumerate().map(by_reference).collect())
}

/// The roles without repetition; refused where there are none.
pub(crate) fn distinct_roles(roles: &[MemberRole]) -> Result<Vec<MemberRole>, Rejection> {
    let mut distinct = roles.to_vec();
    distinct.sort_unstable();
    distinct.dedup();
    if distinct.is_empty() {
        return Err(
            Rejection::new("ROLE_MISSING", "a member has at least one role")
                .field("roles")
                .remedy(
                    "give HOME_ORGANISATION, SERVICE_PROVIDER or, for an education provider, both",
                )
                .rule("membership contract §5 ¶1"),
        );
    }
    Ok(distinct)
}

/// Refuses a business ID that stands on another member's row: one member has one contract.
pub(crate) fn business_id_is_free(
    network: &Network,
    organisation: &OrganisationOid,
    business_id: Option<&BusinessId>,
    now: Instant,
) -> Result<(), Rejection> {
    let taken = business_id.is_some_and(|wanted| {
        network.members.values().any(|row| {
            row.business_id.as_ref() == Some(wanted)
                && row.organisation != *organisation
                && row.in_force(now)
        })
    });
    if taken {
        return Err(
            Rejection::new("NAME_TAKEN", "another member in force has this business ID")
                .field("businessId")
                .remedy("check which organisation joined under it; one member has one contract")
                .rule("membership contract §4, last paragraph"),
        );
    }
    Ok(())
}

/// Refuses a business ID under which another organisation has applied: only one of the two can
/// become a member.
fn no_other_applicant(
    network: &Network,
    organisation: &OrganisationOid,
    business_id: Option<&BusinessId>,
) -> Result<(), Rejection> {
    let taken = business_id.is_some_and(|wanted| {
        network.members.values().any(|row| {
            row.business_id.as_ref() == Some(wanted)
                && row.organisation != *organisation
                && row.open_application().is_some()
        })
    });
    if taken {
        return Err(Rejection::new(
            "NAME_TAKEN",
            "another organisation has applied under this business ID",
        )
        .field("businessId")
        .remedy("have the other application withdrawn or refused, or correct the business ID")
        .rule("membership contract §4, last paragraph"));
    }
    Ok(())
}

impl Decide for ApplyForMembership {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        if let Some(row) = network.members.get(&self.organisation) {
            if row.in_force(context.now) {
                return Err(Rejection::new(
                    "ALREADY_A_MEMBER",
                    "this organisation's membership is in force",
                )
                .field("organisation")
                .remedy("change its roles or contacts, or accept terms of use, instead")
                .rule("membership contract §4, last paragraph"));
            }
            if row.open_application().is_some() {
                return Err(wrong_state(
                    "this organisation has an open application",
                    "organisation",
                    "continue with it, or withdraw it first",
                ));
            }
        }
        let roles = distinct_roles(&self.roles)?;
        eligibility::complete(self.education_provider.as_ref())?;
        let today = network.date(context.now);
        eligibility::check(
            None,
            &roles,
            self.education_provider.as_ref(),
            self.service_purpose.as_ref(),
        )?;
        business_id_is_free(
            network,
            &self.organisation,
            self.business_id.as_ref(),
            context.now,
        )?;
        no_other_applicant(network, &self.organisation, self.business_id.as_ref())?;
        if self.instrument == InstrumentKind::Contract && self.signatories.is_empty() {
            return Err(
                Rejection::new("SIGNATORY_MISSING", "somebody must sign the contract")
                    .field("signatories")
                    .remedy("name everybody whose signature binds the organisation")
                    .rule("membership contract §11"),
            );
        }
        let contacts = super::contact::named(&self.contacts, context)?;
        if !contacts
            .iter()
            .any(|(role, _)| *role == ContactRole::Contract)
        {
            return Err(Rejection::new(
                "CONTACT_MISSING",
                "each party names a contact person for the contract",
            )
            .field("contacts")
            .remedy("name a contact with the role CONTRACT")
            .rule("membership contract §2"));
        }
        Ok(vec![
            MembershipApplied {
                member: self.organisation.clone(),
                name: self.name.clone(),
                business_id: self.business_id.clone(),
                postal_address: Private::given(text_key(&self.organisation), &self.postal_address),
                roles,
                education_provider: self.education_provider.clone(),
                service_purpose: self.service_purpose.clone(),
                instrument: self.instrument,
                contacts,
                signatories: signatories(&self.signatories, context)?,
                electronic_signature: self.electronic_signature,
                applied_on: today,
            }
            .into(),
        ])
    }
}

impl Evolve for MembershipApplied {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network.members.change_or_insert(
            self.member.clone(),
            || Member::new(self.member.clone()),
            |row| {
                row.name = Some(self.name.clone());
                row.business_id.clone_from(&self.business_id);
                row.postal_address = Some(self.postal_address.clone());
                row.education_provider.clone_from(&self.education_provider);
                row.service_purpose.clone_from(&self.service_purpose);
                row.contract = None;
                row.terms = None;
                for (role, contact) in &self.contacts {
                    MemberContact::replace(&mut row.contacts, *role, contact.clone(), at);
                }
                row.application = Some(MembershipApplication {
                    applied_on: self.applied_on,
                    instrument: self.instrument,
                    roles: self.roles.clone(),
                    signatories: self.signatories.clone(),
                    electronic_signature: self.electronic_signature,
                    state: ApplicationState::Open,
                });
            },
        );
    }
}

/// Turns an application down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefuseApplication {
    /// The applicant.
    pub organisation: OrganisationOid,
    /// Why, in words.
    pub because: Reason,
}

/// An application was turned down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationRefused {
    /// The applicant.
    pub member: OrganisationOid,
    /// The day.
    pub on: Date,
    /// Why, sealed.
    pub because: Private,
}

/// Takes one's own application back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithdrawApplication {
    /// The applicant.
    pub organisation: OrganisationOid,
}

/// An application was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationWithdrawn {
    /// The applicant.
    pub member: OrganisationOid,
    /// The day.
    pub on: Date,
}

/// The open application of `organisation`, or the refusal that there is none.
pub(crate) fn open_application<'a>(
    network: &'a Network,
    organisation: &OrganisationOid,
) -> Result<(&'a Member, &'a MembershipApplication), Rejection> {
    let row = known(network, organisation, "organisation")?;
    let application = row.open_application().ok_or_else(|| {
        wrong_state(
            "this organisation has no open application",
            "organisation",
            "record its application first",
        )
    })?;
    Ok((row, application))
}

impl Decide for RefuseApplication {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        open_application(network, &self.organisation)?;
        Ok(vec![
            ApplicationRefused {
                member: self.organisation.clone(),
                on: network.date(context.now),
                because: Private::given(text_key(&self.organisation), &self.because),
            }
            .into(),
        ])
    }
}

impl Decide for WithdrawApplication {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        open_application(network, &self.organisation)?;
        Ok(vec![
            ApplicationWithdrawn {
                member: self.organisation.clone(),
                on: network.date(context.now),
            }
            .into(),
        ])
    }
}

fn close(network: &mut Network, member: &OrganisationOid, state: ApplicationState) {
    change(network, member, |row| {
        row.contract = None;
        row.terms = None;
        if let Some(application) = &mut row.application {
            application.state = state;
        }
    });
}

impl Evolve for ApplicationRefused {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let reason = self.because.clone();
        close(
            network,
            &self.member,
            ApplicationState::Refused {
                on: self.on,
                reason,
            },
        );
    }
}

impl Evolve for ApplicationWithdrawn {
    fn evolve(&self, network: &mut Network, _: Instant) {
        close(
            network,
            &self.member,
            ApplicationState::Withdrawn { on: self.on },
        );
    }
}
