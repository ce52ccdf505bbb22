//! Checks that both sides share.

use crate::value::{Certificate, Invalid, WebAddress};
use crate::{Environment, Rejection};

/// The certificates of one configuration together, in characters of base64, so that the event that
/// carries them stays far below the largest event of the log.
const CERTIFICATES_LENGTH_MAX: usize = 32_000;

/// How strictly a configuration is read: a person can mend what they give, an import takes over
/// what another system already runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Strictness {
    Given,
    Imported,
}

/// Metadata of another peer than the one that was named.
pub(super) fn another_entity(field: String) -> Rejection {
    Rejection::new("ENTITY_ID_DIFFERS", "the metadata are another entity's")
        .field(field)
        .remedy("check the entity ID and the address of the metadata")
}

/// Whether certificates are few enough for one event.
pub(super) fn certificates_fit<'a>(
    certificates: impl IntoIterator<Item = &'a Certificate>,
    field: impl FnOnce() -> String,
) -> Result<(), Rejection> {
    let length: usize = certificates
        .into_iter()
        .map(|certificate| certificate.as_str().len())
        .sum();
    if length <= CERTIFICATES_LENGTH_MAX {
        return Ok(());
    }
    Err(Rejection::new(
        "TOO_MANY",
        format!(
            "the certificates have {length} characters together; {CERTIFICATES_LENGTH_MAX} fit"
        ),
    )
    .field(field())
    .remedy("leave out certificates that are no longer used"))
}

/// Refuses an address that production does not take: without https, or of this machine.
pub(super) fn for_environment(
    environment: Environment,
    address: &WebAddress,
    field: impl FnOnce() -> String,
) -> Result<(), Rejection> {
    if environment != Environment::Production {
        return Ok(());
    }
    address
        .check_production()
        .map_err(|invalid| not_for_production(invalid, field()))
}

pub(super) fn not_for_production(invalid: Invalid, field: String) -> Rejection {
    Rejection::new("ADDRESS_NOT_FOR_PRODUCTION", invalid.to_string())
        .field(field)
        .remedy("give a public https address")
        .rule("management service, field rules")
}

pub(super) fn too_many(field: String, most: usize) -> Rejection {
    Rejection::new("TOO_MANY", format!("at most {most} entries are taken"))
        .field(field)
        .remedy("leave out what is not needed")
}
