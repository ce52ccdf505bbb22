//! The parameters of a request, each named once.

use crate::problem::Problem;
use axum::http::{HeaderMap, header};

/// Most parameters of one request.
const COUNT_MAX: usize = 60;
/// Longest query or form that is read, in bytes.
pub(crate) const LENGTH_MAX: usize = 16 * 1024;

/// Parameters that were read. A name occurs once: two readers must never see different values.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Reads a query or a form.
    pub(crate) fn parse(text: &[u8]) -> Result<Self, Problem> {
        if text.len() > LENGTH_MAX {
            return Err(Problem::RequestTooLarge);
        }
        let mut parameters: Vec<(String, String)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(text) {
            if parameters.len() == COUNT_MAX || parameters.iter().any(|(known, _)| *known == name) {
                return Err(Problem::InvalidRequest);
            }
            parameters.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(parameters))
    }

    /// Reads a form, of which the request must say that it is one.
    pub(crate) fn of_form(headers: &HeaderMap, body: &[u8]) -> Result<Self, Problem> {
        let kind = headers
            .get(header::CONTENT_TYPE)
            .and_then(|kind| kind.to_str().ok());
        let kind = kind
            .and_then(|kind| kind.split(';').next())
            .unwrap_or_default()
            .trim();
        if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Self::parse(body)
        } else {
            Err(Problem::InvalidRequest)
        }
    }

    /// The value of a name; an empty one counts as absent (RFC 6749 §3.1).
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn as_slice(&self) -> &[(String, String)] {
        &self.0
    }

    /// All parameters but one.
    pub(crate) fn without(&self, name: &str) -> Self {
        let rest = self.0.iter().filter(|(known, _)| known != name);
        Self(rest.cloned().collect())
    }

    /// Whether the name occurs at all, were it with an empty value.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| known == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_stands_once_and_an_empty_value_is_none() {
        let parameters = Parameters::parse(b"a=1&b=&c=%C3%A4+x").unwrap_or_default();
        assert_eq!(parameters.get("a"), Some("1"));
        assert_eq!(parameters.get("b"), None);
        assert_eq!(parameters.get("c"), Some("ä x"));
        for text in ["a=1&a=1", "a=1&%61=2", "a&a"] {
            assert!(Parameters::parse(text.as_bytes()).is_err(), "{text}");
        }
        let many: Vec<_> = (0..61).map(|number| format!("p{number}=")).collect();
        assert!(Parameters::parse(many.join("&").as_bytes()).is_err());
        assert!(Parameters::parse(&vec![b'a'; LENGTH_MAX + 1]).is_err());
    }
}
