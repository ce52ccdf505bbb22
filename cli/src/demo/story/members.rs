//! The organisations of the story: how they join, and what they do as members.

use super::founding::{QUESTIONNAIRE, QUESTIONS};
use super::joining::{
    Applicant, Is, accepts_terms, applies, by_contract, by_terms, contact, draft, request, signs,
};
use super::{Plan, created, organisation, own};
use domain::{
    ContactRole, EducationLevel as Level, InstrumentKind, MemberRole, NameContact,
    NotifyServiceStart, PublishSelfAudit, RecordActingFor, RefuseApplication, RequestSelfAudit,
    ReviewOutcome, ReviewSelfAudit, SelfAuditAnswer, SelfAuditId, SignatureChannel,
    SubmitSelfAudit, WithdrawApplication, WithdrawRole,
};

/// The organisation whose application Heli Hakija prepares.
pub(super) const APPLICANT: u32 = 119;

const fn school(number: u32, name: &'static str) -> Applicant {
    Applicant {
        number,
        name,
        is: Is::School(Level::Basic),
    }
}

const fn company(number: u32, name: &'static str) -> Applicant {
    Applicant {
        number,
        name,
        is: Is::Company,
    }
}

/// Who joins by contract, from which day on, and how it is signed.
const BY_CONTRACT: [(i64, Applicant, SignatureChannel); 20] = {
    use SignatureChannel::{Electronic, Paper};
    [
        (-395, school(101, "Kuvitteellinen kunta"), Electronic),
        (-394, school(102, "Mallilan kunta"), Electronic),
        (-393, school(103, "Esimerkkilän kaupunki"), Paper),
        (-392, school(104, "Keksityn kaupunki"), Electronic),
        (-390, school(105, "Haaveen kunta"), Electronic),
        (-388, school(106, "Satulan kunta"), Paper),
        (-386, school(107, "Tarulan koulutuskuntayhtymä"), Electronic),
        (-384, school(108, "Entisajan kunta"), Electronic),
        (
            -382,
            Applicant {
                number: 109,
                name: "Unelmaopisto",
                is: Is::Both(Level::Vocational),
            },
            Electronic,
        ),
        (
            -380,
            Applicant {
                number: 110,
                name: "Pilvilinnan koulusäätiö",
                is: Is::Both(Level::Basic),
            },
            Electronic,
        ),
        (-376, school(111, "Sadunrannan kunta"), Electronic),
        (-374, school(112, "Runolan kunta"), Paper),
        (-372, school(113, "Lorulan kaupunki"), Electronic),
        (
            -370,
            Applicant {
                number: 114,
                name: "Kuvitelman yliopisto",
                is: Is::School(Level::University),
            },
            Electronic,
        ),
        (-368, school(118, "Muistolan kunta"), Electronic),
        (-391, company(201, "Oppimispuro Oy"), Electronic),
        (-387, company(202, "Tehtäväpaja Oy"), Electronic),
        (-383, company(203, "Lukukello Oy"), Paper),
        (-366, company(204, "Hiljainen Sovellus Oy"), Electronic),
        (-364, company(205, "Huolimaton Palvelu Oy"), Electronic),
    ]
};

/// Who joins by joining notification under the terms of use.
const BY_TERMS: [(i64, Applicant); 4] = [
    (
        -350,
        Applicant {
            number: 115,
            name: "Varhaisniemen kunta",
            is: Is::School(Level::Early),
        },
    ),
    (-300, school(116, "Ilmoituksen kunta")),
    (
        -220,
        Applicant {
            number: 117,
            name: "Ehtolan lukiosäätiö",
            is: Is::School(Level::GeneralUpperSecondary),
        },
    ),
    (-90, company(206, "Uusi Oppi Oy")),
];

/// Whose membership has ended, and the first day without it.
const ENDED: [(u32, i64); 3] = [(108, -168), (118, -218), (205, -78)];

/// The day on which a member went over from its contract to the terms of use.
const TO_TERMS: (u32, i64) = (102, -150);

/// The members under a contract on a day: who are told of amendments as its §7 says.
pub(super) fn under_contract_on(day: i64) -> Vec<u32> {
    let left = |number: u32| {
        ENDED
            .iter()
            .chain([&TO_TERMS])
            .any(|(gone, since)| *gone == number && *since <= day)
    };
    BY_CONTRACT
        .iter()
        .map(|(from, who, _)| (who.number, from + 10))
        .filter(|(number, since)| *since < day && !left(*number))
        .map(|(number, _)| number)
        .collect()
}

pub(super) fn plan(plan: &mut Plan) {
    for (day, who, channel) in &BY_CONTRACT {
        by_contract(plan, *day, who, *channel);
    }
    for (day, who) in &BY_TERMS {
        by_terms(plan, *day, who);
    }
    // From contract to terms, without a gap.
    accepts_terms(plan, TO_TERMS.1, TO_TERMS.0);
    still_joining(plan);
    in_force(plan);
    self_audits(plan);
    super::troubles::plan(plan);
}

