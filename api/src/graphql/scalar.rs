//! The scalars that the schema adds to GraphQL's own, and their registration by name.

use async_graphql::registry::Registry;
use async_graphql::{
    ID, InputValueError, InputValueResult, Json, OutputType, Scalar, ScalarType, Value,
};

/// A point in time in UTC, RFC 3339, such as `2026-01-31T12:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instant(pub(crate) domain::time::Instant);

/// A day of the calendar in the network's zone, `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date(pub(crate) domain::time::Date);

macro_rules! text_scalar {
    ($name:ident) => {
        #[Scalar]
        impl ScalarType for $name {
            fn parse(value: Value) -> InputValueResult<Self> {
                match value {
                    Value::String(text) => text.parse().map(Self).map_err(InputValueError::custom),
                    other => Err(InputValueError::expected_type(other)),
                }
            }

            fn is_valid(value: &Value) -> bool {
                matches!(value, Value::String(_))
            }

            fn to_value(&self) -> Value {
                Value::String(self.0.to_string())
            }
        }
    };
}

text_scalar!(Instant);
text_scalar!(Date);

/// Registers the scalar of this name; its name.
pub(crate) fn register(registry: &mut Registry, name: &'static str) -> String {
    match name {
        "String" => <String as OutputType>::create_type_info(registry),
        "Int" => <i32 as OutputType>::create_type_info(registry),
        "Float" => <f64 as OutputType>::create_type_info(registry),
        "Boolean" => <bool as OutputType>::create_type_info(registry),
        "ID" => <ID as OutputType>::create_type_info(registry),
        "Instant" => <Instant as OutputType>::create_type_info(registry),
        "Date" => <Date as OutputType>::create_type_info(registry),
        _ => return register_any(registry),
    };
    name.to_owned()
}

/// Registers the scalar that takes any JSON; its name.
pub(crate) fn register_any(registry: &mut Registry) -> String {
    <Json<serde_json::Value> as OutputType>::create_type_info(registry);
    "JSON".to_owned()
}
