//! SAML 2.0: our own small model of the messages that a hub sends and reads.
//!
//! Everything here is without I/O: octets in, a message or a reason out, and the other way.
//! Which endpoint a message belongs to, and what it may lead to, is the affair of
//! `downstream/saml` and `upstream/saml`.
//!
//! # Digest, then parse
//!
//! A signed message is never read for what it says before its signature was checked, and then it
//! is read from nothing but the octets that were hashed: [`signature::authenticate`] gives out the
//! canonical form of the one element that the signature covers, after its hash was found to equal
//! the signature's `DigestValue`, and the document it came in is dropped. Whatever else stood in
//! the document has no way into the result.
//!
//! The names are those of the specifications: SAML Core, Bindings, Profiles and Metadata 2.0
//! (OASIS, 2005), and the deployment profile saml2int.

pub mod assertion;
pub mod encryption;
pub mod key;
pub mod metadata;
pub mod redirect;
pub mod request;
pub mod response;
pub mod signature;
pub mod time;
pub mod xml;

mod engine;
#[cfg(test)]
mod tests;

/// The namespace of protocol messages.
pub const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
/// The namespace of assertions.
pub const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
/// The namespace of metadata.
pub const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
/// The namespace of XML signatures.
pub const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The namespace of XML encryption.
pub const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";

/// The HTTP-Redirect binding.
pub const HTTP_REDIRECT: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect";
/// The HTTP-POST binding.
pub const HTTP_POST: &str = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";

/// The name identifier that is another one at each login (SAML Core §8.3.8).
pub const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
/// The name identifier that stays the same at one service (SAML Core §8.3.7).
pub const PERSISTENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent";
/// No wish for a format (SAML Core §8.3.1).
pub const UNSPECIFIED: &str = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified";

/// Longest `RelayState`, in bytes, that a peer must carry (SAML Bindings §3.4.3).
pub const RELAY_STATE_LENGTH_MAX: usize = 80;

/// Why a message is not taken. Names the rule that it breaks, never what stood in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SamlError {
    /// It is no XML, or none within the limits.
    #[error("not well-formed XML within the limits: {0}")]
    Xml(&'static str),
    /// It did not arrive as its binding says.
    #[error("the binding is broken: {0}")]
    Binding(&'static str),
    /// Its signature cannot be accepted.
    #[error("the signature is not accepted: {0}")]
    Signature(&'static str),
    /// What is encrypted in it cannot be opened.
    #[error("the encryption is not accepted: {0}")]
    Encryption(&'static str),
    /// It breaks the protocol.
    #[error("the message breaks the protocol: {0}")]
    Message(&'static str),
    /// It is not for us, not for now, or not the answer to what was asked.
    #[error("a condition is not met: {0}")]
    Condition(&'static str),
    /// The peer answered that it did not do what was asked: the second-level status code where
    /// there is one that is known, else the first.
    #[error("the peer answered with the status {0}")]
    Status(&'static str),
    /// A key of ours is missing or cannot be used.
    #[error("a key of ours cannot be used: {0}")]
    Key(&'static str),
}
