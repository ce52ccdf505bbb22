//! The authentication intake over the network:
//! `POST /intake/authentications/{environment}`, one [`AuthenticationLine`] a line, answered with
//! the source's [`IntakeMark`] once all are durable (200) or where they do not continue the source
//! (409); `GET` of the same with `?source=` tells the mark.
//!
//! The node numbers its records and sends them in order, one batch at a time, so that logins share
//! a request and a commit. A batch whose fate is unknown is sent again as it was: the intake knows
//! it by its numbers. There is no spool yet: while the intake is away, nothing is released.

use super::Server;
use crate::http::BackChannelError;
use crate::record::{AuthenticationRecord, AuthenticationRecorder, NotRecorded};
use async_trait::async_trait;
use domain::Environment;
use domain::value::WebAddress;
use registrar::{Authentication, SourceMark};
use reqwest::{Response, StatusCode, header};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;
use tokio::sync::{Mutex, mpsc, oneshot};
use zeroize::Zeroizing;

/// The version of what travels to the intake.
pub const INTAKE_VERSION: u16 = 1;

/// How many records may wait at a node.
const QUEUE_LENGTH: usize = 4096;
/// How many records travel together at most.
const BATCH_LENGTH: usize = 256;
/// How long the intake may take to answer, in seconds.
const ANSWER_SECONDS_MAX: u64 = 10;
/// How often a batch of unknown fate is sent.
const ATTEMPTS: usize = 3;

/// One authentication on its way to the intake.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuthenticationLine {
    /// [`INTAKE_VERSION`].
    pub version: u16,
    /// What is recorded in the clear, with the node's mark.
    pub authentication: Authentication,
    /// The user's identifier in the source system, which the intake seals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
}

impl fmt::Debug for AuthenticationLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthenticationLine")
            .field("authentication", &self.authentication)
            .finish_non_exhaustive()
    }
}

/// How far the intake knows a source to have come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntakeMark {
    /// The number of the source's last record; 0 before the first.
    pub sequence: u64,
    /// The digest of that record; zeros before the first.
    pub digest: String,
}

/// Why the intake did not take a record.
#[derive(Debug, thiserror::Error)]
enum IntakeError {
    #[error("no intake for this environment")]
    Environment,
    #[error("too many records are waiting")]
    Busy,
    #[error("the intake could not be reached")]
    Unreachable,
    #[error("the intake answered with status {0}")]
    Status(u16),
    #[error("the record could not be written")]
    Encode,
    #[error("the intake knows other records of this node; is there another node of its name?")]
    Diverged,
}

struct Waiting {
    record: AuthenticationRecord,
    answer: oneshot::Sender<Result<(), IntakeError>>,
}

type Queue = (mpsc::Sender<Waiting>, Mutex<mpsc::Receiver<Waiting>>);

/// Records into the ledger of another machine.
pub struct RemoteAuthenticationRecorder {
    queues: BTreeMap<Environment, Queue>,
    server: Server,
    source: String,
}

impl RemoteAuthenticationRecorder {
    /// A recorder for the environments that the node serves. `source` is the node's enrolled name.
    /// Records travel while [`run`](Self::run) runs.
    pub fn new(
        server: &WebAddress,
        credential: Zeroizing<String>,
        source: &str,
        environments: &[Environment],
    ) -> Result<Self, BackChannelError> {
        let queue = |environment: &Environment| {
            let (sender, receiver) = mpsc::channel(QUEUE_LENGTH);
            (*environment, (sender, Mutex::new(receiver)))
        };
        Ok(Self {
            queues: environments.iter().map(queue).collect(),
            server: Server::new(server, credential)?,
            source: source.to_owned(),
        })
    }

    /// Sends what is recorded. Never ends; drop it to stop.
    pub async fn run(&self) {
        let each = self
            .queues
            .iter()
            .map(async |(environment, (_, receiver))| {
                let mut receiver = receiver.lock().await;
                let mut sender = Sender {
                    recorder: self,
                    environment: *environment,
                    mark: None,
                };
                let mut batch = Vec::new();
                while receiver.recv_many(&mut batch, BATCH_LENGTH).await > 0 {
                    sender.send(std::mem::take(&mut batch)).await;
                }
            });
        futures::future::join_all(each).await;
    }
}

