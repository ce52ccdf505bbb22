//! Encrypted assertions: RSA-OAEP around a fresh content key, AES-GCM around the assertion.
//!
//! Of XML Encryption no more is taken than that: no CBC, whose padding can be asked about one
//! message at a time, no PKCS #1 v1.5, no reference to anything elsewhere.

use super::key::{DecryptionKey, KeyTransport, wrap};
use super::signature::decode;
use super::xml::{self, Limits, Writer};
use super::{ASSERTION, DSIG, SamlError, XENC};
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, Nonce, UnboundKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::value::Certificate;
use ledger::Random;
use roxmltree::Node;
use zeroize::Zeroizing;

/// AES-128 in Galois/Counter Mode.
pub const AES128_GCM: &str = "http://www.w3.org/2009/xmlenc11#aes128-gcm";
/// AES-256 in Galois/Counter Mode.
pub const AES256_GCM: &str = "http://www.w3.org/2009/xmlenc11#aes256-gcm";
/// RSA-OAEP with MGF1 and SHA-1.
pub const RSA_OAEP_MGF1P: &str = "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p";
/// RSA-OAEP of XML Encryption 1.1.
pub const RSA_OAEP: &str = "http://www.w3.org/2009/xmlenc11#rsa-oaep";

const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
const ELEMENT: &str = "http://www.w3.org/2001/04/xmlenc#Element";
const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const MGF1_SHA1: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha1";
const MGF1_SHA256: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha256";
const NONCE_LENGTH: usize = 12;

/// Encrypts an assertion to a service: the `EncryptedAssertion` that stands in its place.
pub fn encrypt(
    assertion: &str,
    certificate: &Certificate,
    random: &dyn Random,
) -> Result<String, SamlError> {
    let failed = SamlError::Encryption("certificate holds no RSA key");
    let mut content_key = Zeroizing::new([0; 32]);
    random.fill(&mut *content_key);
    let mut nonce = [0; NONCE_LENGTH];
    random.fill(&mut nonce);
    let wrapped = wrap(certificate, KeyTransport::OaepSha1, &*content_key).ok_or(failed)?;
    let key = UnboundKey::new(&AES_256_GCM, &*content_key).map_err(|_| failed)?;
    let mut octets = assertion.as_bytes().to_vec();
    LessSafeKey::new(key)
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut octets,
        )
        .map_err(|_| failed)?;
    let content = STANDARD.encode([&nonce[..], &octets].concat());

    let mut out = Writer::new();
    let cipher_data = |out: &mut Writer, value: &str| {
        out.open("xenc:CipherData", &[])
            .leaf("xenc:CipherValue", &[], value)
            .close("xenc:CipherData");
    };
    out.open(
        "saml:EncryptedAssertion",
        &[("xmlns:saml", Some(ASSERTION))],
    )
    .open(
        "xenc:EncryptedData",
        &[("xmlns:xenc", Some(XENC)), ("Type", Some(ELEMENT))],
    )
    .leaf(
        "xenc:EncryptionMethod",
        &[("Algorithm", Some(AES256_GCM))],
        "",
    )
    .open("ds:KeyInfo", &[("xmlns:ds", Some(DSIG))])
    .open("xenc:EncryptedKey", &[])
    .open(
        "xenc:EncryptionMethod",
        &[("Algorithm", Some(RSA_OAEP_MGF1P))],
    )
    .leaf("ds:DigestMethod", &[("Algorithm", Some(SHA1))], "")
    .close("xenc:EncryptionMethod");
    cipher_data(&mut out, &STANDARD.encode(wrapped));
    out.close("xenc:EncryptedKey").close("ds:KeyInfo");
    cipher_data(&mut out, &content);
    out.close("xenc:EncryptedData")
        .close("saml:EncryptedAssertion");
    Ok(out.finish())
}

