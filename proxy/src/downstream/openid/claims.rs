//! The `claims` parameter (OpenID Connect Core §5.5): single claims that a request asks for, each
//! at userinfo or in the ID token.
//!
//! It widens what the scope asks for, and never what the service may receive: the release set and
//! the vetoes stand above it. A claim that is asked for as essential and cannot be given is left
//! out, as §5.5.1 has it; only the user (`sub`) and the context (`acr`) bind the login.

use crate::flow::RequestedContext;
use domain::data_model::Attribute;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Longest parameter that is read, in bytes.
const LENGTH_MAX: usize = 4096;
/// Most values of one claim that are looked at.
const VALUES_MAX: usize = 10;

/// What the parameter asks for, of what is known here.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RequestedClaims {
    /// Attributes to be given at userinfo.
    pub(super) userinfo: BTreeSet<Attribute>,
    /// Attributes to stand in the ID token.
    pub(super) id_token: BTreeSet<Attribute>,
    /// The only user who will do.
    pub(super) subject: Option<String>,
    /// The contexts of which one must be answered, or the login ends.
    pub(super) contexts: Option<Vec<RequestedContext>>,
}

impl RequestedClaims {
    /// Reads the parameter; `None` for what is not a request for claims.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > LENGTH_MAX {
            return None;
        }
        let whole: Map<String, Value> = serde_json::from_str(text).ok()?;
        let member = |name: &str| match whole.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(Value::Object(claims)) => Some(Some(claims)),
            Some(_) => None,
        };
        let (userinfo, id_token) = (member("userinfo")?, member("id_token")?);
        let attributes = |claims: Option<&Map<String, Value>>| -> BTreeSet<Attribute> {
            let names = claims.into_iter().flat_map(Map::keys);
            names.filter_map(|name| attribute(name)).collect()
        };
        let subject = |claims: Option<&Map<String, Value>>| {
            values(claims?.get("sub")?)
                .first()
                .map(|sub| (*sub).to_owned())
        };
        let contexts = id_token
            .and_then(|claims| claims.get("acr"))
            .filter(|acr| acr.get("essential").and_then(Value::as_bool) == Some(true));
        Some(Self {
            userinfo: attributes(userinfo),
            id_token: attributes(id_token),
            subject: subject(id_token).or_else(|| subject(userinfo)),
            contexts: contexts.map(|acr| {
                let wanted = values(acr).into_iter().filter_map(RequestedContext::parse);
                wanted.collect()
            }),
        })
    }
}

/// The attribute that goes by this claim.
fn attribute(claim: &str) -> Option<Attribute> {
    let mut all = Attribute::ALL.into_iter();
    all.find(|attribute| attribute.oidc_claim() == claim)
}

/// `value`, or each of `values`.
fn values(request: &Value) -> Vec<&str> {
    let several = request.get("values").and_then(Value::as_array);
    let one = request.get("value").into_iter();
    let all = one.chain(several.into_iter().flatten());
    all.filter_map(Value::as_str).take(VALUES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[test]
    fn what_is_known_is_taken_and_the_rest_passed_over() {
        let requested = RequestedClaims::parse(
            r#"{"userinfo":{"given_name":{"essential":true},"email":null},
                "id_token":{"family_name":null,"sub":{"value":"somebody"},"auth_time":{"essential":true},
                  "acr":{"essential":true,"values":["urn:mpass.id:authnsource:A","urn:other"]}},
                "other":{"given_name":null}}"#,
        )
        .unwrap();
        let expected = RequestedClaims {
            userinfo: BTreeSet::from([Attribute::GivenName]),
            id_token: BTreeSet::from([Attribute::Surname]),
            subject: Some("somebody".to_owned()),
            contexts: Some(vec![RequestedContext::Source("A".to_owned())]),
        };
        assert_eq!(requested, expected);
        assert_eq!(
            RequestedClaims::parse("{}"),
            Some(RequestedClaims::default())
        );
    }

    #[test]
    fn a_context_that_is_not_essential_binds_nobody() {
        let requested = RequestedClaims::parse(r#"{"id_token":{"acr":{"value":"urn:x"}}}"#);
        assert_eq!(requested.unwrap().contexts, None);
    }

    #[rstest]
    #[case("")]
    #[case("[]")]
    #[case("null")]
    #[case("{")]
    #[case(r#"{"userinfo":[]}"#)]
    #[case(r#"{"id_token":"given_name"}"#)]
    fn anything_else_is_no_request_for_claims(#[case] text: &str) {
        assert_eq!(RequestedClaims::parse(text), None);
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            let _ = RequestedClaims::parse(&text);
        }
    }
}
