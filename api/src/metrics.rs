//! Counters of this process, in the text format of Prometheus.

use crate::app::Backends;
use crate::http::rate::RateLimits;
use axum::http::StatusCode;
use projections::Standing;
use registrar::Health;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

/// What is counted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    answered: [AtomicU64; 5],
    pub(crate) graphql_errors: AtomicU64,
    pub(crate) feeds: AtomicU64,
    pub(crate) authentications: AtomicU64,
}

impl Metrics {
    pub(crate) fn answered(&self, status: StatusCode) {
        let class = usize::from(status.as_u16() / 100).clamp(1, 5) - 1;
        self.answered[class].fetch_add(1, Ordering::Relaxed);
    }

    /// Everything as text.
    pub(crate) fn text(&self, rates: &RateLimits, backends: &Backends) -> String {
        let Backends {
            registrar, views, ..
        } = backends;
        let alarms: Vec<_> = backends
            .parts_with_alarms()
            .into_iter()
            .map(|part| (format!("{{part=\"{part}\"}}"), 1))
            .collect();
        let mut text = String::new();
        let mut family = |name: &str, kind: &str, help: &str, samples: &[(String, u64)]| {
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
            for (labels, value) in samples {
                let _ = writeln!(text, "{name}{labels} {value}");
            }
        };
        let plain = |value: u64| vec![(String::new(), value)];
        let classes: Vec<_> = (1..=5)
            .zip(&self.answered)
            .map(|(class, count)| {
                (
                    format!("{{class=\"{class}xx\"}}"),
                    count.load(Ordering::Relaxed),
                )
            })
            .collect();
        family(
            "trustnet_http_responses_total",
            "counter",
            "HTTP responses by class of status.",
            &classes,
        );
        family(
            "trustnet_http_rate_limited_total",
            "counter",
            "Requests turned away by a rate limit.",
            &plain(rates.refused()),
        );
        family(
            "trustnet_graphql_errors_total",
            "counter",
            "GraphQL answers with errors.",
            &plain(self.graphql_errors.load(Ordering::Relaxed)),
        );
        family(
            "trustnet_feed_followers",
            "gauge",
            "Nodes that follow the routing feed now.",
            &plain(self.feeds.load(Ordering::Relaxed)),
        );
        family(
            "trustnet_intake_authentications_total",
            "counter",
            "Authentications taken from nodes.",
            &plain(self.authentications.load(Ordering::Relaxed)),
        );
        family(
            "trustnet_ledger_position",
            "gauge",
            "Events in the governance journal.",
            &plain(registrar.network().0),
        );
        family(
            "trustnet_projection_position",
            "gauge",
            "Events that the read models have taken in.",
            &plain(views.current().position),
        );
        family(
            "trustnet_ledger_writing",
            "gauge",
            "Whether the ledger takes commands.",
            &plain(u64::from(registrar.health() == Health::Writing)),
        );
        let count = |number: usize| plain(u64::try_from(number).unwrap_or(u64::MAX));
        family(
            "trustnet_ledger_troubles",
            "gauge",
            "What does not work in the ledger's files although they are served.",
            &count(registrar.troubles().len()),
        );
        family(
            "trustnet_ledger_repairs",
            "gauge",
            "Faults of the ledger's files that were mended since the start.",
            &count(registrar.repairs()),
        );
        family(
            "trustnet_authentications_writing",
            "gauge",
            "Whether the ledger takes authentications.",
            &plain(u64::from(
                backends.authentications.health() == Health::Writing,
            )),
        );
        family(
            "trustnet_alarm",
            "gauge",
            "Parts that do not work although the process goes on.",
            &alarms,
        );
        family(
            "trustnet_projection_following",
            "gauge",
            "Whether the read models follow the log.",
            &plain(u64::from(views.standing() == Standing::Following)),
        );
        text
    }
}
