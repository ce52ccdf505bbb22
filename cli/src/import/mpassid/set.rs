//! Integration groups: the sets of clients that home organisations permit.

use super::Head;
use crate::import::fields::{Fields, flag_of};
use domain::ImportedSet;
use domain::value::LanguageText;

/// Reads one.
pub(super) fn read(fields: &Fields<'_>, head: &Head) -> Option<ImportedSet> {
    let entry = fields.entry();
    let configuration = fields.needed_object("configurationEntity")?;
    let set = configuration.needed_object("set");
    let name = set.as_ref().and_then(|set| {
        let text = set.needed_text("name")?;
        LanguageText::parse(&text)
            .map_err(|invalid| entry.invalid(set.at("name"), invalid))
            .ok()
    });
    let allow_test_learner_id = allow_test_learner_id(&configuration);
    if let Some(set) = set {
        set.known(&["type"]);
        set.finish();
    }
    configuration.known(&["id", "role"]);
    configuration.finish();
    if fields.get("organization").is_none() {
        entry.warn(
            "organization",
            "NO_ORGANISATION",
            "nobody is named who provides this service",
        );
    }
    Some(ImportedSet {
        legacy_id: head.id.clone()?,
        environment: head.environment?,
        name: name?,
        organisation: head.organisation.clone(),
        allow_test_learner_id,
        unknown_fields: Vec::new(),
    })
}

/// What the attributes of a set or a service say; they have no others that are known.
pub(super) fn allow_test_learner_id(configuration: &Fields<'_>) -> Option<bool> {
    let entry = configuration.entry();
    let mut allow = None;
    for attribute in configuration.objects("attributes") {
        attribute.known(&["id", "type", "description", "oid"]);
        let name = attribute.text("name");
        match name.as_deref() {
            Some("allowtestlearnerid") => {
                let text = attribute.text("content");
                let flag = text.as_deref().map(flag_of);
                if flag == Some(None) {
                    let message = "expected true or false";
                    entry.error(attribute.at("content"), "WRONG_SHAPE", message);
                }
                allow = flag.flatten().or(allow);
            }
            Some(other) => {
                attribute.known(&["content"]);
                entry.unknown(format!("configurationEntity.attributes({other})"));
            }
            None => {}
        }
        attribute.finish();
    }
    allow
}