/// One answer for everything that goes wrong once keys are used: which step it was is nobody's
/// affair.
const NOT_OPENED: SamlError = SamlError::Encryption("cannot be opened");

/// Opens an `EncryptedAssertion` with any of our keys, and gives the XML that was in it.
pub fn decrypt(encrypted: Node<'_, '_>, keys: &[DecryptionKey]) -> Result<String, SamlError> {
    let data = xml::one(encrypted, XENC, "EncryptedData")?
        .ok_or(SamlError::Encryption("there is no data"))?;
    if data.attribute("Type").is_some_and(|kind| kind != ELEMENT) {
        return Err(SamlError::Encryption("type"));
    }
    let cipher = match method(data)?.attribute("Algorithm") {
        Some(AES128_GCM) => &AES_128_GCM,
        Some(AES256_GCM) => &AES_256_GCM,
        _ => return Err(SamlError::Encryption("content algorithm")),
    };
    let content = cipher_value(data)?;
    let key_info = xml::one(data, DSIG, "KeyInfo")?;
    // The wrapped keys stand within the data or beside it; one for each recipient.
    let within = key_info
        .into_iter()
        .flat_map(|info| xml::named(info, XENC, "EncryptedKey"));
    let beside = xml::named(encrypted, XENC, "EncryptedKey");
    for encrypted_key in within.chain(beside).take(4) {
        let transport = transport(method(encrypted_key)?)?;
        let wrapped = cipher_value(encrypted_key)?;
        for key in keys {
            let opened = key
                .unwrap(transport, &wrapped)
                .and_then(|content_key| open(cipher, &content_key, &content));
            if let Some(text) = opened {
                return Ok(text);
            }
        }
    }
    Err(NOT_OPENED)
}

fn open(cipher: &'static Algorithm, key: &[u8], content: &[u8]) -> Option<String> {
    let key = UnboundKey::new(cipher, key).ok()?;
    let (nonce, octets) = content.split_at_checked(NONCE_LENGTH)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut octets = octets.to_vec();
    let opened = LessSafeKey::new(key)
        .open_in_place(nonce, Aad::empty(), &mut octets)
        .ok()?;
    let text = xml::text_of_document(opened, Limits::MESSAGE).ok()?;
    Some(text.to_owned())
}

fn method<'a, 'i>(node: Node<'a, 'i>) -> Result<Node<'a, 'i>, SamlError> {
    xml::one(node, XENC, "EncryptionMethod")?.ok_or(SamlError::Encryption("no algorithm"))
}

fn transport(method: Node<'_, '_>) -> Result<KeyTransport, SamlError> {
    let wrong = SamlError::Encryption("key algorithm");
    let digest =
        xml::one(method, DSIG, "DigestMethod")?.and_then(|node| node.attribute("Algorithm"));
    let mask = xml::one(method, XENC11, "MGF")?.and_then(|node| node.attribute("Algorithm"));
    // A label that is not empty has no use in SAML.
    if xml::one(method, XENC, "OAEPparams")?.is_some() {
        return Err(wrong);
    }
    match (method.attribute("Algorithm"), digest, mask) {
        (Some(RSA_OAEP_MGF1P), None | Some(SHA1), None)
        | (Some(RSA_OAEP), None | Some(SHA1), None | Some(MGF1_SHA1)) => Ok(KeyTransport::OaepSha1),
        (Some(RSA_OAEP), Some(SHA256), Some(MGF1_SHA256)) => Ok(KeyTransport::OaepSha256),
        _ => Err(wrong),
    }
}

fn cipher_value(node: Node<'_, '_>) -> Result<Vec<u8>, SamlError> {
    let wrong = SamlError::Encryption("cipher data");
    let data = xml::one(node, XENC, "CipherData")?.ok_or(wrong)?;
    let value = xml::one(data, XENC, "CipherValue")?.ok_or(wrong)?;
    decode(xml::text(value)?).ok_or(wrong)
}
