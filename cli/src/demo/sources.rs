//! Stand-ins for a Wilma and for Opinsys, which exist only once and cannot be part of a demo: each
//! with two invented pupils. Logging in is one click on a person.
//!
//! They speak what the login proxy speaks to the real ones, as far as that is known from published
//! sources; docs/integrating.md says what of it a first real connection must confirm.

use super::page::{escape, page, see_other, wrong};
use super::people::Person;
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use axum::extract::{Form, Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ledger::Random;
use registrar::Clock;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use url::{Url, form_urlencoded};

/// The host of the Wilma, as the ledger knows it.
pub(crate) const WILMA_HOST: &str = "wilma-105.example.org";
/// What every Wilma shares with the login proxy.
pub(crate) const WILMA_SECRET: &str = "demo-wilma-installation-secret";
/// The host of Opinsys, which is the same for every tenant.
pub(crate) const OPINSYS_HOST: &str = "api.opinsys.fi";
/// The tenant, and the proxy's name and key there.
pub(crate) const OPINSYS_TENANT: &str = "satula.example.org";
pub(crate) const OPINSYS_CLIENT: &str = "cn=verkosto,dc=satula,dc=example,dc=org";
pub(crate) const OPINSYS_KEY: &str = "kuvitteellinen-salaisuus";

const WILMA_TITLE: &str = "Haaveen kunta: Wilma (a stand-in)";
const OPINSYS_TITLE: &str = "Satulan kunta: Opinsys (a stand-in)";

/// What the stand-ins are made of.
pub(crate) struct SourceParts {
    /// Their own address.
    pub(crate) address: String,
    /// The addresses to which people are sent back all begin with one of these.
    pub(crate) return_origins: Vec<String>,
    /// Who can log in at each.
    pub(crate) wilma: Vec<Person>,
    pub(crate) opinsys: Vec<Person>,
    /// The time.
    pub(crate) clock: Arc<dyn Clock>,
    /// Randomness fit for identifiers.
    pub(crate) random: Arc<dyn Random>,
}

/// The stand-ins, as a router.
pub(crate) fn router(parts: SourceParts) -> Router {
    Router::new()
        .route("/mpass", get(wilma_choose).post(wilma_log_in))
        .route("/external/mpass", get(wilma_attributes))
        .route("/v3/sso", get(opinsys_choose).post(opinsys_log_in))
        .route("/v3/users/_by_id/{id}", get(opinsys_attributes))
        .with_state(Arc::new(parts))
}

/// The form of a login page: a button for each person, and one for nobody.
#[derive(Deserialize)]
struct Chosen {
    request: String,
    #[serde(default)]
    person: String,
}

fn people_page(title: &str, path: &str, request: &str, people: &[Person]) -> Response {
    let mut body = format!(
        "<p>Who are you? One click logs you in.</p><form method=\"post\" action=\"{path}\">\
         <input type=\"hidden\" name=\"request\" value=\"{}\">",
        escape(request)
    );
    for person in people {
        let _ = write!(
            body,
            "<button name=\"person\" value=\"{}\"><strong>{}</strong><br><small>{}</small></button>",
            escape(person.subject),
            escape(person.name),
            escape(person.about),
        );
    }
    body.push_str("<button name=\"person\" value=\"\">Cancel</button></form>");
    page(StatusCode::OK, title, &body)
}

fn parameters(query: &str) -> BTreeMap<String, String> {
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

fn tag(secret: &str, text: &str) -> hmac::Tag {
    let key = hmac::Key::new(HMAC_SHA256, secret.as_bytes());
    hmac::sign(&key, text.as_bytes())
}

impl SourceParts {
    /// Whether an address ends in the signature of the octets before it.
    fn is_signed(address: &str) -> bool {
        let Some((signed, given)) = address.rsplit_once("&h=") else {
            return false;
        };
        let key = hmac::Key::new(HMAC_SHA256, WILMA_SECRET.as_bytes());
        hex::decode(given).is_ok_and(|given| hmac::verify(&key, signed.as_bytes(), &given).is_ok())
    }

    /// Where a Wilma login returns to, where the request for it is signed.
    fn wilma_return(&self, query: &str) -> Option<String> {
        if !Self::is_signed(&format!("{}/mpass?{query}", self.address)) {
            return None;
        }
        parameters(query).remove("redirectto")
    }

    fn opinsys_return(&self, query: &str) -> Option<Url> {
        let mut parameters = parameters(query);
        let back = parameters.remove("return_to")?;
        let ours = |origin: &String| {
            let rest = back.strip_prefix(origin.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        };
        let tenant = parameters.remove("organisation");
        let known =
            tenant.as_deref() == Some(OPINSYS_TENANT) && self.return_origins.iter().any(ours);
        known.then(|| Url::parse(&back).ok()).flatten()
    }
}

async fn wilma_choose(
    State(parts): State<Arc<SourceParts>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    match parts.wilma_return(&query) {
        Some(_) => people_page(WILMA_TITLE, "/mpass", &query, &parts.wilma),
        None => wrong(WILMA_TITLE, "This request is not signed as it stands."),
    }
}

async fn wilma_log_in(
    State(parts): State<Arc<SourceParts>>,
    Form(chosen): Form<Chosen>,
) -> Response {
    let Some(mut back) = parts.wilma_return(&chosen.request) else {
        return wrong(WILMA_TITLE, "This request is not signed as it stands.");
    };
    let mut people = parts.wilma.iter();
    if let Some(person) = people.find(|person| person.subject == chosen.person) {
        back.push_str("&userid=");
        back.extend(form_urlencoded::byte_serialize(person.subject.as_bytes()));
    }
    let tag = hex::encode(tag(WILMA_SECRET, &back));
    see_other(&format!("{back}&h={tag}"))
}

async fn wilma_attributes(State(parts): State<Arc<SourceParts>>, asked: Uri) -> Response {
    if !SourceParts::is_signed(&format!("{}{asked}", parts.address)) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let name = parameters(asked.query().unwrap_or_default()).remove("username");
    let mut people = parts.wilma.iter();
    let person = people.find(|person| Some(person.subject) == name.as_deref());
    let said: Vec<_> = person
        .map(|person| person.claims.clone())
        .into_iter()
        .collect();
    Json(said).into_response()
}

async fn opinsys_choose(
    State(parts): State<Arc<SourceParts>>,
    RawQuery(query): RawQuery,
) -> Response {
    let query = query.unwrap_or_default();
    match parts.opinsys_return(&query) {
        Some(_) => people_page(OPINSYS_TITLE, "/v3/sso", &query, &parts.opinsys),
        None => wrong(
            OPINSYS_TITLE,
            "This request is for another tenant or address.",
        ),
    }
}

async fn opinsys_log_in(
    State(parts): State<Arc<SourceParts>>,
    Form(chosen): Form<Chosen>,
) -> Response {
    let Some(mut back) = parts.opinsys_return(&chosen.request) else {
        return wrong(
            OPINSYS_TITLE,
            "This request is for another tenant or address.",
        );
    };
    let mut people = parts.opinsys.iter();
    if let Some(person) = people.find(|person| person.subject == chosen.person) {
        let claims = json!({
            "iat": parts.clock.now().microseconds() / 1_000_000,
            "jti": hex::encode(parts.random.sixteen()),
            "id": person.claims.get("id"),
            "username": person.subject,
            "organisation_domain": OPINSYS_TENANT,
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = json!({ "typ": "JWT", "alg": "HS256" });
        let message = format!("{}.{}", part(&header), part(&claims));
        let signature = URL_SAFE_NO_PAD.encode(tag(OPINSYS_KEY, &message));
        back.query_pairs_mut()
            .append_pair("jwt", &format!("{message}.{signature}"));
    }
    see_other(back.as_str())
}

async fn opinsys_attributes(
    State(parts): State<Arc<SourceParts>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let basic = STANDARD.encode(format!("{OPINSYS_CLIENT}:{OPINSYS_KEY}"));
    let given = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if given(header::AUTHORIZATION) != Some(format!("Basic {basic}").as_str()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let is = |claims: &Map<String, Value>| claims.get("id").and_then(Value::as_str) == Some(&id);
    let person = parts.opinsys.iter().find(|person| is(&person.claims));
    match person.filter(|_| given(header::HOST) == Some(OPINSYS_TENANT)) {
        Some(person) => Json(person.claims.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
