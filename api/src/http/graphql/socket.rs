//! One connection for subscriptions: GraphQL over a WebSocket, in the protocol
//! graphql-transport-ws. It lasts no longer than the session it was opened under.

use crate::app::{Api, Identified, bearer_token};
use crate::authentication::credential;
use crate::graphql::{Operations, SessionEnd, fault};
use async_graphql::Data;
use async_graphql::http::{WebSocket as Protocol, WebSocketProtocols, WsMessage};
use axum::extract::ws::{CloseFrame, Message, WebSocket};
use domain::time::Instant;
use futures::{SinkExt as _, StreamExt as _};
use serde_json::Value;
use std::future::ready;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::time::MissedTickBehavior;

/// How often a connection is looked at.
const TICK: Duration = Duration::from_secs(1);
/// How many ticks a client has until it must have sent `connection_init`.
const INITIALISED_WITHIN: u32 = 10;
/// After how many ticks the client is asked whether it is still there, and how many it has to
/// answer. Browsers answer such a ping by themselves (RFC 6455 §5.5.2).
const PING_EVERY: u32 = 30;

/// Why a connection is closed, by the protocol's own numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The session under which it was opened has ended.
    Session,
    /// The client never said who it is.
    NotInitialised,
    /// The client is gone.
    Silent,
}

impl From<End> for CloseFrame {
    fn from(end: End) -> Self {
        let (code, reason) = match end {
            End::Session => (4401, "Unauthorized: the session has ended"),
            End::NotInitialised => (4408, "Connection initialisation timeout"),
            End::Silent => (1001, "Nothing was heard from the client"),
        };
        Self {
            code,
            reason: reason.into(),
        }
    }
}

/// When a connection must be over.
struct Watch {
    api: Api,
    /// Set once the client has said who it is: the end of its session, where it has one.
    session: Arc<OnceLock<Option<Instant>>>,
    /// Whether anything was heard since the last ping.
    heard: Arc<AtomicBool>,
    ticks: u32,
}

impl Watch {
    /// Why the connection is over, by the session alone.
    fn session_end(&self) -> Option<End> {
        let until = self.session.get().copied().flatten()?;
        (self.api.0.backends.clock.now() >= until).then_some(End::Session)
    }

    /// Notes that a tick has passed; whether the client is to be asked for a sign of life.
    fn tick(&mut self) -> Result<bool, End> {
        self.ticks += 1;
        if self.ticks >= INITIALISED_WITHIN && self.session.get().is_none() {
            return Err(End::NotInitialised);
        }
        if !self.ticks.is_multiple_of(PING_EVERY) {
            return Ok(false);
        }
        if self.heard.swap(false, Ordering::Relaxed) {
            Ok(true)
        } else {
            Err(End::Silent)
        }
    }
}

/// Serves a connection until its client leaves or is gone, or its session ends.
pub(super) async fn serve(api: Api, identified: Identified, socket: WebSocket) {
    let session = Arc::new(OnceLock::new());
    let heard = Arc::new(AtomicBool::new(true));
    let mut watch = Watch {
        api: api.clone(),
        session: Arc::clone(&session),
        heard: Arc::clone(&heard),
        ticks: 0,
    };
    let (mut sink, messages) = socket.split();
    let messages = messages
        .take_while(|message| ready(message.is_ok()))
        .filter_map(move |message| {
            heard.store(true, Ordering::Relaxed);
            ready(match message {
                Ok(message @ (Message::Text(_) | Message::Binary(_))) => Some(message.into_data()),
                _ => None,
            })
        });
    let schema = api.0.schema.clone();
    let answers = Protocol::new(schema, messages, WebSocketProtocols::GraphQLWS)
        .on_connection_init(move |payload| {
            let initialised = initialise(&api, identified, &payload);
            ready(initialised.map(|(data, until)| {
                // The protocol takes one initialisation alone, so it is set once.
                let _ = session.set(until);
                data
            }))
        });
    let mut answers = pin!(answers);
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let message = tokio::select! {
            biased;
            _ = ticks.tick() => match watch.tick() {
                Ok(true) => Some(Message::Ping(bytes::Bytes::new())),
                Ok(false) => None,
                Err(end) => Some(Message::Close(Some(end.into()))),
            },
            answer = answers.next() => match answer {
                Some(WsMessage::Text(text)) => Some(Message::Text(text.into())),
                Some(WsMessage::Close(code, reason)) => {
                    Some(Message::Close(Some(CloseFrame { code, reason: reason.into() })))
                }
                None => return,
            },
        };
        // Nothing leaves once the session is over, whatever was on its way.
        let message = match watch.session_end() {
            Some(end) => Some(Message::Close(Some(end.into()))),
            None => message,
        };
        let Some(message) = message else {
            continue;
        };
        let closes = matches!(message, Message::Close(_));
        if sink.send(message).await.is_err() || closes {
            return;
        }
    }
}

/// Who speaks over a connection, and until when: by the bearer token in `connection_init` where
/// there is one, else by the session of the upgrade.
fn initialise(
    api: &Api,
    identified: Identified,
    payload: &Value,
) -> async_graphql::Result<(Data, Option<Instant>)> {
    let mut data = Data::default();
    let authorization = payload
        .as_object()
        .and_then(|fields| {
            fields
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        })
        .map(|(_, value)| value.as_str().and_then(bearer_token));
    let (caller, until) = match (authorization, identified) {
        (Some(token), _) => {
            let network = api.0.backends.registrar.network();
            let caller = token
                .and_then(|token| credential::bearer(&network.1, token))
                .ok_or_else(fault::unauthenticated)?;
            (caller, None)
        }
        (None, Identified::Person(caller, until)) => {
            data.insert(SessionEnd(until));
            (caller, Some(until))
        }
        (None, Identified::Machine(caller)) => (caller, None),
        (None, Identified::Anonymous | Identified::Invalid) => return Err(fault::unauthenticated()),
    };
    data.insert(Arc::new(caller));
    data.insert(Operations::default());
    Ok((data, until))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::harness::TestApp;

    async fn watch() -> Watch {
        Watch {
            api: TestApp::founded().await.api,
            session: Arc::default(),
            heard: Arc::new(AtomicBool::new(true)),
            ticks: 0,
        }
    }

    #[tokio::test]
    async fn a_client_that_never_says_who_it_is_is_not_waited_for() {
        let mut watch = watch().await;
        for _ in 1..INITIALISED_WITHIN {
            assert_eq!(watch.tick(), Ok(false));
        }
        assert_eq!(watch.tick(), Err(End::NotInitialised));
    }

    #[tokio::test]
    async fn a_client_that_answers_no_ping_is_gone() {
        let mut watch = watch().await;
        watch.session.set(None).unwrap();
        let round = |watch: &mut Watch| {
            for _ in 1..PING_EVERY {
                assert_eq!(watch.tick(), Ok(false));
            }
            watch.tick()
        };
        assert_eq!(round(&mut watch), Ok(true));
        watch.heard.store(true, Ordering::Relaxed);
        assert_eq!(round(&mut watch), Ok(true));
        assert_eq!(round(&mut watch), Err(End::Silent));
        assert_eq!(watch.session_end(), None, "a machine has no session");
    }
}
