//! What a service may have.

use super::{Attribute, Version};
use std::collections::BTreeSet;

/// What one service may receive from one home organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceView {
    /// The data-model version the service is on.
    pub version: Version,
    /// The attributes that the service declared and the operator accepted. The essential three belong to every set.
    pub release_set: BTreeSet<Attribute>,
    /// The attributes that the home organisation vetoed for this service. A veto of an essential one has no effect.
    pub vetoes: BTreeSet<Attribute>,
    /// Whether users with a test learner id may enter.
    pub allow_test_learner_id: bool,
}

impl ServiceView {
    /// The default: the whole profile of a version, no vetoes, no test learner ids.
    pub fn national_profile(version: Version) -> Self {
        Self {
            version,
            release_set: Self::profile(version),
            vetoes: BTreeSet::new(),
            allow_test_learner_id: false,
        }
    }

    /// The attributes that `version` has.
    pub fn profile(version: Version) -> BTreeSet<Attribute> {
        Attribute::ALL
            .into_iter()
            .filter(|attribute| attribute.is_in(version))
            .collect()
    }
}
