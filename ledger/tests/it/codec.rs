//! Properties of the two codecs: what goes in comes out, and no bytes do harm.

use bytes::Bytes;
use ledger::envelope::{BlobReference, DecodeError, EncodeError, LEAF_BYTES_MAX};
use ledger::frame::FrameError;
use ledger::{
    Actor, Envelope, EnvelopeView, Frame, Hash, JournalName, KeyId, SealedField, Timestamp,
};
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::event;

fn short_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Zäö0-9:/-]{0,60}",
        Just("x".repeat(255)),
        Just(String::new())
    ]
}

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn timestamp() -> impl Strategy<Value = Timestamp> {
    any::<i64>().prop_map(Timestamp)
}

prop_compose! {
    fn sealed()(
        field in short_text(),
        key in any::<[u8; 16]>(),
        nonce in any::<[u8; 12]>(),
        ciphertext in prop::collection::vec(any::<u8>(), 0..200),
        commitment in any::<[u8; 32]>(),
    ) -> SealedField {
        SealedField { field, key_id: KeyId(key), nonce, ciphertext, commitment: Hash(commitment) }
    }
}

prop_compose! {
    fn actor()(id in short_text(), authentication in short_text(), on_behalf_of in option::of(short_text())) -> Actor {
        Actor { id, authentication, on_behalf_of }
    }
}

prop_compose! {
    fn envelope()(
        ids in (uuid(), uuid(), uuid(), option::of(uuid()), option::of(uuid())),
        numbers in (any::<u64>(), any::<u64>(), any::<u16>()),
        times in (timestamp(), timestamp(), option::of(timestamp())),
        texts in (short_text(), short_text()),
        actor in actor(),
        payload in prop::collection::vec(any::<u8>(), 0..2_000),
        sealed in prop::collection::vec(sealed(), 0..4),
        blobs in prop::collection::vec((any::<[u8; 32]>(), any::<u64>()), 0..4),
    ) -> Envelope {
        Envelope {
            ledger_id: ids.0,
            journal: JournalName::new("production/2026-11").unwrap(),
            position: numbers.0,
            stream: texts.0,
            stream_version: numbers.1,
            event_id: ids.1,
            event_type: texts.1,
            schema_version: numbers.2,
            occurred_at: times.0,
            recorded_at: times.1,
            effective_from: times.2,
            actor,
            command_id: ids.2,
            correlation_id: ids.3,
            causation_id: ids.4,
            payload,
            sealed,
            blobs: blobs.into_iter().map(|(hash, length)| BlobReference { hash: Hash(hash), length }).collect(),
        }
    }
}

proptest! {
    #[test]
    fn an_envelope_comes_back_as_it_was(envelope in envelope()) {
        let bytes = envelope.encode().unwrap();
        prop_assert_eq!(&Envelope::decode(&bytes).unwrap(), &envelope);
        let view = EnvelopeView::decode(&bytes).unwrap();
        prop_assert_eq!(view.sealed.count(), envelope.sealed.len());
        if let Some(first) = envelope.sealed.first() {
            prop_assert_eq!(view.sealed_field(&first.field).unwrap().to_sealed_field(), first.clone());
        }
    }

    #[test]
    fn every_cut_and_every_longer_form_of_an_envelope_is_refused(envelope in envelope(), cut in any::<prop::sample::Index>()) {
        let mut bytes = envelope.encode().unwrap();
        prop_assert!(Envelope::decode(&bytes[..cut.index(bytes.len())]).is_err());
        bytes.push(0);
        prop_assert_eq!(Envelope::decode(&bytes), Err(DecodeError::Trailing(1)));
    }

    #[test]
    fn a_changed_envelope_is_refused_or_has_that_one_encoding(envelope in envelope(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let mut bytes = envelope.encode().unwrap();
        let at = at.index(bytes.len());
        bytes[at] ^= 1 << bit;
        if let Ok(decoded) = Envelope::decode(&bytes) {
            prop_assert_eq!(decoded.encode().unwrap(), bytes);
        }
    }

    #[test]
    fn no_bytes_make_a_codec_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..600), as_envelope in any::<bool>()) {
        let _ = Envelope::decode(&bytes);
        let _ = Frame::decode(Bytes::from(bytes.clone()));
        // The same with beginnings that get past the first checks.
        if as_envelope { bytes.splice(0..0, [1, 0]); } else { bytes.splice(0..0, *b"TNFR\x01"); }
        let _ = Envelope::decode(&bytes);
        let _ = Frame::decode(Bytes::from(bytes));
    }

    #[test]
    fn a_frame_comes_back_and_any_changed_bit_is_refused(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 1..20),
        commit in any::<u64>(),
        position in 0..u64::MAX / 2,
        at in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let slices = leaves.iter().map(Vec::as_slice);
        let frame = Frame::build(&JournalName::governance(), Hash::of(b"before"), commit, position, slices).unwrap();
        let decoded = Frame::decode(frame.bytes().clone()).unwrap();
        prop_assert_eq!(&decoded, &frame);
        prop_assert_eq!(decoded.leaves().map(<[u8]>::to_vec).collect::<Vec<_>>(), leaves.clone());
        prop_assert_eq!(decoded.next_position(), position + leaves.len() as u64);
        let mut changed = frame.bytes().to_vec();
        let at = at.index(changed.len());
        changed[at] ^= 1 << bit;
        prop_assert!(Frame::decode(Bytes::from(changed)).is_err());
        prop_assert!(Frame::decode(frame.bytes().slice(..at)).is_err());
    }
}

#[test]
fn unknown_formats_and_flags_are_refused() {
    let mut bytes = event(0).encode().unwrap();
    bytes[0] = 2;
    assert_eq!(Envelope::decode(&bytes), Err(DecodeError::UnknownFormat(2)));
    bytes[0] = 1;
    bytes[1] = 0x80;
    assert_eq!(
        Envelope::decode(&bytes),
        Err(DecodeError::UnknownFlags(0x80))
    );
}

#[test]
fn an_envelope_is_at_most_one_leaf_long() {
    let mut envelope = event(0);
    envelope.payload.clear();
    let rest = envelope.encode().unwrap().len();
    envelope.payload = vec![b'x'; LEAF_BYTES_MAX - rest];
    assert_eq!(envelope.encode().unwrap().len(), LEAF_BYTES_MAX);
    envelope.payload.push(b'x');
    assert_eq!(
        envelope.encode(),
        Err(EncodeError::TooLong {
            bytes: LEAF_BYTES_MAX + 1
        })
    );
    envelope.payload.clear();
    envelope.stream = "x".repeat(256);
    assert_eq!(
        envelope.encode(),
        Err(EncodeError::PartTooLong {
            part: "stream",
            bytes_max: 255
        })
    );
}

#[test]
fn a_frame_holds_something_and_not_too_much() {
    let build = |leaves: &[&[u8]]| {
        Frame::build(
            &JournalName::governance(),
            Hash::ZERO,
            1,
            0,
            leaves.iter().copied(),
        )
        .map(|_| ())
    };
    assert_eq!(build(&[]), Err(FrameError::Count));
    assert_eq!(
        build(&[&vec![0; 65_536]]),
        Err(FrameError::LeafTooLong(65_536))
    );
    assert!(matches!(
        build(&vec![&vec![0; 65_535][..]; 256]),
        Err(FrameError::TooLong(_))
    ));
}
