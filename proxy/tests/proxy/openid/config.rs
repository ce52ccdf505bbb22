//! The Config OP profile, and what discovery must not name because it is left out by design.

use crate::browser::Browser;
use crate::world::World;
use serde_json::{Value, json};

async fn description() -> Value {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser
        .get("/.well-known/openid-configuration")
        .await
        .json()
}

#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    let answer = browser.get("/.well-known/openid-configuration").await;
    assert_eq!(answer.headers["content-type"], "application/json");
    let described = answer.json();
    let issuer = "http://test.proxy.localhost:8600";
    assert_eq!(described["issuer"], issuer, "by which it was found");
    for endpoint in [
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "end_session_endpoint",
    ] {
        let address = described[endpoint].as_str().unwrap();
        assert!(address.starts_with(issuer), "{endpoint}: {address}");
    }
    for (name, expected) in [
        ("scopes_supported", json!(["openid", "profile"])),
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(["query", "form_post"])),
        ("grant_types_supported", json!(["authorization_code"])),
        ("subject_types_supported", json!(["pairwise", "public"])),
        (
            "id_token_signing_alg_values_supported",
            json!(["RS256", "ES256"]),
        ),
        (
            "token_endpoint_auth_methods_supported",
            json!([
                "client_secret_basic",
                "client_secret_post",
                "private_key_jwt"
            ]),
        ),
        (
            "token_endpoint_auth_signing_alg_values_supported",
            json!(["RS256", "ES256"]),
        ),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("claims_parameter_supported", json!(true)),
        ("request_parameter_supported", json!(false)),
        ("request_uri_parameter_supported", json!(false)),
        (
            "authorization_response_iss_parameter_supported",
            json!(true),
        ),
    ] {
        assert_eq!(described[name], expected, "{name}");
    }
    let keys = browser.get("/openid/jwks").await.json();
    let mut names = Vec::new();
    for key in keys["keys"].as_array().unwrap() {
        assert_eq!(key["use"], "sig");
        names.push(key["kid"].as_str().unwrap().to_owned());
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 2, "each key has a name of its own");
}

#[tokio::test]
async fn what_is_left_out_by_design_is_not_named() {
    let described = description().await;
    for absent in [
        "frontchannel_logout_supported",
        "frontchannel_logout_session_supported",
        "backchannel_logout_supported",
        "backchannel_logout_session_supported",
        "check_session_iframe",
        "registration_endpoint",
        "revocation_endpoint",
        "introspection_endpoint",
        "device_authorization_endpoint",
        "pushed_authorization_request_endpoint",
        "userinfo_signing_alg_values_supported",
        "id_token_encryption_alg_values_supported",
    ] {
        assert!(described.get(absent).is_none(), "{absent}");
    }
    let has = |member: &str, value: &str| {
        let values = described[member].as_array().unwrap();
        values.iter().any(|known| known == value)
    };
    for scope in ["email", "address", "phone", "offline_access"] {
        assert!(!has("scopes_supported", scope), "{scope}");
    }
    for claim in [
        "email",
        "email_verified",
        "address",
        "phone_number",
        "phone_number_verified",
    ] {
        assert!(!has("claims_supported", claim), "{claim}");
    }
    for grant in [
        "refresh_token",
        "implicit",
        "password",
        "client_credentials",
    ] {
        assert!(!has("grant_types_supported", grant), "{grant}");
    }
    assert!(has("claims_supported", "urn:mpass.id:uid"));
}
