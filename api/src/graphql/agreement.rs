//! The agreement: instruments, annexes, and amendments with their votes and notices.

use crate::graphql::input::Word;
use crate::graphql::organisation::OrganisationView;
use crate::graphql::page::{Page, Window as PageWindow, listed};
use crate::graphql::record::{Confidential, record};
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use crate::graphql::value::{LanguageText, Window, id};
use async_graphql::{ID, Json, Object, Result, SimpleObject};
use domain::time::Date;
use domain::value::{InstrumentVersion, OrganisationOid};
use domain::{
    Amendment, AmendmentId, AmendmentNotice, AmendmentState, AnnexEdition, AnnexNumber, Ballot,
    Instrument, InstrumentKind, NoticeChannel, UrgentGround,
};

/// The agreement.
#[derive(Clone)]
pub(crate) struct AgreementView {
    scope: Scope,
}

impl AgreementView {
    pub(crate) fn new(scope: Scope) -> Self {
        Self { scope }
    }
}

/// The agreement that binds the members: there for all of them.
#[Object(name = "Agreement")]
impl AgreementView {
    /// The contracts and terms of use, each version.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn instruments(&self) -> Vec<InstrumentView> {
        let now = self.scope.now();
        let instruments = self.scope.network().agreement.instruments.iter();
        instruments
            .map(|(version, row)| InstrumentView::new(version, row, now))
            .collect()
    }

    /// The annexes, each with all its editions.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn annexes(&self) -> Vec<AnnexView> {
        let now = self.scope.now();
        let agreement = &self.scope.network().agreement;
        agreement
            .annexes
            .iter()
            .map(|(number, editions)| AnnexView {
                number: Word(*number),
                in_force: agreement.annex(*number, now).map(AnnexEditionView::new),
                editions: editions.iter().map(AnnexEditionView::new).collect(),
            })
            .collect()
    }

    /// The amendments, the newest first.
    #[graphql(complexity = "1 + first.unwrap_or(50) * child_complexity")]
    async fn amendments(
        &self,
        #[graphql(desc = "Only those that stand so.")] state: Option<Word<AmendmentState>>,
        #[graphql(desc = "How many rows; 50 where left out, 500 at most.")] first: Option<usize>,
        #[graphql(desc = "The cursor after which the page starts.")] after: Option<String>,
    ) -> Result<Page<AmendmentView>> {
        let now = self.scope.now();
        let rows = self.scope.network().agreement.amendments.iter();
        let mut rows: Vec<_> = rows
            .filter(|(_, row)| state.is_none_or(|state| row.state(now) == state.0))
            .map(|(id, row)| (row.proposed_at, *id))
            .collect();
        rows.sort_unstable_by(|a, b| b.cmp(a));
        listed(rows, &PageWindow::first(first, after), |(_, id)| {
            AmendmentView::new(self.scope.clone(), id)
        })
    }
}

/// A contract or terms of use that members join under.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "Instrument")]
pub(crate) struct InstrumentView {
    /// Its version.
    version: String,
    /// Whether it is a contract or terms of use.
    kind: Word<InstrumentKind>,
    /// Its title.
    title: LanguageText,
    /// The SHA-256 hash of its text and what else is known of the document.
    document: Json<serde_json::Value>,
    /// Where it can be read.
    address: Option<String>,
    /// The first day on which one can join under it.
    valid_from: scalar::Date,
    /// When one can join under it.
    offered: Window,
    /// Whether one can join under it at the instant of the answer.
    is_offered: bool,
}

impl InstrumentView {
    fn new(version: &InstrumentVersion, row: &Instrument, now: domain::time::Instant) -> Self {
        Self {
            version: version.to_string(),
            kind: Word(row.kind),
            title: (&row.title).into(),
            document: Json(serde_json::to_value(&row.document).unwrap_or_default()),
            address: row.address.as_ref().map(ToString::to_string),
            valid_from: scalar::Date(row.valid_from),
            offered: row.offered.into(),
            is_offered: row.offered.holds_at(now),
        }
    }
}

