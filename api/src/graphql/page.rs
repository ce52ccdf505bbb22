//! Pages of a list (the Relay connection model), each with the number of all rows.

use crate::graphql::fault;
use async_graphql::connection::{Connection, Edge, EmptyFields};
use async_graphql::{OutputType, Result, SimpleObject};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// How many rows a page has where the caller does not say.
pub(crate) const PAGE_DEFAULT: usize = 50;
/// How many rows a page has at most.
pub(crate) const PAGE_MAX: usize = 500;

/// What a page says beside its rows.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Total {
    /// How many rows there are on all pages together.
    total_count: usize,
}

/// A page of rows.
pub(crate) type Page<N> = Connection<String, N, Total, EmptyFields>;

/// Which part of a list is asked for: `first` rows `after` a cursor, or the `last` rows `before`
/// one.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    pub(crate) first: Option<usize>,
    pub(crate) after: Option<String>,
    pub(crate) last: Option<usize>,
    pub(crate) before: Option<String>,
}

impl Window {
    pub(crate) fn first(first: Option<usize>, after: Option<String>) -> Self {
        Self {
            first,
            after,
            ..Self::default()
        }
    }
}

/// The asked page of `rows`, which are in the order of their keys; only its rows are made into
/// nodes.
pub(crate) fn page<K: Ord + ToString, R, N: OutputType>(
    rows: Vec<(K, R)>,
    window: &Window,
    parse: impl Fn(&str) -> Option<K>,
    mut node: impl FnMut(&K, R) -> N,
) -> Result<Page<N>> {
    let cursor = |cursor: &Option<String>| -> Result<Option<K>> {
        let Some(cursor) = cursor else {
            return Ok(None);
        };
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
        let key = bytes.and_then(|bytes| parse(std::str::from_utf8(&bytes).ok()?));
        key.map(Some).ok_or_else(|| {
            fault::bad_request(
                "this is no cursor of this list",
                "give a cursor of an earlier page",
            )
        })
    };
    let (after, before) = (cursor(&window.after)?, cursor(&window.before)?);
    let total_count = rows.len();
    let start = after.map_or(0, |after| rows.partition_point(|(key, _)| *key <= after));
    let end = before.map_or(total_count, |before| {
        rows.partition_point(|(key, _)| *key < before)
    });
    let end = end.max(start);
    let (start, end) = match (window.first, window.last) {
        (Some(_), Some(_)) => {
            return Err(fault::bad_request(
                "both `first` and `last` are given",
                "give one of them",
            ));
        }
        (None, Some(last)) => (end.saturating_sub(last.min(PAGE_MAX)).max(start), end),
        (first, None) => {
            let count = first.unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
            (start, end.min(start.saturating_add(count)))
        }
    };
    let mut page =
        Connection::with_additional_fields(start > 0, end < total_count, Total { total_count });
    page.edges = rows
        .into_iter()
        .skip(start)
        .take(end - start)
        .map(|(key, row)| {
            let cursor = URL_SAFE_NO_PAD.encode(key.to_string());
            Edge::new(cursor, node(&key, row))
        })
        .collect();
    Ok(page)
}
