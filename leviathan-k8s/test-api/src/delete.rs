//! What a DELETE is answered with.

use crate::deleting::Propagation;
use crate::failure::{Failure, details};
use crate::reply::Reply;
use crate::request::Asked;
use crate::resource::Resource;
use crate::world::{World, text};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::DeleteOptions;
use serde_json::{Value, json};

const ORPHANS: &str = "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background \
                       to remove them or set propagationPolicy=Orphan to suppress this warning";

pub(crate) fn answer(
    world: &mut World,
    asked: &Asked,
    resource: Resource,
    body: &[u8],
) -> Result<Reply, Failure> {
    asked.only(&["propagationPolicy", "gracePeriodSeconds"])?;
    let options = read_options(body)?;
    let grace = match (options.grace_period_seconds, asked.number("gracePeriodSeconds")?) {
        (Some(seconds), _) if seconds < 0 => {
            return Err(Failure::bad_request("gracePeriodSeconds must not be negative"));
        }
        (Some(seconds), _) => Some(seconds.unsigned_abs()),
        (None, seconds) => seconds,
    };
    let policy = options.propagation_policy.or_else(|| asked.query.get("propagationPolicy").cloned());
    let policy = policy.as_deref().map(read_policy).transpose()?;
    let namespace = asked.namespace.clone().unwrap_or_default();
    let name = asked.name.clone().unwrap_or_default();
    let found =
        world.get(resource, &namespace, &name).cloned().ok_or_else(|| Failure::not_found(resource, &name))?;
    let uid = text(&found["metadata"]["uid"]);
    if let Some(wanted) = options.preconditions.and_then(|conditions| conditions.uid)
        && wanted != uid
    {
        return Err(Failure::other_uid(resource, &name, &wanted, &uid));
    }
    match resource {
        Resource::Jobs => {
            let how = policy.unwrap_or(Propagation::Orphan);
            let left = world.delete_job(&found, how);
            let mut reply = left.map_or_else(|| gone(resource, &name, &uid), |left| Reply::json(200, &left));
            if policy.is_none() {
                reply.warning = Some(ORPHANS.to_owned());
            }
            Ok(reply)
        }
        Resource::Pods => {
            let left = world.delete_pod(&namespace, &name, grace).unwrap_or(found);
            Ok(Reply::json(200, &left))
        }
        Resource::Namespaces => {
            world.empty_namespace(&name);
            Ok(Reply::json(200, &found))
        }
        _ => {
            world.remove(resource, &namespace, &name);
            Ok(gone(resource, &name, &uid))
        }
    }
}

fn gone(resource: Resource, name: &str, uid: &str) -> Reply {
    let mut details = details(resource, Some(name));
    details["uid"] = uid.into();
    let status = json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details});
    Reply::json(200, &status)
}

fn read_options(body: &[u8]) -> Result<DeleteOptions, Failure> {
    if body.is_empty() {
        return Ok(DeleteOptions::default());
    }
    let mut unknown = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(body);
    let options = serde_ignored::deserialize(&mut json, |path| unknown.push(path.to_string()))
        .map_err(|error| Failure::bad_request(error.to_string()))?;
    match unknown.as_slice() {
        [] => Ok(options),
        _ => Err(Failure::bad_request(format!("strict decoding error: unknown field {unknown:?}"))),
    }
}

fn read_policy(text: &str) -> Result<Propagation, Failure> {
    match text {
        "Orphan" => Ok(Propagation::Orphan),
        "Background" => Ok(Propagation::Background),
        "Foreground" => Ok(Propagation::Foreground),
        other => Err(Failure::bad_request(format!("unknown propagationPolicy {other:?}"))),
    }
}

impl World {
    /// A namespace goes, and all that is in it.
    fn empty_namespace(&mut self, namespace: &str) {
        for resource in [
            Resource::Jobs,
            Resource::Pods,
            Resource::Secrets,
            Resource::Events,
            Resource::ServiceAccounts,
            Resource::Roles,
            Resource::RoleBindings,
            Resource::ResourceQuotas,
        ] {
            let here = |object: &&Value| object["metadata"]["namespace"] == namespace;
            let names: Vec<String> =
                self.all(resource).filter(here).map(|object| text(&object["metadata"]["name"])).collect();
            for name in names {
                self.remove(resource, namespace, &name);
            }
        }
        self.remove(Resource::Namespaces, "", namespace);
    }
}
