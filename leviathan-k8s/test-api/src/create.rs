//! What a POST makes.

use crate::accept::read_object;
use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::Asked;
use crate::resource::Resource;
use crate::rights::Right;
use crate::world::{User, World, owners, text, time_in};
use k8s_openapi::ByteString;
use serde_json::{Value, json};
use std::time::Duration;

pub(crate) fn answer(
    world: &mut World,
    asked: &Asked,
    resource: Resource,
    body: &[u8],
) -> Result<Reply, Failure> {
    asked.only(&["dryRun", "fieldManager", "fieldValidation"])?;
    let dry = match asked.query.get("dryRun").map(String::as_str) {
        None => false,
        Some("All") => true,
        Some(other) => return Err(Failure::bad_request(format!("dryRun is All or nothing, not {other:?}"))),
    };
    let namespace = asked.namespace.as_deref();
    if namespace.is_none() && resource != Resource::Namespaces {
        return Err(Failure::bad_request("an empty namespace may not be set during creation"));
    }
    let object = read_object(resource, namespace, body)?;
    let (there, name) = (namespace.unwrap_or_default(), text(&object["metadata"]["name"]));
    if let Some(namespace) = namespace
        && world.get(Resource::Namespaces, "", namespace).is_none()
    {
        return Err(Failure::not_found(Resource::Namespaces, namespace));
    }
    if let Some(found) = world.get(resource, there, &name) {
        let being_deleted = !found["metadata"]["deletionTimestamp"].is_null();
        return Err(Failure::exists(resource, &name, being_deleted));
    }
    let made = match resource {
        Resource::Jobs => world.dress_job(object),
        Resource::Secrets => dress_secret(world, object),
        Resource::ResourceQuotas => {
            let mut quota = world.dress(object);
            quota["status"] = json!({"hard": quota["spec"]["hard"]});
            quota
        }
        _ => world.dress(object),
    };
    if dry {
        return Ok(Reply::json(201, &made));
    }
    let made = world.put(resource, made);
    match resource {
        Resource::Jobs => world.start_job(&made),
        Resource::Namespaces => {
            let account = json!({
                "kind": "ServiceAccount", "apiVersion": "v1", "metadata": {"name": "default", "namespace": name},
            });
            let account = world.dress(account);
            world.put(Resource::ServiceAccounts, account);
        }
        // What belongs to a Job that is no more goes too.
        Resource::Secrets => {
            let orphan = owners(&made).any(|owner| {
                let job = world.get(Resource::Jobs, there, &text(&owner["name"]));
                job.is_none_or(|job| job["metadata"]["uid"] != owner["uid"])
            });
            if orphan {
                world.remove(resource, there, &name);
            }
        }
        _ => {}
    }
    Ok(Reply::json(201, &made))
}

fn dress_secret(world: &mut World, mut secret: Value) -> Value {
    if secret["type"].is_null() {
        secret["type"] = "Opaque".into();
    }
    // What was given as text is kept as data.
    if let Some(Value::Object(texts)) = secret.as_object_mut().and_then(|secret| secret.remove("stringData"))
    {
        for (key, value) in texts {
            secret["data"][key] = json!(ByteString(text(&value).into_bytes()));
        }
    }
    world.dress(secret)
}

/// Whether who asks may do what the review is about.
pub(crate) fn review(world: &World, user: &User, body: &[u8]) -> Result<Reply, Failure> {
    let mut review: Value =
        serde_json::from_slice(body).map_err(|error| Failure::bad_request(error.to_string()))?;
    let about = review["spec"]["resourceAttributes"].clone();
    let (verb, group) = (text(&about["verb"]), text(&about["group"]));
    let resource = match about["subresource"].as_str() {
        None | Some("") => text(&about["resource"]),
        Some(sub) => format!("{}/{sub}", text(&about["resource"])),
    };
    let namespace = about["namespace"].as_str();
    let right = Right { verb: &verb, group: &group, resource: &resource, namespace };
    review["status"] = json!({"allowed": world.allows(user, right)});
    Ok(Reply::json(201, &review))
}

/// A token for a service account.
pub(crate) fn token(world: &mut World, asked: &Asked, body: &[u8]) -> Result<Reply, Failure> {
    let mut request: Value =
        serde_json::from_slice(body).map_err(|error| Failure::bad_request(error.to_string()))?;
    let namespace = asked.namespace.clone().unwrap_or_default();
    let name = asked.name.clone().unwrap_or_default();
    if world.get(Resource::ServiceAccounts, &namespace, &name).is_none() {
        return Err(Failure::not_found(Resource::ServiceAccounts, &name));
    }
    let token = format!("token-of-{name}-{}", world.uid());
    world.tokens.insert(token.clone(), User::Account { namespace, name });
    request["status"] = json!({"token": token, "expirationTimestamp": time_in(Duration::from_secs(3600))});
    Ok(Reply::json(201, &request))
}
