//! The shapes of inputs: a small model between JSON schema and GraphQL.

use domain::Command;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The shape of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A built-in scalar, or one of the project's: `String`, `Int`, `Instant`, ….
    Scalar(&'static str),
    /// A typed identifier of this kind, such as `member`; of any kind where that is empty.
    Identifier(String),
    /// One of [`Catalogue::named`], by the name of its definition.
    Named(String),
    /// A list.
    List(Box<Shape>),
}

/// A field of a record, or an alternative of a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    /// Of a choice: the alternative has no content and is written as its bare name.
    pub(crate) bare: bool,
}

/// A named shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) description: Option<String>,
    pub(crate) content: Content,
}

/// What a named shape consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// All of these fields.
    Record(Vec<Field>),
    /// Exactly one of these.
    Choice(Vec<Field>),
    /// One of these words.
    Enumeration(Vec<(String, Option<String>)>),
    /// A scalar under a name of its own.
    Alias(Shape),
}

/// Every named shape of the commands.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) named: BTreeMap<String, Named>,
    definitions: Map<String, Value>,
}

/// The scalar for values that GraphQL has no shape for.
pub(crate) const ANY: &str = "JSON";

static COMMANDS: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut generator = generator();
    let roots: Vec<_> = Command::ALL
        .iter()
        .map(|row| (row.name, (row.schema)(&mut generator).to_value()))
        .collect();
    let mut catalogue = Catalogue {
        named: BTreeMap::new(),
        definitions: generator.take_definitions(true),
    };
    for (name, schema) in roots {
        catalogue.define_as(name, &schema);
    }
    catalogue
});

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12().into_generator()
}

impl Catalogue {
    /// The shapes of every command's input.
    pub(crate) fn of_commands() -> &'static Self {
        &COMMANDS
    }

    /// The shapes that one type needs.
    pub(crate) fn of_type<T: schemars::JsonSchema>() -> Self {
        let mut generator = generator();
        let schema = T::json_schema(&mut generator).to_value();
        let mut catalogue = Self {
            named: BTreeMap::new(),
            definitions: generator.take_definitions(true),
        };
        catalogue.define_as(&graphql_name(&T::schema_name()), &schema);
        catalogue
    }

    fn define_as(&mut self, name: &str, schema: &Value) {
        if self.named.contains_key(name) {
            return;
        }
        // A placeholder first, so that a type that contains itself comes to an end.
        let description = text(schema, "description");
        let unfinished = Content::Alias(Shape::Scalar(ANY));
        let mut named = Named {
            description,
            content: unfinished,
        };
        self.named.insert(name.to_owned(), named.clone());
        named.content = self.content(name, schema);
        self.named.insert(name.to_owned(), named);
    }

    fn content(&mut self, name: &str, schema: &Value) -> Content {
        if let Some(words) = words(schema) {
            return Content::Enumeration(words);
        }
        if all_words(schema).is_some() {
            return Content::Alias(Shape::Scalar("String"));
        }
        if let Some(alternatives) = list(schema, "oneOf") {
            return Content::Choice(self.alternatives(name, alternatives));
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            return Content::Record(self.fields(name, schema, properties));
        }
        Content::Alias(self.shape(name, schema).0)
    }

    fn fields(&mut self, owner: &str, schema: &Value, of: &Map<String, Value>) -> Vec<Field> {
        let required = |name: &str| {
            list(schema, "required").is_some_and(|names| names.iter().any(|given| given == name))
        };
        of.iter()
            .map(|(name, property)| {
                let hint = format!("{owner}{}", pascal(name));
                let (shape, nullable) = self.shape(&hint, property);
                Field {
                    name: name.clone(),
                    description: self.described(property),
                    shape,
                    required: required(name) && !nullable,
                    bare: false,
                }
            })
            .collect()
    }

    fn alternatives(&mut self, owner: &str, alternatives: &[Value]) -> Vec<Field> {
        let mut fields = Vec::new();
        for alternative in alternatives {
            if let Some(words) = words(alternative) {
                fields.extend(words.into_iter().map(|(name, description)| Field {
                    name,
                    description,
                    shape: Shape::Scalar("Boolean"),
                    required: false,
                    bare: true,
                }));
                continue;
            }
            let property = alternative
                .get("properties")
                .and_then(Value::as_object)
                .and_then(|properties| properties.iter().next());
            if let Some((name, content)) = property {
                let hint = format!("{owner}{}", pascal(name));
                fields.push(Field {
                    name: name.clone(),
                    description: text(alternative, "description")
                        .or_else(|| self.described(content)),
                    shape: self.shape(&hint, content).0,
                    required: false,
                    bare: false,
                });
            }
        }
        fields
    }

    /// The shape of a schema, and whether null is one of its values. `hint` names what has no
    /// name of its own.
    fn shape(&mut self, hint: &str, schema: &Value) -> (Shape, bool) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let name = reference.rsplit('/').next().unwrap_or(reference).to_owned();
            let definition = self.definitions.get(&name).cloned().unwrap_or_default();
            return (self.referenced(&graphql_name(&name), &definition), false);
        }
        for keyword in ["anyOf", "allOf"] {
            if let Some(options) = list(schema, keyword) {
                let null = |option: &&Value| text(option, "type").as_deref() == Some("null");
                let nullable = options.iter().any(|option| null(&option));
                let mut others = options.iter().filter(|option| !null(option));
                return match (others.next(), others.next()) {
                    (Some(one), None) => (self.shape(hint, one).0, nullable),
                    _ => (Shape::Scalar(ANY), nullable),
                };
            }
        }
        let (kind, nullable) = kind(schema);
        let shape = match kind {
            Some("string") if words(schema).is_none() => {
                match schema.get("format").and_then(Value::as_str) {
                    Some("uuid") => Shape::Identifier(String::new()),
                    Some("date-time") => Shape::Scalar("Instant"),
                    Some("date") => Shape::Scalar("Date"),
                    _ => Shape::Scalar("String"),
                }
            }
            Some("integer") => Shape::Scalar("Int"),
            Some("number") => Shape::Scalar("Float"),
            Some("boolean") => Shape::Scalar("Boolean"),
            Some("array") => match schema.get("items") {
                Some(items) => Shape::List(Box::new(self.shape(hint, items).0)),
                None => Shape::Scalar(ANY),
            },
            _ if words(schema).is_some()
                || schema.get("properties").is_some()
                || schema.get("oneOf").is_some() =>
            {
                self.define_as(hint, schema);
                Shape::Named(hint.to_owned())
            }
            _ => Shape::Scalar(ANY),
        };
        (shape, nullable)
    }

    /// What a reference to a definition stands for: itself, or the scalar it is a name for.
    fn referenced(&mut self, name: &str, definition: &Value) -> Shape {
        self.define_as(name, definition);
        match self.named.get(name).map(|named| &named.content) {
            Some(Content::Alias(Shape::Identifier(_))) => {
                Shape::Identifier(kind_of_identifier(name))
            }
            Some(Content::Alias(shape)) => match name {
                "Instant" => Shape::Scalar("Instant"),
                "Date" => Shape::Scalar("Date"),
                _ => shape.clone(),
            },
            _ => Shape::Named(name.to_owned()),
        }
    }

    /// A property's description; with that of the value it names, where that is a plain one.
    fn described(&self, property: &Value) -> Option<String> {
        let own = text(property, "description");
        let target = match list(property, "anyOf") {
            Some(options) => options.first().unwrap_or(property),
            None => property.get("items").unwrap_or(property),
        };
        let named = target
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| self.definitions.get(reference.rsplit('/').next()?))
            .filter(|definition| {
                kind(definition).0 == Some("string") && words(definition).is_none()
            })
            .and_then(|definition| text(definition, "description"));
        match (own, named) {
            (Some(own), Some(named)) => Some(format!("{own}\n\n{named}")),
            (own, named) => own.or(named),
        }
    }

    /// The named shape, where the name is known.
    pub(crate) fn get(&self, name: &str) -> Option<&Named> {
        self.named.get(name)
    }
}

