//! How large and how deep a GraphQL document is once its fragments are spread out: known before
//! anything walks it, because walking a document of one kilobyte may take years.
//!
//! What async-graphql counts itself, it counts by following every spread, each time anew. Here
//! each fragment is measured once.

use crate::graphql::fault;
use async_graphql::parser::types::{ExecutableDocument, Selection, SelectionSet};
use async_graphql::{Name, Positioned, ServerError};
use std::collections::HashMap;

/// How deep selections and fragments may lie in each other. The limit of depth counts fields alone
/// and is lower; this one bounds whatever walks the document.
pub(crate) const NESTING_MAX: usize = 32;

/// How deep brackets may lie in each other in a document's text. The parser descends once for each
/// of them, on a stack that ends.
const BRACKETS_MAX: usize = 128;

/// Refuses a text that is nested deeper than the parser can be let to go.
pub(crate) fn check_text(text: &str) -> Result<(), ServerError> {
    let (mut depth, mut deepest) = (0_usize, 0);
    let mut rest = text.as_bytes();
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'{' | b'[' | b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
                after
            }
            b'}' | b']' | b')' => {
                depth = depth.saturating_sub(1);
                after
            }
            b'#' => past(after, |rest| matches!(rest, [b'\n' | b'\r', ..])),
            b'"' => string(after),
            _ => after,
        };
    }
    if deepest > BRACKETS_MAX {
        return Err(too_deep().into_server_error(async_graphql::Pos::default()));
    }
    Ok(())
}

/// What follows a string whose opening quotation mark has been read. An unfinished one ends with
/// its line; three quotation marks that nothing closes are an empty string and the beginning of
/// another one. The parser reads them so, and what it reads must be counted.
fn string(after: &[u8]) -> &[u8] {
    if let Some(closed) = after.strip_prefix(b"\"\"").and_then(block_string) {
        return closed;
    }
    let mut rest = after;
    while let Some((byte, after)) = rest.split_first() {
        rest = match byte {
            b'"' | b'\n' | b'\r' => return after,
            b'\\' => after.get(1..).unwrap_or_default(),
            _ => after,
        };
    }
    rest
}

/// What follows a block string, where it is closed.
fn block_string(mut rest: &[u8]) -> Option<&[u8]> {
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(b"\"\"\"") {
            return Some(after);
        }
        let escaped = rest.starts_with(b"\\\"\"\"");
        rest = &rest[if escaped { 4 } else { 1 }..];
    }
    None
}

fn past(mut rest: &[u8], ends: impl Fn(&[u8]) -> bool) -> &[u8] {
    while !rest.is_empty() && !ends(rest) {
        rest = &rest[1..];
    }
    rest
}

/// What a set of selections comes to when its fragments are spread out.
#[derive(Clone, Copy, Debug, Default)]
struct Measure {
    /// How many selections there are.
    size: usize,
    /// How many of them lie in each other.
    height: usize,
}

/// Refuses a document that is larger than `size_max` selections or deeper than [`NESTING_MAX`] when
/// its fragments are spread out. A fragment that holds itself is endlessly deep.
pub(crate) fn check(document: &ExecutableDocument, size_max: usize) -> Result<(), ServerError> {
    let mut measuring = Measuring {
        document,
        known: HashMap::new(),
    };
    let mut size: usize = 0;
    let operations = document.operations.iter();
    let operations = operations.map(|(_, operation)| &operation.node.selection_set);
    // Also a fragment that no operation spreads is walked by some rules.
    let fragments = document.fragments.values();
    let fragments = fragments.map(|fragment| &fragment.node.selection_set);
    for set in operations.chain(fragments) {
        size = size.saturating_add(measuring.measure(set, 0)?.size);
        if size > size_max {
            return Err(too_large(size_max).into_server_error(set.pos));
        }
    }
    Ok(())
}

struct Measuring<'a> {
    document: &'a ExecutableDocument,
    known: HashMap<&'a Name, Measure>,
}

