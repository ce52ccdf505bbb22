//! From a GraphQL argument to the JSON that a command is read from.

use super::shape::{Catalogue, Content, Field, Shape};
use serde_json::{Map, Value};

/// Where and why an argument cannot be what it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misread {
    /// The path of the field, in the input's own names.
    pub(crate) field: String,
    /// What is wrong.
    pub(crate) message: String,
    /// What to do.
    pub(crate) remedy: String,
}

/// The JSON of the named shape that `argument` says.
pub(crate) fn read(catalogue: &Catalogue, name: &str, argument: Value) -> Result<Value, Misread> {
    named(catalogue, name, argument, &mut Vec::new())
}

fn named(
    catalogue: &Catalogue,
    name: &str,
    argument: Value,
    path: &mut Vec<String>,
) -> Result<Value, Misread> {
    match catalogue.get(name).map(|named| &named.content) {
        Some(Content::Record(fields)) => record(catalogue, fields, argument, path),
        Some(Content::Choice(fields)) => choice(catalogue, fields, argument, path),
        Some(Content::Alias(of)) => shape(catalogue, of, argument, path),
        Some(Content::Enumeration(_)) | None => Ok(argument),
    }
}

fn record(
    catalogue: &Catalogue,
    fields: &[Field],
    argument: Value,
    path: &mut Vec<String>,
) -> Result<Value, Misread> {
    let Value::Object(given) = argument else {
        return Ok(argument);
    };
    let mut record = Map::new();
    for (name, value) in given {
        let field = fields.iter().find(|field| field.name == name);
        // GraphQL says null for what is left out.
        if value.is_null() && field.is_some_and(|field| !field.required) {
            continue;
        }
        path.push(name.clone());
        let value = match field {
            Some(field) => shape(catalogue, &field.shape, value, path)?,
            None => value,
        };
        path.pop();
        record.insert(name, value);
    }
    Ok(Value::Object(record))
}

fn choice(
    catalogue: &Catalogue,
    fields: &[Field],
    argument: Value,
    path: &mut Vec<String>,
) -> Result<Value, Misread> {
    let Value::Object(given) = argument else {
        return Ok(argument);
    };
    let mut given: Vec<_> = given
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .collect();
    let (Some((name, value)), true) = (given.pop(), given.is_empty()) else {
        return Err(misread(
            path,
            "expected exactly one of the alternatives",
            "give one field",
        ));
    };
    let Some(field) = fields.iter().find(|field| field.name == name) else {
        return Ok(Value::Object(Map::from_iter([(name, value)])));
    };
    if field.bare {
        path.push(name.clone());
        return match value {
            Value::Bool(true) => Ok(Value::String(name)),
            _ => Err(misread(
                path,
                "expected true",
                "give true, or another alternative",
            )),
        };
    }
    path.push(name.clone());
    let value = shape(catalogue, &field.shape, value, path)?;
    path.pop();
    Ok(Value::Object(Map::from_iter([(name, value)])))
}

fn shape(
    catalogue: &Catalogue,
    of: &Shape,
    argument: Value,
    path: &mut Vec<String>,
) -> Result<Value, Misread> {
    match of {
        Shape::Scalar(_) => Ok(argument),
        Shape::Named(name) => named(catalogue, name, argument, path),
        Shape::Identifier(kind) => match argument {
            Value::String(text) => identifier(kind, text, path).map(Value::String),
            other => Ok(other),
        },
        Shape::List(of) => {
            // GraphQL lets one value stand for a list of one.
            let items = match argument {
                Value::Array(items) => items,
                one => vec![one],
            };
            let items = items.into_iter().enumerate().map(|(number, item)| {
                path.push(number.to_string());
                let item = shape(catalogue, of, item, path)?;
                path.pop();
                Ok(item)
            });
            items.collect::<Result<_, _>>().map(Value::Array)
        }
    }
}

/// The bare identifier; with the word before the colon checked, where there is one.
fn identifier(kind: &str, text: String, path: &[String]) -> Result<String, Misread> {
    match text.split_once(':') {
        Some((given, bare)) if given == kind || kind.is_empty() => Ok(bare.to_owned()),
        Some((given, _)) if given.chars().all(|c| c.is_ascii_lowercase() || c == '-') => {
            let message = format!("expected an identifier of the kind `{kind}`, found `{given}`");
            Err(misread(
                path,
                message,
                "give the identifier of the right thing",
            ))
        }
        None | Some(_) => Ok(text),
    }
}

fn misread(path: &[String], message: impl Into<String>, remedy: &str) -> Misread {
    Misread {
        field: path.join("."),
        message: message.into(),
        remedy: remedy.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn identifiers_carry_their_kind() {
        let catalogue = Catalogue::of_commands();
        let grant = "0190aaaa-0000-7000-8000-000000000001";
        let read_grant = |text: String| read(catalogue, "RevokeAccess", json!({ "grant": text }));
        assert_eq!(
            read_grant(grant.to_owned()).unwrap(),
            json!({ "grant": grant })
        );
        assert_eq!(
            read_grant(format!("grant:{grant}")).unwrap(),
            json!({ "grant": grant })
        );
        assert_eq!(
            read_grant(format!("node:{grant}")).unwrap_err().field,
            "grant"
        );
    }

    #[test]
    fn what_is_left_out_may_be_null_and_one_may_stand_for_a_list() {
        let catalogue = Catalogue::of_commands();
        let argument = json!({ "label": "x", "organisation": null });
        let read_back = read(catalogue, "IssueMachineCredential", argument).unwrap();
        assert_eq!(read_back, json!({ "label": "x" }));
        let read_back = read(catalogue, "EnrolNode", json!({ "environments": "TEST" })).unwrap();
        assert_eq!(read_back, json!({ "environments": ["TEST"] }));
    }
}
