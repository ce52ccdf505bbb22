//! The invented people of the demo: who administers, and who goes to school.
//!
//! Learner ids of the real branch have a wrong check digit, so that they are nobody's.

use super::story::organisation;
use serde_json::{Map, Value, json};

/// Somebody who can log in with one click.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// The identifier at the provider.
    pub(crate) subject: &'static str,
    /// The name.
    pub(crate) name: &'static str,
    /// What a visitor is told about the person.
    pub(crate) about: &'static str,
    /// What the provider says about the person beside the subject.
    pub(crate) claims: Map<String, Value>,
}

/// The subjects of the administrators whose rights stand in the ledger.
pub(crate) const OPERATOR: &str = "ylva";
pub(crate) const OWNER: &str = "onni";
pub(crate) const AUDITOR: &str = "aatu";
pub(crate) const STEERING_MEMBER: &str = "outi";
pub(crate) const APPLICANT: &str = "heli";

/// The pupil who is suspended from every service.
pub(crate) const SUSPENDED_USER: &str = "sulo.suljettu";

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Those who administer, each in one role. Rights over organisations come as claims, in the form of
/// the education sector's user management; all other rights stand in the ledger.
pub(crate) fn administrators() -> Vec<Person> {
    let person = |subject, name: &'static str, about, roles: Vec<String>| Person {
        subject,
        name,
        about,
        claims: object(json!({ "name": name, "roles": roles })),
    };
    let right = |right: &str, number| vec![format!("APP_MPASSID_{right}_{}", organisation(number))];
    vec![
        person(
            OPERATOR,
            "Ylva Ylläpitäjä",
            "runs the network for the operator",
            vec![],
        ),
        person(
            OWNER,
            "Onni Omistaja",
            "decides for the owner, convenes the steering group",
            vec![],
        ),
        person(
            "maija",
            "Maija Pääkäyttäjä",
            "manages Kuvitteellinen kunta, a home organisation",
            right("TALLENTAJA", 101),
        ),
        person(
            "kaisa",
            "Kaisa Katselija",
            "looks at Kuvitteellinen kunta, changes nothing",
            right("KATSELIJA", 101),
        ),
        person(
            "sampo",
            "Sampo Palveluvastaava",
            "manages the services of Oppimispuro, a service provider",
            right("PALVELU_TALLENTAJA", 201),
        ),
        person(
            APPLICANT,
            "Heli Hakija",
            "prepares the application of Hakijala, not yet a member",
            vec![],
        ),
        person(
            STEERING_MEMBER,
            "Outi Ohjausryhmäläinen",
            "has a seat in the steering group",
            vec![],
        ),
        person(
            AUDITOR,
            "Aatu Tarkastaja",
            "audits the network, sees all and changes nothing",
            vec![],
        ),
    ]
}

/// The users of the test home organisation, Kuvitteellinen kunta.
pub(crate) fn users() -> Vec<Person> {
    let person = |subject, name: &'static str, about, claims: Value| {
        let (given, family) = name.split_once(' ').unwrap_or((name, name));
        let mut all = object(
            json!({ "preferred_username": subject, "given_name": given, "family_name": family }),
        );
        all.extend(object(claims));
        Person {
            subject,
            name,
            about,
            claims: all,
        }
    };
    vec![
        person(
            "oona.oppilas",
            "Oona Oppilas",
            "pupil of class 7B at Mallikoulu; everything is as it should be",
            json!({
                "nickname": "Oona", "learner_id": "1.2.246.562.24.90000000001", "school": "99901",
                "role": "oppilas", "group": "7B", "level": "7", "charge": "0",
            }),
        ),
        person(
            "eetu.opettaja",
            "Eetu Opettaja",
            "teacher at two schools",
            json!({
                "learner_id": "1.2.246.562.24.90000000002", "school": ["99901", "99902"],
                "role": ["opettaja", "opettaja"], "group": ["7B", "1A"],
            }),
        ),
        person(
            "testi.testinen",
            "Testi Testinen",
            "a test learner: only services that allow them let this one in",
            json!({
                "learner_id": "1.2.246.562.98.10000000016", "school": "99902",
                "role": "oppilas", "group": "1A", "level": "1",
            }),
        ),
        person(
            "vilja.vieras",
            "Vilja Vieras",
            "her record names a school of another organisation, which is not believed",
            json!({
                "learner_id": "1.2.246.562.24.90000000003", "school": "99911",
                "role": "oppilas", "group": "9C", "level": "9",
            }),
        ),
        person(
            "liisa.lukio",
            "Liisa Lukio",
            "has no learner id, so no login",
            json!({
                "school": "99901", "role": "oppilas", "group": "7B",
            }),
        ),
        person(
            "noora.nimeton",
            "Noora Nimetön",
            "under an order of non-disclosure: nothing about her leaves",
            json!({
                "learner_id": "1.2.246.562.24.90000000004", "school": "99901",
                "role": "oppilas", "group": "7A", "non_disclosure": true,
            }),
        ),
        person(
            SUSPENDED_USER,
            "Sulo Suljettu",
            "suspended while a misuse is looked into",
            json!({
                "learner_id": "1.2.246.562.24.90000000005", "school": "99901",
                "role": "oppilas", "group": "7A",
            }),
        ),
    ]
}

/// The users of Haaveen kunta's Wilma, which is a stand-in.
pub(crate) fn wilma_users() -> Vec<Person> {
    let person = |subject, name: &'static str, about, learner_id: &str, role: &str, group: &str| {
        let (given, family) = name.split_once(' ').unwrap_or((name, name));
        Person {
            subject,
            name,
            about,
            claims: object(json!({
                "first_name": given, "last_name": family, "learner_id": learner_id,
                "roles": [{ "school": "99913", "role": role, "group": group }],
            })),
        }
    };
    vec![
        person(
            "hilla.haave",
            "Hilla Haave",
            "pupil of class 5A at Haaveen koulu",
            "1.2.246.562.24.90000000006",
            "student",
            "5A",
        ),
        person(
            "urho.unelmoija",
            "Urho Unelmoija",
            "teacher at Haaveen koulu",
            "1.2.246.562.24.90000000007",
            "teacher",
            "5A",
        ),
    ]
}

/// The users of Satulan kunta's Opinsys, which is a stand-in.
pub(crate) fn opinsys_users() -> Vec<Person> {
    let person = |subject: &'static str, id, name: &'static str, about, learner_id: &str, role| {
        let (given, family) = name.split_once(' ').unwrap_or((name, name));
        Person {
            subject,
            name,
            about,
            claims: object(json!({
                "id": id, "username": subject, "first_name": given, "last_name": family,
                "learner_id": learner_id, "roles": [role],
                "schools": [{
                    "name": "Satulan koulu", "school_code": "99914", "roles": [role],
                    "groups": [{ "name": "6C", "type": "teaching group" }],
                }],
            })),
        }
    };
    vec![
        person(
            "saana.satu",
            "1001",
            "Saana Satu",
            "pupil of class 6C at Satulan koulu",
            "1.2.246.562.24.90000000008",
            "student",
        ),
        person(
            "taavi.tarina",
            "1002",
            "Taavi Tarina",
            "teacher at Satulan koulu",
            "1.2.246.562.24.90000000009",
            "teacher",
        ),
    ]
}
