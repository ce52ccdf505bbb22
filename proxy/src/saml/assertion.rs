//! Assertions (SAML Core §2.3.3), as we issue them to services and as home organisations issue
//! them to us, and what must hold of one before it is believed (SAML Profiles §4.1.4).

use super::request::{address, identifier, instant, issuer};
use super::time::{self, SKEW_SECONDS};
use super::xml::{self, Writer};
use super::{ASSERTION, SamlError};
use domain::time::Instant;
use roxmltree::Node;

/// How long after it was made an assertion is taken, in seconds.
pub const AGE_SECONDS_MAX: i64 = 300;

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const URI_FORMAT: &str = "urn:oasis:names:tc:SAML:2.0:attrname-format:uri";
/// Most attributes, and most values of one, that are read.
const LIST_MAX: usize = 200;

/// A name identifier (SAML Core §2.2.2). Personal data: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct NameId {
    /// The name.
    pub value: String,
    /// Its format.
    pub format: Option<String>,
    /// Who gave it.
    pub name_qualifier: Option<String>,
    /// To whom it was given.
    pub sp_name_qualifier: Option<String>,
}

/// Who may present an assertion, where, and until when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmation {
    /// The request it answers.
    pub in_response_to: Option<String>,
    /// Where it is to be presented.
    pub recipient: Option<String>,
    /// Until when.
    pub not_on_or_after: Option<Instant>,
    /// From when; the profile does not allow it.
    pub not_before: Option<Instant>,
}

/// When and for whom an assertion holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Conditions {
    /// From when.
    pub not_before: Option<Instant>,
    /// Until when.
    pub not_on_or_after: Option<Instant>,
    /// For whom: one of each list.
    pub audiences: Vec<Vec<String>>,
}

/// How and when the user was authenticated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthnStatement {
    /// When.
    pub instant: Instant,
    /// The session's name at the issuer.
    pub session_index: Option<String>,
    /// When the session ends at the latest.
    pub session_not_on_or_after: Option<Instant>,
    /// In which context.
    pub context_class: Option<String>,
    /// Who really did it, where the issuer is a proxy.
    pub authorities: Vec<String>,
}

/// One attribute of the user. Personal data: `Debug` shows its name alone.
#[derive(Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its name for people.
    pub friendly_name: Option<String>,
    /// Its values.
    pub values: Vec<String>,
}

/// An assertion. Personal data.
#[derive(Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Its identifier.
    pub id: String,
    /// When it was made.
    pub issue_instant: Instant,
    /// Who made it: an entity ID.
    pub issuer: String,
    /// Whom it is about.
    pub name_id: Option<NameId>,
    /// How whoever presents it is known to be meant; bearer confirmations alone.
    pub confirmations: Vec<Confirmation>,
    /// When and for whom it holds.
    pub conditions: Conditions,
    /// How the user was authenticated.
    pub authentication: AuthnStatement,
    /// What it says of the user.
    pub attributes: Vec<Attribute>,
}

impl std::fmt::Debug for NameId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NameId")
            .field("format", &self.format)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Attribute {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attribute")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Assertion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Assertion")
            .field("id", &self.id)
            .field("issuer", &self.issuer)
            .field("attributes", &self.attributes)
            .finish_non_exhaustive()
    }
}

/// What an assertion must fit.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The one issuer that is believed.
    pub issuer: &'a str,
    /// Who we are to it.
    pub audience: &'a str,
    /// The address it was presented at.
    pub recipient: &'a str,
    /// The request that is open.
    pub in_response_to: &'a str,
    /// Now.
    pub now: Instant,
}

fn moved(instant: Instant, seconds: i64) -> Instant {
    crate::clock::after(instant, seconds)
}

