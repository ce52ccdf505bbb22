//! A question that asks for everything a caller may ask for, made from the schema: a field that is
//! added tomorrow is asked tomorrow.

use super::harness::{Somebody, TestApp};
use crate::authentication::session::SESSION_COOKIE;
use crate::authorisation::field;
use crate::caller::Caller;
use crate::seer::Seer;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, FieldDefinition, Type, TypeKind, TypeSystemDefinition,
};
use axum::http::{HeaderMap, HeaderValue, header};
use std::collections::BTreeMap;

/// The types of the schema that have fields.
pub(crate) struct Types(BTreeMap<String, Vec<FieldDefinition>>);

/// A question, and which fields it asks for, as `Type.field`.
#[derive(Default)]
pub(crate) struct Question {
    pub(crate) document: String,
    pub(crate) fields: Vec<String>,
}

impl Types {
    pub(crate) fn of_the_schema() -> Self {
        let schema = parse_schema(crate::schema_sdl()).expect("the schema reads");
        let types = schema.definitions.into_iter().filter_map(|definition| {
            let TypeSystemDefinition::Type(definition) = definition else {
                return None;
            };
            let TypeKind::Object(object) = definition.node.kind else {
                return None;
            };
            let fields = object.fields.into_iter().map(|field| field.node);
            Some((definition.node.name.node.to_string(), fields.collect()))
        });
        Self(types.collect())
    }

    /// Every field that gives a list or a page of things, of the types that queries reach.
    pub(crate) fn lists(&self) -> Vec<String> {
        let mut lists = Vec::new();
        for (name, fields) in &self.0 {
            let of_queries = !["Payload", "Connection", "Committed"]
                .iter()
                .any(|end| name.ends_with(end));
            for field in fields.iter().filter(|_| of_queries) {
                let below = concrete(&field.ty.node);
                let list = matches!(field.ty.node.base, BaseType::List(_));
                if list || below.ends_with("Connection") {
                    lists.push(format!("{name}.{}", field.name.node));
                }
            }
        }
        lists
    }

    /// The names of a type's fields.
    pub(crate) fn names(&self, of: &str) -> impl Iterator<Item = &str> {
        self.0[of].iter().map(|field| field.name.node.as_str())
    }

    /// A field with the arguments it needs, and the type below it.
    pub(crate) fn field(&self, of: &str, name: &str) -> (String, &str) {
        let mut fields = self.0[of].iter();
        let asked = fields.find(|field| field.name.node == name);
        let asked = asked.expect("a field of the schema");
        let below = concrete(&asked.ty.node);
        (format!("{name}{}", arguments(asked, "")), below)
    }

    /// Whether something must be asked below a type.
    pub(crate) fn has_fields(&self, of: &str) -> bool {
        self.0.contains_key(of)
    }

    /// All that `seer` may ask for, with `search` as whatever can be searched for.
    pub(crate) fn question(&self, seer: &Seer, search: &str) -> Question {
        let mut question = Question::default();
        let mut path = Vec::new();
        self.select("Query", seer, search, &mut path, &mut question);
        question
    }

    fn select<'a>(
        &'a self,
        of: &'a str,
        seer: &Seer,
        search: &str,
        path: &mut Vec<&'a str>,
        question: &mut Question,
    ) {
        path.push(of);
        question.document.push('{');
        for asked in &self.0[of] {
            let name = asked.name.node.as_str();
            let below = concrete(&asked.ty.node);
            let admitted = field(of, name).is_some_and(|who| who.admits(seer));
            // What is asked already above is not asked again below; edges have what nodes have.
            if !admitted || path.contains(&below) || below.ends_with("Edge") || name == "node" {
                continue;
            }
            question.fields.push(format!("{of}.{name}"));
            question.document.push_str(name);
            question.document.push_str(&arguments(asked, search));
            if self.0.contains_key(below) {
                self.select(below, seer, search, path, question);
            }
            question.document.push(' ');
        }
        // A type of which nothing is shown still needs something to be asked.
        question.document.push_str("__typename}");
        path.pop();
    }
}

/// Values for what a field must be given, and for what searches.
fn arguments(asked: &FieldDefinition, search: &str) -> String {
    let mut given = Vec::new();
    for argument in &asked.arguments {
        let name = argument.node.name.node.as_str();
        let value = match (name, concrete(&argument.node.ty.node)) {
            ("search", _) if !search.is_empty() => format!("\"{search}\""),
            ("inactive", _) => "true".to_owned(),
            ("inOffice", _) => "false".to_owned(),
            ("first", "Int") => "100".to_owned(),
            ("firstDay", _) => "\"2025-01-01\"".to_owned(),
            ("lastDay", _) => "\"2025-12-31\"".to_owned(),
            ("environment", _) => "TEST".to_owned(),
            (_, of) => {
                let needed =
                    !argument.node.ty.node.nullable && argument.node.default_value.is_none();
                assert!(
                    !needed,
                    "no value for `{name}: {of}` of `{}`",
                    asked.name.node
                );
                continue;
            }
        };
        given.push(format!("{name}: {value}"));
    }
    if given.is_empty() {
        return String::new();
    }
    format!("({})", given.join(", "))
}

fn concrete(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(of) => concrete(of),
    }
}

impl TestApp {
    /// The eyes of whoever sends requests so.
    pub(crate) fn seer(&self, who: &Somebody) -> Seer {
        let mut headers = HeaderMap::new();
        let (name, value) = match who {
            Somebody::Nobody => return Seer::today(&Caller::Anonymous, &self.api.0.backends),
            Somebody::Session(sealed) => (header::COOKIE, format!("{SESSION_COOKIE}={sealed}")),
            Somebody::Bearer(token) => (header::AUTHORIZATION, format!("Bearer {token}")),
        };
        headers.insert(name, HeaderValue::from_str(&value).expect("a header"));
        let caller = self.api.caller(&headers).caller().expect("somebody known");
        Seer::today(&caller, &self.api.0.backends)
    }
}
