//! The test home organisation and the test services, as the ledger knows them: the integrations
//! through which the demo's own login runs, in the environment test.

use super::integrations::{declares, released};
use super::{Plan, created, organisation, own, words};
use crate::demo::addresses::Addresses;
use crate::demo::service::{CLIENTS, Client, redirect_uri};
use crate::demo::sources::{OPINSYS_CLIENT, OPINSYS_KEY, OPINSYS_TENANT, WILMA_HOST};
use domain::data_model::Attribute;
use domain::{
    ActivateIntegration, AttributeMapping, ClientAuthentication, ClientConfiguration,
    ClientProtocol, ClientSubject, CreateService, Discovery, Environment, GrantType,
    HomeConfiguration, HomeUpstream, IdTokenAlgorithm, IntegrationId, NonDisclosurePolicy,
    NonDisclosureTreatment, OpenIdConnectRegistration, OpenIdConnectUpstream, OpinsysUpstream,
    PermissionMode, RegisterHomeIntegration, RegisterServiceIntegration, ResponseType,
    ServiceDescription, ServiceId, SetPermissionMode, VetoRelease, WilmaUpstream,
};
use ledger::Random as _;
use projections::routing::SecretHash;

/// The client id and secret of the proxy at the test home organisation.
pub(crate) const HOME_CLIENT_ID: &str = "demo-login-proxy";
pub(crate) const HOME_CLIENT_SECRET: &str = "demo-login-proxy-secret";

/// Whose test home organisation it is, and whose test services they are.
const HOME: u32 = 101;
const PROVIDER: u32 = 201;

/// What the ledger calls the demo's parties.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TestParties {
    /// The integration of the test home organisation.
    pub(crate) home: IntegrationId,
    /// The integrations at the stand-ins for a Wilma and for Opinsys.
    pub(crate) sources: [IntegrationId; 2],
    /// The integrations of the test services, in the order of [`CLIENTS`].
    pub(crate) clients: [IntegrationId; CLIENTS.len()],
}

/// From what the test home organisation calls things to what the data model calls them.
const ATTRIBUTES: [(&str, &str); 10] = [
    ("username", "preferred_username"),
    ("firstName", "given_name"),
    ("surname", "family_name"),
    ("nickname", "nickname"),
    ("learnerId", "learner_id"),
    ("schoolIds", "school"),
    ("roles", "role"),
    ("groups", "group"),
    ("groupLevels", "level"),
    ("learningMaterialsCharges", "charge"),
];

pub(super) fn plan(plan: &mut Plan, addresses: &Addresses) -> TestParties {
    let mapping = |(attribute, source): &(&str, &str)| AttributeMapping {
        attribute: own(attribute),
        source: own(source),
    };
    let command = plan.on(
        -378,
        RegisterHomeIntegration {
            organisation: organisation(HOME),
            environment: Environment::Test,
            configuration: HomeConfiguration {
                upstream: HomeUpstream::OpenIdConnect(OpenIdConnectUpstream {
                    issuer: addresses.home.clone(),
                    client_id: own(HOME_CLIENT_ID),
                    scopes: vec![own("profile")],
                    pinned_claims: Vec::new(),
                }),
                attributes: ATTRIBUTES.iter().map(mapping).collect(),
                static_values: Vec::new(),
                non_disclosure: NonDisclosurePolicy {
                    attribute: Some(own("non_disclosure")),
                    treatment: NonDisclosureTreatment::Refuse,
                },
                datasource: None,
                tags: Vec::new(),
                single_sign_on: true,
            },
            secret: Some(own(HOME_CLIENT_SECRET)),
            discovery: Discovery {
                title: Some(words("Kuvitteellisen kunnan koekirjautuminen")),
                ..Discovery::default()
            },
        },
    );
    let home = IntegrationId(created(command, "integration"));
    plan.on(-377, ActivateIntegration { integration: home });

    let (first, koe) = service(plan, addresses, &CLIENTS[0], false);
    // The first asks for most of what there is; the second for little.
    declares(
        plan,
        -377,
        koe,
        &[
            Attribute::GivenName,
            Attribute::Surname,
            Attribute::Nickname,
            Attribute::Role,
            Attribute::SchoolInfo,
            Attribute::Class,
            Attribute::LearningMaterialsCharge,
        ],
    );
    plan.on(
        -300,
        VetoRelease {
            organisation: organisation(HOME),
            service: koe,
            attributes: vec![released(Attribute::Class, "").attribute],
        },
    );
    let (second, toinen) = service(plan, addresses, &CLIENTS[1], true);
    declares(plan, -377, toinen, &[Attribute::GivenName]);
    let (third, kolmas) = service(plan, addresses, &CLIENTS[2], false);
    let sources = sources(plan, kolmas);
    TestParties {
        home,
        sources,
        clients: [first, second, third],
    }
}

