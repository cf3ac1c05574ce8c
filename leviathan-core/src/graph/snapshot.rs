//! Snapshots: a graph as bytes, so that a log need not be replayed from its start.

use super::*;
use crate::log::Position;
use serde::{Deserialize, Serialize};

/// Changes whenever the bytes of a snapshot change their form. What stands in them goes by [`PROJECTION_VERSION`].
const FORMAT: u32 = 2;
/// What a snapshot begins with.
const MAGIC: &str = "leviathan-snapshot";
/// How long the first line may be.
const MAX_HEADER: usize = 256;

/// Bytes that are no snapshot for this program. The log itself has everything: replay it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadSnapshot {
    /// They are something else, or cut off.
    #[error("these bytes are not a snapshot")]
    NotOne,
    /// Another version of the program wrote them in another form.
    #[error("the snapshot has format {found}, this program reads {FORMAT}")]
    Format {
        /// Their format.
        found: u32,
    },
    /// Another version of the program wrote them, which made something else of the same log.
    #[error("the snapshot is of projection {found}, this program projects as {PROJECTION_VERSION}")]
    Projection {
        /// Their projection.
        found: u32,
    },
    /// They are not what was written.
    #[error("the snapshot's checksum does not fit its bytes")]
    Checksum,
    /// Their content can't be read.
    #[error("the snapshot can't be read: {0}")]
    Content(String),
    /// Their content is of another place in the log than their first line says.
    #[error("the snapshot says that it was made at {said}, but holds the graph at {found}")]
    Head {
        /// What its first line says.
        said: Head,
        /// What its content says.
        found: Head,
    },
    /// The log does not have the snapshot's hash at the snapshot's position.
    #[error("the snapshot was made of another log: this one does not have its hash at position {position}")]
    OtherLog {
        /// The snapshot's position.
        position: Position,
    },
}

/// Every field of the graph, indexes too. What is missing here does not compile.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Graph")]
struct Whole {
    head: Head,
    log_id: Option<LogId>,
    leader: Option<Leader>,
    limits: Limits,
    targets: BTreeMap<TargetId, Target>,
    tasks: BTreeMap<TargetId, BTreeMap<TaskId, Task>>,
    attempts: Attempts,
    artifacts: BTreeMap<(AttemptId, Hash), Box<Artifact>>,
    pull_requests: BTreeMap<(TargetId, u64), Box<PullRequest>>,
    policies: BTreeSet<Hash>,
    open: BTreeSet<AttemptId>,
    running: BTreeMap<TargetId, BTreeSet<AttemptId>>,
    spending: Spending,
    open_pull_requests: BTreeSet<(TargetId, u64)>,
    occupancy: Occupancy,
    candidates: Candidates,
    turns: Turns,
    totals: Totals,
    recent: Recent,
    fingerprints: Fingerprints,
    unreadable: u64,
}

impl Graph {
    /// The graph as bytes that [`from_snapshot`](Self::from_snapshot) reads: a line of text with the versions and the head,
    /// the content as MessagePack, and the SHA-256 of both.
    ///
    /// Takes time in proportion to the graph.
    pub fn snapshot(&self) -> Vec<u8> {
        let header = format!("{MAGIC} format={FORMAT} projection={PROJECTION_VERSION} head={}\n", self.head);
        let mut bytes = header.into_bytes();
        let mut serializer = rmp_serde::Serializer::new(&mut bytes).with_struct_map();
        if Whole::serialize(self, &mut serializer).is_err() {
            // Text, numbers, and lists and maps of them are refused by nothing. Without its end it is no snapshot.
            return bytes;
        }
        let checksum = Hash::of(&bytes);
        bytes.extend_from_slice(checksum.as_bytes());
        bytes
    }

    /// The graph that a snapshot was made of: the same in its digest and in all that it answers.
    ///
    /// The checksum shows damage and not forgery, so compare [`head`](Self::head) with the hash that the log has there
    /// before you use it, and take snapshots only from where nobody else may write.
    ///
    /// # Errors
    /// [`BadSnapshot`] with what does not fit. Then replay the log.
    pub fn from_snapshot(bytes: &[u8]) -> Result<Self, BadSnapshot> {
        let end = bytes.iter().take(MAX_HEADER).position(|byte| *byte == b'\n').ok_or(BadSnapshot::NotOne)?;
        let header = std::str::from_utf8(&bytes[..end]).map_err(|_| BadSnapshot::NotOne)?;
        let mut words = header.split(' ');
        let mut word =
            |name: &str| words.next().and_then(|word| word.strip_prefix(name)).ok_or(BadSnapshot::NotOne);
        let number = |text: &str| text.parse::<u32>().map_err(|_| BadSnapshot::NotOne);
        if !word(MAGIC)?.is_empty() {
            return Err(BadSnapshot::NotOne);
        }
        let found = number(word("format=")?)?;
        if found != FORMAT {
            return Err(BadSnapshot::Format { found });
        }
        let projection = number(word("projection=")?)?;
        let said: Head = word("head=")?.parse().map_err(|_| BadSnapshot::NotOne)?;
        let (written, checksum) = bytes.split_last_chunk::<32>().ok_or(BadSnapshot::NotOne)?;
        if Hash::of(written).as_bytes() != checksum {
            return Err(BadSnapshot::Checksum);
        }
        if projection != PROJECTION_VERSION {
            return Err(BadSnapshot::Projection { found: projection });
        }
        let content = written.get(end + 1..).ok_or(BadSnapshot::NotOne)?;
        let mut deserializer = rmp_serde::Deserializer::from_read_ref(content);
        let graph =
            Whole::deserialize(&mut deserializer).map_err(|error| BadSnapshot::Content(error.to_string()))?;
        if graph.head != said {
            return Err(BadSnapshot::Head { said, found: graph.head });
        }
        Ok(graph)
    }
}
