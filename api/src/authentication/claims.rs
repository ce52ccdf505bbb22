//! Organisation rights from the sign-in issuer's claims, in the form of the Finnish National
//! Agency for Education: `APP_MPASSID_<RIGHT>_<organisation OID>` (domain facts B.2).
//!
//! A name is read exactly, part by part: `PALVELU_TALLENTAJA` has an underscore of its own, and a
//! name that merely contains a right's word is no right.

use domain::Right;
use domain::value::OrganisationOid;

const APPLICATION: &str = "APP_MPASSID_";

/// The rights, the longest name first where one ends in another.
const RIGHTS: [(&str, Right); 4] = [
    ("PALVELU_TALLENTAJA", Right::ServiceManager),
    ("PALVELU_KATSELIJA", Right::ServiceViewer),
    ("TALLENTAJA", Right::Manager),
    ("KATSELIJA", Right::Viewer),
];

/// The right that a claim's value names, with its organisation. A right without an organisation
/// gives nothing: it would read as a right for all of them.
pub(crate) fn right(value: &str) -> Option<(Right, OrganisationOid)> {
    let rest = value.strip_prefix(APPLICATION)?;
    RIGHTS.iter().find_map(|(name, right)| {
        let oid = rest.strip_prefix(name)?.strip_prefix('_')?;
        let parsed: OrganisationOid = oid.parse().ok()?;
        (parsed.as_str() == oid).then_some((*right, parsed))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const OID: &str = "1.2.246.562.99.00000000001";

    #[rstest]
    #[case("KATSELIJA", Right::Viewer)]
    #[case("TALLENTAJA", Right::Manager)]
    #[case("PALVELU_KATSELIJA", Right::ServiceViewer)]
    #[case("PALVELU_TALLENTAJA", Right::ServiceManager)]
    fn reads(#[case] name: &str, #[case] expected: Right) {
        let claim = format!("APP_MPASSID_{name}_{OID}");
        assert_eq!(right(&claim), Some((expected, OID.parse().unwrap())));
    }

    #[rstest]
    #[case("APP_MPASSID_TALLENTAJA")]
    #[case("APP_MPASSID_TALLENTAJA_")]
    #[case("ROLE_APP_MPASSID_TALLENTAJA_1.2.246.562.99.00000000001")]
    #[case("APP_MPASSID_TALLENTAJAX_1.2.246.562.99.00000000001")]
    #[case("APP_MPASSID_XTALLENTAJA_1.2.246.562.99.00000000001")]
    #[case("APP_MPASSID_PALVELU_1.2.246.562.99.00000000001")]
    #[case("APP_MPASSID_OPERATOR_1.2.246.562.99.00000000001")]
    #[case("APP_MPASSID_TALLENTAJA_1.2.246.562.99.00000000001 ")]
    #[case("APP_MPASSID_TALLENTAJA_1.2.3")]
    #[case("app_mpassid_TALLENTAJA_1.2.246.562.99.00000000001")]
    #[case("APP_OTHER_TALLENTAJA_1.2.246.562.99.00000000001")]
    fn gives_nothing(#[case] claim: &str) {
        assert_eq!(right(claim), None);
    }
}
