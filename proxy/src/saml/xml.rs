//! XML as strangers send it: hard limits before anything is read, and a small writer of ours.

use super::SamlError;
use roxmltree::{Document, Node, NodeType, ParsingOptions};

/// Longest document that is read, in bytes.
pub const LENGTH_MAX: usize = 256 * 1024;
/// Most levels of elements.
pub const DEPTH_MAX: usize = 64;
/// Most nodes of every kind.
pub const NODES_MAX: u32 = 20_000;

/// The attributes by which a signature may refer to an element.
const ID_NAMES: [&str; 4] = ["ID", "Id", "id", "AssertionID"];
const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";

/// How large a document may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest document, in bytes.
    pub length: usize,
    /// Most nodes of every kind.
    pub nodes: u32,
}

impl Limits {
    /// For protocol messages.
    pub const MESSAGE: Self = Self {
        length: LENGTH_MAX,
        nodes: NODES_MAX,
    };
    /// For metadata, which carry certificates, logos and texts.
    pub const METADATA: Self = Self {
        length: 1024 * 1024,
        nodes: 50_000,
    };
}

/// The text of a document: UTF-8, with or without a byte order mark.
pub fn text_of_document(octets: &[u8], limits: Limits) -> Result<&str, SamlError> {
    if octets.len() > limits.length {
        return Err(SamlError::Xml("too long"));
    }
    let text = std::str::from_utf8(octets).map_err(|_| SamlError::Xml("not UTF-8"))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Reads a document within its limits. A document type, and with it every entity of one's own,
/// a processing instruction and an identifier that stands twice are refused.
pub fn parse(text: &str, limits: Limits) -> Result<Document<'_>, SamlError> {
    if text.len() > limits.length {
        return Err(SamlError::Xml("too long"));
    }
    declaration_is_utf8(text)?;
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: limits.nodes,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::DtdDetected => SamlError::Xml("document type"),
        roxmltree::Error::NodesLimitReached => SamlError::Xml("too many nodes"),
        _ => SamlError::Xml("not well-formed"),
    })?;
    check_nodes(&document)?;
    Ok(document)
}

/// Two readers that take the same octets for different characters would read different documents.
fn declaration_is_utf8(text: &str) -> Result<(), SamlError> {
    let Some(declaration) = text.strip_prefix("<?xml") else {
        return Ok(());
    };
    let declaration = declaration.split("?>").next().unwrap_or_default();
    let Some((_, encoding)) = declaration.split_once("encoding") else {
        return Ok(());
    };
    let encoding = encoding.trim_start_matches(|c: char| c == '=' || c.is_whitespace());
    let name = encoding.trim_start_matches(['"', '\'']);
    if name
        .get(..5)
        .is_some_and(|name| name.eq_ignore_ascii_case("utf-8"))
    {
        Ok(())
    } else {
        Err(SamlError::Xml("encoding"))
    }
}

fn check_nodes(document: &Document<'_>) -> Result<(), SamlError> {
    let mut identifiers = std::collections::HashSet::new();
    let (mut node, mut depth) = (document.root(), 0_usize);
    loop {
        match node.node_type() {
            NodeType::PI => return Err(SamlError::Xml("processing instruction")),
            NodeType::Element => {
                for attribute in node.attributes() {
                    let is_id = match attribute.namespace() {
                        None => ID_NAMES.contains(&attribute.name()),
                        Some(namespace) => namespace == XML_NAMESPACE && attribute.name() == "id",
                    };
                    if is_id && !identifiers.insert(attribute.value()) {
                        return Err(SamlError::Xml("identifier stands twice"));
                    }
                }
            }
            _ => {}
        }
        if let Some(child) = node.first_child() {
            depth += 1;
            if depth > DEPTH_MAX {
                return Err(SamlError::Xml("too deep"));
            }
            node = child;
            continue;
        }
        loop {
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            let Some(parent) = node.parent() else {
                return Ok(());
            };
            depth -= 1;
            node = parent;
        }
    }
}

/// Whether `node` is this element.
pub fn is(node: Node<'_, '_>, namespace: &str, name: &str) -> bool {
    let tag = node.tag_name();
    node.is_element() && tag.name() == name && tag.namespace() == Some(namespace)
}

/// The child elements.
pub fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

/// The child elements of this name.
pub fn named<'a, 'i>(
    node: Node<'a, 'i>,
    namespace: &'static str,
    name: &'static str,
) -> impl Iterator<Item = Node<'a, 'i>> {
    elements(node).filter(move |child| is(*child, namespace, name))
}

/// The one child element of this name; none where there is none, an error where there are several.
pub fn one<'a, 'i>(
    node: Node<'a, 'i>,
    namespace: &'static str,
    name: &'static str,
) -> Result<Option<Node<'a, 'i>>, SamlError> {
    let mut found = named(node, namespace, name);
    let first = found.next();
    if found.next().is_some() {
        return Err(SamlError::Message("an element stands twice"));
    }
    Ok(first)
}

/// The text of an element that holds text alone: with anything else in it, a reader that takes the
/// first piece and one that takes all of them would differ.
pub fn text<'a>(node: Node<'a, '_>) -> Result<&'a str, SamlError> {
    let mut children = node.children();
    match (children.next(), children.next()) {
        (None, _) => Ok(""),
        (Some(only), None) if only.is_text() => Ok(only.text().unwrap_or_default()),
        _ => Err(SamlError::Message("text is broken up")),
    }
}

/// A writer of XML in the order it is told, with everything escaped as canonical XML escapes it.
#[derive(Clone, Debug, Default)]
pub struct Writer(String);

