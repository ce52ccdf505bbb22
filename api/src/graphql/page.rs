//! Pages of a list (the Relay connection model), each with the number of all rows.

use crate::graphql::fault;
use async_graphql::connection::{Connection, Edge, EmptyFields, PageInfo};
use async_graphql::{Object, OutputType, Result, SimpleObject, TypeName};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::borrow::Cow;
use std::str::FromStr;

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

/// A page of what is found by looking through a log, of which nobody knows beforehand how much of
/// it is shown to the caller. Its end cursor is the last place looked at, so that a page without a
/// row can be gone on from.
pub(crate) struct FoundPage<N: OutputType> {
    edges: Vec<Edge<String, N, EmptyFields>>,
    begins_later: bool,
    more_after: Option<String>,
}

impl<N: OutputType> FoundPage<N> {
    /// Rows with their cursors; the cursor to go on from, where there is more to look at; and
    /// whether the page itself went on from a cursor.
    pub(crate) fn new(
        rows: impl IntoIterator<Item = (String, N)>,
        more_after: Option<String>,
        begins_later: bool,
    ) -> Self {
        let rows = rows.into_iter();
        Self {
            edges: rows
                .map(|(place, node)| Edge::new(cursor_of(&place), node))
                .collect(),
            begins_later,
            more_after: more_after.map(|place| cursor_of(&place)),
        }
    }
}

impl<N: OutputType> TypeName for FoundPage<N> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", N::type_name()).into()
    }
}

/// A page of what was found; it may have fewer rows than were asked for, or none, and still
/// `pageInfo` say that there is more.
#[Object(name_type)]
impl<N: OutputType> FoundPage<N> {
    /// Where the page lies. The end cursor is the last place looked at.
    async fn page_info(&self) -> PageInfo {
        let cursor = |edge: &Edge<String, N, EmptyFields>| edge.cursor.clone();
        PageInfo {
            has_previous_page: self.begins_later,
            has_next_page: self.more_after.is_some(),
            start_cursor: self.edges.first().map(cursor),
            end_cursor: self
                .more_after
                .clone()
                .or_else(|| self.edges.last().map(cursor)),
        }
    }

    /// The rows, each with its cursor.
    async fn edges(&self) -> &[Edge<String, N, EmptyFields>] {
        &self.edges
    }

    /// The rows.
    async fn nodes(&self) -> Vec<&N> {
        self.edges.iter().map(|edge| &edge.node).collect()
    }
}

/// The place that a cursor names; an error where it names none.
pub(crate) fn place<K: FromStr>(cursor: Option<&str>) -> Result<Option<K>> {
    let Some(cursor) = cursor else {
        return Ok(None);
    };
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
    let key = bytes.and_then(|bytes| std::str::from_utf8(&bytes).ok()?.parse().ok());
    key.map(Some).ok_or_else(fault::not_a_cursor)
}

fn cursor_of(key: &impl ToString) -> String {
    URL_SAFE_NO_PAD.encode(key.to_string())
}

/// Which part of a list is asked for: `first` rows `after` a cursor.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    first: Option<usize>,
    after: Option<String>,
}

impl Window {
    pub(crate) fn first(first: Option<usize>, after: Option<String>) -> Self {
        Self { first, after }
    }
}

/// The rows of a list whose order is its own, numbered: their cursors are their places.
pub(crate) fn listed<R, N: OutputType>(
    rows: Vec<R>,
    window: &Window,
    mut node: impl FnMut(R) -> N,
) -> Result<Page<N>> {
    let rows = rows.into_iter().enumerate().collect();
    page(rows, window, |key| key.parse().ok(), |_, row| node(row))
}

/// The asked page of `rows`, which are in the order of their keys; only its rows are made into
/// nodes.
pub(crate) fn page<K: Ord + ToString, R, N: OutputType>(
    rows: Vec<(K, R)>,
    window: &Window,
    parse: impl Fn(&str) -> Option<K>,
    mut node: impl FnMut(&K, R) -> N,
) -> Result<Page<N>> {
    let after = match &window.after {
        None => None,
        Some(cursor) => {
            let bytes = URL_SAFE_NO_PAD.decode(cursor).ok();
            let key = bytes.and_then(|bytes| parse(std::str::from_utf8(&bytes).ok()?));
            Some(key.ok_or_else(fault::not_a_cursor)?)
        }
    };
    let total_count = rows.len();
    let start = after.map_or(0, |after| rows.partition_point(|(key, _)| *key <= after));
    let count = window.first.unwrap_or(PAGE_DEFAULT).min(PAGE_MAX);
    let end = total_count.min(start.saturating_add(count));
    let mut page =
        Connection::with_additional_fields(start > 0, end < total_count, Total { total_count });
    page.edges = rows
        .into_iter()
        .skip(start)
        .take(end - start)
        .map(|(key, row)| Edge::new(cursor_of(&key), node(&key, row)))
        .collect();
    Ok(page)
}
