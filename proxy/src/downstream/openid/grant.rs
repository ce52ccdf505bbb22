//! Codes and access tokens: what this node gave out and takes back, in its memory alone.
//!
//! Each begins with the node's name, so that another node knows whom to ask. Both are kept by
//! their hashes.

use crate::broker::{Broker, Login};
use crate::single_use::Expiring;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::IntegrationId;
use domain::time::Instant;
use ledger::Hash;
use serde_json::{Map, Value};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::session::Identity;

/// How long a code serves, in seconds (RFC 6749 §4.1.2: ten minutes at most).
const CODE_SECONDS: i64 = 60;
/// How long an access token serves, in seconds.
pub(super) const TOKEN_SECONDS: i64 = 600;
/// Most codes and most tokens that are held.
const COUNT_MAX: usize = 200_000;

/// What an access token stands for.
#[derive(Clone)]
pub(super) struct Access {
    pub(super) service: IntegrationId,
    pub(super) identity: Identity,
    /// The answer of the userinfo endpoint: what was recorded as released, and nothing else.
    pub(super) claims: Map<String, Value>,
}

struct State {
    codes: Expiring<Login>,
    /// Which token a code that was used gave.
    used: Expiring<Hash>,
    tokens: Expiring<Access>,
    revoked: Expiring<()>,
}

/// Everything that was given out.
pub(super) struct Grants(Mutex<State>);

/// What comes of a code.
pub(super) enum Redeemed {
    /// The login it stood for, and the access token it may be exchanged for. The code is used up.
    Once {
        login: Box<Login>,
        access_token: String,
    },
    /// It was used before; what it gave is revoked.
    Again,
    /// It is not known here, or too old.
    Unknown,
}

impl Grants {
    pub(super) fn new() -> Self {
        Self(Mutex::new(State {
            codes: Expiring::new(CODE_SECONDS, COUNT_MAX),
            used: Expiring::new(TOKEN_SECONDS + CODE_SECONDS, COUNT_MAX),
            tokens: Expiring::new(TOKEN_SECONDS, COUNT_MAX),
            revoked: Expiring::new(TOKEN_SECONDS, COUNT_MAX),
        }))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fresh(broker: &Broker) -> String {
        let mut bytes = [0; 32];
        broker.random.fill(&mut bytes);
        format!("{}.{}", broker.node.name(), URL_SAFE_NO_PAD.encode(bytes))
    }

    /// A code for a login.
    pub(super) fn issue(&self, broker: &Broker, login: Login) -> String {
        let code = Self::fresh(broker);
        self.state()
            .codes
            .insert(Hash::of(code.as_bytes()), login, broker.clock.now());
        code
    }

    /// Takes a code back, for good (RFC 6749 §4.1.2, §10.5).
    pub(super) fn redeem(&self, broker: &Broker, code: &str) -> Redeemed {
        let (key, now) = (Hash::of(code.as_bytes()), broker.clock.now());
        let access_token = Self::fresh(broker);
        let mut state = self.state();
        if let Some(login) = state.codes.take(&key, now) {
            state
                .used
                .insert(key, Hash::of(access_token.as_bytes()), now);
            return Redeemed::Once {
                login: Box::new(login),
                access_token,
            };
        }
        let Some(token) = state.used.get(&key, now).copied() else {
            return Redeemed::Unknown;
        };
        state.tokens.take(&token, now);
        // The first use may still be on its way to its token.
        state.revoked.insert(token, (), now);
        Redeemed::Again
    }

    /// Lets an access token serve, unless its code was used again meanwhile.
    pub(super) fn grant(&self, access_token: &str, access: Access, now: Instant) -> bool {
        let key = Hash::of(access_token.as_bytes());
        let mut state = self.state();
        let good = state.revoked.get(&key, now).is_none();
        if good {
            state.tokens.insert(key, access, now);
        }
        good
    }

    /// What an access token stands for.
    pub(super) fn access(&self, access_token: &str, now: Instant) -> Option<Access> {
        self.state()
            .tokens
            .get(&Hash::of(access_token.as_bytes()), now)
            .cloned()
    }
}