impl Assertion {
    /// Whether it is the answer that is expected (SAML Profiles §4.1.4.3).
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), SamlError> {
        let unless = |holds: bool, what| {
            if holds {
                Ok(())
            } else {
                Err(SamlError::Condition(what))
            }
        };
        let now = expected.now;
        unless(self.issuer == expected.issuer, "issuer")?;
        unless(
            self.issue_instant <= moved(now, SKEW_SECONDS),
            "made in the future",
        )?;
        unless(
            now < moved(self.issue_instant, AGE_SECONDS_MAX + SKEW_SECONDS),
            "too old",
        )?;
        let conditions = &self.conditions;
        let begun = |from: Instant| from <= moved(now, SKEW_SECONDS);
        let not_ended = |until: Instant| now < moved(until, SKEW_SECONDS);
        unless(conditions.not_before.is_none_or(begun), "not yet valid")?;
        unless(conditions.not_on_or_after.is_none_or(not_ended), "expired")?;
        unless(!conditions.audiences.is_empty(), "audience is missing")?;
        let is_ours = |list: &Vec<String>| list.iter().any(|one| one == expected.audience);
        unless(conditions.audiences.iter().all(is_ours), "audience")?;

        let mut wrong = "subject confirmation is missing";
        let mut confirmed = false;
        for confirmation in &self.confirmations {
            match confirmation.check(expected, not_ended) {
                Ok(()) => confirmed = true,
                Err(what) => wrong = what,
            }
        }
        unless(confirmed, wrong)?;
        let authentication = &self.authentication;
        unless(begun(authentication.instant), "authenticated in the future")?;
        let ends = authentication.session_not_on_or_after;
        unless(ends.is_none_or(not_ended), "session has ended")
    }

    /// The first value of an attribute.
    pub fn first(&self, name: &str) -> Option<&str> {
        let attribute = self.attributes.iter().find(|one| one.name == name)?;
        attribute.values.first().map(String::as_str)
    }

    /// Writes it, standing alone; `signature` is the place of one.
    pub fn write(&self, signature: Option<&str>) -> String {
        let mut out = Writer::new();
        let issue_instant = time::write(self.issue_instant);
        out.open(
            "saml:Assertion",
            &[
                ("xmlns:saml", Some(ASSERTION)),
                ("ID", Some(&self.id)),
                ("IssueInstant", Some(&issue_instant)),
                ("Version", Some("2.0")),
            ],
        );
        out.leaf("saml:Issuer", &[], &self.issuer);
        out.raw(signature.unwrap_or_default());
        self.write_subject(&mut out);
        let instant = |at: Option<Instant>| at.map(time::write);
        out.open(
            "saml:Conditions",
            &[
                ("NotBefore", instant(self.conditions.not_before).as_deref()),
                (
                    "NotOnOrAfter",
                    instant(self.conditions.not_on_or_after).as_deref(),
                ),
            ],
        );
        for audiences in &self.conditions.audiences {
            out.open("saml:AudienceRestriction", &[]);
            for audience in audiences {
                out.leaf("saml:Audience", &[], audience);
            }
            out.close("saml:AudienceRestriction");
        }
        out.close("saml:Conditions");

        let authentication = &self.authentication;
        let authenticated = time::write(authentication.instant);
        out.open(
            "saml:AuthnStatement",
            &[
                ("AuthnInstant", Some(&authenticated)),
                ("SessionIndex", authentication.session_index.as_deref()),
                (
                    "SessionNotOnOrAfter",
                    instant(authentication.session_not_on_or_after).as_deref(),
                ),
            ],
        );
        out.open("saml:AuthnContext", &[]);
        if let Some(class) = &authentication.context_class {
            out.leaf("saml:AuthnContextClassRef", &[], class);
        }
        for authority in &authentication.authorities {
            out.leaf("saml:AuthenticatingAuthority", &[], authority);
        }
        out.close("saml:AuthnContext").close("saml:AuthnStatement");

        if !self.attributes.is_empty() {
            out.open("saml:AttributeStatement", &[]);
            for attribute in &self.attributes {
                out.open(
                    "saml:Attribute",
                    &[
                        ("FriendlyName", attribute.friendly_name.as_deref()),
                        ("Name", Some(&attribute.name)),
                        ("NameFormat", Some(URI_FORMAT)),
                    ],
                );
                for value in &attribute.values {
                    out.leaf("saml:AttributeValue", &[], value);
                }
                out.close("saml:Attribute");
            }
            out.close("saml:AttributeStatement");
        }
        out.close("saml:Assertion");
        out.finish()
    }

    fn write_subject(&self, out: &mut Writer) {
        out.open("saml:Subject", &[]);
        if let Some(name_id) = &self.name_id {
            let attributes = [
                ("Format", name_id.format.as_deref()),
                ("NameQualifier", name_id.name_qualifier.as_deref()),
                ("SPNameQualifier", name_id.sp_name_qualifier.as_deref()),
            ];
            out.leaf("saml:NameID", &attributes, &name_id.value);
        }
        for confirmation in &self.confirmations {
            let instant = |at: Option<Instant>| at.map(time::write);
            out.open("saml:SubjectConfirmation", &[("Method", Some(BEARER))]);
            let attributes = [
                ("InResponseTo", confirmation.in_response_to.as_deref()),
                ("NotBefore", instant(confirmation.not_before).as_deref()),
                (
                    "NotOnOrAfter",
                    instant(confirmation.not_on_or_after).as_deref(),
                ),
                ("Recipient", confirmation.recipient.as_deref()),
            ]
            .map(|(name, value)| (name, value.map(str::to_owned)));
            let attributes: Vec<_> = attributes
                .iter()
                .map(|(name, value)| (*name, value.as_deref()))
                .collect();
            out.leaf("saml:SubjectConfirmationData", &attributes, "");
            out.close("saml:SubjectConfirmation");
        }
        out.close("saml:Subject");
    }

    /// Reads it from its element, which must be one that a signature covers.
    pub fn read(node: Node<'_, '_>) -> Result<Self, SamlError> {
        if !xml::is(node, ASSERTION, "Assertion") {
            return Err(SamlError::Message("not an assertion"));
        }
        let missing = SamlError::Message("a part of the assertion is missing");
        let subject = xml::one(node, ASSERTION, "Subject")?.ok_or(missing)?;
        let confirmations = xml::named(subject, ASSERTION, "SubjectConfirmation")
            .take(LIST_MAX)
            .filter(|one| one.attribute("Method") == Some(BEARER))
            .map(confirmation)
            .collect::<Result<_, _>>()?;
        let conditions = xml::one(node, ASSERTION, "Conditions")?.ok_or(missing)?;
        let statement = xml::named(node, ASSERTION, "AuthnStatement")
            .next()
            .ok_or(missing)?;
        let attributes = xml::named(node, ASSERTION, "AttributeStatement")
            .flat_map(|statement| xml::named(statement, ASSERTION, "Attribute"))
            .take(LIST_MAX)
            .map(attribute)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            id: identifier(node)?,
            issue_instant: instant(node, "IssueInstant")?.ok_or(missing)?,
            issuer: issuer(node)?.ok_or(missing)?,
            name_id: xml::one(subject, ASSERTION, "NameID")?
                .map(name_id)
                .transpose()?,
            confirmations,
            conditions: read_conditions(conditions)?,
            authentication: authentication(statement)?,
            attributes,
        })
    }
}

