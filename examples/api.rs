//! The control plane's API by itself, in front of a log that others work: any number of these may stand before one
//! database. It is configured by its environment; `--help` names each variable.

mod artifacts;
mod environment;
mod interrupted;
mod log;
mod serving;

fn main() -> std::process::ExitCode {
    serving::main()
}
