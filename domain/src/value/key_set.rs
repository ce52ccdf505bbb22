//! Public keys of a peer, handed in as a document.

use super::Invalid;
use super::text::{Checked, text_value};
use serde_json::Value;

/// Longest set, in characters: ten RSA keys of 4096 bits fit.
const LENGTH_MAX: usize = 10_000;
/// Most keys of one set; a rollover needs two for each algorithm.
const KEYS_MAX: usize = 10;
/// The members by which a private or symmetric key betrays itself (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

const INVALID: Invalid = Invalid::new(
    "key_set",
    "a JSON Web Key Set of one to ten public RSA or P-256 keys, at most 10000 characters",
    "Export the public keys alone, as {\"keys\": [...]}, without any private member",
);

text_value! {
    /// A JSON Web Key Set (RFC 7517 §5) of public keys that check signatures, kept as compact JSON.
    ///
    /// A set with a private key in it is refused: it was handed to somebody whom it does not concern, and must not
    /// be recorded for ever.
    open KeySet {
        check: key_set,
        description: "JSON Web Key Set of public keys",
        length_max: LENGTH_MAX,
        pattern: None,
    }
}

fn key_set(text: &str) -> Checked<'_> {
    if text.len() > LENGTH_MAX {
        return Err(INVALID);
    }
    let set: Value = serde_json::from_str(text).map_err(|_| INVALID)?;
    let keys = set.get("keys").and_then(Value::as_array).ok_or(INVALID)?;
    if !(1..=KEYS_MAX).contains(&keys.len()) || !keys.iter().all(is_public) {
        return Err(INVALID);
    }
    Ok(set.to_string().into())
}

fn is_public(key: &Value) -> bool {
    let has = |name: &&str| key.get(*name).is_some();
    let is_text = |name: &str| key.get(name).is_some_and(Value::is_string);
    let text = |name: &str| key.get(name).and_then(Value::as_str);
    let fits = match text("kty") {
        Some("RSA") => is_text("n") && is_text("e"),
        Some("EC") => text("crv") == Some("P-256") && is_text("x") && is_text("y"),
        _ => false,
    };
    fits && !PRIVATE_MEMBERS.iter().any(has)
}
