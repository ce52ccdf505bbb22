//! `trustnet proxy`: a proxy node on a machine of its own, over the network feed and intake.

use crate::arguments::{Proxy as Arguments, ProxyCommand};
use crate::config::{self, NodeConfig};
use crate::exit::{Kind, Marked as _, trouble};
use crate::machine::{SystemClock, SystemRandom};
use crate::{commands, listen, logging, node};
use ::proxy::{
    BackChannel, NodeIdentity, Proxy, ProxyParts, RemoteAuthenticationRecorder, RemoteRoutingSource,
};
use anyhow::Context as _;
use ledger::Random;
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// Runs a node, or makes its identity.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<()> {
    let config = config::read_node(&arguments.configured.config)?;
    match &arguments.command {
        Some(ProxyCommand::Identity) => identity(&config, arguments.configured.json),
        None => {
            logging::start(&config.log);
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .enable_all()
                .build()?;
            runtime.block_on(serve(config))
        }
    }
}

/// Makes the node's key where it has none, and prints what an operator enrols.
fn identity(config: &NodeConfig, json: bool) -> anyhow::Result<()> {
    let file = config.key_file();
    let identity = if file.exists() {
        NodeIdentity::load(&file).kind(Kind::Input)?
    } else {
        let identity = NodeIdentity::generate(&config.proxy.name, &SystemRandom)?;
        identity.save(&file)?;
        identity
    };
    let public_key = identity.public_key()?;
    if json {
        let name = identity.name();
        return commands::print_json(&serde_json::json!({ "name": name, "publicKey": public_key }));
    }
    println!("name        {}", identity.name());
    println!("public key  {public_key}");
    println!("Enrol it with the mutation `enrolNode`, and put the credential into");
    println!(
        "`{}`, as <node>.<secret>.",
        config.ledger.credential_file.display()
    );
    Ok(())
}

fn credential(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("reading the credential `{}` failed", file.display()))?;
    Ok(Zeroizing::new(text.trim().to_owned()))
}

async fn serve(config: NodeConfig) -> anyhow::Result<()> {
    let socket = listen::bind(config.proxy.listen, "proxy.listen").await?;
    let node = NodeIdentity::load(&config.key_file()).kind(Kind::Input)?;
    if node.name() != config.proxy.name {
        let name = node.name();
        return Err(trouble(
            Kind::Input,
            format!("`proxy.name`: the node's key is of `{name}`"),
        ));
    }
    let credential = credential(&config.ledger.credential_file)?;
    let random: Arc<dyn Random> = Arc::new(SystemRandom);
    let source = RemoteRoutingSource::new(&config.ledger.address, credential.clone())?;
    let environments: Vec<_> = config
        .proxy
        .environments
        .iter()
        .map(|own| own.environment)
        .collect();
    let (server, name) = (&config.ledger.address, &config.proxy.name);
    let recorder = RemoteAuthenticationRecorder::new(server, credential, name, &environments)?;
    let recorder = Arc::new(recorder);
    let mut settings = node::settings(&config.proxy)?;
    settings.directory = Some(config.state_directory.clone());
    let parts = ProxyParts {
        clock: Arc::new(SystemClock),
        random,
        node,
        source: Arc::new(source),
        recorder: Arc::clone(&recorder) as _,
        back_channel: BackChannel::new()?,
    };
    let proxy = Proxy::new(settings, parts)?;
    let mut tasks = tokio::task::JoinSet::new();
    let follower = proxy.clone();
    tasks.spawn(async move { follower.run().await });
    tasks.spawn(async move { recorder.run().await });
    tracing::info!(address = %config.proxy.listen, "The node listens on {}", config.proxy.listen);
    listen::serve(socket, proxy.router(), listen::stop_signal()).await;
    tasks.shutdown().await;
    Ok(())
}
