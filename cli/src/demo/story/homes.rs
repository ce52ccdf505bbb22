//! Integrations of home organisations, of every kind and in every state.

use super::integrations::{CURRENT, EXPIRED, Way, lead};
use super::{Plan, created, document, organisation, own};
use crate::demo::sources::{OPINSYS_CLIENT, OPINSYS_KEY, OPINSYS_TENANT, WILMA_HOST};
use domain::value::Certificate;
use domain::{
    AttributeMapping, Discovery, EntraIdLogin, EntraIdUpstream, Environment, HomeConfiguration,
    HomeUpstream, InactivateIntegration, IntegrationId, LdapSecurity, LdapServer, LdapUpstream,
    NonDisclosurePolicy, OpenIdConnectUpstream, OpinsysUpstream, PeerMetadata, PermissionMode,
    RefuseIntegration, RegisterHomeIntegration, SamlBinding, SamlUpstream, ServiceId,
    SetPermissionMode, SingleSignOnEndpoint, SuspendIntegration, SuspensionGround, WilmaUpstream,
};

/// An integration of a home organisation that is still to be registered.
struct Home {
    day: i64,
    number: u32,
    environment: Environment,
    upstream: HomeUpstream,
    secret: Option<&'static str>,
    way: Way,
}

impl Home {
    fn production(day: i64, number: u32, upstream: HomeUpstream, way: Way) -> Self {
        let secret = upstream.needs_secret().then_some(OPINSYS_KEY);
        Self {
            day,
            number,
            environment: Environment::Production,
            upstream,
            secret,
            way,
        }
    }

    fn register(self, plan: &mut Plan) -> IntegrationId {
        let mapping = |attribute, source| AttributeMapping {
            attribute: own(attribute),
            source: own(source),
        };
        let attributes = vec![
            mapping("username", "uid"),
            mapping("firstName", "givenName"),
            mapping("surname", "sn"),
            mapping("learnerId", "oppijanumero"),
            mapping("schoolIds", "koulu"),
            mapping("roles", "rooli"),
            mapping("groups", "ryhma"),
        ];
        let command = plan.on(
            self.day,
            RegisterHomeIntegration {
                organisation: organisation(self.number),
                environment: self.environment,
                configuration: HomeConfiguration {
                    upstream: self.upstream,
                    attributes,
                    static_values: Vec::new(),
                    non_disclosure: NonDisclosurePolicy::default(),
                    datasource: None,
                    tags: Vec::new(),
                    single_sign_on: true,
                },
                secret: self.secret.map(own),
                discovery: Discovery::default(),
            },
        );
        let integration = IntegrationId(created(command, "integration"));
        lead(plan, self.day, integration, self.environment, self.way);
        integration
    }
}

fn saml(number: u32, certificate: &str) -> SamlUpstream {
    let host = format!("https://idp-{number}.example.org");
    let entity_id = own(&format!("{host}/metadata"));
    SamlUpstream {
        entity_id: None,
        metadata_url: Some(own(&format!("{host}/metadata"))),
        metadata_document: None,
        metadata: Some(PeerMetadata {
            entity_id,
            single_sign_on: vec![SingleSignOnEndpoint {
                binding: SamlBinding::HttpRedirect,
                location: own(&format!("{host}/sso")),
            }],
            signing_certificates: vec![own::<Certificate>(certificate)],
            valid_until: None,
        }),
    }
}

fn openid(number: u32) -> HomeUpstream {
    HomeUpstream::OpenIdConnect(OpenIdConnectUpstream {
        issuer: own(&format!("https://login-{number}.example.org")),
        client_id: own("verkosto"),
        scopes: vec![own("profile")],
        pinned_claims: Vec::new(),
    })
}

