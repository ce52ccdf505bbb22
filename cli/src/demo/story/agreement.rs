//! The steering group, and the amendments of the annexes.

use super::founding::{OPERATOR, OWNER, QUESTIONS};
use super::joining::contact;
use super::members::under_contract_on;
use super::{Plan, created, document, organisation, own, words};
use domain::data_model::Version;
use domain::{
    AmendmentId, AnnexNumber, AnnexSelection, AppointSteeringMember, Ballot, CallMeeting,
    CancelMeeting, CastVote, CommandId, ConfirmUrgentAmendment, ConveneSteeringGroup,
    DecideAmendment, FeeDecision, HoldMeeting, MeetingId, MembershipForm, NamedPerson,
    NoticeChannel, PersonId, PersonReference, ProposeAmendment, PublishAmendment, Question,
    Questionnaire, ReceiveAmendmentNotice, ReviewFees, SeatId, SendAmendmentNotice, UrgentGround,
};

/// How many seats the group has.
const SEATS: usize = 5;

pub(super) fn plan(plan: &mut Plan, steering_member: PersonId) {
    let seats = convene(plan, steering_member);
    meetings(plan, &seats);
    urgent(plan, &seats);
    rejected(plan, &seats);
    data_model(plan, &seats);
    in_vote(plan, &seats);
}

fn convene(plan: &mut Plan, steering_member: PersonId) -> [SeatId; SEATS] {
    let (first_day, last_day) = (plan.day(-375), plan.day(700));
    plan.on(
        -375,
        ConveneSteeringGroup {
            first_day,
            last_day,
            decision: own("omistajan päätös 1"),
        },
    );
    let named = |name| {
        let details = contact(name);
        PersonReference::Named(NamedPerson {
            name: details.name,
            email: Some(details.email),
        })
    };
    let people = [
        (OWNER, named("Pirkko Puheenjohtaja")),
        (OPERATOR, named("Olli Operaattori")),
        (101, PersonReference::Administrator(steering_member)),
        (103, named("Kerttu Kunta")),
        (201, named("Pekka Palvelu")),
    ];
    people.map(|(number, person)| {
        let first_day = plan.day(-370);
        let command = plan.on(
            -370,
            AppointSteeringMember {
                organisation: organisation(number),
                person,
                first_day,
            },
        );
        SeatId(created(command, "seat"))
    })
}

/// A meeting called two weeks before its day.
fn call(plan: &mut Plan, day: i64, agenda: &str) -> MeetingId {
    let begins_at = plan.hour(day, 10);
    let command = plan.on(
        (day - 14).min(-1),
        CallMeeting {
            begins_at,
            place: own("https://kokous.example.org/ohjausryhma"),
            agenda: own(agenda),
        },
    );
    MeetingId(created(command, "meeting"))
}

fn hold(plan: &mut Plan, day: i64, meeting: MeetingId, present: &[SeatId]) {
    let held_on = plan.day(day);
    plan.on(
        day,
        HoldMeeting {
            meeting,
            held_on,
            minutes: Some(document(&format!("minutes {day}"))),
            summary: None,
            present: present.to_vec(),
        },
    );
}

fn meetings(plan: &mut Plan, seats: &[SeatId; SEATS]) {
    let first = call(plan, -340, "Järjestäytyminen ja vuoden maksut.");
    hold(plan, -340, first, seats);
    let year = u16::try_from(plan.day(-340).year()).unwrap_or(0);
    let free = |form| FeeDecision {
        form,
        yearly_fee_cents: None,
    };
    plan.on(
        -339,
        ReviewFees {
            year,
            meeting: first,
            decisions: MembershipForm::ALL.into_iter().map(free).collect(),
        },
    );
    let cancelled = call(plan, -150, "Tietomallin seuraava versio.");
    plan.on(
        -155,
        CancelMeeting {
            meeting: cancelled,
            reason: own("Päätösvaltaa ei saada kokoon."),
        },
    );
    call(
        plan,
        21,
        "Itseauditoinnin uudet kysymykset ja ensi vuoden maksut.",
    );
}

/// Something that is proposed, without what differs from one amendment to the next.
fn proposal(
    annex: AnnexNumber,
    version: &str,
    title: &str,
    description: &str,
    plan: &Plan,
    enters: i64,
) -> ProposeAmendment {
    ProposeAmendment {
        annex,
        version: own(version),
        title: words(title),
        document: document(&format!("{title} {version}")),
        selects: None,
        description: own(description),
        enters_on: plan.day(enters),
        transition_last_day: None,
        urgent: None,
    }
}

fn propose(plan: &mut Plan, day: i64, proposal: ProposeAmendment) -> AmendmentId {
    let command: CommandId = plan.on(day, proposal);
    AmendmentId(created(command, "amendment"))
}

fn vote(plan: &mut Plan, day: i64, amendment: AmendmentId, votes: &[(SeatId, Ballot)]) {
    for (seat, ballot) in votes {
        plan.on(
            day,
            CastVote {
                amendment,
                seat: *seat,
                ballot: *ballot,
            },
        );
    }
}

fn decide(plan: &mut Plan, day: i64, amendment: AmendmentId, meeting: Option<MeetingId>) {
    let decided_on = plan.day(day);
    plan.on(
        day,
        DecideAmendment {
            amendment,
            decided_on,
            meeting,
        },
    );
}

