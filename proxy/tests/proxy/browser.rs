//! A scripted browser, and a scripted service behind it.

use crate::world::{CLIENT_SECRET, HOST, World};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ledger::Hash;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tower::ServiceExt as _;
use url::Url;

pub(crate) const VERIFIER: &str = "verifier-verifier-verifier-verifier-verifier-0";

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    /// Where the browser is sent.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        self.headers[header::LOCATION].to_str().unwrap()
    }

    /// A parameter of the address that the browser is sent to.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let address = Url::parse(self.location()).unwrap();
        let found = address.query_pairs().find(|(key, _)| key == name);
        found.map(|(_, value)| value.into_owned())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    /// Asserts that it is the page of this problem.
    pub(crate) fn assert_problem(&self, code: &str) {
        assert!(
            self.body.contains(&format!("<code>{code}</code>")),
            "{code}: {}",
            self.body
        );
        assert!(self.status.is_client_error() || self.status.is_server_error());
    }
}

pub(crate) struct Browser<'a> {
    pub(crate) world: &'a World,
    pub(crate) cookies: BTreeMap<String, String>,
    pub(crate) host: &'static str,
}

/// An authorization request, as parameters that a test changes.
#[derive(Clone)]
pub(crate) struct Asked(pub(crate) Vec<(String, String)>);

impl Asked {
    pub(crate) fn of(client: u8) -> Self {
        let challenge = URL_SAFE_NO_PAD.encode(Hash::of(VERIFIER.as_bytes()).0);
        let own = [
            ("response_type", "code"),
            ("client_id", &format!("client-{client}")),
            (
                "redirect_uri",
                &format!("https://service-{client}.example.org/back"),
            ),
            ("scope", "openid profile"),
            ("state", "the-state"),
            ("nonce", "the-nonce"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ];
        Self(
            own.map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
        )
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(key, _)| key != name);
        self
    }

    pub(crate) fn path(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(&self.0);
        format!("/openid/authorize?{}", query.finish())
    }
}

/// A pupil as the home organisation describes one.
pub(crate) fn pupil() -> Value {
    json!({
        "sub": "user-1",
        "given_name": "Testi",
        "family_name": "Oppilaantytär",
        "learner_id": "1.2.246.562.24.10000000016",
        "role": "oppilas",
        "school": "00011",
    })
}

impl<'a> Browser<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        Self {
            world,
            cookies: BTreeMap::new(),
            host: HOST,
        }
    }

    async fn send(&mut self, request: axum::http::request::Builder, body: String) -> Answer {
        let cookies: Vec<_> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let mut request = request.header(header::HOST, self.host);
        if !cookies.is_empty() {
            request = request.header(header::COOKIE, cookies.join("; "));
        }
        let request = request.body(Body::from(body)).unwrap();
        let response = self.world.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let text = cookie.to_str().unwrap();
            for word in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Lax"] {
                assert!(text.contains(word), "{text}");
            }
            let (name, rest) = text.split_once('=').unwrap();
            assert!(name.starts_with("__Host-"), "{name}");
            if text.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                let value = rest.split(';').next().unwrap();
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&mut self, address: &str) -> Answer {
        let path = match Url::parse(address) {
            Ok(url) => format!("{}?{}", url.path(), url.query().unwrap_or_default()),
            Err(_) => address.to_owned(),
        };
        self.send(Request::get(path), String::new()).await
    }

    pub(crate) async fn post(
        &mut self,
        path: &str,
        headers: &[(&str, &str)],
        form: &[(&str, &str)],
    ) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request, body.finish()).await
    }

    /// The request goes to the home organisation, where the user logs in, and comes back.
    pub(crate) async fn log_in(&mut self, asked: &Asked, user: Value) -> Answer {
        let leaving = self.get(&asked.path()).await;
        let back = self.world.provider.log_in(leaving.location(), user);
        self.get(&back).await
    }

    /// The code of a login that succeeds.
    pub(crate) async fn code(&mut self, client: u8) -> String {
        let answer = self.log_in(&Asked::of(client), pupil()).await;
        answer.parameter("code").unwrap()
    }

    /// The service exchanges a code.
    pub(crate) async fn exchange(&mut self, client: u8, code: &str) -> Answer {
        self.exchange_with(
            client,
            CLIENT_SECRET,
            &[("code", code), ("code_verifier", VERIFIER)],
        )
        .await
    }

    pub(crate) async fn exchange_with(
        &mut self,
        client: u8,
        secret: &str,
        form: &[(&str, &str)],
    ) -> Answer {
        let redirect_uri = format!("https://service-{client}.example.org/back");
        let mut whole = form.to_vec();
        for (name, value) in [
            ("grant_type", "authorization_code"),
            ("redirect_uri", redirect_uri.as_str()),
        ] {
            if !whole.iter().any(|(key, _)| *key == name) {
                whole.push((name, value));
            }
        }
        let pair = STANDARD.encode(format!("client-{client}:{}", secret.replace(' ', "+")));
        let basic = format!("Basic {pair}");
        self.post("/openid/token", &[("authorization", &basic)], &whole)
            .await
    }

    pub(crate) async fn userinfo(&mut self, access_token: &str) -> Answer {
        let bearer = format!("Bearer {access_token}");
        let request = Request::get("/openid/userinfo").header(header::AUTHORIZATION, bearer);
        self.send(request, String::new()).await
    }
}
