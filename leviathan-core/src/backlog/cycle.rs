//! `Cycle`: tasks that wait for one another in a ring.

use crate::backlog::TaskStatus;
use crate::event::payload::TaskFields;
use crate::id::TaskId;
use std::collections::{BTreeMap, VecDeque};
use std::fmt;

/// So many tasks of a cycle are named in a message.
const NAMED: usize = 10;

/// Tasks of which each depends on the next, and the last on the first. Shown as `a -> b -> a`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    members: Vec<TaskId>,
}

impl Cycle {
    /// The tasks in the order of the ring, each depending on the next.
    pub fn members(&self) -> &[TaskId] {
        &self.members
    }

    /// The same ring, told from `task` on.
    pub fn starting_at(&self, task: &TaskId) -> impl fmt::Display {
        let start = self.members.iter().position(|member| member == task).unwrap_or(0);
        fmt::from_fn(move |f| self.tell_from(start, f))
    }

    /// Cycles that name every task that is in one, each the shortest through its first task.
    ///
    /// A completed task waits for nothing, whatever its dependencies; those that are not among `tasks` lead nowhere.
    pub fn find(tasks: &[TaskFields]) -> Vec<Self> {
        let tasks: Vec<&TaskFields> = tasks.iter().collect();
        let ring = Waiting::of(&tasks).without_loose_ends();
        let mut named = vec![false; tasks.len()];
        let mut cycles = Vec::new();
        for task in 0..tasks.len() {
            if named[task] {
                continue;
            }
            let Some(members) = ring.shortest_cycle(task) else { continue };
            members.iter().for_each(|&member| named[member] = true);
            cycles.push(Self::of(&members, &tasks));
        }
        cycles
    }

    /// The shortest cycle that leads from the first of `tasks` back to it.
    pub(crate) fn through_first(tasks: &[&TaskFields]) -> Option<Self> {
        let members = Waiting::of(tasks).shortest_cycle(0)?;
        Some(Self::of(&members, tasks))
    }

    fn of(members: &[usize], tasks: &[&TaskFields]) -> Self {
        Self { members: members.iter().map(|&member| tasks[member].task_id.clone()).collect() }
    }

    fn tell_from(&self, start: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let around = self.members.iter().cycle().skip(start);
        for member in around.take(self.members.len().min(NAMED)) {
            write!(f, "{member} -> ")?;
        }
        if self.members.len() > NAMED {
            write!(f, "({} more) -> ", self.members.len() - NAMED)?;
        }
        self.members.get(start).map_or(Ok(()), |first| write!(f, "{first}"))
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tell_from(0, f)
    }
}

/// Which task waits for which, by their places.
struct Waiting(Vec<Vec<usize>>);

impl Waiting {
    fn of(tasks: &[&TaskFields]) -> Self {
        let place: BTreeMap<&TaskId, usize> =
            tasks.iter().enumerate().map(|(index, task)| (&task.task_id, index)).collect();
        let waits_for = |task: &&TaskFields| match task.status {
            TaskStatus::Completed => Vec::new(),
            _ => task.dependencies.iter().filter_map(|id| place.get(id).copied()).collect(),
        };
        Self(tasks.iter().map(waits_for).collect())
    }

    /// Without what waits for nothing in a ring, and without what nothing in a ring waits for. What is left of a backlog
    /// in order is nothing, so that the search for rings costs nothing there.
    fn without_loose_ends(self) -> Self {
        self.without_ends().reversed().without_ends().reversed()
    }

    fn without_ends(mut self) -> Self {
        let waiting_on = self.reversed_edges();
        let mut open: Vec<usize> = self.0.iter().map(Vec::len).collect();
        let mut ends: VecDeque<usize> = (0..open.len()).filter(|&task| open[task] == 0).collect();
        let mut is_end = vec![false; open.len()];
        while let Some(end) = ends.pop_front() {
            is_end[end] = true;
            for &waiting in &waiting_on[end] {
                open[waiting] -= 1;
                if open[waiting] == 0 {
                    ends.push_back(waiting);
                }
            }
        }
        for (task, edges) in self.0.iter_mut().enumerate() {
            edges.retain(|&other| !is_end[task] && !is_end[other]);
        }
        self
    }

