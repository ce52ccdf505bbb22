//! JSON as it stands in a file, with what other parsers hide: keys that stand twice.

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Number;
use std::fmt;

/// A JSON value. It may hold secrets, so it cannot be printed.
#[derive(Clone, PartialEq)]
pub(crate) enum Node {
    /// Nothing.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(Number),
    /// A text.
    Text(String),
    /// Values in order.
    List(Vec<Node>),
    /// Named values in the order of the file, names that stand twice included.
    Object(Vec<(String, Node)>),
}

/// Reads a whole document. The error says where it breaks, never what stands there.
pub(crate) fn read(bytes: &[u8]) -> Result<Node, String> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| format!("not UTF-8 from byte {} on", error.valid_up_to()))?;
    // Some editors begin a file with a mark that is no part of it.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let broken = |error: serde_json::Error| {
        format!(
            "broken JSON in line {}, column {}",
            error.line(),
            error.column()
        )
    };
    let node = Reader.deserialize(&mut deserializer).map_err(broken)?;
    deserializer.end().map_err(broken)?;
    Ok(node)
}

struct Reader;

impl<'de> DeserializeSeed<'de> for Reader {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
        Ok(Node::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Number(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number.into()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Node, E> {
        Number::from_f64(number)
            .map(Node::Number)
            .ok_or_else(|| E::custom("not a number"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Reader)? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut fields = Vec::new();
        while let Some(name) = entries.next_key::<String>()? {
            fields.push((name, entries.next_value_seed(Reader)?));
        }
        Ok(Node::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(bytes: &[u8]) -> String {
        match read(bytes) {
            Ok(_) => panic!("this was read"),
            Err(why) => why,
        }
    }

    #[test]
    fn keys_that_stand_twice_are_kept() {
        let Ok(Node::Object(fields)) = read(b"{\"a\":1,\"\\u0061\":\"x\"}") else {
            panic!()
        };
        assert_eq!(fields.len(), 2);
        assert!(fields[0].1 == Node::Number(1.into()) && fields[1].1 == Node::Text("x".to_owned()));
    }

    #[test]
    fn a_mark_at_the_beginning_is_no_part_of_the_document() {
        assert!(
            read("\u{feff}[true]".as_bytes())
                .is_ok_and(|node| node == Node::List(vec![Node::Flag(true)]))
        );
    }

    #[rstest::rstest]
    #[case(b"{\"a\":\n \"secret-marker\",}", "broken JSON in line 2, column")]
    #[case(b"{} {}", "broken JSON in line 1, column 4")]
    #[case(b"", "broken JSON in line 1, column 0")]
    #[case(b"[1e999]", "broken JSON")]
    #[case(b"\"\xff\"", "not UTF-8 from byte 1 on")]
    fn a_broken_document_says_where(#[case] bytes: &[u8], #[case] why: &str) {
        let error = broken(bytes);
        assert!(error.contains(why) && !error.contains("marker"), "{error}");
    }

    #[test]
    fn a_tower_of_brackets_is_broken() {
        assert!(broken("[".repeat(100_000).as_bytes()).contains("broken JSON"));
    }
}
