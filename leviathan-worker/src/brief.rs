//! `Brief`: what an attempt is asked to do, as the base commit says it.

use crate::Failure;
use leviathan_core::backlog::Backlog;
use leviathan_core::event::payload::TaskFields;
use leviathan_core::executor::Cause;
use leviathan_core::id::TaskId;
use leviathan_core::policy::Policy;

/// Where a repository keeps its backlog.
pub(crate) const BACKLOG_FILE: &str = Backlog::PATH;
/// Where a repository keeps its policy.
pub(crate) const POLICY_FILE: &str = Policy::PATH;

/// The task and the rules that it is done by.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Brief {
    pub(crate) task: TaskFields,
    pub(crate) policy: Policy,
}

impl Brief {
    /// Reads it from the two files of the base commit; a repository without a policy asks for nothing.
    ///
    /// # Errors
    /// `config_error` if the task is not in the backlog, or a file cannot be used; the sentence names file, line and field.
    pub(crate) fn read(id: &TaskId, backlog: Option<&[u8]>, policy: Option<&[u8]>) -> Result<Self, Failure> {
        let config_error = |summary: String| Failure::new(Cause::ConfigError, summary);
        let backlog = backlog
            .ok_or_else(|| config_error(format!("the base commit has no {BACKLOG_FILE}")))
            .and_then(|bytes| text(bytes, BACKLOG_FILE))?;
        let backlog =
            Backlog::parse(backlog, BACKLOG_FILE).map_err(|error| config_error(error.to_string()))?;
        let task = backlog.tasks.into_iter().find(|task| task.task_id == *id).ok_or_else(|| {
            let faults: Vec<_> = backlog.faults.iter().map(ToString::to_string).collect();
            let faulty = backlog.left_out.contains(id);
            config_error(if faulty {
                format!("task {id} cannot be read: {}", faults.join("; "))
            } else {
                format!("task {id} is not in {BACKLOG_FILE} of the base commit")
            })
        })?;
        let policy = match policy {
            Some(bytes) => Policy::parse(text(bytes, POLICY_FILE)?, POLICY_FILE)
                .map_err(|error| config_error(error.to_string()))?,
            None => Policy::default(),
        };
        Ok(Self { task, policy })
    }
}

fn text<'a>(bytes: &'a [u8], file: &str) -> Result<&'a str, Failure> {
    std::str::from_utf8(bytes)
        .map_err(|error| Failure::new(Cause::ConfigError, format!("{file} is not UTF-8: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brief(backlog: Option<&str>, policy: Option<&str>) -> Result<Brief, String> {
        let id = TaskId::new("docs").unwrap();
        let read = Brief::read(&id, backlog.map(str::as_bytes), policy.map(str::as_bytes));
        read.map_err(|failure| {
            assert_eq!(failure.cause, Cause::ConfigError);
            failure.summary
        })
    }

    #[test]
    fn a_task_is_found_and_no_policy_is_an_empty_one() {
        let brief = brief(Some("- id: docs\n  title: Write\n"), None).unwrap();
        assert_eq!((brief.task.title.as_str(), brief.policy), ("Write", Policy::default()));
    }

    #[test]
    fn what_is_missing_or_wrong_is_said_with_its_place() {
        let contains = |got: Result<Brief, String>, part: &str| {
            let got = got.unwrap_err();
            assert!(got.contains(part), "{got}");
        };
        contains(brief(None, None), "no .leviathan/backlog.yaml");
        contains(brief(Some("- id: other\n  title: x\n"), None), "task docs is not in");
        contains(brief(Some("- id: docs\n  title: x\n  priority: 7\n"), None), "backlog.yaml:3");
        contains(brief(Some("- id: docs\n  title: x\n"), Some("checks: 7\n")), "policy.yaml:1");
        contains(brief(Some("tasks: ["), None), "backlog.yaml");
    }
}
