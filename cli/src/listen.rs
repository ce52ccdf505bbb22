//! Sockets, and stopping when asked.

use crate::exit::{Kind, trouble};
use axum::Router;
use std::net::SocketAddr;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Listens on an address; the error names the setting.
pub(crate) async fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        trouble(
            Kind::Machine,
            format!(
                "`{setting}`: listening on {address} failed: {error}\n  what to do: stop what listens there, or name another port"
            ),
        )
    })
}

/// Answers requests until `stop`; then lets those under way end.
pub(crate) async fn serve(socket: TcpListener, router: Router, stop: CancellationToken) {
    let stopped = async move { stop.cancelled().await };
    if let Err(error) = axum::serve(socket, router)
        .with_graceful_shutdown(stopped)
        .await
    {
        tracing::error!(%error, "Serving has ended: {error}");
    }
}

/// Fires when the process is asked to stop (SIGTERM, or Ctrl-C).
pub(crate) fn stop_signal() -> CancellationToken {
    let token = CancellationToken::new();
    let fired = token.clone();
    tokio::spawn(async move {
        let interrupt = tokio::signal::ctrl_c();
        let terminate = async {
            match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(error) => {
                    tracing::warn!(%error, "SIGTERM cannot be waited for");
                    std::future::pending::<()>().await;
                }
            }
        };
        tokio::select! {
            _ = interrupt => {}
            () = terminate => {}
        }
        fired.cancel();
    });
    token
}
