//! Metadata (SAML Metadata 2.0): what peers say of themselves, and what we say of ourselves.

use super::encryption::{AES128_GCM, AES256_GCM, RSA_OAEP, RSA_OAEP_MGF1P};
use super::key::SigningKey;
use super::request::URI_LENGTH_MAX;
use super::xml::{self, Limits, Writer};
use super::{DSIG, HTTP_POST, HTTP_REDIRECT, METADATA, PERSISTENT, PROTOCOL, SamlError, TRANSIENT};
use super::{signature, time};
use domain::time::Instant;
use domain::value::Certificate;
use roxmltree::Node;

const MDUI: &str = "urn:oasis:names:tc:SAML:metadata:ui";
/// How long our metadata are valid, in seconds (Kalmar rules: 6 to 96 hours and more; a week
/// carries peers over a long outage of ours).
pub const VALID_SECONDS: i64 = 7 * 24 * 3600;
/// How long peers may keep them before asking anew.
const CACHE_DURATION: &str = "PT6H";
/// Most endpoints or keys of one role that are read.
const LIST_MAX: usize = 50;

/// What a key in metadata is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// Signing alone.
    Signing,
    /// Encryption alone.
    Encryption,
    /// Both: the metadata do not say.
    Any,
}

/// A place that takes messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// How a message travels there.
    pub binding: String,
    /// Its address.
    pub location: String,
    /// Its index, where it has one.
    pub index: Option<u16>,
    /// Whether it serves where none is named.
    pub is_default: bool,
}

/// A name in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalName {
    /// The language's tag, such as `fi`.
    pub language: String,
    /// The name.
    pub name: String,
}

/// One role of a peer: identity provider, or service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Role {
    /// Its keys.
    pub keys: Vec<(KeyUse, Certificate)>,
    /// Where logins begin (identity providers).
    pub single_sign_on: Vec<Endpoint>,
    /// Where assertions are taken (services).
    pub assertion_consumer: Vec<Endpoint>,
    /// What people know it as.
    pub display_names: Vec<LocalName>,
    /// Whether requests are to be signed, or are signed.
    pub requests_signed: bool,
    /// Whether assertions are to be signed.
    pub assertions_signed: bool,
}

impl Role {
    /// The certificates of the keys that sign.
    pub fn signing(&self) -> Vec<Certificate> {
        self.of_use(KeyUse::Encryption)
    }

    /// The certificates of the keys that are encrypted to.
    pub fn encryption(&self) -> Vec<Certificate> {
        self.of_use(KeyUse::Signing)
    }

    fn of_use(&self, other: KeyUse) -> Vec<Certificate> {
        let fits = self.keys.iter().filter(|(usage, _)| *usage != other);
        fits.map(|(_, certificate)| certificate.clone()).collect()
    }
}

/// What a peer says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeerDescription {
    /// Its entity ID.
    pub entity_id: String,
    /// Until when this holds.
    pub valid_until: Option<Instant>,
    /// As an identity provider.
    pub identity_provider: Option<Role>,
    /// As a service.
    pub service: Option<Role>,
}

/// Reads the description of one peer. Where it came from is what makes it believed, or a
/// signature that the caller checks with [`signature::authenticate`].
pub fn read(text: &str, now: Instant) -> Result<PeerDescription, SamlError> {
    let document = xml::parse(text, Limits::METADATA)?;
    let root = document.root_element();
    if !xml::is(root, METADATA, "EntityDescriptor") {
        return Err(SamlError::Message("not the description of one entity"));
    }
    let valid_until = super::request::instant(root, "validUntil")?;
    if valid_until.is_some_and(|until| until <= now) {
        return Err(SamlError::Condition("metadata have expired"));
    }
    let entity_id = root.attribute("entityID").unwrap_or_default();
    if entity_id.is_empty() || entity_id.len() > URI_LENGTH_MAX {
        return Err(SamlError::Message("entity ID"));
    }
    Ok(PeerDescription {
        entity_id: entity_id.to_owned(),
        valid_until,
        identity_provider: role(root, "IDPSSODescriptor", "WantAuthnRequestsSigned")?,
        service: role(root, "SPSSODescriptor", "AuthnRequestsSigned")?,
    })
}

