//! A whole row as JSON, in the domain's own shape: for what has no field of its own yet, and for
//! auditors who want all of it.

use crate::graphql::scope::Scope;
use async_graphql::Json;
use serde::Serialize;
use serde_json::Value;

/// Whether the confidential values of a row are opened in its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Confidential {
    /// They are: personal values and free text, for whoever may see them.
    Opened,
    /// They are left out: rows that hold secrets, and callers who may not see them.
    Left,
}

/// The row as JSON. Confidential values are opened or none; never shown by reference.
pub(crate) fn record(scope: &Scope, row: &impl Serialize, values: Confidential) -> Json<Value> {
    let mut json = serde_json::to_value(row).unwrap_or_default();
    replace(&mut json, &mut |slot| match values {
        Confidential::Opened => scope.open_slot(slot),
        Confidential::Left => None,
    });
    Json(json)
}

/// Replaces every reference to a sealed value.
pub(crate) fn replace(
    json: &mut Value,
    open: &mut impl FnMut(domain::SealedSlot) -> Option<String>,
) {
    replace_named(json, "", &mut |_, slot| open(slot));
}

/// As [`replace`], for whoever must know under which name the value stands; `name` is that of
/// `json` itself.
pub(crate) fn replace_named(
    json: &mut Value,
    name: &str,
    open: &mut impl FnMut(&str, domain::SealedSlot) -> Option<String>,
) {
    match json {
        Value::Array(items) => {
            for item in items {
                replace_named(item, name, open);
            }
        }
        Value::Object(fields) => {
            let sealed = (fields.len() == 1).then(|| fields.get("sealed")).flatten();
            let slot = sealed.and_then(|slot| serde_json::from_value(slot.clone()).ok());
            match slot {
                Some(slot) => *json = open(name, slot).map_or(Value::Null, Value::String),
                None => {
                    for (name, field) in fields {
                        replace_named(field, name, open);
                    }
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What is nobody's to see: a secret, and what could be tried against its hash.
pub(crate) const SECRETS: &[&str] = &["secret", "secretHash", "secretMark"];

/// Takes the fields of these names out, wherever they stand.
pub(crate) fn leave_out(json: &mut Value, names: &[&str]) {
    match json {
        Value::Object(fields) => {
            fields.retain(|name, _| !names.contains(&name.as_str()));
            fields
                .values_mut()
                .for_each(|field| leave_out(field, names));
        }
        Value::Array(items) => items.iter_mut().for_each(|item| leave_out(item, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_never_get_out() {
        let mut row = json!({"a": {"sealed": [7, 1]}, "b": [{"sealed": [8, 0]}], "sealed": true});
        replace(&mut row, &mut |slot| {
            (slot.0 == 7).then(|| "opened".to_owned())
        });
        assert_eq!(row, json!({"a": "opened", "b": [null], "sealed": true}));
    }
}
