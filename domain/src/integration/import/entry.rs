//! What the entries of all kinds share.

use super::plan::Draft;
use crate::integration::gate;
use crate::value::{OrganisationOid, ShortText};
use crate::{
    Environment, Integration, IntegrationAccepted, IntegrationActivated, IntegrationId,
    IntegrationReactivated, Rejection,
};

/// More unknown fields than any real entry has; the bound keeps the event small.
const UNKNOWN_FIELDS_MAX: usize = 50;

impl Draft<'_> {
    /// Takes a new entry into use; where its environment is production and its organisation no
    /// member in the needed role, it is accepted alone and waits: a membership that comes later
    /// lets in what is activated under it, and nothing by itself.
    pub(super) fn bring_in(&mut self, integration: IntegrationId) {
        let from = self.context.now;
        if self.may_be_used(integration) {
            self.record(IntegrationActivated { integration, from });
        } else {
            self.record(IntegrationAccepted { integration });
        }
    }

    /// Brings an inactive entry back, by the same rule.
    pub(super) fn bring_back(&mut self, integration: IntegrationId) {
        let from = self.may_be_used(integration).then_some(self.context.now);
        self.record(IntegrationReactivated { integration, from });
    }

    pub(super) fn may_be_used(&self, integration: IntegrationId) -> bool {
        let row = self.network.integrations.get(integration);
        row.is_some_and(|row| {
            let (organisation, home) = (&row.organisation, row.home().is_some());
            row.environment != Environment::Production
                || gate::has_role(&self.network, organisation, home, self.context.now)
        })
    }
}

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
