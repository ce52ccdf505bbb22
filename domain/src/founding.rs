//! The founding of a ledger, its operator and owner, and the contacts of both.

use crate::time::{Instant, Zone};
use crate::value::{
    BusinessId, EmailAddress, FreeText, LanguageText, OrganisationOid, PersonName, PhoneNumber,
    PostalAddress, ShortText, WebAddress,
};
use crate::{
    Category, Context, Decide, Decision, Event, Evolve, KeySubject, Network, PersonId, Private,
    Rejection, Right, Rule, SetRule, access,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod contact;

pub use contact::*;

/// What a ledger is for. Demo ledgers take the demo story, production ledgers never do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Purpose {
    /// The real network.
    Production,
    /// A story to try the product on.
    Demo,
}

/// An organisation that is a party to the agreement by its office: the operator or the owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Party {
    /// Its identifier in the organisation service.
    pub organisation: OrganisationOid,
    /// Its name.
    pub name: LanguageText,
    /// Its business ID, where it has one.
    #[serde(default)]
    pub business_id: Option<BusinessId>,
}

/// What a contact person is named for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ContactRole {
    /// Watches over the contract; receives remarks, notices and amendments (contract §2, §7 ¶3).
    Contract,
    /// Administrative matters (contract §5 ¶3).
    Administrative,
    /// Technical matters; told without delay of restrictions (contract §5 ¶3, §6 ¶8).
    Technical,
    /// The electronic address for notices about the use of the service (contract §5 ¶3).
    NoticeAddress,
}

/// A contact person as a command brings them in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ContactDetails {
    /// The person's name, or that of a function such as a service desk.
    pub name: PersonName,
    /// Where written notices reach them.
    pub email: EmailAddress,
    /// Where they can be called.
    #[serde(default)]
    pub phone: Option<PhoneNumber>,
    /// Where letters reach them.
    #[serde(default)]
    pub postal_address: Option<PostalAddress>,
}

/// A contact person as the network knows them: by reference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// The person.
    pub person: PersonId,
    /// The name, sealed.
    pub name: Private,
    /// The address for written notices, sealed.
    pub email: Private,
    /// The telephone number, sealed.
    pub phone: Option<Private>,
    /// The postal address, sealed.
    pub postal_address: Option<Private>,
}

impl ContactDetails {
    /// The contact by reference, each value to be sealed under a key of the person's own.
    pub fn by_reference(&self, person: PersonId, category: Category) -> Contact {
        let key = || KeySubject::new(person, category);
        Contact {
            person,
            name: Private::given(key(), &self.name),
            email: Private::given(key(), &self.email),
            phone: self
                .phone
                .as_ref()
                .map(|phone| Private::given(key(), phone)),
            postal_address: self
                .postal_address
                .as_ref()
                .map(|post| Private::given(key(), post)),
        }
    }
}

/// The founding, and who holds the offices of operator and owner now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Founding {
    /// What the ledger is for.
    pub purpose: Purpose,
    /// The zone in which civil dates are read.
    pub zone: Zone,
    /// The operator in office.
    pub operator: Party,
    /// The owner.
    pub owner: Party,
    /// The issuer by which people sign in.
    pub sign_in_issuer: WebAddress,
    /// When the ledger was founded.
    pub founded_at: Instant,
    /// The operator's contacts, by what they are named for (contract §1, §2, §6 ¶5).
    pub operator_contacts: Vec<(ContactRole, Contact)>,
    /// The owner's contacts, by what they are named for.
    pub owner_contacts: Vec<(ContactRole, Contact)>,
}

/// One of the first administrators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FirstAdministrator {
    /// The subject by which the sign-in issuer names the person.
    pub subject: FreeText,
    /// The person's name.
    pub name: PersonName,
    /// The network-wide rights the person starts with.
    pub rights: Vec<Right>,
}

/// Founds the ledger: the first command of every ledger, and of none twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FoundLedger {
    /// What the ledger is for.
    pub purpose: Purpose,
    /// The zone in which civil dates are read.
    pub zone: Zone,
    /// The operator.
    pub operator: Party,
    /// The owner, who gives the operator its commission and convenes the steering group.
    pub owner: Party,
    /// The issuer by which people sign in.
    pub sign_in_issuer: WebAddress,
    /// At least one, with the right of the operator.
    pub first_administrators: Vec<FirstAdministrator>,
    /// The rules that the network starts with; the qualified majority is asked for here, for the
    /// sources give none.
    pub rules: Vec<SetRule>,
}

