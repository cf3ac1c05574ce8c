//! Reading `.leviathan/backlog.yaml`.

use super::read_task::read_task;
use super::{Backlog, Cycle, MAX_TASKS};
use crate::BadFile;
use crate::event::payload::TaskFields;
use crate::id::TaskId;
use crate::yaml::{Document, Entry, Faults};
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

impl Backlog {
    /// Reads the text of a backlog file: a mapping with `tasks`, or a bare list of them. `file` names it in messages.
    ///
    /// A task with a fault is left out and said; the others are read. Fields that are not known are ignored.
    ///
    /// # Errors
    /// [`BadFile`] if the file as a whole is none: then nothing is known of its tasks, not even that there are none.
    pub fn parse(text: &str, file: &str) -> Result<Self, BadFile> {
        let document = Document::read(file, text)?;
        let mut faults = Faults::new(file);
        let mut backlog = Self::default();
        let root = document.root();
        let Some(list) = task_list(&root, &mut backlog, &mut faults) else {
            return faults.or(None);
        };
        let entries = read_tasks(&list, &mut backlog, &mut faults);
        say_unknown_dependencies(&backlog, &entries, &mut faults);
        backlog.cycles = Cycle::find(&backlog.tasks);
        say_cycles(&backlog, &entries, &mut faults);
        backlog.faults = faults.into_list();
        Ok(backlog)
    }
}

/// Where a task and its dependencies stand.
type Entries<'d> = BTreeMap<TaskId, Entry<'d>>;

/// The entries of the tasks, from either form of the file; none if it is of neither, or of a version to come.
fn task_list<'d>(root: &Entry<'d>, backlog: &mut Backlog, faults: &mut Faults) -> Option<Vec<Entry<'d>>> {
    let list = if root.is_null() || root.is_list() {
        root.list(faults)
    } else {
        let fields = root.fields(faults)?;
        if let Some(version) = fields.get("version") {
            version.whole(faults, 1..=1)?;
        }
        let limit = fields.get("max_open_prs").and_then(|entry| entry.whole(faults, 1..=u64::from(u32::MAX)));
        backlog.max_open_prs = limit.and_then(|limit| u32::try_from(limit).ok()).and_then(NonZeroU32::new);
        match fields.get("tasks") {
            Some(tasks) if !tasks.is_list() => {
                tasks.fault(faults, "expected a list of tasks");
                return None;
            }
            Some(tasks) => tasks.list(faults),
            // `tasks:` and nothing more is a backlog in which everything is done.
            None if fields.has("tasks") => Vec::new(),
            None => {
                fields.require("tasks", faults);
                return None;
            }
        }
    };
    if list.len() > MAX_TASKS {
        root.fault(faults, format!("holds {} tasks; at most {MAX_TASKS} are read", list.len()));
        return None;
    }
    Some(list)
}

/// Reads each task by itself, and gives the entries of those that are in order.
fn read_tasks<'d>(list: &[Entry<'d>], backlog: &mut Backlog, faults: &mut Faults) -> Entries<'d> {
    let mut lines: BTreeMap<TaskId, u64> = BTreeMap::new();
    let mut entries = Entries::new();
    for (order, entry) in list.iter().enumerate() {
        let found_before = faults.found();
        let Some(task) = read_task(entry, order, faults) else { continue };
        if let Some(first) = lines.get(&task.task_id) {
            let what =
                format!("`{}` is the id of the task in line {first} as well; that one is read", task.task_id);
            entry.fault(faults, what);
            continue;
        }
        lines.insert(task.task_id.clone(), entry.line());
        if faults.found() > found_before {
            backlog.left_out.insert(task.task_id);
        } else {
            entries.insert(task.task_id.clone(), entry.clone());
            backlog.tasks.push(task);
        }
    }
    entries
}

fn say_unknown_dependencies(backlog: &Backlog, entries: &Entries<'_>, faults: &mut Faults) {
    for task in &backlog.tasks {
        let known = |id: &TaskId| entries.contains_key(id) || backlog.left_out.contains(id);
        for id in task.dependencies.iter().filter(|id| !known(id)) {
            let what =
                format!("`{}` depends on `{id}`, which is not in the backlog; it waits for it", task.task_id);
            say_of_dependencies(task, entries, what, faults);
        }
    }
}

