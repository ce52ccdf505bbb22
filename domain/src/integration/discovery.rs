//! What the choice page shows of a home integration, and the rule that each school leads to one
//! place to log in (domain facts F.5).

use super::checks::{Strictness, too_many};
use super::{Integration, IntegrationState, Side, nothing_to_change};
use crate::time::Instant;
use crate::value::{
    DocumentReference, InstitutionType, LanguageText, OrganisationOid, SchoolCode, WebAddress,
};
use crate::{Context, Decide, Decision, Environment, Evolve, IntegrationId, Network, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// More schools than any organisation has; the bound keeps the event small.
const SCHOOLS_MAX: usize = 2_000;
/// More kinds of institution than the code set has.
const INSTITUTION_TYPES_MAX: usize = 100;

/// Where a logo is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Logo {
    /// On the web.
    Address(WebAddress),
    /// Handed in as a document.
    Document(DocumentReference),
}

/// What the choice page shows of a home integration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Discovery {
    /// Whether the schools are listed, or the organisation alone.
    #[serde(default)]
    pub show_schools: bool,
    /// What stands in brackets after a school's name.
    #[serde(default)]
    pub title: Option<LanguageText>,
    /// The name in the list, where it is not the organisation's own.
    #[serde(default)]
    pub custom_display_name: Option<LanguageText>,
    /// These schools alone; never together with excluded ones.
    #[serde(default)]
    pub schools: Vec<SchoolCode>,
    /// All schools but these.
    #[serde(default)]
    pub excluded_schools: Vec<SchoolCode>,
    /// The kinds of institution it serves; needed where schools are listed.
    #[serde(default)]
    pub institution_types: Vec<InstitutionType>,
    /// Whether it serves early education.
    #[serde(default)]
    pub early_education: bool,
    /// Its logo.
    #[serde(default)]
    pub logo: Option<Logo>,
}

impl Discovery {
    /// As it is recorded: each list in order and without repetition.
    pub(super) fn settled(&self) -> Self {
        fn in_order<T: Ord + Clone>(list: &[T]) -> Vec<T> {
            let mut list = list.to_vec();
            list.sort_unstable();
            list.dedup();
            list
        }
        Self {
            schools: in_order(&self.schools),
            excluded_schools: in_order(&self.excluded_schools),
            institution_types: in_order(&self.institution_types),
            ..self.clone()
        }
    }

    /// The rules that its type alone does not keep.
    pub(super) fn check(&self, strictness: Strictness) -> Result<(), Rejection> {
        if !self.schools.is_empty() && !self.excluded_schools.is_empty() {
            return Err(Rejection::new(
                "SCHOOLS_CONTRADICT",
                "either some schools are included or some are excluded",
            )
            .field("discovery.excludedSchools")
            .remedy("give one of the two lists")
            .rule("management service, discovery information"));
        }
        for (list, path) in [
            (&self.schools, "discovery.schools"),
            (&self.excluded_schools, "discovery.excludedSchools"),
        ] {
            if list.len() > SCHOOLS_MAX {
                return Err(too_many(path.to_owned(), SCHOOLS_MAX));
            }
        }
        if self.institution_types.len() > INSTITUTION_TYPES_MAX {
            let field = "discovery.institutionTypes".to_owned();
            return Err(too_many(field, INSTITUTION_TYPES_MAX));
        }
        let nothing_listed = self.institution_types.is_empty() && !self.early_education;
        if strictness == Strictness::Given && self.show_schools && nothing_listed {
            return Err(Rejection::new(
                "INSTITUTION_TYPES_MISSING",
                "where schools are listed, their kinds must be named",
            )
            .field("discovery.institutionTypes")
            .remedy("name the kinds of institution, or do not list the schools")
            .rule("management service, discovery information"));
        }
        Ok(())
    }

    /// Whether it leads to the school with this code, its kind and organisation aside.
    fn serves(&self, code: &SchoolCode) -> bool {
        if self.schools.is_empty() {
            self.excluded_schools.binary_search(code).is_err()
        } else {
            self.schools.binary_search(code).is_ok()
        }
    }

