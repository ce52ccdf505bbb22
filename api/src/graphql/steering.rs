//! The steering group: its terms, who sits on it, its meetings and the yearly review of fees.

use crate::graphql::organisation::OrganisationView;
use crate::graphql::page::{Page, Window, listed};
use crate::graphql::record::{Confidential, record};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::value::id;
use async_graphql::{ID, Json, Object, Result, SimpleObject};
use domain::{Meeting, MeetingId, Seat, SeatId};

/// The steering group.
#[derive(Clone)]
pub(crate) struct SteeringView {
    scope: Scope,
}

impl SteeringView {
    pub(crate) fn new(scope: Scope) -> Self {
        Self { scope }
    }
}

/// A term for which the owner convened the steering group.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "SteeringTerm")]
pub(crate) struct TermView {
    /// The first day.
    first_day: scalar::Date,
    /// The last day.
    last_day: scalar::Date,
    /// The decision that convened it.
    decision: String,
}

/// A seat in the steering group. Who sits on it is shown by name to the network's own people.
#[derive(Clone, SimpleObject)]
#[graphql(name = "Seat")]
pub(crate) struct SeatView {
    /// The seat.
    pub(crate) id: ID,
    /// The organisation that it represents.
    organisation: OrganisationView,
    /// The name of the person; none where it was erased or is not shown to this caller.
    name: Option<String>,
    /// The first day in office.
    first_day: scalar::Date,
    /// The last day in office.
    last_day: scalar::Date,
    /// Whether it is in office at the instant of the answer.
    in_office: bool,
}

/// A meeting of the steering group; open to all members (contract §7 ¶4).
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "Meeting")]
pub(crate) struct MeetingView {
    /// The meeting.
    pub(crate) id: ID,
    /// When it begins.
    begins_at: scalar::Instant,
    /// Where.
    place: String,
    /// What is to be dealt with.
    agenda: String,
    /// When it was called.
    called_at: scalar::Instant,
    /// When it was cancelled.
    cancelled_at: Option<scalar::Instant>,
    /// The day on which it was held.
    held_on: Option<scalar::Date>,
    /// What was decided, in short.
    summary: Option<String>,
    /// The seats that were present.
    present: Vec<ID>,
}

impl SeatView {
    fn new(scope: &Scope, number: SeatId, seat: &Seat) -> Self {
        let shown = scope.seer().sees(&seat.organisation);
        Self {
            id: id(SeatId::KIND, number),
            organisation: OrganisationView::new(scope.clone(), seat.organisation.clone()),
            name: seat
                .name
                .as_ref()
                .filter(|_| shown)
                .and_then(|name| scope.open(name)),
            first_day: scalar::Date(seat.first_day),
            last_day: scalar::Date(seat.last_day),
            in_office: seat.in_office.holds_at(scope.now()),
        }
    }

    /// The seat, where it is known.
    pub(crate) fn find(scope: &Scope, number: SeatId) -> Option<Self> {
        let seat = scope.network().steering.seats.get(&number)?;
        Some(Self::new(scope, number, seat))
    }
}

impl MeetingView {
    fn new(scope: &Scope, meeting: MeetingId, row: &Meeting) -> Self {
        let held = row.held.as_ref();
        Self {
            id: id(MeetingId::KIND, meeting),
            begins_at: scalar::Instant(row.begins_at),
            place: row.place.to_string(),
            agenda: row.agenda.clone(),
            called_at: scalar::Instant(row.called_at),
            cancelled_at: row.cancelled_at.map(scalar::Instant),
            held_on: held.map(|held| scalar::Date(held.held_on)),
            summary: held
                .and_then(|held| held.summary.as_ref())
                .and_then(|summary| scope.open(summary)),
            present: held
                .into_iter()
                .flat_map(|held| &held.present)
                .map(|seat| id(SeatId::KIND, seat))
                .collect(),
        }
    }

    /// The meeting, where it is known.
    pub(crate) fn find(scope: &Scope, meeting: MeetingId) -> Option<Self> {
        let row = scope.network().steering.meetings.get(&meeting)?;
        Some(Self::new(scope, meeting, row))
    }
}

/// The steering group, convened by the owner.
#[Object(name = "SteeringGroup")]
impl SteeringView {
    /// Its terms.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn terms(&self) -> Vec<TermView> {
        let terms = self.scope.network().steering.terms.iter();
        terms
            .map(|term| TermView {
                first_day: scalar::Date(term.first_day),
                last_day: scalar::Date(term.last_day),
                decision: term.decision.to_string(),
            })
            .collect()
    }

    /// Its seats.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn seats(
        &self,
        #[graphql(
            desc = "Only those in office at the instant of the answer.",
            default = true
        )]
        in_office: bool,
    ) -> Vec<SeatView> {
        let now = self.scope.now();
        let seats = self.scope.network().steering.seats.iter();
        seats
            .filter(|(_, seat)| !in_office || seat.in_office.holds_at(now))
            .map(|(number, seat)| SeatView::new(&self.scope, *number, seat))
            .collect()
    }

    /// Its meetings, the newest first.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn meetings(
        &self,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<MeetingView>> {
        let meetings = self.scope.network().steering.meetings.iter();
        let mut meetings: Vec<_> = meetings.collect();
        meetings.sort_by_key(|(_, row)| std::cmp::Reverse(row.begins_at));
        listed(meetings, &Window::first(first, after), |(meeting, row)| {
            MeetingView::new(&self.scope, *meeting, row)
        })
    }

    /// The yearly reviews of fees (contract §7 ¶7).
    async fn fee_reviews(&self) -> Vec<Json<serde_json::Value>> {
        let reviews = self.scope.network().steering.fee_reviews.iter();
        reviews
            .map(|review| record(&self.scope, review, Confidential::Left))
            .collect()
    }
}
