//! Why a command was refused: data for the caller, not a fault.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;

/// A refusal that says what is wrong, where, and what to do about it.
///
/// Nothing was recorded. A caller shows `message` and `remedy` to the person, puts the cursor in
/// `field`, and may branch on `code`, which is stable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rejection {
    /// Stable upper-case code, such as `NOT_A_MEMBER`.
    pub code: &'static str,
    /// Path of the offending input field in the command's own names, such as `contact.email`.
    pub field: Option<Cow<'static, str>>,
    /// One sentence: what is wrong.
    pub message: Cow<'static, str>,
    /// One sentence: what the caller can do.
    pub remedy: Cow<'static, str>,
    /// Where the rule comes from, such as `membership contract §7 ¶1`, or `our decision`.
    pub rule: Option<Cow<'static, str>>,
}

impl Rejection {
    /// A refusal with its stable code and what is wrong.
    pub fn new(code: &'static str, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            field: None,
            message: message.into(),
            remedy: "".into(),
            rule: None,
        }
    }

    /// Names the input field at fault.
    pub fn field(mut self, field: impl Into<Cow<'static, str>>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Says what the caller can do.
    pub fn remedy(mut self, remedy: impl Into<Cow<'static, str>>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// Names the rule's source.
    pub fn rule(mut self, rule: impl Into<Cow<'static, str>>) -> Self {
        self.rule = Some(rule.into());
        self
    }

    /// The named thing is not known to the network.
    pub fn unknown(what: &'static str, field: &'static str) -> Self {
        Self::new("UNKNOWN", format!("no such {what} is known"))
            .field(field)
            .remedy("check the identifier; it may belong to another ledger or not be recorded yet")
    }

    /// A rule that the network has not set, without which the command cannot be decided.
    pub fn rule_not_set(rule: &str) -> Self {
        Self::new(
            "RULE_NOT_SET",
            format!("the rule `{rule}` has not been set"),
        )
        .remedy(format!(
            "the operator records it with `setRule`; the sources leave `{rule}` open"
        ))
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        if let Some(field) = &self.field {
            write!(f, " (field `{field}`)")?;
        }
        Ok(())
    }
}

impl std::error::Error for Rejection {}
