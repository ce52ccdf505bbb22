//! `trustnet demo`: everything in one process on loopback, with a story in the data.

use crate::arguments;
use crate::commands::print_json;
use crate::config::Log;
use crate::demo::{Addresses, Demo, Sockets, StoryClock, people, story};
use crate::house::House;
use crate::machine::{SystemRandom, fresh_id};
use crate::{data, listen, logging};
use anyhow::Context as _;
use ledger::{Ledger, Random};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

/// Runs the demo until it is told to stop.
pub(crate) fn run(arguments: &arguments::Demo) -> anyhow::Result<()> {
    let mut log = Log::default();
    if !arguments.verbose {
        "warn".clone_into(&mut log.level);
    }
    logging::start(&log);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(demo(arguments))
}

async fn demo(arguments: &arguments::Demo) -> anyhow::Result<()> {
    // The ports are taken before a ledger is touched, so that a port in use changes nothing.
    let sockets = Sockets::bind(arguments.port).await?;
    let clock = StoryClock::days_ago(story::DAYS);
    let ledger = match &arguments.data {
        Some(directory) => in_directory(directory)?,
        None => Ledger::in_memory(fresh_id(), Arc::new(SystemRandom) as Arc<dyn Random>),
    };
    let house = House::open(ledger, None, Arc::clone(&clock) as _)?;
    let mut session_key = [0; 32];
    SystemRandom.fill(&mut session_key);
    let stop = listen::stop_signal();
    let demo = Demo::start(&house, &clock, sockets, session_key, &stop).await?;
    tell_visitor(&demo.addresses, arguments.json)?;
    stop.cancelled().await;
    demo.end().await;
    house.close().await
}

/// The ledger in this directory; made where it is missing or empty.
fn in_directory(directory: &Path) -> anyhow::Result<Ledger> {
    let key = data::master_key_or_new(&data::default_master_key(directory))?;
    let options = data::options(key, None);
    if Ledger::exists_in(directory) {
        return data::open(directory, &options);
    }
    Ledger::create_in(directory, fresh_id(), &options)
        .with_context(|| format!("making the ledger in `{}` failed", directory.display()))
}

/// Prints where everything is, and who can log in.
fn tell_visitor(addresses: &Addresses, in_json: bool) -> anyhow::Result<()> {
    let (administrators, users) = (people::administrators(), people::users());
    if in_json {
        let listed = |people: &[people::Person]| -> Vec<_> {
            people.iter().map(|person| json!({ "subject": person.subject, "name": person.name, "about": person.about })).collect()
        };
        return print_json(&json!({
            "addresses": addresses,
            "administrators": listed(&administrators),
            "users": listed(&users),
        }));
    }
    println!(
        "The demo runs. Everything is on this machine alone, every person and organisation is invented.\n"
    );
    println!("  Log in to a service     {}", addresses.services);
    println!("    one click on a service, one on a person:");
    for person in &users {
        println!("      {:<20} {}", person.name, person.about);
    }
    println!("\n  Manage the network      {}", addresses.api);
    println!(
        "    sign in at {}sign-in, with one click on a person:",
        addresses.api
    );
    for person in &administrators {
        println!("      {:<20} {}", person.name, person.about);
    }
    println!("\n  GraphQL                 {}graphql", addresses.api);
    println!("  Login proxy, test       {}", addresses.login_test);
    println!("  Login proxy, production {}", addresses.login_production);
    println!("\nCtrl-C ends it.");
    Ok(())
}
