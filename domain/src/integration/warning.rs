//! What somebody should look at: certificates and keys near their end, and what an import brought
//! in incomplete. Warnings are data, never a refusal.

use super::{
    Blocker, ClientProtocol, HomeUpstream, Integration, IntegrationState, Side, blockers,
    membership_windows, overlapping_integrations,
};
use crate::time::{Date, Instant};
use crate::value::{Certificate, ShortText};
use crate::{Environment, IntegrationId, Network};
use serde::{Deserialize, Serialize};

/// How long before its end a certificate or key is worth a warning (management service, field
/// rules).
const MONTHS_AHEAD: u16 = 6;

/// Something about an integration that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Warning {
    /// It lacks something without which it does not route.
    Blocked(Blocker),
    /// It is in use, and its organisation is no member in the role that it needs: it does not
    /// route.
    NotAMember,
    /// A certificate is not valid yet.
    CertificateNotYetValid {
        /// The first instant at which it is.
        from: Instant,
    },
    /// A certificate expired.
    CertificateExpired {
        /// The last instant at which it was valid.
        at: Instant,
    },
    /// A certificate expires within six months.
    CertificateExpiresSoon {
        /// The last instant at which it is valid.
        at: Instant,
    },
    /// A client key expired, or does so within six months.
    ClientKeyExpires {
        /// The last day on which it is valid.
        on: Date,
    },
    /// A school leads to another integration of the same organisation too.
    SchoolsOverlap {
        /// The other.
        with: IntegrationId,
    },
    /// Nobody is recorded to provide its service.
    ServiceWithoutOrganisation,
    /// Its service is recorded for another environment.
    ServiceOfAnotherEnvironment,
    /// An import brought fields that nothing here has a place for.
    UnknownFields(Vec<ShortText>),
    /// An import permitted clients that nobody here knows.
    UnknownClientsPermitted(Vec<ShortText>),
}

/// The warnings about an integration at `now`; none about an inactive one.
pub fn warnings(network: &Network, integration: IntegrationId, now: Instant) -> Vec<Warning> {
    let row = network.integrations.get(integration);
    let Some(row) = row.filter(|row| row.state != IntegrationState::Inactive) else {
        return Vec::new();
    };
    let missing = blockers(network, row).into_iter();
    let mut found: Vec<Warning> = missing.map(Warning::Blocked).collect();
    let member = || {
        let windows = membership_windows(network, row);
        windows.iter().any(|window| window.holds_at(now))
    };
    if row.environment.needs_membership() && row.is_in_use_at(now) && !member() {
        found.push(Warning::NotAMember);
    }
    let certificates = certificates(row);
    found.extend(
        certificates.filter_map(|certificate| certificate_warning(network, certificate, now)),
    );
    match &row.side {
        Side::Home(home) => {
            if let HomeUpstream::EntraId(entra) = &home.configuration.upstream
                && let Some(on) = entra.client_key_valid_until
                && on < network.date(now).plus_months(MONTHS_AHEAD)
            {
                found.push(Warning::ClientKeyExpires { on });
            }
            if row.environment == Environment::Production {
                let others = overlapping_integrations(
                    network,
                    &row.organisation,
                    &home.discovery,
                    Some(integration),
                );
                found.extend(
                    others
                        .into_iter()
                        .map(|with| Warning::SchoolsOverlap { with }),
                );
            }
            if !home.permissions.unknown.is_empty() {
                let unknown = home.permissions.unknown.clone();
                found.push(Warning::UnknownClientsPermitted(unknown));
            }
        }
        Side::Service(client) => {
            if let Some(service) = network.services.get(client.service) {
                if service.organisation.is_none() {
                    found.push(Warning::ServiceWithoutOrganisation);
                }
                if service
                    .environment
                    .is_some_and(|only| only != row.environment)
                {
                    found.push(Warning::ServiceOfAnotherEnvironment);
                }
            }
        }
    }
    if !row.unknown_fields.is_empty() {
        found.push(Warning::UnknownFields(row.unknown_fields.clone()));
    }
    found
}

/// The certificates of the version that routes.
fn certificates(row: &Integration) -> impl Iterator<Item = &Certificate> {
    let none: &[Certificate] = &[];
    let (signing, encryption) = match &row.side {
        Side::Home(home) => {
            let saml = home.configuration.upstream.saml();
            let metadata = saml.and_then(|saml| saml.metadata.as_ref());
            let signing = metadata.map(|metadata| metadata.signing_certificates.as_slice());
            (signing.unwrap_or(none), none)
        }
        Side::Service(client) => match &client.configuration.protocol {
            ClientProtocol::Saml(saml) => (
                saml.signing_certificates.as_slice(),
                saml.encryption_certificates.as_slice(),
            ),
            ClientProtocol::OpenIdConnect(_) => (none, none),
        },
    };
    signing.iter().chain(encryption)
}

/// What is worth saying about a certificate's dates at `now`.
fn certificate_warning(
    network: &Network,
    certificate: &Certificate,
    now: Instant,
) -> Option<Warning> {
    let from = Instant::from(certificate.not_before());
    let at = Instant::from(certificate.not_after());
    if now < from {
        return Some(Warning::CertificateNotYetValid { from });
    }
    if at < now {
        return Some(Warning::CertificateExpired { at });
    }
    let soon = network.date(now).plus_months(MONTHS_AHEAD);
    (network.date(at) < soon).then_some(Warning::CertificateExpiresSoon { at })
}
