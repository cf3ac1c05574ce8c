//! A cluster for whoever wants to try something: the fake API, with a kubelet that runs pods as processes of this machine.
//!
//! `cargo run -p leviathan-test-kube-api --example cluster -- KUBECONFIG [IMAGE[=PROGRAM]]…` writes a kubeconfig that may
//! do everything, and serves until its standard input ends. A container of an IMAGE runs PROGRAM, or what its pod says.

#![allow(clippy::print_stdout, reason = "it speaks on the terminal")]

use leviathan_test_kube_api::{FakeKube, Image, Kubelet};
use std::collections::BTreeMap;
use std::io::Read;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let kubeconfig = arguments.next().ok_or("where is the kubeconfig to be written?")?;
    let images: BTreeMap<String, Image> = arguments
        .map(|image| {
            let (name, command) = match image.split_once('=') {
                Some((name, program)) => (name, vec![program.to_owned()]),
                None => (image.as_str(), Vec::new()),
            };
            // Workers look for it there, and it cannot be made here.
            let env = vec![("LEVIATHAN_FINAL_MESSAGE".to_owned(), "/dev/termination-log".to_owned())];
            (name.to_owned(), Image { command, env })
        })
        .collect();
    let kube = FakeKube::start();
    let _kubelet = Kubelet::start(&kube, move |name| images.get(name).cloned());
    std::fs::write(&kubeconfig, kube.kubeconfig(kube.admin_token()))?;
    println!("{} by {kubeconfig}, until the input ends", kube.url());
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}
