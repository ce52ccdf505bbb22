//! What we say of ourselves to services, and to home organisations.

use super::{POST_PATH, REDIRECT_PATH, entity_id};
use crate::broker::Broker;
use crate::keyring::KeyRing;
use crate::live::View;
use crate::saml::SamlError;
use crate::saml::metadata::{LocalName, OwnDescription, OwnRole, write};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Environment;
use domain::time::Instant;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a document that was signed is given out, in seconds: a signature for each request
/// would let a stranger keep the node busy.
const FRESH_SECONDS: i64 = 600;
/// Most documents that are kept.
const DOCUMENTS_MAX: usize = 1000;

/// Signed metadata, by their entity ID and where messages are taken.
#[derive(Default)]
pub(crate) struct Published(Mutex<HashMap<String, Document>>);

struct Document {
    keys: Arc<KeyRing>,
    made_at: Instant,
    text: Arc<str>,
}

impl Published {
    /// The metadata of an entity of ours, signed anew where the keys changed or time has passed.
    pub(crate) fn get(
        &self,
        broker: &Broker,
        view: &View,
        entity_id: &str,
        role: &OwnRole<'_>,
    ) -> Result<Arc<str>, SamlError> {
        let now = broker.clock.now();
        let name = match role {
            OwnRole::IdentityProvider { .. } => entity_id.to_owned(),
            OwnRole::Service { consumers } => format!("{entity_id} {}", consumers.join(" ")),
        };
        let mut documents = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(document) = documents.get(&name)
            && Arc::ptr_eq(&document.keys, &view.keys)
            && (now.microseconds() - document.made_at.microseconds()).abs() / 1_000_000
                < FRESH_SECONDS
        {
            return Ok(Arc::clone(&document.text));
        }
        let keys = &view.keys.saml;
        let key = keys.signing.as_ref().ok_or(SamlError::Key("signing key"))?;
        let (display_names, description) = (names(broker.environment), descriptions());
        let own = OwnDescription {
            id: &format!("_{}", hex::encode(broker.random.sixteen())),
            entity_id,
            display_names: &display_names,
            description: &description,
            signing: &keys.certificates,
            encryption: &keys.encryption_certificates,
            contacts: &broker.contacts,
            now,
        };
        let text: Arc<str> = write(&own, role, key)?.into();
        if documents.len() >= DOCUMENTS_MAX {
            documents.clear();
        }
        documents.insert(
            name,
            Document {
                keys: Arc::clone(&view.keys),
                made_at: now,
                text: Arc::clone(&text),
            },
        );
        Ok(text)
    }
}

fn local(texts: [(&str, &str); 3]) -> Vec<LocalName> {
    texts
        .map(|(language, name)| LocalName {
            language: language.to_owned(),
            name: name.to_owned(),
        })
        .to_vec()
}

/// What people know us as. Everywhere but in production the name says that it is not.
fn names(environment: Environment) -> Vec<LocalName> {
    let (fi, sv, en) = (
        "Luottamusverkoston kirjautuminen",
        "Förtroendenätets inloggning",
        "Login of the trust network",
    );
    if environment == Environment::Production {
        return local([("fi", fi), ("sv", sv), ("en", en)]);
    }
    let marked = |name: &str| format!("{name} ({environment})");
    local([
        ("fi", &marked(fi)),
        ("sv", &marked(sv)),
        ("en", &marked(en)),
    ])
}

fn descriptions() -> Vec<LocalName> {
    local([
        (
            "fi",
            "Välittää kirjautumisen kotiorganisaatiosta palveluun.",
        ),
        (
            "sv",
            "Förmedlar inloggningen från hemorganisationen till tjänsten.",
        ),
        (
            "en",
            "Carries a login from the home organisation to the service.",
        ),
    ])
}

/// A document of metadata, or word that there is none now.
pub(crate) fn document(made: Result<Arc<str>, SamlError>) -> Response {
    match made {
        Ok(text) => {
            let fixed = HeaderValue::from_static;
            let kind = (
                header::CONTENT_TYPE,
                fixed("application/samlmetadata+xml; charset=utf-8"),
            );
            let cache = (header::CACHE_CONTROL, fixed("public, max-age=300"));
            ([kind, cache], text.to_string()).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "metadata could not be made");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

pub(super) async fn metadata(State(broker): State<Arc<Broker>>) -> Response {
    let Ok(view) = broker.view() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let address = |path: &str| format!("{}{path}", broker.issuer);
    let (redirect, post) = (address(REDIRECT_PATH), address(POST_PATH));
    let role = OwnRole::IdentityProvider {
        redirect: &redirect,
        post: &post,
    };
    let entity_id = entity_id(&broker.issuer);
    document(broker.saml.published.get(&broker, &view, &entity_id, &role))
}
