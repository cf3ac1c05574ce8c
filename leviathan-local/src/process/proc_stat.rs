//! `ProcStat`: what `/proc/<pid>/stat` says of a process.

use rustix::process::Pid;
use std::{fs, io};

/// One process as the kernel lists it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProcStat {
    pub(crate) pid: Pid,
    /// 0 where the parent is outside of our PID namespace.
    pub(crate) parent: i32,
    pub(crate) session: i32,
    /// In clock ticks since boot. Together with the pid it names a process for as long as the machine runs.
    pub(crate) start_time: u64,
}

impl ProcStat {
    /// Nothing if there is no such process.
    pub(crate) fn read(pid: Pid) -> io::Result<Option<Self>> {
        match fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(text) => Self::parse(&text)
                .map(Some)
                .ok_or_else(|| io::Error::other(format!("/proc/{pid}/stat has an unknown form: {text:?}"))),
            // ESRCH: it ended between opening and reading.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error()) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every process that can be seen. One that starts or ends meanwhile may be missing.
    pub(crate) fn all() -> io::Result<Vec<Self>> {
        let numbers = fs::read_dir("/proc")?
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok().and_then(Pid::from_raw));
        Ok(numbers.filter_map(|pid| Self::read(pid).ok().flatten()).collect())
    }

    /// The second field is the program's name in parentheses and may hold anything, `)` too: the last one ends it.
    fn parse(text: &str) -> Option<Self> {
        let pid = Pid::from_raw(text.split_once(' ')?.0.parse().ok()?)?;
        let rest: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        // `rest` begins with the third field, the state.
        let field = |number: usize| rest.get(number - 3).copied();
        Some(Self {
            pid,
            parent: field(4)?.parse().ok()?,
            session: field(6)?.parse().ok()?,
            start_time: field(22)?.parse().ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_name_with_parentheses_and_spaces_does_not_shift_the_fields() {
        let text = "42 (a) S 1 (b)) S 7 8 9 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 123456 1 2\n";
        let stat = ProcStat::parse(text).unwrap();
        assert_eq!((stat.pid.as_raw_nonzero().get(), stat.parent, stat.session), (42, 7, 9));
        assert_eq!(stat.start_time, 123_456);
    }

    #[test]
    fn this_process_is_listed_and_an_absent_one_is_nothing() {
        let me = rustix::process::getpid();
        let all = ProcStat::all().unwrap();
        assert!(all.iter().any(|stat| stat.pid == me));
        // Beyond the kernel's largest pid.
        assert_eq!(ProcStat::read(Pid::from_raw(i32::MAX).unwrap()).unwrap(), None);
    }
}
