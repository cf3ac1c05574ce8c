//! The host program: a control plane on one machine, with no service to install.
//!
//! `cargo run --example scheduler` works a small demo repository to the end. With `--target NAME --repo URL` it works any
//! repository that carries a backlog. `--help` explains each flag.

mod artifacts;
mod environment;
mod host;
mod interrupted;
mod log;

fn main() -> std::process::ExitCode {
    host::main()
}
