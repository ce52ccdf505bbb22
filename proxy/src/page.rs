//! The pages people see: plain HTML that works without scripts, in three languages.

use crate::language::{Words, tag};
use crate::problem::Problem;
use askama::Template;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::value::Language;

/// The style sheet of every page.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");
/// Where it is served.
pub(crate) const STYLE_PATH: &str = "/login/style.css";

/// The words around the content.
struct Frame {
    language: &'static str,
    title: String,
    style: &'static str,
}

impl Frame {
    fn new(language: Language, title: &str) -> Self {
        Self {
            language: tag(language),
            title: title.to_owned(),
            style: STYLE_PATH,
        }
    }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    frame: Frame,
    what: &'a str,
    who: &'a str,
    code_label: &'a str,
    code: &'a str,
    correlation_label: &'a str,
    correlation: &'a str,
    links: &'a [Link],
}

/// Somewhere to go on from a page.
pub(crate) struct Link {
    pub(crate) address: String,
    pub(crate) text: &'static str,
}

/// One line of the choice page.
pub(crate) struct Choice {
    pub(crate) address: String,
    pub(crate) name: String,
    pub(crate) detail: Option<String>,
}

#[derive(Template)]
#[template(path = "choose.html")]
struct ChoosePage<'a> {
    frame: Frame,
    service: &'a str,
    service_label: &'a str,
    search_label: &'a str,
    search_button: &'a str,
    search_path: &'a str,
    flow: &'a str,
    query: &'a str,
    nothing: &'a str,
    more: Option<&'a str>,
    choices: &'a [Choice],
    languages: &'a [Link],
}

#[derive(Template)]
#[template(path = "post.html")]
struct PostPage<'a> {
    frame: Frame,
    address: &'a str,
    fields: &'a [(String, String)],
    button: &'a str,
    nonce: &'a str,
}

#[derive(Template)]
#[template(path = "logout.html")]
struct LogoutPage<'a> {
    frame: Frame,
    text: &'a str,
    still_open: Option<&'a str>,
    home_label: &'a str,
    home: Option<&'a str>,
    confirm: Option<&'a Confirm<'a>>,
    links: &'a [Link],
}

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage<'a> {
    frame: Frame,
    asking: &'a AskPassword<'a>,
    service_label: &'a str,
    username_label: &'a str,
    password_label: &'a str,
    button: &'a str,
    cancel: &'a str,
    wrong: &'a str,
}

/// The languages of every page, each by its own name.
pub(crate) const LANGUAGES: [(Language, &str); 3] = [
    (Language::Fi, "Suomeksi"),
    (Language::Sv, "På svenska"),
    (Language::En, "In English"),
];

/// What the form for name and password shows.
pub(crate) struct AskPassword<'a> {
    pub(crate) home: &'a str,
    pub(crate) service: &'a str,
    pub(crate) address: &'a str,
    pub(crate) flow: &'a str,
    pub(crate) token: &'a str,
    pub(crate) username: &'a str,
    /// Whether name and password did not belong together.
    pub(crate) again: bool,
    pub(crate) onward: &'static str,
    pub(crate) languages: &'a [Link],
}

/// The question whether to log out.
pub(crate) struct Confirm<'a> {
    pub(crate) address: &'a str,
    pub(crate) fields: &'a [(String, String)],
    pub(crate) button: &'static str,
}

/// A page with its headers. Nothing is loaded from elsewhere, framed, cached, or told to others.
fn page(
    status: StatusCode,
    body: &impl Template,
    script_nonce: Option<&str>,
    forms: &str,
) -> Response {
    let Ok(html) = body.render() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let script = script_nonce.map(|nonce| format!("script-src 'nonce-{nonce}'; "));
    let policy = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; {}form-action {forms}; \
         frame-ancestors 'none'; base-uri 'none'",
        script.unwrap_or_default()
    );
    let mut response = (status, html).into_response();
    let headers = response.headers_mut();
    let fixed = HeaderValue::from_static;
    headers.insert(header::CONTENT_TYPE, fixed("text/html; charset=utf-8"));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// The headers that every answer has.
