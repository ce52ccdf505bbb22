//! Which dates a caller may give.

use crate::computation::past_day;
use crate::time::Date;
use crate::{Context, Network, Rejection};

/// How far ahead a date may lie. Nothing in the agreement is announced ten years before.
const YEARS_AHEAD_MAX: u16 = 10;

/// Refuses a date of something that has happened where that date is yet to come.
pub(crate) fn not_in_future(
    network: &Network,
    context: &Context<'_>,
    date: Date,
    field: &'static str,
) -> Result<(), Rejection> {
    past_day(network, context, Some(date), field).map(|_| ())
}

/// Refuses a date that is absurdly far ahead, a slip of the keyboard.
pub(crate) fn not_too_far(
    network: &Network,
    context: &Context<'_>,
    date: Date,
    field: &'static str,
) -> Result<(), Rejection> {
    let last = network.date(context.now).plus_months(12 * YEARS_AHEAD_MAX);
    if date <= last {
        return Ok(());
    }
    Err(
        Rejection::new("TOO_FAR_AHEAD", "the date lies more than ten years ahead")
            .field(field)
            .remedy(format!("give a date up to {last}"))
            .rule("our decision"),
    )
}
