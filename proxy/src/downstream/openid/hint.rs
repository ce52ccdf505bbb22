//! ID tokens that come back as hints of who is meant: in an authorization request (OpenID Connect
//! Core §3.1.2.1) and in a log-out (RP-Initiated Logout 1.0 §2).

use crate::broker::Broker;
use crate::jose;
use crate::live::View;
use serde_json::Value;

/// What a token of ours says; its age does not matter.
pub(super) struct Hint {
    /// The client that it was given to.
    pub(super) client_id: String,
    /// The user, as that client knows them.
    pub(super) subject: String,
}

/// Reads a hint; `None` for anything but a token that this environment's proxy signed.
pub(super) fn read(broker: &Broker, view: &View, token: &str) -> Option<Hint> {
    let claims = jose::verify(token, view.keys.verifying()).ok()?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if text("iss") != Some(broker.issuer.as_str()) {
        return None;
    }
    Some(Hint {
        client_id: text("aud")?.to_owned(),
        subject: text("sub")?.to_owned(),
    })
}
