//! A sign-in issuer of the test's own, on loopback: it publishes its keys and gives out whatever
//! identity token the test wants.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RsaKeyPair,
};
use axum::Router;
use axum::extract::{Form, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// The keys of an issuer.
pub(crate) struct Keys {
    elliptic: EcdsaKeyPair,
    rsa: RsaKeyPair,
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Keys {
    pub(crate) fn new() -> Self {
        let elliptic = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let rsa = RsaKeyPair::generate(aws_lc_rs::rsa::KeySize::Rsa2048);
        Self {
            elliptic: elliptic.expect("a key"),
            rsa: rsa.expect("a key"),
        }
    }

    /// The public keys (RFC 7517).
    pub(crate) fn published(&self) -> Value {
        let point = self.elliptic.public_key().as_ref();
        let (x, y) = point[1..].split_at(32);
        let rsa = self.rsa.public_key();
        json!({ "keys": [
            { "kty": "EC", "kid": "ec", "use": "sig", "crv": "P-256", "x": encode(x), "y": encode(y) },
            { "kty": "RSA", "kid": "rsa", "use": "sig",
              "n": encode(rsa.modulus().big_endian_without_leading_zero()),
              "e": encode(rsa.exponent().big_endian_without_leading_zero()) },
            { "kty": "RSA", "kid": "for-encryption", "use": "enc",
              "n": encode(rsa.modulus().big_endian_without_leading_zero()),
              "e": encode(rsa.exponent().big_endian_without_leading_zero()) },
        ] })
    }

    /// A token with this header and these claims, signed with the key of the kind `by`.
    pub(crate) fn token(&self, by: &str, header: &Value, claims: &str) -> String {
        let signed = format!(
            "{}.{}",
            encode(header.to_string().as_bytes()),
            encode(claims.as_bytes())
        );
        let random = SystemRandom::new();
        let signature = match by {
            "ec" => {
                let signature = self.elliptic.sign(&random, signed.as_bytes());
                signature.expect("a signature").as_ref().to_vec()
            }
            "rsa" => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa
                    .sign(
                        &RSA_PKCS1_SHA256,
                        &random,
                        signed.as_bytes(),
                        &mut signature,
                    )
                    .expect("a signature");
                signature
            }
            // With what everybody knows as the secret, as a confused verifier would take it.
            "hmac" => {
                let key = self.published()["keys"][1]["n"].to_string();
                let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.as_bytes());
                aws_lc_rs::hmac::sign(&key, signed.as_bytes())
                    .as_ref()
                    .to_vec()
            }
            _ => Vec::new(),
        };
        format!("{signed}.{}", encode(&signature))
    }
}

/// A running issuer.
#[derive(Clone)]
pub(crate) struct Issuer(Arc<Running>);

struct Running {
    address: String,
    keys: Keys,
    /// What the token endpoint answers next; refuses where there is nothing.
    next: Mutex<Option<Value>>,
    redeemed: Mutex<Vec<HashMap<String, String>>>,
}

impl Issuer {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let issuer = Self(Arc::new(Running {
            address: format!("http://127.0.0.1:{port}"),
            keys: Keys::new(),
            next: Mutex::default(),
            redeemed: Mutex::default(),
        }));
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(issuer.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        issuer
    }

    pub(crate) fn address(&self) -> &str {
        &self.0.address
    }

    /// The token endpoint's next answer is an identity token with these claims.
    pub(crate) fn will_say(&self, claims: &Value) {
        let header = json!({ "alg": "ES256", "kid": "ec" });
        let token = self.0.keys.token("ec", &header, &claims.to_string());
        *self.0.next.lock().unwrap() = Some(json!({ "id_token": token, "token_type": "Bearer" }));
    }

    /// What the token endpoint was sent.
    pub(crate) fn redeemed(&self) -> Vec<HashMap<String, String>> {
        self.0.redeemed.lock().unwrap().clone()
    }
}

async fn discovery(State(issuer): State<Issuer>) -> axum::Json<Value> {
    let address = issuer.address();
    axum::Json(json!({
        "issuer": address, "authorization_endpoint": format!("{address}/authorize"),
        "token_endpoint": format!("{address}/token"), "jwks_uri": format!("{address}/keys"),
    }))
}

async fn keys(State(issuer): State<Issuer>) -> axum::Json<Value> {
    axum::Json(issuer.0.keys.published())
}

async fn token(
    State(issuer): State<Issuer>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    issuer.0.redeemed.lock().unwrap().push(form);
    match issuer.0.next.lock().unwrap().take() {
        Some(answer) => axum::Json(answer).into_response(),
        None => (
            StatusCode::BAD_REQUEST,
            axum::Json(json!({ "error": "invalid_grant" })),
        )
            .into_response(),
    }
}
