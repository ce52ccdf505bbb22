//! Power loss: the writer is stopped, its mounted ext4 image is copied as it is on the disk, the copy is mounted
//! and every acknowledged event looked for. Needs root and loop devices. `LEDGER_POWER_LOSS_ROUNDS=20` runs
//! the long form.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::crash::{Worker, check};
use crate::support::{rounds, skip};
use crate::syncs::killed_at_sync;

/// A mounted image; unmounted when dropped.
pub(crate) struct Mount(PathBuf);

impl Mount {
    pub(crate) fn new(arguments: &[&str], source: &Path, point: &Path) -> Option<Self> {
        std::fs::create_dir_all(point).unwrap();
        run("mount", arguments, &[source, point]).then(|| Self(point.to_owned()))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        run("umount", &[], &[&self.0]);
    }
}

fn run(program: &str, arguments: &[&str], paths: &[&Path]) -> bool {
    let output = Command::new(program).args(arguments).args(paths).output();
    output.is_ok_and(|output| output.status.success())
}

/// A disk of its own: an ext4 image in a file, mounted.
struct Disk {
    _directory: tempfile::TempDir,
    /// Unmounted before the directory goes.
    mount: Option<Mount>,
    image: PathBuf,
}

impl Disk {
    /// `None` where this machine cannot mount one; `test` then says so.
    fn new(test: &str) -> Option<Self> {
        if !rustix::process::geteuid().is_root() {
            skip(test, "mounting needs root");
            return None;
        }
        let directory = tempfile::tempdir().unwrap();
        let image = directory.path().join("disk.img");
        std::fs::File::create(&image)
            .unwrap()
            .set_len(128 * 1024 * 1024)
            .unwrap();
        if !run("mkfs.ext4", &["-q", "-F"], &[&image]) {
            skip(test, "mkfs.ext4 is missing or failed");
            return None;
        }
        let mount = Mount::new(&["-o", "loop"], &image, &directory.path().join("disk"));
        if mount.is_none() {
            skip(test, "loop devices cannot be mounted here");
        }
        mount.map(|mount| Self {
            _directory: directory,
            mount: Some(mount),
            image,
        })
    }

    fn path(&self) -> &Path {
        &self.mount.as_ref().unwrap().0
    }

    /// Checks, in what has reached the disk so far, the ledger of this name.
    fn check_after_power_loss(&self, name: &str, acknowledged: u64) {
        // What the kernel still holds is lost: this reads the image's file, not what is mounted.
        let copy = self.image.with_extension("copy");
        std::fs::copy(&self.image, &copy).unwrap();
        let point = self.image.with_extension("after");
        let mounted = Mount::new(&["-o", "loop"], &copy, &point);
        assert!(mounted.is_some(), "the copied image does not mount");
        check(&point.join(name), acknowledged);
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.mount.take();
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_goes() {
    let Some(disk) = Disk::new("the power-loss test") else {
        return;
    };
    for round in 0..rounds("LEDGER_POWER_LOSS_ROUNDS", 2) {
        let name = format!("ledger-{round}");
        let ledger = disk.path().join(&name);
        let mut writer = Worker::appends(&ledger);
        writer.listen(20 + (round * 53) % 400);
        let acknowledged = writer.stop();
        disk.check_after_power_loss(&name, acknowledged);
        writer.kill();
        std::fs::remove_dir_all(&ledger).unwrap();
    }
}

/// A writer killed between its write and its sync leaves whole records that no disk has. Whoever opens them
/// next must not serve them before a disk has them.
#[test]
fn what_a_killed_writer_left_unsynced_is_not_lost_once_it_is_served() {
    const TEST: &str = "the power-loss test after a kill between write and sync";
    let Some(disk) = Disk::new(TEST) else {
        return;
    };
    let mut unacknowledged = 0;
    for (round, kill_at) in [24, 25, 26, 27].into_iter().enumerate() {
        let name = format!("ledger-{round}");
        let ledger = disk.path().join(&name);
        let Some(acknowledged) = killed_at_sync(&ledger, kill_at) else {
            return skip(TEST, "strace may not trace here");
        };
        let mut reader = Worker::serves(&ledger);
        reader.listen(1);
        let served = reader.stop();
        assert!(served >= acknowledged);
        unacknowledged += served - acknowledged;
        disk.check_after_power_loss(&name, served);
        reader.kill();
    }
    assert!(unacknowledged > 0, "no kill fell between write and sync");
}