fn text(schema: &Value, keyword: &str) -> Option<String> {
    schema.get(keyword)?.as_str().map(str::to_owned)
}

fn list<'a>(schema: &'a Value, keyword: &str) -> Option<&'a [Value]> {
    schema.get(keyword)?.as_array().map(Vec::as_slice)
}

/// The type keyword, and whether it also names null.
fn kind(schema: &Value) -> (Option<&str>, bool) {
    match schema.get("type") {
        Some(Value::String(kind)) => (Some(kind), false),
        Some(Value::Array(kinds)) => {
            let nullable = kinds.iter().any(|kind| kind == "null");
            let mut others = kinds.iter().filter_map(Value::as_str);
            (others.find(|kind| *kind != "null"), nullable)
        }
        _ => (None, false),
    }
}

/// The words of an enumeration, with what they mean; none where the schema is no enumeration, or
/// has words that GraphQL cannot say, such as `1.0`: those are texts.
fn words(schema: &Value) -> Option<Vec<(String, Option<String>)>> {
    all_words(schema).filter(|words| words.iter().all(|(word, _)| is_name(word)))
}

fn is_name(word: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || character == '_';
    word.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && word.chars().all(plain)
}

fn all_words(schema: &Value) -> Option<Vec<(String, Option<String>)>> {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(word) = schema.get("const").and_then(word) {
        return Some(vec![(word, text(schema, "description"))]);
    }
    if let Some(words) = list(schema, "enum") {
        return words
            .iter()
            .map(|value| Some((word(value)?, None)))
            .collect();
    }
    let alternatives = list(schema, "oneOf")?;
    let words: Option<Vec<_>> = alternatives.iter().map(all_words).collect();
    words.map(|words| words.into_iter().flatten().collect())
}

/// `SelfAuditId` is an identifier of the kind `self-audit`.
fn kind_of_identifier(name: &str) -> String {
    let mut kind = String::new();
    for character in name.strip_suffix("Id").unwrap_or(name).chars() {
        if character.is_ascii_uppercase() && !kind.is_empty() {
            kind.push('-');
        }
        kind.push(character.to_ascii_lowercase());
    }
    kind
}

fn graphql_name(name: &str) -> String {
    name.chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '_'
            }
        })
        .collect()
}

/// `secretHash` as the end of a type's name: `SecretHash`.
pub(crate) fn pascal(name: &str) -> String {
    let mut characters = name.chars();
    characters
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + characters.as_str())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_shape_that_graphql_knows() {
        let catalogue = Catalogue::of_commands();
        let mut without = Vec::new();
        for (name, named) in &catalogue.named {
            if let Content::Record(fields) | Content::Choice(fields) = &named.content {
                let any = |shape: &Shape| format!("{shape:?}").contains(ANY);
                let odd = fields.iter().filter(|field| any(&field.shape));
                without.extend(odd.map(|field| format!("{name}.{}", field.name)));
            }
        }
        assert_eq!(
            without,
            Vec::<String>::new(),
            "inputs without a GraphQL shape"
        );
        for row in Command::ALL {
            assert!(
                matches!(
                    catalogue.named[row.name].content,
                    Content::Record(_) | Content::Choice(_)
                ),
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn identifiers_know_their_kind() {
        assert_eq!(kind_of_identifier("SelfAuditId"), "self-audit");
        assert_eq!(kind_of_identifier("GrantId"), "grant");
    }
}