/// Two municipalities whose people log in at a Wilma and at Opinsys. They permit the third service
/// alone, so that at the others nobody has to choose.
fn sources(plan: &mut Plan, service: ServiceId) -> [IntegrationId; 2] {
    let wilma = HomeUpstream::Wilma(WilmaUpstream {
        host: own(WILMA_HOST),
    });
    let opinsys = HomeUpstream::Opinsys(OpinsysUpstream {
        tenant: own(OPINSYS_TENANT),
        client_id: Some(own(OPINSYS_CLIENT)),
    });
    [(105, wilma, None), (106, opinsys, Some(own(OPINSYS_KEY)))].map(
        |(number, upstream, secret)| {
            let command = plan.on(
                -376,
                RegisterHomeIntegration {
                    organisation: organisation(number),
                    environment: Environment::Test,
                    configuration: HomeConfiguration {
                        upstream,
                        // Both kinds bring their mapping with them.
                        attributes: Vec::new(),
                        static_values: Vec::new(),
                        non_disclosure: NonDisclosurePolicy::default(),
                        datasource: None,
                        tags: Vec::new(),
                        single_sign_on: true,
                    },
                    secret,
                    discovery: Discovery::default(),
                },
            );
            let integration = IntegrationId(created(command, "integration"));
            plan.on(
                -376,
                SetPermissionMode {
                    integration,
                    mode: PermissionMode::List,
                    services: vec![service],
                },
            );
            plan.on(-375, ActivateIntegration { integration });
            integration
        },
    )
}

fn service(
    plan: &mut Plan,
    addresses: &Addresses,
    client: &Client,
    test_learners: bool,
) -> (IntegrationId, ServiceId) {
    let command = plan.on(
        -378,
        CreateService {
            organisation: organisation(PROVIDER),
            description: ServiceDescription {
                allow_test_learner_id: test_learners,
                ..ServiceDescription::named(words(client.name))
            },
            environment: Some(Environment::Test),
        },
    );
    let service = ServiceId(created(command, "service"));
    let hash = SecretHash::of(client.secret, plan.ids.sixteen());
    let command = plan.on(
        -378,
        RegisterServiceIntegration {
            service,
            environment: Environment::Test,
            configuration: ClientConfiguration {
                protocol: ClientProtocol::OpenIdConnect(OpenIdConnectRegistration {
                    client_id: own(client.id),
                    redirect_uris: vec![own(&redirect_uri(addresses.services.as_str(), client))],
                    post_logout_redirect_uris: Vec::new(),
                    authentication: ClientAuthentication::ClientSecretBasic,
                    jwks_uri: None,
                    jwks: None,
                    response_types: vec![ResponseType::Code],
                    grant_types: vec![GrantType::AuthorizationCode],
                    scopes: Vec::new(),
                    id_token_algorithm: IdTokenAlgorithm::Es256,
                    pkce_required: true,
                    subject: ClientSubject::Pairwise,
                    attributes_in_id_token: false,
                }),
                name: None,
                allow_test_learner_id: None,
                single_sign_on: None,
            },
            secret_hash: Some(own(hash.as_str())),
        },
    );
    let integration = IntegrationId(created(command, "integration"));
    plan.on(-377, ActivateIntegration { integration });
    (integration, service)
}
