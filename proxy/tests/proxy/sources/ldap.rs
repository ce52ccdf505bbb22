//! LDAP against a real directory.

use super::slapd::{PUPILS, READER, READER_PASSWORD, Slapd, certificates};
use super::{released, rules, secret, speak};
use crate::browser::{Answer, Asked, Browser};
use crate::world::World;
use axum::http::StatusCode;
use domain::LdapSecurity;
use domain::data_model::SourceAttribute;
use domain::value::{AttributeName, DistinguishedName};
use projections::routing::{LdapServer, LdapUpstream, Upstream};
use rstest::rstest;
use std::sync::{Arc, Mutex};

const PASSWORD: &str = "salasana-ä";

fn server(port: u16) -> LdapServer {
    LdapServer {
        host: super::host("localhost"),
        port: Some(port),
    }
}

fn registration(world: &World, slapd: &Slapd, security: LdapSecurity) -> LdapUpstream {
    let port = match security {
        LdapSecurity::Ldaps => slapd.tls_port,
        LdapSecurity::StartTls => slapd.plain_port,
    };
    LdapUpstream {
        servers: vec![server(port)],
        security,
        trusted_certificates: vec![slapd.authority.clone()],
        base: DistinguishedName::parse("dc=kunta,dc=test").unwrap(),
        bind: Some(DistinguishedName::parse(READER).unwrap()),
        password: secret(world, READER_PASSWORD),
        user_attribute: AttributeName::parse("uid").unwrap(),
    }
}

async fn connect(world: &World, upstream: LdapUpstream) {
    let rules = rules(&[
        (SourceAttribute::FirstName, "givenName"),
        // Names are written in whatever case an administrator likes.
        (SourceAttribute::Surname, "SN"),
        (SourceAttribute::LearnerId, "employeeNumber"),
        (SourceAttribute::Roles, "employeeType"),
        (SourceAttribute::SchoolIds, "departmentNumber"),
        (SourceAttribute::NonDisclosure, "absentAttribute"),
    ]);
    speak(world, Upstream::Ldap(upstream), rules).await;
}

async fn world(slapd: &Slapd) -> World {
    let world = World::new().await;
    let upstream = registration(&world, slapd, LdapSecurity::StartTls);
    connect(&world, upstream).await;
    world
}

/// The fields of the form that the proxy shows.
struct Form {
    state: String,
    token: String,
}

/// A field of a page.
fn field(page: &Answer, name: &str) -> String {
    let begin = format!("name=\"{name}\" value=\"");
    let at = page
        .body
        .find(&begin)
        .unwrap_or_else(|| panic!("{name}: {}", page.body));
    let rest = &page.body[at + begin.len()..];
    rest.split('"').next().unwrap().to_owned()
}

async fn form(browser: &mut Browser<'_>, asked: &Asked) -> Form {
    let leaving = browser.get(&asked.path()).await;
    assert!(leaving.location().starts_with("/login/password?flow="));
    let page = browser.get(leaving.location()).await;
    assert_eq!(page.status, StatusCode::OK);
    Form {
        state: field(&page, "state"),
        token: field(&page, "token"),
    }
}

async fn submit(browser: &mut Browser<'_>, form: &Form, name: &str, password: &str) -> Answer {
    let fields = [
        ("state", form.state.as_str()),
        ("token", &form.token),
        ("username", name),
        ("password", password),
    ];
    browser.post("/login/return/Oidc10", &[], &fields).await
}

async fn log_in(world: &World, name: &str, password: &str) -> Answer {
    let mut browser = Browser::new(world);
    let form = form(&mut browser, &Asked::of(1)).await;
    submit(&mut browser, &form, name, password).await
}

fn asks_again(answer: &Answer) -> bool {
    answer.location().starts_with("/login/password?flow=")
        && answer.location().ends_with("&again=yes")
}

#[rstest]
#[case(LdapSecurity::StartTls)]
#[case(LdapSecurity::Ldaps)]
#[tokio::test]
async fn a_teacher_logs_in_over_tls(#[case] security: LdapSecurity) {
    let Some(slapd) = Slapd::start("localhost").await else {
        return;
    };
    let world = World::new().await;
    connect(&world, registration(&world, &slapd, security)).await;
    let mut browser = Browser::new(&world);
    let shown = form(&mut browser, &Asked::of(1)).await;
    let answer = submit(&mut browser, &shown, " OPETTAJA ", PASSWORD).await;
    let info = released(&mut browser, &answer).await;
    assert_eq!(info["given_name"], "Testi");
    assert_eq!(info["family_name"], "Kuvitteellinen");
    assert!(
        info["urn:mpass.id:role"][0]
            .as_str()
            .unwrap()
            .contains(";00011;;Oppilas;1;")
    );
    // Who it was is what the directory says, not how it was typed.
    assert_eq!(
        world.records()[0].user.as_ref().unwrap().as_str(),
        "opettaja"
    );
}

