//! X.509 certificates of peers.

use super::Invalid;
use super::text::string_in_json;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::sync::Arc;
use time::OffsetDateTime;
use x509_parser::prelude::{FromDer, X509Certificate};

const BASE64_LENGTH_MAX: usize = 16_384;
const PEM_BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const PEM_END: &str = "-----END CERTIFICATE-----";

const INVALID: Invalid = Invalid::new(
    "certificate",
    "one X.509 certificate, PEM or base64, of at most 16384 characters",
    "Copy the certificate alone, without its private key and without a chain",
);

/// An X.509 certificate, parsed, kept as DER and as base64 without armour.
///
/// Its dates inform: a certificate that is not yet valid, expired or close to its end is accepted with a warning,
/// and only one that cannot be read is refused (management service, field rules).
#[derive(Clone)]
pub struct Certificate(Arc<Parsed>);

struct Parsed {
    base64: String,
    der: Vec<u8>,
    not_before: OffsetDateTime,
    not_after: OffsetDateTime,
}

impl Certificate {
    /// Longest base64 text, in characters.
    pub const LENGTH_MAX: usize = BASE64_LENGTH_MAX;

    /// Reads PEM or bare base64; armour and white space are dropped.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        // Twice the bound leaves room for armour and for every kind of line break.
        if text.len() > BASE64_LENGTH_MAX * 2 {
            return Err(INVALID);
        }
        let body = text.trim();
        let body = match body.strip_prefix(PEM_BEGIN) {
            Some(armoured) => armoured.strip_suffix(PEM_END).ok_or(INVALID)?,
            None => body,
        };
        let compact: String = body
            .chars()
            .filter(|character| !character.is_whitespace())
            .collect();
        if compact.len() > BASE64_LENGTH_MAX {
            return Err(INVALID);
        }
        Self::from_der(&STANDARD.decode(compact).map_err(|_| INVALID)?)
    }

    /// Reads the DER octets, which must hold one certificate and nothing after it.
    pub fn from_der(der: &[u8]) -> Result<Self, Invalid> {
        let base64 = STANDARD.encode(der);
        if base64.len() > BASE64_LENGTH_MAX {
            return Err(INVALID);
        }
        let (rest, certificate) = X509Certificate::from_der(der).map_err(|_| INVALID)?;
        if !rest.is_empty() {
            return Err(INVALID);
        }
        let validity = certificate.validity();
        let (not_before, not_after) = (
            validity.not_before.to_datetime(),
            validity.not_after.to_datetime(),
        );
        Ok(Self(Arc::new(Parsed {
            base64,
            der: der.to_vec(),
            not_before,
            not_after,
        })))
    }

    /// The certificate in base64, without armour and line breaks.
    pub fn as_str(&self) -> &str {
        &self.0.base64
    }

    /// The certificate's DER octets.
    pub fn der(&self) -> &[u8] {
        &self.0.der
    }

    /// The instant from which it is valid.
    pub fn not_before(&self) -> OffsetDateTime {
        self.0.not_before
    }

    /// The last instant at which it is valid.
    pub fn not_after(&self) -> OffsetDateTime {
        self.0.not_after
    }

    /// Whether it is valid at `instant`.
    pub fn is_valid_at(&self, instant: OffsetDateTime) -> bool {
        (self.0.not_before..=self.0.not_after).contains(&instant)
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.0.der == other.0.der
    }
}

impl Eq for Certificate {}

impl PartialOrd for Certificate {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Certificate {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.der.cmp(&other.0.der)
    }
}

impl std::hash::Hash for Certificate {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.der.hash(state);
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "Certificate({} bytes, until {})",
            self.0.der.len(),
            self.0.not_after
        )
    }
}

impl fmt::Display for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

string_in_json!(
    Certificate,
    "X.509 certificate: base64 of its DER, PEM armour accepted",
    BASE64_LENGTH_MAX,
    None
);
