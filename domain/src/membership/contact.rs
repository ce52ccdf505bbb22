//! A member's contacts: for the contract, for administrative and for technical matters, and the
//! address for notices. They are four different things (membership contract §2, §5 ¶3).

use super::{Member, change, known};
use crate::computation::past_day;
use crate::time::{Date, Instant};
use crate::value::OrganisationOid;
use crate::{
    Category, Contact, ContactDetails, ContactRole, Context, Decide, Decision, Evolve, Network,
    PersonId, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A contact with what it is named for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedContact {
    /// What the contact is named for.
    pub role: ContactRole,
    /// Who.
    pub contact: ContactDetails,
}

/// A contact of a member, also one that another has replaced: whoever was named when a notice
/// went out stays on record, by reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MemberContact {
    /// What the contact is named for.
    pub role: ContactRole,
    /// Who, by reference.
    pub contact: Contact,
    /// When it was recorded.
    pub from: Instant,
    /// When another took its place.
    pub until: Option<Instant>,
}

impl MemberContact {
    /// Puts a contact in place of the one named for the same before.
    pub(crate) fn replace(
        contacts: &mut Vec<Self>,
        role: ContactRole,
        contact: Contact,
        at: Instant,
    ) {
        for before in contacts.iter_mut() {
            if before.role == role && before.until.is_none() {
                before.until = Some(at);
            }
        }
        contacts.push(Self {
            role,
            contact,
            from: at,
            until: None,
        });
    }
}

/// Contacts by reference; refused where a role stands twice.
pub(crate) fn named(
    contacts: &[NamedContact],
    context: &Context<'_>,
) -> Result<Vec<(ContactRole, Contact)>, Rejection> {
    let mut named: Vec<(ContactRole, Contact)> = Vec::new();
    for NamedContact { role, contact } in contacts {
        if named.iter().any(|(other, _)| other == role) {
            return Err(
                Rejection::new("REPEATED", "a contact of each kind is named once")
                    .field("contacts")
                    .remedy("name one contact for each role"),
            );
        }
        let person = PersonId(context.new_id(&format!("contact {role:?}")));
        named.push((*role, contact.by_reference(person, Category::Contact)));
    }
    Ok(named)
}

/// Names a contact of a member or applicant, in place of the one named for the same before. A
/// change is notified in writing and without delay (membership contract §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NameContact {
    /// The member or applicant.
    pub member: OrganisationOid,
    /// What the contact is named for.
    pub role: ContactRole,
    /// Who.
    pub contact: ContactDetails,
    /// The day on which the change was notified in writing; today where left out.
    #[serde(default)]
    pub notified_on: Option<Date>,
}

/// A contact was named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ContactNamed {
    /// The member or applicant.
    pub member: OrganisationOid,
    /// What the contact is named for.
    pub role: ContactRole,
    /// Who, by reference.
    pub contact: Contact,
    /// The day on which the change was notified in writing.
    pub notified_on: Date,
}

impl Decide for NameContact {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        known(network, &self.member, "member")?;
        let person = PersonId(context.new_id("contact"));
        Ok(vec![
            ContactNamed {
                member: self.member.clone(),
                role: self.role,
                contact: self.contact.by_reference(person, Category::Contact),
                notified_on: past_day(network, context, self.notified_on, "notifiedOn")?,
            }
            .into(),
        ])
    }
}

impl Evolve for ContactNamed {
    fn evolve(&self, network: &mut Network, at: Instant) {
        change(network, &self.member, |row: &mut Member| {
            MemberContact::replace(&mut row.contacts, self.role, self.contact.clone(), at);
        });
    }
}