fn publish(plan: &mut Plan, day: i64, amendment: AmendmentId) {
    let published_on = plan.day(day);
    plan.on(
        day,
        PublishAmendment {
            amendment,
            published_on,
            address: own("https://sopimus.example.org/liitteet"),
        },
    );
}

fn notify(plan: &mut Plan, day: i64, amendment: AmendmentId, member: u32, annex: &str) {
    let sent_on = plan.day(day);
    plan.on(
        day,
        SendAmendmentNotice {
            amendment,
            member: organisation(member),
            channel: NoticeChannel::Email,
            sent_on,
            document: document(annex),
            describes_change: true,
            late_because: None,
        },
    );
}

fn receive(plan: &mut Plan, day: i64, amendment: AmendmentId, member: u32) {
    let received_on = plan.day(day);
    plan.on(
        day,
        ReceiveAmendmentNotice {
            amendment,
            member: organisation(member),
            received_on,
        },
    );
}

/// An urgent one: confirmed by the operator, every member under a contract told, in force within a week.
fn urgent(plan: &mut Plan, seats: &[SeatId; SEATS]) {
    let amendment = propose(
        plan,
        -205,
        ProposeAmendment {
            urgent: Some(UrgentGround::SecureProcessing),
            ..proposal(
                AnnexNumber::RulesOfUse,
                "1.1",
                "Käyttösäännöt",
                "Yhteiskäyttöiset tunnukset kielletään.",
                plan,
                -198,
            )
        },
    );
    vote(
        plan,
        -204,
        amendment,
        &seats.map(|seat| (seat, Ballot::For)),
    );
    decide(plan, -203, amendment, None);
    let confirmed_on = plan.day(-202);
    plan.on(
        -202,
        ConfirmUrgentAmendment {
            amendment,
            confirmed_on,
        },
    );
    let members = under_contract_on(-201);
    for member in &members {
        notify(plan, -201, amendment, *member, "Käyttösäännöt 1.1");
    }
    publish(plan, -200, amendment);
    for member in members {
        receive(plan, -199, amendment, member);
    }
}

fn rejected(plan: &mut Plan, seats: &[SeatId; SEATS]) {
    let amendment = propose(
        plan,
        -260,
        proposal(
            AnnexNumber::Services,
            "2.0",
            "Palvelut",
            "Palveluluettelo rajataan maksuttomiin.",
            plan,
            -120,
        ),
    );
    let ballots = [
        Ballot::For,
        Ballot::For,
        Ballot::Against,
        Ballot::Against,
        Ballot::Abstain,
    ];
    let votes: Vec<_> = seats.iter().copied().zip(ballots).collect();
    vote(plan, -255, amendment, &votes);
    decide(plan, -250, amendment, None);
}

/// Annex 3 in its window: decided and announced, the members under a contract told, most receipts in.
fn data_model(plan: &mut Plan, seats: &[SeatId; SEATS]) {
    let last_day = plan.day(240);
    let amendment = propose(
        plan,
        -62,
        ProposeAmendment {
            selects: Some(AnnexSelection::DataModel(Version::V1_4)),
            transition_last_day: Some(last_day),
            ..proposal(
                AnnexNumber::DataModel,
                "1.4",
                "Tietomalli",
                "Roolit saavat seitsemän osaa; alkuperäinen lähde kerrotaan.",
                plan,
                60,
            )
        },
    );
    let meeting = call(plan, -45, "Tietomallin versio 1.4.");
    hold(plan, -45, meeting, &seats[..4]);
    let ballots = [Ballot::For, Ballot::For, Ballot::For, Ballot::Against];
    let votes: Vec<_> = seats.iter().copied().zip(ballots).collect();
    vote(plan, -45, amendment, &votes);
    decide(plan, -45, amendment, Some(meeting));
    publish(plan, -43, amendment);
    for (place, member) in under_contract_on(-42).into_iter().enumerate() {
        notify(plan, -42, amendment, member, "Tietomalli 1.4");
        // Each has a window of its own, from its own receipt; some have not answered.
        let day = -40 + i64::try_from(place % 7).unwrap_or(0);
        if place % 5 != 4 {
            receive(plan, day, amendment, member);
        }
    }
}

/// Proposed some days ago: the vote is open, Outi has not voted.
fn in_vote(plan: &mut Plan, seats: &[SeatId; SEATS]) {
    let question = |key: &&str| Question {
        key: own(key),
        text: words("Kuvitteellinen kysymys, tarkennettuna"),
        required: true,
    };
    let questions = Questionnaire {
        sample: true,
        questions: QUESTIONS.iter().map(question).collect(),
    };
    let amendment = propose(
        plan,
        -4,
        ProposeAmendment {
            selects: Some(AnnexSelection::Questionnaire(questions)),
            ..proposal(
                AnnexNumber::SelfAudit,
                "2.0",
                "Itseauditointi",
                "Kysymyksiä tarkennetaan.",
                plan,
                150,
            )
        },
    );
    vote(
        plan,
        -2,
        amendment,
        &[(seats[0], Ballot::For), (seats[4], Ballot::Against)],
    );
}
