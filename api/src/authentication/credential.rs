//! Machine credentials: `<credential id>.<secret>` as a bearer token, or as user name and password
//! where a consumer of the provisioning speaks nothing else. Only a salted hash is recorded.

use crate::Caller;
use aws_lc_rs::digest::{Context, SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{CredentialId, Network, NodeId, Right};
use ledger::Random;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;
use zeroize::Zeroizing;

const SCHEME: &str = "sha256";

/// The salted hash of a secret, as the log keeps it: `sha256:<salt>:<hash>`, in hexadecimal.
///
/// Secrets are made by machines and long, so one round suffices: nothing is there to guess.
pub fn hash_secret(random: &dyn Random, secret: &str) -> String {
    let salt = random.sixteen();
    let hash = digest(&salt, secret);
    format!("{SCHEME}:{}:{}", hex::encode(salt), hex::encode(hash))
}

/// Whether `secret` is the one that was hashed, in time that does not depend on where they differ.
/// A hash of unknown form matches nothing.
pub fn secret_matches(recorded: &str, secret: &str) -> bool {
    let mut parts = recorded.split(':');
    let (Some(SCHEME), Some(salt), Some(hash), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (Ok(salt), Ok(hash)) = (hex::decode(salt), hex::decode(hash)) else {
        return false;
    };
    digest(&salt, secret).ct_eq(&hash).into()
}

fn digest(salt: &[u8], secret: &str) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    context.update(salt);
    context.update(secret.as_bytes());
    context.finish().as_ref().to_vec()
}

/// Whom a bearer token names; none where the token is not valid.
pub(crate) fn bearer(network: &Network, token: &str) -> Option<Caller> {
    let (id, secret) = token.split_once('.')?;
    let bare = id.rsplit(':').next().unwrap_or(id);
    let id: Uuid = bare.parse().ok()?;
    let (credential, node) = (CredentialId(id), NodeId(id));
    let access = &network.access;
    if let Some(row) = access.credentials.get(&credential) {
        let valid = secret_matches(&row.secret_hash, secret) && row.revoked_at.is_none();
        return valid.then_some(Caller::Machine { credential });
    }
    let row = access.nodes.get(&node)?;
    let valid = secret_matches(&row.secret_hash, secret) && row.expelled_at.is_none();
    valid.then_some(Caller::Node { node })
}

/// Whom an `Authorization` header of the scheme `Basic` names (RFC 7617): the credential's id is
/// the user name. Only for credentials of the right PROVISIONING, whose consumers speak no other
/// scheme.
pub(crate) fn basic(network: &Network, header: &str) -> Option<Caller> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Zeroizing::new(STANDARD.decode(encoded.trim()).ok()?);
    let (id, secret) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    let token = Zeroizing::new(format!("{id}.{secret}"));
    let caller = bearer(network, &token)?;
    let Caller::Machine { credential } = caller else {
        return None;
    };
    let row = network.access.credentials.get(&credential)?;
    (row.right == Right::Provisioning).then_some(caller)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ledger::SeededRandom;

    #[test]
    fn only_the_secret_matches() {
        let hash = hash_secret(&SeededRandom::new(1), "secret");
        assert!(secret_matches(&hash, "secret"));
        for wrong in ["", "Secret", "secret ", "secre"] {
            assert!(!secret_matches(&hash, wrong));
        }
        for broken in [
            "",
            "sha256",
            "sha256:zz:zz",
            "md5:00:00",
            &hash[..hash.len() - 2],
        ] {
            assert!(!secret_matches(broken, "secret"), "{broken}");
        }
    }

    #[test]
    fn a_salt_is_used_once() {
        let random = SeededRandom::new(1);
        assert_ne!(
            hash_secret(&random, "secret"),
            hash_secret(&random, "secret")
        );
    }
}
