//! Roles: home organisation, service provider, or both for an education provider. Leaving one of
//! two roles is a withdrawal of the role, for the contract knows no partial notice (our decision,
//! domain facts C.3).

use super::eligibility::{self, eligible_levels};
use super::{Member, MemberRole, ReviewGround, change, in_force, nothing_to_change};
use crate::time::{Date, Instant, Window};
use crate::value::OrganisationOid;
use crate::{Context, Decide, Decision, Evolve, Network, NoticeId, Rejection};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A role and when it is held.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleWindow {
    /// The role.
    pub role: MemberRole,
    /// When it is held. It may reach beyond the membership, outside of which it means nothing.
    pub window: Window,
}

/// Gives a member another role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct GrantRole {
    /// The member.
    pub member: OrganisationOid,
    /// The role; it must be possible by what is recorded of the member's eligibility.
    pub role: MemberRole,
}

/// A role was given to a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleGranted {
    /// The member.
    pub member: OrganisationOid,
    /// The role.
    pub role: MemberRole,
    /// The first day.
    pub since: Date,
    /// The instant from which it is held.
    pub from: Instant,
    /// Running notices that a human should look at, for the roles at the notice decided.
    pub notices_to_review: Vec<NoticeId>,
}

/// Takes one of two roles from a member: it leaves partly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WithdrawRole {
    /// The member.
    pub member: OrganisationOid,
    /// The role.
    pub role: MemberRole,
    /// The last day on which it is held, today or later; left out, it ends at once.
    #[serde(default)]
    pub last_day: Option<Date>,
}

/// A role was taken from a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleWithdrawn {
    /// The member.
    pub member: OrganisationOid,
    /// The role.
    pub role: MemberRole,
    /// The last day on which it is held.
    pub last_day: Date,
    /// The instant at which it is no longer held.
    pub until: Instant,
    /// Running notices that a human should look at, for the roles at the notice decided.
    pub notices_to_review: Vec<NoticeId>,
}

impl Decide for GrantRole {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = in_force(network, &self.member, context.now)?;
        let current = row.roles.iter().rfind(|held| {
            held.role == self.role && held.window.until.is_none_or(|u| context.now < u)
        });
        if current.is_some_and(|held| held.window.until.is_none()) {
            return Err(nothing_to_change(
                "the member holds this role already",
                "role",
            ));
        }
        let mut roles = row.roles_at(context.now);
        roles.push(self.role);
        if let Some(basis) = row.legal_basis(context.now) {
            let levels = eligible_levels(network, basis.kind, network.date(context.now));
            eligibility::check(
                Some(&levels),
                &roles,
                row.education_provider.as_ref(),
                row.service_purpose.as_ref(),
            )?;
        }
        if roles.len() > 1 && !row.is_education_provider() {
            return Err(dual_needs_education());
        }
        // A role whose last day is known goes on from there, without a gap.
        let from = current
            .and_then(|held| held.window.until)
            .unwrap_or(context.now);
        Ok(vec![
            RoleGranted {
                member: self.member.clone(),
                role: self.role,
                since: network.date(from),
                from,
                notices_to_review: row.notices_by_role(),
            }
            .into(),
        ])
    }
}

fn dual_needs_education() -> Rejection {
    Rejection::new(
        "NOT_ELIGIBLE",
        "only an education provider can hold both roles",
    )
    .field("role")
    .remedy("record what makes the member an education provider first")
    .rule("membership contract §5 ¶1")
}

impl Evolve for RoleGranted {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row: &mut Member| {
            row.mark_notices(&self.notices_to_review, ReviewGround::RoleChanged);
            row.roles.push(RoleWindow {
                role: self.role,
                window: Window::open_from(self.from),
            });
        });
    }
}

impl Decide for WithdrawRole {
    fn decide(&self, network: &Network, context: &Context<'_>) -> Decision {
        let row = in_force(network, &self.member, context.now)?;
        if !row.has_role(self.role, context.now) {
            return Err(nothing_to_change(
                "the member does not hold this role",
                "role",
            ));
        }
        let lasting = |held: &RoleWindow| held.role != self.role && held.window.until.is_none();
        if !row.roles.iter().any(lasting) {
            return Err(
                Rejection::new("LAST_ROLE", "a member without a role is no member")
                    .field("role")
                    .remedy("give notice of the membership instead")
                    .rule("membership contract §5 ¶1, §7 ¶1"),
            );
        }
        let today = network.date(context.now);
        let (last_day, until) = match self.last_day {
            Some(day) if day < today => {
                return Err(Rejection::new(
                    "TOO_EARLY",
                    "the last day of a role is today or later",
                )
                .field("lastDay")
                .remedy("give today's date or a later one")
                .rule("our decision"));
            }
            Some(day) if day > today.plus_months(120) => {
                return Err(
                    Rejection::new("TOO_LATE", "the day lies more than ten years ahead")
                        .field("lastDay")
                        .remedy("give an earlier day")
                        .rule("our decision"),
                );
            }
            Some(day) => (day, network.zone().end_of(day)),
            None => (today, context.now),
        };
        let ends_then = |held: &&RoleWindow| {
            held.role == self.role
                && held.window.holds_at(context.now)
                && held.window.until == Some(until)
        };
        if row.roles.iter().any(|held| ends_then(&held)) {
            return Err(nothing_to_change("the role ends then already", "lastDay"));
        }
        Ok(vec![
            RoleWithdrawn {
                member: self.member.clone(),
                role: self.role,
                last_day,
                until,
                notices_to_review: row.notices_by_role(),
            }
            .into(),
        ])
    }
}

impl Evolve for RoleWithdrawn {
    fn evolve(&self, network: &mut Network, _: Instant) {
        change(network, &self.member, |row: &mut Member| {
            row.mark_notices(&self.notices_to_review, ReviewGround::RoleChanged);
            row.roles
                .retain(|held| held.role != self.role || held.window.from < self.until);
            for held in &mut row.roles {
                if held.role == self.role && held.window.until.is_none_or(|u| u > self.until) {
                    held.window.until = Some(self.until);
                }
            }
        });
    }
}
