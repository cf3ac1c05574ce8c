//! Small files that appear whole or not at all, and stay.

use rustix::fs::OFlags;
use serde::{Serialize, de::DeserializeOwned};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The largest record in bytes; ours have some hundred.
const MAX_RECORD_BYTES: u64 = 1024 * 1024;

/// Says which file an error is about.
pub(crate) fn about(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

/// Sixteen random hex digits.
pub(crate) fn random_name() -> io::Result<String> {
    let mut bytes = [0; 8];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// Makes what was created, renamed or removed in a directory durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir).and_then(|dir| dir.sync_all()).map_err(|error| about(dir, error))
}

/// Writes a file that nobody else writes, durably.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|error| about(path, error))
}

/// Creates the file if there is none; false if there is one.
pub(crate) fn create_exclusively(path: &Path, bytes: &[u8]) -> io::Result<bool> {
    let (dir, temp) = beside(path)?;
    write_new(&temp, bytes)?;
    let linked = fs::hard_link(&temp, path);
    fs::remove_file(&temp).map_err(|error| about(&temp, error))?;
    match linked {
        Ok(()) => sync_dir(dir).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(about(path, error)),
    }
}

/// Creates the file, or puts it in the place of the one that is there.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (dir, temp) = beside(path)?;
    write_new(&temp, bytes)?;
    fs::rename(&temp, path).map_err(|error| about(path, error))?;
    sync_dir(dir)
}

/// The directory of a file, and a name in it that nobody else has.
fn beside(path: &Path) -> io::Result<(&Path, PathBuf)> {
    let dir = path.parent().ok_or_else(|| about(path, io::Error::other("it has no directory")))?;
    Ok((dir, dir.join(format!(".new-{}", random_name()?))))
}

/// At most `limit` bytes of a plain file, or nothing if there is none. A link or a FIFO that something put in its place
/// is refused and never waited for.
pub(crate) fn read_at_most(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK;
    let read = || {
        let file = OpenOptions::new().read(true).custom_flags(flags.bits().cast_signed()).open(path)?;
        if !file.metadata()?.is_file() {
            return Err(io::Error::other("it is no plain file"));
        }
        let mut bytes = Vec::new();
        file.take(limit).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    match read() {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(about(path, error)),
    }
}

/// A record as bytes.
pub(crate) fn to_json(record: &impl Serialize) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec_pretty(record)?)
}

/// A record, or nothing if there is no such file. One that cannot be read is `InvalidData`.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    let damaged = |error| about(path, io::Error::new(io::ErrorKind::InvalidData, error));
    let parse = |bytes: Vec<u8>| serde_json::from_slice::<T>(&bytes).map_err(damaged);
    read_at_most(path, MAX_RECORD_BYTES)?.map(parse).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_who_create_one_file_one_wins_and_its_bytes_stay() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("claim");
        let create = |who: &'static str| {
            let path = path.clone();
            std::thread::spawn(move || create_exclusively(&path, who.as_bytes()).unwrap().then_some(who))
        };
        let threads = ["a", "b", "c", "d"].map(create);
        let won: Vec<&str> = threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect();
        assert_eq!(won.len(), 1);
        assert_eq!(fs::read_to_string(&path).unwrap(), won[0]);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn a_link_or_a_fifo_in_the_place_of_a_file_is_refused_at_once() {
        let dir = tempfile::tempdir().unwrap();
        let (link, pipe) = (dir.path().join("link"), dir.path().join("pipe"));
        std::os::unix::fs::symlink("/etc/passwd", &link).unwrap();
        assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        assert!(read_at_most(&link, 10).is_err());
        assert!(read_at_most(&pipe, 10).is_err());
        assert_eq!(read_at_most(&dir.path().join("absent"), 10).unwrap(), None);
    }
}
