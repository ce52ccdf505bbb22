//! The difference between a call and what is recorded, worked out on a copy of the network so that
//! later entries see what earlier ones did.

use super::{ImportIntegrations, ImportKind, LeftEntry};
use crate::value::ShortText;
use crate::{Context, Event, IntegrationId, Network, Rejection};
use std::collections::BTreeSet;

/// What a call would do, whether or not it may.
#[derive(Clone, Debug)]
pub struct ImportPlan {
    /// The events that would be recorded.
    pub events: Vec<Event>,
    /// The entries that are invalid, in the order of the call.
    pub left: Vec<LeftEntry>,
    /// How many entries are not known.
    pub added: u32,
    /// How many known entries change.
    pub changed: u32,
    /// How many inactive entries come back.
    pub reactivated: u32,
    /// How many are taken out of use because the call lacks them.
    pub inactivated: u32,
    /// Why nothing of it may be done: a membership cannot be accepted.
    pub refusal: Option<Rejection>,
}

/// The plan while it is made.
pub(super) struct Draft<'a> {
    pub(super) network: Network,
    pub(super) context: &'a Context<'a>,
    pub(super) plan: ImportPlan,
    /// Known integrations to which nothing has changed so far.
    pub(super) unchanged: BTreeSet<IntegrationId>,
}

/// What became of one entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Added,
    Changed,
    Reactivated,
    Same,
}

impl Draft<'_> {
    /// Adds an event, and lets the entries after it see what it does.
    pub(super) fn record(&mut self, event: impl Into<Event>) {
        let event = event.into();
        event.evolve(&mut self.network, self.context.now);
        self.plan.events.push(event);
    }

    /// Takes one entry in, or leaves all of it out.
    fn take(
        &mut self,
        kind: ImportKind,
        legacy_id: &ShortText,
        seen: &mut BTreeSet<ShortText>,
        entry: impl FnOnce(&mut Self) -> Result<Outcome, Rejection>,
    ) {
        let outcome = if seen.insert(legacy_id.clone()) {
            entry(self)
        } else {
            Err(
                Rejection::new("REPEATED", "an entry before has the same identifier")
                    .field("legacyId"),
            )
        };
        match outcome {
            Ok(Outcome::Added) => self.plan.added += 1,
            Ok(Outcome::Changed) => self.plan.changed += 1,
            Ok(Outcome::Reactivated) => self.plan.reactivated += 1,
            Ok(Outcome::Same) => {}
            Err(rejection) => self.plan.left.push(LeftEntry {
                kind,
                legacy_id: legacy_id.clone(),
                field: rejection.field.unwrap_or_default().into_owned(),
                code: rejection.code.to_owned(),
                message: rejection.message.into_owned(),
            }),
        }
    }
}

impl ImportIntegrations {
    /// What the call would do: the whole difference, and the entries that are invalid.
    pub fn plan(&self, network: &Network, context: &Context<'_>) -> ImportPlan {
        let mut draft = Draft {
            network: network.clone(),
            context,
            unchanged: BTreeSet::new(),
            plan: ImportPlan {
                events: Vec::new(),
                left: self.unreadable.clone(),
                added: 0,
                changed: 0,
                reactivated: 0,
                inactivated: 0,
                refusal: None,
            },
        };
        // Sets first, for clients name them; clients before homes, for homes permit them. What goes
        // goes before the homes are read: a client that is gone is permitted to nobody.
        let mut seen = BTreeSet::new();
        for set in &self.sets {
            draft.take(ImportKind::Set, &set.legacy_id, &mut seen, |draft| {
                draft.set(set)
            });
        }
        seen.clear();
        for client in &self.clients {
            draft.take(ImportKind::Client, &client.legacy_id, &mut seen, |draft| {
                draft.client(client)
            });
        }
        if self.replace {
            draft.remove_clients(self);
        }
        seen.clear();
        for home in &self.homes {
            draft.take(ImportKind::Home, &home.legacy_id, &mut seen, |draft| {
                draft.home(home)
            });
        }
        if self.replace {
            draft.remove_homes(self);
            draft.remove_sets(self);
        }
        if let Some(accept) = &self.accept_members {
            draft.plan.refusal = draft.accept_members(self, accept).err();
            draft.take_into_use(self);
        }
        draft.plan
    }
}
