//! The mutations: one for each row of the table of commands, made when the schema is built.
//!
//! The names, the documentation and the inputs come from `domain::Command::ALL`; a new command has
//! its mutation without a line here. Rights are judged by the registrar, by the same table.

use crate::app::Backends;
use crate::caller::Caller;
use crate::graphql::fault;
use crate::graphql::input::{Catalogue, Misread, read, register_command};
use crate::graphql::payload::{Committed, Payload, register_payload};
use crate::graphql::scalar;
use crate::graphql::user_error::{InvalidInput, UserError};
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::Field;
use async_graphql::registry::{self, MetaField, MetaInputValue, MetaType, MetaTypeId, Registry};
use async_graphql::resolver_utils::resolve_container_serial;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, Json, ObjectType, OutputType, Positioned,
    ServerResult, Value,
};
use domain::value::Reason;
use domain::{Command, CommandDescription, CommandId};
use registrar::{Submission, SubmitError};
use std::borrow::Cow;
use std::sync::Arc;

/// The root of all mutations.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mutation;

/// `GiveNotice` as a field: `giveNotice`.
pub(crate) fn field_name(command: &str) -> String {
    let mut characters = command.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}

impl OutputType for Mutation {
    fn type_name() -> Cow<'static, str> {
        "Mutation".into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let fields = Command::ALL
                .iter()
                .map(|row| (field_name(row.name), field(registry, row)))
                .collect();
            object(
                "Mutation",
                "Every command of the network. A refusal is data in `errors`, and then nothing was \
                 recorded; `position` says where the ledger stands.",
                fields,
            )
        })
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve_container_serial(context, self).await
    }
}

impl ContainerType for Mutation {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = context.item.node.name.node.as_str();
        let Some(row) = Command::ALL.iter().find(|row| field_name(row.name) == name) else {
            return Ok(None);
        };
        let payload = give(row, context)
            .await
            .map_err(|error| context.set_error_path(error.into_server_error(context.item.pos)))?;
        let selection = context.with_selection_set(&context.item.node.selection_set);
        OutputType::resolve(&payload, &selection, context.item)
            .await
            .map(Some)
    }
}

impl ObjectType for Mutation {}

