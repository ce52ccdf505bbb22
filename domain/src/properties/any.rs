//! Any command at all, made from its own JSON schema: what the interfaces take, and so whatever a
//! caller may send. Identifiers and names are mostly ones that the log has shown before.

use super::{Dice, organisation};
use crate::time::Instant;
use crate::{Command, CommandDescription, Event, Network};
use ::time::Duration;
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The schema of each command's input, in the order of the table, with what they refer to.
static SCHEMAS: LazyLock<(Vec<Value>, Map<String, Value>)> = LazyLock::new(|| {
    let mut generator = SchemaGenerator::default();
    let schemas = Command::ALL
        .iter()
        .map(|command| (command.schema)(&mut generator).to_value())
        .collect();
    let definitions = generator.definitions().clone();
    (schemas, definitions)
});

/// The texts that events have carried so far, by the name of their field.
#[derive(Debug, Default)]
pub(super) struct Seen(BTreeMap<String, Vec<String>>);

/// Texts kept of one field: the newest.
const SEEN_MAX: usize = 40;

impl Seen {
    /// Remembers what an event says.
    pub(super) fn note(&mut self, event: &Event) {
        let payload = event.payload().to_json().expect("an event can be written");
        self.read("", &payload);
    }

    fn read(&mut self, name: &str, value: &Value) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    self.read(name, value);
                }
            }
            Value::Array(items) => {
                for item in items {
                    self.read(name, item);
                }
            }
            Value::String(text) => {
                let texts = self.0.entry(name.to_owned()).or_default();
                if !texts.contains(text) {
                    texts.push(text.clone());
                }
                if texts.len() > SEEN_MAX {
                    texts.remove(0);
                }
            }
            _ => {}
        }
    }
}

/// A stream of numbers from one seed (`SplitMix64`), so that a command is repeated by its seed.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `most`, which is not zero.
    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.next() % most as u64).expect("it is below a usize")
    }

    fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len())]
    }

    /// True once in `times`.
    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

struct Making<'a> {
    numbers: Numbers,
    network: &'a Network,
    now: Instant,
    seen: &'a Seen,
}

/// A random input of the command of this description: of its schema, though not always one that it
/// takes.
pub(super) fn input(
    description: &CommandDescription,
    network: &Network,
    now: Instant,
    seen: &Seen,
    seed: u64,
) -> Value {
    let (schemas, _) = &*SCHEMAS;
    let place = Command::ALL
        .iter()
        .position(|one| one.name == description.name);
    let schema = &schemas[place.expect("it is in the table")];
    let mut making = Making {
        numbers: Numbers(seed),
        network,
        now,
        seen,
    };
    making.value(schema, "", "", 0)
}

/// A random command of the table, where the random input is one that it takes.
pub(super) fn command(network: &Network, now: Instant, seen: &Seen, dice: Dice) -> Option<Command> {
    let description = &Command::ALL[dice.which % Command::ALL.len()];
    let input = input(description, network, now, seen, dice.seed);
    Command::deserialize_named(description.name, input)?.ok()
}

