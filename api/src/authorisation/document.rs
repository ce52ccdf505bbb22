//! Walks a GraphQL document before it is run: every field it asks for must be allowed, and it must
//! not ask for the same thing under a hundred names.

use super::{field, nesting};
use crate::caller::Caller;
use crate::graphql::fault;
use crate::seer::Seer;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, OperationType, Selection, SelectionSet, Type, TypeKind,
    TypeSystemDefinition,
};
use async_graphql::parser::{parse_query, parse_schema};
use async_graphql::{Pos, Positioned, ServerError};
use std::collections::{HashMap, HashSet};

/// The type below each field of the schema.
#[derive(Clone, Debug, Default)]
pub(crate) struct FieldTypes(HashMap<String, HashMap<String, String>>);

impl FieldTypes {
    /// As the schema's own text says.
    pub(crate) fn of(sdl: &str) -> Self {
        let document = parse_schema(sdl).expect("the schema prints what it can read");
        let mut types = HashMap::new();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let fields = fields.into_iter().map(|field| {
                let below = concrete(&field.node.ty.node).to_owned();
                (field.node.name.node.to_string(), below)
            });
            types.insert(definition.node.name.node.to_string(), fields.collect());
        }
        Self(types)
    }

    /// Every field there is, by its type and name.
    #[cfg(test)]
    pub(crate) fn fields(&self) -> impl Iterator<Item = (String, String)> {
        self.0
            .iter()
            .flat_map(|(parent, fields)| fields.keys().map(|field| (parent.clone(), field.clone())))
    }

    fn below(&self, parent: &str, field: &str) -> Option<&String> {
        self.0.get(parent)?.get(field)
    }
}

fn concrete(of: &Type) -> &str {
    match &of.base {
        BaseType::Named(name) => name.as_str(),
        BaseType::List(of) => concrete(of),
    }
}

struct Walk<'a> {
    types: &'a FieldTypes,
    document: &'a ExecutableDocument,
    seer: &'a Seer,
    anonymous: bool,
    aliases: usize,
    aliases_max: usize,
    fragments: HashSet<(String, String)>,
}

/// How much one document may ask for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DocumentLimits {
    /// How many selections, with every fragment spread out.
    pub(crate) selections: usize,
    /// How many aliases.
    pub(crate) aliases: usize,
}

/// The document that a text is, where it is not larger than allowed and asks for nothing that the
/// caller may not ask for.
pub(crate) fn authorised(
    text: &str,
    types: &FieldTypes,
    caller: &Caller,
    seer: &Seer,
    limits: DocumentLimits,
) -> Result<ExecutableDocument, ServerError> {
    nesting::check_text(text)?;
    let document = parse_query(text)?;
    nesting::check(&document, limits.selections)?;
    authorise(types, &document, caller, seer, limits.aliases)?;
    Ok(document)
}

/// Refuses a document that asks for a field the caller may not ask for, or uses too many aliases.
/// Its nesting must have been checked: every selection is looked at, however deep it lies.
fn authorise(
    types: &FieldTypes,
    document: &ExecutableDocument,
    caller: &Caller,
    seer: &Seer,
    aliases_max: usize,
) -> Result<(), ServerError> {
    let mut walk = Walk {
        types,
        document,
        seer,
        anonymous: *caller == Caller::Anonymous,
        aliases: 0,
        aliases_max,
        fragments: HashSet::new(),
    };
    for (_, operation) in document.operations.iter() {
        let root = match operation.node.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        walk.selections(root, &operation.node.selection_set)?;
    }
    Ok(())
}

impl Walk<'_> {
    fn selections(
        &mut self,
        parent: &str,
        set: &Positioned<SelectionSet>,
    ) -> Result<(), ServerError> {
        for selection in &set.node.items {
            match &selection.node {
                Selection::Field(asked) => {
                    if asked.node.alias.is_some() {
                        self.aliases += 1;
                        if self.aliases > self.aliases_max {
                            return Err(self.too_many_aliases(selection.pos));
                        }
                    }
                    let name = asked.node.name.node.as_str();
                    let Some(below) = self.allowed(parent, name, selection.pos)? else {
                        continue;
                    };
                    self.selections(&below, &asked.node.selection_set)?;
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.node.type_condition.as_ref();
                    let of = condition.map_or(parent, |on| on.node.on.node.as_str());
                    self.selections(of, &fragment.node.selection_set)?;
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    let document = self.document;
                    let Some(fragment) = document.fragments.get(name) else {
                        continue;
                    };
                    let of = fragment.node.type_condition.node.on.node.as_str();
                    if self.fragments.insert((name.to_string(), of.to_owned())) {
                        self.selections(of, &fragment.node.selection_set)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The type below a field, where the field may be asked for; none where the schema has no such
    /// field, which validation says in better words.
    fn allowed(&self, parent: &str, name: &str, at: Pos) -> Result<Option<String>, ServerError> {
        match name {
            "__schema" | "__type" if self.anonymous => {
                return Err(fault::unauthenticated().into_server_error(at));
            }
            "__typename" | "__schema" | "__type" => return Ok(None),
            _ => {}
        }
        let Some(below) = self.types.below(parent, name) else {
            return Ok(None);
        };
        match field(parent, name) {
            Some(who) if who.admits(self.seer) => Ok(Some(below.clone())),
            _ if self.anonymous => Err(fault::unauthenticated().into_server_error(at)),
            _ => Err(fault::forbidden_field(parent, name).into_server_error(at)),
        }
    }

    fn too_many_aliases(&self, at: Pos) -> ServerError {
        fault::bad_request(
            &format!("the document uses more than {} aliases", self.aliases_max),
            "ask in several requests",
        )
        .into_server_error(at)
    }
}
