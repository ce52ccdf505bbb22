//! Addresses and names of systems: entity IDs, client ids, hosts, web addresses, redirect URIs.

use super::Invalid;
use super::text::{Checked, text_value, visible_ascii};
use url::{Host, Url};

const ENTITY_ID_LENGTH_MAX: usize = 1024;
const CLIENT_ID_LENGTH_MAX: usize = 2048;
const HOST_NAME_LENGTH_MAX: usize = 253;
const ADDRESS_LENGTH_MAX: usize = 2048;

const INVALID_ENTITY_ID: Invalid = Invalid::new(
    "entity_id",
    "a SAML entity ID: a URI of at most 1024 characters without spaces",
    "Copy the entityID from the peer's SAML metadata",
);
const INVALID_CLIENT_ID: Invalid = Invalid::new(
    "client_id",
    "an OpenID Connect client id of at most 2048 visible ASCII characters",
    "Use letters, digits and punctuation without spaces",
);
const INVALID_HOST_NAME: Invalid = Invalid::new(
    "host_name",
    "a host name such as wilma.example.org",
    "Give the name alone, without scheme, port or path, and not an IP address",
);
const INVALID_WEB_ADDRESS: Invalid = Invalid::new(
    "web_address",
    "an address that begins with https://, without user name, password or fragment",
    "Give the full address; plain http is for a loopback host in demonstrations only",
);
const INVALID_REDIRECT_URI: Invalid = Invalid::new(
    "redirect_uri",
    "a redirect URI that begins with https:// or http://, without user name, password or #",
    "Give the exact address to which the service is returned after login",
);
const NOT_FOR_PRODUCTION: Invalid = Invalid::new(
    "address_not_for_production",
    "an https address of a host other than the local machine",
    "Register the service's public https address for production",
);

text_value! {
    /// The entity ID of a SAML peer.
    ///
    /// SAML core wants a URI of at most 1024 characters; metadata in use holds identifiers without a scheme, so the
    /// characters of a URI reference (RFC 3986) are what is asked for.
    open EntityId {
        check: entity_id,
        description: "SAML entity ID",
        length_max: ENTITY_ID_LENGTH_MAX,
        pattern: None,
    }
}

text_value! {
    /// The client id of an OpenID Connect service: visible ASCII (RFC 6749 appendix A.1, without the space).
    open ClientId {
        check: client_id,
        description: "OpenID Connect client id",
        length_max: CLIENT_ID_LENGTH_MAX,
        pattern: Some("^[!-~]+$"),
    }
}

text_value! {
    /// A host name (RFC 1123), in lower case; an IP address is none.
    open HostName {
        check: host_name,
        description: "Host name, without scheme, port and path",
        length_max: HOST_NAME_LENGTH_MAX,
        pattern: None,
    }
}

text_value! {
    /// A web address over https, kept exactly as given, for comparison octet by octet.
    ///
    /// Plain http is accepted for a loopback host alone, so that a demonstration runs on one machine;
    /// [`check_production`](WebAddress::check_production) refuses it.
    open WebAddress {
        check: web_address,
        description: "https address",
        length_max: ADDRESS_LENGTH_MAX,
        pattern: Some("^[Hh][Tt][Tt][Pp][Ss]?://"),
    }
}

text_value! {
    /// A redirect URI of an OpenID Connect service, kept exactly as given: matching is octet by octet.
    ///
    /// Any environment but production accepts http;
    /// [`check_production`](RedirectUri::check_production) asks for https and a host that is not the local machine.
    open RedirectUri {
        check: redirect_uri,
        description: "Redirect URI, matched exactly",
        length_max: ADDRESS_LENGTH_MAX,
        pattern: Some("^[Hh][Tt][Tt][Pp][Ss]?://[^#]+$"),
    }
}

impl WebAddress {
    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.as_str())
    }

    /// The rule for production: https, and not the local machine.
    pub fn check_production(&self) -> Result<(), Invalid> {
        check_production(self.as_str())
    }

    /// The address taken apart; `None` cannot happen for a value that was parsed.
    pub fn to_url(&self) -> Option<Url> {
        Url::parse(self.as_str()).ok()
    }
}

impl RedirectUri {
    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.as_str())
    }

    /// The rule for production: https, and not the local machine.
    pub fn check_production(&self) -> Result<(), Invalid> {
        check_production(self.as_str())
    }
}

fn entity_id(text: &str) -> Checked<'_> {
    let text = visible_ascii(text, ENTITY_ID_LENGTH_MAX, INVALID_ENTITY_ID)?;
    let foreign = |character| {
        matches!(
            character,
            '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}'
        )
    };
    if text.contains(foreign) {
        Err(INVALID_ENTITY_ID)
    } else {
        Ok(text.into())
    }
}

fn client_id(text: &str) -> Checked<'_> {
    visible_ascii(text, CLIENT_ID_LENGTH_MAX, INVALID_CLIENT_ID).map(Into::into)
}

pub(super) fn host_name(text: &str) -> Checked<'_> {
    let text = visible_ascii(text, HOST_NAME_LENGTH_MAX, INVALID_HOST_NAME)?;
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    // A last label of digits is how an IPv4 address looks; no top-level domain does.
    let numeric_end = text
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    if text.split('.').all(label) && !numeric_end {
        Ok(text.to_ascii_lowercase().into())
    } else {
        Err(INVALID_HOST_NAME)
    }
}

fn web_address(text: &str) -> Checked<'_> {
    let (text, url) = address(text, INVALID_WEB_ADDRESS)?;
    if url.scheme() == "https" || loopback_host(&url) {
        Ok(text.into())
    } else {
        Err(INVALID_WEB_ADDRESS)
    }
}

fn redirect_uri(text: &str) -> Checked<'_> {
    address(text, INVALID_REDIRECT_URI).map(|(text, _)| text.into())
}

/// What both kinds of address share: http or https, a host, nothing that hides the host from a reader.
fn address(text: &str, invalid: Invalid) -> Result<(&str, Url), Invalid> {
    let text = visible_ascii(text, ADDRESS_LENGTH_MAX, invalid)?;
    let (scheme, rest) = text.split_once("://").ok_or(invalid)?;
    let web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    // Browsers repair backslashes and missing or surplus slashes, and then go to another host than a reader sees.
    if !web || rest.starts_with('/') || text.contains(['\\', '#']) {
        return Err(invalid);
    }
    let url = Url::parse(text).map_err(|_| invalid)?;
    let plain = url.username().is_empty() && url.password().is_none() && url.has_host();
    if plain { Ok((text, url)) } else { Err(invalid) }
}

fn loopback_host(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => {
            let mapped = address.to_ipv4_mapped();
            address.is_loopback()
                || address.is_unspecified()
                || mapped.is_some_and(|address| address.is_loopback())
        }
        None => false,
    }
}

fn is_loopback(text: &str) -> bool {
    Url::parse(text).is_ok_and(|url| loopback_host(&url))
}

fn check_production(text: &str) -> Result<(), Invalid> {
    let url = Url::parse(text).map_err(|_| NOT_FOR_PRODUCTION)?;
    if url.scheme() == "https" && !loopback_host(&url) {
        Ok(())
    } else {
        Err(NOT_FOR_PRODUCTION)
    }
}
