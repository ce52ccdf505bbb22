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
    confirm: Option<Confirm<'a>>,
    links: &'a [Link],
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

/// Asks whether to log out, or says what was ended and what was not.
pub(crate) fn logout(confirm: Option<Confirm<'_>>, links: &[Link], language: Language) -> Response {
    let title = Words {
        fi: "Uloskirjautuminen",
        sv: "Utloggning",
        en: "Log out",
    };
    let ask = Words {
        fi: "Haluatko päättää kirjautumisesi luottamusverkostoon?",
        sv: "Vill du avsluta din inloggning i förtroendenätet?",
        en: "Do you want to end your login to the trust network?",
    };
    let ended = Words {
        fi: "Kirjautumisesi luottamusverkostoon on päättynyt. Palvelut, joihin olet jo kirjautunut, ja kotiorganisaatiosi kirjautuminen ovat yhä auki: kirjaudu ulos myös niistä, jos käytät yhteistä laitetta.",
        sv: "Din inloggning i förtroendenätet har avslutats. Tjänster som du redan är inloggad i och din hemorganisations inloggning är fortfarande öppna: logga ut från dem också om du använder en gemensam enhet.",
        en: "Your login to the trust network has ended. The services you are already logged in to, and the login at your home organisation, are still open: log out of them too if you share this device.",
    };
    let text = if confirm.is_some() { ask } else { ended };
    let body = LogoutPage {
        frame: Frame::new(language, title.in_language(language)),
        text: text.in_language(language),
        confirm,
        links,
    };
    page(StatusCode::OK, &body, None, "'self'")
}
