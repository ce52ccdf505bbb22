//! Seats in the steering group: a person, known by reference, who represents an organisation.

use crate::agreement::is_party_on;
use crate::time::{Date, Instant, Window};
use crate::value::{EmailAddress, OrganisationOid, PersonName, Reason};
use crate::{
    Category, Context, Decide, Decision, Evolve, KeySubject, Network, PersonId, Private, Rejection,
    SeatId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A person brought in by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NamedPerson {
    /// The person's name.
    pub name: PersonName,
    /// Where written notices reach them.
    #[serde(default)]
    pub email: Option<EmailAddress>,
}

/// A person, by the reference the network has or by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum PersonReference {
    /// Somebody who has signed in: the reference under which they are recorded.
    Administrator(PersonId),
    /// Somebody the network does not know yet.
    Named(NamedPerson),
}

/// A person as an event tells of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReferredPerson {
    /// The person.
    pub person: PersonId,
    /// The name, sealed; none where the person is recorded as an administrator.
    pub name: Option<Private>,
    /// The address, sealed.
    pub email: Option<Private>,
}

impl PersonReference {
    /// The person by reference; refused where nobody is recorded under it. `label` tells the new
    /// persons of one command apart.
    pub(crate) fn referred(
        &self,
        network: &Network,
        context: &Context<'_>,
        label: &str,
        field: &'static str,
    ) -> Result<ReferredPerson, Rejection> {
        match self {
            Self::Administrator(person) => {
                if !network.access.administrators.contains(person) {
                    return Err(Rejection::unknown("person", field));
                }
                Ok(ReferredPerson {
                    person: *person,
                    name: None,
                    email: None,
                })
            }
            Self::Named(named) => {
                let person = PersonId(context.new_id(label));
                let key = || KeySubject::new(person, Category::Contact);
                Ok(ReferredPerson {
                    person,
                    name: Some(Private::given(key(), &named.name)),
                    email: named
                        .email
                        .as_ref()
                        .map(|email| Private::given(key(), email)),
                })
            }
        }
    }
}

/// A seat in the steering group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Seat {
    /// The organisation that the person represents.
    pub organisation: OrganisationOid,
    /// Who sits on it.
    pub person: PersonId,
    /// The name, sealed; none where the person is recorded as an administrator.
    pub name: Option<Private>,
    /// The address, sealed.
    pub email: Option<Private>,
    /// The first day in office.
    pub first_day: Date,
    /// The last day in office: the term's, or that of a dismissal.
    pub last_day: Date,
    /// When it is in office.
    pub in_office: Window,
    /// Why the person was dismissed, sealed.
    pub dismissed_because: Option<Private>,
}

impl Seat {
    /// Whether it is in office on `day`. A seat dismissed before it began never is.
    pub fn is_in_office_on(&self, day: Date) -> bool {
        self.first_day <= day && day <= self.last_day
    }
}

/// Appoints a person to the steering group for the rest of a term, to represent a member, the
/// operator or the owner. The right to cast the seat's vote oneself is given apart from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppointSteeringMember {
    /// The organisation that the person represents.
    pub organisation: OrganisationOid,
    /// Who.
    pub person: PersonReference,
    /// The first day in office, within a term for which the group is convened.
    pub first_day: Date,
}

/// A person was appointed to the steering group until the end of the term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SteeringMemberAppointed {
    /// The seat.
    pub seat: SeatId,
    /// The organisation that the person represents.
    pub organisation: OrganisationOid,
    /// Who.
    pub person: ReferredPerson,
    /// The first day in office.
    pub first_day: Date,
    /// The last day of the term.
    pub last_day: Date,
    /// When the seat is in office.
    pub in_office: Window,
}

impl Decide for AppointSteeringMember {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let steering = &network.steering;
        let term = steering.term_on(self.first_day).ok_or_else(|| {
            Rejection::new(
                "NOT_CONVENED",
                "the steering group is not convened on this day",
            )
            .field("firstDay")
            .remedy("the owner convenes the group for a term first")
            .rule("membership contract §7 ¶4")
        })?;
        if !is_party_on(network, &self.organisation, context.now) {
            return Err(crate::agreement::not_a_member("organisation"));
        }
        let person = self
            .person
            .referred(network, context, "steering member", "person")?;
        let sits = |seat: &Seat| {
            seat.person == person.person
                && seat.first_day <= term.last_day
                && self.first_day <= seat.last_day
        };
        if steering.seats.values().any(sits) {
            return Err(
                Rejection::new("NOTHING_TO_CHANGE", "this person has a seat in this term")
                    .field("person")
                    .remedy("one person has one vote; dismiss them from the other seat first")
                    .rule("our decision"),
            );
        }
        let zone = network.zone();
        Ok(vec![
            SteeringMemberAppointed {
                seat: SeatId(context.new_id("seat")),
                organisation: self.organisation.clone(),
                person,
                first_day: self.first_day,
                last_day: term.last_day,
                in_office: Window {
                    from: zone.start_of(self.first_day),
                    until: Some(zone.end_of(term.last_day)),
                },
            }
            .into(),
        ])
    }
}

impl Evolve for SteeringMemberAppointed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.steering.seats.insert(
            self.seat,
            Seat {
                organisation: self.organisation.clone(),
                person: self.person.person,
                name: self.person.name.clone(),
                email: self.person.email.clone(),
                first_day: self.first_day,
                last_day: self.last_day,
                in_office: self.in_office,
                dismissed_because: None,
            },
        );
    }
}

/// Dismisses a person from the steering group before the end of the term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DismissSteeringMember {
    /// The seat.
    pub seat: SeatId,
    /// The last day in office; before the end of the term, and not before the first day.
    pub last_day: Date,
    /// Why.
    pub reason: Reason,
}

/// A person was dismissed from the steering group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SteeringMemberDismissed {
    /// The seat.
    pub seat: SeatId,
    /// The last day in office.
    pub last_day: Date,
    /// 24:00 of that day in the network's zone.
    pub in_office_until: Instant,
    /// Why, sealed.
    pub reason: Private,
}

impl Decide for DismissSteeringMember {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let seat = network
            .steering
            .seats
            .get(&self.seat)
            .ok_or_else(|| Rejection::unknown("seat", "seat"))?;
        if self.last_day < seat.first_day {
            return Err(
                Rejection::new("TOO_EARLY", "the person was not in office then")
                    .field("lastDay")
                    .remedy(format!("give {} or a later day", seat.first_day)),
            );
        }
        if self.last_day >= seat.last_day {
            return Err(Rejection::new(
                "NOTHING_TO_CHANGE",
                format!("the seat is in office until {} anyway", seat.last_day),
            )
            .field("lastDay")
            .remedy("give an earlier day, or record nothing"));
        }
        Ok(vec![
            SteeringMemberDismissed {
                seat: self.seat,
                last_day: self.last_day,
                in_office_until: network.zone().end_of(self.last_day),
                reason: Private::given(KeySubject::new(self.seat, Category::Text), &self.reason),
            }
            .into(),
        ])
    }
}

impl Evolve for SteeringMemberDismissed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.steering.seats.change(&self.seat, |seat| {
            seat.last_day = seat.last_day.min(self.last_day);
            seat.in_office.close_at(self.in_office_until);
            seat.dismissed_because = Some(self.reason.clone());
        });
    }
}