impl Confirmation {
    fn check(
        &self,
        expected: &Expected<'_>,
        not_ended: impl Fn(Instant) -> bool,
    ) -> Result<(), &'static str> {
        if self.recipient.as_deref() != Some(expected.recipient) {
            return Err("recipient");
        }
        if self.in_response_to.as_deref() != Some(expected.in_response_to) {
            return Err("answers another request");
        }
        if self.not_before.is_some() {
            return Err("subject confirmation has a beginning");
        }
        if !self.not_on_or_after.is_some_and(not_ended) {
            return Err("subject confirmation has ended");
        }
        Ok(())
    }
}

fn name_id(node: Node<'_, '_>) -> Result<NameId, SamlError> {
    let value = xml::text(node)?;
    if value.trim().is_empty() || value.len() > super::request::URI_LENGTH_MAX {
        return Err(SamlError::Message("name identifier"));
    }
    Ok(NameId {
        value: value.to_owned(),
        format: address(node, "Format")?,
        name_qualifier: address(node, "NameQualifier")?,
        sp_name_qualifier: address(node, "SPNameQualifier")?,
    })
}

fn confirmation(node: Node<'_, '_>) -> Result<Confirmation, SamlError> {
    let Some(data) = xml::one(node, ASSERTION, "SubjectConfirmationData")? else {
        return Ok(Confirmation {
            in_response_to: None,
            recipient: None,
            not_on_or_after: None,
            not_before: None,
        });
    };
    Ok(Confirmation {
        in_response_to: address(data, "InResponseTo")?,
        recipient: address(data, "Recipient")?,
        not_on_or_after: instant(data, "NotOnOrAfter")?,
        not_before: instant(data, "NotBefore")?,
    })
}

