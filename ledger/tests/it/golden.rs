//! Stored bytes of every format ever written, kept as files that are only added to: they must decode for ever,
//! and today's encoders must still give the newest of them.

use bytes::Bytes;
use ledger::envelope::BlobReference;
use ledger::{Actor, Envelope, Frame, Hash, KeyId, SealedField, Timestamp};
use uuid::Uuid;

use crate::support::event;

const ENVELOPE_1: &str = include_str!("../golden/envelope-1.hex");
const ENVELOPE_1_PLAIN: &str = include_str!("../golden/envelope-1-plain.hex");
const FRAME_1: &str = include_str!("../golden/frame-1.hex");

fn bytes(golden: &str) -> Vec<u8> {
    hex::decode(golden.split_whitespace().collect::<String>()).unwrap()
}

fn full_envelope() -> Envelope {
    Envelope {
        position: 258,
        effective_from: Some(Timestamp(1_800_000_000_000_000)),
        actor: Actor {
            id: "actor-2".to_owned(),
            authentication: "machine".to_owned(),
            on_behalf_of: Some("member-9".to_owned()),
        },
        correlation_id: Some(Uuid::from_u128(11)),
        causation_id: Some(Uuid::from_u128(12)),
        payload: b"{}".to_vec(),
        sealed: vec![SealedField {
            field: "contact.name".to_owned(),
            key_id: KeyId([1; 16]),
            nonce: [2; 12],
            ciphertext: vec![3; 50],
            commitment: Hash([4; 32]),
        }],
        blobs: vec![BlobReference {
            hash: Hash([5; 32]),
            length: 1_234,
        }],
        ..event(258)
    }
}

#[test]
fn envelopes_of_format_1_decode_and_are_written_the_same() {
    assert_eq!(
        Envelope::decode(&bytes(ENVELOPE_1)).unwrap(),
        full_envelope()
    );
    assert_eq!(
        hex::encode(full_envelope().encode().unwrap()),
        hex::encode(bytes(ENVELOPE_1))
    );
    assert_eq!(
        Envelope::decode(&bytes(ENVELOPE_1_PLAIN)).unwrap(),
        event(3)
    );
    assert_eq!(
        hex::encode(event(3).encode().unwrap()),
        hex::encode(bytes(ENVELOPE_1_PLAIN))
    );
}

#[test]
fn frames_of_version_1_decode_and_are_written_the_same() {
    let leaves = [bytes(ENVELOPE_1), bytes(ENVELOPE_1_PLAIN)];
    let built = Frame::build(
        &ledger::JournalName::governance(),
        Hash([9; 32]),
        42,
        258,
        leaves.iter().map(Vec::as_slice),
    )
    .unwrap();
    let frame = Frame::decode(Bytes::from(bytes(FRAME_1))).unwrap();
    assert_eq!(hex::encode(built.bytes()), hex::encode(frame.bytes()));
    assert_eq!(
        (frame.commit(), frame.first_position(), frame.count()),
        (42, 258, 2)
    );
}
