//! What a pull request says of the work that it asks to be merged.

use crate::text::clip;
use crate::workspace::one_line;
use leviathan_core::event::payload::TaskFields;
use leviathan_core::id::{AttemptId, TargetId};
use leviathan_core::log::Head;
use std::num::NonZeroU32;

/// The longest title that a forge takes, in bytes, and so surely in characters.
const TITLE_LIMIT: usize = 250;
/// The longest text, in bytes; GitHub takes 65,536 characters.
const BODY_LIMIT: usize = 60_000;
/// How many bytes of a description it repeats.
const DESCRIPTION_SHOWN: usize = 15_000;
/// How many checks and criteria it lists, each.
const LISTED: usize = 40;
/// How many bytes of one of them it shows.
const ITEM_SHOWN: usize = 400;

/// What is known of the work.
#[derive(Debug)]
pub(super) struct PullRequestText<'a> {
    pub(super) target: &'a TargetId,
    pub(super) task: &'a TaskFields,
    pub(super) attempt: &'a AttemptId,
    /// Which one of the task's it is, if that was told.
    pub(super) attempt_number: Option<NonZeroU32>,
    pub(super) commit: &'a str,
    /// The command lines that passed.
    pub(super) checks: &'a [String],
    /// The round in which they did.
    pub(super) round: u32,
    /// What failed in each round before, in their order.
    pub(super) repaired: &'a [String],
    /// What the model's calls cost in US dollars, if that was told.
    pub(super) cost_usd: Option<f64>,
    pub(super) log_head: Option<Head>,
}

impl PullRequestText<'_> {
    pub(super) fn title(&self) -> String {
        let title = if self.task.title.is_empty() { self.task.task_id.as_str() } else { &self.task.title };
        clip(&quiet(&format!("Leviathan: {}", one_line(title))), TITLE_LIMIT)
    }

    /// The text, in Markdown. The head of the log in it makes the forge a witness of the log.
    pub(super) fn body(&self) -> String {
        let mut body =
            format!("Task {} of target {}.\n", code(self.task.task_id.as_str()), code(self.target.as_str()));
        if !self.task.description.trim().is_empty() {
            body += &format!("\n{}\n", quiet(&clip(self.task.description.trim(), DESCRIPTION_SHOWN)));
        }
        let criteria = self
            .task
            .acceptance_criteria
            .iter()
            .map(|criterion| quiet(&clip(&one_line(criterion), ITEM_SHOWN)));
        body += &list("Acceptance criteria", criteria);
        let rounds = if self.round == 1 {
            "in the first round".to_owned()
        } else {
            format!("in round {}", self.round)
        };
        if self.checks.is_empty() {
            body += "\nThe repository's policy names no checks.\n";
        } else {
            body += &list(
                &format!("Checks, all passed {rounds}"),
                self.checks.iter().map(|check| code(&clip(check, ITEM_SHOWN))),
            );
        }
        let failed = self.repaired.iter().enumerate();
        body += &list(
            "Failed before, and repaired",
            failed.map(|(round, check)| format!("round {}: {}", round + 1, code(&clip(check, ITEM_SHOWN)))),
        );
        let number =
            self.attempt_number.map(|number| format!(", number {number} of the task")).unwrap_or_default();
        body += &format!("\n---\n\n- attempt {}{number}\n", code(self.attempt.as_str()));
        body += &format!("- commit {}\n", self.commit);
        if let Some(cost) = self.cost_usd {
            body += &format!("- cost {cost:.2} USD, as its worker says\n");
        }
        if let Some(head) = self.log_head {
            body += &format!("- log position {}, head {}\n", head.position, code(&head.to_string()));
        }
        clip(&body, BODY_LIMIT)
    }
}

/// A heading and a list below it; nothing for an empty one.
fn list(heading: &str, items: impl ExactSizeIterator<Item = String>) -> String {
    if items.len() == 0 {
        return String::new();
    }
    let more = items.len().saturating_sub(LISTED);
    let mut text = format!("\n**{heading}**\n\n");
    items.take(LISTED).for_each(|item| text += &format!("- {item}\n"));
    if more > 0 {
        text += &format!("- and {more} more\n");
    }
    text
}

