//! `World`: all objects, and what happened to them.

use crate::call::Call;
use crate::fault::Fault;
use crate::plan::Plan;
use crate::resource::Resource;
use crate::tamper::Tamper;
use k8s_openapi::api::batch::v1::Job;
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::SystemTime;

pub(crate) type Key = (Resource, String, String);
pub(crate) type Plans = Arc<dyn Fn(&Job) -> Plan + Send + Sync>;

/// All objects, and what happened to them. Whoever holds it holds the server still.
pub(crate) struct World {
    version: u64,
    /// Watches and lists cannot begin before it.
    pub(crate) oldest: u64,
    made: u64,
    objects: BTreeMap<Key, Value>,
    pub(crate) history: Vec<Change>,
    /// The rest of lists that were asked for in parts.
    pub(crate) lists: BTreeMap<String, (u64, Vec<Value>)>,
    pub(crate) tokens: BTreeMap<String, User>,
    pub(crate) plans: Plans,
    /// What the kubelet answers for logs, by the pod's uid.
    pub(crate) logs: BTreeMap<String, crate::log::PodLog>,
    pub(crate) calls: Vec<Call>,
    pub(crate) strange: Vec<String>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) tampers: BTreeMap<Resource, VecDeque<Tamper>>,
    /// Watches show nothing newer.
    pub(crate) held: BTreeMap<Resource, u64>,
    pub(crate) breaks: Vec<(Resource, crate::tamper::Break)>,
    pub(crate) open_watches: BTreeMap<Resource, usize>,
    pub(crate) open_follows: usize,
    pub(crate) down: bool,
    /// How often it went down.
    pub(crate) downs: u64,
    pub(crate) due: Vec<crate::timers::Due>,
    /// What is planned for a pod, by its uid.
    pub(crate) fates: BTreeMap<String, Plan>,
}

/// Whom a token stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum User {
    Admin,
    Account { namespace: String, name: String },
    Anonymous,
}

impl User {
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Admin => "admin".to_owned(),
            Self::Account { namespace, name } => format!("system:serviceaccount:{namespace}:{name}"),
            Self::Anonymous => "system:anonymous".to_owned(),
        }
    }
}

/// One line of the history.
#[derive(Debug, Clone)]
pub(crate) struct Change {
    pub(crate) version: u64,
    pub(crate) resource: Resource,
    pub(crate) before: Option<Arc<Value>>,
    /// Nothing for a bookmark.
    pub(crate) after: Option<Arc<Value>>,
    pub(crate) deleted: bool,
    pub(crate) tamper: Option<Tamper>,
}

