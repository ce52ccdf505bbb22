//! A proxy node in this process, over the ledger of this process.

use crate::config;
use crate::exit::{Kind, Marked as _};
use crate::house::House;
use crate::keys;
use anyhow::Context as _;
use ledger::Random;
use ledger::sealed_box::BoxPrivateKey;
use projections::routing::NodeFeed;
use proxy::{
    BackChannel, EnvironmentSettings, LocalRecorder, NodeIdentity, Proxy, ProxyParts,
    ProxySettings, SourceSettings,
};
use std::path::Path;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What a proxy is told, from its section of the configuration.
pub(crate) fn settings(section: &config::Proxy) -> anyhow::Result<ProxySettings> {
    let wilma_secret = section.wilma_secret_file.as_deref().map(wilma_secret);
    Ok(ProxySettings {
        environments: section
            .environments
            .iter()
            .map(|own| EnvironmentSettings {
                environment: own.environment,
                issuer: own.issuer.clone(),
                back_channel: own.back_channel.clone(),
            })
            .collect(),
        table_age_seconds_max: section.table_age_minutes_max.map(|minutes| minutes * 60),
        directory: None,
        sources: SourceSettings {
            wilma_secret: wilma_secret.transpose()?,
            ..SourceSettings::default()
        },
    })
}

fn wilma_secret(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let text = std::fs::read_to_string(file)
        .with_context(|| format!("reading the secret of Wilma `{}` failed", file.display()))
        .kind(Kind::Input)?;
    let text = Zeroizing::new(text);
    Ok(Zeroizing::new(text.trim().to_owned()))
}

/// Puts a proxy over the ledger of this process. Its key lives as long as the process: the table
/// is always at hand, and nothing of it is kept on disk.
pub(crate) async fn in_process(
    house: &House,
    settings: ProxySettings,
    name: &str,
) -> anyhow::Result<Proxy> {
    for own in &settings.environments {
        keys::ensure(house, own.environment).await?;
    }
    let random: Arc<dyn Random> = Arc::clone(&house.random);
    let key = BoxPrivateKey::generate(&*random);
    let public_key = key
        .public_key()
        .context("the node's key has no public half")?;
    let node = NodeIdentity::of(name, key)?;
    let sources = settings.environments.iter().map(|own| {
        (
            own.environment,
            house.authentications.local_source(own.environment, name),
        )
    });
    let recorder = LocalRecorder::new(sources.collect::<Vec<_>>());
    let parts = ProxyParts {
        clock: Arc::clone(&house.clock),
        source: Arc::new(NodeFeed::new(
            house.views.clone(),
            public_key,
            Arc::clone(&random),
        )),
        random,
        node,
        recorder: Arc::new(recorder),
        back_channel: BackChannel::new()?,
    };
    Ok(Proxy::new(settings, parts)?)
}
