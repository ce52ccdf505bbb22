//! The secrets of an import at the edge: of a service's only a salted hash goes on, a home
//! organisation's goes on to be sealed, and the same secret twice is seen to be the same.

use super::mpassid::ReadClient;
use domain::value::{SecretText, ShortText};
use domain::{ImportedClient, ImportedHome, Network, PeerName};
use ledger::keyed_digest;
use projections::routing::SecretHash;
use registrar::Log;
use zeroize::Zeroizing;

/// What is recorded, where the importer can look.
pub(crate) struct Recorded<'a> {
    /// The network.
    pub(crate) network: &'a Network,
    /// Its log, to open a recorded secret.
    pub(crate) log: &'a Log,
}

/// Turns secrets into what a command may carry.
pub(crate) struct Secrets<'a> {
    /// The key of salts and marks: the same from one import to the next, and known to nobody who
    /// reads the log.
    pub(crate) key: &'a Zeroizing<Vec<u8>>,
    /// What is recorded; none where that lies behind a server.
    pub(crate) recorded: Option<Recorded<'a>>,
}

impl Secrets<'_> {
    /// The client with the hash of its secret.
    pub(crate) fn hashed(&self, read: &ReadClient) -> ImportedClient {
        let mut client = read.client.clone();
        client.secret_hash = read
            .secret
            .as_deref()
            .and_then(|secret| self.hash(&client, secret));
        client
    }

    fn hash(&self, client: &ImportedClient, secret: &str) -> Option<ShortText> {
        let recorded = self.recorded.as_ref().and_then(|recorded| {
            let integrations = &recorded.network.integrations;
            let id = integrations.client_by_legacy_id(&client.legacy_id)?;
            integrations.get(id)?.client()?.secret_hash.clone()
        });
        let same = |hash: &ShortText| SecretHash::recorded(hash.as_str()).matches(secret);
        if let Some(hash) = recorded.filter(same) {
            return Some(hash);
        }
        let (PeerName::ClientId(id), environment) = (
            client.configuration.protocol.peer_name(),
            client.environment,
        ) else {
            return None;
        };
        let whose = format!("{environment}\0{id}");
        let digest = keyed_digest(self.key, "salt of an imported secret", whose.as_bytes());
        let mut salt = [0; 16];
        salt.copy_from_slice(&digest.0[..16]);
        ShortText::parse(SecretHash::of(secret, salt).as_str()).ok()
    }

    /// The home integration with the mark by which its secret is known again.
    pub(crate) fn marked(&self, mut home: ImportedHome) -> ImportedHome {
        home.secret_mark = home
            .secret
            .as_ref()
            .and_then(|secret| self.mark(&home, secret));
        home
    }

    fn mark(&self, home: &ImportedHome, secret: &SecretText) -> Option<ShortText> {
        if let Some((recorded, mark)) = self.recorded_secret(home)
            && *recorded == secret.as_str()
        {
            // The same: with its own mark, or with none, nothing changes.
            return mark;
        }
        let whose = format!("{}\0{}", home.idp_id, secret.as_str());
        let whose = Zeroizing::new(whose);
        let mark = keyed_digest(self.key, "mark of an imported secret", whose.as_bytes());
        ShortText::parse(&mark.to_string()).ok()
    }

    /// The secret that is recorded for this integration, with its mark.
    fn recorded_secret(
        &self,
        home: &ImportedHome,
    ) -> Option<(Zeroizing<String>, Option<ShortText>)> {
        let recorded = self.recorded.as_ref()?;
        let integrations = &recorded.network.integrations;
        let row = integrations
            .get(integrations.home_by_legacy_id(&home.legacy_id)?)?
            .home()?;
        let slot = row.secret.as_ref()?.slot()?;
        let secret = recorded.log.open(slot).ok()?;
        Some((secret, row.secret_mark.clone()))
    }
}
