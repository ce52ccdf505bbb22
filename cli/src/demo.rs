//! The demo: the whole product in one process on loopback, over a ledger with a story in it, with
//! parties of its own: a sign-in issuer for administrators, a test home organisation, stand-ins for
//! a Wilma and for Opinsys, and test services.
//!
//! The parties are reached from here alone. No configuration names them, `serve` does not know
//! them, and a ledger that was not founded for the demo is refused.

mod addresses;
mod clock;
mod explain;
mod jose;
mod page;
pub(crate) mod people;
mod provider;
mod service;
mod sources;
pub(crate) mod story;

pub(crate) use addresses::{Addresses, Sockets};
pub(crate) use clock::StoryClock;

use crate::house::House;
use crate::{listen, node};
use api::SignInConfig;
use domain::Environment;
use provider::{Provider, ProviderParts};
use proxy::{EnvironmentSettings, Hosts, ProxySettings, SourceSettings};
use service::ServiceParts;
use sources::SourceParts;
use std::sync::Arc;
use std::time::Duration;
use story::{Plan, TestParties, test_parties};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// The client id and secret of the management interfaces at the sign-in issuer. They open nothing
/// but the demo.
const SIGN_IN_CLIENT_ID: &str = "demo-management";
const SIGN_IN_CLIENT_SECRET: &str = "demo-management-secret";

/// How long a session of the management interfaces lasts.
const SESSION: Duration = Duration::from_hours(8);

/// A demo that runs.
pub(crate) struct Demo {
    pub(crate) addresses: Addresses,
    tasks: JoinSet<()>,
}

impl Demo {
    /// Tells the story into `house` where it is empty, and starts everything on `sockets`.
    pub(crate) async fn start(
        house: &House,
        clock: &StoryClock,
        sockets: Sockets,
        session_key: [u8; 32],
        stop: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let addresses = sockets.addresses()?;
        let mut tasks = JoinSet::new();
        tasks.spawn(house.views.clone().follow());
        let (plan, parties) = Plan::of(clock.real_start(), &addresses);
        if house.registrar.network().1.founding.is_none() {
            story::tell(house, clock, &plan).await?;
        } else {
            story::check_told(&house.registrar.network().1, &addresses, &parties)?;
            clock.catch_up();
        }
        tasks.spawn(house.usage.clone().follow(house.alarms.clone()));
        tasks.spawn(registrar::clerk::run(
            house.registrar.clone(),
            Arc::clone(&house.clock),
            house.alarms.clone(),
        ));

        // The parties first: who logs in needs them.
        let serve = |tasks: &mut JoinSet<()>, socket, router| {
            tasks.spawn(listen::serve(socket, router, stop.clone()));
        };
        serve(
            &mut tasks,
            sockets.sign_in,
            sign_in_issuer(house, &addresses)?,
        );
        serve(
            &mut tasks,
            sockets.home,
            home_organisation(house, &addresses)?,
        );
        serve(
            &mut tasks,
            sockets.services,
            services(house, &addresses, parties)?,
        );

        serve(
            &mut tasks,
            sockets.sources,
            outside_sources(house, &addresses),
        );

        let proxy = node::in_process(house, proxy_settings(&addresses), "demo").await?;
        // The keys that were just made come before the table: suspended users are marked with them.
        house.views.at_least(house.registrar.network().0).await;
        let follower = proxy.clone();
        tasks.spawn(async move { follower.run().await });
        serve(&mut tasks, sockets.proxy, proxy.router());

        let sign_in = SignInConfig {
            client_id: SIGN_IN_CLIENT_ID.to_owned(),
            client_secret: SIGN_IN_CLIENT_SECRET.to_owned(),
            scopes: vec!["profile".to_owned()],
            rights_claim: "roles".to_owned(),
            session: SESSION,
        };
        let api =
            crate::commands::serve::api(house, addresses.api.clone(), Some(sign_in), session_key)?;
        serve(&mut tasks, sockets.api, api.router());

        // Whoever reads the addresses may use them at once.
        let position = house.registrar.network().0;
        proxy.reached(position).await;
        Ok(Self { addresses, tasks })
    }

    /// Ends everything.
    pub(crate) async fn end(mut self) {
        self.tasks.shutdown().await;
    }
}

fn sign_in_issuer(house: &House, addresses: &Addresses) -> anyhow::Result<axum::Router> {
    let api = addresses.api.origin().ascii_serialization();
    Provider::router(ProviderParts {
        issuer: addresses.sign_in.to_string(),
        title: "Sign in to the management of the trust network",
        client_id: SIGN_IN_CLIENT_ID,
        client_secret: SIGN_IN_CLIENT_SECRET,
        return_origins: vec![api],
        people: people::administrators(),
        clock: Arc::clone(&house.clock),
        random: Arc::clone(&house.random),
    })
}

fn home_organisation(house: &House, addresses: &Addresses) -> anyhow::Result<axum::Router> {
    Provider::router(ProviderParts {
        issuer: addresses.home.to_string(),
        title: "Kuvitteellinen kunta: log in",
        client_id: test_parties::HOME_CLIENT_ID,
        client_secret: test_parties::HOME_CLIENT_SECRET,
        return_origins: vec![addresses.login_test.to_string()],
        people: people::users(),
        clock: Arc::clone(&house.clock),
        random: Arc::clone(&house.random),
    })
}

fn outside_sources(house: &House, addresses: &Addresses) -> axum::Router {
    sources::router(SourceParts {
        address: addresses.sources.to_string(),
        return_origins: vec![
            addresses.login_test.to_string(),
            addresses.login_production.to_string(),
        ],
        wilma: people::wilma_users(),
        opinsys: people::opinsys_users(),
        clock: Arc::clone(&house.clock),
        random: Arc::clone(&house.random),
    })
}

fn services(
    house: &House,
    addresses: &Addresses,
    parties: TestParties,
) -> anyhow::Result<axum::Router> {
    service::router(ServiceParts {
        address: addresses.services.to_string(),
        issuer: addresses.login_test.to_string(),
        back_channel: addresses.login_test_back_channel.to_string(),
        house: house.clone(),
        home: parties.home,
        integrations: parties.clients,
        people: people::users(),
    })
}

fn proxy_settings(addresses: &Addresses) -> ProxySettings {
    ProxySettings {
        environments: vec![
            EnvironmentSettings {
                environment: Environment::Test,
                issuer: addresses.login_test.clone(),
                back_channel: Some(addresses.login_test_back_channel.clone()),
            },
            EnvironmentSettings {
                environment: Environment::Production,
                issuer: addresses.login_production.clone(),
                back_channel: None,
            },
        ],
        table_age_seconds_max: None,
        directory: None,
        sources: SourceSettings {
            wilma_secret: Some(Zeroizing::new(sources::WILMA_SECRET.to_owned())),
            hosts: Hosts::at([
                (story::own(sources::WILMA_HOST), addresses.sources.clone()),
                (story::own(sources::OPINSYS_HOST), addresses.sources.clone()),
            ]),
        },
    }
}