#[tokio::test]
async fn the_form_speaks_three_languages_keeps_to_itself_and_names_both_sides() {
    let Some(slapd) = Slapd::start("localhost").await else {
        return;
    };
    let world = world(&slapd).await;
    let mut browser = Browser::new(&world);
    let asked = Asked::of(1)
        .with("login_hint", "\"><script>")
        .with("ui_locales", "en");
    let leaving = browser.get(&asked.path()).await;
    let page = browser.get(leaving.location()).await;
    assert!(page.body.contains("<html lang=\"en\">"));
    assert!(page.body.contains("Kuvitteellinen kunta 10"));
    assert!(page.body.contains("Kuvitteellinen palvelu 1"));
    assert!(page.body.contains("type=\"password\""));
    assert!(
        !page.body.contains("\"><script>"),
        "the hint is a value and nothing more"
    );
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("script-src"),
        "{policy}"
    );
    assert!(policy.contains("form-action 'self'"));
    for (language, word) in [("fi", "Salasana"), ("sv", "Lösenord")] {
        let page = browser
            .get(&format!("{}&lang={language}", leaving.location()))
            .await;
        assert!(page.body.contains(word), "{language}");
    }
    Browser::new(&world)
        .get(leaving.location())
        .await
        .assert_problem("FLOW_MISSING");
}

