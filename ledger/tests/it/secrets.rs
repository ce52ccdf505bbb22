//! No clear text of a sealed value is in any file.

use ledger::{Envelope, JournalName};

use crate::support::{all, binding, create, event, files_below, governance, open};

const MARKER: &[u8] = b"Maija-Malli-0123456789-merkki";
const CLEAR: &[u8] = b"clear-marker-0123456789";

fn holds(bytes: &[u8], marker: &[u8]) -> bool {
    bytes.windows(marker.len()).any(|window| window == marker)
}

#[test]
fn no_file_holds_a_sealed_value() {
    let directory = tempfile::tempdir().unwrap();
    let ledger = create(directory.path());
    let sealer = ledger.sealer();
    let journal = governance(&ledger);
    for position in 0..50 {
        let bare = event(position);
        let subject = format!("{}-{position}", String::from_utf8_lossy(MARKER));
        let key = ledger.vault().key_for(&subject, "contact").unwrap();
        let document = sealer
            .seal_document(key, &binding(&bare, "scan"), MARKER)
            .unwrap();
        let event = Envelope {
            sealed: vec![sealer.seal(key, &binding(&bare, "name"), MARKER).unwrap()],
            blobs: vec![ledger.blobs().put(&document).unwrap()],
            payload: CLEAR.to_vec(),
            ..bare
        };
        assert!(!holds(
            format!("{event:?}{key:?}{:?}", ledger.vault().key(key)).as_bytes(),
            MARKER
        ));
        journal.append(position, &[event]).unwrap();
    }
    ledger.close();
    let files = files_below(directory.path());
    let contents: Vec<_> = files
        .iter()
        .map(|path| (path, std::fs::read(path).unwrap()))
        .collect();
    let with = |marker| {
        contents
            .iter()
            .filter(|(_, bytes)| holds(bytes, marker))
            .count()
    };
    assert!(
        with(CLEAR) >= 2,
        "the clear payload should be in the tail and in the second copy"
    );
    assert_eq!(with(MARKER), 0);

    let ledger = open(directory.path());
    let event = all(&ledger.journal(&JournalName::governance()).unwrap()).remove(7);
    let sealer = ledger.sealer();
    assert_eq!(
        sealer
            .open(&binding(&event, "name"), &event.sealed[0])
            .unwrap()
            .as_slice(),
        MARKER
    );
    let document = ledger.blobs().get(event.blobs[0].hash).unwrap().unwrap();
    assert_eq!(
        sealer
            .open_document(&binding(&event, "scan"), &document)
            .unwrap()
            .as_slice(),
        MARKER
    );
}
