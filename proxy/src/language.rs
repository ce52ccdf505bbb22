//! In which language a page speaks.

use axum::http::{HeaderMap, header};
use domain::value::Language;

/// The language of one tag, such as `sv-FI`; `None` for a language the pages do not speak.
fn of_tag(tag: &str) -> Option<Language> {
    match tag
        .trim()
        .split(['-', '_'])
        .next()?
        .to_ascii_lowercase()
        .as_str()
    {
        "fi" => Some(Language::Fi),
        "sv" => Some(Language::Sv),
        "en" => Some(Language::En),
        _ => None,
    }
}

/// The first language of a list of tags separated by spaces (`ui_locales`) that the pages speak.
pub(crate) fn of_locales(locales: &str) -> Option<Language> {
    locales.split(' ').find_map(of_tag)
}

/// What the browser prefers; Finnish where it says nothing usable.
pub(crate) fn of_browser(headers: &HeaderMap) -> Language {
    let accepted = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|value| value.to_str().ok());
    // Browsers list the most wanted first; the weights only repeat that.
    accepted
        .and_then(|list| {
            list.split(',')
                .find_map(|item| of_tag(item.split(';').next()?))
        })
        .unwrap_or_default()
}

/// The tag of a language.
pub(crate) fn tag(language: Language) -> &'static str {
    match language {
        Language::Fi => "fi",
        Language::Sv => "sv",
        Language::En => "en",
    }
}

/// One text in the three languages.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    pub(crate) fi: &'static str,
    pub(crate) sv: &'static str,
    pub(crate) en: &'static str,
}

impl Words {
    pub(crate) fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Fi => self.fi,
            Language::Sv => self.sv,
            Language::En => self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use rstest::rstest;

    #[rstest]
    #[case("sv-FI,fi;q=0.8", Language::Sv)]
    #[case("de, en-GB;q=0.9", Language::En)]
    #[case("de", Language::Fi)]
    #[case("", Language::Fi)]
    fn the_browsers_first_known_language_is_taken(
        #[case] header: &str,
        #[case] expected: Language,
    ) {
        let mut headers = HeaderMap::new();
        headers.insert(
            header::ACCEPT_LANGUAGE,
            HeaderValue::from_str(header).unwrap(),
        );
        assert_eq!(of_browser(&headers), expected);
    }
}
