//! Texts in the network's languages.

use super::{Invalid, ShortText};
use std::fmt;

/// A language of the user interfaces and of names. Finnish is the default (management service, translations).
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Finnish.
    #[default]
    Fi,
    /// Swedish.
    Sv,
    /// English.
    En,
}

/// A name or title in Finnish and, where given, in Swedish and English; each a [`ShortText`].
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
#[serde(deny_unknown_fields)]
pub struct LanguageText {
    /// The Finnish text, which every text has.
    pub fi: ShortText,
    /// The Swedish text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sv: Option<ShortText>,
    /// The English text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<ShortText>,
}

impl LanguageText {
    /// A text in Finnish alone.
    pub fn parse(fi: &str) -> Result<Self, Invalid> {
        Self::from_parts(fi, None, None)
    }

    /// A text from its parts; an empty Swedish or English one counts as not given.
    pub fn from_parts(fi: &str, sv: Option<&str>, en: Option<&str>) -> Result<Self, Invalid> {
        let optional = |text: Option<&str>| {
            text.filter(|text| !text.trim().is_empty())
                .map(ShortText::parse)
                .transpose()
        };
        Ok(Self {
            fi: ShortText::parse(fi)?,
            sv: optional(sv)?,
            en: optional(en)?,
        })
    }

    /// The text in `language`, in Finnish where that language has none.
    pub fn in_language(&self, language: Language) -> &ShortText {
        let translated = match language {
            Language::Fi => None,
            Language::Sv => self.sv.as_ref(),
            Language::En => self.en.as_ref(),
        };
        translated.unwrap_or(&self.fi)
    }
}

impl fmt::Display for LanguageText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.fi, formatter)
    }
}
