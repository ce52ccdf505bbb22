//! Values that appear in many answers.

use crate::graphql::input::Word;
use crate::graphql::scalar;
use crate::graphql::scope::Scope;
use async_graphql::{ID, SimpleObject};
use domain::{Contact, ContactRole};
use std::fmt;

/// The identifier of a thing in the API: its kind, a colon, and what identifies it there.
pub(crate) fn id(kind: &str, key: impl fmt::Display) -> ID {
    ID(format!("{kind}:{key}"))
}

/// A name or title in the languages it is given in.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct LanguageText {
    /// In Finnish.
    fi: String,
    /// In Swedish.
    sv: Option<String>,
    /// In English.
    en: Option<String>,
}

impl From<&domain::value::LanguageText> for LanguageText {
    fn from(text: &domain::value::LanguageText) -> Self {
        Self {
            fi: text.fi.as_str().to_owned(),
            sv: text.sv.as_ref().map(|text| text.as_str().to_owned()),
            en: text.en.as_ref().map(|text| text.as_str().to_owned()),
        }
    }
}

/// From an instant on, up to another or without an end.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub(crate) struct Window {
    /// The first instant.
    from: scalar::Instant,
    /// The first instant that is no longer inside; none while no end is known.
    until: Option<scalar::Instant>,
}

impl From<domain::time::Window> for Window {
    fn from(window: domain::time::Window) -> Self {
        Self {
            from: scalar::Instant(window.from),
            until: window.until.map(scalar::Instant),
        }
    }
}

/// A contact person. Every value is none where the person was erased.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct ContactPerson {
    /// The person's reference.
    pub(crate) id: ID,
    /// What the person is named for.
    role: Word<ContactRole>,
    /// The name.
    name: Option<String>,
    /// The electronic address.
    email: Option<String>,
    /// The telephone number.
    phone: Option<String>,
    /// The postal address.
    postal_address: Option<String>,
}

impl ContactPerson {
    /// The contact, opened. Only for whoever may see it.
    pub(crate) fn open(scope: &Scope, role: ContactRole, contact: &Contact) -> Self {
        Self {
            id: id("person", contact.person),
            role: Word(role),
            name: scope.open(&contact.name),
            email: scope.open(&contact.email),
            phone: contact.phone.as_ref().and_then(|phone| scope.open(phone)),
            postal_address: contact
                .postal_address
                .as_ref()
                .and_then(|post| scope.open(post)),
        }
    }
}
