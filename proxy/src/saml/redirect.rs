//! The HTTP-Redirect binding (SAML Bindings §3.4): a message in an address, compressed, with a
//! signature over the octets of the query as they were sent.

use super::SamlError;
use super::key::{PeerKey, SigningKey};
use super::signature::{Algorithm, decode};
use super::xml::{self, Limits};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use percent_encoding::percent_decode_str;
use std::io::{Read as _, Write as _};

/// Longest query that is looked at, in bytes.
const QUERY_LENGTH_MAX: usize = 32 * 1024;
const DEFLATE: &str = "urn:oasis:names:tc:SAML:2.0:bindings:URL-Encoding:DEFLATE";
/// The parameters that the binding knows.
const NAMES: [&str; 6] = [
    "SAMLRequest",
    "SAMLResponse",
    "RelayState",
    "SigAlg",
    "Signature",
    "SAMLEncoding",
];

/// Which kind of message an address carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `SAMLRequest`.
    Request,
    /// `SAMLResponse`.
    Response,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A message that arrived in an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectMessage {
    /// The message's XML, of which nothing is proven.
    pub xml: String,
    /// What came with it and is to be given back.
    pub relay_state: Option<String>,
    signature: Option<SignedQuery>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct SignedQuery {
    octets: String,
    algorithm: Option<Algorithm>,
    signature: Vec<u8>,
}

/// Reads a query. Each parameter of the binding stands once, under its plain name, and a request
/// does not come together with a response: otherwise what is verified and what is read could be
/// two things (the class of CVE-2025-31335 and CVE-2025-27773).
pub fn read(query: &str, kind: Kind) -> Result<RedirectMessage, SamlError> {
    if query.len() > QUERY_LENGTH_MAX {
        return Err(SamlError::Binding("query is too long"));
    }
    let mut found: [Option<&str>; NAMES.len()] = [None; NAMES.len()];
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let plain = unescape(name)?;
        let Some(place) = NAMES.iter().position(|known| *known == plain) else {
            continue;
        };
        if plain != name {
            return Err(SamlError::Binding("a parameter's name is escaped"));
        }
        if found[place].replace(value).is_some() {
            return Err(SamlError::Binding("a parameter stands twice"));
        }
    }
    let [
        request,
        response,
        relay_state,
        algorithm,
        signature,
        encoding,
    ] = found;
    if request.is_some() && response.is_some() {
        return Err(SamlError::Binding("request and response at once"));
    }
    let message = match kind {
        Kind::Request => request,
        Kind::Response => response,
    };
    let message = message.ok_or(SamlError::Binding("there is no message"))?;
    if let Some(encoding) = encoding
        && unescape(encoding)? != DEFLATE
    {
        return Err(SamlError::Binding("encoding"));
    }
    let signature = match (algorithm, signature) {
        (None, None) => None,
        (Some(algorithm), Some(signature)) => {
            let mut octets = format!("{}={message}", kind.name());
            if let Some(state) = relay_state {
                octets = format!("{octets}&RelayState={state}");
            }
            octets = format!("{octets}&SigAlg={algorithm}");
            let signature = decode(&unescape(signature)?);
            Some(SignedQuery {
                octets,
                algorithm: Algorithm::from_uri(&unescape(algorithm)?),
                signature: signature.ok_or(SamlError::Binding("signature is not base64"))?,
            })
        }
        _ => return Err(SamlError::Binding("half a signature")),
    };
    let octets = decode(&unescape(message)?).ok_or(SamlError::Binding("not base64"))?;
    Ok(RedirectMessage {
        xml: inflate(&octets)?,
        relay_state: relay_state
            .map(unescape)
            .transpose()?
            .filter(|state| !state.is_empty()),
        signature,
    })
}

fn unescape(text: &str) -> Result<String, SamlError> {
    let spaces = text.replace('+', " ");
    percent_decode_str(&spaces)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| SamlError::Binding("not UTF-8"))
}

/// Decompresses, and stops where the limit is passed: a few octets can stand for gigabytes.
fn inflate(octets: &[u8]) -> Result<String, SamlError> {
    let most = Limits::MESSAGE.length;
    let mut inflated = Vec::new();
    let bound = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    DeflateDecoder::new(octets)
        .take(bound)
        .read_to_end(&mut inflated)
        .map_err(|_| SamlError::Binding("not compressed"))?;
    if inflated.len() > most {
        return Err(SamlError::Binding("expands too far"));
    }
    xml::text_of_document(&inflated, Limits::MESSAGE).map(str::to_owned)
}

impl RedirectMessage {
    /// Whether it came with a signature.
    pub fn is_signed(&self) -> bool {
        self.signature.is_some()
    }

    /// Checks its signature by any of `keys`.
    pub fn verify(&self, keys: &[PeerKey]) -> Result<(), SamlError> {
        let signed = self
            .signature
            .as_ref()
            .ok_or(SamlError::Signature("there is none"))?;
        let algorithm = signed.algorithm.ok_or(SamlError::Signature("algorithm"))?;
        let message = signed.octets.as_bytes();
        if keys
            .iter()
            .any(|key| key.verifies(algorithm, message, &signed.signature))
        {
            Ok(())
        } else {
            Err(SamlError::Signature("signature value"))
        }
    }
}

/// The address that carries a message, signed with `key` where one is given.
pub fn address(
    endpoint: &str,
    kind: Kind,
    xml: &str,
    relay_state: Option<&str>,
    key: Option<&SigningKey>,
) -> Result<String, SamlError> {
    let failed = |_| SamlError::Binding("not compressed");
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(xml.as_bytes()).map_err(failed)?;
    let message = STANDARD.encode(encoder.finish().map_err(failed)?);
    let escape = |text: &str| -> String {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let mut query = format!("{}={}", kind.name(), escape(&message));
    if let Some(state) = relay_state {
        query = format!("{query}&RelayState={}", escape(state));
    }
    if let Some(key) = key {
        query = format!("{query}&SigAlg={}", escape(Algorithm::RsaSha256.uri()));
        let signature = key.sign(query.as_bytes())?;
        query = format!("{query}&Signature={}", escape(&STANDARD.encode(signature)));
    }
    let joint = if endpoint.contains('?') { '&' } else { '?' };
    Ok(format!("{endpoint}{joint}{query}"))
}
