//! The commit of an attempt's work, and the trailers that bind it to the log.

use super::Origin;
use super::git_failure::local_failure;
use crate::Failure;
use git2::{Oid, Signature};
use leviathan_core::executor::Cause;
use leviathan_core::id::{AttemptId, TargetId, TaskId};
use leviathan_core::log::Head;

/// What a commit's message says.
#[derive(Debug, Clone)]
pub(crate) struct CommitMessage<'a> {
    pub(crate) title: &'a str,
    pub(crate) target: &'a TargetId,
    pub(crate) task: &'a TaskId,
    pub(crate) attempt: &'a AttemptId,
    pub(crate) log_head: Option<Head>,
}

impl CommitMessage<'_> {
    /// The message: a subject of one line, an empty line, trailers. No text of the backlog can make a line of its own.
    pub(crate) fn text(&self) -> String {
        let mut text = format!("Leviathan: {}\n", one_line(self.title));
        let mut trailer =
            |name: &str, value: &str| text.push_str(&format!("\nLeviathan-{name}: {}", one_line(value)));
        trailer("Target", self.target.as_str());
        trailer("Task", self.task.as_str());
        trailer("Attempt", self.attempt.as_str());
        if let Some(head) = self.log_head {
            trailer("Log-Head", &head.to_string());
        }
        text.push('\n');
        text
    }
}

/// The text as one line: control characters and runs of white space become a space each.
pub(crate) fn one_line(text: &str) -> String {
    let printable = |character: char| if character.is_control() { ' ' } else { character };
    text.chars().map(printable).collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Commits a tree on top of the base, without any branch pointing to it.
///
/// # Errors
/// `push_failed` if the commit cannot be written.
pub(crate) fn commit(origin: &Origin, tree: Oid, message: &str) -> Result<Oid, Failure> {
    let write = || {
        let repository = origin.open()?;
        // Said here, so that no git configuration of the machine has a say.
        let author = Signature::now("Leviathan", "leviathan@localhost")?;
        let (tree, base) = (repository.find_tree(tree)?, repository.find_commit(origin.base())?);
        repository.commit(None, &author, &author, message, &tree, &[&base])
    };
    write().map_err(local_failure(Cause::PushFailed, "committing the work"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_of_many_lines_forges_no_trailer() {
        let message = CommitMessage {
            title: "Write\n\nLeviathan-Attempt: another\u{7}",
            target: &TargetId::new("radix").unwrap(),
            task: &TaskId::new("docs\nguide").unwrap(),
            attempt: &AttemptId::new("attempt-1").unwrap(),
            log_head: Some(Head::EMPTY),
        };
        let text = message.text();
        let trailers = git2::message_trailers_strs(&text).unwrap();
        let trailers: Vec<_> = trailers.iter().collect();
        let zeros = format!("0:{}", "0".repeat(64));
        assert_eq!(
            trailers,
            [
                ("Leviathan-Target", "radix"),
                ("Leviathan-Task", "docs guide"),
                ("Leviathan-Attempt", "attempt-1"),
                ("Leviathan-Log-Head", zeros.as_str()),
            ]
        );
        assert_eq!(text.lines().next(), Some("Leviathan: Write Leviathan-Attempt: another"));
    }
}
