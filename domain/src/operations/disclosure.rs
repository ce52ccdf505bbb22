//! Requests to see log data about an end user: by the home organisation concerned, or by an
//! authority, and only where law or a competent authority obliges (membership contract §6 ¶7;
//! domain facts J.16). What is shown about one end user is shown under such a request alone.

use super::{controller, days_between, too_early, wrong_state};
use crate::agreement::not_in_future;
use crate::time::{Date, Instant};
use crate::value::{DocumentReference, FreeText, OrganisationOid, Reason, ShortText};
use crate::{
    BelongsTo, Category, Context, Decide, Decision, DisclosureId, Evolve, IntegrationId,
    KeySubject, Network, Private, Rejection,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a request for log data ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DisclosureOutcome {
    /// The data were handed over.
    Disclosed(DisclosedLog),
    /// The request was refused.
    Refused(RefusedLog),
}

/// What was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DisclosedLog {
    /// The day.
    pub disclosed_on: Date,
    /// Days from the receipt of the request.
    pub delay_days: u32,
    /// What was handed over, as a document.
    pub document: DocumentReference,
    /// How many authentications it tells of.
    pub authentications: u32,
}

/// Why nothing was handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RefusedLog {
    /// The day.
    pub refused_on: Date,
    /// Days from the receipt of the request.
    pub delay_days: u32,
    /// Why, sealed.
    pub reason: Private,
}

/// A request to see log data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogDisclosure {
    /// The home organisation whose user it is about.
    pub member: OrganisationOid,
    /// The authority that asks; none where the home organisation does.
    pub authority: Option<ShortText>,
    /// The law or decision that obliges.
    pub legal_basis: ShortText,
    /// The user's identifier in the source system, sealed; none where it is about a message.
    pub user: Option<Private>,
    /// The identifier of the assertion or token it is about; none where it is about a user.
    pub message_id: Option<ShortText>,
    /// The integration in whose source system the user is known; none for any of the member's.
    pub integration: Option<IntegrationId>,
    /// The first day asked about.
    pub first_day: Date,
    /// The last day asked about.
    pub last_day: Date,
    /// The day on which the request was received.
    pub received_on: Date,
    /// How it ended; none while it is open.
    pub outcome: Option<DisclosureOutcome>,
}

impl LogDisclosure {
    /// Whether it is open: the log may be searched for what it asks about, and nothing else.
    pub fn is_open(&self) -> bool {
        self.outcome.is_none()
    }

    /// Whether it asks about `day`.
    pub fn covers(&self, day: Date) -> bool {
        (self.first_day..=self.last_day).contains(&day)
    }
}

impl BelongsTo for DisclosureId {
    fn organisation(&self, network: &Network) -> Option<OrganisationOid> {
        let disclosure = network.operations.disclosures.get(self)?;
        Some(disclosure.member.clone())
    }
}

/// Asks, as a home organisation, to see log data about one of its end users, or about whose one
/// message was, with the legal basis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RequestLogDisclosure {
    /// The home organisation whose user it is about, and which asks.
    pub member: OrganisationOid,
    /// The law or decision that obliges. No personal data: it is kept in clear.
    pub legal_basis: ShortText,
    /// The user's identifier in the source system; this or the message.
    #[serde(default)]
    pub user: Option<FreeText>,
    /// The identifier of an assertion or token, where it is asked whose it was; this or the user.
    #[serde(default)]
    pub message_id: Option<ShortText>,
    /// The integration in whose source system the user is known; left out for any of the
    /// member's.
    #[serde(default)]
    pub integration: Option<IntegrationId>,
    /// The first day asked about.
    pub first_day: Date,
    /// The last day asked about, at the latest that of the request.
    pub last_day: Date,
    /// The day on which the request was received.
    pub received_on: Date,
}

