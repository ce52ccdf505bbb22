//! Services: the clients, reached by OpenID Connect or SAML 2.0.

use super::set::allow_test_learner_id;
use super::{Head, ReadClient, is_masked, needed_organisation};
use crate::import::fields::Fields;
use domain::value::{Certificate, ClientId, EntityId, LanguageText, ShortText};
use domain::{
    AssertionConsumerService, ClientAuthentication, ClientConfiguration, ClientProtocol,
    ClientSubject, GrantType, IdTokenAlgorithm, ImportedClient, OpenIdConnectRegistration,
    ResponseType, SamlRegistration,
};
use zeroize::Zeroizing;

/// How other systems name the one binding that is served.
const POST_BINDINGS: [&str; 2] = [
    "HTTP-POST",
    "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST",
];

/// Reads one.
pub(super) fn read(fields: &Fields<'_>, head: &Head) -> Option<ReadClient> {
    let entry = fields.entry();
    let organisation = needed_organisation(fields, head);
    let sets = sets(fields);
    let configuration = fields.needed_object("configurationEntity")?;
    let allow_test_learner_id = allow_test_learner_id(&configuration);
    let service = configuration.needed_object("sp")?;
    let name = service.needed_text("name").and_then(|text| {
        LanguageText::parse(&text)
            .map_err(|invalid| entry.invalid(service.at("name"), invalid))
            .ok()
    });
    let kind = service.needed_text("type");
    let metadata = service.needed_object("metadata");
    let mut secret = None;
    let protocol = match (kind.as_deref(), metadata) {
        (Some("oidc"), Some(metadata)) => {
            secret = client_secret(&metadata);
            open_id_connect(metadata, head).map(ClientProtocol::OpenIdConnect)
        }
        (Some("saml"), Some(metadata)) => saml(metadata, head).map(ClientProtocol::Saml),
        (Some("oidc" | "saml") | None, _) => None,
        (Some(_), _) => {
            entry.error(service.at("type"), "KIND_UNKNOWN", "expected oidc or saml");
            None
        }
    };
    // The other system repeats the two names beside the metadata.
    service.known(&["clientId", "entityId"]);
    service.finish();
    configuration.known(&["id", "role"]);
    configuration.finish();
    let name = name?;
    let client = ImportedClient {
        legacy_id: head.id.clone()?,
        environment: head.environment?,
        organisation: organisation?,
        configuration: ClientConfiguration {
            protocol: protocol?,
            name: Some(name.fi.clone()),
            allow_test_learner_id,
            single_sign_on: None,
        },
        name,
        sets,
        secret_hash: None,
        unknown_fields: Vec::new(),
    };
    Some(ReadClient { client, secret })
}

/// The identifiers of the sets it is in.
fn sets(fields: &Fields<'_>) -> Vec<ShortText> {
    let mut sets: Vec<ShortText> = Vec::new();
    for group in fields.objects("integrationGroups") {
        let number = group.number("id");
        let id = number.and_then(|number| ShortText::parse(&number.to_string()).ok());
        if group.filled("id").is_none() {
            fields
                .entry()
                .error(group.at("id"), "MISSING", "a set is named by its id");
        }
        sets.extend(id.filter(|id| !sets.contains(id)));
        group.finish();
    }
    if sets.len() > 1 {
        let message = "the service is in several sets; the first is taken";
        fields
            .entry()
            .warn("integrationGroups", "SEVERAL_SETS", message);
    }
    sets
}

/// The client's secret, where the file shows one.
fn client_secret(metadata: &Fields<'_>) -> Option<Zeroizing<String>> {
    let by_key = metadata.text("token_endpoint_auth_method");
    let text = metadata.text("client_secret");
    if let Some(text) = text.as_deref().filter(|text| !is_masked(text)) {
        return Some(Zeroizing::new(text.to_owned()));
    }
    if by_key.as_deref() != Some("private_key_jwt") {
        let message = "masked or missing: nobody can log in until the secret is set";
        metadata
            .entry()
            .warn(metadata.at("client_secret"), "SECRET_NOT_SET", message);
    }
    None
}

