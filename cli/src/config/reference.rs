//! The reference of every setting, made from the sections' own documentation.

use super::{Config, NodeConfig};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;
use std::fmt::Write as _;

/// Every setting with its meaning and default, in Markdown.
pub(crate) fn reference() -> String {
    let mut text = String::from(
        "# Configuration\n\nPrinted by `trustnet config reference`.\nTOML files; unknown settings \
         are errors, and `trustnet config check` finds them.\n",
    );
    text.push_str("\n## Of `trustnet serve`\n");
    table::<Config>(&mut text);
    text.push_str("\n## Of a node, `trustnet proxy`\n");
    table::<NodeConfig>(&mut text);
    text
}

fn table<C: JsonSchema>(text: &mut String) {
    let mut settings = SchemaSettings::default();
    settings.inline_subschemas = true;
    let schema = settings.into_generator().into_root_schema_for::<C>();
    text.push_str("\n| setting | needed | default | meaning |\n|---|---|---|---|\n");
    describe(text, "", schema.as_value());
}

fn describe(text: &mut String, path: &str, schema: &Value) {
    let required = |name: &str| {
        schema["required"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one == name))
    };
    for (name, setting) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() {
            name.clone()
        } else {
            format!("{path}.{name}")
        };
        let (path, inner) = match section(setting) {
            Some((true, inner)) => (format!("{path}[]"), Some(inner)),
            Some((false, inner)) => (path, Some(inner)),
            None => (path, None),
        };
        let needed = if required(name) { "yes" } else { "" };
        let default = match &setting["default"] {
            Value::Null | Value::Object(_) | Value::Array(_) => String::new(),
            value => format!("`{}`", value.to_string().replace('"', "")),
        };
        let meaning = setting["description"]
            .as_str()
            .unwrap_or_default()
            .replace('\n', " ");
        let _ = writeln!(text, "| `{path}` | {needed} | {default} | {meaning} |");
        if let Some(inner) = inner {
            describe(text, &path, inner);
        }
    }
}

/// The section inside a setting, and whether there may be several of them.
fn section(setting: &Value) -> Option<(bool, &Value)> {
    if setting["properties"].is_object() {
        return Some((false, setting));
    }
    if setting["items"]["properties"].is_object() {
        return Some((true, &setting["items"]));
    }
    let options = setting["anyOf"].as_array()?;
    options
        .iter()
        .find(|option| option["properties"].is_object())
        .map(|option| (false, option))
}
