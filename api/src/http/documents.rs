//! Documents: handed in before an event names them, and given out to those they are for.
//!
//! A document goes to its audience as it was handed in, as a download: nothing of it is ever shown
//! as a page of this site. Pictures for everybody, such as logos, are the exception.

use super::body;
use crate::app::Api;
use crate::caller::Caller;
use crate::problem::Problem;
use crate::seer::Seer;
use axum::body::Body;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use domain::Right;
use domain::value::{DocumentReference, OrganisationOid};
use registrar::{Audience, DocumentError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use zeroize::Zeroizing;

/// The largest document, in bytes: a scanned contract of many pages stays below.
const DOCUMENT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The largest public picture, in bytes. The choice page shows logos of at most 125 by 36 points.
const PICTURE_BYTES_MAX: usize = 256 * 1024;

/// The longest media type that is taken.
const MEDIA_TYPE_LENGTH_MAX: usize = 100;

/// Pictures that a browser shows and that hold no script, each with what its file begins with.
const PICTURES: [(&str, &[u8]); 4] = [
    ("image/png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", b"\xff\xd8\xff"),
    ("image/gif", b"GIF8"),
    ("image/webp", b"RIFF"),
];

/// For whom a document is handed in.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct For {
    /// `ORGANISATION`, `MEMBERS`, `OPERATOR` or `PUBLIC`.
    audience: AudienceName,
    /// The organisation that it belongs to; needed with the audience `ORGANISATION`, and with
    /// `PUBLIC` from whoever does not act for the operator.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    organisation: Option<OrganisationOid>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
enum AudienceName {
    Organisation,
    Members,
    Operator,
    Public,
}

/// A document that was stored.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stored {
    /// The name to give where a command asks for a document.
    reference: String,
    /// Its length in bytes.
    length: usize,
    /// Its media type.
    media_type: String,
}

/// Stores a document: sealed, durable, and for nobody but its audience. Commands name it by the
/// reference that is answered.
#[utoipa::path(post, path = "/documents", tag = "documents", params(For),
    request_body(content_type = "application/octet-stream", description = "The document, with its media type as Content-Type; at most 16 MiB"),
    responses((status = 201, body = Stored), (status = 400, body = Problem), (status = 403, body = Problem), (status = 413, body = Problem), (status = 507, body = Problem)))]
pub(crate) async fn hand_in(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
    given: Result<Query<For>, axum::extract::rejection::QueryRejection>,
    headers: HeaderMap,
    content: Body,
) -> Result<Response, Problem> {
    let Query(given) = given.map_err(|rejection| {
        Problem::bad_request(
            rejection.body_text(),
            "give `audience`, and `organisation` where it is for one",
        )
        .field("audience")
    })?;
    let seer = Seer::today(&caller, &api.0.backends);
    let audience = given.audience(&seer)?;
    let media_type = media_type(&headers)?;
    let limit = match audience {
        Audience::Public => PICTURE_BYTES_MAX,
        _ => DOCUMENT_BYTES_MAX,
    };
    let content = Zeroizing::new(body(content, limit).await?.to_vec());
    if content.is_empty() {
        return Err(Problem::bad_request(
            "the document is empty",
            "send the document as the body",
        ));
    }
    // The operator's public documents, such as annexes, may be of any type; they are downloads.
    if audience == Audience::Public && !seer.holds_any(&[Right::Operator, Right::Owner]) {
        picture(&media_type, &content)?;
    }
    let stored = Stored {
        reference: String::new(),
        length: content.len(),
        media_type: media_type.clone(),
    };
    let documents = api.0.backends.registrar.documents().clone();
    let storing = move || documents.store(audience, &media_type, &content);
    let reference = tokio::task::spawn_blocking(storing)
        .await
        .map_err(|_| Problem::unavailable())?
        .map_err(|error| fault(&error))?;
    let stored = Stored {
        reference: reference.to_string(),
        ..stored
    };
    Ok((StatusCode::CREATED, Json(stored)).into_response())
}

/// A document as it was handed in, for those it is for.
#[utoipa::path(get, path = "/documents/{reference}", tag = "documents",
    params(("reference" = String, Path, description = "64 hexadecimal digits")),
    responses((status = 200, description = "The document"), (status = 404, body = Problem)))]
pub(crate) async fn give_out(
    State(api): State<Api>,
    Extension(caller): Extension<Arc<Caller>>,
    Path(reference): Path<String>,
) -> Result<Response, Problem> {
    // What is not there and what is for others look the same.
    let reference = DocumentReference::parse(&reference).map_err(|_| Problem::not_found())?;
    let seer = Seer::today(&caller, &api.0.backends);
    let documents = api.0.backends.registrar.documents().clone();
    let opening = move || -> Result<_, DocumentError> {
        match documents.head(&reference)? {
            Some(head) if may_read(&head.audience, &seer) => documents.open(&reference),
            _ => Ok(None),
        }
    };
    let document = tokio::task::spawn_blocking(opening)
        .await
        .map_err(|_| Problem::unavailable())?
        .map_err(|error| fault(&error))?
        .ok_or_else(Problem::not_found)?;
    Ok(answer(&document))
}

