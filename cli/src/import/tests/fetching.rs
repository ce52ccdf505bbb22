//! Fetching the organisation register, once and daily, from an invented service.

use super::{HIERARCHY, end, json, ledger};
use crate::import::daily::{DailyError, Fetched, fetch_and_record, next_fetch};
use crate::import::organisations::{FetchError, fetch};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::{Router, routing};
use domain::testing::instant;
use domain::time::Zone;
use rstest::rstest;
use serde_json::json;
use url::Url;

/// Serves on a port of this machine; the address of `path`.
async fn serve(router: Router, path: &str) -> Url {
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = socket.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(socket, router).await });
    Url::parse(&format!("http://{address}{path}")).unwrap()
}

fn moved(to: &str) -> Router {
    let to = to.to_owned();
    let moved =
        move || async move { (StatusCode::FOUND, [(header::LOCATION, to)]).into_response() };
    Router::new().route("/hae", routing::get(moved))
}

#[tokio::test]
async fn an_answer_is_fetched_with_the_name_of_the_caller() {
    let named = |headers: axum::http::HeaderMap| async move {
        headers
            .get("caller-id")
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned()
    };
    let url = serve(Router::new().route("/hae", routing::get(named)), "/hae").await;
    assert_eq!(fetch(&url).await.unwrap(), b"trustnet");
}

#[tokio::test]
async fn a_redirect_is_followed_at_the_same_service_alone() {
    let here = moved("/there").route("/there", routing::get(|| async { "answer" }));
    assert_eq!(fetch(&serve(here, "/hae").await).await.unwrap(), b"answer");
    let elsewhere = serve(
        Router::new().route("/", routing::get(|| async { "stolen" })),
        "/",
    )
    .await;
    let url = serve(moved(elsewhere.as_str()), "/hae").await;
    assert!(matches!(fetch(&url).await, Err(FetchError::Status(302))));
    let circle = serve(moved("/hae"), "/hae").await;
    assert!(matches!(fetch(&circle).await, Err(FetchError::Status(302))));
}

#[tokio::test]
async fn what_is_no_success_is_no_answer() {
    let url = serve(Router::new(), "/hae").await;
    assert!(matches!(fetch(&url).await, Err(FetchError::Status(404))));
    let plain = Url::parse("http://oph.example.org/hae").unwrap();
    assert!(matches!(fetch(&plain).await, Err(FetchError::Address)));
}

#[tokio::test]
async fn a_fetch_records_what_differs_and_closes_nothing_in_doubt() {
    let test = ledger().await;
    let url = serve(
        Router::new().route("/hae", routing::get(|| async { HIERARCHY })),
        "/hae",
    )
    .await;
    let first = fetch_and_record(&test.registrar, &url).await.unwrap();
    assert_eq!(first, Fetched::Recorded(5));
    assert_eq!(
        fetch_and_record(&test.registrar, &url).await.unwrap(),
        Fetched::Nothing
    );
    let before = end(&test);

    let mut less = json(HIERARCHY);
    less["numHits"] = json!(1);
    less["organisaatiot"][0]["children"] = json!([]);
    less["organisaatiot"][0]["subRows"] = json!([]);
    let less = less.to_string();
    let url = serve(
        Router::new().route("/hae", routing::get(|| async { less })),
        "/hae",
    )
    .await;
    let refused = fetch_and_record(&test.registrar, &url).await;
    assert!(matches!(refused, Err(DailyError::Refused(why)) if why.code == "TOO_MANY_CLOSURES"));

    let url = serve(
        Router::new().route("/hae", routing::get(|| async { "<html>" })),
        "/hae",
    )
    .await;
    let broken = fetch_and_record(&test.registrar, &url).await;
    assert!(matches!(broken, Err(DailyError::Answer(1, _))));
    assert_eq!(end(&test), before);
}

#[rstest]
#[case::before_seven("2026-01-15T04:59:59Z", "2026-01-15T05:00:00Z")]
#[case::at_seven("2026-01-15T05:00:00Z", "2026-01-16T05:00:00Z")]
#[case::summer("2026-07-01T12:00:00Z", "2026-07-02T04:00:00Z")]
#[case::after_local_midnight("2026-07-01T22:00:00Z", "2026-07-02T04:00:00Z")]
#[case::clocks_forward("2026-03-28T12:00:00Z", "2026-03-29T04:00:00Z")]
#[case::clocks_back("2026-10-24T12:00:00Z", "2026-10-25T05:00:00Z")]
#[case::new_year("2026-12-31T20:00:00Z", "2027-01-01T05:00:00Z")]
fn the_next_fetch_is_at_seven_in_the_zone(#[case] now: &str, #[case] due: &str) {
    let zone = Zone::named("Europe/Helsinki").unwrap();
    assert_eq!(next_fetch(&zone, instant(now)), instant(due));
}
