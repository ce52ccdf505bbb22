//! Authentication requests (SAML Core §3.4.1), as services send them to us and as we send them to
//! home organisations.

use super::xml::{self, Writer};
use super::{ASSERTION, PROTOCOL, SamlError, time};
use domain::time::Instant;
use roxmltree::Node;

/// Most values of one list that are read.
const LIST_MAX: usize = 20;
/// Longest identifier, in bytes.
pub(super) const IDENTIFIER_LENGTH_MAX: usize = 256;
/// Longest address or entity ID, in bytes (SAML Core §8.3.6 has 1024 characters).
pub(super) const URI_LENGTH_MAX: usize = 1024;

/// Where the answer is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Consumer {
    /// At this address.
    Address(String),
    /// At the address of this index in the metadata.
    Index(u16),
}

/// Which name identifier is wanted (SAML Core §3.4.1.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameIdPolicy {
    /// Its format; none for any.
    pub format: Option<String>,
    /// Whose name space it belongs to; none for the requester's own.
    pub sp_name_qualifier: Option<String>,
    /// Whether a new one may be made.
    pub allow_create: bool,
}

/// How the contexts that are named compare with the one that is given (SAML Core §3.3.2.2.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparison {
    /// One of them.
    #[default]
    Exact,
    /// One of them, or a stronger one.
    Minimum,
    /// As strong as can be, but no stronger than one of them.
    Maximum,
    /// A stronger one than each of them.
    Better,
}

impl Comparison {
    fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Minimum => "minimum",
            Self::Maximum => "maximum",
            Self::Better => "better",
        }
    }
}

/// Which authentication contexts are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestedContexts {
    /// How they compare.
    pub comparison: Comparison,
    /// The classes.
    pub classes: Vec<String>,
}

/// Who is behind the request, and how far it may go (SAML Core §3.4.1.2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scoping {
    /// How many more proxies there may be between this recipient and the identity provider.
    pub proxy_count: Option<u32>,
    /// The identity providers that will do; none named means all.
    pub providers: Vec<String>,
    /// The services on whose behalf it is made.
    pub requesters: Vec<String>,
}

/// An authentication request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthnRequest {
    /// Its identifier.
    pub id: String,
    /// When it was made.
    pub issue_instant: Instant,
    /// Where it was sent.
    pub destination: Option<String>,
    /// Who made it: an entity ID.
    pub issuer: String,
    /// Where the answer is wanted; none for the place that is registered as the default.
    pub consumer: Option<Consumer>,
    /// By which binding the answer is wanted.
    pub protocol_binding: Option<String>,
    /// The user must prove who they are now.
    pub force: bool,
    /// Nothing may be shown to the user.
    pub passive: bool,
    /// Which name identifier is wanted.
    pub name_id_policy: Option<NameIdPolicy>,
    /// Which authentication contexts are wanted.
    pub contexts: Option<RequestedContexts>,
    /// Who is behind it.
    pub scoping: Option<Scoping>,
    /// Whether it names the user that is wanted, which we do not serve.
    pub names_subject: bool,
}

impl AuthnRequest {
    /// A request that wants nothing in particular.
    pub fn new(id: &str, issue_instant: Instant, issuer: &str) -> Self {
        Self {
            id: id.to_owned(),
            issue_instant,
            destination: None,
            issuer: issuer.to_owned(),
            consumer: None,
            protocol_binding: None,
            force: false,
            passive: false,
            name_id_policy: None,
            contexts: None,
            scoping: None,
            names_subject: false,
        }
    }

