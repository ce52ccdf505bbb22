//! A stand-in for a home organisation's OpenID Connect provider. It serves description, keys,
//! token and userinfo over loopback; its login page is a function, for nobody types here.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ledger::Hash;
use proxy::{Algorithm, generate_signing_key};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use url::Url;

pub(crate) const SECRET: &str = "a secret + with signs: ä%";

/// A change that the stand-in makes to every ID token.
pub(crate) type Tamper = fn(&mut Value);

pub(crate) struct Provider {
    pub(crate) issuer: String,
    key: EcdsaKeyPair,
    jwk: Value,
    logins: Mutex<HashMap<String, Login>>,
    pub(crate) tamper: Mutex<Option<Tamper>>,
    pub(crate) userinfo_subject: Mutex<Option<String>>,
    pub(crate) now_seconds: Mutex<i64>,
    pub(crate) count: Mutex<usize>,
}

struct Login {
    query: HashMap<String, String>,
    claims: Value,
}

impl Provider {
    pub(crate) async fn start(now_seconds: i64) -> Arc<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let generated = generate_signing_key(Algorithm::Es256).unwrap();
        let der = STANDARD.decode(generated.private_key.as_str()).unwrap();
        let mut jwk: Value = serde_json::from_str(&generated.public_key).unwrap();
        jwk["kid"] = "provider-1".into();
        let provider = Arc::new(Self {
            issuer: format!("http://{}", listener.local_addr().unwrap()),
            key: EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).unwrap(),
            jwk,
            logins: Mutex::default(),
            tamper: Mutex::default(),
            userinfo_subject: Mutex::default(),
            now_seconds: Mutex::new(now_seconds),
            count: Mutex::default(),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(describe))
            .route("/jwks", get(keys))
            .route("/token", post(token))
            .route("/userinfo", get(userinfo))
            .with_state(Arc::clone(&provider));
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    /// The user with these claims logs in: where the browser goes next.
    pub(crate) fn log_in(&self, address: &str, claims: Value) -> String {
        let address = Url::parse(address).unwrap();
        assert_eq!(address.origin().ascii_serialization(), self.issuer);
        let query: HashMap<String, String> = address.query_pairs().into_owned().collect();
        assert_eq!(query["response_type"], "code");
        assert_eq!(query["code_challenge_method"], "S256");
        let mut count = self.count.lock().unwrap();
        *count += 1;
        let code = format!("upstream-code-{count}");
        let mut back = Url::parse(&query["redirect_uri"]).unwrap();
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &query["state"])
            .append_pair("iss", &self.issuer);
        self.logins
            .lock()
            .unwrap()
            .insert(code, Login { query, claims });
        back.into()
    }

    fn sign(&self, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let message = format!(
            "{}.{}",
            part(&json!({ "alg": "ES256", "kid": "provider-1" })),
            part(claims)
        );
        let signature = self
            .key
            .sign(&SystemRandom::new(), message.as_bytes())
            .unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

async fn describe(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", provider.issuer);
    Json(json!({
        "issuer": provider.issuer,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/userinfo"),
        "jwks_uri": at("/jwks"),
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(provider): State<Arc<Provider>>) -> Json<Value> {
    Json(json!({ "keys": [provider.jwk] }))
}

async fn token(
    State(provider): State<Arc<Provider>>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Result<Json<Value>, StatusCode> {
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let pair = STANDARD.encode(format!("{}:{}", encode("proxy"), encode(SECRET)));
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    if given != Some(format!("Basic {pair}").as_str()) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let login = provider.logins.lock().unwrap().remove(&form["code"]);
    let Login { query, claims } = login.ok_or(StatusCode::BAD_REQUEST)?;
    let challenge = URL_SAFE_NO_PAD.encode(Hash::of(form["code_verifier"].as_bytes()).0);
    if challenge != query["code_challenge"] || form["redirect_uri"] != query["redirect_uri"] {
        return Err(StatusCode::BAD_REQUEST);
    }
    let now = *provider.now_seconds.lock().unwrap();
    let mut id_token = json!({
        "iss": provider.issuer, "aud": "proxy", "sub": claims["sub"], "nonce": query["nonce"],
        "iat": now, "exp": now + 300, "auth_time": now,
    });
    if let Some(tamper) = *provider.tamper.lock().unwrap() {
        tamper(&mut id_token);
    }
    let access_token = URL_SAFE_NO_PAD.encode(claims.to_string());
    Ok(Json(json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "id_token": provider.sign(&id_token),
    })))
}

async fn userinfo(State(provider): State<Arc<Provider>>, headers: HeaderMap) -> Json<Value> {
    let token = headers[header::AUTHORIZATION]
        .to_str()
        .unwrap()
        .strip_prefix("Bearer ")
        .unwrap();
    let mut claims: Value =
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap();
    if let Some(subject) = provider.userinfo_subject.lock().unwrap().clone() {
        claims["sub"] = subject.into();
    }
    Json(claims)
}
