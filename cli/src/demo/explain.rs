//! Why a test service did not receive something: the data model computed again, with what the test
//! home organisation says, the organisation register and the routes that the proxy has.

use super::people::Person;
use domain::Network;
use domain::data_model::{
    self, Asserter, Detail, OrganisationNames, OrganisationRegister, Outcome,
    RegisteredOrganisation, Rules, ServiceView, SourceAttribute, SourceAttributes,
};
use domain::value::{OrganisationOid, SchoolCode};
use projections::routing::{AttributeValues, HomeIntegration, ServiceClient};
use serde_json::Value;

/// One attribute of which something is missing.
#[derive(Debug)]
pub(crate) struct Explained {
    /// The attribute's name on the wire.
    pub(crate) attribute: &'static str,
    /// The reason, in words.
    pub(crate) because: String,
    /// Whether other values of it arrived.
    pub(crate) partly: bool,
}

/// The national identifier that a person has through this integration.
pub(crate) fn uid(home: &HomeIntegration, person: &Person) -> String {
    let said = said(home, person);
    let name = said.get(SourceAttribute::Username).first();
    data_model::uid(&home.idp_id, name.map_or(person.subject, String::as_str))
}

/// What of this person's data `service` does not receive, and why.
pub(crate) fn withheld(
    network: &Network,
    home: &HomeIntegration,
    service: &ServiceClient,
    rules: &Rules,
    person: &Person,
) -> Vec<Explained> {
    let asserter = Asserter {
        organisation: home.organisation.clone(),
        idp_id: home.idp_id.clone(),
        municipality: home.municipality.clone(),
        municipality_code: home.municipality_code.clone(),
        non_disclosure: home.non_disclosure,
    };
    let view = ServiceView {
        version: service.data_model_version,
        release_set: service.release_set.clone(),
        vetoes: home
            .vetoes
            .get(&service.service)
            .cloned()
            .unwrap_or_default(),
        allow_test_learner_id: service.allow_test_learner_id,
    };
    match data_model::release(
        &said(home, person),
        &asserter,
        &Register(network),
        rules,
        &view,
    ) {
        Outcome::Refused(reason) => vec![Explained {
            attribute: "everything",
            because: reason.code().replace('_', " "),
            partly: false,
        }],
        Outcome::Released(release) => release
            .withheld
            .into_iter()
            .map(|missing| Explained {
                attribute: missing.attribute.oidc_claim(),
                because: words(missing.detail).to_owned(),
                partly: missing.partly,
            })
            .collect(),
    }
}

/// What the home organisation says of a person, under the names of the data model.
fn said(home: &HomeIntegration, person: &Person) -> SourceAttributes {
    let mut said = SourceAttributes::new();
    for rule in &home.attribute_rules {
        match &rule.values {
            AttributeValues::Static { value } => said.add(rule.to, [value.as_str()]),
            AttributeValues::Source { name } => {
                let claim = person.claims.get(name.as_str());
                let values = match claim {
                    Some(Value::Array(values)) => values.iter().map(text).collect(),
                    Some(value) => vec![text(value)],
                    None if name.as_str() == "sub" => vec![person.subject.to_owned()],
                    None => continue,
                };
                said.add(rule.to, values);
            }
        }
    }
    said
}

fn text(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn words(detail: Detail) -> &'static str {
    match detail {
        Detail::NotInVersion => "the data model's version that this service is on does not have it",
        Detail::NotInReleaseSet => "the service did not declare that it needs it",
        Detail::Vetoed => "the home organisation keeps it from this service",
        Detail::NotGiven => "the home organisation said nothing of it",
        Detail::Malformed => "what the home organisation said cannot be used",
        Detail::SchoolMissing => "no school was given",
        Detail::SchoolMalformed => "the school's code cannot be read",
        Detail::SchoolUnknown => "the organisation register does not know the school",
        Detail::SchoolClosed => "the school is closed",
        Detail::SchoolWithoutCode => "the school has no code",
        Detail::SchoolWithoutName => "the school has no name",
        Detail::SchoolForeign => {
            "the school is another organisation's, for which this one may not speak"
        }
        Detail::ProviderUnknown => "the school's education provider is not known",
        Detail::RoleMissing => "no role was given",
        Detail::RoleNotAllowed => "the role is not one of the data model's",
        Detail::CombinationNotAccepted => {
            "the numbers of schools, roles and groups do not fit together"
        }
        Detail::ChargeCountMismatch => "the number of charges is not that of the schools",
        Detail::ChargeMalformed => "the charge is neither 0 nor 1",
        Detail::NotAStudent => "only students have it",
        Detail::SeparatorInPart => "a part holds the character that separates parts",
        Detail::MunicipalityNotSet => "the integration names no municipality",
    }
}

/// The network's organisations as the data model asks for them.
struct Register<'a>(&'a Network);

impl OrganisationRegister for Register<'_> {
    fn by_school_code(&self, code: &SchoolCode) -> Option<RegisteredOrganisation> {
        let (oid, row) = self.0.organisations.by_school_code(code)?;
        Some(registered(oid, row))
    }

    fn by_oid(&self, oid: &OrganisationOid) -> Option<RegisteredOrganisation> {
        Some(registered(oid, self.0.organisations.get(oid)?))
    }

    fn acts_for(&self, asserter: &OrganisationOid, organisation: &OrganisationOid) -> bool {
        self.0.organisations.acts_for(asserter, organisation)
    }
}

fn registered(oid: &OrganisationOid, row: &domain::Organisation) -> RegisteredOrganisation {
    let description = &row.description;
    RegisteredOrganisation {
        oid: oid.clone(),
        school_code: description.school_code.clone(),
        types: description
            .types
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
        names: OrganisationNames {
            fi: Some(description.name.fi.clone()),
            sv: description.name.sv.clone(),
            en: description.name.en.clone(),
        },
        parent: description.parent.clone(),
        active: row.is_active(),
    }
}
