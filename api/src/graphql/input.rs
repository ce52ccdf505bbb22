//! Input types of the mutations, made from the JSON schemas of the commands.
//!
//! A command's own type is the only description of its input. This module turns its schema into
//! GraphQL: records become input objects, enumerations become enums with the same words, choices
//! become `@oneOf` input objects, and shared types are named once. [`register`] puts them into a
//! schema, [`read()`] turns an argument back into the JSON that the command is read from.
//! What is valid inside a value is not decided here: the command's own parser does that.

mod read;
mod register;
mod shape;

pub(crate) use read::{Misread, read};
pub(crate) use register::{Word, input_value as argument, register_command};
pub(crate) use shape::Catalogue;
