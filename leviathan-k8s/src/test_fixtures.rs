//! The answers of a real cluster that were recorded, as tests read them. `tests/fixtures/README.md` says what they are.

mod expected;

use expected::{Expected, expectations, folder};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Event, Pod};
use std::collections::BTreeMap;

/// One recorded case.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) expected: Expected,
    streams: BTreeMap<Stream, Vec<Line>>,
    order: Vec<(Stream, usize)>,
}

/// One line of a watch.
#[derive(Debug, Clone)]
pub(crate) struct Line {
    pub(crate) deleted: bool,
    pub(crate) object: Object,
}

/// What a line is about.
#[derive(Debug, Clone)]
pub(crate) enum Object {
    Job(Box<Job>),
    Pod(Box<Pod>),
    Event(Box<Event>),
}

/// The watch that a line came on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stream {
    Jobs,
    Pods,
    Events,
}

impl Case {
    /// All that `causes.toml` names.
    pub(crate) fn all() -> Vec<Self> {
        expectations().into_keys().map(|name| Self::read(&name)).collect()
    }

    pub(crate) fn read(name: &str) -> Self {
        let expected = expectations().remove(name).expect(name);
        let lines = |file: &str| -> Vec<serde_json::Value> {
            let text = std::fs::read_to_string(folder().join(name).join(file)).expect(file);
            text.lines().map(|line| serde_json::from_str(line).expect(file)).collect()
        };
        let streams: BTreeMap<_, _> =
            [(Stream::Jobs, "jobs.ndjson"), (Stream::Pods, "pods.ndjson"), (Stream::Events, "events.ndjson")]
                .map(|(stream, file)| {
                    (stream, lines(file).into_iter().map(|line| read_line(stream, line)).collect())
                })
                .into();
        let order = lines("timeline.ndjson").iter().filter_map(in_stream).collect();
        Self { name: name.to_owned(), expected, streams, order }
    }

    pub(crate) fn lines(&self, stream: Stream) -> &[Line] {
        &self.streams[&stream]
    }

    pub(crate) fn recorded_order(&self) -> Vec<(Stream, usize)> {
        self.order.clone()
    }

    /// Another order of its lines that keeps each stream's own, with some lines twice, and some but each stream's last
    /// missing. The same for the same seed.
    pub(crate) fn shuffled(&self, seed: u64) -> Vec<(Stream, usize)> {
        let mut draw = Draw(seed);
        let mut left: Vec<(Stream, std::collections::VecDeque<usize>)> = self
            .streams
            .iter()
            .map(|(stream, lines)| {
                let last = lines.len().saturating_sub(1);
                let mut kept = std::collections::VecDeque::new();
                for line in 0..lines.len() {
                    match draw.below(8) {
                        0 if line != last && seed % 2 == 1 => {}
                        1 => kept.extend([line, line]),
                        _ => kept.push_back(line),
                    }
                }
                (*stream, kept)
            })
            .collect();
        let mut order = Vec::new();
        loop {
            left.retain(|(_, lines)| !lines.is_empty());
            if left.is_empty() {
                return order;
            }
            let drawn = draw.below(left.len() as u64) as usize;
            let (stream, lines) = &mut left[drawn];
            // Bursts, too: a stream that is far ahead of the others.
            for _ in 0..=draw.below(4) {
                order.extend(lines.pop_front().map(|line| (*stream, line)));
            }
        }
    }

    /// The last answer to a question for the worker's log: status and body.
    pub(crate) fn last_log_answer(&self) -> Option<(u16, String)> {
        let text = std::fs::read_to_string(folder().join(&self.name).join("log.http")).expect("log.http");
        let block = text.split("### ").last().filter(|block| block.contains("HTTP/1.1"))?;
        let answer = &block[block.find("HTTP/1.1 ")? + "HTTP/1.1 ".len()..];
        let (head, body) = answer.split_once("\n\n").unwrap_or((answer, ""));
        Some((head[..3].parse().ok()?, body.to_owned()))
    }
}

fn read_line(stream: Stream, line: serde_json::Value) -> Line {
    let object = line["object"].clone();
    let object = match stream {
        Stream::Jobs => serde_json::from_value(object).map(Box::new).map(Object::Job),
        Stream::Pods => serde_json::from_value(object).map(Box::new).map(Object::Pod),
        Stream::Events => serde_json::from_value(object).map(Box::new).map(Object::Event),
    };
    Line { deleted: line["type"] == "DELETED", object: object.expect("an object of its kind") }
}

fn in_stream(line: &serde_json::Value) -> Option<(Stream, usize)> {
    let stream = match line["stream"].as_str()? {
        "jobs" => Stream::Jobs,
        "pods" => Stream::Pods,
        "events" => Stream::Events,
        other => panic!("no such stream: {other}"),
    };
    Some((stream, line["line"].as_u64()? as usize - 1))
}

/// splitmix64.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = self.0;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (drawn ^ (drawn >> 31)) % limit
    }
}
