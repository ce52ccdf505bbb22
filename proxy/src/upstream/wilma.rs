//! Wilma: signed redirects there and back, and a signed call for the attributes (domain facts E.5).
//!
//! Both sides hold one secret. What is signed is an address as it stands, up to `&h=`; the
//! signature is HMAC-SHA-256 in hexadecimal and ends it. The octets that were signed are the ones
//! that are checked: nothing is decoded and written anew before.

use super::{Answer, Ask, Leaving, Said, Target, Upstream, UpstreamError};
use crate::http::{BackChannel, Hosts};
use async_trait::async_trait;
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use domain::value::WebAddress;
use ledger::Random;
use projections::routing::{
    HomeIntegration, Secret, SecretOwner, Upstream as UpstreamKind, WilmaUpstream,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// Where a Wilma takes logins, and where it gives attributes.
const LOGIN_PATH: &str = "/mpass";
const ATTRIBUTES_PATH: &str = "/external/mpass";
/// How long the nonces are, in characters.
const LOGIN_NONCE_LENGTH: usize = 24;
const CALL_NONCE_LENGTH: usize = 16;
/// Longest identifier of a user, in bytes.
const USER_LENGTH_MAX: usize = 256;

/// The Wilmas of every home organisation.
pub(crate) struct Wilma {
    back_channel: BackChannel,
    hosts: Hosts,
    /// The secret of the whole installation, for Wilmas without one of their own.
    installation_secret: Option<Zeroizing<String>>,
}

/// What must be remembered until the answer.
#[derive(Serialize, Deserialize)]
struct Memory {
    #[serde(rename = "n")]
    nonce: String,
    /// The nonce of the call for the attributes.
    #[serde(rename = "c")]
    call_nonce: String,
}

impl Wilma {
    pub(crate) fn new(
        back_channel: BackChannel,
        hosts: Hosts,
        installation_secret: Option<Zeroizing<String>>,
    ) -> Self {
        Self {
            back_channel,
            hosts,
            installation_secret,
        }
    }

    fn key(&self, target: &Target<'_>) -> Result<hmac::Key, UpstreamError> {
        let upstream = registration(target.home)?;
        let key = |secret: &[u8]| hmac::Key::new(HMAC_SHA256, secret);
        if let (Secret::Missing, Some(secret)) = (&upstream.secret, &self.installation_secret) {
            return Ok(key(secret.as_bytes()));
        }
        let owner = SecretOwner::Integration(target.home.integration);
        let opened = upstream
            .secret
            .open(target.node_key, target.environment, owner);
        opened
            .map(|secret| key(&secret))
            .map_err(UpstreamError::Secret)
    }
}

fn registration(home: &HomeIntegration) -> Result<&WilmaUpstream, UpstreamError> {
    match &home.upstream {
        UpstreamKind::Wilma(upstream) => Ok(upstream),
        _ => Err(UpstreamError::Unsupported),
    }
}

fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Letters and digits: Wilma takes no others in a nonce.
fn nonce(random: &dyn Random, length: usize) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut text = String::with_capacity(length);
    while text.len() < length {
        for byte in random.sixteen() {
            // Bytes beyond the last whole multiple of 62 would make some letters likelier.
            if text.len() < length && byte < 248 {
                text.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
            }
        }
    }
    text
}

/// An address with its signature.
fn signed(key: &hmac::Key, mut address: String) -> String {
    let tag = hmac::sign(key, address.as_bytes());
    address.push_str("&h=");
    address.push_str(&hex::encode(tag));
    address
}

/// Whether an address ends in its signature. Nothing may follow it: what follows was not signed.
fn is_signed(key: &hmac::Key, address: &str) -> bool {
    let Some((signed, tag)) = address.rsplit_once("&h=") else {
        return false;
    };
    // `verify` compares in constant time; a tag of another length is none.
    hex::decode(tag).is_ok_and(|tag| hmac::verify(key, signed.as_bytes(), &tag).is_ok())
}

#[async_trait]
impl Upstream for Wilma {
    fn serves(&self, home: &HomeIntegration) -> bool {
        registration(home).is_ok_and(|upstream| {
            upstream.secret != Secret::Missing || self.installation_secret.is_some()
        })
    }

