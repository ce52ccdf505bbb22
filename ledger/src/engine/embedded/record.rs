//! Records: how one frame lies in a segment, so that a torn write can be told from later damage.
//!
//! A record fills whole 64-byte blocks: a header, the frame, padding, a mark at the end. In a record that was
//! written whole no sector is zero; a torn write leaves one that is, because the file was zero before. A frame
//! may well hold a sector of zeros. Such a frame is stored under a mask, eight bytes that the header names and
//! that every eight bytes of the frame are combined with by exclusive or.

use std::collections::BTreeSet;

use bytes::Bytes;

use super::segment::is_zero;
use crate::wire::Reader;

pub(super) const BLOCK_BYTES: usize = 64;
/// What a disk writes whole or not at all.
pub(super) const SECTOR_BYTES: usize = 512;
const HEADER_BYTES: usize = 24;
const MAGIC: [u8; 4] = *b"TNRC";
const PADDING: u8 = 0xff;
const END_MARK: [u8; 16] = *b"end of TN record";

/// How many bytes the record of a frame takes.
pub(super) const fn record_bytes(frame_bytes: usize) -> usize {
    (HEADER_BYTES + frame_bytes + END_MARK.len()).next_multiple_of(BLOCK_BYTES)
}

/// Writes the record of `frame` into `out`, replacing what it held.
pub(super) fn encode(frame: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(frame.len()).expect("frames are at most 16 MiB");
    out.clear();
    out.extend_from_slice(&header(length, 0));
    out.extend_from_slice(frame);
    out.resize(record_bytes(frame.len()) - END_MARK.len(), PADDING);
    out.extend_from_slice(&END_MARK);
    let mask = mask_for(out);
    if mask != 0 {
        out[..HEADER_BYTES].copy_from_slice(&header(length, mask));
        combine(&mut out[HEADER_BYTES..HEADER_BYTES + frame.len()], mask);
    }
}

fn header(length: u32, mask: u64) -> [u8; HEADER_BYTES] {
    let mut out = [0; HEADER_BYTES];
    out[..4].copy_from_slice(&MAGIC);
    out[4..8].copy_from_slice(&length.to_be_bytes());
    out[8..16].copy_from_slice(&mask.to_be_bytes());
    out[16..].copy_from_slice(&check(length, mask).to_be_bytes());
    out
}

/// Any one changed bit in the length, in the mask or in this value shows.
fn check(length: u32, mask: u64) -> u64 {
    let length = u64::from(length).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    length ^ mask.wrapping_mul(0xd6e8_feb8_6659_fd93) ^ 0x7472_7573_746e_6574
}

/// A mask under which no sector of this record is zero; 0 where none is as it stands.
fn mask_for(record: &[u8]) -> u64 {
    // Records begin at whole blocks, so a sector is eight blocks that begin anywhere.
    let mut run = 0;
    let has_zero_sector = record.chunks(BLOCK_BYTES).any(|block| {
        run = if is_zero(block) { run + 1 } else { 0 };
        run >= SECTOR_BYTES / BLOCK_BYTES
    });
    if !has_zero_sector {
        return 0;
    }
    // A sector becomes zero under the one mask that it consists of. The largest frame has fewer sectors than
    // these numbers, so one of them is free.
    let uniform: BTreeSet<u64> = record.chunks(BLOCK_BYTES).filter_map(only_word).collect();
    (1..=u64::MAX)
        .find(|mask| !uniform.contains(mask))
        .unwrap_or_default()
}

/// The eight bytes that a block consists of, where it is those over and over.
fn only_word(block: &[u8]) -> Option<u64> {
    let (words, _) = block.as_chunks::<8>();
    let first = words.first()?;
    words
        .iter()
        .all(|word| word == first)
        .then(|| u64::from_be_bytes(*first))
}

fn combine(frame: &mut [u8], mask: u64) {
    for (byte, mask) in frame.iter_mut().zip(mask.to_be_bytes().iter().cycle()) {
        *byte ^= mask;
    }
}

/// The frame length and the mask that the record at the front of `bytes` declares.
fn declared(bytes: &[u8]) -> Option<(usize, u64)> {
    let mut reader = Reader::new(bytes);
    let magic = reader.array::<4>()?;
    let (length, mask) = (reader.u32()?, reader.u64()?);
    let valid = magic == MAGIC && reader.u64()? == check(length, mask);
    valid.then_some((length as usize, mask))
}

/// How long the record at the front of `bytes` declares to be; `None` where no record header stands.
pub(super) fn declared_bytes(bytes: &[u8]) -> Option<usize> {
    declared(bytes).map(|(length, _)| record_bytes(length))
}

/// The frame of the whole record that begins at `from` and ends before `to`, and how long the record is. The
/// frame shares the buffer, unless it was stored under a mask.
pub(super) fn frame_at(bytes: &Bytes, from: usize, to: usize) -> Option<(Bytes, usize)> {
    let record = bytes.get(from..to)?;
    let (length, mask) = declared(record)?;
    let total = record_bytes(length);
    let ends = record.get(total.checked_sub(END_MARK.len())?..total)? == END_MARK;
    let start = from + HEADER_BYTES;
    let frame = ends.then(|| bytes.slice(start..start + length))?;
    if mask == 0 {
        return Some((frame, total));
    }
    let mut frame = frame.to_vec();
    combine(&mut frame, mask);
    Some((frame.into(), total))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Long stretches of the same eight bytes, zeros among them, between other bytes.
    fn frames() -> impl Strategy<Value = Vec<u8>> {
        let word = prop_oneof![Just(0_u64), 1_u64..4, any::<u64>()];
        let stretch = (
            word,
            0_usize..200,
            proptest::collection::vec(any::<u8>(), 0..40),
        );
        proptest::collection::vec(stretch, 0..12).prop_map(|stretches| {
            let bytes = |(word, times, rest): (u64, usize, Vec<u8>)| {
                [word.to_be_bytes().repeat(times), rest].concat()
            };
            stretches.into_iter().flat_map(bytes).collect()
        })
    }

    proptest! {
        #[test]
        fn a_record_gives_its_frame_back_and_has_no_zero_sector(frame in frames(), offset in 0_usize..8) {
            let mut record = Vec::new();
            encode(&frame, &mut record);
            prop_assert_eq!(record.len(), record_bytes(frame.len()));
            // Wherever the sectors begin.
            let offset = (offset * BLOCK_BYTES).min(record.len());
            prop_assert!(record[offset..].chunks(SECTOR_BYTES).all(|sector| !is_zero(sector)));
            let total = record.len();
            let (found, length) = frame_at(&record.into(), 0, total).unwrap();
            prop_assert_eq!(&found[..], &frame[..]);
            prop_assert_eq!(length, total);
        }

        #[test]
        fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..700)) {
            let _ = declared_bytes(&bytes);
            let to = bytes.len();
            let _ = frame_at(&bytes.into(), 0, to);
        }

        #[test]
        fn a_changed_bit_of_the_header_shows(bit in 0_usize..HEADER_BYTES * 8, frame in frames()) {
            let mut record = Vec::new();
            encode(&frame, &mut record);
            record[bit / 8] ^= 1 << (bit % 8);
            prop_assert_eq!(declared_bytes(&record), None);
        }
    }

    #[test]
    fn the_largest_frame_of_zeros_has_a_mask() {
        let frame = vec![0; crate::frame::FRAME_BYTES_MAX];
        let mut record = Vec::new();
        encode(&frame, &mut record);
        assert!(record.chunks(SECTOR_BYTES).all(|sector| !is_zero(sector)));
    }
}
