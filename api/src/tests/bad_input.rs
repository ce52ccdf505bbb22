//! Whatever is wrong gets a clear error and changes nothing.

use super::harness::{ORIGIN, Somebody, TestApp, organisation};
use crate::Limits;
use crate::authentication::session::SESSION_COOKIE;
use insta::assert_json_snapshot;
use rstest::rstest;
use serde_json::{Value, json};
use std::time::Duration;

async fn post(app: &TestApp, body: Vec<u8>, content_type: &str) -> axum_test::TestResponse {
    app.post(&app.administrator(), "/graphql")
        .bytes(body.into())
        .content_type(content_type)
        .await
}

#[rstest]
#[case::not_json(b"{".to_vec(), "application/json", 400)]
#[case::not_utf8(b"{\"query\":\"\xff\"}".to_vec(), "application/json", 400)]
#[case::duplicate_key(br#"{"query":"{me{id}}","query":"{me{id}}"}"#.to_vec(), "application/json", 400)]
#[case::unknown_field(br#"{"query":"{me{id}}","colour":1}"#.to_vec(), "application/json", 400)]
#[case::wrong_type(br#"{"query":"{me{id}}","variables":[]}"#.to_vec(), "application/json", 400)]
#[case::batch(br#"[{"query":"{me{id}}"}]"#.to_vec(), "application/json", 400)]
#[case::form(b"query=%7Bme%7Bid%7D%7D".to_vec(), "application/x-www-form-urlencoded", 415)]
#[case::plain(br#"{"query":"{me{id}}"}"#.to_vec(), "text/plain", 415)]
#[case::oversized(vec![b' '; 2 * 1024 * 1024], "application/json", 413)]
#[tokio::test]
async fn a_wrong_body_is_refused(#[case] body: Vec<u8>, #[case] kind: &str, #[case] status: u16) {
    let app = TestApp::founded().await;
    let response = post(&app, body, kind).await;
    assert_eq!(response.status_code(), status, "{}", response.text());
    let problem: Value = response.json();
    for part in ["code", "detail", "remedy"] {
        assert!(
            problem[part].as_str().is_some_and(|text| !text.is_empty()),
            "{problem}"
        );
    }
}

#[tokio::test]
async fn a_document_is_limited() {
    let app = TestApp::founded().await;
    let who = app.administrator();
    let deep = format!(
        "{{ network {{ organisations {{ nodes {{ {} oid {} }} }} }} }}",
        "parent { ".repeat(20),
        "}".repeat(20)
    );
    let wide = "{ network { organisations(first: 500) { nodes { parent { parent { parent { parent { parent { oid name { fi } id types } oid name { fi } id types } oid name { fi } id types } oid name { fi } id types } oid name { fi } id types } } } } }";
    let aliases: Vec<String> = (0..40).map(|n| format!("a{n}: me {{ id }}")).collect();
    let aliases = aliases.join(" ");
    let mut answers = Vec::new();
    for query in [
        deep.as_str(),
        wide,
        &format!("{{ {aliases} }}"),
        "{ me { ",
        "{ nothing }",
        "{ me { id(x: 1) } }",
    ] {
        let answer = app.ask(&who, query).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "BAD_REQUEST", "{answer}");
        assert!(error["extensions"]["remedy"].is_string(), "{answer}");
        answers.push(error["message"].clone());
    }
    assert_json_snapshot!(answers, @r#"
    [
      "Query is nested too deep.",
      "Query is too complex.",
      "the document uses more than 30 aliases",
      " --> 1:8\n  |\n1 | { me { \n  |        ^---\n  |\n  = expected selection",
      "Unknown field \"nothing\" on type \"Query\".",
      "Unknown argument \"x\" on field \"id\" of type \"Me\"."
    ]
    "#);
}

/// A circle of lists, and many replays, are more than a document may ask for.
#[tokio::test]
async fn lists_in_lists_and_questions_about_the_past_have_their_weight() {
    let app = TestApp::founded().await;
    let who = app.administrator();
    let circle = |rounds: usize| {
        format!(
            "{{ network {{ services(first: 1) {{ nodes {{ {} id {} }} }} }} }}",
            "clients { service { ".repeat(rounds),
            "} }".repeat(rounds)
        )
    };
    let past = |questions: usize| {
        let network = |n| format!("n{n}: network(asOf: {{ position: 1 }}) {{ position }} ");
        format!("{{ {} }}", (0..questions).map(network).collect::<String>())
    };
    for (query, passes) in [
        (circle(1), true),
        (circle(4), false),
        (past(5), true),
        (past(10), false),
    ] {
        let answer = app.ask(&who, &query).await;
        let message = &answer["errors"][0]["message"];
        let refused = message == "Query is too complex.";
        assert_eq!(refused, !passes, "{query}: {answer}");
    }
}

