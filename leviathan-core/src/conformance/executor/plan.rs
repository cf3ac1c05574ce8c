//! `Plan`: what an attempt of the suite is to do.

use crate::executor::AttemptSpec;

/// What an attempt of the suite is to do. Its [`name`](Self::name) is the spec's task id, so whatever runs the attempt
/// reads it there: by [`Plan::of`], or in a worker's environment as `TASK_ID`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// End well, soon: exit code 0 and, if there is a final message, one that says `succeeded`.
    Succeed,
    /// End badly, soon, in any way.
    Fail,
    /// Go on until asked to stop, and then stop soon, in any way.
    Hang,
    /// Go on, and not heed being asked to stop: for a process, ignore `SIGTERM`. Only a kill ends it.
    Deaf,
}

impl Plan {
    /// `succeed`, `fail`, `hang` or `deaf`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Succeed => "succeed",
            Self::Fail => "fail",
            Self::Hang => "hang",
            Self::Deaf => "deaf",
        }
    }

    /// The plan that a spec of the suite is of.
    pub fn of(spec: &AttemptSpec) -> Option<Self> {
        [Self::Succeed, Self::Fail, Self::Hang, Self::Deaf]
            .into_iter()
            .find(|plan| plan.name() == spec.task_id.as_str())
    }
}
