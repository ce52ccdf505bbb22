//! What goes wrong between members and the operator, and how memberships end.

use super::{Plan, created, document, organisation, own};
use domain::{
    AcceptCure, ChooseDataDisposition, CloseDispute, CommandId, ComplaintId, DispositionChoice,
    DisputeId, DisputeOutcome, GiveNotice, GiveNoticeToMember, MakeQualityComplaint, NoticeChannel,
    NoticeId, OpenDispute, OutageId, RecordDataErasure, RecordOutageCorrection,
    RecordRemarkReceipt, RemarkId, ReportOutage, SendRemark, SetComplaintDeadline,
    SettleQualityComplaint, WithdrawNotice,
};

pub(super) fn plan(plan: &mut Plan) {
    troubles(plan);
    leaving(plan);
}

/// Breaches, outages, complaints, disputes.
fn troubles(plan: &mut Plan) {
    // Within its time for cure.
    remark(plan, -15, 106);
    let cured = remark(plan, -210, 107);
    plan.on(
        -195,
        AcceptCure {
            member: organisation(107),
            remark: cured,
            cured_on: None,
        },
    );

    // Its fiftieth day: from the sixty-first on the member may leave at once.
    plan.on(
        -50,
        ReportOutage {
            member: organisation(107),
            description: own("Kirjautuminen ei onnistu koulujen verkosta."),
            essential: true,
        },
    );
    let outage = plan.on(
        -130,
        ReportOutage {
            member: organisation(103),
            description: own("Valintasivu ei näytä kouluja."),
            essential: false,
        },
    );
    plan.on(
        -126,
        RecordOutageCorrection {
            member: organisation(103),
            outage: OutageId(created(outage, "outage")),
            corrected_on: None,
            measures: own("Organisaatiotiedot haettiin uudestaan."),
        },
    );

    let complaint = complains(plan, -25, 102);
    let due_on = plan.day(5);
    plan.on(
        -24,
        SetComplaintDeadline {
            member: organisation(102),
            complaint,
            due_on,
        },
    );
    let complaint = complains(plan, -180, 103);
    plan.on(
        -170,
        SettleQualityComplaint {
            member: organisation(103),
            complaint,
            outcome: own("Viive johtui verkosta, ja se on korjattu."),
            settled_on: None,
        },
    );

    disputes(plan, -25, 105);
    let dispute = disputes(plan, -140, 109);
    plan.on(
        -110,
        CloseDispute {
            member: organisation(109),
            dispute: DisputeId(created(dispute, "dispute")),
            outcome: DisputeOutcome::Agreed,
            closed_on: None,
            settlement: Some(own("Osapuolet sopivat tulkinnasta.")),
        },
    );
}

fn remark(plan: &mut Plan, day: i64, number: u32) -> RemarkId {
    let command = plan.on(
        day,
        SendRemark {
            member: organisation(number),
            clause: own("membership contract §5"),
            text: own("Käyttäjiä ei ole informoitu sovitulla tavalla."),
            cure_days: None,
            sent_on: None,
        },
    );
    let remark = RemarkId(created(command, "remark"));
    plan.on(
        day + 2,
        RecordRemarkReceipt {
            member: organisation(number),
            remark,
            received_on: None,
            evidence: None,
        },
    );
    remark
}

fn complains(plan: &mut Plan, day: i64, number: u32) -> ComplaintId {
    let command = plan.on(
        day,
        MakeQualityComplaint {
            member: organisation(number),
            description: own("Kirjautuminen on aamuisin hidasta."),
            made_on: None,
        },
    );
    ComplaintId(created(command, "complaint"))
}

fn disputes(plan: &mut Plan, day: i64, number: u32) -> CommandId {
    plan.on(
        day,
        OpenDispute {
            member: organisation(number),
            matter: own("Kuka vastaa ensitunnistamisen kustannuksista."),
            opened_on: None,
        },
    )
}

/// Notices, and what comes after them.
fn leaving(plan: &mut Plan) {
    let member_gives = |plan: &mut Plan, day, number| {
        plan.on(
            day,
            GiveNotice {
                member: organisation(number),
                cause: None,
            },
        )
    };
    let operator_gives = |plan: &mut Plan, day: i64, number, breach| {
        let (sent_on, received_on) = (plan.day(day - 3), plan.day(day - 1));
        plan.on(
            day,
            GiveNoticeToMember {
                member: organisation(number),
                breach,
                sent_on,
                received_on,
                channel: NoticeChannel::Letter,
                document: document(&format!("notice to {number}")),
            },
        )
    };
    // By the member, running: one month.
    member_gives(plan, -10, 104);
    // By the operator: to a home organisation until a semester begins, six months at the least; to
    // a service provider three months.
    operator_gives(plan, -30, 105, None);
    operator_gives(plan, -20, 204, None);

    // Ended; the home organisation wants its data back, and has not got them yet.
    member_gives(plan, -200, 108);
    plan.on(
        -165,
        ChooseDataDisposition {
            member: organisation(108),
            choice: DispositionChoice::Return,
        },
    );
    // Ended, and the data are erased.
    member_gives(plan, -250, 118);
    plan.on(
        -212,
        ChooseDataDisposition {
            member: organisation(118),
            choice: DispositionChoice::Erase,
        },
    );
    plan.on(
        -200,
        RecordDataErasure {
            member: organisation(118),
            erased_on: None,
            evidence: document("erasure 118"),
            retained: Vec::new(),
        },
    );

    // A breach that was not cured in time: ended at once.
    let breach = remark(plan, -120, 205);
    operator_gives(plan, -79, 205, Some(breach));

    // Taken back by mutual agreement.
    let notice = member_gives(plan, -60, 110);
    plan.on(
        -50,
        WithdrawNotice {
            member: organisation(110),
            notice: NoticeId(created(notice, "notice")),
            agreed_on: None,
            evidence: document("agreement 110"),
        },
    );
}
