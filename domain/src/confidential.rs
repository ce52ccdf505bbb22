//! Personal and secret values as the rules see them: by reference, never by content.
//!
//! A command brings a value in once, already validated; `decide` wraps it in [`Private::given`];
//! whoever records the event seals it and leaves only a [`SealedSlot`] behind. The network, its
//! hashes and every replay therefore stay the same when a person's key is destroyed.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of confidential value it is. Each (subject, category) has a key of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Category {
    /// A contact person's details.
    Contact,
    /// A signatory's details.
    Signatory,
    /// An administrator's or machine keeper's name and external identifier.
    Administrator,
    /// An end user's identifier in the source system.
    EndUser,
    /// Free text: reasons, remarks, minutes, descriptions of cases.
    Text,
    /// A secret that the proxy must use.
    Secret,
}

impl Category {
    /// The category's name, as it stands in key names.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Signatory => "signatory",
            Self::Administrator => "administrator",
            Self::EndUser => "end-user",
            Self::Text => "text",
            Self::Secret => "secret",
        }
    }
}

/// Whose key seals a value: a person, a stream of free text, an integration's secrets.
/// The subject is a typed identifier such as `person:…`, never a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct KeySubject {
    /// Typed identifier of the subject.
    pub subject: String,
    /// What kind of value it is.
    pub category: Category,
}

impl KeySubject {
    /// The key of `subject` for values of `category`.
    pub fn new(subject: impl fmt::Debug, category: Category) -> Self {
        Self {
            subject: format!("{subject:?}"),
            category,
        }
    }
}

/// Where a recorded value lies sealed. Opaque to the rules: only the recorder, which gave it, can
/// find the value, and only a holder of the key can read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SealedSlot(pub u64, pub u16);

/// A confidential value inside an event or a row.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Private {
    /// Just decided and not yet recorded. Never stands in the network or in the log.
    Given {
        /// Whose key shall seal it.
        key: KeySubject,
        /// The value.
        text: String,
    },
    /// Recorded.
    Sealed(SealedSlot),
}

impl Private {
    /// A value to be sealed under `key` when its event is recorded.
    pub fn given(key: KeySubject, value: &impl Personal) -> Self {
        Self::Given {
            key,
            text: value.expose().to_owned(),
        }
    }

    /// Where the value lies, once recorded.
    pub fn slot(&self) -> Option<SealedSlot> {
        match self {
            Self::Given { .. } => None,
            Self::Sealed(slot) => Some(*slot),
        }
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given { key, .. } => write!(f, "Given({}/{})", key.subject, key.category.name()),
            Self::Sealed(slot) => write!(f, "Sealed({}.{})", slot.0, slot.1),
        }
    }
}

/// A validated value that is personal or secret: it can be sealed, and is otherwise not shown.
pub trait Personal {
    /// The value itself, for sealing only.
    fn expose(&self) -> &str;
}

/// Takes every value that was just given out of a payload and leaves in its place the slot that
/// `seal` names; `seal` is told the value's path, such as `contact.email`. What comes out is what
/// is recorded, and what every replay reads.
pub fn take_given(
    payload: &mut serde_json::Value,
    seal: &mut impl FnMut(&str, KeySubject, String) -> SealedSlot,
) {
    take_given_at(&mut String::new(), payload, seal);
}

fn take_given_at(
    path: &mut String,
    payload: &mut serde_json::Value,
    seal: &mut impl FnMut(&str, KeySubject, String) -> SealedSlot,
) {
    use serde_json::Value;
    let length = path.len();
    let step = |path: &mut String, name: &str| {
        if length > 0 {
            path.push('.');
        }
        path.push_str(name);
    };
    match payload {
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                step(path, &index.to_string());
                take_given_at(path, item, seal);
                path.truncate(length);
            }
        }
        Value::Object(fields) => {
            let given = (fields.len() == 1)
                .then(|| fields.get_mut("given"))
                .flatten();
            let parts = given.and_then(|given| {
                let key = serde_json::from_value(given.get("key")?.clone()).ok()?;
                Some((key, given.get("text")?.as_str()?.to_owned()))
            });
            if let Some((key, text)) = parts {
                let SealedSlot(slot, field) = seal(path, key, text);
                *payload = serde_json::json!({ "sealed": [slot, field] });
                return;
            }
            for (name, field) in fields {
                step(path, name);
                take_given_at(path, field, seal);
                path.truncate(length);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

macro_rules! personal {
    ($($name:ident),+) => {$(
        impl Personal for crate::value::$name {
            fn expose(&self) -> &str {
                self.as_str()
            }
        }
    )+};
}

personal!(
    PersonName,
    EmailAddress,
    PhoneNumber,
    PostalAddress,
    Reason,
    FreeText,
    SecretText
);
