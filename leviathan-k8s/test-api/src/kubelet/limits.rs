//! `Limits`: what a pod may take of the node, looked at every now and then, as nothing tells.

use crate::world::text;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(20);
/// As many CPUs as the node has.
const CPUS: u64 = 1024;

/// What a container took too much of.
pub(super) enum Exceeded {
    Memory,
    /// With what its node says of it.
    Disk(String),
}

/// What a container and its pod may take of the node.
pub(super) struct Limits {
    memory: Option<u64>,
    /// Each volume with its name, its folder and its size.
    volumes: Vec<(String, PathBuf, u64)>,
}

impl Limits {
    pub(super) fn of(pod: &Value, container: &Value, folder: &Path) -> Self {
        let memory = bytes(&container["resources"]["limits"]["memory"]);
        let volumes = pod["volumes"].as_array().into_iter().flatten().filter_map(|volume| {
            let (name, size) = (text(&volume["name"]), bytes(&volume["emptyDir"]["sizeLimit"])?);
            Some((name.clone(), folder.join("volumes").join(name), size))
        });
        Self { memory, volumes: volumes.collect() }
    }

    /// Returns once this process, or one of the pod's volumes, is too large.
    pub(super) async fn exceeded(&self, pid: Option<u32>) -> Exceeded {
        loop {
            if self.memory.is_some_and(|limit| pid.and_then(resident) > Some(limit)) {
                return Exceeded::Memory;
            }
            if let Some((name, _, limit)) = self.volumes.iter().find(|(_, place, limit)| size(place) > *limit)
            {
                let mebibytes = limit >> 20;
                let message =
                    format!("Usage of EmptyDir volume {name:?} exceeds the limit \"{mebibytes}Mi\". ");
                return Exceeded::Disk(message);
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Whether the pod asks for more CPUs than its node has.
pub(super) fn asks_for_too_much(pod: &Value) -> bool {
    let containers = pod["containers"].as_array().into_iter().flatten();
    let asked = containers.filter_map(|container| {
        let cpus = &container["resources"]["requests"]["cpu"];
        cpus.as_str()?.parse::<u64>().ok()
    });
    asked.sum::<u64>() > CPUS
}

/// An amount as Kubernetes writes it, where it is one of those that our Jobs have.
fn bytes(amount: &Value) -> Option<u64> {
    let amount = amount.as_str()?;
    let (number, unit) = amount.split_at(amount.find(|c: char| !c.is_ascii_digit()).unwrap_or(amount.len()));
    let shift = match unit {
        "" => 0,
        "Ki" => 10,
        "Mi" => 20,
        "Gi" => 30,
        _ => return None,
    };
    Some(number.parse::<u64>().ok()? << shift)
}

/// How much memory a process has.
fn resident(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? << 10)
}

/// How large the files of a folder are together.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let about = entry.metadata().ok()?;
            Some(if about.is_dir() { size(&entry.path()) } else { about.len() })
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read() {
        let read = |text: &str| bytes(&text.into());
        assert_eq!(["7", "2Ki", "64Mi", "1Gi"].map(read), [7, 2 << 10, 64 << 20, 1 << 30].map(Some));
        assert_eq!((read("1T"), bytes(&Value::Null)), (None, None));
    }

    #[test]
    fn what_a_process_has_in_memory_is_known() {
        assert!(resident(std::process::id()).is_some_and(|bytes| bytes > 1 << 20));
    }
}