/// The document with this name, where it is for everybody.
pub(crate) async fn public(api: &Api, reference: DocumentReference) -> Result<Response, Problem> {
    let documents = api.0.backends.registrar.documents().clone();
    let opening = move || documents.open(&reference);
    let document = tokio::task::spawn_blocking(opening)
        .await
        .map_err(|_| Problem::unavailable())?
        .map_err(|error| fault(&error))?
        .filter(|document| document.head.audience == Audience::Public)
        .ok_or_else(Problem::not_found)?;
    Ok(answer(&document))
}

impl For {
    /// The audience, where the caller may hand in for it.
    fn audience(&self, seer: &Seer) -> Result<Audience, Problem> {
        let network_wide = seer.holds_any(&[Right::Operator, Right::Owner]);
        let acts_for = |organisation: &OrganisationOid| {
            let own = [Right::Manager, Right::ServiceManager, Right::Applicant];
            network_wide || seer.holds_for_any(&own, organisation)
        };
        let missing = || {
            Problem::bad_request(
                "the organisation is not named",
                "name the organisation that the document belongs to",
            )
            .field("organisation")
        };
        let own = self.organisation.as_ref();
        let (audience, may) = match self.audience {
            AudienceName::Organisation => {
                let organisation = own.ok_or_else(missing)?;
                let may = acts_for(organisation);
                (Audience::Organisation(organisation.clone()), may)
            }
            AudienceName::Public if network_wide => (Audience::Public, true),
            AudienceName::Public => (Audience::Public, acts_for(own.ok_or_else(missing)?)),
            AudienceName::Members => (Audience::Members, network_wide),
            AudienceName::Operator => (Audience::Operator, network_wide),
        };
        may.then_some(audience).ok_or_else(Problem::forbidden)
    }
}

fn may_read(audience: &Audience, seer: &Seer) -> bool {
    match audience {
        Audience::Public => true,
        Audience::Members => seer.is_member(),
        Audience::Operator => seer.sees_network(),
        Audience::Organisation(organisation) => seer.sees_membership(organisation),
    }
}

/// A document with headers that let a browser do nothing with it but keep it or, for a picture,
/// show it.
pub(crate) fn answer(document: &registrar::Document) -> Response {
    let public = document.head.audience == Audience::Public;
    let shown = public
        && PICTURES
            .iter()
            .any(|(name, _)| *name == document.head.media_type);
    let media_type = HeaderValue::from_str(&document.head.media_type)
        .unwrap_or(HeaderValue::from_static("application/octet-stream"));
    let disposition = if shown { "inline" } else { "attachment" };
    // A name never changes its content, so whoever may keep it may keep it for ever.
    let caching = if public {
        "public, max-age=31536000, immutable"
    } else {
        "no-store"
    };
    let fixed = |name: HeaderName, value| (name, HeaderValue::from_static(value));
    let headers = [
        (header::CONTENT_TYPE, media_type),
        fixed(header::CONTENT_DISPOSITION, disposition),
        fixed(header::CACHE_CONTROL, caching),
        fixed(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ),
    ];
    (headers, document.content.to_vec()).into_response()
}

/// The media type that the document is sent with.
fn media_type(headers: &HeaderMap) -> Result<String, Problem> {
    let given = headers
        .get(header::CONTENT_TYPE)
        .and_then(|given| given.to_str().ok())
        .map(|given| given.split(';').next().unwrap_or_default().trim())
        .map(str::to_ascii_lowercase);
    let token = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        !part.is_empty() && part.bytes().all(allowed)
    };
    given
        .filter(|given| given.len() <= MEDIA_TYPE_LENGTH_MAX)
        .filter(|given| {
            given
                .split_once('/')
                .is_some_and(|(kind, of)| token(kind) && token(of))
        })
        .ok_or_else(|| {
            Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "CONTENT_TYPE",
                "the document has no media type",
                "send it with its `Content-Type`, such as application/pdf",
            )
        })
}

/// Refuses what is no picture of a kind that everybody may be shown.
fn picture(media_type: &str, content: &[u8]) -> Result<(), Problem> {
    let known = PICTURES.iter().find(|(name, _)| *name == media_type);
    if known.is_some_and(|(_, begin)| content.starts_with(begin)) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "NOT_A_PICTURE",
        "only pictures are public, as PNG, JPEG, GIF or WebP",
        "send the picture in one of these formats with its `Content-Type`, or choose another audience",
    ))
}

fn fault(error: &DocumentError) -> Problem {
    let chain = registrar::chain(error);
    tracing::error!(reason = %chain, "A document could not be stored or read: {chain}");
    if registrar::is_out_of_space(error) {
        return Problem::new(
            StatusCode::INSUFFICIENT_STORAGE,
            "NO_ROOM",
            "there is no room for the document",
            "try again once the operator has made room",
        );
    }
    Problem::unavailable()
}
