//! What the entries of all kinds share.

use crate::value::{OrganisationOid, ShortText};
use crate::{Environment, Integration, Rejection};

/// More unknown fields than any real entry has; the bound keeps the event small.
const UNKNOWN_FIELDS_MAX: usize = 50;

/// A known entry never changes its organisation or environment.
pub(super) fn unmoved(
    row: &Integration,
    organisation: &OrganisationOid,
    environment: Environment,
) -> Result<(), Rejection> {
    if row.organisation != *organisation {
        return Err(fixed(
            "ORGANISATION_FIXED",
            "organisation",
            format!("the integration is recorded for {}", row.organisation),
        ));
    }
    if row.environment != environment {
        return Err(fixed(
            "ENVIRONMENT_FIXED",
            "environment",
            format!("the integration is recorded in {}", row.environment),
        ));
    }
    Ok(())
}

/// A refusal of what never changes.
pub(super) fn fixed(code: &'static str, field: &'static str, message: String) -> Rejection {
    Rejection::new(code, message)
        .field(field)
        .remedy("give the changed entry an identifier of its own")
}

/// The unknown fields as they are recorded: in order, once each, not without end.
pub(super) fn unknown_fields(fields: &[ShortText]) -> Vec<ShortText> {
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    fields.dedup();
    fields.truncate(UNKNOWN_FIELDS_MAX);
    fields
}
