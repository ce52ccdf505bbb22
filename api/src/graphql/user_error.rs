//! Refusals as data: what a mutation answers instead of a result, one type for each kind.

#![expect(
    clippy::duplicated_attributes,
    reason = "each field of the interface names its type"
)]

use async_graphql::{Interface, SimpleObject};
use domain::Rejection;

/// Why a mutation changed nothing: what is wrong, where, and what to do about it.
#[derive(Clone, Debug, Interface)]
#[graphql(
    field(
        name = "code",
        ty = "&String",
        desc = "Stable upper-case code to branch on."
    ),
    field(
        name = "field",
        ty = "&Option<String>",
        desc = "Path of the input field at fault, in the input's own names, such as `contact.email`."
    ),
    field(
        name = "message",
        ty = "&String",
        desc = "One sentence: what is wrong."
    ),
    field(
        name = "remedy",
        ty = "&String",
        desc = "One sentence: what the caller can do."
    ),
    field(
        name = "rule",
        ty = "&Option<String>",
        desc = "Where the rule comes from, such as `membership contract §7 ¶1`, or `our decision`."
    )
)]
pub(crate) enum UserError {
    /// The input cannot be read.
    Input(InvalidInput),
    /// A rule refuses.
    Rule(RuleRefusal),
    /// The right is missing.
    Right(MissingRight),
    /// Somebody else was first.
    Conflict(Conflict),
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident => $variant:ident;)+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, SimpleObject)]
        pub(crate) struct $name {
            /// Stable upper-case code to branch on.
            pub(crate) code: String,
            /// Path of the input field at fault, in the input's own names.
            pub(crate) field: Option<String>,
            /// One sentence: what is wrong.
            pub(crate) message: String,
            /// One sentence: what the caller can do.
            pub(crate) remedy: String,
            /// Where the rule comes from.
            pub(crate) rule: Option<String>,
        }
    )+};
}

kinds! {
    /// A field of the input is not what it must be; no rule was asked.
    InvalidInput => Input;
    /// A rule of the network refuses the command.
    RuleRefusal => Rule;
    /// The caller may not give this command, or not for this organisation.
    MissingRight => Right;
    /// What the caller saw has changed, or the command id was used for another command.
    Conflict => Conflict;
}

impl From<Rejection> for UserError {
    fn from(rejection: Rejection) -> Self {
        let code = rejection.code.to_owned();
        let field = rejection.field.map(Into::into);
        let message = rejection.message.into();
        let remedy = rejection.remedy.into();
        let rule = rejection.rule.map(Into::into);
        match rejection.code {
            "FORBIDDEN" => Self::Right(MissingRight {
                code,
                field,
                message,
                remedy,
                rule,
            }),
            "VERSION_CONFLICT" | "COMMAND_ID_REUSED" => Self::Conflict(Conflict {
                code,
                field,
                message,
                remedy,
                rule,
            }),
            _ => Self::Rule(RuleRefusal {
                code,
                field,
                message,
                remedy,
                rule,
            }),
        }
    }
}
