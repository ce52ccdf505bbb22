//! Which role, group and charge belong to which school (W-MULTI).

use super::source::piece;
use super::{ChargeRule, Detail, Rules, SourceAttribute, SourceAttributes};

/// More schools than this per user are no user; real users have a handful.
const ENTRIES_MAX: usize = 256;

/// One school with what belongs to it, still in the source's words.
#[derive(Clone, Default)]
pub(super) struct Entry {
    pub(super) school: Option<String>,
    pub(super) role: Option<String>,
    pub(super) group: Option<String>,
    /// `None` where no charge was given; else what was.
    pub(super) charge: Option<String>,
}

/// What the lists amount to.
pub(super) struct Combined {
    /// The entries, or why there are none.
    pub(super) entries: Result<Vec<Entry>, Detail>,
    /// Why no charge was given to any entry.
    pub(super) charges: Option<Detail>,
    /// The first group, also where schools or roles are missing.
    pub(super) first_group: Option<String>,
    /// The first school, whose class and class level the first ones are.
    pub(super) first_school: Option<String>,
}

pub(super) fn combine(source: &SourceAttributes, rules: &Rules) -> Combined {
    let mut groups = Vec::new();
    let entries = if source.affiliations().is_empty() {
        groups = source.list(SourceAttribute::Groups);
        shape(source, &groups)
    } else {
        affiliated(source)
    };
    let first_school = match &entries {
        Ok(entries) => entries.first().and_then(|entry| entry.school.clone()),
        Err(_) => source
            .list(SourceAttribute::SchoolIds)
            .into_iter()
            .next()
            .flatten(),
    };
    let first_group = match &entries {
        Ok(entries) => entries.first().and_then(|entry| entry.group.clone()),
        Err(Detail::CombinationNotAccepted) => None,
        Err(_) => groups.into_iter().next().flatten(),
    };
    let mut combined = Combined {
        entries,
        charges: None,
        first_group,
        first_school,
    };
    distribute_charges(&mut combined, source, rules);
    combined
}

fn affiliated(source: &SourceAttributes) -> Result<Vec<Entry>, Detail> {
    let affiliations = source.affiliations();
    if affiliations.len() > ENTRIES_MAX {
        return Err(Detail::CombinationNotAccepted);
    }
    let part = |text: &Option<String>| text.as_deref().and_then(piece);
    let entry = |affiliation: &super::Affiliation| Entry {
        school: part(&affiliation.school),
        role: part(&affiliation.role),
        group: part(&affiliation.group),
        charge: None,
    };
    Ok(affiliations.iter().map(entry).collect())
}

/// The three accepted shapes: one of each per school; a role per school or one for all, with at most one group, which
/// is the first school's; a group per school under one role.
fn shape(source: &SourceAttributes, groups: &[Option<String>]) -> Result<Vec<Entry>, Detail> {
    let schools = source.list(SourceAttribute::SchoolIds);
    let roles = source.list(SourceAttribute::Roles);
    let (s, r, g) = (schools.len(), roles.len(), groups.len());
    if s == 0 {
        return Err(Detail::SchoolMissing);
    }
    if r == 0 {
        return Err(Detail::RoleMissing);
    }
    let one_each = s == r && r == g;
    let one_group = g <= 1 && (r == s || r == 1);
    let one_role = g == s && r == 1;
    if s > ENTRIES_MAX || !(one_each || one_group || one_role) {
        return Err(Detail::CombinationNotAccepted);
    }
    let entry = |(at, school): (usize, Option<String>)| Entry {
        school,
        role: roles.get(if r == 1 { 0 } else { at }).cloned().flatten(),
        group: groups.get(at).cloned().flatten(),
        charge: None,
    };
    Ok(schools.into_iter().enumerate().map(entry).collect())
}

fn distribute_charges(combined: &mut Combined, source: &SourceAttributes, rules: &Rules) {
    let charges = source.list(SourceAttribute::LearningMaterialsCharges);
    let Ok(entries) = &mut combined.entries else {
        return;
    };
    match charges.len() {
        0 => combined.charges = Some(Detail::NotGiven),
        1 => entries
            .iter_mut()
            .for_each(|entry| entry.charge.clone_from(&charges[0])),
        count if count == entries.len() => {
            entries
                .iter_mut()
                .zip(charges)
                .for_each(|(entry, charge)| entry.charge = charge);
        }
        _ => {
            combined.charges = Some(Detail::ChargeCountMismatch);
            if rules.charge_rule == ChargeRule::WikiStrict {
                combined.entries = Err(Detail::ChargeCountMismatch);
                combined.first_group = None;
            }
        }
    }
}