/// The home organisations' integrations; one of them permits Oppimispuro alone.
pub(super) fn plan(plan: &mut Plan, oppimispuro: ServiceId) {
    use Environment::{Demo, Preproduction, Test};
    use Way::{Accepted, Active, Drafted, Submitted};
    let metadata_by_hand = |number| SamlUpstream {
        metadata_url: None,
        metadata_document: Some(document(&format!("metadata {number}"))),
        ..saml(number, CURRENT)
    };
    let entra = HomeUpstream::EntraId(EntraIdUpstream {
        tenant_id: own("00000000-0000-4000-8000-000000000103"),
        client_id: Some(own("00000000-0000-4000-8000-000000000203")),
        client_key_valid_until: Some(plan.day(20)),
        application_id_uri: None,
        login: EntraIdLogin::Saml,
        saml: saml(103, CURRENT),
    });
    let wilma = HomeUpstream::Wilma(WilmaUpstream {
        host: own(WILMA_HOST),
    });
    let opinsys = HomeUpstream::Opinsys(OpinsysUpstream {
        tenant: own(OPINSYS_TENANT),
        client_id: Some(own(OPINSYS_CLIENT)),
    });
    let directory = HomeUpstream::Ldap(LdapUpstream {
        servers: vec![LdapServer {
            host: own("ldap-107.example.org"),
            port: None,
        }],
        security: LdapSecurity::Ldaps,
        trusted_certificates: Vec::new(),
        base: own("dc=tarula,dc=example,dc=org"),
        bind: Some(own("cn=reader,dc=tarula,dc=example,dc=org")),
        user_attribute: own("uid"),
    });

    Home::production(-335, 101, openid(101), Active).register(plan);
    let listed =
        Home::production(-330, 102, HomeUpstream::Adfs(saml(102, CURRENT)), Active).register(plan);
    plan.on(
        -300,
        SetPermissionMode {
            integration: listed,
            mode: PermissionMode::List,
            services: vec![oppimispuro],
        },
    );
    Home::production(-325, 103, entra, Active).register(plan);
    Home::production(
        -320,
        104,
        HomeUpstream::Google(metadata_by_hand(104)),
        Active,
    )
    .register(plan);
    Home::production(-315, 105, wilma, Active).register(plan);
    let nothing = Home::production(-310, 106, opinsys, Active).register(plan);
    plan.on(
        -35,
        SetPermissionMode {
            integration: nothing,
            mode: PermissionMode::List,
            services: Vec::new(),
        },
    );
    Home::production(-305, 107, directory, Active).register(plan);
    Home::production(-300, 108, openid(108), Active).register(plan);
    Home::production(-295, 109, HomeUpstream::Saml(saml(109, EXPIRED)), Active).register(plan);

    Home::production(-11, 111, HomeUpstream::Adfs(saml(111, CURRENT)), Drafted).register(plan);
    Home::production(-13, 112, openid(112), Submitted).register(plan);
    let refused = Home::production(-26, 113, openid(113), Submitted).register(plan);
    plan.on(
        -22,
        RefuseIntegration {
            integration: refused,
            reason: own("Oppijanumero puuttuu."),
        },
    );
    Home::production(-40, 110, openid(110), Accepted).register(plan);
    let suspended =
        Home::production(-280, 114, HomeUpstream::Saml(saml(114, CURRENT)), Active).register(plan);
    plan.on(
        -9,
        SuspendIntegration {
            integration: suspended,
            ground: SuspensionGround::TechnicalProblem,
            reason: own("Metatiedot eivät ole ajan tasalla."),
        },
    );
    let inactive = Home::production(-270, 115, openid(115), Active).register(plan);
    plan.on(
        -70,
        InactivateIntegration {
            integration: inactive,
            reason: Some(own("Korvattu uudella.")),
        },
    );
    // Without its secret: recorded, and not routable until it is set.
    Home {
        secret: None,
        ..Home::production(-65, 115, openid(1150), Active)
    }
    .register(plan);
    Home {
        environment: Preproduction,
        ..Home::production(-210, 117, openid(117), Active)
    }
    .register(plan);
    Home {
        environment: Demo,
        ..Home::production(-205, 103, openid(1030), Active)
    }
    .register(plan);
    // Of an applicant: the environment test asks for no membership. It permits nothing yet, so the
    // demo's own login meets no choice of organisations.
    let applicant = super::members::APPLICANT;
    let draft = Home {
        environment: Test,
        secret: None,
        ..Home::production(-4, applicant, openid(applicant), Drafted)
    };
    let draft = draft.register(plan);
    plan.on(
        -4,
        SetPermissionMode {
            integration: draft,
            mode: PermissionMode::List,
            services: Vec::new(),
        },
    );
}
