//! Faults: errors of GraphQL itself, with a code and without anything of the inside.

use async_graphql::{Error, ErrorExtensions};

fn fault(code: &'static str, message: &str, remedy: &'static str) -> Error {
    Error::new(message).extend_with(|_, extensions| {
        extensions.set("code", code);
        extensions.set("remedy", remedy);
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