    async fn leave(
        &self,
        target: &Target<'_>,
        ask: &Ask<'_>,
        random: &dyn Random,
    ) -> Result<Leaving, UpstreamError> {
        let upstream = registration(target.home)?;
        let memory = Memory {
            nonce: nonce(random, LOGIN_NONCE_LENGTH),
            call_nonce: nonce(random, CALL_NONCE_LENGTH),
        };
        let back = format!(
            "{}?state={}&nonce={}",
            target.return_address, ask.state, memory.nonce
        );
        let mut address = format!(
            "{}{LOGIN_PATH}?redirectto={}",
            self.hosts.origin(&upstream.host),
            encoded(&back)
        );
        // Wilma does not say when a user last logged in, so an age that is asked for is a new login.
        if ask.force || ask.age_seconds_max.is_some() {
            address.push_str("&forceauth=true");
        }
        let address = signed(&self.key(target)?, address);
        let memory = serde_json::to_value(memory).map_err(|_| UpstreamError::Answer("memory"))?;
        Ok(Leaving { address, memory })
    }

    async fn come_back(
        &self,
        target: &Target<'_>,
        memory: &Value,
        answer: &Answer<'_>,
    ) -> Result<Said, UpstreamError> {
        let memory: Memory =
            Memory::deserialize(memory).map_err(|_| UpstreamError::Answer("memory"))?;
        let upstream = registration(target.home)?;
        let key = self.key(target)?;
        if answer.posted || !is_signed(&key, answer.address) {
            return Err(UpstreamError::Answer("signature"));
        }
        let given = answer.parameters.get("nonce").unwrap_or_default();
        if !bool::from(given.as_bytes().ct_eq(memory.nonce.as_bytes())) {
            return Err(UpstreamError::Answer("nonce"));
        }
        // A signed return without a user is a login that was ended there.
        let user = answer
            .parameters
            .get("userid")
            .ok_or(UpstreamError::Ended)?;
        if user.len() > USER_LENGTH_MAX {
            return Err(UpstreamError::Answer("user"));
        }
        let call = format!(
            "{}{ATTRIBUTES_PATH}?username={}&nonce={}",
            self.hosts.origin(&upstream.host),
            encoded(user),
            memory.call_nonce
        );
        let call = WebAddress::parse(&signed(&key, call));
        let call = call.map_err(|_| UpstreamError::Answer("user"))?;
        let said = self.back_channel.get(&call, None).await;
        let mut delivered = person(said.map_err(UpstreamError::Attributes)?)
            .ok_or(UpstreamError::Answer("attributes are not one person's"))?;
        delivered.insert("userid".to_owned(), user.into());
        Ok(Said {
            subject: user.to_owned(),
            delivered,
            authenticated_at: target.now,
        })
    }
}

/// The one person of an answer, which is an object or a list of one.
fn person(said: Value) -> Option<Map<String, Value>> {
    match said {
        Value::Object(person) => Some(person),
        Value::Array(people) => {
            let [Value::Object(person)] = <[Value; 1]>::try_from(people).ok()? else {
                return None;
            };
            Some(person)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::SeededRandom;
    use rstest::rstest;
    use serde_json::json;

    fn key() -> hmac::Key {
        hmac::Key::new(HMAC_SHA256, b"mock secret")
    }

    #[test]
    fn a_signature_is_over_the_octets_as_they_came() {
        let address = signed(
            &key(),
            "https://proxy/return/W?state=s&nonce=%41&userid=a%20b".to_owned(),
        );
        assert!(is_signed(&key(), &address));
        for other in [
            address.replace("%41", "A"),
            address.replace("%20", "+"),
            address.replace("userid=a", "userid=b"),
            format!("{address}&more=1"),
            format!("{address}0"),
            address[..address.len() - 2].to_owned(),
            address.replace("&h=", "&H="),
            "https://proxy/?h=".to_owned(),
            "&h=".to_owned(),
        ] {
            assert!(!is_signed(&key(), &other), "{other}");
        }
        assert!(!is_signed(&hmac::Key::new(HMAC_SHA256, b"other"), &address));
    }

    #[test]
    fn nonces_are_letters_and_digits_of_the_right_length() {
        let random = SeededRandom::new(3);
        let (one, other) = (nonce(&random, 24), nonce(&random, 24));
        assert_eq!(one.len(), 24);
        assert!(one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(one, other);
    }

    #[rstest]
    #[case(json!({ "first_name": "A" }), true)]
    #[case(json!([{ "first_name": "A" }]), true)]
    #[case(json!([]), false)]
    #[case(json!([{}, {}]), false)]
    #[case(json!(["A"]), false)]
    #[case(json!("A"), false)]
    fn attributes_are_those_of_one_person(#[case] said: Value, #[case] right: bool) {
        assert_eq!(person(said).is_some(), right);
    }
}
