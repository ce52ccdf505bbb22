//! What the operator does while the network runs: interruptions, suspensions, misuse, breaches, and
//! its duties as a processor of personal data.

use super::joining::contact;
use super::{Plan, created, document, organisation, own};
use crate::demo::people::SUSPENDED_USER;
use domain::{
    AnnounceMaintenance, AnswerSubjectRequest, AuditId, BreachId, CloseMisuseCase,
    CommitConfidentiality, DetectDataBreach, DiscloseLog, DisclosureId, EndInterruption,
    EndUserSuspensionGround, Environment, HoldAudit, InformTechnicalContact, IntegrationId,
    InterruptionGround, InterruptionId, MisuseId, MisuseOutcome, NamedPerson, NoticeChannel,
    NotifyDataBreach, OpenMisuseCase, OperatorPermission, PermitId, PermitSubprocessor,
    PermittedProcessor, PersonReference, ProviderPermission, ReceiveSubjectRequest,
    RecordAuthoritysRequest, RecordMisuseParticipation, RefuseLogDisclosure, RequestAudit,
    RequestLogDisclosure, RevokeSubprocessor, StartInterruption, SubjectRequestId, SubjectRight,
    Subprocessor, SuspendEndUser, SuspensionId,
};

pub(super) fn plan(plan: &mut Plan, test_home: IntegrationId) {
    interruptions(plan);
    misuse(plan, test_home);
    breach(plan);
    subprocessors(plan);
    subjects(plan);
    disclosures(plan);
    audits(plan);
}

fn interruptions(plan: &mut Plan) {
    let everywhere = || vec![Environment::Test, Environment::Production];
    let (starts_at, ends_at) = (plan.hour(9, 4), plan.hour(9, 6));
    plan.on(
        -3,
        AnnounceMaintenance {
            environments: everywhere(),
            starts_at,
            ends_at,
            description: own("Avainten vaihto. Kirjautuminen voi katketa muutamaksi minuutiksi."),
            address: Some(own("https://sopimus.example.org/tiedotteet")),
        },
    );
    let (starts_at, ends_at) = (plan.hour(-170, 4), plan.hour(-170, 6));
    let announced = plan.on(
        -180,
        AnnounceMaintenance {
            environments: everywhere(),
            starts_at,
            ends_at,
            description: own("Palvelinten päivitys."),
            address: None,
        },
    );
    let announced = InterruptionId(created(announced, "interruption"));
    plan.on(
        -170,
        StartInterruption {
            announced: Some(announced),
            environments: everywhere(),
            started_at: starts_at,
            ground: None,
            suspends_service: false,
            description: own("Päivitys alkoi ilmoitettuun aikaan."),
        },
    );
    plan.on(
        -170,
        EndInterruption {
            interruption: announced,
            ended_at: ends_at,
        },
    );
    let (started_at, ended_at) = (plan.hour(-48, 7), plan.hour(-48, 8));
    let sudden = plan.on(
        -48,
        StartInterruption {
            announced: None,
            environments: vec![Environment::Production],
            started_at,
            ground: Some(InterruptionGround::SeriousDisturbance),
            suspends_service: false,
            description: own("Verkkoyhteys katkesi konesalissa."),
        },
    );
    plan.on(
        -48,
        EndInterruption {
            interruption: InterruptionId(created(sudden, "interruption")),
            ended_at,
        },
    );
}

/// A pupil's account is misused: the pupil is suspended while the case is looked into.
fn misuse(plan: &mut Plan, test_home: IntegrationId) {
    let noticed_on = plan.day(-6);
    let case = plan.on(
        -6,
        OpenMisuseCase {
            reported_by: Some(organisation(101)),
            noticed_on,
            description: own("Oppilaan tunnuksella on kirjauduttu yöllä useaan palveluun."),
            members: vec![organisation(101), organisation(201)],
        },
    );
    let misuse = MisuseId(created(case, "misuse"));
    let took_part_on = plan.day(-5);
    plan.on(
        -5,
        RecordMisuseParticipation {
            misuse,
            member: organisation(201),
            took_part_on,
            contribution: own("Palvelun lokit on käyty läpi."),
        },
    );
    let suspension = plan.on(
        -6,
        SuspendEndUser {
            member: organisation(101),
            integration: test_home,
            user: own(SUSPENDED_USER),
            services: None,
            ground: EndUserSuspensionGround::SuspectedIllegalUse,
            reason: own("Tunnusta epäillään käytetyn luvatta."),
        },
    );
    let informed_at = plan.hour(-5, 8);
    plan.on(
        -5,
        InformTechnicalContact {
            suspension: SuspensionId(created(suspension, "suspension")),
            informed_at,
            channel: NoticeChannel::Email,
        },
    );

    let noticed_on = plan.day(-230);
    let old = plan.on(
        -230,
        OpenMisuseCase {
            reported_by: None,
            noticed_on,
            description: own("Poikkeuksellisen paljon kirjautumisia yhdestä osoitteesta."),
            members: vec![organisation(103)],
        },
    );
    let closed_on = plan.day(-225);
    plan.on(
        -225,
        CloseMisuseCase {
            misuse: MisuseId(created(old, "misuse")),
            closed_on,
            outcome: MisuseOutcome::Unfounded,
            finding: own("Koulun koko liikenne kulkee yhdestä osoitteesta."),
        },
    );
}

