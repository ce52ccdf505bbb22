//! How a fault is told: once, to the operator, with everything behind it.

use std::io::ErrorKind;

/// An error with all its causes, for the operator's log. Callers from outside are never shown it.
pub fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}

/// Whether an error comes of a full disk or a used-up quota, which somebody can mend while the
/// process goes on.
pub fn is_out_of_space(error: &(dyn std::error::Error + 'static)) -> bool {
    let mut causes = std::iter::successors(Some(error), |error| error.source());
    causes.any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(|cause| {
            matches!(
                cause.kind(),
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("writing `notes` failed")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn every_cause_is_told_once() {
        let error = Outer(std::io::Error::other("the cable is out"));
        assert_eq!(chain(&error), "writing `notes` failed: the cable is out");
    }

    #[test]
    fn a_full_disk_is_found_behind_other_errors() {
        assert!(is_out_of_space(&Outer(ErrorKind::StorageFull.into())));
        assert!(!is_out_of_space(&Outer(ErrorKind::PermissionDenied.into())));
    }
}
