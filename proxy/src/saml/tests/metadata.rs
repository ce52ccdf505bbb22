//! Metadata: written, signed, and read back.

use super::*;
use crate::saml::metadata::*;
use crate::saml::signature::{Signed, authenticate};
use crate::saml::xml::Limits;

fn names() -> Vec<LocalName> {
    [
        ("fi", "Kuvitteellinen verkosto"),
        ("sv", "Påhittat nät"),
        ("en", "Imaginary network"),
    ]
    .map(|(language, name)| LocalName {
        language: language.to_owned(),
        name: name.to_owned(),
    })
    .to_vec()
}

fn own(role: &OwnRole<'_>) -> String {
    let (names, certificates) = (names(), [OWN.certificate.clone(), IDP.certificate.clone()]);
    let contacts = [Contact {
        kind: ContactKind::Security,
        name: "Security".to_owned(),
        email: "security@example.org".to_owned(),
    }];
    let own = OwnDescription {
        id: "_metadata",
        entity_id: "https://proxy.example.org/saml/metadata",
        display_names: &names,
        description: &names,
        signing: &certificates,
        encryption: &certificates[..1],
        contacts: &contacts,
        now: at(0),
    };
    write(&own, role, &OWN.signing).unwrap()
}

#[test]
fn our_metadata_are_signed_and_carry_both_keys_of_a_rollover() {
    let role = OwnRole::IdentityProvider {
        redirect: "https://proxy.example.org/saml/sso/redirect",
        post: "https://proxy.example.org/saml/sso/post",
    };
    let text = own(&role);
    let keys = [OWN.peer.clone()];
    let proven = authenticate(&text, Signed::Root, Limits::METADATA, &keys).unwrap();
    let read = read(proven.octets(), at(0)).unwrap();
    assert_eq!(read.entity_id, "https://proxy.example.org/saml/metadata");
    assert_eq!(read.valid_until, Some(at(VALID_SECONDS)));
    assert!(read.service.is_none());
    let role = read.identity_provider.unwrap();
    assert_eq!(
        role.signing(),
        [OWN.certificate.clone(), IDP.certificate.clone()]
    );
    assert!(role.encryption().is_empty());
    assert_eq!(role.display_names, names());
    assert!(role.requests_signed);
    let places: Vec<_> = role
        .single_sign_on
        .iter()
        .map(|one| one.binding.as_str())
        .collect();
    assert_eq!(places, [crate::saml::HTTP_REDIRECT, crate::saml::HTTP_POST]);
    assert!(text.contains("remd:contactType=\"http://refeds.org/metadata/contactType/security\""));
}

#[test]
fn as_a_service_we_say_where_we_take_assertions_and_how_they_are_encrypted() {
    let consumers = [
        "https://p.example.org/saml/acs".to_owned(),
        "https://p.example.org/saml/acs/Adfs1".to_owned(),
    ];
    let text = own(&OwnRole::Service {
        consumers: &consumers,
    });
    let read = read(&text, at(0)).unwrap();
    let role = read.service.unwrap();
    assert_eq!(role.encryption(), std::slice::from_ref(&OWN.certificate));
    let places: Vec<_> = role
        .assertion_consumer
        .iter()
        .map(|one| (one.location.clone(), one.index, one.is_default))
        .collect();
    assert_eq!(
        places,
        [
            (consumers[0].clone(), Some(0), true),
            (consumers[1].clone(), Some(1), false)
        ]
    );
    assert!(text.contains("aes256-gcm") && !text.contains("cbc"));
}

#[test]
fn metadata_past_their_time_are_not_read() {
    let text = own(&OwnRole::Service { consumers: &[] });
    assert_eq!(
        read(&text, at(VALID_SECONDS)),
        Err(SamlError::Condition("metadata have expired"))
    );
}

#[test]
fn metadata_that_were_changed_lose_their_signature() {
    let text =
        own(&OwnRole::Service { consumers: &[] }).replace("proxy.example.org", "evil.example.org");
    let keys = [OWN.peer.clone()];
    assert!(authenticate(&text, Signed::Root, Limits::METADATA, &keys).is_err());
}

#[test]
fn the_metadata_of_many_are_not_those_of_one() {
    let text = format!(
        "<md:EntitiesDescriptor xmlns:md=\"{}\"/>",
        crate::saml::METADATA
    );
    assert_eq!(
        read(&text, at(0)),
        Err(SamlError::Message("not the description of one entity"))
    );
}