/// An annex of the agreement.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "Annex")]
pub(crate) struct AnnexView {
    /// Which annex.
    number: Word<AnnexNumber>,
    /// The edition in force at the instant of the answer.
    in_force: Option<AnnexEditionView>,
    /// Every edition, in order.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    editions: Vec<AnnexEditionView>,
}

/// An edition of an annex.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "AnnexEdition")]
pub(crate) struct AnnexEditionView {
    /// Its version.
    version: String,
    /// Its title.
    title: LanguageText,
    /// The SHA-256 hash of its text and what else is known of the document.
    document: Json<serde_json::Value>,
    /// What it selects: the data model's version or the self-audit's questions.
    selects: Json<serde_json::Value>,
    /// The first day on which it is in force.
    enters_on: scalar::Date,
    /// The instant at which that day begins.
    enters_at: scalar::Instant,
    /// The last day on which the edition before it may still be followed.
    transition_last_day: Option<scalar::Date>,
    /// The amendment that brought it.
    amendment: Option<ID>,
}

impl AnnexEditionView {
    fn new(edition: &AnnexEdition) -> Self {
        let transition = edition.transition.as_ref();
        Self {
            version: edition.version.to_string(),
            title: (&edition.title).into(),
            document: Json(serde_json::to_value(&edition.document).unwrap_or_default()),
            selects: Json(serde_json::to_value(&edition.selects).unwrap_or_default()),
            enters_on: scalar::Date(edition.enters_on),
            enters_at: scalar::Instant(edition.enters_at),
            transition_last_day: transition.map(|transition| scalar::Date(transition.last_day)),
            amendment: edition
                .amendment
                .map(|amendment| id(AmendmentId::KIND, amendment)),
        }
    }
}

/// An amendment of an annex.
#[derive(Clone)]
pub(crate) struct AmendmentView {
    scope: Scope,
    id: AmendmentId,
}

impl AmendmentView {
    pub(crate) fn new(scope: Scope, id: AmendmentId) -> Self {
        Self { scope, id }
    }

    /// The row; a view is only made of a row that is there.
    fn row(&self) -> &Amendment {
        let rows = &self.scope.network().agreement.amendments;
        rows.get(&self.id)
            .expect("a view is made of a row that is there")
    }
}

/// A vote of the steering group.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(name = "Vote")]
pub(crate) struct VoteView {
    /// The seat that voted.
    seat: ID,
    /// The organisation that the seat represents.
    organisation: Option<String>,
    /// How.
    ballot: Word<Ballot>,
    /// When.
    cast_at: scalar::Instant,
}

/// An amendment of an annex, from its proposal to its entry into force.
#[Object(name = "Amendment")]
impl AmendmentView {
    /// The identifier of this amendment as a node.
    pub(crate) async fn id(&self) -> ID {
        id(AmendmentId::KIND, self.id)
    }

    /// Which annex it amends.
    async fn annex(&self) -> Word<AnnexNumber> {
        Word(self.row().annex)
    }

    /// The version of the annex that it brings.
    async fn version(&self) -> String {
        self.row().version.to_string()
    }

    /// Its title.
    async fn title(&self) -> LanguageText {
        (&self.row().title).into()
    }

    /// What changes, in words.
    async fn description(&self) -> &str {
        &self.row().description
    }

    /// Where it stands at the instant of the answer.
    async fn state(&self) -> Word<AmendmentState> {
        Word(self.row().state(self.scope.now()))
    }

    /// The day on which it is to enter into force.
    async fn enters_on(&self) -> scalar::Date {
        scalar::Date(self.row().enters_on)
    }

    /// The instant at which that day begins.
    async fn enters_at(&self) -> scalar::Instant {
        scalar::Instant(self.row().enters_at)
    }

