//! One directory: its servers in their order, its connections, and the two questions that are
//! asked of it.

use super::delivered;
use domain::value::Certificate;
use domain::{IntegrationId, LdapSecurity};
use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, ResultEntry, Scope, SearchEntry,
    SearchOptions, ldap_escape,
};
use projections::routing::{LdapServer, LdapUpstream};
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// How long a connection may take, and how long an answer, in seconds.
const CONNECT_SECONDS: u64 = 5;
const ANSWER_SECONDS: u64 = 10;
/// Most connections to one directory at a time, and most that are kept open for each use.
const CONNECTIONS_MAX: usize = 32;
const IDLE_MAX: usize = 8;

/// Result codes (RFC 4511 §4.1.9).
mod code {
    pub(super) const SUCCESS: u32 = 0;
    pub(super) const SIZE_LIMIT_EXCEEDED: u32 = 4;
    pub(super) const NO_SUCH_OBJECT: u32 = 32;
    pub(super) const INVALID_DN_SYNTAX: u32 = 34;
    pub(super) const INAPPROPRIATE_AUTHENTICATION: u32 = 48;
    pub(super) const INVALID_CREDENTIALS: u32 = 49;
}

/// Why a directory gave no answer that can be used. Holds nothing of what was sent: the library's
/// own errors carry the request, and a request may carry a password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DirectoryError {
    #[error("no server of the directory could be reached: {0}")]
    Unreachable(String),
    #[error("the connection broke: {0}")]
    Broken(String),
    #[error("the reading account was refused with result code {0}")]
    Reader(u32),
    #[error("the directory answered with result code {0}")]
    Code(u32),
    #[error("the directory's answer cannot be read")]
    Unreadable,
    #[error("several entries have this name")]
    Ambiguous,
    #[error("the directory's configuration cannot be used: {0}")]
    Configuration(&'static str),
}

impl DirectoryError {
    /// Whether the directory is away, as against wrongly set up.
    pub(crate) fn is_outage(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Broken(_))
    }
}

fn broken(error: &LdapError) -> DirectoryError {
    // The text alone: `Debug` would show the request.
    DirectoryError::Broken(error.to_string())
}

/// A user's entry. Personal data; no `Debug`.
pub(super) struct Found {
    /// Its distinguished name.
    pub(super) name: String,
    /// The user's name as the directory writes it, which is the same however it was typed.
    pub(super) subject: String,
    /// The attributes that were asked for.
    pub(super) delivered: Map<String, Value>,
}

/// What a connection is used for: a search goes on under the account that was bound before, so
/// no connection on which users prove themselves is ever searched on.
#[derive(Clone, Copy)]
enum Use {
    Reading,
    Proving,
}

/// The directories that were met, by integration; one whose registration changed is begun anew.
#[derive(Default)]
pub(super) struct Directories(Mutex<HashMap<IntegrationId, Arc<Directory>>>);

impl Directories {
    pub(super) fn of(&self, integration: IntegrationId, upstream: &LdapUpstream) -> Arc<Directory> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(directory) = known.get(&integration)
            && directory.upstream == *upstream
        {
            return Arc::clone(directory);
        }
        let directory = Arc::new(Directory::new(upstream.clone()));
        known.insert(integration, Arc::clone(&directory));
        directory
    }
}

/// One directory and its connections.
pub(super) struct Directory {
    upstream: LdapUpstream,
    idle: Mutex<[Vec<Ldap>; 2]>,
    connections: Semaphore,
}

impl Directory {
    fn new(upstream: LdapUpstream) -> Self {
        Self {
            upstream,
            idle: Mutex::default(),
            connections: Semaphore::new(CONNECTIONS_MAX),
        }
    }

