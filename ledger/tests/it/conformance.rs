//! What every engine must do. A new engine gets a case in each test and nothing else.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::engine::embedded::EmbeddedEngine;
use ledger::engine::memory::MemoryEngine;
use ledger::engine::{AppendError, Engine, Follow, ReadError, Tail};
use ledger::frame::FRAME_BYTES_MAX;
use ledger::{Frame, Hash, JournalName};
use rstest::rstest;

use crate::support::small_segments;

/// An engine that can be closed and opened again where it keeps anything.
struct Rig {
    directory: Option<tempfile::TempDir>,
    engine: Arc<dyn Engine>,
}

impl Rig {
    fn memory() -> Self {
        Self {
            directory: None,
            engine: Arc::new(MemoryEngine::new()),
        }
    }

    fn embedded() -> Self {
        let directory = tempfile::tempdir().unwrap();
        EmbeddedEngine::create(directory.path(), &small_segments()).unwrap();
        let engine = open_embedded(directory.path());
        Self {
            directory: Some(directory),
            engine,
        }
    }

    fn reopen(&mut self) {
        if let Some(directory) = &self.directory {
            self.engine.close();
            self.engine = open_embedded(directory.path());
        }
    }
}

fn open_embedded(directory: &std::path::Path) -> Arc<dyn Engine> {
    let engine = EmbeddedEngine::open(
        directory,
        &JournalName::governance(),
        &small_segments(),
        Arc::new(()),
    );
    Arc::new(engine.unwrap())
}

fn frame_after(tail: Tail, position: u64, leaves: &[&[u8]]) -> Frame {
    let leaves = leaves.iter().copied();
    Frame::build(
        &JournalName::governance(),
        tail.hash,
        tail.commit + 1,
        position,
        leaves,
    )
    .unwrap()
}

fn append(engine: &dyn Engine, leaf: &[u8]) -> Frame {
    let tail = engine.tail().unwrap();
    let frame = frame_after(tail, tail.commit, &[leaf]);
    assert_eq!(
        engine.append(tail.commit, &frame).unwrap(),
        Tail {
            commit: tail.commit + 1,
            hash: frame.hash()
        }
    );
    frame
}

#[rstest]
#[case::memory(Rig::memory())]
#[case::embedded(Rig::embedded())]
fn an_empty_log_has_no_frames(#[case] rig: Rig) {
    assert_eq!(
        rig.engine.tail().unwrap(),
        Tail {
            commit: 0,
            hash: Hash::ZERO
        }
    );
    assert_eq!(rig.engine.read(1, 1 << 20).unwrap(), []);
}

#[rstest]
#[case::memory(Rig::memory())]
#[case::embedded(Rig::embedded())]
fn frames_come_back_byte_for_byte_in_order_also_after_reopening(#[case] mut rig: Rig) {
    let written: Vec<Frame> = (0..400_u32)
        .map(|number| append(&*rig.engine, &vec![1; 1 + (number as usize * 37) % 2_000]))
        .collect();
    for _ in 0..2 {
        for from in [1, 2, 200, 399, 400] {
            let mut read = Vec::new();
            loop {
                let next = from + read.len() as u64;
                let frames = rig.engine.read(next, 10_000).unwrap();
                if frames.is_empty() {
                    break;
                }
                read.extend(frames);
            }
            assert_eq!(
                read,
                written[usize::try_from(from).unwrap() - 1..],
                "from {from}"
            );
        }
        assert_eq!(rig.engine.read(401, 1).unwrap(), []);
        rig.reopen();
    }
}

#[rstest]
#[case::memory(Rig::memory())]
#[case::embedded(Rig::embedded())]
fn an_expectation_that_is_not_the_tail_changes_nothing(#[case] rig: Rig) {
    let first = append(&*rig.engine, b"first");
    let tail = rig.engine.tail().unwrap();
    let stale = frame_after(Tail::default(), 0, &[b"stale"]);
    assert!(
        matches!(rig.engine.append(0, &stale), Err(AppendError::Conflict { actual }) if actual == tail)
    );
    assert!(
        matches!(rig.engine.append(7, &stale), Err(AppendError::Conflict { actual }) if actual == tail)
    );
    // The right expectation, but a frame that was built on something else.
    assert!(matches!(
        rig.engine.append(1, &stale),
        Err(AppendError::Refused(_))
    ));
    assert_eq!(rig.engine.read(1, 1 << 20).unwrap(), [first]);
}

