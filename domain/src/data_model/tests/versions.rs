//! The same user in every version, side by side.

use super::fixtures::*;
use crate::data_model::*;
use std::fmt::Write as _;

fn side_by_side(source: &SourceAttributes) -> String {
    Version::ALL
        .into_iter()
        .fold(String::new(), |mut text, version| {
            let _ = writeln!(text, "{version}");
            for (attribute, values) in released(source, version).values {
                for value in values {
                    let _ = writeln!(text, "  {attribute} = {value}");
                }
            }
            text
        })
}

#[test]
fn a_pupil_at_an_office() {
    insta::assert_snapshot!(side_by_side(&pupil_of(OFFICE, "oppilas", "1A")), @r"
        1.0
          uid = MPASSOID.4bd3cd32d9f913085fb9b123eddb3b6fe0c3ac9d
          givenName = Aino Keksitty
          surname = Kuvitteellinen
          role = Kuvitteellinen kunta;99901;1A;Oppilas
          school = Kuvitteellinen koulu
          schoolCode = 99901
          class = 1A
          municipality = Kuvitteellinen kunta
          municipalityCode = 999
        1.1
          uid = MPASSOID.4bd3cd32d9f913085fb9b123eddb3b6fe0c3ac9d
          learnerId = 1.2.246.562.24.10000000016
          givenName = Aino Keksitty
          surname = Kuvitteellinen
          role = Kuvitteellinen kunta;99901;1A;Oppilas
          school = Kuvitteellinen koulu
          schoolCode = 99901
          class = 1A
          educationProviderId = 1.2.246.562.99.00000000001
          educationProvider = Kuvitteellinen kunta
          municipality = Kuvitteellinen kunta
          municipalityCode = 999
        1.2
          uid = MPASSOID.4bd3cd32d9f913085fb9b123eddb3b6fe0c3ac9d
          learnerId = 1.2.246.562.24.10000000016
          givenName = Aino Keksitty
          surname = Kuvitteellinen
          role = 1.2.246.562.99.00000000001;99901;1A;Oppilas
          school = Kuvitteellinen koulu
          schoolCode = 99901
          schoolInfo = 99901;Kuvitteellinen koulu
          class = 1A
          classLevel = 1
          educationProviderId = 1.2.246.562.99.00000000001
          educationProvider = Kuvitteellinen kunta
          educationProviderInfo = 1.2.246.562.99.00000000001;Kuvitteellinen kunta
        1.3
          uid = MPASSOID.4bd3cd32d9f913085fb9b123eddb3b6fe0c3ac9d
          learnerId = 1.2.246.562.24.10000000016
          givenName = Aino Keksitty
          surname = Kuvitteellinen
          role = 1.2.246.562.99.00000000001;99901;1A;Oppilas
          school = Kuvitteellinen koulu
          schoolCode = 99901
          schoolInfo = 99901;Kuvitteellinen koulu
          class = 1A
          classLevel = 1
          educationProviderId = 1.2.246.562.99.00000000001
          educationProvider = Kuvitteellinen kunta
          educationProviderInfo = 1.2.246.562.99.00000000001;Kuvitteellinen kunta
          learningMaterialsCharge = 1;99901
        1.4
          uid = MPASSOID.4bd3cd32d9f913085fb9b123eddb3b6fe0c3ac9d
          learnerId = 1.2.246.562.24.10000000016
          originalIssuer = 1.2.246.562.99.00000000001
          givenName = Aino Keksitty
          surname = Kuvitteellinen
          nickname = Aino
          role = 1.2.246.562.99.00000000001;99901;1A;Oppilas;1;1.2.246.562.99.00000000002;1.2.246.562.99.00000000004
          schoolInfo = 99901;Kuvitteellinen koulu
          schoolInfo = 1.2.246.562.99.00000000002;Kuvitteellinen koulu
          schoolInfo = 1.2.246.562.99.00000000004;Kuvitteellinen sivupiste
          classLevel = 1
          educationProviderInfo = 1.2.246.562.99.00000000001;Kuvitteellinen kunta
          learningMaterialsCharge = 1;99901
          learningMaterialsCharge = 1;1.2.246.562.99.00000000002
        ");
}

#[test]
fn only_learners_learner_ids_were_released_in_1_1() {
    let teacher = pupil_of("99901", "opettaja", "");
    for version in Version::ALL {
        let given = !released(&teacher, version)
            .get(Attribute::LearnerId)
            .is_empty();
        assert_eq!(given, version > Version::V1_1);
    }
    assert!(
        !released(&pupil(), Version::V1_1)
            .get(Attribute::LearnerId)
            .is_empty()
    );
}

#[test]
fn names_and_versions_of_the_attributes() {
    let table = Attribute::ALL
        .into_iter()
        .fold(String::new(), |mut text, attribute| {
            let (since, until) = (attribute.since(), attribute.until());
            let _ = writeln!(
                text,
                "{attribute} {since}-{until} {} {}",
                attribute.saml_name(),
                attribute.oidc_claim()
            );
            text
        });
    insta::assert_snapshot!(table, @r"
        uid 1.0-1.4 urn:mpass.id:uid urn:mpass.id:uid
        learnerId 1.1-1.4 urn:oid:1.3.6.1.4.1.16161.1.1.27 urn:oid:1.3.6.1.4.1.16161.1.1.27
        originalIssuer 1.4-1.4 urn:mpass.id:originalIssuer urn:mpass.id:originalIssuer
        givenName 1.0-1.4 urn:oid:2.5.4.42 given_name
        surname 1.0-1.4 urn:oid:2.5.4.4 family_name
        nickname 1.4-1.4 urn:mpass.id:nickname urn:mpass.id:nickname
        role 1.0-1.4 urn:mpass.id:role urn:mpass.id:role
        school 1.0-1.3 urn:mpass.id:school urn:mpass.id:school
        schoolCode 1.0-1.3 urn:mpass.id:schoolCode urn:mpass.id:schoolCode
        schoolInfo 1.2-1.4 urn:mpass.id:schoolInfo urn:mpass.id:schoolInfo
        class 1.0-1.3 urn:mpass.id:class urn:mpass.id:class
        classLevel 1.2-1.4 urn:mpass.id:classLevel urn:mpass.id:classLevel
        educationProviderId 1.1-1.3 urn:mpass.id:educationProviderId urn:mpass.id:educationProviderId
        educationProvider 1.1-1.3 urn:mpass.id:educationProvider urn:mpass.id:educationProvider
        educationProviderInfo 1.2-1.4 urn:mpass.id:educationProviderInfo urn:mpass.id:educationProviderInfo
        learningMaterialsCharge 1.3-1.4 urn:mpass.id:learningMaterialsCharge urn:mpass.id:learningMaterialsCharge
        municipality 1.0-1.1 urn:mpass.id:municipality urn:mpass.id:municipality
        municipalityCode 1.0-1.1 urn:mpass.id:municipalityCode urn:mpass.id:municipalityCode
        ");
}

#[test]
fn names_are_read_as_they_are_written() {
    for attribute in Attribute::ALL {
        for name in [
            attribute.name(),
            attribute.saml_name(),
            attribute.oidc_claim(),
        ] {
            assert_eq!(Attribute::from_any_name(name), Some(attribute));
        }
        let json = serde_json::to_string(&attribute).expect("a name");
        assert_eq!(json, format!("{:?}", attribute.name()));
    }
    for version in Version::ALL {
        assert_eq!(Version::from_number(version.as_str()), Some(version));
        assert_eq!(
            serde_json::to_string(&version).expect("a number"),
            format!("{:?}", version.as_str())
        );
    }
    for attribute in SourceAttribute::ALL {
        assert_eq!(
            SourceAttribute::from_name(attribute.name()),
            Some(attribute)
        );
        assert_eq!(
            serde_json::to_string(&attribute).expect("a name"),
            format!("{:?}", attribute.name())
        );
    }
}

#[test]
fn the_default_rules_survive_json_and_unknown_ones_are_refused() {
    let rules = Rules::default();
    let json = serde_json::to_string(&rules).expect("rules");
    assert_eq!(serde_json::from_str::<Rules>(&json).expect("rules"), rules);
    assert_eq!(
        serde_json::from_str::<Rules>("{}").expect("defaults"),
        rules
    );
    assert!(serde_json::from_str::<Rules>(r#"{"roleWords": {}}"#).is_err());
}