    /// The one entry of this name; `None` where there is none.
    pub(super) async fn find(
        &self,
        reader: Option<&(&str, Zeroizing<String>)>,
        username: &str,
        wanted: &[&str],
    ) -> Result<Option<Found>, DirectoryError> {
        let _permit = self.connections.acquire().await;
        let attribute = self.upstream.user_attribute.as_str();
        let is_description = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        if !attribute.bytes().all(is_description) {
            return Err(DirectoryError::Configuration("user attribute"));
        }
        // RFC 4515 §3: nothing that was typed can end the value or widen the filter.
        let filter = format!("({attribute}={})", ldap_escape(username));
        let mut names = wanted.to_vec();
        names.push(attribute);
        loop {
            let (mut connection, kept) = match self.kept(Use::Reading) {
                Some(connection) => (connection, true),
                None => (self.reading(reader).await?, false),
            };
            let options = SearchOptions::new().sizelimit(2);
            let searched = connection
                .with_timeout(Duration::from_secs(ANSWER_SECONDS))
                .with_search_options(options)
                .search(self.upstream.base.as_str(), Scope::Subtree, &filter, &names)
                .await;
            let result = match searched {
                // The server has closed it meanwhile: another, at last a new one, will do.
                Err(_) if kept => continue,
                Err(error) => return Err(broken(&error)),
                Ok(result) => result,
            };
            self.keep(Use::Reading, connection);
            return match result.1.rc {
                code::SUCCESS => one(result.0, attribute, wanted),
                code::SIZE_LIMIT_EXCEEDED => Err(DirectoryError::Ambiguous),
                other => Err(DirectoryError::Code(other)),
            };
        }
    }

    /// Whether the entry of this name has this password.
    pub(super) async fn proves(&self, name: &str, password: &str) -> Result<bool, DirectoryError> {
        let _permit = self.connections.acquire().await;
        loop {
            let (mut connection, kept) = match self.kept(Use::Proving) {
                Some(connection) => (connection, true),
                None => (self.connect().await?, false),
            };
            let bound = connection
                .with_timeout(Duration::from_secs(ANSWER_SECONDS))
                .simple_bind(name, password)
                .await;
            let result = match bound {
                Err(_) if kept => continue,
                Err(error) => return Err(broken(&error)),
                Ok(result) => result,
            };
            self.keep(Use::Proving, connection);
            return match result.rc {
                code::SUCCESS => Ok(true),
                code::INVALID_CREDENTIALS
                | code::INAPPROPRIATE_AUTHENTICATION
                | code::NO_SUCH_OBJECT
                | code::INVALID_DN_SYNTAX => Ok(false),
                other => Err(DirectoryError::Code(other)),
            };
        }
    }

    fn kept(&self, usage: Use) -> Option<Ldap> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = &mut idle[usage as usize];
        while let Some(mut connection) = kept.pop() {
            if !connection.is_closed() {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&self, usage: Use, connection: Ldap) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = &mut idle[usage as usize];
        if kept.len() < IDLE_MAX {
            kept.push(connection);
        }
    }

    /// A new connection on which the reading account is bound.
    async fn reading(
        &self,
        reader: Option<&(&str, Zeroizing<String>)>,
    ) -> Result<Ldap, DirectoryError> {
        let mut connection = self.connect().await?;
        if let Some((name, password)) = reader {
            let bound = connection
                .with_timeout(Duration::from_secs(ANSWER_SECONDS))
                .simple_bind(name, password)
                .await
                .map_err(|error| broken(&error))?;
            if bound.rc != code::SUCCESS {
                return Err(DirectoryError::Reader(bound.rc));
            }
        }
        Ok(connection)
    }

