//! Documents: sealed, named by what is stored, and listed by the events that name them.

#![expect(clippy::unwrap_used, reason = "a test ends where a step fails")]

use domain::value::{DocumentReference, LanguageText};
use domain::{InstrumentKind, PublishInstrument};
use ledger::{Hash, JournalName};
use registrar::testing::TestLedger;
use registrar::{Audience, DocumentError};

const TEXT: &[u8] = b"Kuvitteellinen liittymissopimus, allekirjoittajana Merkki Merkkinen";

fn hash(name: &DocumentReference) -> Hash {
    Hash::parse(name.as_str()).unwrap()
}

fn organisation() -> Audience {
    Audience::Organisation("1.2.246.562.99.00000000101".parse().unwrap())
}

#[tokio::test]
async fn a_document_lies_sealed_under_the_hash_of_what_is_stored() {
    let test = TestLedger::founded().await;
    let documents = test.registrar.documents();
    let name = documents
        .store(organisation(), "application/pdf", TEXT)
        .unwrap();

    let stored = test.ledger.blobs().get(hash(&name)).unwrap().unwrap();
    assert_eq!(Hash::of(&stored), hash(&name));
    let shows = |needle: &[u8]| stored.windows(needle.len()).any(|window| window == needle);
    assert!(!shows(b"Merkkinen"));
    assert!(
        shows(b"application/pdf"),
        "the head is in the clear: the search finds what is there"
    );

    let opened = documents.open(&name).unwrap().unwrap();
    assert_eq!(*opened.content, TEXT);
    assert_eq!(opened.head.audience, organisation());
    assert_eq!(opened.head.media_type, "application/pdf");
    let elsewhere = DocumentReference::parse(&"ab".repeat(32)).unwrap();
    assert!(documents.head(&elsewhere).unwrap().is_none());
}

#[tokio::test]
async fn the_same_content_has_a_name_of_its_own_each_time() {
    let test = TestLedger::founded().await;
    let documents = test.registrar.documents();
    let store = || documents.store(organisation(), "text/plain", TEXT).unwrap();
    let (first, second) = (store(), store());
    assert_ne!(first, second);
    assert_ne!(hash(&first), Hash::of(TEXT));
}

#[tokio::test]
async fn a_document_cannot_be_passed_off_for_another_audience() {
    let test = TestLedger::founded().await;
    let documents = test.registrar.documents();
    let name = documents
        .store(Audience::Operator, "text/plain", TEXT)
        .unwrap();
    let stored = test.ledger.blobs().get(hash(&name)).unwrap().unwrap();
    let text = b"\"operator\"";
    let at = stored
        .windows(text.len())
        .position(|window| window == text)
        .unwrap();
    let mut forged = stored.to_vec();
    // As long as the word it replaces, so that nothing else moves.
    forged[at..at + text.len()].copy_from_slice(b"\"public\"  ");
    let forged = test.ledger.blobs().put(&forged).unwrap();
    let forged = DocumentReference::parse(&forged.hash.to_string()).unwrap();

    let head = documents.head(&forged).unwrap().unwrap();
    assert_eq!(head.audience, Audience::Public);
    let error = documents.open(&forged).unwrap_err();
    assert!(matches!(error, DocumentError::Seal(_)), "{error}");
}

#[tokio::test]
async fn what_is_stored_and_no_document_is_an_error() {
    let test = TestLedger::founded().await;
    for bytes in [&b"no document"[..], b"", b"TNFILE\x01\xff\xff\xff\xff{}"] {
        let blob = test.ledger.blobs().put(bytes).unwrap();
        let name = DocumentReference::parse(&blob.hash.to_string()).unwrap();
        let error = test.registrar.documents().open(&name).unwrap_err();
        assert!(matches!(error, DocumentError::Form(_)), "{error}");
    }
}

#[tokio::test]
async fn an_event_lists_the_stored_documents_that_it_names() {
    let test = TestLedger::founded().await;
    let name = test
        .registrar
        .documents()
        .store(Audience::Public, "text/plain", TEXT)
        .unwrap();
    let kept_elsewhere = DocumentReference::parse(&"cd".repeat(32)).unwrap();
    for (version, document) in [("contract-2018", &name), ("contract-2019", &kept_elsewhere)] {
        test.given(PublishInstrument {
            version: version.parse().unwrap(),
            kind: InstrumentKind::Contract,
            title: LanguageText::parse("Liittymissopimus").unwrap(),
            document: document.clone(),
            address: None,
            valid_from: domain::testing::day("2025-01-01"),
        })
        .await;
    }
    let journal = test.ledger.journal(&JournalName::governance()).unwrap();
    let mut listed = Vec::new();
    for batch in journal.replay(0).unwrap() {
        for view in batch.unwrap().events() {
            listed.extend(view.unwrap().blobs.map(|blob| blob.hash));
        }
    }
    assert_eq!(listed, [hash(&name)]);
}
