//! Read models folded from the log: the whole network at a position, its timeline, the routing
//! tables, and the views that answer questions about it.
//!
//! There is one fold. A [`Snapshot`] is the network after some prefix of the log; the directory,
//! compliance and agreement views are pure functions of a snapshot and an instant, so each of them
//! can be asked as of any past moment. What this crate does not own: rules (`domain`), bytes
//! (`ledger`), who may see what (`api`).
//!
//! **Architecture invariant:** only this crate folds events into read models.

mod checkpoint;
mod history;
pub mod routing;
mod snapshot;
mod timeline;
pub mod usage;
mod views;

pub use history::AsOf;
pub use snapshot::{FOLD_VERSION, Snapshot};
pub use timeline::Timeline;
pub use views::{PastError, Rebuilt, Standing, StartError, Views};