/// Those who are not members yet, or never became one.
fn still_joining(plan: &mut Plan) {
    use InstrumentKind::{Contract, TermsOfUse};
    use SignatureChannel::{Electronic, Paper};
    applies(plan, -5, &school(APPLICANT, "Hakijalan kunta"), Contract);
    applies(plan, -6, &company(207, "Hakeva Sovellus Oy"), TermsOfUse);

    applies(plan, -12, &school(120, "Luonnoksen kunta"), Contract);
    draft(plan, -6, 120);

    let application = applies(plan, -18, &school(121, "Allekirjoittajan kunta"), Contract);
    draft(plan, -15, 121);
    request(plan, -14, 121, Electronic);
    signs(plan, -7, 121, application, 0, false);

    applies(plan, -30, &school(122, "Paperin kunta"), Contract);
    draft(plan, -25, 122);
    request(plan, -24, 122, Paper);

    let application = applies(plan, -20, &school(123, "Odotuksen kunta"), Contract);
    draft(plan, -17, 123);
    request(plan, -16, 123, Electronic);
    signs(plan, -9, 123, application, 0, false);
    signs(plan, -4, 123, application, 1, false);

    applies(plan, -3, &school(126, "Vahvistuksen kunta"), TermsOfUse);
    accepts_terms(plan, -2, 126);

    applies(plan, -110, &company(208, "Mainospalvelu Oy"), Contract);
    plan.on(
        -100,
        RefuseApplication {
            organisation: organisation(208),
            because: own("Palvelu ei tue koulutuksen järjestämistä."),
        },
    );
    applies(plan, -80, &school(125, "Perutun kunta"), Contract);
    plan.on(
        -75,
        WithdrawApplication {
            organisation: organisation(125),
        },
    );
}

/// What members in force do.
fn in_force(plan: &mut Plan) {
    plan.on(
        -300,
        NameContact {
            member: organisation(101),
            role: ContactRole::Administrative,
            contact: contact("Hilla Hallinto"),
            notified_on: None,
        },
    );
    plan.on(
        -90,
        NameContact {
            member: organisation(101),
            role: ContactRole::Technical,
            contact: contact("Uuno Uusi"),
            notified_on: Some(plan.day(-92)),
        },
    );
    for (day, number) in [
        (-371, 201),
        (-366, 202),
        (-355, 203),
        (-355, 109),
        (-355, 110),
        (-345, 204),
        (-345, 205),
    ] {
        let starts_on = plan.day(day + 10);
        plan.on(
            day,
            NotifyServiceStart {
                member: organisation(number),
                service: None,
                starts_on,
            },
        );
    }
    plan.on(
        -290,
        RecordActingFor {
            acting: organisation(110),
            organisation: organisation(1011),
            ground: own("Kuvitteellinen järjestämissopimus"),
        },
    );
    // It was a provider too, and gave that role up.
    plan.on(
        -100,
        WithdrawRole {
            member: organisation(110),
            role: MemberRole::ServiceProvider,
            last_day: None,
        },
    );
}

/// Self-audits in each of their states.
fn self_audits(plan: &mut Plan) {
    published_audit(plan, -350, 101);
    let id = submitted_audit(plan, -200, 103);
    review(plan, -190, 103, id, ReviewOutcome::Accepted);
    let due_on = Some(plan.day(40));
    plan.on(
        -20,
        RequestSelfAudit {
            member: organisation(111),
            due_on,
        },
    );
    submitted_audit(plan, -12, 112);
    let id = submitted_audit(plan, -40, 113);
    review(plan, -30, 113, id, ReviewOutcome::CorrectionsAsked);
    let due_on = Some(plan.day(-60));
    plan.on(
        -120,
        RequestSelfAudit {
            member: organisation(116),
            due_on,
        },
    );
}

fn published_audit(plan: &mut Plan, day: i64, number: u32) {
    let id = submitted_audit(plan, day, number);
    review(plan, day + 8, number, id, ReviewOutcome::Accepted);
    plan.on(
        day + 12,
        PublishSelfAudit {
            member: organisation(number),
            self_audit: id,
        },
    );
}

fn submitted_audit(plan: &mut Plan, day: i64, number: u32) -> SelfAuditId {
    let answer = |key: &&str| SelfAuditAnswer {
        question: own(key),
        answer: own("Kuvitteellinen vastaus: näin se meillä tehdään."),
    };
    let command = plan.on(
        day,
        SubmitSelfAudit {
            member: organisation(number),
            questionnaire: own(QUESTIONNAIRE),
            answers: QUESTIONS.iter().map(answer).collect(),
        },
    );
    SelfAuditId(created(command, "self-audit"))
}

fn review(plan: &mut Plan, day: i64, number: u32, self_audit: SelfAuditId, outcome: ReviewOutcome) {
    plan.on(
        day,
        ReviewSelfAudit {
            member: organisation(number),
            self_audit,
            outcome,
            remarks: Some(own(match outcome {
                ReviewOutcome::Accepted => "Kunnossa.",
                ReviewOutcome::CorrectionsAsked => {
                    "Kertokaa, miten ensitunnistaminen tehdään etänä."
                }
            })),
        },
    );
}
