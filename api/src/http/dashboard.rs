//! The dashboard: the built web application, carried in the program.
//!
//! It owns how its files leave: a policy that lets a page load nothing from elsewhere and run no
//! script that is not a file of this site, one page for every address that is nobody else's, and
//! caching for ever of what has its hash in its name. It knows nothing of what the files hold, and
//! no file needs a session: data come through the API alone.

use crate::problem::Problem;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;
use std::borrow::Cow;

/// What `npm run build` made, or nothing: then the program builds and says what to do.
#[derive(RustEmbed)]
#[folder = "../dashboard/dist"]
#[allow_missing = true]
struct Assets;

/// The page of every address.
const PAGE: &str = "index.html";

/// Nothing from elsewhere, no inline script or style, no frame around it, no form sent away.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

/// Below these, addresses are for machines: a page there would hide a mistake.
const MACHINES: [&str; 7] = [
    "/api/",
    "/assets/",
    "/documents/",
    "/feed/",
    "/graphql",
    "/health/",
    "/intake/",
];

const NOT_BUILT: &str = "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
    <title>The dashboard is not built</title></head><body><h1>The dashboard is not built</h1>\
    <p>This program was built without it. Build it, then build the program again:</p>\
    <pre>cd dashboard\nnpm ci\nnpm run build\ncargo build</pre>\
    <p>The API works all the same: see <a href=\"/openapi.json\">/openapi.json</a>.</p>\
    </body></html>";

/// Answers an address that no route takes: a file of the dashboard, or its page.
pub(crate) async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    answer(&method, uri.path(), &headers, |path| {
        Assets::get(path).map(|file| file.data)
    })
}

fn answer(
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    files: impl Fn(&str) -> Option<Cow<'static, [u8]>>,
) -> Response {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return Problem::not_found().into_response();
    }
    let name = path.trim_start_matches('/');
    if name != PAGE
        && let Some(content) = (!name.is_empty()).then(|| files(name)).flatten()
    {
        return file(name, content);
    }
    if MACHINES.iter().any(|prefix| path.starts_with(prefix)) || !wants_page(headers) {
        return Problem::not_found().into_response();
    }
    let (status, content) = match files(PAGE) {
        Some(content) => (StatusCode::OK, content),
        None => (
            StatusCode::SERVICE_UNAVAILABLE,
            Cow::Borrowed(NOT_BUILT.as_bytes()),
        ),
    };
    let mut response = file(PAGE, content);
    *response.status_mut() = status;
    response
}

/// Whether somebody looks, by the browser's own word.
fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn file(name: &str, content: Cow<'static, [u8]>) -> Response {
    // Names under assets/ carry the hash of their content: another content has another name.
    let caching = if name.starts_with("assets/") {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let mut response = Response::new(Body::from(content.into_owned()));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    response
}

fn kind(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("json") => "application/json",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(path: &str) -> Option<Cow<'static, [u8]>> {
        match path {
            PAGE => Some(Cow::Borrowed(b"<!doctype html>the page")),
            "assets/index-abc.js" => Some(Cow::Borrowed(b"let a")),
            "favicon.svg" => Some(Cow::Borrowed(b"<svg/>")),
            _ => None,
        }
    }

    fn looking() -> HeaderMap {
        let accept = HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8");
        HeaderMap::from_iter([(header::ACCEPT, accept)])
    }

    fn ask(path: &str) -> Response {
        answer(&Method::GET, path, &looking(), built)
    }

    #[test]
    fn every_address_that_is_nobody_elses_is_the_page() {
        for path in [
            "/",
            "/members/1.2.246.562.99.1",
            "/change/giveNotice",
            "/index.html",
        ] {
            let response = ask(path);
            assert_eq!(response.status(), StatusCode::OK, "{path}");
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-cache");
            assert_eq!(
                response.headers()[header::CONTENT_TYPE],
                "text/html; charset=utf-8"
            );
        }
    }

    #[test]
    fn a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline() {
        for path in ["/", "/assets/index-abc.js", "/favicon.svg"] {
            let response = ask(path);
            let policy = response.headers()[header::CONTENT_SECURITY_POLICY]
                .to_str()
                .unwrap();
            assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert!(!policy.contains("http"), "{path}: {policy}");
        }
    }

    #[test]
    fn what_has_its_hash_in_its_name_is_kept_for_ever() {
        let response = ask("/assets/index-abc.js");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(
            response.headers()[header::CACHE_CONTROL],
            "public, max-age=31536000, immutable"
        );
        assert_eq!(
            response.headers()[header::CONTENT_TYPE],
            "text/javascript; charset=utf-8"
        );
        assert_eq!(
            ask("/favicon.svg").headers()[header::CACHE_CONTROL],
            "no-cache"
        );
    }

    #[test]
    fn a_mistake_of_a_machine_is_not_answered_with_a_page() {
        for path in [
            "/assets/index-old.js",
            "/api/v2/nothing",
            "/documents/a/b",
            "/graphql/x",
        ] {
            assert_eq!(ask(path).status(), StatusCode::NOT_FOUND, "{path}");
        }
        let machine = answer(&Method::GET, "/members", &HeaderMap::new(), built);
        assert_eq!(machine.status(), StatusCode::NOT_FOUND);
        let written = answer(&Method::POST, "/members", &looking(), built);
        assert_eq!(written.status(), StatusCode::NOT_FOUND);
        assert_eq!(ask("/../Cargo.toml").status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn without_the_files_a_page_says_how_to_build_them() {
        let response = answer(&Method::GET, "/", &looking(), |_| None);
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        let body = axum::body::to_bytes(response.into_body(), 10_000)
            .await
            .unwrap();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.contains("npm run build"), "{text}");
        assert!(
            !text.contains("<style") && !text.contains("<script"),
            "{text}"
        );
    }
}