/// The ledger was founded. Event 0 of every ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerFounded {
    /// What the ledger is for.
    pub purpose: Purpose,
    /// The zone in which civil dates are read.
    pub zone: Zone,
    /// The operator.
    pub operator: Party,
    /// The owner.
    pub owner: Party,
    /// The issuer by which people sign in.
    pub sign_in_issuer: WebAddress,
}

impl Decide for FoundLedger {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        if network.founding.is_some() {
            return Err(
                Rejection::new("ALREADY_FOUNDED", "this ledger was founded before")
                    .remedy("use it, or choose an empty data directory"),
            );
        }
        let operators = self.first_administrators.iter();
        if !operators
            .clone()
            .any(|person| person.rights.contains(&Right::Operator))
        {
            return Err(
                Rejection::new("NO_ADMINISTRATOR", "nobody could administer this ledger")
                    .field("firstAdministrators")
                    .remedy("name at least one person with the right OPERATOR"),
            );
        }
        let majority = |rule: &SetRule| matches!(rule.rule, Rule::QualifiedMajority { .. });
        if !self.rules.iter().any(majority) {
            return Err(Rejection::new(
                "RULE_NOT_SET",
                "the qualified majority must be named at the founding",
            )
            .field("rules")
            .remedy("give the rule `qualifiedMajority`: the agreement states no number")
            .rule("membership contract §7 ¶5"));
        }
        let mut events: Vec<Event> = vec![
            LedgerFounded {
                purpose: self.purpose,
                zone: self.zone.clone(),
                operator: self.operator.clone(),
                owner: self.owner.clone(),
                sign_in_issuer: self.sign_in_issuer.clone(),
            }
            .into(),
        ];
        for rule in &self.rules {
            events.extend(rule.decide(network, context)?);
        }
        for (number, person) in operators.enumerate() {
            let label = format!("administrator {number}");
            events.extend(access::first_administrator(person, &label, context)?);
        }
        Ok(events)
    }
}

impl Evolve for LedgerFounded {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network.founding = Some(Founding {
            purpose: self.purpose,
            zone: self.zone.clone(),
            operator: self.operator.clone(),
            owner: self.owner.clone(),
            sign_in_issuer: self.sign_in_issuer.clone(),
            founded_at: at,
            operator_contacts: Vec::new(),
            owner_contacts: Vec::new(),
        });
    }
}

fn change(network: &mut Network, change: impl FnOnce(&mut Founding)) {
    if let Some(founding) = &mut network.founding {
        change(founding);
    }
}

/// Appoints another operator; the owner gives the commission (contract §3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppointOperator {
    /// The new operator.
    pub operator: Party,
    /// The document or decision that commissions it.
    pub commission: ShortText,
}

/// Another operator was appointed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OperatorAppointed {
    /// The new operator.
    pub operator: Party,
    /// The document or decision that commissions it.
    pub commission: ShortText,
}

impl Decide for AppointOperator {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        if network
            .founding
            .as_ref()
            .is_some_and(|f| f.operator == self.operator)
        {
            return Err(nothing_to_change("operator"));
        }
        let Self {
            operator,
            commission,
        } = self.clone();
        Ok(vec![
            OperatorAppointed {
                operator,
                commission,
            }
            .into(),
        ])
    }
}

impl Evolve for OperatorAppointed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, |founding| {
            founding.operator = self.operator.clone();
            founding.operator_contacts.clear();
        });
    }
}

/// Records that the network has another owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeOwner {
    /// The new owner.
    pub owner: Party,
}

/// The network has another owner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnerChanged {
    /// The new owner.
    pub owner: Party,
}

impl Decide for ChangeOwner {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        if network
            .founding
            .as_ref()
            .is_some_and(|f| f.owner == self.owner)
        {
            return Err(nothing_to_change("owner"));
        }
        Ok(vec![
            OwnerChanged {
                owner: self.owner.clone(),
            }
            .into(),
        ])
    }
}

impl Evolve for OwnerChanged {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, |founding| {
            founding.owner = self.owner.clone();
            founding.owner_contacts.clear();
        });
    }
}

fn nothing_to_change(field: &'static str) -> Rejection {
    Rejection::new("NOTHING_TO_CHANGE", "the network already says so")
        .field(field)
        .remedy("nothing needs to be recorded")
}

#[cfg(test)]
mod tests;
