//! The ends that periods of notice give (membership contract §7 ¶1). Pure arithmetic, with the
//! instants of domain facts J.1.

use super::super::{ContractParty, MemberRole};
use crate::time::{Date, Zone};
use crate::{
    ComputedDate, Network, NoticeCountsFrom, Period, Rejection, Rule, RuleKind, SemesterCalendar,
};

/// The day from which a period of notice counts: that of receipt, unless the rule says sending.
pub(super) fn counted_from(network: &Network, sent_on: Date, received_on: Date) -> Date {
    let rule = network
        .rules
        .on(RuleKind::NoticeCountsFrom, received_on)
        .map(|dated| &dated.rule);
    match rule {
        Some(Rule::NoticeCountsFrom {
            from: NoticeCountsFrom::Sending,
        }) => sent_on,
        _ => received_on,
    }
}

/// One month, by a member in any role.
pub(super) fn member_notice_end(zone: &Zone, from: Date) -> ComputedDate {
    ComputedDate::end_of_period(
        zone,
        from,
        Period::Months(1),
        "MEMBER_NOTICE",
        "membership contract §7 ¶1: one month",
    )
}

/// The end that the operator's ordinary notice gives under a contract: three months for a member
/// that is a service provider only, and else the semester rule, also for a member in both roles
/// (domain facts K2).
pub fn operator_notice_end(
    zone: &Zone,
    from: Date,
    roles: &[MemberRole],
    calendar: &SemesterCalendar,
) -> ComputedDate {
    if roles == [MemberRole::ServiceProvider] {
        return ComputedDate::end_of_period(
            zone,
            from,
            Period::Months(3),
            "OPERATOR_NOTICE_TO_SERVICE_PROVIDER",
            "membership contract §7 ¶1: three months for a service provider only",
        );
    }
    semester_rule(zone, from, calendar)
}

/// The semester rule: six months, or the start of the next semester where that is later. "Next"
/// is strictly after the day counted from (domain facts J.2); the end is not moved to a semester
/// start otherwise, and so mostly lies within a semester, for that is what the text says.
pub fn semester_rule(zone: &Zone, from: Date, calendar: &SemesterCalendar) -> ComputedDate {
    const RULE: &str = "OPERATOR_NOTICE_TO_HOME_ORGANISATION";
    const SOURCE: &str =
        "membership contract §7 ¶1: the next semester's start, six months at the least";
    let period = Period::Months(6);
    let six_months = ComputedDate::end_of_period(zone, from, period, RULE, SOURCE);
    let next = calendar.next_after(from);
    let start = next.map(|day| ComputedDate::start_of(zone, day, from, RULE, SOURCE));
    // 24:00 of one day is 00:00 of the next: where both give the same instant, the day that the
    // calendar names stands.
    let mut end = match start {
        Some(start) if start.at >= six_months.at => start,
        _ => six_months,
    };
    end.computation.period = Some(period);
    end.computation.named_day = next;
    end.computation.calendar = Some(calendar.clone());
    end
}

/// The end of an ordinary notice under terms of use, by the rule that the operator set; without
/// one, the refusal that names it (domain facts J.4).
pub(super) fn terms_notice_end(
    network: &Network,
    from: Date,
    by: ContractParty,
) -> Result<ComputedDate, Rejection> {
    let kind = match by {
        ContractParty::Member => RuleKind::TermsNoticeByMember,
        ContractParty::Operator => RuleKind::TermsNoticeByOperator,
    };
    let dated = network.rules.require(kind, from)?;
    let (Rule::TermsNoticeByMember { months } | Rule::TermsNoticeByOperator { months }) =
        dated.rule
    else {
        return Err(Rejection::rule_not_set(&format!("{kind:?}")));
    };
    let rule = match by {
        ContractParty::Member => "MEMBER_NOTICE_UNDER_TERMS",
        ContractParty::Operator => "OPERATOR_NOTICE_UNDER_TERMS",
    };
    Ok(ComputedDate::end_of_period(
        network.zone(),
        from,
        Period::Months(months),
        rule,
        &dated.source,
    ))
}

#[cfg(test)]
mod tests;
