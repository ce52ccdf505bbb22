//! What holds for any input.

use super::fixtures::*;
use crate::data_model::*;
use crate::value::OrganisationOid;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use proptest::sample::select;

/// Schools, roles and groups that mean something, in lists of any shape, and noise.
fn texts() -> impl Strategy<Value = String> {
    let word = select(vec![
        "99901",
        "99902",
        "99905",
        "99911",
        "99921",
        "99931",
        "00000",
        PROVIDER,
        SCHOOL,
        OFFICE,
        DAY_CARE,
        FOREIGN_SCHOOL,
        FOREIGN_PROVIDER,
        REPRESENTED_SCHOOL,
        ROOT,
        "oppilas",
        "opettaja",
        "1A",
        "0",
        "1",
        "",
        " ",
        "\\",
        "1.2.246.562.24.10000000016",
        "1.2.246.562.98.10000000001",
    ]);
    prop_oneof![
        vec(word, 0..5).prop_map(|words| words.join(";")),
        any::<String>()
    ]
}

fn sources() -> impl Strategy<Value = SourceAttributes> {
    let school = select(vec![
        "99901",
        "99902",
        "99911",
        PROVIDER,
        OFFICE,
        FOREIGN_SCHOOL,
        SCHOOL_REPRESENTED_ALONE,
    ]);
    let near = (
        vec(school, 1..4),
        select(vec!["oppilas", "opettaja"]),
        select(vec!["", "1A", "1A;2B"]),
    )
        .prop_map(|(schools, role, groups)| pupil_of(&schools.join(";"), role, groups));
    let far = vec(
        (select(SourceAttribute::ALL.to_vec()), vec(texts(), 0..3)),
        0..8,
    )
    .prop_map(|values| {
        values
            .into_iter()
            .fold(SourceAttributes::new(), |source, (name, values)| {
                source.with(name, values)
            })
    });
    let between =
        (texts(), texts(), texts(), texts()).prop_map(|(schools, roles, groups, charges)| {
            pupil_of(&schools, &roles, &groups)
                .with(SourceAttribute::LearningMaterialsCharges, [charges])
        });
    let together = (texts(), texts(), texts()).prop_map(|(school, role, group)| {
        pupil().with_affiliation(Affiliation {
            school: Some(school),
            role: Some(role),
            group: Some(group),
        })
    });
    prop_oneof![near, far, between, together]
}

fn views() -> impl Strategy<Value = ServiceView> {
    let attributes = || btree_set(select(Attribute::ALL.to_vec()), 0..18);
    (
        select(Version::ALL.to_vec()),
        attributes(),
        attributes(),
        any::<bool>(),
    )
        .prop_map(
            |(version, release_set, vetoes, allow_test_learner_id)| ServiceView {
                version,
                release_set,
                vetoes,
                allow_test_learner_id,
            },
        )
}

/// The organisations named in the places of a value where an organisation stands.
fn organisations((attribute, value): (Attribute, &str)) -> Vec<String> {
    let parts: Vec<&str> = value.split(';').collect();
    let places: &[usize] = match attribute {
        Attribute::OriginalIssuer
        | Attribute::SchoolInfo
        | Attribute::EducationProviderId
        | Attribute::EducationProviderInfo => &[0],
        Attribute::LearningMaterialsCharge => &[1],
        Attribute::Role => &[0, 5, 6],
        _ => &[],
    };
    let named = places.iter().filter_map(|place| parts.get(*place));
    named
        .filter(|part| part.contains('.'))
        .map(|part| (*part).to_owned())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(ProptestConfig::default().cases * 4))]

    #[test]
    fn nothing_leaves_that_should_not(source in sources(), view in views()) {
        let Outcome::Released(release) = release(&source, &asserter(), &Register, &Rules::default(), &view) else {
            return Ok(());
        };
        for (attribute, values) in &release.values {
            let essential = attribute.is_essential();
            prop_assert!(attribute.is_in(view.version));
            prop_assert!(essential || view.release_set.contains(attribute));
            prop_assert!(essential || !view.vetoes.contains(attribute));
            prop_assert!(!values.is_empty());
            prop_assert!(attribute.is_multi_valued() || values.len() == 1);
            for value in values {
                for oid in organisations((*attribute, value)) {
                    let oid = OrganisationOid::parse(&oid).expect("an organisation");
                    prop_assert!(Register.may_assert(&oid_of(PROVIDER), &oid), "{attribute}");
                }
                let parts = if view.version < Version::V1_4 { 4 } else { 7 };
                prop_assert!(*attribute != Attribute::Role || value.split(';').count() == parts);
            }
        }
    }

    #[test]
    fn every_attribute_is_released_or_accounted_for(source in sources(), view in views()) {
        let Outcome::Released(release) = release(&source, &asserter(), &Register, &Rules::default(), &view) else {
            return Ok(());
        };
        for attribute in Attribute::ALL {
            let entries: Vec<_> = release.withheld.iter().filter(|withheld| withheld.attribute == attribute).collect();
            let released = !release.get(attribute).is_empty();
            prop_assert!(entries.len() <= 1);
            prop_assert!(released || entries.len() == 1);
            prop_assert!(entries.iter().all(|withheld| withheld.partly == released));
        }
    }

    #[test]
    fn a_school_code_is_never_a_foreign_one(source in sources()) {
        let view = ServiceView::national_profile(Version::V1_3);
        let Outcome::Released(release) = release(&source, &asserter(), &Register, &Rules::default(), &view) else {
            return Ok(());
        };
        let own = ["99901", "99902", "99905", "99910", "99921", "99931"];
        prop_assert!(release.get(Attribute::SchoolCode).iter().all(|code| own.contains(&code.as_str())));
    }
}
