//! Reading the fields of one entry: tolerant of the shapes that real files mix (numbers as texts,
//! texts as flags), strict about everything that cannot be read, and without losing a field: what
//! nobody asked for is reported by name.

use super::json::Node;
use super::{Finding, Kind};
use domain::value::{Invalid, ShortText};
use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

/// One entry of a file while it is read, with everything that is found about it.
pub(crate) struct Entry {
    file: Arc<str>,
    kind: Kind,
    id: RefCell<Option<String>>,
    errors: RefCell<Vec<Finding>>,
    warnings: RefCell<Vec<Finding>>,
    unknown: RefCell<BTreeSet<String>>,
    claims: RefCell<Vec<(String, String)>>,
}

impl Entry {
    /// An entry of `file` about which nothing is known yet.
    pub(crate) fn new(file: &Arc<str>, kind: Kind) -> Self {
        Self {
            file: Arc::clone(file),
            kind,
            id: RefCell::default(),
            errors: RefCell::default(),
            warnings: RefCell::default(),
            unknown: RefCell::default(),
            claims: RefCell::default(),
        }
    }

    /// Names the entry: what is found from now on carries the identifier.
    pub(crate) fn identify(&self, id: &str) {
        *self.id.borrow_mut() = Some(id.to_owned());
    }

    /// What kind of entry it is.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The file it stands in.
    pub(crate) fn file(&self) -> Arc<str> {
        Arc::clone(&self.file)
    }

    /// The entry's identifier as text.
    pub(crate) fn id(&self) -> Option<String> {
        self.id.borrow().clone()
    }

    /// Says that what stands in `field` belongs to this entry alone.
    pub(crate) fn claim(&self, field: impl Into<String>, what: String) {
        self.claims.borrow_mut().push((field.into(), what));
    }

    /// What belongs to this entry alone, by field.
    pub(crate) fn claims(&self) -> Vec<(String, String)> {
        self.claims.borrow().clone()
    }

    /// Whether nothing makes it unusable.
    pub(crate) fn is_good(&self) -> bool {
        self.errors.borrow().is_empty()
    }

    /// Something that makes the entry unusable.
    pub(crate) fn error(&self, field: impl Into<String>, code: &str, message: impl Into<String>) {
        let finding = self.finding(field.into(), code, message.into());
        self.errors.borrow_mut().push(finding);
    }

    /// Something to know about an entry that is taken nevertheless.
    pub(crate) fn warn(&self, field: impl Into<String>, code: &str, message: impl Into<String>) {
        let finding = self.finding(field.into(), code, message.into());
        self.warnings.borrow_mut().push(finding);
    }

    fn finding(&self, field: String, code: &str, message: String) -> Finding {
        Finding {
            file: Arc::clone(&self.file),
            kind: self.kind,
            id: self.id.borrow().clone(),
            field,
            code: code.to_owned(),
            message,
        }
    }

    /// A value that is not what its field needs.
    pub(crate) fn invalid(&self, field: impl Into<String>, invalid: Invalid) {
        self.error(field, &invalid.code.to_uppercase(), invalid.to_string());
    }

    /// A field that nothing here has a place for.
    pub(crate) fn unknown(&self, field: String) {
        self.warn(
            field.clone(),
            "UNKNOWN_FIELD",
            "nothing here has a place for this field",
        );
        self.unknown.borrow_mut().insert(field);
    }

    /// The names of the fields that nothing here has a place for.
    pub(crate) fn unknown_fields(&self) -> Vec<ShortText> {
        let cut = |name: &String| {
            let name: String = name.chars().take(ShortText::LENGTH_MAX).collect();
            ShortText::parse(&name).ok()
        };
        self.unknown.borrow().iter().filter_map(cut).collect()
    }

    /// Takes everything that was found: what makes it unusable, and what is to be known.
    pub(crate) fn findings(&self) -> (Vec<Finding>, Vec<Finding>) {
        let id = self.id.borrow().clone();
        let named = |mut finding: Finding| {
            // What was found before the identifier was read is about the same entry.
            finding.id = finding.id.or_else(|| id.clone());
            finding
        };
        let all = |findings: Vec<Finding>| findings.into_iter().map(named).collect();
        (all(self.errors.take()), all(self.warnings.take()))
    }
}