impl World {
    pub(crate) fn new(plans: Plans) -> Self {
        // Not 1, so that there are versions that are too old.
        Self {
            version: 500,
            oldest: 500,
            made: 0,
            objects: BTreeMap::new(),
            history: Vec::new(),
            lists: BTreeMap::new(),
            tokens: BTreeMap::new(),
            plans,
            logs: BTreeMap::new(),
            calls: Vec::new(),
            strange: Vec::new(),
            faults: Vec::new(),
            tampers: BTreeMap::new(),
            held: BTreeMap::new(),
            breaks: Vec::new(),
            open_watches: BTreeMap::new(),
            open_follows: 0,
            down: false,
            downs: 0,
            due: Vec::new(),
            fates: BTreeMap::new(),
        }
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    pub(crate) fn next_version(&mut self) -> u64 {
        self.version += 1;
        self.version
    }

    pub(crate) fn get(&self, resource: Resource, namespace: &str, name: &str) -> Option<&Value> {
        self.objects.get(&(resource, namespace.to_owned(), name.to_owned()))
    }

    pub(crate) fn all(&self, resource: Resource) -> impl Iterator<Item = &Value> {
        self.objects.iter().filter(move |((its, ..), _)| *its == resource).map(|(_, object)| object)
    }

    /// Those that `owner` owns, by kind.
    pub(crate) fn owned(&self, resource: Resource, owner: &str) -> Vec<Value> {
        self.all(resource).filter(|object| owners(object).any(|it| it["uid"] == owner)).cloned().collect()
    }

    /// A new object as it is kept: with uid and time of creation.
    pub(crate) fn dress(&mut self, mut object: Value) -> Value {
        let uid = self.uid();
        let metadata = &mut object["metadata"];
        metadata["uid"] = uid.into();
        metadata["creationTimestamp"] = now().into();
        object
    }

    pub(crate) fn uid(&mut self) -> String {
        self.made += 1;
        format!("{:08x}-0000-4000-8000-{:012x}", self.made.wrapping_mul(0x9e37_79b9) as u32, self.made)
    }

    /// Five letters, as the names of pods end in.
    pub(crate) fn suffix(&mut self) -> String {
        const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
        self.made += 1;
        let mut rest = self.made.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 20;
        (0..5)
            .map(|_| {
                let letter = LETTERS[(rest % LETTERS.len() as u64) as usize];
                rest /= LETTERS.len() as u64;
                char::from(letter)
            })
            .collect()
    }

    /// Makes or replaces an object, which gets the next version.
    pub(crate) fn put(&mut self, resource: Resource, mut object: Value) -> Value {
        object["metadata"]["resourceVersion"] = self.next_version().to_string().into();
        let before = self.objects.insert(key(resource, &object), object.clone());
        self.record(resource, before, object.clone(), false);
        object
    }

    /// Changes an object; nothing if it is not there.
    pub(crate) fn edit(
        &mut self,
        resource: Resource,
        namespace: &str,
        name: &str,
        change: impl FnOnce(&mut Value),
    ) -> Option<Value> {
        let mut object = self.get(resource, namespace, name)?.clone();
        change(&mut object);
        Some(self.put(resource, object))
    }

    pub(crate) fn remove(&mut self, resource: Resource, namespace: &str, name: &str) -> Option<Value> {
        let before = self.objects.remove(&(resource, namespace.to_owned(), name.to_owned()))?;
        let mut object = before.clone();
        object["metadata"]["resourceVersion"] = self.next_version().to_string().into();
        self.record(resource, Some(before), object.clone(), true);
        Some(object)
    }

    fn record(&mut self, resource: Resource, before: Option<Value>, after: Value, deleted: bool) {
        let tamper = self.tampers.get_mut(&resource).and_then(VecDeque::pop_front);
        self.history.push(Change {
            version: self.version,
            resource,
            before: before.map(Arc::new),
            after: Some(Arc::new(after)),
            deleted,
            tamper,
        });
    }

    /// A happening, as `kubectl describe` shows it.
    pub(crate) fn event(&mut self, about: &Value, normal: bool, reason: &str, message: &str, by: &str) {
        let (metadata, kind) = (about["metadata"].clone(), about["kind"].clone());
        let (name, namespace) = (text(&metadata["name"]), text(&metadata["namespace"]));
        let serial = self.version + 1;
        let time = now();
        let event = json!({
            "kind": "Event", "apiVersion": "v1",
            "metadata": {"name": format!("{name}.{serial:016x}"), "namespace": namespace},
            "involvedObject": {
                "kind": kind, "namespace": namespace, "name": name, "uid": metadata["uid"],
                "apiVersion": about["apiVersion"], "resourceVersion": metadata["resourceVersion"],
            },
            "reason": reason, "message": message, "source": {"component": by},
            "firstTimestamp": time, "lastTimestamp": time, "count": 1,
            "type": if normal { "Normal" } else { "Warning" }, "eventTime": null,
            "reportingComponent": by, "reportingInstance": "",
        });
        let event = self.dress(event);
        self.put(Resource::Events, event);
    }
}

pub(crate) fn key(resource: Resource, object: &Value) -> Key {
    let metadata = &object["metadata"];
    (resource, text(&metadata["namespace"]), text(&metadata["name"]))
}

pub(crate) fn owners(object: &Value) -> impl Iterator<Item = &Value> {
    object["metadata"]["ownerReferences"].as_array().into_iter().flatten()
}

/// A text, or none as an empty one.
pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The time, as the API writes it.
pub(crate) fn now() -> String {
    time_in(std::time::Duration::ZERO)
}

pub(crate) fn time_in(later: std::time::Duration) -> String {
    let time = chrono::DateTime::<chrono::Utc>::from(SystemTime::now() + later);
    time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}
