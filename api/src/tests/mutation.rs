//! Mutations, made from the table of commands.

use super::harness::{Somebody, TestApp, organisation};
use insta::assert_json_snapshot;
use serde_json::json;

const SET_RULE: &str = "mutation Set($input: SetRuleInput!, $version: Int) {
  setRule(input: $input, expectedVersion: $version, reason: \"invented reason\") {
    __typename position committed { repeated positions streams { name version } }
    errors { __typename code field message remedy rule }
  }
}";

fn rule(minutes: i64) -> serde_json::Value {
    json!({ "rule": { "sessionLifetime": { "minutes": minutes } }, "validFrom": "2025-02-01", "source": "invented" })
}

#[tokio::test]
async fn what_is_committed_can_be_read_at_its_position() {
    let app = TestApp::founded().await;
    let answer = app
        .ask_with(&app.administrator(), SET_RULE, json!({ "input": rule(60) }))
        .await;
    let position = answer["data"]["setRule"]["position"].as_u64().unwrap();
    assert_json_snapshot!(answer, @r#"
    {
      "data": {
        "setRule": {
          "__typename": "SetRulePayload",
          "position": 7,
          "committed": {
            "repeated": false,
            "positions": [
              6
            ],
            "streams": [
              {
                "name": "network",
                "version": 4
              }
            ]
          },
          "errors": []
        }
      }
    }
    "#);
    let query = format!(
        "{{ network(minPosition: {position}) {{ position rules {{ kind holds value source }} timeline(first: 1) {{ nodes {{ name reason payload means }} }} }} }}"
    );
    assert_json_snapshot!(app.ask(&app.administrator(), &query).await, @r#"
    {
      "data": {
        "network": {
          "position": 7,
          "rules": [
            {
              "kind": "QUALIFIED_MAJORITY",
              "holds": true,
              "value": {
                "qualifiedMajority": {
                  "share": {
                    "numerator": 2,
                    "denominator": 3
                  },
                  "of": "VOTES_CAST"
                }
              },
              "source": "invented for tests"
            },
            {
              "kind": "QUORUM",
              "holds": true,
              "value": {
                "quorum": {
                  "share": {
                    "numerator": 1,
                    "denominator": 2
                  }
                }
              },
              "source": "invented for tests"
            },
            {
              "kind": "SESSION_LIFETIME",
              "holds": false,
              "value": {
                "sessionLifetime": {
                  "minutes": 60
                }
              },
              "source": "invented"
            }
          ],
          "timeline": {
            "nodes": [
              {
                "name": "RuleSet",
                "reason": "invented reason",
                "payload": {
                  "rule": {
                    "sessionLifetime": {
                      "minutes": 60
                    }
                  },
                  "validFrom": "2025-02-01",
                  "source": "invented"
                },
                "means": "sign-in"
              }
            ]
          }
        }
      }
    }
    "#);
}

#[tokio::test]
async fn a_refusal_is_data() {
    let app = TestApp::founded().await;
    let answer = app
        .ask_with(&app.administrator(), SET_RULE, json!({ "input": rule(0) }))
        .await;
    assert_json_snapshot!(answer, @r#"
    {
      "data": {
        "setRule": {
          "__typename": "SetRulePayload",
          "position": 6,
          "committed": null,
          "errors": [
            {
              "__typename": "RuleRefusal",
              "code": "RULE_OUT_OF_RANGE",
              "field": "rule",
              "message": "the lifetime lies between 1 and 1440 minutes",
              "remedy": "give a value within the range",
              "rule": null
            }
          ]
        }
      }
    }
    "#);
}

#[tokio::test]
async fn a_wrong_value_names_its_field_and_what_to_do() {
    let app = TestApp::founded().await;
    let query = "mutation { nameOperatorContact(input: { role: CONTRACT, contact: { name: \"Olli Operaattori\", email: \"nowhere\" } }) { errors { __typename code field message remedy } } }";
    assert_json_snapshot!(app.ask(&app.administrator(), query).await, @r#"
    {
      "data": {
        "nameOperatorContact": {
          "errors": [
            {
              "__typename": "InvalidInput",
              "code": "INVALID_INPUT",
              "field": "contact.email",
              "message": "expected an e-mail address such as name@example.org",
              "remedy": "Give one address, without a display name"
            }
          ]
        }
      }
    }
    "#);
}

#[tokio::test]
async fn an_unknown_field_or_word_is_refused_before_anything_is_asked() {
    let app = TestApp::founded().await;
    let query = "mutation { a: grantAccess(input: { person: \"person:00000000-0000-0000-0000-000000000001\", right: KING }) { position } }";
    let unknown_word = app.ask(&app.administrator(), query).await;
    let query = "mutation { revokeAccess(input: { grant: \"x\", colour: 1 }) { position } }";
    let unknown_field = app.ask(&app.administrator(), query).await;
    assert_json_snapshot!([unknown_word, unknown_field], @r#"
    [
      {
        "data": null,
        "errors": [
          {
            "message": "Invalid value for argument \"input.right\", enumeration type \"Right\" does not contain the value \"KING\"",
            "locations": [
              {
                "line": 1,
                "column": 27
              }
            ],
            "extensions": {
              "code": "BAD_REQUEST",
              "remedy": "hold the document against the schema, which `trustnet schema` prints"
            }
          }
        ]
      },
      {
        "data": null,
        "errors": [
          {
            "message": "Invalid value for argument \"input\", unknown field \"colour\" of type \"RevokeAccessInput\"",
            "locations": [
              {
                "line": 1,
                "column": 25
              }
            ],
            "extensions": {
              "code": "BAD_REQUEST",
              "remedy": "hold the document against the schema, which `trustnet schema` prints"
            }
          }
        ]
      }
    ]
    "#);
}

#[tokio::test]
async fn a_stale_version_is_a_conflict() {
    let app = TestApp::founded().await;
    let answer = app
        .ask_with(
            &app.administrator(),
            SET_RULE,
            json!({ "input": rule(60), "version": 0 }),
        )
        .await;
    let error = &answer["data"]["setRule"]["errors"][0];
    assert_eq!(error["__typename"], "Conflict", "{answer}");
    assert_eq!(error["code"], "VERSION_CONFLICT");
}

#[tokio::test]
async fn the_same_command_twice_is_recorded_once() {
    let app = TestApp::founded().await;
    let mutation = |minutes: u32| {
        format!(
            "mutation {{ setRule(commandId: \"0190aaaa-0000-7000-8000-000000000001\", input: {{ rule: {{ sessionLifetime: {{ minutes: {minutes} }} }}, validFrom: \"2025-02-01\", source: \"invented\" }}) {{ position committed {{ repeated }} errors {{ code }} }} }}"
        )
    };
    let who = app.administrator();
    let first = app.ask(&who, &mutation(60)).await;
    let again = app.ask(&who, &mutation(60)).await;
    assert_eq!(
        first["data"]["setRule"]["position"],
        again["data"]["setRule"]["position"]
    );
    assert_eq!(again["data"]["setRule"]["committed"]["repeated"], true);
    let other = app.ask(&who, &mutation(61)).await;
    assert_eq!(
        other["data"]["setRule"]["errors"][0]["code"],
        "COMMAND_ID_REUSED"
    );
}

#[tokio::test]
async fn a_command_needs_its_right() {
    let app = TestApp::founded().await;
    let viewer = app.of("KATSELIJA", &organisation(1));
    let answer = app
        .ask_with(&viewer, SET_RULE, json!({ "input": rule(60) }))
        .await;
    assert_eq!(
        answer["data"]["setRule"]["errors"][0]["code"], "FORBIDDEN",
        "{answer}"
    );
    let nobody = app
        .ask_with(&Somebody::Nobody, SET_RULE, json!({ "input": rule(60) }))
        .await;
    assert_eq!(
        nobody["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{nobody}"
    );
}

#[tokio::test]
async fn every_command_can_be_sent_through_the_schema() {
    let sdl = crate::schema_sdl();
    for row in domain::Command::ALL {
        let field = format!("{}(", crate::graphql::field_name(row.name));
        assert!(sdl.contains(&field), "{}", row.name);
        assert!(
            sdl.contains(&format!("input {}Input", row.name)),
            "{}",
            row.name
        );
    }
}
