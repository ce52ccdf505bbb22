//! Tells cargo to look at the dashboard's files again when they were built anew.

fn main() {
    println!("cargo:rerun-if-changed=../dashboard/dist");
}
