//! The reference of the commands, made from what `--help` knows.

use std::fmt::Write as _;

/// Every command with its arguments, in Markdown.
pub(crate) fn markdown(program: &clap::Command) -> String {
    let mut text = String::from("# Commands\n\nPrinted by `trustnet commands`.\n\n");
    let _ = writeln!(text, "```text\n{}\n```", crate::exit::HELP);
    for command in program.get_subcommands() {
        describe(&mut text, "trustnet", command);
    }
    text
}

fn describe(text: &mut String, parent: &str, command: &clap::Command) {
    let name = format!("{parent} {}", command.get_name());
    let subcommands: Vec<_> = command.get_subcommands().collect();
    if !subcommands.is_empty() {
        for subcommand in subcommands {
            describe(text, &name, subcommand);
        }
        return;
    }
    let about = command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default();
    let _ = writeln!(text, "\n## `{name}`\n\n{about}");
    let arguments: Vec<_> = command
        .get_arguments()
        .filter(|a| !a.is_hide_set())
        .collect();
    if arguments.is_empty() {
        return;
    }
    text.push_str("\n| argument | default | meaning |\n|---|---|---|\n");
    for argument in arguments {
        let value = argument
            .get_value_names()
            .filter(|_| argument.get_action().takes_values())
            .and_then(|names| names.first())
            .map(ToString::to_string);
        let written = match (argument.get_long(), value) {
            (Some(long), Some(value)) => format!("--{long} {value}"),
            (Some(long), None) => format!("--{long}"),
            (None, Some(value)) => value,
            (None, None) => argument.get_id().to_string(),
        };
        let default = argument
            .get_default_values()
            .first()
            .filter(|_| argument.get_action().takes_values());
        let default = default
            .map(|value| format!("`{}`", value.to_string_lossy()))
            .unwrap_or_default();
        let help = argument.get_long_help().or(argument.get_help());
        let help = help
            .map(ToString::to_string)
            .unwrap_or_default()
            .replace('\n', " ");
        let _ = writeln!(text, "| `{written}` | {default} | {help} |");
    }
}
