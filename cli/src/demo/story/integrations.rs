//! Services and their integrations in every state, and what integrations of both sides share.
//!
//! Their addresses lie under example.org: nothing answers there, and no login of the story goes
//! there.

use super::{Plan, created, organisation, own, words};
use domain::data_model::Attribute;
use domain::value::Certificate;
use domain::{
    AcceptIntegration, ActivateIntegration, AssertionConsumerService, ChangeService,
    ClientAuthentication, ClientConfiguration, ClientProtocol, ClientSubject, CreateService,
    DeclareReleaseSet, Environment, GrantType, IdTokenAlgorithm, InactivateIntegration,
    IntegrationId, OpenIdConnectRegistration, RefuseReleaseSet, RegisterServiceIntegration,
    ReleasedAttribute, ResponseType, RotateCredential, SamlRegistration, ServiceDescription,
    ServiceFee, ServiceId, SubmitIntegration, SuspendIntegration, SuspensionGround, VetoRelease,
};
use ledger::Random as _;
use projections::routing::SecretHash;

/// Two certificates of an invented peer, made for this story; their private keys are gone.
pub(super) const CURRENT: &str = include_str!("certificates/current.pem");
pub(super) const EXPIRED: &str = include_str!("certificates/expired.pem");

/// How far an integration goes on its way into use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Drafted,
    Submitted,
    Accepted,
    Active,
}

pub(super) fn plan(plan: &mut Plan) {
    let oppimispuro = services(plan);
    super::homes::plan(plan, oppimispuro);
}

/// An attribute with what the service needs it for.
pub(super) fn released(attribute: Attribute, purpose: &str) -> ReleasedAttribute {
    let purpose = if purpose.is_empty() {
        "oppijan tunnistaminen palvelussa"
    } else {
        purpose
    };
    ReleasedAttribute {
        attribute: own(attribute.saml_name()),
        purpose: own(purpose),
    }
}

/// A service declares its release set: these and the essential ones.
pub(super) fn declares(plan: &mut Plan, day: i64, service: ServiceId, attributes: &[Attribute]) {
    let essential = Attribute::ALL
        .into_iter()
        .filter(|attribute| attribute.is_essential());
    let all = essential.chain(attributes.iter().copied());
    plan.on(
        day,
        DeclareReleaseSet {
            service,
            attributes: all.map(|attribute| released(attribute, "")).collect(),
        },
    );
}

/// Leads a registered integration on its way, one step a day.
pub(super) fn lead(
    plan: &mut Plan,
    day: i64,
    integration: IntegrationId,
    environment: Environment,
    way: Way,
) {
    if environment.needs_review() {
        if way >= Way::Submitted {
            plan.on(day + 1, SubmitIntegration { integration });
        }
        if way >= Way::Accepted {
            plan.on(day + 2, AcceptIntegration { integration });
        }
    }
    if way == Way::Active {
        plan.on(day + 3, ActivateIntegration { integration });
    }
}

fn create(plan: &mut Plan, day: i64, owner: u32, name: &str, fee: ServiceFee) -> ServiceId {
    let command = plan.on(
        day,
        CreateService {
            organisation: organisation(owner),
            description: ServiceDescription {
                fee: Some(fee),
                ..ServiceDescription::named(words(name))
            },
            environment: None,
        },
    );
    let service = ServiceId(created(command, "service"));
    declares(
        plan,
        day,
        service,
        &[Attribute::GivenName, Attribute::Surname, Attribute::Role],
    );
    service
}

/// Registers an OpenID Connect client of a service.
fn client(
    plan: &mut Plan,
    day: i64,
    service: ServiceId,
    name: &str,
    environment: Environment,
    way: Way,
) -> IntegrationId {
    let hash = SecretHash::of(name, plan.ids.sixteen());
    let protocol = ClientProtocol::OpenIdConnect(OpenIdConnectRegistration {
        client_id: own(name),
        redirect_uris: vec![own(&format!("https://{name}.example.org/callback"))],
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
    });
    register(
        plan,
        day,
        service,
        protocol,
        Some(hash.as_str()),
        environment,
        way,
    )
}

/// Registers a SAML client of a service.
fn saml_client(
    plan: &mut Plan,
    day: i64,
    service: ServiceId,
    name: &str,
    certificate: &str,
    way: Way,
) -> IntegrationId {
    let protocol = ClientProtocol::Saml(SamlRegistration {
        entity_id: own(&format!("https://{name}.example.org/saml")),
        assertion_consumer_services: vec![AssertionConsumerService {
            location: own(&format!("https://{name}.example.org/saml/acs")),
            index: 0,
            is_default: true,
        }],
        requests_signed: true,
        assertions_signed: true,
        signing_certificates: vec![own::<Certificate>(certificate)],
        encryption_certificates: Vec::new(),
    });
    register(
        plan,
        day,
        service,
        protocol,
        None,
        Environment::Production,
        way,
    )
}