impl Making<'_> {
    /// A value of `schema`, for the field `field`; `kind` is the name of its type where it has one.
    fn value(&mut self, schema: &Value, field: &str, kind: &str, depth: usize) -> Value {
        let (_, definitions) = &*SCHEMAS;
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let kind = reference.rsplit('/').next().unwrap_or_default();
            return self.value(&definitions[kind], field, kind, depth);
        }
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(values) = schema.get("enum").and_then(Value::as_array) {
            return self.numbers.pick(values).clone();
        }
        for choice in ["oneOf", "anyOf"] {
            if let Some(choices) = schema.get(choice).and_then(Value::as_array) {
                let chosen = self.numbers.pick(choices).clone();
                return self.value(&chosen, field, kind, depth);
            }
        }
        let mut types: Vec<&str> = match schema.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => return Value::Null,
        };
        if types.len() > 1 && types.contains(&"null") {
            if self.numbers.once_in(2) {
                return Value::Null;
            }
            types.retain(|one| *one != "null");
        }
        match types[0] {
            "object" => self.object(schema, depth),
            "array" => {
                let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
                let count = usize::try_from(least).unwrap_or(0) + self.numbers.below(3);
                let items = schema.get("items").cloned().unwrap_or_default();
                (0..count)
                    .map(|_| self.value(&items, field, "", depth + 1))
                    .collect()
            }
            "string" => self.text(schema, field, kind).into(),
            "boolean" => self.numbers.once_in(2).into(),
            "integer" => self.integer(schema),
            _ => Value::Null,
        }
    }

    fn object(&mut self, schema: &Value, depth: usize) -> Value {
        let mut object = Map::new();
        let required: Vec<&str> = schema
            .get("required")
            .and_then(Value::as_array)
            .map(|names| names.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default();
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, property) in properties.into_iter().flatten() {
            // What need not be there mostly is not, the deeper the less.
            if required.contains(&name.as_str()) || self.numbers.once_in(2 + depth) {
                object.insert(name.clone(), self.value(property, name, "", depth + 1));
            }
        }
        object.into()
    }

    fn integer(&mut self, schema: &Value) -> Value {
        let bound = |name| schema.get(name).and_then(Value::as_i64);
        let least = bound("minimum").unwrap_or(-3);
        let most = bound("maximum").unwrap_or(i64::from(u16::MAX));
        match self.numbers.below(6) {
            0 => json!(least),
            1 => json!(most),
            near => json!((least + i64::try_from(near).unwrap_or(0)).min(most)),
        }
    }

    fn text(&mut self, schema: &Value, field: &str, kind: &str) -> String {
        let days = [0, 0, 0, 1, -1, -40, 30, 100, 400, -30_000];
        match schema.get("format").and_then(Value::as_str) {
            Some("date") => {
                let today = self.network.date(self.now);
                return today.plus_days(*self.numbers.pick(&days)).to_string();
            }
            Some("date-time") => {
                let away = Duration::days(*self.numbers.pick(&days));
                return self.now.plus(away).to_string();
            }
            _ => {}
        }
        if kind == "OrganisationOid" {
            return organisation(self.numbers.below(6)).to_string();
        }
        let seen = self
            .seen
            .0
            .get(field)
            .or_else(|| self.seen.0.get(as_field(kind)));
        if let Some(texts) = seen
            && !self.numbers.once_in(4)
        {
            return self.numbers.pick(texts).clone();
        }
        if schema.get("format").and_then(Value::as_str) == Some("uuid") {
            return uuid::Uuid::from_u128(u128::from(self.numbers.next() % 8)).to_string();
        }
        sample(kind, field, self.numbers.below(4))
    }
}

/// The field by which events name things of this kind where the command's field has another name.
fn as_field(kind: &str) -> &'static str {
    match kind {
        "ServiceId" => "service",
        "IntegrationId" => "integration",
        "PersonId" => "person",
        "InstrumentVersion" => "instrument",
        _ => "",
    }
}

/// A text of this kind; short texts that stand for something narrower go by their field.
fn sample(kind: &str, field: &str, number: usize) -> String {
    match (kind, field) {
        (_, "publicKey") => "A".repeat(43) + "=",
        ("BusinessId", _) => {
            ["2927237-8", "0116297-6", "1234567-1", "0000000-0"][number].to_owned()
        }
        ("DocumentReference", _) => number.to_string().repeat(64),
        ("EmailAddress", _) => format!("keksitty{number}@example.org"),
        ("PhoneNumber", _) => format!("+35850000000{number}"),
        ("LanguageTag" | "Language", _) => "fi".to_owned(),
        ("Zone", _) => "Europe/Helsinki".to_owned(),
        ("HostName", _) => format!("host{number}.example.org"),
        ("WebAddress" | "RedirectUri", _) => format!("https://host{number}.example.org/place"),
        ("EntityId", _) => format!("https://entity{number}.example.org"),
        ("ClientId", _) => format!("client-{number}"),
        ("IdpId", _) => format!("wilma_{number}"),
        ("FlowName", _) => format!("Wilma{number}"),
        ("SchoolCode", _) => format!("0000{number}"),
        ("InstitutionType", _) => ["11", "15", "19", "21"][number].to_owned(),
        ("MunicipalityCode", _) => format!("09{number}"),
        ("AttributeName", _) => [
            "learnerId",
            "schoolIds",
            "urn:mpass.id:role",
            "urn:mpass.id:class",
        ][number]
            .to_owned(),
        ("DistinguishedName", _) => "cn=reader,dc=example,dc=org".to_owned(),
        ("InstrumentVersion", _) => {
            ["contract-2018", "terms-2023", "contract-2030", "other"][number].to_owned()
        }
        ("Certificate", _) => include_str!("../value/tests/certificate.pem").to_owned(),
        ("LearnerId", _) => "1.2.246.562.24.10000000016".to_owned(),
        (_, "secret") if number == 0 => "***".to_owned(),
        (_, "types") => format!("organisaatiotyyppi_0{}", number + 1),
        _ => format!("Keksitty {number}"),
    }
}