/// An object type of the schema.
pub(crate) fn object(
    name: &str,
    description: &str,
    fields: IndexMap<String, MetaField>,
) -> MetaType {
    MetaType::Object {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        fields,
        cache_control: registry::CacheControl::default(),
        extends: false,
        shareable: false,
        resolvable: true,
        keys: None,
        visible: None,
        inaccessible: false,
        interface_object: false,
        tags: Vec::new(),
        is_subscription: false,
        rust_typename: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

/// A field of an object type.
pub(crate) fn meta_field(
    name: &str,
    description: String,
    ty: String,
    args: IndexMap<String, MetaInputValue>,
) -> MetaField {
    MetaField {
        name: name.to_owned(),
        description: Some(description),
        args,
        ty,
        deprecation: registry::Deprecation::NoDeprecated,
        cache_control: registry::CacheControl::default(),
        external: false,
        requires: None,
        provides: None,
        visible: None,
        shareable: false,
        inaccessible: false,
        tags: Vec::new(),
        override_from: None,
        compute_complexity: None,
        directive_invocations: Vec::new(),
        requires_scopes: Vec::new(),
    }
}

fn field(registry: &mut Registry, row: &CommandDescription) -> MetaField {
    let input = register_command(registry, row.name);
    let payload = register_payload(registry, row.name);
    let argument = |name: &str, description: &str, ty: String| {
        let description = Some(description.to_owned());
        let argument = crate::graphql::input::argument(name, description, ty);
        (name.to_owned(), argument)
    };
    let args = IndexMap::from_iter([
        argument("input", "What the command says.", input),
        argument(
            "commandId",
            "The command's own identifier, a UUID of the caller's making. Sent again with the same \
             content it changes nothing and gives the first answer. Made here where it is left out.",
            scalar::register(registry, "ID"),
        ),
        argument(
            "expectedVersion",
            "The version of the stream that the caller saw; where it has moved on, nothing is \
             recorded and the answer is a `Conflict`.",
            scalar::register(registry, "Int"),
        ),
        argument(
            "reason",
            "Why, in words; kept sealed beside the command.",
            scalar::register(registry, "String"),
        ),
    ]);
    meta_field(&field_name(row.name), description(row), payload, args)
}

/// The command's own words, and who may give it.
fn description(row: &CommandDescription) -> String {
    let catalogue = Catalogue::of_commands();
    let words = catalogue
        .get(row.name)
        .and_then(|named| named.description.clone());
    let rights: Vec<String> = row
        .rights
        .iter()
        .map(|(right, of)| {
            let right = crate::caller::right_name(*right);
            of.map_or_else(|| right.clone(), |of| format!("{right} of `{of}`"))
        })
        .collect();
    format!(
        "{}\n\nWho may: {}.",
        words.unwrap_or_default(),
        rights.join(", ")
    )
}

async fn give(
    row: &'static CommandDescription,
    context: &Context<'_>,
) -> async_graphql::Result<Payload> {
    let caller = context.data::<Arc<Caller>>()?;
    let backends = context.data::<Arc<Backends>>()?;
    let Some(actor) = caller.actor() else {
        return Err(fault::unauthenticated());
    };
    let refused = |error| {
        let position = backends.registrar.network().0;
        Ok(Payload::refused(row.name, position, error))
    };
    let (_, Json(input)) = context.param_value::<Json<serde_json::Value>>("input", None)?;
    let command = match parse(row.name, input) {
        Ok(command) => command,
        Err(error) => return refused(error),
    };
    let (_, reason) = context.param_value::<Option<String>>("reason", None)?;
    let reason = match reason.map(|reason| Reason::parse(&reason)).transpose() {
        Ok(reason) => reason,
        Err(invalid) => return refused(argument("reason", &invalid)),
    };
    let (_, id) = context.param_value::<Option<async_graphql::ID>>("commandId", None)?;
    let command_id = match id.map(|id| id.parse::<CommandId>()).transpose() {
        Ok(Some(id)) => id,
        Ok(None) => backends.new_command_id(),
        Err(_) => {
            let remedy = "make a new UUID for each command, or leave it out";
            let error = invalid_input(Some("commandId".to_owned()), "expected a UUID", remedy);
            return refused(error);
        }
    };
    let (_, expected_version) = context.param_value::<Option<u64>>("expectedVersion", None)?;
    let submission = Submission {
        command_id,
        expected_version,
        actor,
        rights: caller.rights(&backends.registrar.network().1),
        reason,
        command,
    };
    match backends.registrar.submit(submission).await {
        Ok(receipt) => {
            let committed = Committed::new(&backends.registrar, command_id, receipt);
            Ok(Payload::committed(row.name, committed))
        }
        Err(SubmitError::Rejected(rejection)) => refused(rejection.into()),
        Err(SubmitError::Busy) => Err(fault::busy()),
        Err(SubmitError::Unavailable) => Err(fault::unavailable()),
    }
}

fn invalid_input(field: Option<String>, message: &str, remedy: &str) -> UserError {
    UserError::Input(InvalidInput {
        code: "INVALID_INPUT".to_owned(),
        field,
        message: message.to_owned(),
        remedy: remedy.to_owned(),
        rule: None,
    })
}

fn argument(field: &str, invalid: &domain::value::Invalid) -> UserError {
    let message = format!("expected {}", invalid.expected);
    invalid_input(Some(field.to_owned()), &message, invalid.remedy)
}

/// Reads the command `name` from an argument.
fn parse(name: &str, input: serde_json::Value) -> Result<Command, UserError> {
    let input = read(Catalogue::of_commands(), name, input).map_err(|misread| {
        let Misread {
            field,
            message,
            remedy,
        } = misread;
        invalid_input(Some(field), &message, &remedy)
    })?;
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(input, &mut track);
    let read = Command::deserialize_named(name, tracked);
    let path = track.path().to_string();
    match read {
        Some(Ok(command)) => Ok(command),
        Some(Err(error)) => {
            // Values say what was expected and, after a semicolon, what to do.
            let words = error.to_string();
            let (message, remedy) = words
                .split_once("; ")
                .unwrap_or((&words, "give the field as the schema describes it"));
            Err(invalid_input(
                (path != ".").then_some(path),
                message,
                remedy,
            ))
        }
        None => Err(invalid_input(
            None,
            "no such command exists",
            "look at the schema for the commands there are",
        )),
    }
}