#[rstest]
#[case::memory(Rig::memory())]
#[case::embedded(Rig::embedded())]
fn of_64_racing_writers_one_wins_each_commit(#[case] rig: Rig) {
    const COMMITS: u64 = 40;
    let won = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for writer in 0..64_u64 {
            let (engine, won) = (&rig.engine, &won);
            scope.spawn(move || {
                loop {
                    let tail = engine.tail().unwrap();
                    if tail.commit >= COMMITS {
                        break;
                    }
                    let frame = frame_after(tail, tail.commit, &[&writer.to_be_bytes()]);
                    match engine.append(tail.commit, &frame) {
                        Ok(_) => won.fetch_add(1, Ordering::Relaxed),
                        Err(AppendError::Conflict { actual }) => {
                            assert!(actual.commit > tail.commit);
                            0
                        }
                        Err(other) => panic!("{other}"),
                    };
                }
            });
        }
    });
    let frames = rig.engine.read(1, 1 << 24).unwrap();
    assert_eq!(frames.len() as u64, won.load(Ordering::Relaxed));
    let mut tail = Tail::default();
    for frame in frames {
        assert_eq!(
            (frame.commit(), frame.previous()),
            (tail.commit + 1, tail.hash)
        );
        tail = Tail {
            commit: frame.commit(),
            hash: frame.hash(),
        };
    }
    assert_eq!(rig.engine.tail().unwrap(), tail);
}

#[rstest]
#[case::memory(Rig::memory())]
#[case::embedded(Rig::embedded())]
#[tokio::test(flavor = "multi_thread")]
async fn followers_see_every_frame_once_and_in_order_while_writers_write(#[case] rig: Rig) {
    const FRAMES: u64 = 300;
    for _ in 0..50 {
        append(&*rig.engine, b"before");
    }
    let followers: Vec<_> = [1, 25, 51, 120]
        .into_iter()
        .map(|from| {
            let mut follow = Follow::new(Arc::clone(&rig.engine), from);
            tokio::spawn(async move {
                let mut seen = Vec::new();
                while seen.last() != Some(&FRAMES) {
                    seen.push(follow.next().await.unwrap().commit());
                }
                (from, seen)
            })
        })
        .collect();
    let engine = Arc::clone(&rig.engine);
    tokio::task::spawn_blocking(move || {
        for _ in 50..FRAMES {
            append(&*engine, b"live");
        }
    })
    .await
    .unwrap();
    for follower in followers {
        let (from, seen) = follower.await.unwrap();
        assert_eq!(seen, (from..=FRAMES).collect::<Vec<_>>());
    }
}

#[rstest]
#[case::memory(Rig::memory())]
#[case::embedded(Rig::embedded())]
#[tokio::test]
async fn closing_ends_writers_and_followers(#[case] rig: Rig) {
    append(&*rig.engine, b"one");
    let mut follow = Follow::new(Arc::clone(&rig.engine), 1);
    assert_eq!(follow.next().await.unwrap().commit(), 1);
    rig.engine.close();
    assert!(matches!(follow.next().await, Err(ReadError::Closed)));
    assert!(!rig.engine.is_writable());
    let next = frame_after(
        Tail {
            commit: 1,
            hash: Hash::ZERO,
        },
        1,
        &[b"two"],
    );
    assert!(matches!(
        rig.engine.append(1, &next),
        Err(AppendError::Ended)
    ));
}

#[rstest]
#[case::memory(Rig::memory())]
#[case::embedded(Rig::embedded())]
fn the_largest_frame_is_taken_and_read_again(#[case] mut rig: Rig) {
    append(&*rig.engine, b"small");
    let leaf = vec![0x5a; 65_535];
    let leaves = vec![&leaf[..]; 255];
    let tail = rig.engine.tail().unwrap();
    let big = frame_after(tail, 1, &leaves);
    assert!(big.bytes().len() > FRAME_BYTES_MAX - 100_000);
    rig.engine.append(1, &big).unwrap();
    let small = frame_after(rig.engine.tail().unwrap(), 256, &[b"small again"]);
    rig.engine.append(2, &small).unwrap();
    for _ in 0..2 {
        assert_eq!(rig.engine.read(2, 1).unwrap(), std::slice::from_ref(&big));
        assert_eq!(rig.engine.read(3, 1).unwrap(), std::slice::from_ref(&small));
        rig.reopen();
    }
}
