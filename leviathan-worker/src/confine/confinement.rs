//! `Confinement`: how the programs of one tenant are started.

use super::CommandLimits;
use super::fence::Fence;
use super::launch::{LAUNCH, Launch};
use super::places;
use crate::WorkerConfig;
use leviathan_local::process::CommandSpec;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// How the programs of an agent, of `setup` or of checks are started.
///
/// Confined ones write only to the checkout, to a HOME and a folder for temporary files of their own, and to what the operator
/// named; they read these, the system's programs and libraries, and what the operator named; they gain no rights by what
/// they start, signal nobody outside, and stay within [`CommandLimits`]. As far as the kernel offers it: the worker says
/// aloud at its start what it does not.
#[derive(Debug, Clone)]
pub struct Confinement {
    by: Option<Launcher>,
}

/// The launcher's command line and what it is told, but for the command.
#[derive(Debug, Clone)]
struct Launcher {
    arguments: Vec<OsString>,
    fence: Fence,
    limits: CommandLimits,
}

impl Confinement {
    /// Nothing is confined: for a host that has its own way to keep programs in.
    pub fn none() -> Self {
        Self { by: None }
    }

    /// The same command, confined. Its program is looked for in the `PATH` of its own environment.
    #[must_use]
    pub fn of(&self, mut spec: CommandSpec) -> CommandSpec {
        let Some(launcher) = &self.by else { return spec };
        let launch = Launch {
            program: spec.program,
            args: spec.args,
            fence: launcher.fence.clone(),
            limits: launcher.limits,
        };
        spec.program = OWN_PROGRAM.into();
        spec.args = launcher.arguments.clone();
        spec.env.insert(LAUNCH.into(), launch.to_variable());
        spec
    }
}

/// This program, also if its file was replaced since it began.
const OWN_PROGRAM: &str = "/proc/self/exe";

/// Makes confinements for the commands of one attempt.
#[derive(Debug, Clone)]
pub(crate) struct Confiner {
    arguments: Vec<OsString>,
    readable: Vec<PathBuf>,
    writable: Vec<PathBuf>,
    limits: CommandLimits,
}

impl Confiner {
    /// By a launcher that is this program with these arguments, which lead it to [`take_role`](super::take_role) again.
    ///
    /// # Errors
    /// A sentence that names the place which everything may read and which holds what nothing may.
    pub(crate) fn new(arguments: Vec<OsString>, config: &WorkerConfig) -> Result<Self, String> {
        let mut readable = places::system();
        readable.extend(places::named_by(&config.base_env));
        readable.extend(config.readable.iter().cloned());
        let confiner = Self { arguments, readable, writable: config.writable.clone(), limits: config.limits };
        match confiner.bares(config) {
            Some((open, kept)) => Err(format!(
                "agent and checks can reach {}, and {} is in it; name another folder for one of them",
                open.display(),
                kept.display()
            )),
            None => Ok(confiner),
        }
    }

    /// A place that is open to all and holds the attempt's own folder or the final message.
    fn bares<'a>(&'a self, config: &'a WorkerConfig) -> Option<(&'a Path, &'a Path)> {
        let open = || self.readable.iter().chain(&self.writable);
        let kept = [Some(&config.workspace_dir), config.final_message.as_ref()];
        let mut pairs = kept.into_iter().flatten().flat_map(|kept| open().map(move |open| (open, kept)));
        let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let found = pairs.find(|(open, kept)| real(kept).starts_with(real(open)));
        found.map(|(open, kept)| (open.as_path(), kept.as_path()))
    }

    /// For programs that may write to these places, and read these as well.
    pub(crate) fn confinement(
        &self,
        writable: &[PathBuf],
        readable: &[PathBuf],
        network: bool,
    ) -> Confinement {
        let with = |own: &[PathBuf], more: &[PathBuf]| [own, more].concat();
        let fence = Fence {
            readable: with(&self.readable, readable),
            writable: with(&self.writable, writable),
            network,
        };
        Confinement { by: Some(Launcher { arguments: self.arguments.clone(), fence, limits: self.limits }) }
    }
}
