//! Operations, given, when, then.

mod duty;
mod interruption;
mod suspension;

use crate::value::OrganisationOid;

fn organisation(number: u32) -> OrganisationOid {
    format!("1.2.246.562.99.{number:011}").parse().unwrap()
}