fn register(
    plan: &mut Plan,
    day: i64,
    service: ServiceId,
    protocol: ClientProtocol,
    secret_hash: Option<&str>,
    environment: Environment,
    way: Way,
) -> IntegrationId {
    let command = plan.on(
        day,
        RegisterServiceIntegration {
            service,
            environment,
            configuration: ClientConfiguration {
                protocol,
                name: None,
                allow_test_learner_id: None,
                single_sign_on: None,
            },
            secret_hash: secret_hash.map(own),
        },
    );
    let integration = IntegrationId(created(command, "integration"));
    lead(plan, day, integration, environment, way);
    integration
}

/// The services. Says which one is Oppimispuro.
fn services(plan: &mut Plan) -> ServiceId {
    use Environment::{Demo, Preproduction, Production, Test};
    let oppimispuro = create(plan, -370, 201, "Oppimispuro", ServiceFee::Freemium);
    let active = client(
        plan,
        -369,
        oppimispuro,
        "oppimispuro",
        Production,
        Way::Active,
    );
    saml_client(plan, -340, oppimispuro, "oppimispuro", CURRENT, Way::Active);
    client(plan, -330, oppimispuro, "oppimispuro", Demo, Way::Active);
    client(
        plan,
        -335,
        oppimispuro,
        "oppimispuro",
        Preproduction,
        Way::Active,
    );
    // A new secret, some time ago.
    let hash = SecretHash::of("rotated", plan.ids.sixteen());
    plan.on(
        -60,
        RotateCredential {
            integration: active,
            secret: None,
            valid_until: None,
            secret_hash: Some(own(hash.as_str())),
        },
    );
    // It wants to know more than it said: awaits the operator.
    declares(
        plan,
        -8,
        oppimispuro,
        &[
            Attribute::GivenName,
            Attribute::Surname,
            Attribute::Role,
            Attribute::ClassLevel,
        ],
    );
    plan.on(
        -240,
        VetoRelease {
            organisation: organisation(103),
            service: oppimispuro,
            attributes: vec![released(Attribute::Surname, "").attribute],
        },
    );

    let tehtavapaja = create(plan, -365, 202, "Tehtäväpaja", ServiceFee::Paid);
    client(
        plan,
        -364,
        tehtavapaja,
        "tehtavapaja",
        Production,
        Way::Active,
    );
    declares(
        plan,
        -90,
        tehtavapaja,
        &[Attribute::Surname, Attribute::Role, Attribute::Nickname],
    );
    plan.on(
        -85,
        RefuseReleaseSet {
            service: tehtavapaja,
            reason: own("Kutsumanimelle ei ole käyttötarkoitusta."),
        },
    );
    let koe = create(plan, -30, 202, "Tehtäväpajan koetehtävät", ServiceFee::Paid);
    client(plan, -29, koe, "koetehtavat", Production, Way::Submitted);
    client(plan, -28, koe, "koetehtavat", Test, Way::Active);

    let lukukello = create(plan, -350, 203, "Lukukello", ServiceFee::Free);
    saml_client(plan, -349, lukukello, "lukukello", EXPIRED, Way::Active);
    client(
        plan,
        -200,
        lukukello,
        "lukukello-mobiili",
        Production,
        Way::Accepted,
    );
    let mut renamed = ServiceDescription::named(words("Lukukello ja Lukuloru"));
    renamed.fee = Some(ServiceFee::Free);
    plan.on(
        -150,
        ChangeService {
            service: lukukello,
            description: renamed,
            organisation: None,
        },
    );

    let kirjasto = create(plan, -350, 109, "Unelmien kirjasto", ServiceFee::Free);
    client(
        plan,
        -349,
        kirjasto,
        "unelmien-kirjasto",
        Production,
        Way::Active,
    );
    // Its provider gave the role up: recorded as active, and not routable.
    let pilvi = create(plan, -350, 110, "Pilvipäiväkirja", ServiceFee::Free);
    client(
        plan,
        -349,
        pilvi,
        "pilvipaivakirja",
        Production,
        Way::Active,
    );
    let hiljainen = create(plan, -340, 204, "Hiljainen sovellus", ServiceFee::Paid);
    client(plan, -339, hiljainen, "hiljainen", Production, Way::Active);
    // Its provider is no member any more.
    let huoleton = create(plan, -340, 205, "Huoleton tehtävävihko", ServiceFee::Paid);
    client(plan, -339, huoleton, "huoleton", Production, Way::Active);

    let vanha = create(plan, -345, 203, "Vanha lukudiplomi", ServiceFee::Free);
    let only = client(
        plan,
        -344,
        vanha,
        "vanha-lukudiplomi",
        Production,
        Way::Active,
    );
    // Its last client goes, and the service with it.
    plan.on(
        -120,
        InactivateIntegration {
            integration: only,
            reason: None,
        },
    );
    let keskeytetty = create(plan, -260, 203, "Pelikello", ServiceFee::Freemium);
    let pelikello = client(
        plan,
        -259,
        keskeytetty,
        "pelikello",
        Production,
        Way::Active,
    );
    plan.on(
        -16,
        SuspendIntegration {
            integration: pelikello,
            ground: SuspensionGround::Security,
            reason: own("Palvelun tunnusluku on vuotanut."),
        },
    );
    let luonnos = create(plan, -20, 206, "Uuden opin alku", ServiceFee::Paid);
    client(plan, -19, luonnos, "uusi-oppi", Test, Way::Drafted);
    oppimispuro
}
