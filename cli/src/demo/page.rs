//! The pages of the demo's parties: plain HTML that loads nothing.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

const STYLE: &str = "
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2rem }
a.button, button { display: block; width: 100%; box-sizing: border-box; margin: .5rem 0; padding: .7rem 1rem;
  font: inherit; text-align: left; text-decoration: none; color: inherit; cursor: pointer;
  background: color-mix(in srgb, currentColor 6%, transparent); border: 1px solid; border-radius: .4rem }
a.button:hover, button:hover { background: color-mix(in srgb, currentColor 14%, transparent) }
a.button { display: inline-block; width: auto; margin-right: .5rem }
table { border-collapse: collapse; width: 100% } caption { text-align: left; font-weight: 600 }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid #8886 }
td { overflow-wrap: anywhere } small, .quiet { opacity: .75 } .columns { display: grid; gap: 2rem }
@media (min-width: 48rem) { .columns { grid-template-columns: 1fr 1fr } }
";

/// A page. The body is HTML: whatever is not ours in it went through [`escape`].
pub(crate) fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let title = escape(title);
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>\
         <style>{STYLE}</style></head><body><h1>{title}</h1>{body}\
         <p class=\"quiet\"><small>A party of the demo, on this machine alone. \
         Every person and organisation here is invented.</small></p></body></html>"
    );
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, fixed("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, fixed("no-store")),
        (
            header::CONTENT_SECURITY_POLICY,
            fixed(
                "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
            ),
        ),
        (header::REFERRER_POLICY, fixed("no-referrer")),
    ];
    (status, headers, html).into_response()
}

/// A page that says what is wrong with a request.
pub(crate) fn wrong(title: &str, what: &str) -> Response {
    let what = escape(what);
    page(
        StatusCode::BAD_REQUEST,
        title,
        &format!("<p id=\"wrong\">{what}</p>"),
    )
}

/// Text as it may stand in HTML, in an element or between quotation marks.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

/// Sends the browser on with a GET.
pub(crate) fn see_other(address: &str) -> Response {
    match HeaderValue::from_str(address) {
        Ok(address) => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
