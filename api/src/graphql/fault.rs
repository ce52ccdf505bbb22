//! Faults: errors of GraphQL itself, with a code and without anything of the inside.

use crate::http::rate;
use async_graphql::{Error, ErrorExtensions, Result, ServerError};
use std::time::Duration;

fn fault(code: &'static str, message: &str, remedy: impl Into<async_graphql::Value>) -> Error {
    let remedy = remedy.into();
    Error::new(message).extend_with(|_, extensions| {
        extensions.set("code", code);
        extensions.set("remedy", remedy.clone());
    })
}

/// Gives an error that comes from async-graphql itself its code and its remedy: the document or a
/// value in it is wrong. An error of Rust that a resolver passed on as it was is none of the
/// caller's business, and is replaced.
pub(crate) fn explain(error: &mut ServerError) {
    let extensions = error.extensions.get_or_insert_default();
    if extensions.get("code").is_some() {
        return;
    }
    if error.source.is_some() {
        tracing::error!(fault = %error.message, path = ?error.path, "Answering a field failed");
        let opaque = unavailable().into_server_error(async_graphql::Pos::default());
        error.message = opaque.message;
        error.extensions = opaque.extensions;
        return;
    }
    extensions.set("code", "BAD_REQUEST");
    extensions.set("remedy", remedy(&error.message));
}

fn remedy(message: &str) -> &'static str {
    match message {
        "Query is too complex." => {
            "ask for fewer rows by `first`, for fewer lists in each other, or in several requests"
        }
        "Query is nested too deep." => "ask in several requests, each from a node by its `id`",
        _ => "hold the document against the schema, which `trustnet schema` prints",
    }
}

/// Runs what reads the disk where it holds nobody else up. If it panics, the caller hears only that
/// there is no answer.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(
            panicked = error.is_panic(),
            "Reading for an answer ended early"
        );
        unavailable()
    })
}

/// Nobody is signed in.
pub(crate) fn unauthenticated() -> Error {
    fault(
        "UNAUTHENTICATED",
        "nobody is signed in",
        "sign in at /sign-in, or send a machine credential as a bearer token",
    )
}

/// The caller may not ask for this field.
pub(crate) fn forbidden_field(parent: &str, name: &str) -> Error {
    fault(
        "FORBIDDEN",
        &format!("this caller may not ask for `{parent}.{name}`"),
        "leave the field out, or ask somebody who holds the right; `me` lists yours",
    )
}

/// The log is not that long yet.
pub(crate) fn position_not_reached(position: u64) -> Error {
    fault(
        "POSITION_NOT_REACHED",
        &format!("position {position} is not in the answer yet"),
        "ask again in a moment, or without `minPosition`",
    )
}

/// Too many requests at once.
pub(crate) fn rate_limited(wait: Duration) -> Error {
    fault(
        rate::RATE_LIMITED,
        "too many requests at once",
        rate::remedy(wait),
    )
}

/// One connection carries no more.
pub(crate) fn connection_full(operations_max: usize) -> Error {
    fault(
        "BUSY",
        &format!("the connection carries {operations_max} operations already"),
        "complete one of them first",
    )
}

/// An instant of the future is asked about as if it had been.
pub(crate) fn yet_to_come() -> Error {
    fault(
        "POSITION_NOT_REACHED",
        "`asOf` names an instant that is yet to come",
        "give a past instant, or ask about a coming day by `validOn`",
    )
}

/// Too much at once.
pub(crate) fn busy() -> Error {
    fault(
        "BUSY",
        "more is asked for than can be answered now",
        "try again in a moment",
    )
}

/// The ledger cannot record.
pub(crate) fn unavailable() -> Error {
    fault(
        "UNAVAILABLE",
        "the ledger cannot answer now",
        "try again later; /health/ready says when",
    )
}

/// What was asked cannot be asked in this way.
pub(crate) fn bad_request(message: &str, remedy: &'static str) -> Error {
    fault("BAD_REQUEST", message, remedy)
}

/// The text is no cursor of the list.
pub(crate) fn not_a_cursor() -> Error {
    bad_request(
        "this is no cursor of this list",
        "give a cursor of an earlier page",
    )
}

/// No open request gives the right to look.
pub(crate) fn disclosure_closed() -> Error {
    fault(
        "DISCLOSURE_CLOSED",
        "no open request lets the log be searched for this",
        "record a request with its legal basis by `requestLogDisclosure`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn shown(error: &ServerError) -> Value {
        serde_json::to_value(error).unwrap()
    }

    #[test]
    fn an_error_of_the_inside_is_not_shown() {
        let inside = std::io::Error::other("/var/lib/somewhere: secret");
        let mut error = Error::from(inside).into_server_error(async_graphql::Pos::default());
        explain(&mut error);
        let shown = shown(&error);
        assert!(!shown.to_string().contains("somewhere"), "{shown}");
        assert_eq!(shown["extensions"]["code"], "UNAVAILABLE", "{shown}");
    }

    #[test]
    fn an_error_with_a_code_is_left_as_it_is() {
        let mut error = busy().into_server_error(async_graphql::Pos::default());
        let before = shown(&error);
        explain(&mut error);
        assert_eq!(shown(&error), before);
    }

    #[tokio::test]
    async fn a_panic_is_not_shown() {
        let asked = blocking(|| -> u8 { panic!("words of the inside") }).await;
        let error = asked.unwrap_err();
        let shown = shown(&error.into_server_error(async_graphql::Pos::default()));
        assert!(!shown.to_string().contains("inside"), "{shown}");
        assert_eq!(
            shown["extensions"],
            json!({ "code": "UNAVAILABLE", "remedy": "try again later; /health/ready says when" })
        );
    }
}
