//! Documents: who hands in, who reads, and what a browser may do with one.

use super::harness::{Somebody, TestApp, organisation};
use super::story::accepted;
use axum_test::TestResponse;
use domain::Right;
use serde_json::Value;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and some more";

impl TestApp {
    async fn hand_in(&self, who: &Somebody, query: &str, kind: &str, text: &[u8]) -> TestResponse {
        self.post(who, &format!("/documents?{query}"))
            .bytes(text.to_vec().into())
            .content_type(kind)
            .await
    }

    /// Hands a document in that must be taken; its address.
    async fn handed_in(&self, who: &Somebody, query: &str, kind: &str, text: &[u8]) -> String {
        let response = self.hand_in(who, query, kind, text).await;
        assert_eq!(response.status_code(), 201, "{}", response.text());
        let stored: Value = response.json();
        assert_eq!(stored["length"], text.len());
        format!("/documents/{}", stored["reference"].as_str().unwrap())
    }
}

#[tokio::test]
async fn a_document_is_for_its_organisation_and_who_sees_all() {
    let app = TestApp::founded().await;
    let (own, other) = (organisation(1), organisation(2));
    let manager = app.of("TALLENTAJA", &own);
    let query = format!("audience=ORGANISATION&organisation={own}");
    let address = app
        .handed_in(&manager, &query, "application/pdf", b"%PDF invented")
        .await;

    let (_, auditor) = app.machine(Right::Auditor, None, None).await;
    for reader in [
        &manager,
        &app.of("KATSELIJA", &own),
        &app.administrator(),
        &auditor,
    ] {
        let response = app.get(reader, &address).await;
        assert_eq!(response.status_code(), 200, "{reader:?}");
        assert_eq!(response.as_bytes().as_ref(), b"%PDF invented");
        let headers = response.headers();
        assert_eq!(headers["content-type"], "application/pdf");
        assert_eq!(headers["content-disposition"], "attachment");
        assert_eq!(headers["cache-control"], "no-store");
        assert_eq!(headers["x-content-type-options"], "nosniff");
    }
    // Whoever may not read it is told what is told of a document that is not there.
    let missing = app
        .get(&manager, &format!("/documents/{}", "ab".repeat(32)))
        .await;
    let (_, other_auditor) = app.machine(Right::Auditor, Some(other.clone()), None).await;
    let (_, provisioning) = app
        .machine(
            Right::Provisioning,
            None,
            Some(domain::Environment::Production),
        )
        .await;
    for stranger in [
        &Somebody::Nobody,
        &app.of("TALLENTAJA", &other),
        &other_auditor,
        &provisioning,
    ] {
        let response = app.get(stranger, &address).await;
        assert_eq!(response.status_code(), 404, "{stranger:?}");
        assert_eq!(response.text(), missing.text());
    }
}

#[tokio::test]
async fn nobody_hands_in_for_others() {
    let app = TestApp::founded().await;
    let (own, other) = (organisation(1), organisation(2));
    let manager = app.of("TALLENTAJA", &own);
    let for_other = format!("audience=ORGANISATION&organisation={other}");
    for (who, query) in [
        (&manager, for_other.as_str()),
        (&manager, "audience=MEMBERS"),
        (&manager, "audience=OPERATOR"),
        (&app.of("KATSELIJA", &other), for_other.as_str()),
    ] {
        let response = app.hand_in(who, query, "text/plain", b"text").await;
        assert_eq!(response.status_code(), 403, "{who:?} {query}");
    }
    let response = app
        .hand_in(&Somebody::Nobody, &for_other, "text/plain", b"text")
        .await;
    assert_eq!(response.status_code(), 401);
}

#[tokio::test]
async fn what_is_for_members_and_for_the_operator_is_theirs() {
    let app = TestApp::founded().await;
    let operator = app.administrator();
    let minutes = app
        .handed_in(&operator, "audience=MEMBERS", "text/plain", b"minutes")
        .await;
    let note = app
        .handed_in(&operator, "audience=OPERATOR", "text/plain", b"note")
        .await;
    let viewer = app.of("KATSELIJA", &accepted(&app, 1).await);
    assert_eq!(app.get(&viewer, &minutes).await.status_code(), 200);
    let of_no_member = app.of("TALLENTAJA", &organisation(2));
    assert_eq!(app.get(&of_no_member, &minutes).await.status_code(), 404);
    assert_eq!(app.get(&viewer, &note).await.status_code(), 404);
    assert_eq!(app.get(&operator, &note).await.status_code(), 200);
    assert_eq!(
        app.get(&Somebody::Nobody, &minutes).await.status_code(),
        404
    );
}

#[tokio::test]
async fn a_members_public_document_is_a_picture_and_shown_to_everybody() {
    let app = TestApp::founded().await;
    let own = organisation(1);
    let manager = app.of("TALLENTAJA", &own);
    let query = format!("audience=PUBLIC&organisation={own}");
    let address = app.handed_in(&manager, &query, "image/png", PNG).await;
    let response = app.get(&Somebody::Nobody, &address).await;
    assert_eq!(response.status_code(), 200);
    assert_eq!(response.headers()["content-disposition"], "inline");
    assert_eq!(
        response.headers()["content-security-policy"],
        "default-src 'none'; sandbox"
    );
    for (kind, text) in [
        ("text/html", &b"<script>"[..]),
        ("image/svg+xml", b"<svg onload='x'/>"),
        ("image/png", b"<html>"),
    ] {
        let response = app.hand_in(&manager, &query, kind, text).await;
        assert_eq!(response.status_code(), 415, "{kind}");
        assert_eq!(response.json::<Value>()["code"], "NOT_A_PICTURE");
    }
    // The operator publishes the contract and its annexes; no browser opens them as a page.
    let operator = app.administrator();
    let annex = app
        .handed_in(&operator, "audience=PUBLIC", "text/html", b"<h1>Annex</h1>")
        .await;
    let response = app.get(&Somebody::Nobody, &annex).await;
    assert_eq!(response.headers()["content-disposition"], "attachment");
}

#[tokio::test]
async fn a_wrong_document_is_refused_and_says_what_is_wrong() {
    let app = TestApp::founded().await;
    let own = organisation(1);
    let manager = app.of("TALLENTAJA", &own);
    let query = format!("audience=ORGANISATION&organisation={own}");
    let public = format!("audience=PUBLIC&organisation={own}");
    let large = [PNG, &vec![0; 256 * 1024]].concat();
    for (query, kind, text, status, code) in [
        ("", "text/plain", &b"text"[..], 400, "BAD_REQUEST"),
        ("audience=MOON", "text/plain", b"text", 400, "BAD_REQUEST"),
        (
            "audience=ORGANISATION",
            "text/plain",
            b"text",
            400,
            "BAD_REQUEST",
        ),
        (&query, "text/plain", b"", 400, "BAD_REQUEST"),
        (&query, "nonsense", b"text", 415, "CONTENT_TYPE"),
        (&query, "text/\u{e9}", b"text", 415, "CONTENT_TYPE"),
        (&public, "image/png", &large, 413, "TOO_LARGE"),
    ] {
        let response = app.hand_in(&manager, query, kind, text).await;
        assert_eq!(response.status_code(), status, "{query} {kind}");
        let problem: Value = response.json();
        assert_eq!(problem["code"], code, "{query} {kind}");
        assert!(!problem["remedy"].as_str().unwrap().is_empty());
    }
    for address in ["/documents/x", "/documents/%ff"] {
        let response = app.get(&manager, address).await;
        assert!(response.status_code().is_client_error(), "{address}");
    }
}
