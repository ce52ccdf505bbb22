//! A scripted SAML service and a scripted SAML identity provider of a home organisation, made of
//! the crate's own messages. Parties that others wrote are met in the end-to-end tests.

use crate::browser::{Answer, Browser};
use crate::world::{HOST, World, integration, oid, rsa_key, service};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::data_model::SourceAttribute;
use domain::time::Instant;
use domain::value::{AttributeName, Certificate, EntityId, WebAddress};
use domain::{Environment, KeyPurpose, KeyState, SamlBinding, SingleSignOnEndpoint};
use ledger::SeededRandom;
use projections::routing::*;
use proxy::saml::assertion::{
    Assertion, Attribute, AuthnStatement, Conditions, Confirmation, Expected, NameId,
};
use proxy::saml::key::{DecryptionKey, PeerKey, SigningKey, certificate_of};
use proxy::saml::metadata::{self, PeerDescription};
use proxy::saml::redirect::{self, Kind};
use proxy::saml::request::{AuthnRequest, Consumer};
use proxy::saml::response::{Accepted, Envelope, Protection, receive};
use proxy::saml::xml::{self, Limits};
use proxy::saml::{HTTP_POST, SamlError};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub(crate) const IDP: &str = "https://idp.example.org/saml";
const SSO: &str = "https://idp.example.org/sso";

/// Somebody with a key.
pub(crate) struct Party {
    pub(crate) signing: SigningKey,
    pub(crate) decryption: DecryptionKey,
    pub(crate) certificate: Certificate,
}

fn party(key: &str) -> Party {
    let made = rsa_key(key);
    let der = STANDARD.decode(made.private_key.as_bytes()).unwrap();
    let certificate = certificate_of(&made.public_key).unwrap();
    Party {
        signing: SigningKey::from_pkcs8(&der, certificate.clone()).unwrap(),
        decryption: DecryptionKey::from_pkcs8(&der, certificate.clone()).unwrap(),
        certificate,
    }
}

pub(crate) static SERVICE: LazyLock<Party> =
    LazyLock::new(|| party(include_str!("keys/service.txt")));
pub(crate) static HOME: LazyLock<Party> = LazyLock::new(|| party(include_str!("keys/home.txt")));

pub(crate) fn entity(number: u8) -> String {
    format!("https://service-{number}.example.org/saml")
}

pub(crate) fn consumer(number: u8) -> String {
    format!("https://service-{number}.example.org/acs")
}

/// The SAML client of service `number`.
pub(crate) fn saml_service(number: u8) -> ServiceClient {
    let place = |location: String, index| ConsumerService {
        location: WebAddress::parse(&location).unwrap(),
        index,
        is_default: index == 1,
    };
    ServiceClient {
        integration: integration(40 + number),
        protocol: ServiceProtocol::Saml(SamlService {
            entity_id: EntityId::parse(&entity(number)).unwrap(),
            assertion_consumer_services: vec![
                place(consumer(number), 1),
                place(format!("https://service-{number}.example.org/other"), 2),
            ],
            requests_signed: true,
            assertions_signed: true,
            responses_signed: false,
            signing_certificates: vec![SERVICE.certificate.clone()],
            encryption_certificates: Vec::new(),
        }),
        ..service(number)
    }
}

/// The registration of a SAML client, to be changed.
pub(crate) fn registration(row: &mut ServiceClient) -> &mut SamlService {
    match &mut row.protocol {
        ServiceProtocol::Saml(service) => service,
        ServiceProtocol::OpenIdConnect(client) => panic!("{client:?}"),
    }
}

/// The integration `number` of the home organisation, by SAML.
pub(crate) fn saml_home(world: &World, number: u8) -> HomeIntegration {
    let from = |to, name: &str| AttributeRule {
        to,
        values: AttributeValues::Source {
            name: AttributeName::parse(name).unwrap(),
        },
    };
    HomeIntegration {
        flow_name: format!("Saml{number}"),
        idp_id: format!("saml_{number}"),
        organisation: oid(10),
        upstream: Upstream::Saml(SamlUpstream {
            entity_id: EntityId::parse(IDP).unwrap(),
            single_sign_on: vec![SingleSignOnEndpoint {
                binding: SamlBinding::HttpRedirect,
                location: WebAddress::parse(SSO).unwrap(),
            }],
            signing_certificates: vec![HOME.certificate.clone()],
            audience: None,
            takes_scoping: true,
        }),
        attribute_rules: vec![
            from(SourceAttribute::FirstName, "firstName"),
            from(SourceAttribute::Surname, "surname"),
            from(SourceAttribute::LearnerId, "learnerId"),
            from(SourceAttribute::Roles, "userRole"),
            from(SourceAttribute::SchoolIds, "schoolCode"),
        ],
        ..world.home(number)
    }
}