#[tokio::test]
async fn fragments_that_multiply_are_refused_before_anybody_follows_them() {
    let app = TestApp::founded().await;
    let mut bomb = "query{...F0}".to_owned();
    for fragment in 0..25 {
        let next = format!("...F{}", fragment + 1);
        bomb = format!("{bomb} fragment F{fragment} on Query{{{next} {next} {next}}}");
    }
    bomb.push_str(" fragment F25 on Query{me{id}}");
    let asked = app.ask(&Somebody::Nobody, &bomb);
    let answer = tokio::time::timeout(Duration::from_secs(10), asked).await;
    let answer = answer.expect("the document is refused and not walked");
    assert_eq!(
        answer["errors"][0]["extensions"]["code"], "BAD_REQUEST",
        "{answer}"
    );
}

#[tokio::test]
async fn what_lies_deep_is_authorised_too() {
    let app = TestApp::founded().await;
    let member = app.of("TALLENTAJA", &organisation(1));
    for (levels, code) in [(25, "FORBIDDEN"), (45, "BAD_REQUEST")] {
        let query = format!(
            "{{ {} network {{ access {{ nodes {{ id }} }} }} {} }}",
            "... on Query {".repeat(levels),
            "}".repeat(levels)
        );
        let answer = app.ask(&member, &query).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], code, "{answer}");
    }
}

#[tokio::test]
async fn too_many_requests_are_turned_away() {
    let limits = Limits {
        requests_per_second: 1,
        burst: 3,
        ..Limits::default()
    };
    let app = TestApp::with(limits, None).await;
    let who = app.administrator();
    let mut refused = None;
    for _ in 0..6 {
        let response = app.send(&who, "{ me { id } }", json!({})).await;
        if response.status_code() == 429 {
            refused = Some(response.json::<Value>());
        }
    }
    assert_eq!(refused.expect("one was refused")["code"], "RATE_LIMITED");
    assert_eq!(app.get(&who, "/health/live").await.status_code(), 200);
}

#[tokio::test]
async fn another_site_may_not_act_by_a_session() {
    let app = TestApp::founded().await;
    let Somebody::Session(sealed) = app.administrator() else {
        panic!()
    };
    let cookie = format!("{SESSION_COOKIE}={sealed}");
    let body = json!({ "query": "{ me { id } }" });
    for origin in [None, Some("https://evil.example"), Some("null")] {
        let mut request = app
            .server
            .post("/graphql")
            .add_header("cookie", cookie.clone())
            .json(&body);
        if let Some(origin) = origin {
            request = request.add_header("origin", origin);
        }
        let response = request.await;
        assert_eq!(response.json::<Value>()["code"], "CROSS_ORIGIN");
    }
    let request = app.server.post("/graphql").add_header("cookie", cookie);
    assert_eq!(
        request
            .add_header("origin", ORIGIN)
            .json(&body)
            .await
            .status_code(),
        200
    );
}

#[tokio::test]
async fn the_past_has_its_bounds() {
    let app = TestApp::founded().await;
    let who = app.administrator();
    let mut answers = Vec::new();
    for arguments in [
        "asOf: { position: 0 }",
        "asOf: { position: 1 }",
        "asOf: { instant: \"1999-01-01T00:00:00Z\" }",
        "asOf: { instant: \"9999-01-01T00:00:00Z\" }",
        "asOf: { position: 1, instant: \"2025-01-01T00:00:00Z\" }",
        "asOf: { position: 1 }, minPosition: 1",
        "validOn: \"2025-02-30\"",
        "validOn: \"2026-06-01\"",
    ] {
        let query = format!("{{ network({arguments}) {{ position day founding {{ zone }} }} }}");
        let answer = app.ask(&who, &query).await;
        let error = &answer["errors"][0];
        answers.push(match &error["message"] {
            Value::Null => answer["data"]["network"].clone(),
            message => {
                assert_eq!(error["extensions"]["code"], "BAD_REQUEST", "{answer}");
                message.clone()
            }
        });
    }
    assert_json_snapshot!(answers, @r#"
    [
      {
        "position": 0,
        "day": "1970-01-01",
        "founding": null
      },
      {
        "position": 1,
        "day": "2025-01-01",
        "founding": {
          "zone": "Europe/Helsinki"
        }
      },
      {
        "position": 0,
        "day": "1999-01-01",
        "founding": null
      },
      "Failed to parse \"Instant\": expected an instant such as 2026-01-31T12:00:00Z between the years 1900 and 2200 (occurred while parsing \"AsOfInput\")",
      "Invalid value for argument \"asOf\", Oneof input objects requires have exactly one field",
      "both `asOf` and `minPosition` are given",
      "Failed to parse \"Date\": expected a date such as 2026-01-31 between the years 1900 and 2200",
      {
        "position": 6,
        "day": "2026-06-01",
        "founding": {
          "zone": "Europe/Helsinki"
        }
      }
    ]
    "#);
}
