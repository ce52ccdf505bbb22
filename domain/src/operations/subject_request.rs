//! Requests of data subjects, which the operator helps the controller to answer
//! (membership contract §6 ¶9, fifth duty).

use super::{controller, days_between, nothing_to_change, too_early};
use crate::agreement::not_in_future;
use crate::time::{Date, Instant};
use crate::value::{FreeText, OrganisationOid};
use crate::{
    Category, Context, Decide, Decision, Evolve, KeySubject, Network, Private, Rejection,
    SubjectRequestId,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which right a data subject uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SubjectRight {
    /// To see the data.
    Access,
    /// To have them corrected.
    Rectification,
    /// To have them erased.
    Erasure,
    /// To have their processing restricted.
    Restriction,
    /// To receive them in a portable form.
    Portability,
    /// To object to their processing.
    Objection,
}

/// A data subject's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectRequest {
    /// The controller, who asks for help.
    pub member: OrganisationOid,
    /// The right that is used.
    pub right: SubjectRight,
    /// The day on which the operator received the request.
    pub received_on: Date,
    /// The user's identifier in the source system, sealed.
    pub user: Option<Private>,
    /// What is asked, sealed.
    pub description: Private,
    /// The day on which the operator answered.
    pub answered_on: Option<Date>,
    /// Days from receipt to answer.
    pub delay_days: Option<u32>,
    /// The answer, sealed.
    pub answer: Option<Private>,
}

/// Records that a controller asked the operator to help with a data subject's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ReceiveSubjectRequest {
    /// The controller, who asks for help.
    pub member: OrganisationOid,
    /// The right that the data subject uses.
    pub right: SubjectRight,
    /// The day on which the operator received the request.
    pub received_on: Date,
    /// The user's identifier in the source system, where it was given.
    #[serde(default)]
    pub user: Option<FreeText>,
    /// What is asked.
    pub description: FreeText,
}

/// A controller asked the operator to help with a data subject's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectRequestReceived {
    /// The request.
    pub request: SubjectRequestId,
    /// The controller, who asks for help.
    pub member: OrganisationOid,
    /// The right that the data subject uses.
    pub right: SubjectRight,
    /// The day on which the operator received the request.
    pub received_on: Date,
    /// The user's identifier in the source system, sealed.
    pub user: Option<Private>,
    /// What is asked, sealed.
    pub description: Private,
}

impl Decide for ReceiveSubjectRequest {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        not_in_future(network, context, self.received_on, "receivedOn")?;
        controller(network, &self.member, context.now, "member")?;
        let request = SubjectRequestId(context.new_id("subject request"));
        let sealed =
            |text: &FreeText, category| Private::given(KeySubject::new(request, category), text);
        Ok(vec![
            SubjectRequestReceived {
                request,
                member: self.member.clone(),
                right: self.right,
                received_on: self.received_on,
                user: self
                    .user
                    .as_ref()
                    .map(|user| sealed(user, Category::EndUser)),
                description: sealed(&self.description, Category::Text),
            }
            .into(),
        ])
    }
}

impl Evolve for SubjectRequestReceived {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network.operations.subject_requests.insert(
            self.request,
            SubjectRequest {
                member: self.member.clone(),
                right: self.right,
                received_on: self.received_on,
                user: self.user.clone(),
                description: self.description.clone(),
                answered_on: None,
                delay_days: None,
                answer: None,
            },
        );
    }
}

/// Records what the operator answered to a data subject's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerSubjectRequest {
    /// The request.
    pub request: SubjectRequestId,
    /// The day of the answer.
    pub answered_on: Date,
    /// The answer.
    pub answer: FreeText,
}

/// The operator answered a data subject's request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubjectRequestAnswered {
    /// The request.
    pub request: SubjectRequestId,
    /// The day of the answer.
    pub answered_on: Date,
    /// Days from receipt to answer.
    pub delay_days: u32,
    /// The answer, sealed.
    pub answer: Private,
}

impl Decide for AnswerSubjectRequest {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let request = network
            .operations
            .subject_requests
            .get(&self.request)
            .ok_or_else(|| Rejection::unknown("subject request", "request"))?;
        if request.answered_on.is_some() {
            return Err(nothing_to_change("the request was answered", "request"));
        }
        not_in_future(network, context, self.answered_on, "answeredOn")?;
        let delay_days = days_between(request.received_on, self.answered_on)
            .ok_or_else(|| too_early("the request was received later", "answeredOn"))?;
        let key = KeySubject::new(self.request, Category::Text);
        Ok(vec![
            SubjectRequestAnswered {
                request: self.request,
                answered_on: self.answered_on,
                delay_days,
                answer: Private::given(key, &self.answer),
            }
            .into(),
        ])
    }
}

impl Evolve for SubjectRequestAnswered {
    fn evolve(&self, network: &mut Network, _: Instant) {
        network
            .operations
            .subject_requests
            .change(&self.request, |request| {
                request.answered_on = Some(self.answered_on);
                request.delay_days = Some(self.delay_days);
                request.answer = Some(self.answer.clone());
            });
    }
}