/// Records that an authority asked to see log data about one end user, or about whose one message
/// was, with the legal basis. What an authority asks, the operator alone records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordAuthoritysRequest {
    /// The home organisation whose user it is about.
    pub member: OrganisationOid,
    /// The authority that asks.
    pub authority: ShortText,
    /// The law or decision that obliges. No personal data: it is kept in clear.
    pub legal_basis: ShortText,
    /// The user's identifier in the source system; this or the message.
    #[serde(default)]
    pub user: Option<FreeText>,
    /// The identifier of an assertion or token, where it is asked whose it was; this or the user.
    #[serde(default)]
    pub message_id: Option<ShortText>,
    /// The integration in whose source system the user is known; left out for any of the
    /// member's.
    #[serde(default)]
    pub integration: Option<IntegrationId>,
    /// The first day asked about.
    pub first_day: Date,
    /// The last day asked about, at the latest that of the request.
    pub last_day: Date,
    /// The day on which the request was received.
    pub received_on: Date,
}

/// Somebody asked to see log data about one end user, or about whose one message was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogDisclosureRequested {
    /// The request.
    pub disclosure: DisclosureId,
    /// The home organisation whose user it is about.
    pub member: OrganisationOid,
    /// The authority that asks; none where the home organisation does.
    pub authority: Option<ShortText>,
    /// The law or decision that obliges.
    pub legal_basis: ShortText,
    /// The user's identifier in the source system, sealed; none where it is about a message.
    pub user: Option<Private>,
    /// The identifier of the assertion or token it is about; none where it is about a user.
    pub message_id: Option<ShortText>,
    /// The integration in whose source system the user is known.
    pub integration: Option<IntegrationId>,
    /// The first day asked about.
    pub first_day: Date,
    /// The last day asked about.
    pub last_day: Date,
    /// The day on which the request was received.
    pub received_on: Date,
}

impl Decide for RequestLogDisclosure {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        requested(self, None, network, context)
    }
}

impl Decide for RecordAuthoritysRequest {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let asked = RequestLogDisclosure {
            member: self.member.clone(),
            legal_basis: self.legal_basis.clone(),
            user: self.user.clone(),
            message_id: self.message_id.clone(),
            integration: self.integration,
            first_day: self.first_day,
            last_day: self.last_day,
            received_on: self.received_on,
        };
        requested(&asked, Some(&self.authority), network, context)
    }
}

/// What follows from a request, the home organisation's own or an authority's.
fn requested(
    asked: &RequestLogDisclosure,
    authority: Option<&ShortText>,
    network: &Network,
    context: &Context<'_>,
) -> Decision {
    not_in_future(network, context, asked.received_on, "receivedOn")?;
    controller(network, &asked.member, context.now, "member")?;
    if asked.last_day < asked.first_day {
        return Err(too_early(
            "the last day asked about is before the first",
            "lastDay",
        ));
    }
    if asked.last_day > asked.received_on {
        return Err(Rejection::new(
            "TOO_LATE",
            "a request asks about what had been logged by then",
        )
        .field("lastDay")
        .remedy("give the day of the request or an earlier one")
        .rule("our decision"));
    }
    if asked.user.is_some() == asked.message_id.is_some() {
        return Err(Rejection::new(
            "ONE_SUBJECT",
            "a request asks about one end user, or about one message",
        )
        .field("user")
        .remedy("name the user or the message, and make a request for each")
        .rule("our decision"));
    }
    let known = asked.integration.is_none_or(|integration| {
        crate::agreement::is_home_integration_of(network, integration, &asked.member)
    });
    if !known {
        return Err(Rejection::unknown(
            "integration of this home organisation",
            "integration",
        ));
    }
    let disclosure = DisclosureId(context.new_id("disclosure"));
    let key = KeySubject::new(disclosure, Category::EndUser);
    Ok(vec![
        LogDisclosureRequested {
            disclosure,
            member: asked.member.clone(),
            authority: authority.cloned(),
            legal_basis: asked.legal_basis.clone(),
            user: asked.user.as_ref().map(|user| Private::given(key, user)),
            message_id: asked.message_id.clone(),
            integration: asked.integration,
            first_day: asked.first_day,
            last_day: asked.last_day,
            received_on: asked.received_on,
        }
        .into(),
    ])
}

