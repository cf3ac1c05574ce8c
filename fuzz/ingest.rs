//! Posts what the fuzzer makes to the API, as bundles one after another, and holds it to taking each whole or not at all.
//!
//! A line feed ends a bundle, so that what one bundle left in the log meets the next.
#![no_main]
#![allow(clippy::unwrap_used, reason = "what goes wrong here is what the fuzzer looks for")]

#[path = "../leviathan-http/tests/api/whole_or_not.rs"]
mod whole_or_not;

use libfuzzer_sys::fuzz_target;
use whole_or_not::WholeOrNot;

fuzz_target!(|bytes: &[u8]| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let api = WholeOrNot::start().await;
        for body in bytes.split(|byte| *byte == b'\n') {
            api.post(body).await;
        }
        api.finish().await;
    });
});
