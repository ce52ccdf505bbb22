//! The source of randomness that sealing, the vault and key pairs are given.
//!
//! The crate owns no generator of its own choosing: the binary passes the operating system's.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::hash::keyed_digest;

/// A source of random bytes. A production source must be fit for keys.
pub trait Random: Send + Sync {
    /// Fills `out` entirely.
    fn fill(&self, out: &mut [u8]);

    /// Sixteen random bytes.
    fn sixteen(&self) -> [u8; 16] {
        let mut out = [0; 16];
        self.fill(&mut out);
        out
    }
}

/// A repeatable source for tests and for the demo's fixed story: HMAC-SHA-256 of a seed and a counter.
///
/// Whoever knows the seed knows every key made from it; a production ledger must never be given one.
#[derive(Debug)]
pub struct SeededRandom {
    seed: u64,
    counter: AtomicU64,
}

impl SeededRandom {
    /// The source that `seed` determines.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            counter: AtomicU64::new(0),
        }
    }
}

impl Random for SeededRandom {
    fn fill(&self, out: &mut [u8]) {
        for piece in out.chunks_mut(32) {
            let count = self.counter.fetch_add(1, Ordering::Relaxed);
            let block = keyed_digest(
                &self.seed.to_be_bytes(),
                "seeded random",
                &count.to_be_bytes(),
            );
            piece.copy_from_slice(&block.0[..piece.len()]);
        }
    }
}
