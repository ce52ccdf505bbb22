//! A running server, spoken to by GraphQL with a machine credential.

use domain::CommandId;
use domain::value::WebAddress;
use serde::Deserialize;
use serde_json::{Value, json};
use std::time::Duration;
use url::Url;
use zeroize::Zeroizing;

/// How long a server may take for one call; a large import is decided and recorded in it.
const TIMEOUT: Duration = Duration::from_mins(2);

/// The largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A server and the credential that it knows.
pub(crate) struct Server {
    endpoint: Url,
    credential: Zeroizing<String>,
    client: reqwest::Client,
}

/// Why a server gave no answer that can be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServerError {
    /// The client could not be made, or the address cannot be extended.
    #[error("the server's address cannot be used")]
    Address,
    /// The client could not be made.
    #[error("making the client failed")]
    Client(#[source] reqwest::Error),
    /// The server was not reached, or stopped answering.
    #[error("asking the server failed; give the same call again: nothing is recorded twice")]
    Asking(#[source] reqwest::Error),
    /// It does not know the credential, or the credential may not do this.
    #[error("the server does not take this credential: ask its operator for a valid one")]
    Credential,
    /// The call is larger than the server takes.
    #[error(
        "the call is larger than the server takes: stop it and use --data, or give less at once"
    )]
    TooLarge,
    /// It answered with a status that is no success.
    #[error("the server answered with status {0}")]
    Status(u16),
    /// The answer is none of the API's.
    #[error("the server's answer is not the API's; is the address right?")]
    Answer(#[source] serde_json::Error),
    /// The answer is too long.
    #[error("the server's answer is too long")]
    TooLong,
    /// The server failed, or does not know the caller.
    #[error("the server says: {0}")]
    Fault(String),
}

/// What a server made of a command.
pub(crate) enum Given {
    /// It recorded it.
    Recorded(Box<Committed>),
    /// The rules refuse it.
    Refused(Vec<Refusal>),
}

/// What was recorded.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Committed {
    /// The positions of the events in the log.
    pub(crate) positions: Vec<u64>,
}

/// A refusal, as the API gives it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Refusal {
    /// The stable code.
    pub(crate) code: String,
    /// The input field at fault.
    pub(crate) field: Option<String>,
    /// What is wrong.
    pub(crate) message: String,
    /// What can be done.
    pub(crate) remedy: String,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<Fault>,
}

#[derive(Deserialize)]
struct Data {
    given: Option<Payload>,
}

#[derive(Deserialize)]
struct Payload {
    committed: Option<Committed>,
    #[serde(default)]
    errors: Vec<Refusal>,
}

#[derive(Deserialize)]
struct Fault {
    message: String,
}

impl Server {
    /// The server at `address`, whose GraphQL lies at `/graphql` below it.
    pub(crate) fn new(
        address: &WebAddress,
        credential: Zeroizing<String>,
    ) -> Result<Self, ServerError> {
        let mut endpoint = address.to_url().ok_or(ServerError::Address)?;
        endpoint
            .path_segments_mut()
            .map_err(|()| ServerError::Address)?
            .pop_if_empty()
            .push("graphql");
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(ServerError::Client)?;
        Ok(Self {
            endpoint,
            credential,
            client,
        })
    }

    /// Takes another credential, which no server knows.
    #[cfg(test)]
    pub(crate) fn forget_credential(&mut self) {
        self.credential = Zeroizing::new("unknown.credential".to_owned());
    }

    /// Gives the command named `name`, such as `ImportIntegrations`.
    pub(crate) async fn give(
        &self,
        name: &str,
        id: CommandId,
        input: Value,
    ) -> Result<Given, ServerError> {
        let mut field = name.to_owned();
        if let Some(first) = field.get_mut(..1) {
            first.make_ascii_lowercase();
        }
        let query = format!(
            "mutation Give($input: {name}Input!, $commandId: ID!) {{ \
             given: {field}(input: $input, commandId: $commandId) {{ \
             committed {{ positions }} errors {{ code field message remedy }} }} }}"
        );
        let body = json!({
            "query": query,
            "variables": { "input": input, "commandId": id.to_string() },
        });
        let answer = self
            .client
            .post(self.endpoint.clone())
            .bearer_auth(self.credential.as_str())
            .json(&body)
            .send()
            .await
            .map_err(ServerError::Asking)?;
        let status = answer.status();
        let bytes = limited(answer, ANSWER_BYTES_MAX).await?;
        match status.as_u16() {
            401 | 403 => return Err(ServerError::Credential),
            413 => return Err(ServerError::TooLarge),
            other if !status.is_success() => return Err(ServerError::Status(other)),
            _ => {}
        }
        let answer: Answer = serde_json::from_slice(&bytes).map_err(ServerError::Answer)?;
        if let Some(fault) = answer.errors.into_iter().next() {
            return Err(ServerError::Fault(fault.message));
        }
        let payload = answer.data.and_then(|data| data.given);
        let payload = payload.ok_or_else(|| ServerError::Fault("nothing".to_owned()))?;
        Ok(match payload.committed {
            Some(committed) => Given::Recorded(Box::new(committed)),
            None => Given::Refused(payload.errors),
        })
    }
}

/// Reads a body up to a limit.
async fn limited(mut answer: reqwest::Response, most: usize) -> Result<Vec<u8>, ServerError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(ServerError::Asking)? {
        if bytes.len() + chunk.len() > most {
            return Err(ServerError::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}