    /// Why it cannot wait, where it is an urgent one.
    async fn urgent(&self) -> Option<Word<UrgentGround>> {
        self.row().urgent.map(Word)
    }

    /// When it was proposed.
    async fn proposed_at(&self) -> scalar::Instant {
        scalar::Instant(self.row().proposed_at)
    }

    /// The last day on which a member must have been notified (contract §7 ¶5).
    async fn notify_by(&self) -> Option<scalar::Date> {
        self.row().notify_by().map(scalar::Date)
    }

    /// Where and when it was announced.
    async fn announced_on(&self) -> Option<scalar::Date> {
        let announcement = self.row().announcement.as_ref();
        announcement.map(|announcement| scalar::Date(announcement.published_on))
    }

    /// The votes of the steering group.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn votes(&self) -> Vec<VoteView> {
        let seats = &self.scope.network().steering.seats;
        let votes = self.row().votes.iter();
        votes
            .map(|(seat, vote)| VoteView {
                seat: id("seat", seat),
                organisation: seats.get(seat).map(|seat| seat.organisation.to_string()),
                ballot: Word(vote.ballot),
                cast_at: scalar::Instant(vote.cast_at),
            })
            .collect()
    }

    /// What the steering group decided: the count and the rule it was held against.
    async fn decision(&self) -> Option<Json<serde_json::Value>> {
        let decision = self.row().decision.as_ref();
        decision.map(|decision| record(&self.scope, decision, Confidential::Left))
    }

    /// The notices to members, and each member's own time to leave. A member sees its own.
    #[graphql(complexity = "1 + crate::graphql::UNPAGED * child_complexity")]
    async fn notices(&self) -> Vec<AmendmentNoticeView> {
        let rows = self.row().notices.iter();
        rows.filter(|(member, _)| self.scope.seer().sees_membership(member))
            .map(|(member, notice)| {
                let (holds_on, _) = self.row().holds_for(member);
                AmendmentNoticeView::new(&self.scope, member, notice, holds_on)
            })
            .collect()
    }
}

/// The notice of an amendment to one member.
#[derive(Clone, SimpleObject)]
#[graphql(name = "AmendmentNotice")]
pub(crate) struct AmendmentNoticeView {
    /// The member.
    member: OrganisationView,
    /// The day on which it was sent.
    sent_on: scalar::Date,
    /// How.
    channel: Word<NoticeChannel>,
    /// Why it was sent late, where it was.
    late_because: Option<String>,
    /// The day on which the member received it.
    received_on: Option<scalar::Date>,
    /// Whether it was received later than it should have been before the entry into force.
    late: Option<bool>,
    /// The day from which the amendment holds for this member: that of the entry into force, or a
    /// later one that was agreed on with a member told late.
    holds_on: scalar::Date,
    /// The first day on which the member may leave because of the amendment.
    exit_first_day: Option<scalar::Date>,
    /// The last day on which it may.
    exit_last_day: Option<scalar::Date>,
    /// The rule that gave these days.
    rule: Option<String>,
}

impl AmendmentNoticeView {
    fn new(
        scope: &Scope,
        member: &OrganisationOid,
        notice: &AmendmentNotice,
        holds_on: Date,
    ) -> Self {
        let receipt = notice.receipt.as_ref();
        let window = receipt.map(|receipt| &receipt.window);
        Self {
            member: OrganisationView::new(scope.clone(), member.clone()),
            sent_on: scalar::Date(notice.sent_on),
            channel: Word(notice.channel),
            late_because: notice.late_because.as_ref().and_then(|why| scope.open(why)),
            received_on: receipt.map(|receipt| scalar::Date(receipt.received_on)),
            late: receipt.map(|receipt| receipt.late),
            holds_on: scalar::Date(holds_on),
            exit_first_day: window.map(|window| scalar::Date(window.first_day)),
            exit_last_day: window.map(|window| scalar::Date(window.last_day)),
            rule: window.map(|window| window.rule.clone()),
        }
    }
}
