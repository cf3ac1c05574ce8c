//! A command line over the control plane's API: what there is, why something does not run, and what operators order.

mod operator;
mod witness;

fn main() -> std::process::ExitCode {
    operator::main()
}
