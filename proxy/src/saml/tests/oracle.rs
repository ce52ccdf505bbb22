//! What others make of our signatures: `xmlsec1`, where it is installed.

use super::*;
use std::process::Command;

/// Says loudly that a test did nothing here.
fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

#[test]
fn xmlsec1_verifies_our_signatures_and_refuses_changed_ones() {
    if Command::new("xmlsec1").arg("--version").output().is_err() {
        return skipped(
            "xmlsec1 is not installed (Debian package xmlsec1); its verdict on our signatures is not known",
        );
    }
    let directory = tempfile::tempdir().unwrap();
    let certificate = directory.path().join("certificate.der");
    std::fs::write(&certificate, IDP.certificate.der()).unwrap();
    for (signing, element) in [
        (
            ASSERTION_ALONE,
            "urn:oasis:names:tc:SAML:2.0:assertion:Assertion",
        ),
        (
            Signing {
                assertion: false,
                response: true,
                encrypted: false,
            },
            "urn:oasis:names:tc:SAML:2.0:protocol:Response",
        ),
    ] {
        let honest = response(&assertion(), &IDP, signing);
        for (text, taken) in [
            (honest.clone(), true),
            (honest.replace("pupil", "rector"), false),
        ] {
            let file = directory.path().join("response.xml");
            std::fs::write(&file, &text).unwrap();
            let output = Command::new("xmlsec1")
                .arg("--verify")
                .arg("--pubkey-cert-der")
                .arg(&certificate)
                .arg("--enabled-key-data")
                .arg("rsa")
                .arg("--id-attr:ID")
                .arg(element)
                .arg(&file)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert_eq!(output.status.success(), taken, "{element}: {said}");
            assert_eq!(receive_it(&text).is_ok(), taken);
        }
    }
}

#[test]
fn xmlsec1_opens_what_we_encrypt() {
    if Command::new("xmlsec1").arg("--version").output().is_err() {
        return skipped(
            "xmlsec1 is not installed (Debian package xmlsec1); whether it opens what we encrypt is not known",
        );
    }
    let signing = Signing {
        assertion: true,
        response: false,
        encrypted: true,
    };
    let directory = tempfile::tempdir().unwrap();
    let (key, file) = (
        directory.path().join("key.pem"),
        directory.path().join("response.xml"),
    );
    let pem = STANDARD.encode(&OWN.pkcs8);
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n");
    std::fs::write(&key, pem).unwrap();
    std::fs::write(&file, response(&assertion(), &IDP, signing)).unwrap();
    let output = Command::new("xmlsec1")
        .arg("--decrypt")
        .arg("--privkey-pem")
        .arg(&key)
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(String::from_utf8_lossy(&output.stdout).contains(">pupil<"));
}
