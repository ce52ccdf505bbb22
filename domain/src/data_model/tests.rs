//! The data model on invented users of invented schools.

mod combinations;
mod effects;
mod fixtures;
mod network;
mod organisations;
mod properties;
mod users;
mod versions;