pub(crate) const SAFE_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Says why a login ended.
pub(crate) fn problem(
    problem: Problem,
    correlation: &str,
    language: Language,
    links: &[Link],
) -> Response {
    let title = Words {
        fi: "Kirjautuminen ei onnistunut",
        sv: "Inloggningen misslyckades",
        en: "The login did not succeed",
    };
    let code_label = Words {
        fi: "Virhekoodi",
        sv: "Felkod",
        en: "Error code",
    };
    let correlation_label = Words {
        fi: "Tunniste, jolla tapaus löytyy lokista",
        sv: "Identifikation som händelsen hittas med i loggen",
        en: "Identifier by which the case is found in the log",
    };
    let body = ProblemPage {
        frame: Frame::new(language, title.in_language(language)),
        what: problem.what().in_language(language),
        who: problem.who().in_language(language),
        code_label: code_label.in_language(language),
        code: problem.code(),
        correlation_label: correlation_label.in_language(language),
        correlation,
        links,
    };
    page(problem.status(), &body, None, "'none'")
}

/// What the choice page shows.
pub(crate) struct Choosing<'a> {
    pub(crate) service: &'a str,
    pub(crate) path: &'a str,
    pub(crate) flow: &'a str,
    pub(crate) query: &'a str,
    pub(crate) choices: &'a [Choice],
    pub(crate) is_cut: bool,
    pub(crate) languages: &'a [Link],
}

/// Lets the user choose where to log in.
pub(crate) fn choose(choosing: &Choosing<'_>, language: Language) -> Response {
    let title = Words {
        fi: "Valitse koulusi tai organisaatiosi",
        sv: "Välj din skola eller organisation",
        en: "Choose your school or organisation",
    };
    let service_label = Words {
        fi: "Kirjaudut palveluun",
        sv: "Du loggar in i tjänsten",
        en: "You are logging in to",
    };
    let search = Words {
        fi: "Hae nimellä",
        sv: "Sök med namn",
        en: "Search by name",
    };
    let button = Words {
        fi: "Hae",
        sv: "Sök",
        en: "Search",
    };
    let nothing = Words {
        fi: "Yhtään organisaatiota ei löytynyt.",
        sv: "Inga organisationer hittades.",
        en: "No organisation was found.",
    };
    let more = Words {
        fi: "Kaikki eivät mahdu luetteloon: hae nimellä.",
        sv: "Alla ryms inte i listan: sök med namn.",
        en: "Not all fit into the list: search by name.",
    };
    let body = ChoosePage {
        frame: Frame::new(language, title.in_language(language)),
        service: choosing.service,
        service_label: service_label.in_language(language),
        search_label: search.in_language(language),
        search_button: button.in_language(language),
        search_path: choosing.path,
        flow: choosing.flow,
        query: choosing.query,
        nothing: nothing.in_language(language),
        more: choosing.is_cut.then(|| more.in_language(language)),
        choices: choosing.choices,
        languages: choosing.languages,
    };
    page(StatusCode::OK, &body, None, "'self'")
}

/// Where a form may lead whose answer sends the browser on to another site: browsers hold the
/// redirects that follow a form against the page's policy, and which services redirect whereto is
/// not ours to know. `issuer` tells whether plain http is spoken here at all.
pub(crate) fn onward(issuer: &str) -> &'static str {
    if issuer.starts_with("https:") {
        "'self' https:"
    } else {
        "'self' https: http:"
    }
}

/// Sends the browser on with a form, by itself where scripts run and by a button where not.
pub(crate) fn post(
    address: &str,
    origin: &str,
    fields: &[(String, String)],
    nonce: &str,
    language: Language,
) -> Response {
    let title = Words {
        fi: "Siirrytään palveluun",
        sv: "Till tjänsten",
        en: "On to the service",
    };
    let button = Words {
        fi: "Jatka",
        sv: "Fortsätt",
        en: "Continue",
    };
    let body = PostPage {
        frame: Frame::new(language, title.in_language(language)),
        address,
        fields,
        button: button.in_language(language),
        nonce,
    };
    page(StatusCode::OK, &body, Some(nonce), origin)
}

