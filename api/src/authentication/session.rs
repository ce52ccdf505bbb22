//! The session of a person who signed in.

use crate::Caller;
use domain::time::Instant;
use domain::value::OrganisationOid;
use domain::{PersonId, Right};
use serde::{Deserialize, Serialize};

/// The cookie's name; the prefix binds it to this host, to HTTPS and to every path.
pub(crate) const SESSION_COOKIE: &str = "__Host-trustnet-session";

/// What the session cookie holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    /// The person.
    pub(crate) person: PersonId,
    /// The organisation rights that the issuer's claims gave.
    #[serde(with = "short")]
    pub(crate) rights: Vec<(Right, OrganisationOid)>,
    /// When it ends.
    pub(crate) until: Instant,
}

impl Session {
    /// Who calls under this session; none once it has ended.
    pub(crate) fn caller(&self, now: Instant) -> Option<Caller> {
        (now < self.until).then(|| Caller::Person {
            person: self.person,
            claims: self.rights.clone(),
        })
    }
}

/// Rights in few bytes, for a browser keeps 4,096 of a cookie: a letter for the right, then the
/// organisation without the beginning that all of them have.
mod short {
    use domain::Right;
    use domain::value::OrganisationOid;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    const BRANCH: &str = "1.2.246.562.";
    const LETTERS: [(char, Right); 4] = [
        ('V', Right::Viewer),
        ('M', Right::Manager),
        ('v', Right::ServiceViewer),
        ('m', Right::ServiceManager),
    ];

    pub(super) fn serialize<S: Serializer>(
        rights: &[(Right, OrganisationOid)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let words = rights.iter().filter_map(|(right, organisation)| {
            let (letter, _) = LETTERS.iter().find(|(_, of)| of == right)?;
            let rest = organisation.as_str().strip_prefix(BRANCH)?;
            Some(format!("{letter}{rest}"))
        });
        serializer.serialize_str(&words.collect::<Vec<_>>().join(" "))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(Right, OrganisationOid)>, D::Error> {
        let words = String::deserialize(deserializer)?;
        let rights = words.split_ascii_whitespace().map(|word| {
            let mut rest = word.chars();
            let letter = rest.next()?;
            let (_, right) = LETTERS.iter().find(|(of, _)| *of == letter)?;
            let organisation = format!("{BRANCH}{}", rest.as_str()).parse().ok()?;
            Some((*right, organisation))
        });
        let rights: Option<_> = rights.collect();
        rights.ok_or_else(|| D::Error::custom("a right that is none"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_come_back_as_they_were() {
        let right = |right, oid: &str| (right, oid.parse().unwrap());
        let session = Session {
            person: PersonId(uuid::Uuid::from_u128(1)),
            rights: vec![
                right(Right::Viewer, "1.2.246.562.10.00000000001"),
                right(Right::Manager, "1.2.246.562.99.7"),
                right(Right::ServiceViewer, "1.2.246.562.10.12345678901"),
                right(Right::ServiceManager, "1.2.246.562.10.12345678901"),
            ],
            until: Instant::from_microseconds(7),
        };
        let json = serde_json::to_string(&session).unwrap();
        assert!(json.contains("V10.00000000001 M99.7 v10.12345678901 m10.12345678901"));
        assert_eq!(serde_json::from_str::<Session>(&json).unwrap(), session);
        for broken in ["X10.1", "V", "V10.x"] {
            let json = json.replace("M99.7", broken);
            assert!(serde_json::from_str::<Session>(&json).is_err(), "{broken}");
        }
    }
}