/// Text that calls nobody and hides nothing: no `@name` is a mention, and no comment of HTML is unseen by who reads the page.
fn quiet(text: &str) -> String {
    text.replace('@', "@\u{200b}").replace("<!--", "&lt;!--")
}

/// Text that is shown as it is, on one line: set between more backticks than it holds in a row.
fn code(text: &str) -> String {
    let text = one_line(text);
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use leviathan_core::backlog::Backlog;

    fn task(yaml: &str) -> TaskFields {
        Backlog::parse(yaml, "backlog.yaml").unwrap().tasks.remove(0)
    }

    fn text<'a>(
        task: &'a TaskFields,
        ids: &'a (TargetId, AttemptId),
        checks: &'a [String],
    ) -> PullRequestText<'a> {
        PullRequestText {
            target: &ids.0,
            task,
            attempt: &ids.1,
            attempt_number: NonZeroU32::new(2),
            commit: "c0ffee",
            checks,
            round: 2,
            repaired: &[],
            cost_usd: Some(1.5),
            log_head: Some(Head::EMPTY),
        }
    }

    fn ids() -> (TargetId, AttemptId) {
        (TargetId::new("radix").unwrap(), AttemptId::new("attempt-1").unwrap())
    }

    #[test]
    fn it_says_what_was_asked_what_was_checked_and_where_the_log_stood() {
        let task = task(
            "- {id: docs, title: \"Write\\nthe guide\", description: For newcomers., acceptance_criteria: [it builds]}",
        );
        let (ids, checks) = (ids(), ["cargo test".to_owned(), "a `b`".to_owned()]);
        let text = text(&task, &ids, &checks);
        assert_eq!(text.title(), "Leviathan: Write the guide");
        let expected = format!(
            "Task `docs` of target `radix`.\n\nFor newcomers.\n\n**Acceptance criteria**\n\n- it builds\n\n\
             **Checks, all passed in round 2**\n\n- `cargo test`\n- `` a `b` ``\n\n---\n\n- attempt `attempt-1`, number 2 of the task\n\
             - commit c0ffee\n- cost 1.50 USD, as its worker says\n- log position 0, head `{}`\n",
            Head::EMPTY
        );
        assert_eq!(text.body(), expected);
    }

    #[test]
    fn it_says_what_was_repaired_calls_nobody_and_hides_nothing() {
        let task = task(
            "- {id: docs, title: Ask @team, description: 'Ping @acme/all. <!-- obey -->', acceptance_criteria: ['@bob agrees']}",
        );
        let (ids, checks) = (ids(), ["cargo test".to_owned()]);
        let repaired = ["cargo test `x`".to_owned()];
        let text = PullRequestText { repaired: &repaired, ..text(&task, &ids, &checks) };
        assert_eq!(text.title(), "Leviathan: Ask @\u{200b}team");
        let body = text.body();
        let expected = "**Failed before, and repaired**\n\n- round 1: `` cargo test `x` ``\n";
        assert!(body.contains(expected), "{body}");
        for (index, _) in body.match_indices('@') {
            assert!(body[index..].starts_with("@\u{200b}"), "{body}");
        }
        assert!(!body.contains("<!--") && body.contains("&lt;!-- obey"), "{body}");
    }

    #[test]
    fn however_long_a_task_is_the_forge_takes_its_words() {
        let long = "\u{1f40b}".repeat(100_000);
        let task = TaskFields {
            title: long.clone(),
            acceptance_criteria: vec![long.clone(); 99],
            description: long,
            ..task("- {id: docs, title: x}")
        };
        let (ids, checks) = (ids(), vec!["true ".repeat(1000); 100_000]);
        let text = text(&task, &ids, &checks);
        assert!(text.title().chars().count() <= 256);
        assert!(text.body().len() <= 65_536 && text.body().contains("log position"), "{}", text.body().len());
        assert!(text.body().contains("and 99960 more"));
    }
}
