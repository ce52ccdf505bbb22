//! Meetings of the steering group. They are open to all members (membership contract §7 ¶4).

use crate::agreement::{not_in_future, not_too_far};
use crate::time::{Date, Instant};
use crate::value::{DocumentReference, FreeText, Reason, ShortText};
use crate::{
    Category, Context, Decide, Decision, Evolve, KeySubject, MeetingId, Network, Private,
    Rejection, SeatId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A meeting of the steering group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meeting {
    /// When it is to begin.
    pub begins_at: Instant,
    /// The day of that, in the network's zone.
    pub called_for: Date,
    /// Where, or by what connection. Every member sees it.
    pub place: ShortText,
    /// What is to be discussed. Every member sees it.
    pub agenda: String,
    /// When it was called.
    pub called_at: Instant,
    /// When it was called off.
    pub cancelled_at: Option<Instant>,
    /// That it was held, and what was recorded of it.
    pub held: Option<MeetingRecord>,
}

/// What was recorded of a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingRecord {
    /// The day on which it was held.
    pub held_on: Date,
    /// The minutes, as a document.
    pub minutes: Option<DocumentReference>,
    /// The minutes in words, sealed.
    pub summary: Option<Private>,
    /// The seats that were present.
    pub present: Vec<SeatId>,
}

fn meeting_row(network: &Network, meeting: MeetingId) -> Result<&Meeting, Rejection> {
    network
        .steering
        .meetings
        .get(&meeting)
        .ok_or_else(|| Rejection::unknown("meeting", "meeting"))
}

fn still_to_be_held(meeting: &Meeting) -> Result<(), Rejection> {
    if meeting.held.is_none() && meeting.cancelled_at.is_none() {
        return Ok(());
    }
    Err(
        Rejection::new("WRONG_STATE", "the meeting was held or called off")
            .field("meeting")
            .remedy("call another meeting"),
    )
}

/// Calls a meeting of the steering group, open to all members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CallMeeting {
    /// When it begins, within a term for which the group is convened. A meeting held before this
    /// ledger was kept may be recorded too.
    pub begins_at: Instant,
    /// Where, or by what connection. Every member sees it.
    pub place: ShortText,
    /// What is to be discussed. Every member sees it: no personal data.
    pub agenda: FreeText,
}

/// A meeting of the steering group was called, open to all members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingCalled {
    /// The meeting.
    pub meeting: MeetingId,
    /// When it begins.
    pub begins_at: Instant,
    /// The day of that, in the network's zone.
    pub called_for: Date,
    /// Where, or by what connection.
    pub place: ShortText,
    /// What is to be discussed.
    pub agenda: String,
}

impl Decide for CallMeeting {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let called_for = network.date(self.begins_at);
        not_too_far(network, context, called_for, "beginsAt")?;
        if network.steering.term_on(called_for).is_none() {
            return Err(Rejection::new(
                "NOT_CONVENED",
                "the steering group is not convened on this day",
            )
            .field("beginsAt")
            .remedy("the owner convenes the group for a term first")
            .rule("membership contract §7 ¶4"));
        }
        Ok(vec![
            MeetingCalled {
                meeting: MeetingId(context.new_id("meeting")),
                begins_at: self.begins_at,
                called_for,
                place: self.place.clone(),
                agenda: self.agenda.as_str().to_owned(),
            }
            .into(),
        ])
    }
}

impl Evolve for MeetingCalled {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network.steering.meetings.insert(
            self.meeting,
            Meeting {
                begins_at: self.begins_at,
                called_for: self.called_for,
                place: self.place.clone(),
                agenda: self.agenda.clone(),
                called_at: at,
                cancelled_at: None,
                held: None,
            },
        );
    }
}

/// Calls off a meeting of the steering group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CancelMeeting {
    /// The meeting, not yet held.
    pub meeting: MeetingId,
    /// Why.
    pub reason: Reason,
}

/// A meeting of the steering group was called off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingCancelled {
    /// The meeting.
    pub meeting: MeetingId,
    /// Why, sealed.
    pub reason: Private,
}

impl Decide for CancelMeeting {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        still_to_be_held(meeting_row(network, self.meeting)?)?;
        let key = KeySubject::new(self.meeting, Category::Text);
        Ok(vec![
            MeetingCancelled {
                meeting: self.meeting,
                reason: Private::given(key, &self.reason),
            }
            .into(),
        ])
    }
}

impl Evolve for MeetingCancelled {
    fn evolve(&self, network: &mut Network, at: Instant) {
        network
            .steering
            .meetings
            .change(&self.meeting, |meeting| meeting.cancelled_at = Some(at));
    }
}

/// Records that a meeting was held, with its minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct HoldMeeting {
    /// The meeting.
    pub meeting: MeetingId,
    /// The day on which it was held, not before it was called for.
    pub held_on: Date,
    /// The minutes, as a document; this or the words, or both.
    #[serde(default)]
    pub minutes: Option<DocumentReference>,
    /// The minutes in words.
    #[serde(default)]
    pub summary: Option<FreeText>,
    /// The seats that were present, each in office on that day.
    pub present: Vec<SeatId>,
}

/// A meeting of the steering group was held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MeetingHeld {
    /// The meeting.
    pub meeting: MeetingId,
    /// The day on which it was held.
    pub held_on: Date,
    /// The minutes, as a document.
    pub minutes: Option<DocumentReference>,
    /// The minutes in words, sealed.
    pub summary: Option<Private>,
    /// The seats that were present, each once.
    pub present: Vec<SeatId>,
}

impl Decide for HoldMeeting {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let meeting = meeting_row(network, self.meeting)?;
        still_to_be_held(meeting)?;
        not_in_future(network, context, self.held_on, "heldOn")?;
        if self.held_on < meeting.called_for {
            return Err(
                Rejection::new("TOO_EARLY", "the meeting was called for a later day")
                    .field("heldOn")
                    .remedy(format!("give {} or a later day", meeting.called_for))
                    .rule("our decision: members must be able to attend"),
            );
        }
        if self.minutes.is_none() && self.summary.is_none() {
            return Err(
                Rejection::new("MINUTES_MISSING", "a meeting held has its minutes")
                    .field("minutes")
                    .remedy("give the minutes as a document or in words")
                    .rule("our decision"),
            );
        }
        let mut present = self.present.clone();
        present.sort_unstable();
        present.dedup();
        let seats = &network.steering.seats;
        let in_office = |seat: &SeatId| {
            seats
                .get(seat)
                .is_some_and(|seat| seat.is_in_office_on(self.held_on))
        };
        if !present.iter().all(in_office) {
            return Err(Rejection::new(
                "NOT_IN_OFFICE",
                "a seat named as present was not in office on that day",
            )
            .field("present")
            .remedy("name seats in office; other members may attend without a seat"));
        }
        let key = || KeySubject::new(self.meeting, Category::Text);
        Ok(vec![
            MeetingHeld {
                meeting: self.meeting,
                held_on: self.held_on,
                minutes: self.minutes.clone(),
                summary: self
                    .summary
                    .as_ref()
                    .map(|summary| Private::given(key(), summary)),
                present,
            }
            .into(),
        ])
    }
}

impl Evolve for MeetingHeld {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.steering.meetings.change(&self.meeting, |meeting| {
            meeting.held = Some(MeetingRecord {
                held_on: self.held_on,
                minutes: self.minutes.clone(),
                summary: self.summary.clone(),
                present: self.present.clone(),
            });
        });
    }
}