/// A world whose one home organisation speaks SAML, with SAML services beside the others.
pub(crate) async fn saml_world() -> World {
    let world = World::new().await;
    let home = saml_home(&world, 20);
    let node = world.node.public_key().unwrap();
    let made = rsa_key(include_str!("keys/next.txt"));
    let random = SeededRandom::new(3);
    let owner = SecretOwner::Key("encrypt");
    let private = Secret::for_node(
        &random,
        &node,
        Environment::Test,
        owner,
        made.private_key.as_bytes(),
    );
    let key = EnvironmentKey {
        key_id: "encrypt".to_owned(),
        purpose: KeyPurpose::Encryption,
        algorithm: "RSA-OAEP".to_owned(),
        public_key: Some(made.public_key.clone()),
        private_key: private.unwrap(),
        state: KeyState::Active,
        position: 1,
    };
    world
        .change(|table| {
            table.remove_home(integration(10));
            table.put_home(home);
            table.put_service(saml_service(1));
            table.put_service(saml_service(2));
            table.put_key(key);
        })
        .await;
    world
}

/// A fresh request of service `number`.
pub(crate) fn request(world: &World, number: u8) -> AuthnRequest {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let id = format!("_request-{}", COUNT.fetch_add(1, Ordering::Relaxed));
    AuthnRequest {
        destination: Some(format!("http://{HOST}/saml/sso/redirect")),
        consumer: Some(Consumer::Address(consumer(number))),
        protocol_binding: Some(HTTP_POST.to_owned()),
        ..AuthnRequest::new(&id, world.now(), &entity(number))
    }
}

/// The address by which the service sends a request.
pub(crate) fn address_of(request: &AuthnRequest) -> String {
    let xml = request.write(None);
    let endpoint = format!("http://{HOST}/saml/sso/redirect");
    let state = Some("relay-state");
    redirect::address(
        &endpoint,
        Kind::Request,
        &xml,
        state,
        Some(&SERVICE.signing),
    )
    .unwrap()
}

/// A form on a page: where it leads and what it carries.
pub(crate) struct Form {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
}

impl Form {
    pub(crate) fn of(answer: &Answer) -> Self {
        let body = &answer.body;
        let after = |text: &'_ str, mark: &str| -> Option<String> {
            let (_, rest) = text.split_once(mark)?;
            Some(rest.split('"').next()?.to_owned())
        };
        let form = body
            .split("<form")
            .nth(1)
            .unwrap_or_else(|| panic!("no form: {body}"));
        let unescape = |text: String| {
            text.replace("&#43;", "+")
                .replace("&#38;", "&")
                .replace("&amp;", "&")
        };
        let fields = form.split("<input").skip(1).map(|input| {
            let name = after(input, "name=\"").unwrap();
            (name, unescape(after(input, "value=\"").unwrap()))
        });
        Self {
            action: unescape(after(form, "action=\"").unwrap()),
            fields: fields.collect(),
        }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The message that it carries to the service.
    pub(crate) fn message(&self) -> String {
        let message = self.get("SAMLResponse").expect("a response");
        String::from_utf8(STANDARD.decode(message).unwrap()).unwrap()
    }

    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        self.fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect()
    }
}

/// What the proxy says of itself.
pub(crate) async fn described(browser: &mut Browser<'_>, path: &str) -> PeerDescription {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    metadata::read(&answer.body, browser.world.now()).unwrap()
}

/// Checks the proxy's answer to `request` as a service does.
pub(crate) async fn accept(
    browser: &mut Browser<'_>,
    answer: &Answer,
    request: &AuthnRequest,
) -> Result<Accepted, SamlError> {
    let own = described(browser, "/saml/metadata").await;
    let keys = PeerKey::of_certificates(&own.identity_provider.unwrap().signing());
    let form = Form::of(answer);
    let number = if request.issuer == entity(1) { 1 } else { 2 };
    let recipient = consumer(number);
    assert_eq!(form.get("RelayState"), Some("relay-state"));
    let expected = Expected {
        issuer: &own.entity_id,
        audience: &request.issuer,
        recipient: &recipient,
        in_response_to: &request.id,
        now: browser.world.now(),
    };
    let own = std::slice::from_ref(&SERVICE.decryption);
    receive(&form.message(), &keys, own, &expected)
}

/// The request that reached the home organisation, and its relay state.
pub(crate) struct Asked {
    pub(crate) request: AuthnRequest,
    pub(crate) relay_state: String,
}

