//! `trustnet`, the one binary: wires the rooms together and owns everything that comes from the
//! machine it runs on: arguments, configuration, environment, clock, randomness, files.

mod arguments;
mod commands;
mod config;
mod data;
mod demo;
mod exit;
mod house;
mod import;
mod keys;
mod listen;
mod logging;
mod machine;
mod node;
mod progress;

use clap::Parser as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments = arguments::Arguments::parse();
    match commands::run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error),
    }
}