    /// Writes it; `signature` is the place of one, as [`signature::template`] writes it.
    ///
    /// [`signature::template`]: super::signature::template
    pub fn write(&self, signature: Option<&str>) -> String {
        let issue_instant = time::write(self.issue_instant);
        let (address, index) = match &self.consumer {
            None => (None, None),
            Some(Consumer::Address(address)) => (Some(address.as_str()), None),
            Some(Consumer::Index(index)) => (None, Some(index.to_string())),
        };
        let flag = |set: bool| set.then_some("true");
        let mut out = Writer::new();
        out.open(
            "samlp:AuthnRequest",
            &[
                ("xmlns:samlp", Some(PROTOCOL)),
                ("xmlns:saml", Some(ASSERTION)),
                ("AssertionConsumerServiceIndex", index.as_deref()),
                ("AssertionConsumerServiceURL", address),
                ("Destination", self.destination.as_deref()),
                ("ForceAuthn", flag(self.force)),
                ("ID", Some(&self.id)),
                ("IsPassive", flag(self.passive)),
                ("IssueInstant", Some(&issue_instant)),
                ("ProtocolBinding", self.protocol_binding.as_deref()),
                ("Version", Some("2.0")),
            ],
        );
        out.leaf("saml:Issuer", &[], &self.issuer);
        out.raw(signature.unwrap_or_default());
        if let Some(policy) = &self.name_id_policy {
            let attributes = [
                ("AllowCreate", flag(policy.allow_create)),
                ("Format", policy.format.as_deref()),
                ("SPNameQualifier", policy.sp_name_qualifier.as_deref()),
            ];
            out.leaf("samlp:NameIDPolicy", &attributes, "");
        }
        if let Some(contexts) = &self.contexts {
            let comparison = Some(contexts.comparison.name());
            out.open("samlp:RequestedAuthnContext", &[("Comparison", comparison)]);
            for class in &contexts.classes {
                out.leaf("saml:AuthnContextClassRef", &[], class);
            }
            out.close("samlp:RequestedAuthnContext");
        }
        if let Some(scoping) = &self.scoping {
            let count = scoping.proxy_count.map(|count| count.to_string());
            out.open("samlp:Scoping", &[("ProxyCount", count.as_deref())]);
            if !scoping.providers.is_empty() {
                out.open("samlp:IDPList", &[]);
                for provider in &scoping.providers {
                    out.leaf("samlp:IDPEntry", &[("ProviderID", Some(provider))], "");
                }
                out.close("samlp:IDPList");
            }
            for requester in &scoping.requesters {
                out.leaf("samlp:RequesterID", &[], requester);
            }
            out.close("samlp:Scoping");
        }
        out.close("samlp:AuthnRequest");
        out.finish()
    }

    /// Reads it from its element.
    pub fn read(node: Node<'_, '_>) -> Result<Self, SamlError> {
        if !xml::is(node, PROTOCOL, "AuthnRequest") {
            return Err(SamlError::Message("not an authentication request"));
        }
        let index = node
            .attribute("AssertionConsumerServiceIndex")
            .map(|index| index.trim().parse::<u16>())
            .transpose()
            .map_err(|_| SamlError::Message("consumer index"))?;
        let consumer = match (address(node, "AssertionConsumerServiceURL")?, index) {
            (None, None) => None,
            (Some(address), None) => Some(Consumer::Address(address)),
            (None, Some(index)) => Some(Consumer::Index(index)),
            (Some(_), Some(_)) => return Err(SamlError::Message("consumer stands twice")),
        };
        Ok(Self {
            id: identifier(node)?,
            issue_instant: instant(node, "IssueInstant")?
                .ok_or(SamlError::Message("issue instant is missing"))?,
            destination: address(node, "Destination")?,
            issuer: issuer(node)?.ok_or(SamlError::Message("issuer is missing"))?,
            consumer,
            protocol_binding: address(node, "ProtocolBinding")?,
            force: flag(node, "ForceAuthn")?,
            passive: flag(node, "IsPassive")?,
            name_id_policy: xml::one(node, PROTOCOL, "NameIDPolicy")?
                .map(name_id_policy)
                .transpose()?,
            contexts: xml::one(node, PROTOCOL, "RequestedAuthnContext")?
                .map(contexts)
                .transpose()?,
            scoping: xml::one(node, PROTOCOL, "Scoping")?
                .map(scoping)
                .transpose()?,
            names_subject: xml::one(node, ASSERTION, "Subject")?.is_some(),
        })
    }
}