/// Asks for name and password.
pub(crate) fn ask_password(asking: &AskPassword<'_>, language: Language) -> Response {
    let title = Words {
        fi: "Kirjaudu sisään",
        sv: "Logga in",
        en: "Log in",
    };
    let service_label = Words {
        fi: "Kirjaudut palveluun",
        sv: "Du loggar in i tjänsten",
        en: "You are logging in to",
    };
    let username_label = Words {
        fi: "Käyttäjätunnus",
        sv: "Användarnamn",
        en: "User name",
    };
    let password_label = Words {
        fi: "Salasana",
        sv: "Lösenord",
        en: "Password",
    };
    let cancel = Words {
        fi: "Keskeytä",
        sv: "Avbryt",
        en: "Cancel",
    };
    let wrong = Words {
        fi: "Käyttäjätunnus ja salasana eivät vastaa toisiaan. Yritä uudelleen.",
        sv: "Användarnamnet och lösenordet hör inte ihop. Försök igen.",
        en: "User name and password do not belong together. Try again.",
    };
    let body = PasswordPage {
        frame: Frame::new(language, title.in_language(language)),
        asking,
        service_label: service_label.in_language(language),
        username_label: username_label.in_language(language),
        password_label: password_label.in_language(language),
        button: title.in_language(language),
        cancel: cancel.in_language(language),
        wrong: wrong.in_language(language),
    };
    page(StatusCode::OK, &body, None, asking.onward)
}

/// How far a log-out got.
pub(crate) enum LogOut<'a> {
    /// The user is asked first.
    Asked(Confirm<'a>),
    /// The login of this browser was ended.
    Ended {
        /// The home organisation it came from, where that is still known.
        home: Option<&'a str>,
    },
    /// There was none to end.
    NothingFound,
}

/// Asks whether to log out, or says what was ended and what was not.
pub(crate) fn logout(log_out: &LogOut<'_>, links: &[Link], language: Language) -> Response {
    let title = Words {
        fi: "Uloskirjautuminen",
        sv: "Utloggning",
        en: "Log out",
    };
    let text = match log_out {
        LogOut::Asked(_) => Words {
            fi: "Haluatko päättää kirjautumisesi luottamusverkostoon?",
            sv: "Vill du avsluta din inloggning i förtroendenätet?",
            en: "Do you want to end your login to the trust network?",
        },
        LogOut::Ended { .. } => Words {
            fi: "Kirjautumisesi luottamusverkostoon on päättynyt: uuteen palveluun ei enää pääse tästä selaimesta kirjautumatta uudelleen.",
            sv: "Din inloggning i förtroendenätet har avslutats: från den här webbläsaren kommer man inte längre in i en ny tjänst utan att logga in igen.",
            en: "Your login to the trust network has ended: no further service opens in this browser without a new login.",
        },
        LogOut::NothingFound => Words {
            fi: "Tässä selaimessa ei ollut kirjautumista luottamusverkostoon, joten mitään ei päätetty.",
            sv: "I den här webbläsaren fanns ingen inloggning i förtroendenätet, så ingenting avslutades.",
            en: "This browser had no login to the trust network, so nothing was ended.",
        },
    };
    let still_open = Words {
        fi: "Näitä ei päätetty: palvelut, joihin olet jo kirjautunut, ja kirjautumisesi kotiorganisaatioosi. Jos laite on yhteiskäytössä, kirjaudu ulos myös niistä ja sulje selain.",
        sv: "Detta avslutades inte: tjänster som du redan är inloggad i och inloggningen i din hemorganisation. Om enheten är gemensam, logga ut från dem också och stäng webbläsaren.",
        en: "This was not ended: the services you are already logged in to, and the login at your home organisation. If this device is shared, log out of them too and close the browser.",
    };
    let home = match log_out {
        LogOut::Ended { home } => *home,
        LogOut::Asked(_) | LogOut::NothingFound => None,
    };
    let home_label = Words {
        fi: "Kotiorganisaatio",
        sv: "Hemorganisation",
        en: "Home organisation",
    };
    let confirm = match log_out {
        LogOut::Asked(confirm) => Some(confirm),
        LogOut::Ended { .. } | LogOut::NothingFound => None,
    };
    let body = LogoutPage {
        frame: Frame::new(language, title.in_language(language)),
        text: text.in_language(language),
        still_open: confirm.is_none().then(|| still_open.in_language(language)),
        home_label: home_label.in_language(language),
        home,
        confirm,
        links,
    };
    page(StatusCode::OK, &body, None, "'self'")
}