/// Says it once of each member, by the first cycle that it is in.
fn say_cycles(backlog: &Backlog, entries: &Entries<'_>, faults: &mut Faults) {
    let by_id: BTreeMap<&TaskId, &TaskFields> =
        backlog.tasks.iter().map(|task| (&task.task_id, task)).collect();
    let mut said = BTreeSet::new();
    for cycle in &backlog.cycles {
        for member in cycle.members().iter().filter(|member| said.insert(*member)) {
            let Some(task) = by_id.get(member) else { continue };
            let what =
                format!("`{member}` waits for itself, so it never starts: {}", cycle.starting_at(member));
            say_of_dependencies(task, entries, what, faults);
        }
    }
}

/// Says what is wrong with the dependencies of a task, where they stand.
fn say_of_dependencies(task: &TaskFields, entries: &Entries<'_>, what: String, faults: &mut Faults) {
    let Some(entry) = entries.get(&task.task_id) else { return };
    match entry.child("dependencies") {
        Some(dependencies) => dependencies.fault(faults, what),
        None => entry.fault(faults, what),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backlog::{Priority, TaskStatus};

    fn parse(text: &str) -> Backlog {
        Backlog::parse(text, "b.yaml").unwrap()
    }

    fn ids(backlog: &Backlog) -> Vec<&str> {
        backlog.tasks.iter().map(|task| task.task_id.as_str()).collect()
    }

    fn faults(backlog: &Backlog) -> Vec<String> {
        backlog.faults.iter().map(ToString::to_string).collect()
    }

    const WHOLE: &str = "\
version: 1
max_open_prs: 2
tasks:
  - id: docs-guide
    title: Write
      the guide
    description: |
      Line one.
      Line two.
    scope: docs
    priority: high
    estimated_size: small
    ready: true
    dependencies: [other-id, other-id]
    allowed_paths: [docs/GUIDE.md, docs/, 'src/*.rs']
    acceptance_criteria: [it is there, 2]
    labels: [yes, a]
    status: pr_opened
    owner: somebody
  - task_id: other-id
";

    #[test]
    fn a_whole_backlog_is_read() {
        let backlog = parse(WHOLE);
        assert_eq!(faults(&backlog), [""; 0]);
        assert_eq!(backlog.max_open_prs, NonZeroU32::new(2));
        let id = |text| TaskId::new(text).unwrap();
        let list = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(
            backlog.tasks[0],
            TaskFields {
                task_id: id("docs-guide"),
                target_id: None,
                title: "Write the guide".to_owned(),
                description: "Line one.\nLine two.\n".to_owned(),
                scope: "docs".to_owned(),
                priority: Priority::High,
                estimated_size: "small".to_owned(),
                allowed_paths: list(&["docs/GUIDE.md", "docs/", "src/*.rs"]),
                acceptance_criteria: list(&["it is there", "2"]),
                dependencies: vec![id("other-id")],
                labels: list(&["yes", "a"]),
                ready: true,
                status: TaskStatus::PrOpened,
                order: 0,
            }
        );
        let other = &backlog.tasks[1];
        assert_eq!((other.title.as_str(), other.ready, other.order), ("other-id", false, 1));
        assert_eq!((other.priority, other.status), (Priority::Medium, TaskStatus::Pending));
    }

    #[test]
    fn a_bare_list_is_a_backlog_and_so_is_an_empty_one() {
        assert_eq!(ids(&parse("- id: a\n- id: b\n")), ["a", "b"]);
        for text in ["", "[]", "tasks: []", "tasks:\n"] {
            assert_eq!(parse(text), Backlog::default(), "{text:?}");
        }
    }

    #[test]
    fn one_bad_task_does_not_hide_the_others() {
        let backlog = parse(
            "\
tasks:
  - id: good-1
  - id: bad-1
    priority: urgent
    ready: perhaps
  - title: nameless
  - just text
  - id: good-2
    title: 12
  - id: bad-2
    acceptance_criteria:
      - It has: a colon
    allowed_paths: [docs/../x, .git/]
  - id: bad-3
    title: one
    title: two
  - id: good-3
    dependencies: [bad-1]
",
        );
        assert_eq!(ids(&backlog), ["good-1", "good-2", "good-3"]);
        assert_eq!(backlog.tasks[2].order, 7);
        let left_out: Vec<&str> = backlog.left_out.iter().map(TaskId::as_str).collect();
        assert_eq!(left_out, ["bad-1", "bad-2", "bad-3"]);
        assert_eq!(
            faults(&backlog),
            [
                "b.yaml:4: tasks[1].priority: expected one of high, medium, low, found `urgent`",
                "b.yaml:5: tasks[1].ready: expected `true` or `false`, found `perhaps`",
                "b.yaml:6: tasks[2].id: is missing",
                "b.yaml:7: tasks[3]: expected a mapping, found `just text`",
                "b.yaml:12: tasks[5].acceptance_criteria[0]: expected text, found a mapping; put quotes around text \
                 that holds `: `",
                "b.yaml:13: tasks[5].allowed_paths[0]: the pattern holds a part such as `..` that leads elsewhere",
                "b.yaml:13: tasks[5].allowed_paths[1]: the pattern leads into `.git`",
                "b.yaml:16: tasks[6].title: stands here again; the first is in line 15",
            ]
        );
    }

    #[test]
    fn of_two_tasks_with_one_id_the_first_is_read() {
        let backlog =
            parse("- {id: a, title: one}\n- {id: a, title: two}\n- {id: b, task_id: c}\n- {id: ''}\n");
        assert_eq!(ids(&backlog), ["a"]);
        assert_eq!(backlog.tasks[0].title, "one");
        assert_eq!(
            faults(&backlog),
            [
                "b.yaml:2: [1]: `a` is the id of the task in line 1 as well; that one is read",
                "b.yaml:3: [2].task_id: differs from `id`, which is `b`; one of the two is enough",
                "b.yaml:4: [3].id: expected text that is not empty",
            ]
        );
    }

    #[test]
    fn a_dependency_that_is_not_there_is_told_and_the_task_stays() {
        let backlog = parse("- id: a\n  dependencies: [ghost]\n");
        assert_eq!(ids(&backlog), ["a"]);
        assert_eq!(
            faults(&backlog),
            [
                "b.yaml:2: [0].dependencies: `a` depends on `ghost`, which is not in the backlog; it waits for it"
            ]
        );
    }

    #[test]
    fn each_member_of_a_cycle_is_told_and_stays() {
        let backlog = parse(
            "- {id: a, dependencies: [b]}\n- {id: b, dependencies: [a]}\n- {id: c, dependencies: [a]}\n",
        );
        assert_eq!(ids(&backlog), ["a", "b", "c"]);
        assert_eq!(
            faults(&backlog),
            [
                "b.yaml:1: [0].dependencies: `a` waits for itself, so it never starts: a -> b -> a",
                "b.yaml:2: [1].dependencies: `b` waits for itself, so it never starts: b -> a -> b",
            ]
        );
        let id = |text| TaskId::new(text).unwrap();
        assert_eq!(backlog.cycle_of(&id("b")), Some(&backlog.cycles[0]));
        assert_eq!(backlog.cycle_of(&id("c")), None);
    }

    #[test]
    fn a_file_that_is_no_backlog_says_nothing_of_its_tasks() {
        for (text, expected) in [
            ("tasks: [", "b.yaml:1: not readable as YAML: unclosed bracket '['"),
            ("task:\n  - id: a", "b.yaml:1: tasks: is missing"),
            ("tasks: {a: 1}", "b.yaml:1: tasks: expected a list of tasks"),
            ("version: 2\ntasks: []", "b.yaml:1: version: expected a whole number from 1 to 1, found `2`"),
            ("some text", "b.yaml:1: expected a mapping, found `some text`"),
        ] {
            assert_eq!(Backlog::parse(text, "b.yaml").unwrap_err().to_string(), expected);
        }
        let many = "- id: a\n".repeat(MAX_TASKS + 1);
        let error = Backlog::parse(&many, "b.yaml").unwrap_err().to_string();
        assert_eq!(error, "b.yaml:1: holds 5001 tasks; at most 5000 are read");
    }

    #[test]
    fn a_task_too_large_for_an_event_is_left_out() {
        let backlog = parse(&format!("- {{id: a, description: {}}}\n- {{id: b}}\n", "x".repeat(200_000)));
        assert_eq!(ids(&backlog), ["b"]);
        assert!(faults(&backlog)[0].contains("at most 131072"));
    }

    #[test]
    fn text_that_an_event_cannot_hold_is_told() {
        let backlog = parse("- {id: a, description: \"x\\0\"}\n");
        assert_eq!(faults(&backlog), ["b.yaml:1: [0].description: expected text without a NUL character"]);
    }

    #[test]
    fn more_faults_than_anyone_reads_are_counted() {
        let backlog = parse(&"- nothing\n".repeat(300));
        assert_eq!(backlog.faults.len(), 201);
        assert_eq!(backlog.faults[200].to_string(), "b.yaml: 100 more faults that are not listed");
    }
}