/// Reads what the proxy sent to the home organisation, and checks its signature.
pub(crate) async fn arrived(browser: &mut Browser<'_>, leaving: &Answer) -> Asked {
    let own = described(browser, "/saml/sp/metadata").await;
    let keys = PeerKey::of_certificates(&own.service.unwrap().signing());
    let (endpoint, query) = leaving.location().split_once('?').unwrap();
    assert_eq!(endpoint, SSO);
    let message = redirect::read(query, Kind::Request).unwrap();
    message.verify(&keys).unwrap();
    let document = xml::parse(&message.xml, Limits::MESSAGE).unwrap();
    Asked {
        request: AuthnRequest::read(document.root_element()).unwrap(),
        relay_state: message.relay_state.unwrap(),
    }
}

/// What the home organisation says of a pupil.
pub(crate) fn pupil(asked: &Asked, now: Instant) -> Assertion {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let attribute = |name: &str, value: &str| Attribute {
        name: name.to_owned(),
        friendly_name: None,
        values: vec![value.to_owned()],
    };
    let until = Instant::from_microseconds(now.microseconds() + 300_000_000);
    let Some(Consumer::Address(recipient)) = asked.request.consumer.clone() else {
        panic!("{:?}", asked.request)
    };
    Assertion {
        id: format!("_assertion-{}", COUNT.fetch_add(1, Ordering::Relaxed)),
        issue_instant: now,
        issuer: IDP.to_owned(),
        name_id: Some(NameId {
            value: "user-1".to_owned(),
            format: None,
            name_qualifier: None,
            sp_name_qualifier: None,
        }),
        confirmations: vec![Confirmation {
            in_response_to: Some(asked.request.id.clone()),
            recipient: Some(recipient),
            not_on_or_after: Some(until),
            not_before: None,
        }],
        conditions: Conditions {
            not_before: None,
            not_on_or_after: Some(until),
            audiences: vec![vec![asked.request.issuer.clone()]],
        },
        authentication: AuthnStatement {
            instant: now,
            session_index: None,
            session_not_on_or_after: None,
            context_class: None,
            authorities: Vec::new(),
        },
        attributes: vec![
            attribute("firstName", "Testi"),
            attribute("surname", "Oppilaantytär"),
            attribute("learnerId", "1.2.246.562.24.10000000016"),
            attribute("userRole", "oppilas"),
            attribute("schoolCode", "00011"),
        ],
    }
}

/// The envelope of the home organisation's answer.
pub(crate) fn envelope(asked: &Asked, now: Instant) -> Envelope {
    let Some(Consumer::Address(destination)) = asked.request.consumer.clone() else {
        panic!("{:?}", asked.request)
    };
    Envelope {
        id: format!("_response{}", asked.request.id),
        in_response_to: Some(asked.request.id.clone()),
        destination,
        issue_instant: now,
        issuer: IDP.to_owned(),
    }
}

/// The home organisation's answer, as a message.
pub(crate) fn answered(
    asked: &Asked,
    assertion: &Assertion,
    by: &Party,
    encrypt_to: Option<&Certificate>,
) -> String {
    let random = SeededRandom::new(8);
    let protection = Protection {
        key: &by.signing,
        sign_assertion: true,
        sign_response: false,
        encrypt_to,
        random: &random,
    };
    let now = assertion.issue_instant;
    envelope(asked, now)
        .success(assertion, &protection)
        .unwrap()
}

/// Posts a message of the home organisation to the proxy, as a browser does: the first time from
/// another site, without cookies, and then again from the proxy's own page.
pub(crate) async fn post_back(browser: &mut Browser<'_>, asked: &Asked, message: &str) -> Answer {
    let Some(Consumer::Address(address)) = asked.request.consumer.clone() else {
        panic!("{:?}", asked.request)
    };
    let path = address.strip_prefix(&format!("http://{HOST}")).unwrap();
    let message = STANDARD.encode(message);
    let fields = [
        ("SAMLResponse", message.as_str()),
        ("RelayState", asked.relay_state.as_str()),
    ];
    let kept = std::mem::take(&mut browser.cookies);
    let again = browser.post(path, &[], &fields).await;
    browser.cookies = kept;
    let form = Form::of(&again);
    assert_eq!(form.action, path);
    browser.post(&form.action, &[], &form.pairs()).await
}

/// A whole login at the home organisation, from the answer that sends the browser there.
pub(crate) async fn log_in_at_home(browser: &mut Browser<'_>, leaving: &Answer) -> Answer {
    let asked = arrived(browser, leaving).await;
    let assertion = pupil(&asked, browser.world.now());
    let message = answered(&asked, &assertion, &HOME, None);
    post_back(browser, &asked, &message).await
}
