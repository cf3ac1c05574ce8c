//! Has the crate built again when a migration is added: `sqlx::migrate!` alone would not see the new file.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
