//! What a mutation answers: one payload type for each, all with the same fields.

use crate::graphql::mutation::{meta_field, object};
use crate::graphql::scalar;
use crate::graphql::user_error::UserError;
use async_graphql::indexmap::IndexMap;
use async_graphql::parser::types::Field;
use async_graphql::registry::{MetaField, MetaTypeId, Registry};
use async_graphql::resolver_utils::resolve_container;
use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ID, Object, OutputType, Positioned, ServerResult,
    SimpleObject, Value,
};
use domain::CommandId;
use registrar::{Receipt, Registrar};
use std::borrow::Cow;

/// What a command recorded.
#[derive(Clone, Debug)]
pub(crate) struct Committed {
    command_id: CommandId,
    receipt: Receipt,
    /// The stream of each event, with the event's number in it.
    streams: Vec<(String, u64)>,
}

impl Committed {
    pub(crate) fn new(registrar: &Registrar, command_id: CommandId, receipt: Receipt) -> Self {
        let streams = receipt
            .positions
            .clone()
            .filter_map(|position| registrar.log().details(position).ok().flatten())
            .map(|details| (details.stream, details.stream_version))
            .collect();
        Self {
            command_id,
            receipt,
            streams,
        }
    }
}

/// A stream that a command wrote to.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct WrittenStream {
    /// The stream's name, such as `member/…`. What stands after the slash identifies what a command created.
    name: String,
    /// How many events it has now; give it as `expectedVersion` with the next change.
    version: u64,
}

/// What a command recorded.
#[Object]
impl Committed {
    /// The command.
    async fn command_id(&self) -> ID {
        self.command_id.to_string().into()
    }

    /// When it was recorded.
    async fn recorded_at(&self) -> scalar::Instant {
        scalar::Instant(self.receipt.recorded_at)
    }

    /// Whether the command had been recorded before, under the same id; this is its first answer.
    async fn repeated(&self) -> bool {
        self.receipt.repeated
    }

    /// The positions of its events in the log.
    async fn positions(&self) -> Vec<u64> {
        self.receipt.positions.clone().collect()
    }

    /// The streams it wrote to.
    #[graphql(complexity = "1 + crate::graphql::FEW * child_complexity")]
    async fn streams(&self) -> Vec<WrittenStream> {
        let mut streams: Vec<WrittenStream> = Vec::new();
        for (name, number) in &self.streams {
            let version = number + 1;
            match streams.iter_mut().find(|stream| stream.name == *name) {
                Some(stream) => stream.version = stream.version.max(version),
                None => streams.push(WrittenStream {
                    name: name.clone(),
                    version,
                }),
            }
        }
        streams
    }
}

/// The answer of one mutation.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    command: &'static str,
    position: u64,
    committed: Option<Committed>,
    errors: Vec<UserError>,
}

impl Payload {
    /// Something was recorded.
    pub(crate) fn committed(command: &'static str, committed: Committed) -> Self {
        Self {
            command,
            position: committed.receipt.positions.end,
            committed: Some(committed),
            errors: Vec::new(),
        }
    }

    /// Nothing was recorded in a ledger that stands at this position.
    pub(crate) fn refused(command: &'static str, position: u64, error: UserError) -> Self {
        Self {
            command,
            position,
            committed: None,
            errors: vec![error],
        }
    }
}

/// Registers the payload of a command; its type.
pub(crate) fn register_payload(registry: &mut Registry, command: &str) -> String {
    let name = format!("{command}Payload");
    let fields = fields(registry);
    let description = format!("The answer of `{}`.", super::mutation::field_name(command));
    registry
        .types
        .insert(name.clone(), object(&name, &description, fields));
    format!("{name}!")
}

fn fields(registry: &mut Registry) -> IndexMap<String, MetaField> {
    let position = <u64 as OutputType>::create_type_info(registry);
    let committed = <Option<Committed> as OutputType>::create_type_info(registry);
    let errors = <Vec<UserError> as OutputType>::create_type_info(registry);
    let fields = [
        (
            "position",
            "Where the ledger stands after the command, also where nothing was recorded; give it as \
             `minPosition` to read what the command did or was refused by.",
            position,
        ),
        (
            "committed",
            "What was recorded; none where the command was refused.",
            committed,
        ),
        (
            "errors",
            "Why nothing was recorded; empty where something was.",
            errors,
        ),
    ];
    fields
        .into_iter()
        .map(|(name, description, ty)| {
            let field = meta_field(name, description.to_owned(), ty, IndexMap::new());
            (name.to_owned(), field)
        })
        .collect()
}

impl OutputType for Payload {
    fn type_name() -> Cow<'static, str> {
        "Payload".into()
    }

    fn introspection_type_name(&self) -> Cow<'static, str> {
        format!("{}Payload", self.command).into()
    }

    fn create_type_info(registry: &mut Registry) -> String {
        // Never asked for: each command's payload is registered under its own name.
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let fields = fields(registry);
            object("Payload", "The answer of a mutation.", fields)
        })
    }

    async fn resolve(
        &self,
        context: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        resolve_container(context, self).await
    }
}

impl ContainerType for Payload {
    async fn resolve_field(&self, context: &Context<'_>) -> ServerResult<Option<Value>> {
        let selection = context.with_selection_set(&context.item.node.selection_set);
        match context.item.node.name.node.as_str() {
            "position" => OutputType::resolve(&self.position, &selection, context.item)
                .await
                .map(Some),
            "committed" => OutputType::resolve(&self.committed, &selection, context.item)
                .await
                .map(Some),
            "errors" => OutputType::resolve(&self.errors, &selection, context.item)
                .await
                .map(Some),
            _ => Ok(None),
        }
    }
}