#[async_trait]
impl AuthenticationRecorder for RemoteAuthenticationRecorder {
    async fn record(&self, record: AuthenticationRecord) -> Result<(), NotRecorded> {
        let refuse = |error: IntakeError| NotRecorded(error.into());
        let queue = self.queues.get(&record.environment);
        let (queue, _) = queue.ok_or_else(|| refuse(IntakeError::Environment))?;
        let (answer, answered) = oneshot::channel();
        queue
            .try_send(Waiting { record, answer })
            .map_err(|_| refuse(IntakeError::Busy))?;
        answered
            .await
            .unwrap_or(Err(IntakeError::Unreachable))
            .map_err(refuse)
    }
}

/// One environment's records on their way.
struct Sender<'a> {
    recorder: &'a RemoteAuthenticationRecorder,
    environment: Environment,
    /// How far the intake is known to have come; none after a batch whose fate is not known.
    mark: Option<IntakeMark>,
}

impl Sender<'_> {
    fn path(&self) -> String {
        format!("/intake/authentications/{}", self.environment)
    }

    /// Sends a batch and answers each of its records.
    async fn send(&mut self, batch: Vec<Waiting>) {
        let (records, answers): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .map(|waiting| (waiting.record, waiting.answer))
            .unzip();
        let sent = self.try_send(records).await;
        if let Err(error) = &sent {
            self.mark = None;
            tracing::error!(
                environment = %self.environment, %error, "authentications were not recorded"
            );
        }
        for answer in answers {
            // Whoever waited may have gone.
            let _ = answer.send(match &sent {
                Ok(()) => Ok(()),
                Err(IntakeError::Status(status)) => Err(IntakeError::Status(*status)),
                Err(IntakeError::Diverged) => Err(IntakeError::Diverged),
                Err(_) => Err(IntakeError::Unreachable),
            });
        }
    }

    async fn try_send(&mut self, records: Vec<AuthenticationRecord>) -> Result<(), IntakeError> {
        let mut mark = match self.mark.take() {
            Some(mark) => mark,
            None => self.ask().await?,
        };
        let mut body = Zeroizing::new(Vec::new());
        for record in records {
            let authentication = Authentication {
                mark: SourceMark {
                    source: self.recorder.source.clone(),
                    sequence: mark.sequence + 1,
                    previous: mark.digest.clone(),
                },
                ..record.authentication
            };
            let digest = authentication.digest().map_err(|_| IntakeError::Encode)?;
            mark = IntakeMark {
                sequence: mark.sequence + 1,
                digest: digest.to_string(),
            };
            let user = record.user.as_ref().map(|user| user.as_str().to_owned());
            let line = AuthenticationLine {
                version: INTAKE_VERSION,
                authentication,
                user,
            };
            serde_json::to_writer(&mut *body, &line).map_err(|_| IntakeError::Encode)?;
            body.push(b'\n');
        }
        let mut last = IntakeError::Unreachable;
        for _ in 0..ATTEMPTS {
            let request = self.recorder.server.post(&self.path());
            let request = request
                .header(header::CONTENT_TYPE, "application/x-ndjson")
                .timeout(Duration::from_secs(ANSWER_SECONDS_MAX))
                .body(body.to_vec());
            match request.send().await {
                Ok(response) if response.status() == StatusCode::OK => {
                    if read_mark(response).await? != mark {
                        return Err(IntakeError::Diverged);
                    }
                    self.mark = Some(mark);
                    return Ok(());
                }
                Ok(response) => match response.status() {
                    StatusCode::CONFLICT => return Err(IntakeError::Diverged),
                    status if status.is_server_error() => {
                        last = IntakeError::Status(status.as_u16());
                    }
                    status => return Err(IntakeError::Status(status.as_u16())),
                },
                Err(_) => last = IntakeError::Unreachable,
            }
        }
        Err(last)
    }

    async fn ask(&self) -> Result<IntakeMark, IntakeError> {
        let request = self.recorder.server.get(&self.path());
        let request = request
            .query(&[("source", &self.recorder.source)])
            .timeout(Duration::from_secs(ANSWER_SECONDS_MAX));
        let response = request.send().await.map_err(|_| IntakeError::Unreachable)?;
        match response.status() {
            StatusCode::OK => read_mark(response).await,
            status => Err(IntakeError::Status(status.as_u16())),
        }
    }
}

async fn read_mark(response: Response) -> Result<IntakeMark, IntakeError> {
    response.json().await.map_err(|_| IntakeError::Unreachable)
}
