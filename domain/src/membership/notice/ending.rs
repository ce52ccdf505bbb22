//! Which end a notice gives: by its period, or by the cause for which it is given.

use super::{Notice, operator_notice_end, period};
use crate::membership::{ContractParty, LegalBasis, Member, MemberRole, outage, wrong_state};
use crate::{
    AmendmentId, ComputedDate, Context, InstrumentKind, Network, OutageId, Rejection, RemarkId,
};

impl Notice<'_> {
    pub(super) fn ordinary_end(
        &self,
        network: &Network,
        basis: &LegalBasis,
        roles: &[MemberRole],
    ) -> Result<ComputedDate, Rejection> {
        let from = period::counted_from(network, self.sent_on, self.received_on);
        match (basis.kind, self.by) {
            (InstrumentKind::Contract, ContractParty::Member) => {
                Ok(period::member_notice_end(network.zone(), from))
            }
            (InstrumentKind::Contract, ContractParty::Operator) => {
                let calendar = network.semesters.of(self.member, from);
                Ok(operator_notice_end(network.zone(), from, roles, &calendar))
            }
            (InstrumentKind::TermsOfUse, by) => period::terms_notice_end(network, from, by),
        }
    }

    pub(super) fn breach_end(
        &self,
        network: &Network,
        context: &Context<'_>,
        row: &Member,
        remark: RemarkId,
    ) -> Result<ComputedDate, Rejection> {
        let remark = row
            .remarks
            .iter()
            .find(|one| one.id == remark && one.by == self.by)
            .ok_or_else(|| Rejection::unknown("remark of this party", "breach"))?;
        if remark.cured_on.is_some() {
            return Err(wrong_state(
                "the breach was cured",
                "breach",
                "give an ordinary notice, or send another remark",
            )
            .rule(remark.source.clone()));
        }
        let Some(deadline) = &remark.deadline else {
            return Err(Rejection::new(
                "TOO_EARLY",
                "the receipt of the remark is not recorded, so no time for cure has run",
            )
            .field("breach")
            .remedy("record the receipt with `recordRemarkReceipt`")
            .rule(remark.source.clone()));
        };
        if self.received_on <= deadline.day {
            return Err(Rejection::new(
                "TOO_EARLY",
                format!("the breach may be cured until {}", deadline.day),
            )
            .field("breach")
            .remedy("wait until the day after the last day for cure")
            .rule(format!("{}; our decision, domain facts J.1", remark.source)));
        }
        Ok(ComputedDate::at_once(
            network.zone(),
            self.received_on,
            context.now,
            "BREACH",
            &remark.source,
        ))
    }

    pub(super) fn outage_end(
        &self,
        network: &Network,
        context: &Context<'_>,
        of: (&Member, &LegalBasis),
        outage: OutageId,
    ) -> Result<ComputedDate, Rejection> {
        let (row, basis) = of;
        let outage = row
            .outages
            .iter()
            .find(|one| one.id == outage)
            .ok_or_else(|| Rejection::unknown("outage report of this member", "cause.outage"))?;
        if !outage.essential {
            return Err(Rejection::new(
                "NO_EXIT_RIGHT",
                "the outage did not prevent the use in essential parts",
            )
            .field("cause.outage")
            .remedy("give an ordinary notice"));
        }
        // Where no rule gave the right on the day of the report, the one of today does.
        let right = match &outage.exit_right {
            Some(right) => right.clone(),
            None => outage::exit_right(network, basis.kind, outage.reported_on, self.received_on)?,
        };
        let rule = format!(
            "{}; our decision, domain facts J.1",
            right.computation.source
        );
        if outage
            .corrected_on
            .is_some_and(|day| day <= self.received_on)
        {
            return Err(Rejection::new(
                "NO_EXIT_RIGHT",
                "the operator had corrected the outage by then, and the right lapsed",
            )
            .field("cause.outage")
            .remedy("give an ordinary notice")
            .rule(rule));
        }
        if self.received_on < right.day {
            return Err(Rejection::new(
                "TOO_EARLY",
                format!("the right to leave exists from {} on", right.day),
            )
            .field("cause.outage")
            .remedy("wait until that day, or give an ordinary notice")
            .rule(rule));
        }
        Ok(ComputedDate::at_once(
            network.zone(),
            self.received_on,
            context.now,
            "OUTAGE",
            &right.computation.source,
        ))
    }

    pub(super) fn amendment_end(
        &self,
        network: &Network,
        context: &Context<'_>,
        amendment: AmendmentId,
    ) -> Result<(ComputedDate, bool), Rejection> {
        let exit = network
            .amendment_exit(amendment, self.member, self.received_on, context.now)
            .map_err(|refusal| {
                let field = match refusal.field.as_deref() {
                    Some("day") => "receivedOn",
                    _ => "cause.amendment",
                };
                refusal.field(field)
            })?;
        let mut end = ComputedDate::start_of(
            network.zone(),
            exit.ends_on,
            self.received_on,
            "AMENDMENT",
            &exit.rule,
        );
        end.at = exit.ends_at;
        Ok((end, exit.late))
    }
}