    /// A new connection to the first server that can be reached.
    async fn connect(&self) -> Result<Ldap, DirectoryError> {
        let mut last = DirectoryError::Configuration("no server");
        for server in &self.upstream.servers {
            match self.connect_to(server).await {
                Ok(connection) => return Ok(connection),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    async fn connect_to(&self, server: &LdapServer) -> Result<Ldap, DirectoryError> {
        let mut settings =
            LdapConnSettings::new().set_conn_timeout(Duration::from_secs(CONNECT_SECONDS));
        if let Some(config) = trusting(&self.upstream.trusted_certificates)? {
            settings = settings.set_config(config);
        }
        let (scheme, standard) = match self.upstream.security {
            LdapSecurity::Ldaps => ("ldaps", 636),
            LdapSecurity::StartTls => {
                settings = settings.set_starttls(true);
                ("ldap", 389)
            }
        };
        let port = server.port.unwrap_or(standard);
        let address = format!("{scheme}://{}:{port}", server.host);
        let (connection, ldap) = LdapConnAsync::with_settings(settings, &address)
            .await
            .map_err(|error| DirectoryError::Unreachable(error.to_string()))?;
        tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::debug!(%error, "a connection to a directory ended");
            }
        });
        Ok(ldap)
    }
}

/// TLS that trusts these certificates alone; `None` for the authorities of the web.
fn trusting(certificates: &[Certificate]) -> Result<Option<Arc<ClientConfig>>, DirectoryError> {
    if certificates.is_empty() {
        return Ok(None);
    }
    let mut roots = RootCertStore::empty();
    for certificate in certificates {
        let der = CertificateDer::from(certificate.der().to_vec());
        roots
            .add(der)
            .map_err(|_| DirectoryError::Configuration("trusted certificate"))?;
    }
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| DirectoryError::Configuration("TLS"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(Arc::new(config)))
}

/// The one entry of an answer. References to other directories are not followed.
fn one(
    entries: Vec<ResultEntry>,
    attribute: &str,
    wanted: &[&str],
) -> Result<Option<Found>, DirectoryError> {
    let mut entries = entries
        .into_iter()
        .filter(|entry| !entry.is_ref() && !entry.is_intermediate());
    let Some(entry) = entries.next() else {
        return Ok(None);
    };
    if entries.next().is_some() {
        return Err(DirectoryError::Ambiguous);
    }
    // The library panics on an entry that it cannot read, and a directory may send anything.
    let entry = catch_unwind(AssertUnwindSafe(|| SearchEntry::construct(entry)))
        .map_err(|_| DirectoryError::Unreadable)?;
    let mut attributes: Vec<_> = entry.attrs.into_iter().collect();
    for (name, values) in entry.bin_attrs {
        // Active Directory's immutable identifier is 16 bytes; it is known by its text.
        let texts: Vec<_> = values.iter().filter_map(|value| guid(value)).collect();
        if name.eq_ignore_ascii_case("objectGUID") && !texts.is_empty() {
            attributes.push((name, texts));
        }
    }
    let subject = attributes
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(attribute))
        .and_then(|(_, values)| values.first())
        .filter(|value| !value.trim().is_empty());
    let Some(subject) = subject else {
        return Err(DirectoryError::Configuration("user attribute"));
    };
    Ok(Some(Found {
        subject: subject.clone(),
        delivered: delivered(wanted, &attributes),
        name: entry.dn,
    }))
}

/// The text of a GUID; its first three groups are little-endian (MS-DTYP §2.3.4.2).
fn guid(bytes: &[u8]) -> Option<String> {
    let b: &[u8; 16] = bytes.try_into().ok()?;
    let turned = [
        b[3], b[2], b[1], b[0], b[5], b[4], b[7], b[6], b[8], b[9], b[10], b[11], b[12], b[13],
        b[14], b[15],
    ];
    let text = hex::encode(turned);
    Some(format!(
        "{}-{}-{}-{}-{}",
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..]
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guid_reads_as_active_directory_writes_it() {
        let bytes: Vec<u8> = (0..16).collect();
        assert_eq!(
            guid(&bytes).as_deref(),
            Some("03020100-0504-0706-0809-0a0b0c0d0e0f")
        );
        assert_eq!(guid(&bytes[1..]), None);
    }

    #[test]
    fn what_went_wrong_shows_nothing_of_what_was_sent() {
        let error = DirectoryError::Broken("op send error: channel closed".to_owned());
        assert!(!format!("{error:?}").contains("Octet"));
    }
}
