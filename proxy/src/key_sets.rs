//! The public keys that others publish, home organisations and services alike: fetched, kept for a
//! while, and fetched anew where a token names a key that is not among them.

use crate::cache::Cache;
use crate::http::{BackChannel, BackChannelError};
use crate::jose::{JoseError, PublicKey, verify};
use domain::time::Instant;
use domain::value::WebAddress;
use serde_json::{Map, Value};

/// How long after fetching keys an unknown key makes them be fetched again at the earliest, in
/// seconds, so that tokens with made-up key names cannot cause a flood.
const KEYS_SECONDS_MIN: i64 = 30;
/// How long keys serve, in seconds.
const KEYS_SECONDS: i64 = 3600;

/// Why a token was not checked, or not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeySetError {
    #[error("the keys could not be fetched")]
    Fetch(#[source] BackChannelError),
    #[error("the token is not accepted")]
    Token(#[source] JoseError),
}

/// Every JSON Web Key Set that was met, by its address.
pub(crate) struct KeySets {
    back_channel: BackChannel,
    keys: Cache<Vec<PublicKey>>,
}

impl KeySets {
    pub(crate) fn new(back_channel: BackChannel) -> Self {
        Self {
            back_channel,
            keys: Cache::default(),
        }
    }

    /// Checks a token's signature by the keys of a set, fetching them anew where none fits.
    pub(crate) async fn verify(
        &self,
        address: &WebAddress,
        token: &str,
        now: Instant,
    ) -> Result<Map<String, Value>, KeySetError> {
        let name = address.as_str();
        if let Some(keys) = self.keys.get(name, now, KEYS_SECONDS) {
            match verify(token, &keys) {
                // A peer that reuses a key's name after a change looks like a wrong signature.
                Err(JoseError::UnknownKey | JoseError::Signature)
                    if self.keys.get(name, now, KEYS_SECONDS_MIN).is_none() => {}
                done => return done.map_err(KeySetError::Token),
            }
        }
        let set = self.back_channel.get(address, None).await;
        let keys = PublicKey::from_set(&set.map_err(KeySetError::Fetch)?);
        let keys = self.keys.put(name, now, keys);
        verify(token, &keys).map_err(KeySetError::Token)
    }
}