impl<'a> Measuring<'a> {
    fn measure(
        &mut self,
        set: &'a Positioned<SelectionSet>,
        depth: usize,
    ) -> Result<Measure, ServerError> {
        let refused = || too_deep().into_server_error(set.pos);
        if depth > NESTING_MAX {
            return Err(refused());
        }
        let mut all = Measure::default();
        for selection in &set.node.items {
            let below = match &selection.node {
                Selection::Field(field) => self.measure(&field.node.selection_set, depth + 1)?,
                Selection::InlineFragment(fragment) => {
                    self.measure(&fragment.node.selection_set, depth + 1)?
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, depth + 1)?
                }
            };
            if depth + below.height > NESTING_MAX {
                return Err(refused());
            }
            all.size = all.size.saturating_add(1).saturating_add(below.size);
            all.height = all.height.max(below.height + 1);
        }
        Ok(all)
    }

    fn fragment(&mut self, name: &'a Name, depth: usize) -> Result<Measure, ServerError> {
        if let Some(known) = self.known.get(name) {
            return Ok(*known);
        }
        // One that is missing is for validation to name.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Measure::default());
        };
        let measure = self.measure(&fragment.node.selection_set, depth)?;
        self.known.insert(name, measure);
        Ok(measure)
    }
}

fn too_large(size_max: usize) -> async_graphql::Error {
    fault::bad_request(
        &format!("the document asks for more than {size_max} fields"),
        "ask in several requests",
    )
}

fn too_deep() -> async_graphql::Error {
    fault::bad_request(
        "the document is nested too deep",
        "ask for less at once, or in several requests",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::parser::parse_query;
    use rstest::rstest;
    use std::fmt::Write as _;

    /// A chain of fragments, each of which spreads the next one three times.
    fn bomb(length: usize) -> String {
        let mut query = "query{...F0}".to_owned();
        for fragment in 0..length {
            let next = format!("...F{}", fragment + 1);
            write!(
                query,
                " fragment F{fragment} on Query{{{next} {next} {next}}}"
            )
            .unwrap();
        }
        write!(query, " fragment F{length} on Query{{me{{id}}}}").unwrap();
        query
    }

    fn judged(query: &str) -> Result<(), String> {
        check_text(query).map_err(|error| error.message)?;
        let document = parse_query(query).map_err(|error| error.to_string())?;
        check(&document, 10_000).map_err(|error| error.message)
    }

    #[rstest]
    #[case::wide(&bomb(25), "the document asks for more than 10000 fields")]
    #[case::high(&bomb(40), "the document is nested too deep")]
    #[case::circle(
        "{...A ...A} fragment A on Query{...B ...B} fragment B on Query{...A ...A}",
        "the document is nested too deep"
    )]
    #[case::unused_circle(
        "{me{id}} fragment A on Query{...A ...A}",
        "the document is nested too deep"
    )]
    #[case::inline(&format!("{{{}me{{id}}{}}}", "...{".repeat(40), "}".repeat(40)), "the document is nested too deep")]
    #[case::tower(&"{a".repeat(300_000), "the document is nested too deep")]
    #[case::values(&format!("{{a(x:{}", "[".repeat(900_000)), "the document is nested too deep")]
    #[case::behind_a_comment(&format!("{{a #\"\n{}", "{a".repeat(300_000)), "the document is nested too deep")]
    #[case::behind_a_string(&format!("{{a(x:[\"\\\"\" {}", "[".repeat(300_000)), "the document is nested too deep")]
    #[case::behind_quotation_marks(&format!("{{a(x:[\"\"\"\"{}", "[".repeat(300_000)), "the document is nested too deep")]
    fn is_refused(#[case] query: &str, #[case] expected: &str) {
        assert_eq!(judged(query), Err(expected.to_owned()));
    }

    #[rstest]
    #[case::small(&bomb(3))]
    #[case::repeated("{...A ...A ...A} fragment A on Query{me{id}}")]
    #[case::missing("{...A}")]
    #[case::string(&format!("{{a(x:\"{}\")}}", "{".repeat(1_000)))]
    #[case::block_string(&format!("{{a(x:\"\"\"{} \\\"\"\" \" {}\"\"\")}}", "{".repeat(1_000), "[".repeat(1_000)))]
    #[case::comment(&format!("#{}\n{{a}}", "(".repeat(1_000)))]
    fn passes(#[case] query: &str) {
        assert_eq!(judged(query), Ok(()));
    }
}