fn role(root: Node<'_, '_>, name: &'static str, signed: &str) -> Result<Option<Role>, SamlError> {
    let speaks = |node: &Node<'_, '_>| {
        node.attribute("protocolSupportEnumeration")
            .is_some_and(|list| list.split_whitespace().any(|one| one == PROTOCOL))
    };
    let Some(node) = xml::named(root, METADATA, name).find(speaks) else {
        return Ok(None);
    };
    let flag = |name: &str| matches!(node.attribute(name), Some("true" | "1"));
    let mut keys = Vec::new();
    for descriptor in xml::named(node, METADATA, "KeyDescriptor").take(LIST_MAX) {
        let usage = match descriptor.attribute("use") {
            Some("signing") => KeyUse::Signing,
            Some("encryption") => KeyUse::Encryption,
            _ => KeyUse::Any,
        };
        let certificates = xml::named(descriptor, DSIG, "KeyInfo")
            .flat_map(|info| xml::named(info, DSIG, "X509Data"))
            .flat_map(|data| xml::named(data, DSIG, "X509Certificate"));
        for certificate in certificates {
            let certificate = Certificate::parse(xml::text(certificate)?)
                .map_err(|_| SamlError::Message("a certificate cannot be read"))?;
            keys.push((usage, certificate));
        }
    }
    let display_names = xml::named(node, METADATA, "Extensions")
        .flat_map(|extensions| xml::named(extensions, MDUI, "UIInfo"))
        .flat_map(|info| xml::named(info, MDUI, "DisplayName"))
        .take(LIST_MAX)
        .filter_map(|name| {
            let language = name.attribute(("http://www.w3.org/XML/1998/namespace", "lang"))?;
            Some(LocalName {
                language: language.to_owned(),
                name: xml::text(name).ok()?.trim().to_owned(),
            })
        })
        .collect();
    Ok(Some(Role {
        keys,
        single_sign_on: endpoints(node, "SingleSignOnService")?,
        assertion_consumer: endpoints(node, "AssertionConsumerService")?,
        display_names,
        requests_signed: flag(signed),
        assertions_signed: flag("WantAssertionsSigned"),
    }))
}

fn endpoints(node: Node<'_, '_>, name: &'static str) -> Result<Vec<Endpoint>, SamlError> {
    let missing = SamlError::Message("an endpoint is not complete");
    xml::named(node, METADATA, name)
        .take(LIST_MAX)
        .map(|endpoint| {
            Ok(Endpoint {
                binding: endpoint.attribute("Binding").ok_or(missing)?.to_owned(),
                location: super::request::address(endpoint, "Location")?.ok_or(missing)?,
                index: endpoint
                    .attribute("index")
                    .map(|index| index.trim().parse())
                    .transpose()
                    .map_err(|_| missing)?,
                is_default: matches!(endpoint.attribute("isDefault"), Some("true" | "1")),
            })
        })
        .collect()
}

/// Somebody to turn to: a role with a shared address, never a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// `technical`, `support`, or `other` with the security role of REFEDS.
    pub kind: ContactKind,
    /// The name of the organisation or of the role.
    pub name: String,
    /// The shared e-mail address.
    pub email: String,
}

/// What somebody is turned to for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContactKind {
    /// Technical matters.
    Technical,
    /// Help for users.
    Support,
    /// Security incidents (REFEDS Security Contact Metadata Extension).
    Security,
}

/// What we say of ourselves.
#[derive(Clone, Copy, Debug)]
pub struct OwnDescription<'a> {
    /// The document's identifier.
    pub id: &'a str,
    /// Our entity ID.
    pub entity_id: &'a str,
    /// What people know us as.
    pub display_names: &'a [LocalName],
    /// What we are.
    pub description: &'a [LocalName],
    /// Every certificate whose key signs or soon will.
    pub signing: &'a [Certificate],
    /// Every certificate whose key may be encrypted to.
    pub encryption: &'a [Certificate],
    /// Whom to turn to.
    pub contacts: &'a [Contact],
    /// Now.
    pub now: Instant,
}

/// Which role we describe.
#[derive(Clone, Copy, Debug)]
pub enum OwnRole<'a> {
    /// Identity provider to services: where logins begin, by redirect and by post.
    IdentityProvider {
        /// By HTTP-Redirect.
        redirect: &'a str,
        /// By HTTP-POST.
        post: &'a str,
    },
    /// Service to home organisations: where assertions are taken.
    Service {
        /// The addresses, the first of which is the default.
        consumers: &'a [String],
    },
}

