//! Named shapes into the schema's registry, which async-graphql keeps out of its documentation:
//! its version is pinned for that reason (docs/decisions).

use super::shape::{Catalogue, Content, Field, Named, Shape};
use crate::graphql::scalar;
use async_graphql::indexmap::IndexMap;
use async_graphql::registry::{Deprecation, MetaEnumValue, MetaInputValue, MetaType, Registry};
use async_graphql::{
    ContextSelectionSet, ID, InputType, InputValueError, InputValueResult, Name, OutputType,
    Positioned, ServerError, ServerResult, Value, parser::types::Field as QueryField,
};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use std::borrow::Cow;

/// Registers the input of the command `name` with everything it needs; its type, such as
/// `GiveNoticeInput!`.
pub(crate) fn register_command(registry: &mut Registry, name: &str) -> String {
    let catalogue = Catalogue::of_commands();
    format!("{}!", register_named(registry, catalogue, name))
}

/// Registers a named shape and all that it refers to; its name in GraphQL.
pub(crate) fn register_named(registry: &mut Registry, catalogue: &Catalogue, name: &str) -> String {
    let Some(named) = catalogue.get(name) else {
        return scalar::register_any(registry);
    };
    let graphql = match &named.content {
        Content::Enumeration(_) => name.to_owned(),
        Content::Alias(shape) => return register_shape(registry, catalogue, shape),
        Content::Record(_) | Content::Choice(_) => format!("{name}Input"),
    };
    if registry.types.contains_key(&graphql) {
        return graphql;
    }
    // Stands there first, so that a shape that contains itself comes to an end.
    registry.types.insert(
        graphql.clone(),
        input_object(&graphql, named, IndexMap::new()),
    );
    let complete = match &named.content {
        Content::Enumeration(words) => enumeration(&graphql, named, words),
        Content::Record(fields) | Content::Choice(fields) => {
            let fields = fields
                .iter()
                .map(|field| (field.name.clone(), input_field(registry, catalogue, field)))
                .collect();
            input_object(&graphql, named, fields)
        }
        Content::Alias(_) => return graphql,
    };
    registry.types.insert(graphql.clone(), complete);
    graphql
}

fn register_shape(registry: &mut Registry, catalogue: &Catalogue, shape: &Shape) -> String {
    match shape {
        Shape::Scalar(name) => scalar::register(registry, name),
        Shape::Identifier(_) => {
            <ID as InputType>::create_type_info(registry);
            "ID".to_owned()
        }
        Shape::Named(name) => register_named(registry, catalogue, name),
        Shape::List(of) => format!("[{}!]", register_shape(registry, catalogue, of)),
    }
}

fn input_field(registry: &mut Registry, catalogue: &Catalogue, field: &Field) -> MetaInputValue {
    let mut ty = register_shape(registry, catalogue, &field.shape);
    if field.required {
        ty.push('!');
    }
    input_value(&field.name, field.description.clone(), ty)
}

/// An argument or input field without anything special about it.
pub(crate) fn input_value(name: &str, description: Option<String>, ty: String) -> MetaInputValue {
    MetaInputValue {
        name: name.to_owned(),
        description,
        ty,
        deprecation: Deprecation::NoDeprecated,
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

fn input_object(
    graphql: &str,
    named: &Named,
    input_fields: IndexMap<String, MetaInputValue>,
) -> MetaType {
    MetaType::InputObject {
        name: graphql.to_owned(),
        description: named.description.clone(),
        input_fields,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        oneof: matches!(named.content, Content::Choice(_)),
        directive_invocations: Vec::new(),
    }
}

fn enumeration(graphql: &str, named: &Named, words: &[(String, Option<String>)]) -> MetaType {
    let value = |(name, description): &(String, Option<String>)| {
        let value = MetaEnumValue {
            name: name.clone(),
            description: description.clone(),
            deprecation: Deprecation::NoDeprecated,
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            directive_invocations: Vec::new(),
        };
        (name.clone(), value)
    };
    MetaType::Enum {
        name: graphql.to_owned(),
        description: named.description.clone(),
        enum_values: words.iter().map(value).collect(),
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// An enumeration of the domain in GraphQL, in answers and in arguments, with the domain's words.
/// It is the same type as the one that the inputs of mutations use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word<T>(pub(crate) T);

impl<T: JsonSchema> Word<T> {
    fn register(registry: &mut Registry) -> String {
        let name = T::schema_name();
        if !registry.types.contains_key(name.as_ref()) {
            register_named(registry, &Catalogue::of_type::<T>(), &name);
        }
        format!("{name}!")
    }
}

impl<T: JsonSchema + Serialize + Send + Sync> OutputType for Word<T> {
    fn type_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Self::register(registry)
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        field: &Positioned<QueryField>,
    ) -> ServerResult<Value> {
        match serde_json::to_value(&self.0) {
            Ok(serde_json::Value::String(word)) => Ok(Value::Enum(Name::new(word))),
            _ => Err(ServerError::new("the value is no word", Some(field.pos))),
        }
    }
}

impl<T: JsonSchema + Serialize + DeserializeOwned + Send + Sync> InputType for Word<T> {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        T::schema_name()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        Self::register(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let word = match value.unwrap_or_default() {
            Value::Enum(word) => word.to_string(),
            Value::String(word) => word,
            other => return Err(InputValueError::expected_type(other)),
        };
        serde_json::from_value(serde_json::Value::String(word))
            .map(Self)
            .map_err(InputValueError::custom)
    }

    fn to_value(&self) -> Value {
        match serde_json::to_value(&self.0) {
            Ok(serde_json::Value::String(word)) => Value::Enum(Name::new(word)),
            _ => Value::Null,
        }
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}