    fn reversed(self) -> Self {
        Self(self.reversed_edges())
    }

    fn reversed_edges(&self) -> Vec<Vec<usize>> {
        let mut edges = vec![Vec::new(); self.0.len()];
        for (task, others) in self.0.iter().enumerate() {
            others.iter().for_each(|&other| edges[other].push(task));
        }
        edges
    }

    /// The shortest way from `start` back to it.
    fn shortest_cycle(&self, start: usize) -> Option<Vec<usize>> {
        let mut reached_from: Vec<Option<usize>> = vec![None; self.0.len()];
        let mut ahead = VecDeque::from([start]);
        while let Some(task) = ahead.pop_front() {
            for &next in &self.0[task] {
                if next == start {
                    let mut members = vec![task];
                    let mut at = task;
                    while at != start {
                        at = reached_from[at]?;
                        members.push(at);
                    }
                    members.reverse();
                    return Some(members);
                }
                if reached_from[next].is_none() {
                    reached_from[next] = Some(task);
                    ahead.push_back(next);
                }
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::backlog::Backlog;

    /// The cycles of a backlog given as `a:b,c d:` (a depends on b and c, d on nothing).
    fn cycles(tasks: &str) -> Vec<String> {
        let task = |task: &str| {
            let (id, dependencies) = task.split_once(':').unwrap();
            format!("- {{id: {id}, dependencies: [{dependencies}]}}\n")
        };
        let text: String = tasks.split_whitespace().map(task).collect();
        Backlog::parse(&text, "b").unwrap().cycles.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_backlog_in_order_has_none() {
        assert!(cycles("a: b:a c:a,b d:c,nobody").is_empty());
    }

    #[test]
    fn rings_are_found_and_what_only_leads_there_is_not_in_them() {
        assert_eq!(cycles("a:a"), ["a -> a"]);
        assert_eq!(cycles("x:a a:b b:c c:a,y y:"), ["a -> b -> c -> a"]);
        // `m` waits for one ring and the other waits for it, but it is in neither.
        assert_eq!(cycles("a:b b:a,m m:c c:d d:c"), ["a -> b -> a", "c -> d -> c"]);
    }

    #[test]
    fn every_member_is_in_a_cycle_that_is_named() {
        assert_eq!(cycles("a:b b:a,c c:b"), ["a -> b -> a", "c -> b -> c"]);
    }

    #[test]
    fn a_long_ring_is_told_in_short_and_from_any_task_on() {
        let ring: String =
            (0..30).map(|n| format!("- {{id: t{n}, dependencies: [t{}]}}\n", (n + 1) % 30)).collect();
        let backlog = Backlog::parse(&ring, "b").unwrap();
        let cycle = &backlog.cycles[0];
        assert_eq!(cycle.members().len(), 30);
        assert_eq!(
            cycle.starting_at(&cycle.members()[25]).to_string(),
            "t25 -> t26 -> t27 -> t28 -> t29 -> t0 -> t1 -> t2 -> t3 -> t4 -> (20 more) -> t25"
        );
    }

    #[test]
    fn rings_that_share_most_of_their_way_are_each_named() {
        let half = 100;
        let side: Vec<String> = (0..half).map(|n| format!("x{n}")).collect();
        let chain = (0..half - 1).map(|n| format!("m{n}:m{}", n + 1));
        let tasks = chain.chain([format!("m{}:{}", half - 1, side.join(","))]);
        let text: Vec<String> = tasks.chain(side.iter().map(|x| format!("{x}:m0"))).collect();
        assert_eq!(cycles(&text.join(" ")).len(), half);
    }

    #[test]
    fn a_completed_task_waits_for_nothing() {
        let text = "- {id: a, status: completed, dependencies: [b]}\n- {id: b, dependencies: [a]}\n";
        assert!(Backlog::parse(text, "b").unwrap().cycles.is_empty());
    }
}