fn name_id_policy(node: Node<'_, '_>) -> Result<NameIdPolicy, SamlError> {
    Ok(NameIdPolicy {
        format: address(node, "Format")?,
        sp_name_qualifier: address(node, "SPNameQualifier")?,
        allow_create: flag(node, "AllowCreate")?,
    })
}

fn contexts(node: Node<'_, '_>) -> Result<RequestedContexts, SamlError> {
    let comparison = match node.attribute("Comparison") {
        None | Some("exact") => Comparison::Exact,
        Some("minimum") => Comparison::Minimum,
        Some("maximum") => Comparison::Maximum,
        Some("better") => Comparison::Better,
        Some(_) => return Err(SamlError::Message("comparison")),
    };
    Ok(RequestedContexts {
        comparison,
        classes: texts(xml::named(node, ASSERTION, "AuthnContextClassRef"))?,
    })
}

fn scoping(node: Node<'_, '_>) -> Result<Scoping, SamlError> {
    let list = xml::one(node, PROTOCOL, "IDPList")?;
    let providers = list
        .into_iter()
        .flat_map(|list| xml::named(list, PROTOCOL, "IDPEntry"))
        .take(LIST_MAX)
        .filter_map(|entry| address(entry, "ProviderID").transpose())
        .collect::<Result<_, _>>()?;
    Ok(Scoping {
        proxy_count: node
            .attribute("ProxyCount")
            .map(|count| count.trim().parse())
            .transpose()
            .map_err(|_| SamlError::Message("proxy count"))?,
        providers,
        requesters: texts(xml::named(node, PROTOCOL, "RequesterID"))?,
    })
}

fn texts<'a, 'i: 'a>(nodes: impl Iterator<Item = Node<'a, 'i>>) -> Result<Vec<String>, SamlError> {
    nodes
        .take(LIST_MAX)
        .map(|node| bounded(xml::text(node)?.trim(), URI_LENGTH_MAX).map(str::to_owned))
        .collect()
}

fn bounded(text: &str, most: usize) -> Result<&str, SamlError> {
    if text.len() > most {
        Err(SamlError::Message("a value is too long"))
    } else {
        Ok(text)
    }
}

/// The identifier and version that every message and assertion has.
pub(super) fn identifier(node: Node<'_, '_>) -> Result<String, SamlError> {
    if node.attribute("Version") != Some("2.0") {
        return Err(SamlError::Message("version"));
    }
    let id = node
        .attribute("ID")
        .filter(|id| !id.is_empty())
        .ok_or(SamlError::Message("identifier is missing"))?;
    bounded(id, IDENTIFIER_LENGTH_MAX).map(str::to_owned)
}

/// The entity that made it, whose name is a plain one (SAML Core §2.2.5).
pub(super) fn issuer(node: Node<'_, '_>) -> Result<Option<String>, SamlError> {
    let Some(issuer) = xml::one(node, ASSERTION, "Issuer")? else {
        return Ok(None);
    };
    let entity = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";
    if issuer
        .attribute("Format")
        .is_some_and(|format| format != entity)
    {
        return Err(SamlError::Message("issuer is no entity"));
    }
    bounded(xml::text(issuer)?.trim(), URI_LENGTH_MAX).map(|text| Some(text.to_owned()))
}

pub(super) fn instant(
    node: Node<'_, '_>,
    name: &'static str,
) -> Result<Option<Instant>, SamlError> {
    node.attribute(name)
        .map(|text| time::read(text).ok_or(SamlError::Message("an instant cannot be read")))
        .transpose()
}

pub(super) fn address(node: Node<'_, '_>, name: &str) -> Result<Option<String>, SamlError> {
    node.attribute(name)
        .map(|text| bounded(text, URI_LENGTH_MAX).map(str::to_owned))
        .transpose()
}

fn flag(node: Node<'_, '_>, name: &str) -> Result<bool, SamlError> {
    match node.attribute(name) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(SamlError::Message("a flag is neither true nor false")),
    }
}
