//! `Workers`: what happens within an attempt. A worker works, reports, and ends, not always in that order and not always
//! well.

use super::client::Client;
use super::clock::timestamp;
use super::fleet::Fleet;
use super::forge::Forge;
use super::report;
use super::sim::{Owner, Sim};
use super::storm::Fault;
use leviathan_core::executor::{AttemptSpec, Cause, End, FinalMessage, ReportedOutcome};
use std::sync::Arc;
use std::time::Duration;

pub(crate) struct Workers {
    pub(crate) sim: Sim,
    pub(crate) client: Client,
    pub(crate) forge: Forge,
}

/// How an attempt is going to end.
struct Plan {
    end: End,
    /// What the worker says of it, if it says anything: nothing for a success, else the cause.
    report: Option<Option<Cause>>,
    /// It pushes its work.
    succeeds: bool,
    /// It vanishes before its end.
    vanishes: bool,
}

impl Workers {
    /// One attempt, from its start to its end.
    pub(crate) async fn work(self: Arc<Self>, fleet: Arc<Fleet>, spec: AttemptSpec) {
        let sim = &self.sim;
        let id = &spec.attempt_id;
        let plan = self.plan(&spec);
        sim.sleep(sim.span(Duration::from_secs(10))).await;
        if !fleet.runs(id) {
            return;
        }
        self.posts(report::beginning(&spec, timestamp(sim.now())));
        let longest = if sim.one_in(15) { 900 } else { 90 };
        sim.sleep(Duration::from_secs(2) + sim.span(Duration::from_secs(longest))).await;
        if !fleet.is_running(id) {
            // It was killed; what it would have said may still have been on its way.
            if sim.one_in(2) {
                return;
            }
        }
        if plan.vanishes && fleet.lose(id) {
            return;
        }
        let now = timestamp(sim.now());
        // What it has pushed is there whether or not it gets to say so.
        let number =
            (plan.succeeds && !sim.one_in(20)).then(|| self.forge.open(&spec.target_id, &spec.task_id));
        let reported = plan.report.map(|failure| report::end(sim, &spec, failure, number, now));
        let mut end = plan.end;
        end.final_message.iter_mut().for_each(|message| message.pr_number = number);
        if sim.one_in(3) {
            // It says so before it ends.
            reported.into_iter().for_each(|bundle| self.posts(bundle));
            sim.sleep(sim.span(Duration::from_secs(5))).await;
            fleet.finish(id, end);
        } else {
            fleet.finish(id, end);
            reported.into_iter().for_each(|bundle| self.posts(bundle));
        }
    }

    fn posts(&self, bundle: leviathan_core::Bundle) {
        self.sim.spawn(Owner::World, report::post(self.client.clone(), bundle));
    }

    /// Some tasks never work, some do once they were repaired, and the rest is luck.
    fn plan(&self, spec: &AttemptSpec) -> Plan {
        let sim = &self.sim;
        let number: u32 =
            spec.task_id.as_str().rsplit('-').next().and_then(|end| end.parse().ok()).unwrap_or(0);
        let fails = number % 11 == 3 || (number % 5 == 1 && spec.attempt_number == 1);
        let failure = match sim.below(20) {
            0 => Some(Cause::ConfigError),
            1 => Some(Cause::CloneFailed),
            2..=5 => Some(Cause::AgentError),
            _ if fails => Some(Cause::ChecksFailed),
            _ => None,
        };
        let mut end = End { exit_code: Some(i32::from(failure.is_some())), ..End::default() };
        if sim.strikes(Fault::Infrastructure) {
            let causes = [Cause::Evicted, Cause::NodeLost, Cause::ImagePull, Cause::OutOfMemory];
            end = End { cause: Some(sim.pick(&causes).clone()), ..End::default() };
        }
        let succeeds = failure.is_none();
        let is_silent = sim.one_in(12);
        let report = (!is_silent).then_some(failure);
        end.final_message = report.as_ref().filter(|_| !sim.one_in(4)).map(|failure| FinalMessage {
            v: 1,
            attempt_id: spec.attempt_id.clone(),
            outcome: if failure.is_some() { ReportedOutcome::Failed } else { ReportedOutcome::Succeeded },
            cause: failure.clone(),
            branch: None,
            commit: None,
            pr_url: None,
            pr_number: None,
            summary: "said last".to_owned(),
        });
        Plan { end, report, succeeds, vanishes: sim.strikes(Fault::Gone) }
    }
}
