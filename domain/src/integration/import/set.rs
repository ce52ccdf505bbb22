//! Sets: services of the other system.

use super::ImportedSet;
use super::entry::{fixed, unknown_fields};
use super::plan::{Draft, Outcome};
use crate::integration::gate;
use crate::{
    Rejection, ServiceChanged, ServiceCreated, ServiceDescription, ServiceId, ServiceReactivated,
};

impl Draft<'_> {
    pub(super) fn set(&mut self, set: &ImportedSet) -> Result<Outcome, Rejection> {
        if let Some(organisation) = &set.organisation {
            gate::no_test_organisation(&self.network, set.environment, organisation)?;
        }
        if let Some(service) = self.network.services.by_legacy_id(&set.legacy_id) {
            return self.known_set(set, service);
        }
        let label = format!("set {}", set.legacy_id);
        let mut description = ServiceDescription::named(set.name.clone());
        description.allow_test_learner_id = set.allow_test_learner_id.unwrap_or(false);
        self.record(ServiceCreated {
            service: ServiceId(self.context.new_id(&label)),
            organisation: set.organisation.clone(),
            description,
            environment: Some(set.environment),
            legacy_id: Some(set.legacy_id.clone()),
            unknown_fields: unknown_fields(&set.unknown_fields),
        });
        Ok(Outcome::Added)
    }

    fn known_set(&mut self, set: &ImportedSet, service: ServiceId) -> Result<Outcome, Rejection> {
        let row = self
            .network
            .services
            .get(service)
            .ok_or_else(|| Rejection::unknown("service", "legacyId"))?;
        if let (Some(recorded), Some(given)) = (&row.organisation, &set.organisation)
            && recorded != given
        {
            let message = format!("the service is recorded for {recorded}");
            return Err(fixed("ORGANISATION_FIXED", "organisation", message));
        }
        if let Some(recorded) = row.environment.filter(|known| *known != set.environment) {
            let message = format!("the service is recorded in {recorded}");
            return Err(fixed("ENVIRONMENT_FIXED", "environment", message));
        }
        let mut description = row.description.clone();
        description.name = set.name.clone();
        if let Some(allow) = set.allow_test_learner_id {
            description.allow_test_learner_id = allow;
        }
        let changed = ServiceChanged {
            service,
            organisation: row
                .organisation
                .as_ref()
                .or(set.organisation.as_ref())
                .cloned(),
            environment: Some(set.environment),
            description,
            unknown_fields: unknown_fields(&set.unknown_fields),
        };
        let differs = row.organisation != changed.organisation
            || row.environment != changed.environment
            || row.description != changed.description
            || row.unknown_fields != changed.unknown_fields;
        let withdrawn = !row.is_active();
        if withdrawn {
            self.record(ServiceReactivated { service });
        }
        if differs {
            self.record(changed);
        }
        Ok(match (withdrawn, differs) {
            (true, _) => Outcome::Reactivated,
            (false, true) => Outcome::Changed,
            (false, false) => Outcome::Same,
        })
    }
}
