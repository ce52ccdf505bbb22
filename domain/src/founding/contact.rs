//! The contacts of the operator and of the owner. A change is told in writing and without delay to
//! the other parties' contacts (membership contract §2), and whoever takes the office over names
//! its own.

use super::change;
use crate::computation::past_day;
use crate::time::{Date, Instant};
use crate::{
    Category, Contact, ContactDetails, ContactRole, Context, Decide, Decision, Evolve, Network,
    Obligation, ObligationKind, ObligedParty, PersonId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Names a contact of the operator, in place of the one named for the same before
/// (contract §1, §2; §6 ¶5 for the address of fault reports).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NameOperatorContact {
    /// What the contact is named for.
    pub role: ContactRole,
    /// Who.
    pub contact: ContactDetails,
    /// The day on which the members were told in writing; today where left out.
    #[serde(default)]
    pub notified_on: Option<Date>,
}

/// A contact of the operator was named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorContactNamed {
    /// What the contact is named for.
    pub role: ContactRole,
    /// Who, by reference.
    pub contact: Contact,
    /// The day on which the members were told in writing.
    pub notified_on: Date,
}

/// Names a contact of the owner, in place of the one named for the same before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NameOwnerContact {
    /// What the contact is named for.
    pub role: ContactRole,
    /// Who.
    pub contact: ContactDetails,
    /// The day on which the operator was told in writing; today where left out.
    #[serde(default)]
    pub notified_on: Option<Date>,
}

/// A contact of the owner was named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerContactNamed {
    /// What the contact is named for.
    pub role: ContactRole,
    /// Who, by reference.
    pub contact: Contact,
    /// The day on which the operator was told in writing.
    pub notified_on: Date,
}

fn by_reference(details: &ContactDetails, context: &Context<'_>) -> Contact {
    let person = PersonId(context.new_id("contact"));
    details.by_reference(person, Category::Contact)
}

impl Decide for NameOperatorContact {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        Ok(vec![
            OperatorContactNamed {
                role: self.role,
                contact: by_reference(&self.contact, context),
                notified_on: past_day(network, context, self.notified_on, "notifiedOn")?,
            }
            .into(),
        ])
    }
}

impl Decide for NameOwnerContact {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        Ok(vec![
            OwnerContactNamed {
                role: self.role,
                contact: by_reference(&self.contact, context),
                notified_on: past_day(network, context, self.notified_on, "notifiedOn")?,
            }
            .into(),
        ])
    }
}

fn replace(contacts: &mut Vec<(ContactRole, Contact)>, role: ContactRole, contact: &Contact) {
    contacts.retain(|(of, _)| *of != role);
    contacts.push((role, contact.clone()));
}

impl Evolve for OperatorContactNamed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, |founding| {
            replace(&mut founding.operator_contacts, self.role, &self.contact);
        });
    }
}

impl Evolve for OwnerContactNamed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, |founding| {
            replace(&mut founding.owner_contacts, self.role, &self.contact);
        });
    }
}

/// The contact person whom the operator named for `role`.
pub(crate) fn operator_contact(network: &Network, role: ContactRole) -> Option<PersonId> {
    let mut contacts = network.founding.iter().flat_map(|f| &f.operator_contacts);
    let named = contacts.find(|(of, _)| *of == role);
    named.map(|(_, contact)| contact.person)
}

/// Which contacts the offices owe at `now`: the operator its contract contact (contract §2) and
/// those for the use of the service with the address of fault reports (§6 ¶5), the owner one.
pub(crate) fn office_obligations(network: &Network, _: Instant) -> Vec<Obligation> {
    let Some(founding) = &network.founding else {
        return Vec::new();
    };
    let named =
        |contacts: &[(ContactRole, Contact)], role| contacts.iter().any(|(of, _)| *of == role);
    let operators = [
        (ContactRole::Contract, "membership contract §2"),
        (ContactRole::Technical, "membership contract §6 ¶5"),
        (ContactRole::NoticeAddress, "membership contract §6 ¶5"),
    ];
    let mut owed: Vec<Obligation> = operators
        .into_iter()
        .filter(|(role, _)| !named(&founding.operator_contacts, *role))
        .map(|(role, source)| {
            let kind = ObligationKind::NameOperatorContact(role);
            Obligation::new(kind, None, ObligedParty::Operator, source)
        })
        .collect();
    if !named(&founding.owner_contacts, ContactRole::Contract) {
        let kind = ObligationKind::NameOwnerContact(ContactRole::Contract);
        let source =
            "our decision: the owner decides on the steering group, membership contract §7 ¶4";
        owed.push(Obligation::new(kind, None, ObligedParty::Owner, source));
    }
    owed
}