impl Evolve for LogDisclosureRequested {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.operations.disclosures.insert(
            self.disclosure,
            LogDisclosure {
                member: self.member.clone(),
                authority: self.authority.clone(),
                legal_basis: self.legal_basis.clone(),
                user: self.user.clone(),
                message_id: self.message_id.clone(),
                integration: self.integration,
                first_day: self.first_day,
                last_day: self.last_day,
                received_on: self.received_on,
                outcome: None,
            },
        );
    }
}

/// The days from the receipt of an open request to `day`.
fn delay_of_open(
    network: &Network,
    context: &Context<'_>,
    id: DisclosureId,
    day: Date,
    field: &'static str,
) -> Result<u32, Rejection> {
    let disclosure = network
        .operations
        .disclosures
        .get(&id)
        .ok_or_else(|| Rejection::unknown("request for log data", "disclosure"))?;
    if !disclosure.is_open() {
        return Err(wrong_state(
            "the request was answered",
            "disclosure",
            "record another request, with its own legal basis",
        ));
    }
    not_in_future(network, context, day, field)?;
    days_between(disclosure.received_on, day)
        .ok_or_else(|| too_early("the request was received later", field))
}

/// Records what was handed over under a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DiscloseLog {
    /// The request, open.
    pub disclosure: DisclosureId,
    /// The day.
    pub disclosed_on: Date,
    /// What was handed over, as a document.
    pub document: DocumentReference,
    /// How many authentications it tells of.
    pub authentications: u32,
}

/// Log data about an end user were handed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogDisclosed {
    /// The request.
    pub disclosure: DisclosureId,
    /// The day.
    pub disclosed_on: Date,
    /// Days from the receipt of the request.
    pub delay_days: u32,
    /// What was handed over, as a document.
    pub document: DocumentReference,
    /// How many authentications it tells of.
    pub authentications: u32,
}

impl Decide for DiscloseLog {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let (id, day) = (self.disclosure, self.disclosed_on);
        let delay_days = delay_of_open(network, context, id, day, "disclosedOn")?;
        Ok(vec![
            LogDisclosed {
                disclosure: id,
                disclosed_on: day,
                delay_days,
                document: self.document.clone(),
                authentications: self.authentications,
            }
            .into(),
        ])
    }
}

impl Evolve for LogDisclosed {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let outcome = DisclosureOutcome::Disclosed(DisclosedLog {
            disclosed_on: self.disclosed_on,
            delay_days: self.delay_days,
            document: self.document.clone(),
            authentications: self.authentications,
        });
        network
            .operations
            .disclosures
            .change(&self.disclosure, |row| row.outcome = Some(outcome));
    }
}

/// Refuses a request for log data.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RefuseLogDisclosure {
    /// The request, open.
    pub disclosure: DisclosureId,
    /// The day.
    pub refused_on: Date,
    /// Why.
    pub reason: Reason,
}

/// A request for log data was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogDisclosureRefused {
    /// The request.
    pub disclosure: DisclosureId,
    /// The day.
    pub refused_on: Date,
    /// Days from the receipt of the request.
    pub delay_days: u32,
    /// Why, sealed.
    pub reason: Private,
}

impl Decide for RefuseLogDisclosure {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let (id, day) = (self.disclosure, self.refused_on);
        let delay_days = delay_of_open(network, context, id, day, "refusedOn")?;
        let key = KeySubject::new(id, Category::Text);
        Ok(vec![
            LogDisclosureRefused {
                disclosure: id,
                refused_on: day,
                delay_days,
                reason: Private::given(key, &self.reason),
            }
            .into(),
        ])
    }
}

impl Evolve for LogDisclosureRefused {
    fn evolve(&self, network: &mut Network, _: Instant) {
        let outcome = DisclosureOutcome::Refused(RefusedLog {
            refused_on: self.refused_on,
            delay_days: self.delay_days,
            reason: self.reason.clone(),
        });
        network
            .operations
            .disclosures
            .change(&self.disclosure, |row| row.outcome = Some(outcome));
    }
}
