//! Power loss: the writer is stopped, its mounted ext4 image is copied as it is on the disk, the copy is mounted
//! and every acknowledged event looked for. Needs root and loop devices. `LEDGER_POWER_LOSS_ROUNDS=20` runs
//! the long form.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::crash::{Appender, check};
use crate::support::{rounds, skip};

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

fn signal(process: u32, name: &str) {
    assert!(run("kill", &[name, &process.to_string()], &[]));
}

#[test]
fn nothing_acknowledged_is_lost_when_the_power_goes() {
    const TEST: &str = "the power-loss test";
    if !rustix::process::geteuid().is_root() {
        return skip(TEST, "mounting needs root");
    }
    let directory = tempfile::tempdir().unwrap();
    let image = directory.path().join("disk.img");
    std::fs::File::create(&image)
        .unwrap()
        .set_len(128 * 1024 * 1024)
        .unwrap();
    if !run("mkfs.ext4", &["-q", "-F"], &[&image]) {
        return skip(TEST, "mkfs.ext4 is missing or failed");
    }
    let Some(_disk) = Mount::new(&["-o", "loop"], &image, &directory.path().join("disk")) else {
        return skip(TEST, "loop devices cannot be mounted here");
    };
    for round in 0..rounds("LEDGER_POWER_LOSS_ROUNDS", 2) {
        let ledger = directory
            .path()
            .join("disk")
            .join(format!("ledger-{round}"));
        let mut appender = Appender::start(&ledger);
        appender.wait_for(20 + (round * 53) % 400);
        signal(appender.process.id(), "-STOP");
        let acknowledged = appender.acknowledged;
        // What reached the disk, without what the kernel still holds: cp reads the image's file, not the mount.
        let copy = directory.path().join("copy.img");
        std::fs::copy(&image, &copy).unwrap();
        signal(appender.process.id(), "-CONT");
        appender.kill();
        {
            let point = directory.path().join("after");
            let mounted = Mount::new(&["-o", "loop"], &copy, &point);
            assert!(mounted.is_some(), "the copied image does not mount");
            check(&point.join(format!("ledger-{round}")), acknowledged);
        }
        std::fs::remove_file(&copy).unwrap();
        std::fs::remove_dir_all(&ledger).unwrap();
    }
}
