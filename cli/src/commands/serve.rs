//! `trustnet serve`: ledger, projections, API and, where configured, a login proxy.

use crate::arguments::Configured;
use crate::config::{self, Config};
use crate::exit::{Kind, Marked as _};
use crate::house::House;
use crate::import::daily;
use crate::{data, listen, logging, node};
use anyhow::Context as _;
use api::{Api, ApiConfig, Backends, Limits, SignInConfig};
use ledger::vault::MasterKey;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How long a session of the management interfaces lasts: as long as the incumbent's.
const SESSION: Duration = Duration::from_mins(30);

/// How long the sign-in issuer may take to answer.
const SIGN_IN_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves until it is told to stop.
pub(crate) fn run(configured: &Configured) -> anyhow::Result<()> {
    let config = config::read(&configured.config)?;
    logging::start(&config.log);
    let key = data::read_master_key(&config.data.master_key_file())?;
    let session = session_key(&key);
    let options = data::options(key, config.data.vault.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    // The ports are taken before the ledger is opened, so that a port in use changes nothing.
    let api_socket = runtime.block_on(listen::bind(config.api.listen, "api.listen"))?;
    let proxy_socket = config
        .proxy
        .as_ref()
        .map(|section| runtime.block_on(listen::bind(section.listen, "proxy.listen")))
        .transpose()?;
    let ledger = data::open_founded(&config.data.directory, &options)?;
    let house = House::open_now(ledger, Some(&config.data.directory.join("views")))?;
    runtime.block_on(serve(config, house, (api_socket, proxy_socket), session))
}

async fn serve(
    config: Config,
    house: House,
    (api_socket, proxy_socket): (TcpListener, Option<TcpListener>),
    session_key: [u8; 32],
) -> anyhow::Result<()> {
    let sign_in = config.sign_in.as_ref().map(sign_in).transpose()?;
    let api = api(&house, config.api.address.clone(), sign_in, session_key)?;
    let mut tasks = house.follow();
    if let Some(section) = &config.organisation_service {
        let (registrar, clock) = (house.registrar.clone(), Arc::clone(&house.clock));
        tasks.spawn(daily::run(
            registrar,
            clock,
            section.url.clone(),
            house.alarms.clone(),
        ));
    }
    let stop = listen::stop_signal();
    if let (Some(section), Some(socket)) = (&config.proxy, proxy_socket) {
        let proxy = node::in_process(&house, node::settings(section)?, &section.name).await?;
        let follower = proxy.clone();
        tasks.spawn(async move { follower.run().await });
        tasks.spawn(listen::serve(socket, proxy.router(), stop.clone()));
        tracing::info!(address = %section.listen, "The login proxy listens on {}", section.listen);
    }
    tracing::info!(address = %config.api.listen, "The API listens on {}", config.api.listen);
    listen::serve(api_socket, api.router(), stop).await;
    tracing::info!("Stopping");
    tasks.shutdown().await;
    house.close().await
}

/// The API over these rooms.
pub(crate) fn api(
    house: &House,
    address: url::Url,
    sign_in: Option<SignInConfig>,
    session_key: [u8; 32],
) -> anyhow::Result<Api> {
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(SIGN_IN_TIMEOUT)
        .build()
        .context("making the client for the sign-in issuer failed")?;
    let backends = Backends {
        registrar: house.registrar.clone(),
        views: house.views.clone(),
        authentications: house.authentications.clone(),
        usage: house.usage.clone(),
        alarms: house.alarms.clone(),
        clock: Arc::clone(&house.clock),
        random: Arc::clone(&house.random),
        http,
    };
    let limits = Limits::default();
    Ok(Api::new(
        backends,
        ApiConfig {
            public_origin: address,
            sign_in,
            session_key,
            limits,
        },
    ))
}

fn sign_in(section: &config::SignIn) -> anyhow::Result<SignInConfig> {
    let file = &section.client_secret_file;
    let secret = std::fs::read_to_string(file)
        .with_context(|| format!("reading the sign-in secret `{}` failed", file.display()))
        .kind(Kind::Input)?;
    Ok(SignInConfig {
        client_id: section.client_id.clone(),
        client_secret: secret.trim().to_owned(),
        scopes: vec!["profile".to_owned()],
        rights_claim: section.rights_claim.clone(),
        session: SESSION,
    })
}

/// The key of the session cookies, from the master key: the same after a restart.
fn session_key(master: &MasterKey) -> [u8; 32] {
    ledger::keyed_digest(&*master.to_bytes(), "session cookies", b"").0
}
