//! The tests of the log as its users see it: every engine through one suite, and the embedded engine through
//! crashes, damage and full disks. One binary, so that it links once.

#[cfg(test)]
mod codec;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod directory;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod power_loss;
#[cfg(test)]
mod sealing;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod support;
#[cfg(test)]
mod syncs;