/// Writes our metadata and signs them.
pub fn write(
    own: &OwnDescription<'_>,
    role: &OwnRole<'_>,
    key: &SigningKey,
) -> Result<String, SamlError> {
    let valid_until = time::write(crate::clock::after(own.now, VALID_SECONDS));
    let mut out = Writer::new();
    out.open(
        "md:EntityDescriptor",
        &[
            ("xmlns:md", Some(METADATA)),
            ("ID", Some(own.id)),
            ("cacheDuration", Some(CACHE_DURATION)),
            ("entityID", Some(own.entity_id)),
            ("validUntil", Some(&valid_until)),
        ],
    );
    out.raw(&signature::template(own.id, key));
    match role {
        OwnRole::IdentityProvider { redirect, post } => {
            out.open(
                "md:IDPSSODescriptor",
                &[
                    ("WantAuthnRequestsSigned", Some("true")),
                    ("protocolSupportEnumeration", Some(PROTOCOL)),
                ],
            );
            ui_info(&mut out, own);
            keys(&mut out, own.signing, "signing");
            for format in [TRANSIENT, PERSISTENT] {
                out.leaf("md:NameIDFormat", &[], format);
            }
            for (binding, location) in [(HTTP_REDIRECT, redirect), (HTTP_POST, post)] {
                let attributes = [("Binding", Some(binding)), ("Location", Some(*location))];
                out.leaf("md:SingleSignOnService", &attributes, "");
            }
            out.close("md:IDPSSODescriptor");
        }
        OwnRole::Service { consumers } => {
            out.open(
                "md:SPSSODescriptor",
                &[
                    ("AuthnRequestsSigned", Some("true")),
                    ("WantAssertionsSigned", Some("true")),
                    ("protocolSupportEnumeration", Some(PROTOCOL)),
                ],
            );
            ui_info(&mut out, own);
            keys(&mut out, own.signing, "signing");
            keys(&mut out, own.encryption, "encryption");
            for (index, location) in consumers.iter().enumerate() {
                let index_text = index.to_string();
                out.leaf(
                    "md:AssertionConsumerService",
                    &[
                        ("Binding", Some(HTTP_POST)),
                        ("Location", Some(location)),
                        ("index", Some(&index_text)),
                        ("isDefault", (index == 0).then_some("true")),
                    ],
                    "",
                );
            }
            out.close("md:SPSSODescriptor");
        }
    }
    for contact in own.contacts {
        let (kind, extra) = match contact.kind {
            ContactKind::Technical => ("technical", None),
            ContactKind::Support => ("support", None),
            ContactKind::Security => (
                "other",
                Some("http://refeds.org/metadata/contactType/security"),
            ),
        };
        out.open(
            "md:ContactPerson",
            &[
                ("xmlns:remd", extra.map(|_| "http://refeds.org/metadata")),
                ("contactType", Some(kind)),
                ("remd:contactType", extra),
            ],
        );
        out.leaf("md:GivenName", &[], &contact.name)
            .leaf("md:EmailAddress", &[], &format!("mailto:{}", contact.email))
            .close("md:ContactPerson");
    }
    out.close("md:EntityDescriptor");
    signature::sign(out.finish(), key)
}

fn ui_info(out: &mut Writer, own: &OwnDescription<'_>) {
    out.open("md:Extensions", &[])
        .open("mdui:UIInfo", &[("xmlns:mdui", Some(MDUI))]);
    for (element, names) in [
        ("mdui:DisplayName", own.display_names),
        ("mdui:Description", own.description),
    ] {
        for name in names {
            out.leaf(element, &[("xml:lang", Some(&name.language))], &name.name);
        }
    }
    out.close("mdui:UIInfo").close("md:Extensions");
}

fn keys(out: &mut Writer, certificates: &[Certificate], usage: &str) {
    for certificate in certificates {
        out.open("md:KeyDescriptor", &[("use", Some(usage))])
            .open("ds:KeyInfo", &[("xmlns:ds", Some(DSIG))])
            .open("ds:X509Data", &[])
            .leaf("ds:X509Certificate", &[], certificate.as_str())
            .close("ds:X509Data")
            .close("ds:KeyInfo");
        if usage == "encryption" {
            for algorithm in [AES256_GCM, AES128_GCM, RSA_OAEP, RSA_OAEP_MGF1P] {
                out.leaf("md:EncryptionMethod", &[("Algorithm", Some(algorithm))], "");
            }
        }
        out.close("md:KeyDescriptor");
    }
}
