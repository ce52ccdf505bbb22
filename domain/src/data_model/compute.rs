//! The computation itself: who the user is, the values by attribute, the cut to what the service may have.

use super::combine::combine;
use super::source::piece;
use super::values::{Context, Values};
use super::{
    Asserter, Attribute, Detail, NonDisclosureRule, OrganisationRegister, Outcome, RefusalReason,
    Release, Rules, ServiceView, SourceAttribute, SourceAttributes, Version, Withheld,
};
use crate::value::LearnerId;
use sha1::{Digest, Sha1};
use std::fmt::Write as _;

/// The user's identifier: `MPASSOID.` and the hexadecimal SHA-1 of the integration's id followed by the source's name
/// of the user. Whoever renames the integration renames every user.
pub fn uid(idp_id: &str, username: &str) -> String {
    let digest = Sha1::new()
        .chain_update(idp_id)
        .chain_update(username)
        .finalize();
    digest
        .iter()
        .fold(String::from("MPASSOID."), |mut uid, byte| {
            // Writing to a string cannot fail.
            let _ = write!(uid, "{byte:02x}");
            uid
        })
}

/// What `service` receives about the user of whom `source` speaks, and why not the rest.
///
/// Refuses without an identifier, without a well-formed learner id, with a test learner id where the service does not
/// allow it, and for a user under an order of non-disclosure where the home organisation has not decided otherwise.
pub fn release(
    source: &SourceAttributes,
    asserter: &Asserter,
    register: &dyn OrganisationRegister,
    rules: &Rules,
    service: &ServiceView,
) -> Outcome {
    let (username, learner_id) = match identify(source, asserter, rules, service) {
        Ok(identity) => identity,
        Err(reason) => return Outcome::Refused(reason),
    };
    let mut values = Values::default();
    values.push(Attribute::Uid, uid(&asserter.idp_id, username));
    values.push(Attribute::OriginalIssuer, asserter.organisation.as_str());
    values.person(source);
    values.municipality(asserter);
    let combined = combine(source, rules);
    let student = is_student(source, rules);
    if service.version == Version::V1_1 && !student {
        // 1.1 delivered the learner id of learners alone; later versions deliver everybody's.
        values.missing(Attribute::LearnerId, Detail::NotAStudent);
    } else {
        values.push(Attribute::LearnerId, learner_id.as_str());
    }
    let context = Context {
        asserter,
        register,
        rules,
        version: service.version,
    };
    let foreign_values = values.affiliations(&combined, &context);
    values.class(source, combined, &context);
    Outcome::Released(cut(values, service, foreign_values))
}

fn identify<'a>(
    source: &'a SourceAttributes,
    asserter: &Asserter,
    rules: &Rules,
    service: &ServiceView,
) -> Result<(&'a str, LearnerId), RefusalReason> {
    if source.is_non_disclosure() && asserter.non_disclosure == NonDisclosureRule::Refuse {
        return Err(RefusalReason::NothingToRelease);
    }
    let username = source.only(SourceAttribute::Username);
    let username = username
        .ok()
        .flatten()
        .ok_or(RefusalReason::NothingToRelease)?;
    let learner_id = source
        .only(SourceAttribute::LearnerId)
        .map_err(|()| RefusalReason::LearnerIdMalformed)?;
    let learner_id = learner_id.ok_or(RefusalReason::LearnerIdMissing)?;
    let learner_id = LearnerId::parse_with(learner_id, rules.learner_id_check_digit)
        .map_err(|_| RefusalReason::LearnerIdMalformed)?;
    if learner_id.is_test() && !service.allow_test_learner_id {
        return Err(RefusalReason::TestLearnerIdNotAllowed);
    }
    Ok((username, learner_id))
}

fn is_student(source: &SourceAttributes, rules: &Rules) -> bool {
    let listed = source.list(SourceAttribute::Roles).into_iter().flatten();
    let affiliated = source
        .affiliations()
        .iter()
        .filter_map(|affiliation| affiliation.role.as_deref().and_then(piece));
    listed.chain(affiliated).any(|word| {
        rules
            .role(&word)
            .is_some_and(|role| rules.is_student(&role))
    })
}

/// Cuts to what the service may have and accounts for the rest, attribute by attribute.
fn cut(mut collected: Values, service: &ServiceView, foreign_values: u32) -> Release {
    let mut release = Release {
        foreign_values,
        ..Release::default()
    };
    for attribute in Attribute::ALL {
        let mut withhold = |detail: Detail, partly| {
            release.withheld.push(Withheld {
                attribute,
                why: detail.why(),
                detail,
                partly,
            });
        };
        if !attribute.is_in(service.version) {
            withhold(Detail::NotInVersion, false);
            continue;
        }
        if !attribute.is_essential() && !service.release_set.contains(&attribute) {
            withhold(Detail::NotInReleaseSet, false);
            continue;
        }
        if !attribute.is_essential() && service.vetoes.contains(&attribute) {
            withhold(Detail::Vetoed, false);
            continue;
        }
        let values = collected.values.remove(&attribute).unwrap_or_default();
        let missing = collected.missing.get(&attribute).copied();
        if values.is_empty() {
            withhold(missing.unwrap_or(Detail::NotGiven), false);
        } else {
            if let Some(detail) = missing {
                withhold(detail, true);
            }
            release.values.push((attribute, values));
        }
    }
    release
}