/// A data breach: some controllers are told, one is still to be.
fn breach(plan: &mut Plan) {
    let detected_at = plan.hour(-2, 8);
    let command = plan.on(
        -2,
        DetectDataBreach {
            detected_at,
            description: own("Tukipalvelun postilaatikko oli hetken väärän henkilön nähtävissä."),
            controllers: vec![organisation(101), organisation(102), organisation(103)],
        },
    );
    for (number, hour) in [(101, 7), (102, 8)] {
        let notified_at = plan.hour(-1, hour);
        plan.on(
            -1,
            NotifyDataBreach {
                breach: BreachId(created(command, "breach")),
                controller: organisation(number),
                notified_at,
                channel: NoticeChannel::Email,
                content: own("Mitä tapahtui, keitä se koskee, mitä on tehty."),
                document: None,
            },
        );
    }
}

fn subprocessors(plan: &mut Plan) {
    let someone = |name, task| {
        Some(Subprocessor {
            name: own(name),
            business_id: None,
            task: own(task),
        })
    };
    let permitted_on = plan.day(-260);
    let by_provider = |provider| {
        PermittedProcessor::Provider(ProviderPermission {
            provider: organisation(provider),
            document: None,
        })
    };
    let first = plan.on(
        -260,
        PermitSubprocessor {
            member: organisation(101),
            processor: by_provider(201),
            subprocessor: someone("Pilvikone Oy", "palvelinten ylläpito"),
            permitted_on,
        },
    );
    plan.on(
        -259,
        PermitSubprocessor {
            member: organisation(103),
            processor: by_provider(202),
            subprocessor: None,
            permitted_on,
        },
    );
    plan.on(
        -258,
        PermitSubprocessor {
            member: organisation(101),
            processor: PermittedProcessor::Operator(OperatorPermission {
                document: document("permission 101"),
            }),
            subprocessor: someone("Konesali Oy", "konesalipalvelut"),
            permitted_on,
        },
    );
    let last_day = plan.day(30);
    plan.on(
        -10,
        RevokeSubprocessor {
            permit: PermitId(created(first, "permit")),
            last_day,
        },
    );
    let committed_on = plan.day(-350);
    let person = contact("Olli Operaattori");
    plan.on(
        -350,
        CommitConfidentiality {
            person: PersonReference::Named(NamedPerson {
                name: person.name,
                email: Some(person.email),
            }),
            committed_on,
            document: Some(document("commitment")),
        },
    );
}

fn subjects(plan: &mut Plan) {
    let receive = |plan: &mut Plan, day: i64, right, description| {
        let received_on = plan.day(day);
        plan.on(
            day,
            ReceiveSubjectRequest {
                member: organisation(101),
                right,
                received_on,
                user: Some(own("oona.oppilas")),
                description: own(description),
            },
        )
    };
    let answered = receive(
        plan,
        -95,
        SubjectRight::Access,
        "Mitä tietoja minusta on lokissa?",
    );
    let answered_on = plan.day(-85);
    plan.on(
        -85,
        AnswerSubjectRequest {
            request: SubjectRequestId(created(answered, "subject request")),
            answered_on,
            answer: own("Kirjautumiset on luetteloitu kunnalle."),
        },
    );
    receive(
        plan,
        -7,
        SubjectRight::Rectification,
        "Sukunimeni on muuttunut.",
    );
}

fn disclosures(plan: &mut Plan) {
    let request = |plan: &mut Plan, day: i64, member, authority: Option<&str>, basis| {
        let (received_on, first_day, last_day) =
            (plan.day(day), plan.day(day - 30), plan.day(day - 1));
        let asked = RequestLogDisclosure {
            member: organisation(member),
            legal_basis: own(basis),
            user: Some(own("eetu.opettaja")),
            message_id: None,
            integration: None,
            first_day,
            last_day,
            received_on,
        };
        let command = match authority {
            None => plan.on(day, asked),
            Some(authority) => plan.on(
                day,
                RecordAuthoritysRequest {
                    member: asked.member,
                    authority: own(authority),
                    legal_basis: asked.legal_basis,
                    user: asked.user,
                    message_id: asked.message_id,
                    integration: asked.integration,
                    first_day,
                    last_day,
                    received_on,
                },
            ),
        };
        DisclosureId(created(command, "disclosure"))
    };
    let disclosure = request(
        plan,
        -140,
        101,
        Some("Kuvitteellinen viranomainen"),
        "kuvitteellinen laki 1 §",
    );
    let disclosed_on = plan.day(-135);
    plan.on(
        -135,
        DiscloseLog {
            disclosure,
            disclosed_on,
            document: document("disclosure"),
            authentications: 12,
        },
    );
    let disclosure = request(plan, -70, 103, None, "pyynnön perustetta ei kerrottu");
    let refused_on = plan.day(-66);
    plan.on(
        -66,
        RefuseLogDisclosure {
            disclosure,
            refused_on,
            reason: own("Laillinen peruste puuttuu."),
        },
    );
    request(plan, -3, 101, None, "kuvitteellinen laki 2 §");
}

fn audits(plan: &mut Plan) {
    let request = |plan: &mut Plan, day: i64, member| {
        let requested_on = plan.day(day);
        let command = plan.on(
            day,
            RequestAudit {
                member: organisation(member),
                auditor: Some(own("Kuvitteellinen tarkastustoimisto")),
                requested_on,
                scope: own("Operaattorin tietosuojakäytännöt."),
            },
        );
        AuditId(created(command, "audit"))
    };
    let audit = request(plan, -160, 103);
    let held_on = plan.day(-140);
    plan.on(
        -140,
        HoldAudit {
            audit,
            held_on,
            operator_took_part: true,
            findings: Some(own("Ei huomautettavaa.")),
            report: None,
        },
    );
    request(plan, -13, 114);
}