fn open_id_connect(metadata: Fields<'_>, head: &Head) -> Option<OpenIdConnectRegistration> {
    let entry = metadata.entry();
    let client_id: Option<ClientId> = metadata.needed("client_id");
    claim(
        &metadata,
        "client_id",
        head,
        client_id.as_ref().map(ClientId::as_str),
    );
    let redirect_uris = metadata.values("redirect_uris");
    if metadata.list("redirect_uris").is_empty() {
        entry.error(
            metadata.at("redirect_uris"),
            "MISSING",
            "a login must return somewhere",
        );
    }
    let authentication = match metadata.text("token_endpoint_auth_method").as_deref() {
        None | Some("client_secret_basic") => Some(ClientAuthentication::ClientSecretBasic),
        Some("client_secret_post") => Some(ClientAuthentication::ClientSecretPost),
        Some("client_secret_jwt") => Some(ClientAuthentication::ClientSecretJwt),
        Some("private_key_jwt") => Some(ClientAuthentication::PrivateKeyJwt),
        Some(_) => {
            let message = "expected client_secret_basic, client_secret_post, client_secret_jwt or \
                           private_key_jwt";
            entry.error(
                metadata.at("token_endpoint_auth_method"),
                "NOT_SERVED",
                message,
            );
            None
        }
    };
    let id_token_algorithm = match metadata.text("id_token_signed_response_alg").as_deref() {
        None | Some("RS256") => Some(IdTokenAlgorithm::Rs256),
        Some("ES256") => Some(IdTokenAlgorithm::Es256),
        Some("HS256") => Some(IdTokenAlgorithm::Hs256),
        Some(_) => {
            let field = metadata.at("id_token_signed_response_alg");
            entry.error(field, "NOT_SERVED", "expected RS256, ES256 or HS256");
            None
        }
    };
    let registration = OpenIdConnectRegistration {
        post_logout_redirect_uris: metadata.values("post_logout_redirect_uris"),
        jwks_uri: metadata.value("jwks_uri"),
        jwks: None,
        response_types: named(
            &metadata,
            "response_types",
            vec![ResponseType::Code],
            |name| {
                let words: std::collections::BTreeSet<&str> = name.split_whitespace().collect();
                match words.into_iter().collect::<Vec<_>>().as_slice() {
                    ["code"] => Some(ResponseType::Code),
                    ["code", "id_token"] => Some(ResponseType::CodeIdToken),
                    ["code", "token"] => Some(ResponseType::CodeToken),
                    ["code", "id_token", "token"] => Some(ResponseType::CodeIdTokenToken),
                    _ => None,
                }
            },
        ),
        grant_types: named(
            &metadata,
            "grant_types",
            vec![GrantType::AuthorizationCode],
            |name| match name {
                "authorization_code" => Some(GrantType::AuthorizationCode),
                "implicit" => Some(GrantType::Implicit),
                _ => None,
            },
        ),
        scopes: scopes(&metadata),
        // The other system never asked its clients for PKCE; who uses it already is not hindered.
        pkce_required: false,
        subject: ClientSubject::default(),
        attributes_in_id_token: false,
        client_id: client_id?,
        redirect_uris,
        authentication: authentication?,
        id_token_algorithm: id_token_algorithm?,
    };
    metadata.finish();
    Some(registration)
}

/// A client id or entity ID belongs to one client of its environment.
fn claim(metadata: &Fields<'_>, field: &'static str, head: &Head, name: Option<&str>) {
    if let (Some(environment), Some(name)) = (head.environment, name) {
        metadata
            .entry()
            .claim(metadata.at(field), format!("{environment} {name}"));
    }
}

/// Words of a list that are known; others are left out and reported.
fn named<T: PartialEq>(
    metadata: &Fields<'_>,
    name: &'static str,
    default: Vec<T>,
    known: impl Fn(&str) -> Option<T>,
) -> Vec<T> {
    if metadata.get(name).is_none() {
        return default;
    }
    let mut values = Vec::new();
    for (path, text) in metadata.texts(name) {
        match known(&text) {
            Some(value) if values.contains(&value) => {}
            Some(value) => values.push(value),
            None => metadata
                .entry()
                .warn(path, "NOT_SERVED", "not served here: left out"),
        }
    }
    values
}

/// The scopes beside the two that every client may ask for.
fn scopes(metadata: &Fields<'_>) -> Vec<ShortText> {
    let mut scopes: Vec<ShortText> = Vec::new();
    let text = metadata.text("scope");
    for scope in text.iter().flat_map(|text| text.split_whitespace()) {
        if matches!(scope, "openid" | "profile") {
            continue;
        }
        match ShortText::parse(scope) {
            Ok(scope) if scopes.contains(&scope) => {}
            Ok(scope) => scopes.push(scope),
            Err(invalid) => metadata.entry().invalid(metadata.at("scope"), invalid),
        }
    }
    scopes
}

fn saml(metadata: Fields<'_>, head: &Head) -> Option<SamlRegistration> {
    let entity_id: Option<EntityId> = metadata.needed("entityId");
    claim(
        &metadata,
        "entityId",
        head,
        entity_id.as_ref().map(EntityId::as_str),
    );
    let signing_certificates: Vec<Certificate> = metadata.values("signingCertificates");
    if metadata.list("signingCertificates").is_empty() {
        let message = "a SAML service has at least one signing certificate, in every environment";
        metadata
            .entry()
            .error(metadata.at("signingCertificates"), "MISSING", message);
    }
    let registration = SamlRegistration {
        assertion_consumer_services: consumer_services(&metadata),
        // What the metadata do not say is not so (SAML metadata §2.4.4).
        requests_signed: metadata.flag("authnRequestsSigned").unwrap_or(false),
        assertions_signed: metadata.flag("wantAssertionsSigned").unwrap_or(false),
        responses_signed: false,
        encryption_certificates: metadata.values("encryptionCertificates"),
        signing_certificates,
        entity_id: entity_id?,
    };
    metadata.finish();
    Some(registration)
}

/// Where it takes assertions; other bindings than HTTP-POST are not served.
fn consumer_services(metadata: &Fields<'_>) -> Vec<AssertionConsumerService> {
    let entry = metadata.entry();
    let mut services: Vec<AssertionConsumerService> = Vec::new();
    for service in metadata.objects("assertionConsumerServiceUrls") {
        let binding = service.text("bindings").or_else(|| service.text("binding"));
        let served = binding
            .as_deref()
            .is_none_or(|binding| POST_BINDINGS.contains(&binding));
        let location = service.needed("location");
        let index = service.number("index").map(u16::try_from);
        let is_default = service.flag("isDefault").unwrap_or(false);
        if index.is_some_and(|index| index.is_err()) {
            entry.error(
                service.at("index"),
                "WRONG_SHAPE",
                "expected a number up to 65535",
            );
        }
        if served {
            let next = services.iter().map(|own| own.index).max();
            let next = next.map_or(0, |last| last.saturating_add(1));
            let index = index.and_then(Result::ok).unwrap_or(next);
            let place = |location| AssertionConsumerService {
                location,
                index,
                is_default,
            };
            services.extend(location.map(place));
        } else {
            let message = "only HTTP-POST is served: left out";
            entry.warn(service.at("bindings"), "NOT_SERVED", message);
        }
        service.finish();
    }
    services
}