    /// Whether some school of `organisation` could lead to both.
    fn overlaps(&self, other: &Self, network: &Network, organisation: &OrganisationOid) -> bool {
        let shared: Vec<_> = self
            .institution_types
            .iter()
            .filter(|kind| other.institution_types.contains(kind))
            .collect();
        let both_early = self.early_education && other.early_education;
        if shared.is_empty() && !both_early {
            // Kinds that nobody named keep nothing apart: a school that both name leads to both.
            let untyped = self.institution_types.is_empty() || other.institution_types.is_empty();
            let named_too = |code| other.schools.binary_search(code).is_ok();
            return untyped && self.schools.iter().any(named_too);
        }
        match (self.schools.is_empty(), other.schools.is_empty()) {
            (false, _) => self.schools.iter().any(|code| other.serves(code)),
            (true, false) => other.schools.iter().any(|code| self.serves(code)),
            // Places of early education have no code by which one could be excluded.
            (true, true) if both_early => true,
            // Neither names its schools: the register says which there are. Where it knows none,
            // the two are taken to overlap.
            (true, true) => {
                let known = network.organisations.schools_under(organisation);
                let mut of_kind = known
                    .iter()
                    .filter(|(_, row, _)| {
                        let kind = row.description.institution_type;
                        kind.is_some_and(|kind| shared.contains(&&kind))
                    })
                    .map(|(_, _, code)| *code)
                    .peekable();
                of_kind.peek().is_none()
                    || of_kind.any(|code| self.serves(code) && other.serves(code))
            }
        }
    }
}

/// The other home integrations of the same organisation, in use in production, to which a school
/// of this one would lead too.
pub fn overlapping_integrations(
    network: &Network,
    organisation: &OrganisationOid,
    discovery: &Discovery,
    except: Option<IntegrationId>,
) -> Vec<IntegrationId> {
    overlapping(network, organisation, discovery, except, |row| {
        matches!(
            row.state,
            IntegrationState::Active | IntegrationState::Suspended
        )
    })
}

/// The same among those integrations in production that `counts` says.
pub(super) fn overlapping(
    network: &Network,
    organisation: &OrganisationOid,
    discovery: &Discovery,
    except: Option<IntegrationId>,
    counts: impl Fn(&Integration) -> bool,
) -> Vec<IntegrationId> {
    let in_production = |row: &Integration| row.environment == Environment::Production;
    network
        .integrations
        .of_organisation(organisation)
        .filter(|(id, row)| Some(*id) != except && in_production(row) && counts(row))
        .filter(|(_, row)| {
            row.home()
                .is_some_and(|home| discovery.overlaps(&home.discovery, network, organisation))
        })
        .map(|(id, _)| id)
        .collect()
}

/// Refuses discovery information in production by which a school would lead to two places.
pub(super) fn disjoint(
    network: &Network,
    environment: Environment,
    organisation: &OrganisationOid,
    discovery: &Discovery,
    except: Option<IntegrationId>,
) -> Result<(), Rejection> {
    if environment != Environment::Production {
        return Ok(());
    }
    let others = overlapping_integrations(network, organisation, discovery, except);
    let Some(other) = others.first() else {
        return Ok(());
    };
    Err(Rejection::new(
        "SCHOOLS_OVERLAP",
        format!("a school would lead to this integration and to {other:?}"),
    )
    .field("discovery.schools")
    .remedy("name the schools of each integration, or exclude here those that the other names")
    .rule("management service, discovery information"))
}

/// Changes what the choice page shows of a home integration. Takes effect at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChangeDiscovery {
    /// The home integration.
    pub integration: IntegrationId,
    /// What is shown from now on.
    pub discovery: Discovery,
}

/// What the choice page shows of a home integration changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoveryChanged {
    /// The home integration.
    pub integration: IntegrationId,
    /// What is shown from now on.
    pub discovery: Discovery,
}

impl Decide for ChangeDiscovery {
    fn decide(&self, network: &Network, _: &Context<'_>) -> Decision {
        let row = network
            .integrations
            .known(self.integration, "integration")?;
        let home = row.home().ok_or_else(super::not_a_home)?;
        if row.state == IntegrationState::Inactive {
            return Err(super::wrong_state(row.state, "reactivate it first"));
        }
        self.discovery.check(Strictness::Given)?;
        let discovery = self.discovery.settled();
        if home.discovery == discovery {
            return Err(nothing_to_change("discovery"));
        }
        disjoint(
            network,
            row.environment,
            &row.organisation,
            &discovery,
            Some(self.integration),
        )?;
        Ok(vec![
            DiscoveryChanged {
                integration: self.integration,
                discovery,
            }
            .into(),
        ])
    }
}

impl Evolve for DiscoveryChanged {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.integrations.change(self.integration, |row| {
            if let Side::Home(home) = &mut row.side {
                home.discovery = self.discovery.clone();
            }
        });
    }
}
