//! What the tests of integrations share: invented organisations, a service and both kinds of
//! integration, in a demo ledger, for production ledgers take no test organisations.

use super::*;
use crate::testing::{Scenario, day, found_ledger};
use crate::value::*;
use crate::*;

mod change;
mod discovery;
mod identifiers;
mod lifecycle;
mod permission;
mod random;
mod routable;

pub(crate) fn oid(number: u32) -> OrganisationOid {
    format!("1.2.246.562.99.{number:011}").parse().unwrap()
}

/// The home organisation of the tests.
pub(crate) fn home_organisation() -> OrganisationOid {
    oid(101)
}

/// The service provider of the tests.
pub(crate) fn provider() -> OrganisationOid {
    oid(102)
}

pub(crate) fn text(words: &str) -> LanguageText {
    LanguageText::parse(words).unwrap()
}

/// A ledger in which both organisations are members since 2024, the home organisation in both
/// roles, and the provider has assured what production asks for and notified its start.
pub(crate) fn ledger() -> Scenario {
    members()
        .given(SetRule {
            rule: Rule::SelfAuditGate {
                gate: SelfAuditGate::AfterJoining,
            },
            valid_from: day("2018-01-01"),
            source: "invented for tests".parse().unwrap(),
        })
        .given(assurance())
        .given(start())
}

pub(crate) fn assurance() -> GiveAssurance {
    GiveAssurance {
        member: provider(),
        assurance: Assurance::ServicesMeetAnnex1,
        given_on: None,
        statement: None,
    }
}

pub(crate) fn start() -> NotifyServiceStart {
    NotifyServiceStart {
        member: provider(),
        service: None,
        starts_on: day("2025-01-01"),
    }
}

/// A ledger in which both organisations are members since 2024, and nothing more.
pub(crate) fn members() -> Scenario {
    let accept = |organisation, roles| AcceptMember {
        organisation,
        name: None,
        business_id: None,
        instrument: "contract-2018".parse().unwrap(),
        since: day("2024-01-01"),
        evidence: "invented for tests".parse().unwrap(),
        roles,
    };
    Scenario::empty()
        .given(FoundLedger {
            purpose: Purpose::Demo,
            ..found_ledger()
        })
        .given(PublishInstrument {
            kind: InstrumentKind::Contract,
            version: "contract-2018".parse().unwrap(),
            title: text("Jäsensopimus"),
            document: "a".repeat(64).parse().unwrap(),
            address: None,
            valid_from: day("2018-01-01"),
        })
        .given(accept(
            home_organisation(),
            vec![MemberRole::HomeOrganisation, MemberRole::ServiceProvider],
        ))
        .given(accept(provider(), vec![MemberRole::ServiceProvider]))
}

pub(crate) fn configuration(upstream: HomeUpstream) -> HomeConfiguration {
    HomeConfiguration {
        upstream,
        attributes: Vec::new(),
        static_values: Vec::new(),
        non_disclosure: NonDisclosurePolicy::default(),
        datasource: None,
        tags: Vec::new(),
        single_sign_on: true,
    }
}

/// A Wilma: it needs neither secret nor metadata.
pub(crate) fn wilma(host: &str) -> HomeConfiguration {
    configuration(HomeUpstream::Wilma(WilmaUpstream {
        host: host.parse().unwrap(),
    }))
}

pub(crate) fn register_home(environment: Environment) -> RegisterHomeIntegration {
    RegisterHomeIntegration {
        organisation: home_organisation(),
        environment,
        configuration: wilma("wilma.example.org"),
        secret: None,
        discovery: Discovery::default(),
    }
}

pub(crate) fn open_id_connect(client_id: &str) -> OpenIdConnectRegistration {
    OpenIdConnectRegistration {
        client_id: client_id.parse().unwrap(),
        redirect_uris: vec!["https://service.example.org/callback".parse().unwrap()],
        post_logout_redirect_uris: Vec::new(),
        authentication: ClientAuthentication::ClientSecretBasic,
        jwks_uri: None,
        jwks: None,
        response_types: vec![ResponseType::Code],
        grant_types: vec![GrantType::AuthorizationCode],
        scopes: Vec::new(),
        id_token_algorithm: IdTokenAlgorithm::Rs256,
        pkce_required: true,
        subject: ClientSubject::Pairwise,
        attributes_in_id_token: false,
    }
}

pub(crate) fn client_configuration(protocol: ClientProtocol) -> ClientConfiguration {
    ClientConfiguration {
        protocol,
        name: None,
        allow_test_learner_id: None,
        single_sign_on: None,
    }
}

pub(crate) fn oidc_client(client_id: &str) -> ClientConfiguration {
    client_configuration(ClientProtocol::OpenIdConnect(open_id_connect(client_id)))
}

/// The test certificate; valid from November 2026 to November 2036.
pub(crate) fn certificate() -> Certificate {
    Certificate::parse(include_str!("../value/tests/certificate.pem")).unwrap()
}

pub(crate) fn saml_service(entity_id: &str) -> SamlRegistration {
    SamlRegistration {
        entity_id: entity_id.parse().unwrap(),
        assertion_consumer_services: vec![AssertionConsumerService {
            location: "https://service.example.org/acs".parse().unwrap(),
            index: 0,
            is_default: true,
        }],
        requests_signed: true,
        assertions_signed: false,
        signing_certificates: vec![certificate()],
        encryption_certificates: Vec::new(),
    }
}

pub(crate) fn register_client(
    service: ServiceId,
    environment: Environment,
    configuration: ClientConfiguration,
) -> RegisterServiceIntegration {
    RegisterServiceIntegration {
        service,
        environment,
        configuration,
        secret_hash: Some("s256.salt.digest".parse().unwrap()),
    }
}

pub(crate) fn create_service(fee: Option<ServiceFee>) -> CreateService {
    CreateService {
        organisation: provider(),
        description: ServiceDescription {
            fee,
            ..ServiceDescription::named(text("Kuvitteellinen palvelu"))
        },
        environment: None,
    }
}

/// The service created last.
pub(crate) fn last_service(scenario: &Scenario) -> ServiceId {
    let created = scenario
        .log()
        .iter()
        .rev()
        .find_map(|(event, _)| match event {
            Event::ServiceCreated(created) => Some(created.service),
            _ => None,
        });
    created.unwrap()
}

/// The integration registered last.
pub(crate) fn last_integration(scenario: &Scenario) -> IntegrationId {
    let registered = scenario
        .log()
        .iter()
        .rev()
        .find_map(|(event, _)| match event {
            Event::IntegrationRegistered(registered) => Some(registered.integration),
            _ => None,
        });
    registered.unwrap()
}

/// Registers, has reviewed where that is needed, and activates.
#[track_caller]
pub(crate) fn in_use(
    scenario: Scenario,
    register: impl Into<Command>,
) -> (Scenario, IntegrationId) {
    let scenario = scenario.given(register);
    let integration = last_integration(&scenario);
    let row = scenario.network().integrations.get(integration).unwrap();
    let scenario = if row.environment.needs_review() {
        scenario
            .given(SubmitIntegration { integration })
            .given(AcceptIntegration { integration })
    } else {
        scenario
    };
    (
        scenario.given(ActivateIntegration { integration }),
        integration,
    )
}

pub(crate) fn state(scenario: &Scenario, integration: IntegrationId) -> IntegrationState {
    scenario
        .network()
        .integrations
        .get(integration)
        .unwrap()
        .state
}

pub(crate) fn home(network: &Network, integration: IntegrationId) -> &Home {
    network
        .integrations
        .get(integration)
        .unwrap()
        .home()
        .unwrap()
}
