//! The keys of SAML: ours with their self-signed certificates, and those that peers' certificates
//! hold. Trust is in the key that was registered, not in whoever signed its certificate, and the
//! certificate's dates inform only (saml2int; SAML V2.0 Metadata Interoperability Profile).

use super::SamlError;
use super::signature::Algorithm;
use crate::jose::{self, GeneratedKey, JoseError};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeyPair, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::Instant;
use domain::value::Certificate;
use serde_json::Value;
use std::fmt;
use std::sync::Arc;
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

/// How long a certificate of ours is valid, in days. It ends nothing: keys are retired by events.
const CERTIFICATE_DAYS: i64 = 3650;
/// The object identifier of RSA keys (RFC 8017 appendix A).
const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
/// The object identifier of elliptic-curve keys (RFC 5480 §2.1.1).
const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";
/// Length of an uncompressed point on P-256, in bytes.
const P256_POINT_LENGTH: usize = 65;

/// A public key of a peer, by which its signatures are checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeerKey(Material);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Material {
    /// PKCS #1.
    Rsa(Vec<u8>),
    /// An uncompressed point.
    P256(Vec<u8>),
}

impl PeerKey {
    /// The key of a certificate; none for a kind of key that no allowed algorithm uses.
    pub fn of_certificate(certificate: &Certificate) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate.der()).ok()?;
        let key = parsed.public_key();
        let octets = key.subject_public_key.data.to_vec();
        match key.algorithm.algorithm.to_id_string().as_str() {
            RSA_ENCRYPTION => Some(Self(Material::Rsa(octets))),
            // The length and the first octet tell P-256 from the larger curves.
            EC_PUBLIC_KEY if octets.len() == P256_POINT_LENGTH && octets[0] == 4 => {
                Some(Self(Material::P256(octets)))
            }
            _ => None,
        }
    }

    /// The usable keys of several certificates.
    pub fn of_certificates(certificates: &[Certificate]) -> Vec<Self> {
        certificates
            .iter()
            .filter_map(Self::of_certificate)
            .collect()
    }

    /// Whether `signature` is this key's over `message`. RSA keys below 2048 bits never are.
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (&self.0, algorithm) {
            (Material::Rsa(octets), Algorithm::RsaSha256) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, octets)
                    .verify(message, signature)
                    .is_ok()
            }
            (Material::Rsa(octets), Algorithm::RsaSha384) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA384, octets)
                    .verify(message, signature)
                    .is_ok()
            }
            (Material::Rsa(octets), Algorithm::RsaSha512) => {
                UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA512, octets)
                    .verify(message, signature)
                    .is_ok()
            }
            (Material::P256(octets), Algorithm::EcdsaSha256) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, octets)
                    .verify(message, signature)
                    .is_ok()
            }
            _ => false,
        }
    }
}

/// A key of ours that signs, prepared once.
#[derive(Clone)]
pub struct SigningKey {
    pair: Arc<KeyPair>,
    certificate: Certificate,
}

impl SigningKey {
    /// The key of a PKCS #8 document; its certificate must hold the same key.
    pub fn from_pkcs8(der: &[u8], certificate: Certificate) -> Result<Self, SamlError> {
        let pair = KeyPair::from_pkcs8(der).map_err(|_| SamlError::Key("signing key"))?;
        let own = PeerKey(Material::Rsa(pair.public_key().as_ref().to_vec()));
        if PeerKey::of_certificate(&certificate) != Some(own) {
            return Err(SamlError::Key("certificate holds another key"));
        }
        Ok(Self {
            pair: Arc::new(pair),
            certificate,
        })
    }

    /// The signature over `message`, by RSA with SHA-256.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SamlError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .map_err(|_| SamlError::Key("signing key"))?;
        Ok(signature)
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// How a content key is wrapped (XML Encryption §5.5): RSA-OAEP, never PKCS #1 v1.5.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyTransport {
    /// `rsa-oaep-mgf1p` with SHA-1, the one that every implementation knows. OAEP does not rest on
    /// the collision resistance that SHA-1 has lost.
    OaepSha1,
    /// `rsa-oaep` of XML Encryption 1.1 with SHA-256 throughout.
    OaepSha256,
}

impl KeyTransport {
    fn algorithm(self) -> &'static OaepAlgorithm {
        match self {
            Self::OaepSha1 => &OAEP_SHA1_MGF1SHA1,
            Self::OaepSha256 => &OAEP_SHA256_MGF1SHA256,
        }
    }
}

/// A key of ours that opens what home organisations encrypt.
#[derive(Clone)]
pub struct DecryptionKey {
    key: Arc<OaepPrivateDecryptingKey>,
    certificate: Certificate,
}

impl DecryptionKey {
    /// The key of a PKCS #8 document, with its certificate.
    pub fn from_pkcs8(der: &[u8], certificate: Certificate) -> Result<Self, SamlError> {
        let unusable = |_| SamlError::Key("decryption key");
        let key =
            PrivateDecryptingKey::from_pkcs8(der).map_err(|_| SamlError::Key("decryption key"))?;
        let key = OaepPrivateDecryptingKey::new(key).map_err(unusable)?;
        Ok(Self {
            key: Arc::new(key),
            certificate,
        })
    }

    /// The content key that was wrapped; none where it was not wrapped for this key.
    pub fn unwrap(&self, transport: KeyTransport, wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut buffer = Zeroizing::new(vec![0; self.key.min_output_size()]);
        let opened = self
            .key
            .decrypt(transport.algorithm(), wrapped, &mut buffer, None)
            .ok()?;
        Some(Zeroizing::new(opened.to_vec()))
    }