#[tokio::test]
async fn a_wrong_password_is_asked_for_again_and_stands_nowhere() {
    let Some(slapd) = Slapd::start("localhost").await else {
        return;
    };
    let seen = Seen::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(seen.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = world(&slapd).await;
    let mut browser = Browser::new(&world);
    let shown = form(&mut browser, &Asked::of(1)).await;
    for (name, password) in [
        ("opettaja", "not this one"),
        ("nobody at all", "not this one"),
        // A bind without a password would succeed, and prove nothing.
        ("opettaja", ""),
        ("", "not this one"),
    ] {
        let answer = submit(&mut browser, &shown, name, password).await;
        assert!(asks_again(&answer), "{name}");
        let page = browser.get(answer.location()).await;
        assert!(page.body.contains("role=\"alert\""));
        assert!(!page.body.contains("not this one"));
    }
    let answer = submit(&mut browser, &shown, "opettaja", PASSWORD).await;
    let cookies = format!("{:?}", browser.cookies);
    released(&mut browser, &answer).await;
    // The flow is used up now.
    let answer = submit(&mut browser, &shown, "opettaja", PASSWORD).await;
    answer.assert_problem("FLOW_MISSING");
    assert_eq!(world.successes(), 1);
    let text = seen.text();
    assert!(
        text.contains("TRACE") || text.contains("DEBUG") || text.contains("INFO"),
        "something is traced"
    );
    for everything in [&text, &cookies, &format!("{:?}", world.records())] {
        for secret in [PASSWORD, "not this one", READER_PASSWORD] {
            assert!(!everything.contains(secret), "{secret}");
        }
    }
}

#[tokio::test]
async fn what_is_typed_cannot_widen_the_search() {
    let Some(slapd) = Slapd::start("localhost").await else {
        return;
    };
    let world = world(&slapd).await;
    for name in [
        "*",
        "opett*",
        "opettaja)(uid=*",
        "*)(objectClass=*",
        "\\2a",
        "opettaja\0",
    ] {
        let answer = log_in(&world, name, PASSWORD).await;
        assert!(asks_again(&answer), "{name:?}");
    }
    let long = "a".repeat(257);
    assert!(asks_again(&log_in(&world, &long, PASSWORD).await));
    assert!(asks_again(&log_in(&world, "opettaja", &long).await));
}

#[tokio::test]
async fn twenty_wrong_passwords_for_one_user_are_stopped() {
    let Some(slapd) = Slapd::start("localhost").await else {
        return;
    };
    let world = world(&slapd).await;
    let mut answers = Vec::new();
    for number in 0..20 {
        let name = if number % 2 == 0 {
            "opettaja"
        } else {
            "Opettaja "
        };
        answers.push(log_in(&world, name, "wrong").await);
    }
    assert!(answers[..10].iter().all(asks_again));
    for stopped in &answers[10..] {
        stopped.assert_problem("TOO_MANY_ATTEMPTS");
        assert_eq!(stopped.status, StatusCode::TOO_MANY_REQUESTS);
    }
    // Not even the right one is looked at, so that going on tells nothing; others are free.
    log_in(&world, "opettaja", PASSWORD)
        .await
        .assert_problem("TOO_MANY_ATTEMPTS");
    assert!(
        log_in(&world, "user-1", "user-1pwd")
            .await
            .parameter("code")
            .is_some()
    );
    world.pass(901);
    assert!(
        log_in(&world, "opettaja", PASSWORD)
            .await
            .parameter("code")
            .is_some()
    );
}

#[tokio::test]
async fn two_thousand_different_users_from_one_address_log_in_within_ten_minutes() {
    let Some(slapd) = Slapd::start("localhost").await else {
        return;
    };
    let world = world(&slapd).await;
    for number in 0..PUPILS {
        let name = format!("user-{number}");
        let answer = log_in(&world, &name, &format!("{name}pwd")).await;
        assert!(
            answer.parameter("code").is_some(),
            "{name}: {}",
            answer.body
        );
        if number % 4 == 0 {
            world.pass(1);
        }
    }
}

#[tokio::test]
async fn the_form_is_taken_from_its_own_page_and_browser_alone() {
    let Some(slapd) = Slapd::start("localhost").await else {
        return;
    };
    let world = world(&slapd).await;
    let mut browser = Browser::new(&world);
    let shown = form(&mut browser, &Asked::of(1)).await;
    let other = submit(&mut Browser::new(&world), &shown, "opettaja", PASSWORD).await;
    other.assert_problem("FLOW_MISSING");
    let forged = Form {
        state: shown.state.clone(),
        token: "guessed".to_owned(),
    };
    let answer = submit(&mut browser, &forged, "opettaja", PASSWORD).await;
    answer.assert_problem("UPSTREAM_INVALID");
    // In an address a password would be kept by every log on the way.
    let mut browser = Browser::new(&world);
    let shown = form(&mut browser, &Asked::of(1)).await;
    let address = format!(
        "/login/return/Oidc10?state={}&token={}&username=opettaja&password=salasana-%C3%A4",
        shown.state, shown.token
    );
    browser
        .get(&address)
        .await
        .assert_problem("UPSTREAM_INVALID");
}

#[tokio::test]
async fn a_user_may_cancel_and_one_without_a_learner_id_is_told() {
    let Some(slapd) = Slapd::start("localhost").await else {
        return;
    };
    let world = world(&slapd).await;
    let mut browser = Browser::new(&world);
    let shown = form(&mut browser, &Asked::of(1)).await;
    let fields = [
        ("state", shown.state.as_str()),
        ("token", &shown.token),
        ("cancel", "yes"),
    ];
    let answer = browser.post("/login/return/Oidc10", &[], &fields).await;
    answer.assert_problem("UPSTREAM_REFUSED");
    log_in(&world, "numeroton", "salasana")
        .await
        .assert_problem("LEARNER_ID_MISSING");
    assert_eq!(world.refusals(), ["UPSTREAM_REFUSED", "LEARNER_ID_MISSING"]);
}

#[tokio::test]
async fn a_directory_that_is_down_is_an_outage_and_is_used_again_when_it_is_back() {
    let Some(mut slapd) = Slapd::start("localhost").await else {
        return;
    };
    let world = world(&slapd).await;
    assert!(
        log_in(&world, "opettaja", PASSWORD)
            .await
            .parameter("code")
            .is_some()
    );
    slapd.stop();
    log_in(&world, "opettaja", PASSWORD)
        .await
        .assert_problem("UPSTREAM_UNAVAILABLE");
    slapd.run().await;
    assert!(
        log_in(&world, "opettaja", PASSWORD)
            .await
            .parameter("code")
            .is_some()
    );
    // A server that is away is passed over for the next.
    let mut upstream = registration(&world, &slapd, LdapSecurity::StartTls);
    upstream.servers.insert(0, server(1));
    connect(&world, upstream).await;
    assert!(
        log_in(&world, "opettaja", PASSWORD)
            .await
            .parameter("code")
            .is_some()
    );
}

#[tokio::test]
async fn only_the_directory_itself_is_given_a_password() {
    // Another authority's certificate, and another host's.
    let Some(slapd) = Slapd::start("localhost").await else {
        return;
    };
    let world = World::new().await;
    let elsewhere = tempfile::tempdir().unwrap();
    let other = certificates(elsewhere.path(), "localhost");
    for security in [LdapSecurity::StartTls, LdapSecurity::Ldaps] {
        let mut upstream = registration(&world, &slapd, security);
        upstream.trusted_certificates = vec![other.clone()];
        connect(&world, upstream).await;
        log_in(&world, "opettaja", PASSWORD)
            .await
            .assert_problem("UPSTREAM_UNAVAILABLE");
    }
    let Some(slapd) = Slapd::start("another.example.org").await else {
        return;
    };
    connect(&world, registration(&world, &slapd, LdapSecurity::Ldaps)).await;
    log_in(&world, "opettaja", PASSWORD)
        .await
        .assert_problem("UPSTREAM_UNAVAILABLE");
}

#[tokio::test]
async fn a_reading_account_that_is_refused_is_told_as_a_wrong_set_up() {
    let Some(slapd) = Slapd::start("localhost").await else {
        return;
    };
    let world = World::new().await;
    let mut upstream = registration(&world, &slapd, LdapSecurity::StartTls);
    upstream.password = secret(&world, "an old one");
    connect(&world, upstream).await;
    log_in(&world, "opettaja", PASSWORD)
        .await
        .assert_problem("UPSTREAM_NOT_CONFIGURED");
}

/// Everything that was traced.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<u8>>>);

impl Seen {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl std::io::Write for Seen {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> tracing_subscriber::fmt::MakeWriter<'a> for Seen {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
