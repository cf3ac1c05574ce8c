//! Recovering a log when it is opened: verify all of it, cut off a torn append, refuse damage.

use super::directory::{self, segment_path};
use super::index::Index;
use super::scan::{Bad, Scanned, is_committed_behind, scan};
use super::{Damage, OpenLogError, Recovery, TornTail};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Verifies the log in `directory`, and makes durable what a crash left in between.
pub(super) fn recover(directory: &Path) -> Result<(Index, Recovery), OpenLogError> {
    let mut index = Index::empty();
    let mut torn = None;
    let segments = directory::segments(directory)?;
    for (nth, first) in segments.iter().enumerate() {
        let path = segment_path(directory, *first);
        let due = index.head.position.next();
        if *first != due {
            let what = format!("the segment that begins with position {due} is missing before it");
            return Err(OpenLogError::Damaged(Damage { segment: path, offset: 0, position: due, what }));
        }
        let scanned = scan(&path, index.head).map_err(OpenLogError::io("read", &path))?;
        let is_last = nth + 1 == segments.len();
        if let Some(bad) = &scanned.bad {
            // A further segment is begun only when this one is durable.
            let end = scanned.segment.end;
            if !is_last || is_committed(&path, end).map_err(OpenLogError::io("read", &path))? {
                let Bad { offset, position, what } = bad;
                let (segment, what) = (path, (*what).to_owned());
                let damage = Damage { segment, offset: *offset, position: *position, what };
                return Err(OpenLogError::Damaged(damage));
            }
            torn = Some(cut(&path, end, bad.what).map_err(OpenLogError::io("cut the torn end off", &path))?);
        }
        if is_last {
            settle(&path, &scanned.last_batch).map_err(OpenLogError::io("sync", &path))?;
        }
        let Scanned { segment, head, .. } = scanned;
        index.push(segment, head);
    }
    directory::sync(directory).map_err(OpenLogError::io("sync", directory))?;
    let head = index.head;
    Ok((index, Recovery { head, torn }))
}

fn is_committed(path: &Path, from: u64) -> io::Result<bool> {
    is_committed_behind(&File::open(path)?, from)
}

fn cut(path: &Path, offset: u64, what: &str) -> io::Result<TornTail> {
    let file = File::options().write(true).open(path)?;
    let bytes = file.metadata()?.len() - offset;
    file.set_len(offset)?;
    file.sync_all()?;
    Ok(TornTail { segment: path.to_owned(), offset, bytes, what: what.to_owned() })
}

/// Makes the last batch durable before anybody sees it: its writer may have been killed before it synced it.
///
/// It is written over itself first, because after a failed sync the system may take its pages for clean, though they
/// never reached the disk.
fn settle(path: &Path, last_batch: &Range<u64>) -> io::Result<()> {
    let file = File::options().read(true).write(true).open(path)?;
    let mut bytes = vec![0; usize::try_from(last_batch.end - last_batch.start).unwrap_or(0)];
    file.read_exact_at(&mut bytes, last_batch.start)?;
    file.write_all_at(&bytes, last_batch.start)?;
    file.sync_data()
}