/// An object of an entry. [`Fields::finish`] reports the fields that nobody asked for.
pub(crate) struct Fields<'a> {
    entry: &'a Entry,
    path: String,
    own: &'a [(String, Node)],
    taken: RefCell<BTreeSet<&'a str>>,
}

impl<'a> Fields<'a> {
    /// The fields of an object at `path`; an error where it is none, or a name stands twice.
    pub(crate) fn of(entry: &'a Entry, path: String, node: &'a Node) -> Option<Self> {
        let Node::Object(fields) = node else {
            entry.error(path, "WRONG_SHAPE", "expected an object");
            return None;
        };
        let mut names = BTreeSet::new();
        let mut twice = BTreeSet::new();
        for (name, _) in fields {
            if !names.insert(name.as_str()) && twice.insert(name.as_str()) {
                let message = "the name stands twice in one object; which one is meant?";
                entry.error(join(&path, name), "DUPLICATE_KEY", message);
            }
        }
        Some(Self {
            entry,
            path,
            own: fields,
            taken: RefCell::default(),
        })
    }

    /// The entry that the object belongs to.
    pub(crate) fn entry(&self) -> &'a Entry {
        self.entry
    }

    /// The path of a field of this object.
    pub(crate) fn at(&self, name: &str) -> String {
        join(&self.path, name)
    }

    /// The names of all fields, known or not.
    pub(crate) fn names(&self) -> impl Iterator<Item = &'a str> {
        self.own.iter().map(|(name, _)| name.as_str())
    }

    /// A field's value; none where it is missing or null.
    pub(crate) fn get(&self, name: &'static str) -> Option<&'a Node> {
        self.taken.borrow_mut().insert(name);
        self.any(name)
    }

    /// As [`Fields::get`]; a blank text counts as missing.
    pub(crate) fn filled(&self, name: &'static str) -> Option<&'a Node> {
        let blank = |node: &Node| matches!(node, Node::Text(text) if text.trim().is_empty());
        self.get(name).filter(|node| !blank(node))
    }

    /// As [`Fields::get`], of a name that the file chose.
    fn any(&self, name: &str) -> Option<&'a Node> {
        let found = self.own.iter().find(|(known, _)| known == name);
        found
            .map(|(_, value)| value)
            .filter(|value| **value != Node::Null)
    }

    /// Fields that are known and not needed.
    pub(crate) fn known(&self, names: &[&'static str]) {
        self.taken.borrow_mut().extend(names);
    }

    /// A text; a number is read as one. None where it is missing or blank.
    pub(crate) fn text(&self, name: &'static str) -> Option<Cow<'a, str>> {
        let text = match self.get(name)? {
            Node::Text(text) => Cow::Borrowed(text.as_str()),
            Node::Number(number) => Cow::Owned(number.to_string()),
            _ => {
                self.wrong(name, "a text");
                return None;
            }
        };
        (!text.trim().is_empty()).then_some(text)
    }

    /// As [`Fields::text`]; an error where there is none.
    pub(crate) fn needed_text(&self, name: &'static str) -> Option<Cow<'a, str>> {
        let before = self
            .any(name)
            .is_some_and(|node| !matches!(node, Node::Text(_)));
        let text = self.text(name);
        if text.is_none() && !before {
            self.entry
                .error(self.at(name), "MISSING", "this field is needed");
        }
        text
    }

    /// A value with a form of its own.
    pub(crate) fn value<T: FromStr<Err = Invalid>>(&self, name: &'static str) -> Option<T> {
        self.parse(name, &self.text(name)?)
    }

    /// As [`Fields::value`]; an error where there is none.
    pub(crate) fn needed<T: FromStr<Err = Invalid>>(&self, name: &'static str) -> Option<T> {
        self.parse(name, &self.needed_text(name)?)
    }

    fn parse<T: FromStr<Err = Invalid>>(&self, name: &str, text: &str) -> Option<T> {
        let value = text.parse();
        value
            .map_err(|invalid| self.entry.invalid(self.at(name), invalid))
            .ok()
    }

    /// Yes or no, also as a text. None where it is missing or blank.
    pub(crate) fn flag(&self, name: &'static str) -> Option<bool> {
        let flag = match self.filled(name)? {
            Node::Flag(flag) => Some(*flag),
            Node::Text(text) => flag_of(text),
            _ => None,
        };
        if flag.is_none() {
            self.wrong(name, "true or false");
        }
        flag
    }

    /// A whole number that is not negative, also as a text. None where it is missing or blank.
    pub(crate) fn number(&self, name: &'static str) -> Option<u64> {
        let number = match self.filled(name)? {
            Node::Number(number) => number.as_u64(),
            Node::Text(text) => {
                let text = text.trim();
                let digits = text.bytes().all(|byte| byte.is_ascii_digit());
                digits.then(|| text.parse().ok()).flatten()
            }
            _ => None,
        };
        if number.is_none() {
            self.wrong(name, "a whole number");
        }
        number
    }

    /// An object inside this one.
    pub(crate) fn object(&self, name: &'static str) -> Option<Fields<'a>> {
        Fields::of(self.entry, self.at(name), self.get(name)?)
    }

    /// As [`Fields::object`]; an error where there is none.
    pub(crate) fn needed_object(&self, name: &'static str) -> Option<Fields<'a>> {
        if self.get(name).is_none() {
            self.entry
                .error(self.at(name), "MISSING", "this object is needed");
        }
        self.object(name)
    }

    /// A list's items with their paths; none where the field is missing.
    pub(crate) fn list(&self, name: &'static str) -> Vec<(String, &'a Node)> {
        match self.get(name) {
            None => Vec::new(),
            Some(Node::List(items)) => {
                let path = |index: usize| format!("{}[{index}]", self.at(name));
                items
                    .iter()
                    .enumerate()
                    .map(|(index, item)| (path(index), item))
                    .collect()
            }
            Some(_) => {
                self.wrong(name, "a list");
                Vec::new()
            }
        }
    }

    /// A list of objects.
    pub(crate) fn objects(&self, name: &'static str) -> Vec<Fields<'a>> {
        let items = self.list(name).into_iter();
        items
            .filter_map(|(path, item)| Fields::of(self.entry, path, item))
            .collect()
    }

    /// A list of values with a form of their own; numbers are read as texts.
    pub(crate) fn values<T: FromStr<Err = Invalid>>(&self, name: &'static str) -> Vec<T> {
        let mut values = Vec::new();
        for (path, text) in self.texts(name) {
            match text.parse() {
                Ok(value) => values.push(value),
                Err(invalid) => self.entry.invalid(path, invalid),
            }
        }
        values
    }

    /// A list of texts with their paths; numbers are read as texts.
    pub(crate) fn texts(&self, name: &'static str) -> Vec<(String, Cow<'a, str>)> {
        let mut texts = Vec::new();
        for (path, item) in self.list(name) {
            match item {
                Node::Text(text) => texts.push((path, Cow::Borrowed(text.as_str()))),
                Node::Number(number) => texts.push((path, Cow::Owned(number.to_string()))),
                _ => self.entry.error(path, "WRONG_SHAPE", "expected a text"),
            }
        }
        texts
    }

    /// The only field's name and text, where the object has one field and that is a text.
    pub(crate) fn single(&self) -> Option<(&'a str, &'a str)> {
        match self.own {
            [(name, Node::Text(text))] => Some((name, text)),
            _ => None,
        }
    }

    fn wrong(&self, name: &str, expected: &str) {
        self.entry
            .error(self.at(name), "WRONG_SHAPE", format!("expected {expected}"));
    }

    /// Reports the fields that nobody asked for.
    pub(crate) fn finish(self) {
        let taken = self.taken.borrow();
        let names: BTreeSet<&str> = self.names().filter(|name| !taken.contains(name)).collect();
        for name in names {
            self.entry.unknown(self.at(name));
        }
    }
}

/// Reads yes or no as files write it.
pub(crate) fn flag_of(text: &str) -> Option<bool> {
    let text = text.trim();
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") {
        Some(true)
    } else if is("false") {
        Some(false)
    } else {
        None
    }
}

fn join(path: &str, name: &str) -> String {
    // A name that a file chose is shown as it can be shown, and not without end.
    let name: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
    if path.is_empty() {
        name
    } else {
        format!("{path}.{name}")
    }
}