    /// Its certificate.
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DecryptionKey(..)")
    }
}

/// Wraps a content key for the holder of a certificate's key; none where that is no RSA key.
pub fn wrap(
    certificate: &Certificate,
    transport: KeyTransport,
    content_key: &[u8],
) -> Option<Vec<u8>> {
    let (_, parsed) = X509Certificate::from_der(certificate.der()).ok()?;
    let key = PublicEncryptingKey::from_der(parsed.public_key().raw).ok()?;
    let key = OaepPublicEncryptingKey::new(key).ok()?;
    let mut wrapped = vec![0; key.ciphertext_size()];
    key.encrypt(transport.algorithm(), content_key, &mut wrapped, None)
        .ok()
        .map(|wrapped| wrapped.to_vec())
}

/// Makes an RSA key pair with a self-signed certificate, fit for an environment's signing or
/// encryption key: the certificate stands as `x5c` in the public JSON Web Key (RFC 7517 §4.7).
///
/// `serial` is chance of the caller's, so that no two certificates have the same.
pub fn generate_certified_key(
    common_name: &str,
    serial: [u8; 16],
    now: Instant,
) -> Result<GeneratedKey, JoseError> {
    let made = jose::generate_signing_key(jose::Algorithm::Rs256)?;
    let der = STANDARD
        .decode(made.private_key.as_bytes())
        .map_err(|_| JoseError::Key)?;
    certified_key(&Zeroizing::new(der), common_name, serial, now)
}

/// The same of an RSA key pair that is there already, as PKCS #8.
pub fn certified_key(
    pkcs8: &[u8],
    common_name: &str,
    serial: [u8; 16],
    now: Instant,
) -> Result<GeneratedKey, JoseError> {
    let key = jose::SigningKey::from_pkcs8("", jose::Algorithm::Rs256, pkcs8)?;
    let certificate = self_signed(pkcs8, common_name, serial, now).ok_or(JoseError::Key)?;
    let mut public = Value::Object(key.public_members());
    public["x5c"] = Value::from(vec![STANDARD.encode(certificate)]);
    Ok(GeneratedKey {
        private_key: Zeroizing::new(STANDARD.encode(pkcs8)),
        public_key: public.to_string(),
    })
}

/// The self-signed certificate of a key.
pub(super) fn self_signed(
    pkcs8: &[u8],
    common_name: &str,
    serial: [u8; 16],
    now: Instant,
) -> Option<Vec<u8>> {
    use rcgen::{CertificateParams, DnType, KeyPair, PKCS_RSA_SHA256, SerialNumber};
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.into(), &PKCS_RSA_SHA256).ok()?;
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters
        .distinguished_name
        .push(DnType::CommonName, common_name);
    // Positive and without a leading zero (RFC 5280 §4.1.2.2).
    let mut serial = serial;
    serial[0] = (serial[0] & 0x3f) | 0x40;
    parameters.serial_number = Some(SerialNumber::from_slice(&serial));
    parameters.not_before = now.utc() - ::time::Duration::days(1);
    parameters.not_after = now.utc() + ::time::Duration::days(CERTIFICATE_DAYS);
    let certificate = parameters.self_signed(&key).ok()?;
    Some(certificate.der().to_vec())
}

/// The certificate of a recorded public key: the first of its `x5c`.
pub fn certificate_of(public_key: &str) -> Option<Certificate> {
    let key: Value = serde_json::from_str(public_key).ok()?;
    let text = key.get("x5c")?.as_array()?.first()?.as_str()?;
    Certificate::parse(text).ok()
}

#[cfg(test)]
mod unit {
    use super::*;

    pub(super) fn pair() -> (Vec<u8>, Certificate) {
        let now = Instant::from_microseconds(1_800_000_000_000_000);
        let made = generate_certified_key("test.example.org", [7; 16], now).unwrap();
        let der = STANDARD.decode(made.private_key.as_bytes()).unwrap();
        (der, certificate_of(&made.public_key).unwrap())
    }

    #[test]
    fn a_certified_key_signs_and_its_certificate_verifies() {
        let (der, certificate) = pair();
        let key = SigningKey::from_pkcs8(&der, certificate.clone()).unwrap();
        let peer = PeerKey::of_certificate(&certificate).unwrap();
        let signature = key.sign(b"message").unwrap();
        assert!(peer.verifies(Algorithm::RsaSha256, b"message", &signature));
        assert!(!peer.verifies(Algorithm::RsaSha256, b"another", &signature));
        assert!(!peer.verifies(Algorithm::RsaSha512, b"message", &signature));
        assert!(!peer.verifies(Algorithm::EcdsaSha256, b"message", &signature));

        let (_, other) = pair();
        assert_eq!(
            SigningKey::from_pkcs8(&der, other).err(),
            Some(SamlError::Key("certificate holds another key"))
        );
    }

    #[test]
    fn a_wrapped_key_is_unwrapped_by_its_own_key_alone() {
        let ((der, certificate), (other, _)) = (pair(), pair());
        for transport in [KeyTransport::OaepSha1, KeyTransport::OaepSha256] {
            let wrapped = wrap(&certificate, transport, &[9; 32]).unwrap();
            let key = DecryptionKey::from_pkcs8(&der, certificate.clone()).unwrap();
            assert_eq!(key.unwrap(transport, &wrapped).unwrap().as_slice(), [9; 32]);
            let other = DecryptionKey::from_pkcs8(&other, certificate.clone()).unwrap();
            assert!(other.unwrap(transport, &wrapped).is_none());
        }
    }
}
