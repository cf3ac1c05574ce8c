//! What a PATCH of a Job does: suspend is lifted, a deadline is set. Nothing else can be patched.

use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::Asked;
use crate::resource::Resource;
use crate::timers;
use crate::world::World;
use serde_json::Value;

pub(crate) const MERGE_PATCH: &str = "application/merge-patch+json";

pub(crate) fn answer(
    world: &mut World,
    asked: &Asked,
    resource: Resource,
    body: &[u8],
) -> Result<Reply, Failure> {
    asked.only(&["fieldManager", "fieldValidation"])?;
    if resource != Resource::Jobs {
        return Err(Failure::not_served(&format!("patch {}", asked.resource())));
    }
    let patch: Value =
        serde_json::from_slice(body).map_err(|error| Failure::bad_request(error.to_string()))?;
    let (resume, deadline) = read(&patch).ok_or_else(|| {
        Failure::bad_request(format!(
            "of a Job only spec.suspend (to false) and spec.activeDeadlineSeconds can be patched here, not {patch}"
        ))
    })?;
    let namespace = asked.namespace.clone().unwrap_or_default();
    let name = asked.name.clone().unwrap_or_default();
    let change = |job: &mut Value| {
        let metadata = &mut job["metadata"];
        metadata["generation"] = (metadata["generation"].as_u64().unwrap_or(1) + 1).into();
        if resume {
            job["spec"]["suspend"] = false.into();
        }
        if let Some(seconds) = deadline {
            job["spec"]["activeDeadlineSeconds"] = seconds.into();
        }
    };
    let suspended = world.get(resource, &namespace, &name).is_some_and(|job| job["spec"]["suspend"] == true);
    let job =
        world.edit(resource, &namespace, &name, change).ok_or_else(|| Failure::not_found(resource, &name))?;
    if resume && suspended {
        world.start_job(&job);
    } else if deadline.is_some() {
        timers::job_deadline(world, &job);
    }
    Ok(Reply::json(200, &job))
}

fn read(patch: &Value) -> Option<(bool, Option<u64>)> {
    let (patch, spec) = (patch.as_object()?, patch["spec"].as_object()?);
    let known = |key: &String| ["suspend", "activeDeadlineSeconds"].contains(&key.as_str());
    if patch.len() != 1 || !spec.keys().all(known) {
        return None;
    }
    let resume = match spec.get("suspend") {
        None => false,
        Some(suspend) => suspend == false,
    };
    let deadline = spec.get("activeDeadlineSeconds").map(Value::as_u64);
    let understood = resume || deadline.is_some_and(|deadline| deadline.is_some());
    understood.then_some((resume, deadline.flatten()))
}