impl Writer {
    /// An empty document.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens an element. Attributes whose value is none are left out.
    pub fn open(&mut self, name: &str, attributes: &[(&str, Option<&str>)]) -> &mut Self {
        self.0.push('<');
        self.0.push_str(name);
        for (name, value) in attributes {
            if let Some(value) = value {
                self.0.push(' ');
                self.0.push_str(name);
                self.0.push_str("=\"");
                self.escape(value, true);
                self.0.push('"');
            }
        }
        self.0.push('>');
        self
    }

    /// Closes an element.
    pub fn close(&mut self, name: &str) -> &mut Self {
        self.0.push_str("</");
        self.0.push_str(name);
        self.0.push('>');
        self
    }

    /// Text, escaped.
    pub fn text(&mut self, text: &str) -> &mut Self {
        self.escape(text, false);
        self
    }

    /// An element that holds text alone.
    pub fn leaf(
        &mut self,
        name: &str,
        attributes: &[(&str, Option<&str>)],
        text: &str,
    ) -> &mut Self {
        self.open(name, attributes).text(text).close(name)
    }

    /// XML that was written before.
    pub fn raw(&mut self, xml: &str) -> &mut Self {
        self.0.push_str(xml);
        self
    }

    /// The document.
    pub fn finish(self) -> String {
        self.0
    }

    fn escape(&mut self, text: &str, attribute: bool) {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' if !attribute => self.0.push_str("&gt;"),
                '"' if attribute => self.0.push_str("&quot;"),
                '\t' if attribute => self.0.push_str("&#x9;"),
                '\n' if attribute => self.0.push_str("&#xA;"),
                '\r' => self.0.push_str("&#xD;"),
                '\t' | '\n' => self.0.push(character),
                // XML 1.0 §2.2: these characters cannot stand in a document at all.
                '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => self.0.push('\u{fffd}'),
                other => self.0.push(other),
            }
        }
    }
}

#[cfg(test)]
mod unit {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("<!DOCTYPE a><a/>", "document type")]
    #[case("<!DOCTYPE a [<!ENTITY e \"x\">]><a>&e;</a>", "document type")]
    #[case("<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>", "document type")]
    #[case("<a>&e;</a>", "not well-formed")]
    #[case("<a><?go now?></a>", "processing instruction")]
    #[case("<?go now?><a/>", "processing instruction")]
    #[case("<a/><b/>", "not well-formed")]
    #[case("<a ID=\"x\"><b Id=\"x\"/></a>", "identifier stands twice")]
    #[case("<a ID=\"x\"><b xml:id=\"x\"/></a>", "identifier stands twice")]
    #[case("<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", "encoding")]
    #[case("<?xml version='1.0' encoding='iso-8859-1'?><a/>", "encoding")]
    fn what_has_no_place_in_a_message_is_refused(
        #[case] document: &str,
        #[case] reason: &'static str,
    ) {
        let parsed = parse(document, Limits::MESSAGE);
        assert_eq!(parsed.err(), Some(SamlError::Xml(reason)));
    }

    #[test]
    fn the_limits_hold_at_their_edge() {
        let nested = |depth: usize| "<a>".repeat(depth) + &"</a>".repeat(depth);
        assert!(parse(&nested(DEPTH_MAX), Limits::MESSAGE).is_ok());
        let too_deep = nested(DEPTH_MAX + 1);
        let error = parse(&too_deep, Limits::MESSAGE).err();
        assert_eq!(error, Some(SamlError::Xml("too deep")));

        let wide = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count));
        assert!(parse(&wide(19_000), Limits::MESSAGE).is_ok());
        let error = parse(&wide(20_001), Limits::MESSAGE).err();
        assert_eq!(error, Some(SamlError::Xml("too many nodes")));

        let long = format!("<a>{}</a>", "x".repeat(LENGTH_MAX));
        assert_eq!(
            parse(&long, Limits::MESSAGE).err(),
            Some(SamlError::Xml("too long"))
        );
        assert_eq!(
            text_of_document(&[0xff, 0xfe], Limits::MESSAGE),
            Err(SamlError::Xml("not UTF-8"))
        );
    }

    #[test]
    fn text_with_a_comment_in_it_is_no_text() {
        let document = parse("<a>user<!-- x -->@evil</a>", Limits::MESSAGE).unwrap();
        let error = text(document.root_element()).err();
        assert_eq!(error, Some(SamlError::Message("text is broken up")));
        let document = parse("<a>us<![CDATA[er]]></a>", Limits::MESSAGE).unwrap();
        assert_eq!(text(document.root_element()), Ok("user"));
    }

    proptest! {
        #[test]
        fn whatever_is_written_is_read_back(value in "\\PC{0,40}", control in "[\u{0}-\u{20}]{0,4}") {
            let given = format!("{value}{control}");
            let mut writer = Writer::new();
            writer.leaf("a", &[("b", Some(&given))], &given);
            let written = writer.finish();
            let document = parse(&written, Limits::MESSAGE).unwrap();
            let expected: String = given
                .chars()
                .map(|c| match c {
                    '\t' | '\n' | '\r' => c,
                    '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
                    c => c,
                })
                .collect();
            prop_assert_eq!(text(document.root_element()).unwrap(), expected.as_str());
            prop_assert_eq!(document.root_element().attribute("b"), Some(expected.as_str()));
        }

        #[test]
        fn nothing_that_arrives_panics(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(text) = text_of_document(&octets, Limits::MESSAGE) {
                let _ = parse(text, Limits::MESSAGE);
            }
        }
    }
}
