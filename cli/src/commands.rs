//! One file a command.

mod demo;
mod doctor;
pub(crate) mod import;
mod init;
mod proxy;
mod reference;
pub(crate) mod serve;

use crate::arguments::{Arguments, Command, ConfigCommand, Configured, OfEither};
use crate::config;
use clap::CommandFactory as _;
use serde::Serialize;

/// Does what was asked.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<()> {
    match arguments.command {
        Command::Init(init) => init::run(&init),
        Command::Serve(configured) => serve::run(&configured),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Proxy(arguments) => proxy::run(&arguments),
        Command::Import(import) => import::run(&import),
        Command::Schema { openapi } => {
            schema(openapi);
            Ok(())
        }
        Command::Doctor(configured) => doctor::run(&configured),
        Command::Config(ConfigCommand::Check(configured)) => check(&configured),
        Command::Config(ConfigCommand::Show(configured)) => show(&configured),
        Command::Config(ConfigCommand::Reference) => {
            print!("{}", config::reference());
            Ok(())
        }
        Command::Commands => {
            print!("{}", reference::markdown(&Arguments::command()));
            Ok(())
        }
        Command::Completions { shell } => {
            let mut command = Arguments::command();
            clap_complete::generate(shell, &mut command, "trustnet", &mut std::io::stdout());
            Ok(())
        }
    }
}

fn check(of: &OfEither) -> anyhow::Result<()> {
    let configured = &of.configured;
    if of.node {
        config::read_node(&configured.config)?;
    } else {
        config::read(&configured.config)?;
    }
    if configured.json {
        print_json(&serde_json::json!({ "valid": true }))
    } else {
        println!("`{}` is valid", configured.config.display());
        Ok(())
    }
}

fn show(of: &OfEither) -> anyhow::Result<()> {
    let Configured { config, json } = &of.configured;
    if of.node {
        print_config(&config::read_node(config)?, *json)
    } else {
        print_config(&config::read(config)?, *json)
    }
}

fn print_config(config: &impl Serialize, json: bool) -> anyhow::Result<()> {
    if json {
        print_json(config)
    } else {
        print!("{}", toml::to_string_pretty(config)?);
        Ok(())
    }
}

/// Prints a value for scripts.
pub(crate) fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Prints what the API speaks.
fn schema(openapi: bool) {
    if openapi {
        println!("{}", api::openapi_json());
    } else {
        print!("{}", api::schema_sdl());
    }
}