/// Reads the conditions; one that is not understood is one that is not met (SAML Core §2.5.1.1).
fn read_conditions(node: Node<'_, '_>) -> Result<Conditions, SamlError> {
    let mut audiences = Vec::new();
    for condition in xml::elements(node) {
        let known = condition.tag_name().namespace() == Some(ASSERTION);
        match condition.tag_name().name() {
            "AudienceRestriction" if known => {
                let list = xml::named(condition, ASSERTION, "Audience")
                    .take(LIST_MAX)
                    .map(|one| xml::text(one).map(|text| text.trim().to_owned()))
                    .collect::<Result<_, _>>()?;
                audiences.push(list);
            }
            // Each assertion is taken once here, and a proxy may pass on what it received.
            "OneTimeUse" if known => {}
            "ProxyRestriction" if known && condition.attribute("Count") != Some("0") => {}
            _ => return Err(SamlError::Condition("one that is not understood")),
        }
    }
    Ok(Conditions {
        not_before: instant(node, "NotBefore")?,
        not_on_or_after: instant(node, "NotOnOrAfter")?,
        audiences,
    })
}

fn authentication(node: Node<'_, '_>) -> Result<AuthnStatement, SamlError> {
    let missing = SamlError::Message("a part of the assertion is missing");
    let context = xml::one(node, ASSERTION, "AuthnContext")?.ok_or(missing)?;
    let class = xml::one(context, ASSERTION, "AuthnContextClassRef")?;
    Ok(AuthnStatement {
        instant: instant(node, "AuthnInstant")?.ok_or(missing)?,
        session_index: address(node, "SessionIndex")?,
        session_not_on_or_after: instant(node, "SessionNotOnOrAfter")?,
        context_class: class
            .map(|class| xml::text(class).map(|text| text.trim().to_owned()))
            .transpose()?,
        authorities: xml::named(context, ASSERTION, "AuthenticatingAuthority")
            .take(LIST_MAX)
            .map(|one| xml::text(one).map(|text| text.trim().to_owned()))
            .collect::<Result<_, _>>()?,
    })
}

fn attribute(node: Node<'_, '_>) -> Result<Attribute, SamlError> {
    let name = address(node, "Name")?.ok_or(SamlError::Message("attribute has no name"))?;
    let values = xml::named(node, ASSERTION, "AttributeValue")
        .take(LIST_MAX)
        .map(|value| xml::text(value).map(str::to_owned))
        .collect::<Result<_, _>>()?;
    Ok(Attribute {
        name,
        friendly_name: address(node, "FriendlyName")?,
        values,
    })
}
