//! From what a source calls things to what the data model calls them, by rules alone.

use domain::data_model::{SourceAttribute, SourceAttributes};
use projections::routing::{AttributeRule, AttributeValues};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Most values of one attribute that are read.
const VALUES_MAX: usize = 200;
/// Longest value that is read, in bytes.
const VALUE_LENGTH_MAX: usize = 4096;

/// The attributes of one user under the network's names. Personal data.
pub(crate) type Mapped = BTreeMap<SourceAttribute, Vec<String>>;

/// Applies the rules to what a source delivered.
pub(crate) fn map(rules: &[AttributeRule], delivered: &Map<String, Value>) -> Mapped {
    let mut mapped = Mapped::new();
    for rule in rules {
        let values = match &rule.values {
            AttributeValues::Static { value } => vec![value.as_str().to_owned()],
            AttributeValues::Source { name } => find(delivered, name.as_str()),
        };
        if !values.is_empty() {
            mapped.entry(rule.to).or_default().extend(values);
        }
    }
    mapped
}

/// The values of a name, as it stands or, dotted, inside objects. Inside a list of objects each
/// gives one value, were it an empty one: what stands together in the source stays in its place.
fn find(delivered: &Map<String, Value>, name: &str) -> Vec<String> {
    if let Some(value) = delivered.get(name) {
        return texts(value);
    }
    let Some((outer, inner)) = name.split_once('.') else {
        return Vec::new();
    };
    match delivered.get(outer) {
        Some(Value::Object(object)) => find(object, inner),
        Some(Value::Array(items)) => {
            let one = |item: &Value| {
                let found = item.as_object().map(|object| find(object, inner));
                let value = found.and_then(|values| values.into_iter().next());
                // A semicolon would make two places of one.
                value
                    .filter(|value| !value.contains(';'))
                    .unwrap_or_default()
            };
            items.iter().take(VALUES_MAX).map(one).collect()
        }
        _ => Vec::new(),
    }
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) if text.len() <= VALUE_LENGTH_MAX => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    };
    match value {
        Value::Array(values) => values.iter().take(VALUES_MAX).filter_map(text).collect(),
        value => text(value).into_iter().collect(),
    }
}

/// The mapped attributes as the data model takes them.
pub(crate) fn for_data_model(mapped: &Mapped) -> SourceAttributes {
    let mut attributes = SourceAttributes::new();
    for (name, values) in mapped {
        attributes.add(*name, values.iter().cloned());
    }
    attributes
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::value::{AttributeName, ShortText};
    use serde_json::json;

    fn from(to: SourceAttribute, name: &str) -> AttributeRule {
        let name = AttributeName::parse(name).unwrap();
        AttributeRule {
            to,
            values: AttributeValues::Source { name },
        }
    }

    #[test]
    fn rules_reach_into_objects_and_lists_and_give_static_values() {
        let Value::Object(delivered) = json!({
            "given_name": "Testi",
            "extension": { "learner": { "id": "x" } },
            "a.b": "literal",
            "a": { "b": "nested" },
            "roles": ["oppilas", 7, null, { "no": "object" }],
            "marked": true,
        }) else {
            unreachable!()
        };
        let school = ShortText::parse("00001").unwrap();
        let mapped = map(
            &[
                from(SourceAttribute::FirstName, "given_name"),
                from(SourceAttribute::LearnerId, "extension.learner.id"),
                from(SourceAttribute::Surname, "a.b"),
                from(SourceAttribute::Roles, "roles"),
                from(SourceAttribute::NonDisclosure, "marked"),
                from(SourceAttribute::Groups, "absent.name"),
                AttributeRule {
                    to: SourceAttribute::SchoolIds,
                    values: AttributeValues::Static { value: school },
                },
            ],
            &delivered,
        );
        let expected: [(SourceAttribute, &[&str]); 6] = [
            (SourceAttribute::FirstName, &["Testi"]),
            (SourceAttribute::LearnerId, &["x"]),
            (SourceAttribute::Surname, &["literal"]),
            (SourceAttribute::Roles, &["oppilas", "7"]),
            (SourceAttribute::NonDisclosure, &["true"]),
            (SourceAttribute::SchoolIds, &["00001"]),
        ];
        for (name, values) in expected {
            assert_eq!(mapped[&name], values, "{name:?}");
        }
        assert!(!mapped.contains_key(&SourceAttribute::Groups));
        assert!(for_data_model(&mapped).is_non_disclosure());
    }

    #[test]
    fn what_a_list_keeps_together_keeps_its_place() {
        let Value::Object(delivered) = json!({ "roles": [
            { "school": "00001", "role": "student", "group": "7B" },
            { "school": 2, "role": "teacher" },
            { "school": "00003", "role": "student", "group": "1;2" },
            "no object",
        ] }) else {
            unreachable!()
        };
        let mapped = map(
            &[
                from(SourceAttribute::SchoolIds, "roles.school"),
                from(SourceAttribute::Roles, "roles.role"),
                from(SourceAttribute::Groups, "roles.group"),
            ],
            &delivered,
        );
        assert_eq!(
            mapped[&SourceAttribute::SchoolIds],
            ["00001", "2", "00003", ""]
        );
        assert_eq!(
            mapped[&SourceAttribute::Roles],
            ["student", "teacher", "student", ""]
        );
        assert_eq!(mapped[&SourceAttribute::Groups], ["7B", "", "", ""]);
    }
}
