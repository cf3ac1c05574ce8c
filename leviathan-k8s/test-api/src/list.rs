//! What a GET of one object or of many is answered with.

use crate::failure::Failure;
use crate::reply::Reply;
use crate::request::Asked;
use crate::resource::Resource;
use crate::selector::Selector;
use crate::world::World;
use serde_json::{Value, json};

pub(crate) fn one(world: &World, asked: &Asked, resource: Resource) -> Result<Reply, Failure> {
    asked.only(&["resourceVersion"])?;
    let (namespace, name) = (asked.namespace.as_deref(), asked.name.as_deref());
    let (namespace, name) = (namespace.unwrap_or_default(), name.unwrap_or_default());
    let found = world.get(resource, namespace, name).ok_or_else(|| Failure::not_found(resource, name))?;
    Ok(Reply::json(200, found))
}

pub(crate) fn answer(world: &mut World, asked: &Asked, resource: Resource) -> Result<Reply, Failure> {
    asked.only(&[
        "labelSelector",
        "fieldSelector",
        "limit",
        "continue",
        "resourceVersion",
        "resourceVersionMatch",
        "watch",
    ])?;
    let selector = Selector::read(asked, resource)?;
    check_version(world, asked)?;
    let (version, mut items) = match asked.query.get("continue").filter(|token| !token.is_empty()) {
        Some(token) => world.lists.remove(token).ok_or_else(Failure::continue_too_old)?,
        None => {
            let items = world.all(resource).filter(|object| selector.takes(object)).cloned();
            (world.version(), items.collect())
        }
    };
    let mut metadata = json!({"resourceVersion": version.to_string()});
    let limit = asked.number("limit")?.filter(|limit| *limit > 0);
    let limit = limit.and_then(|limit| usize::try_from(limit).ok());
    if let Some(limit) = limit.filter(|limit| *limit < items.len()) {
        let rest = items.split_off(limit);
        let token = format!("rest-{}", world.uid());
        metadata["continue"] = token.clone().into();
        if selector.is_everything() {
            metadata["remainingItemCount"] = rest.len().into();
        }
        world.lists.insert(token, (version, rest));
    }
    let items: Vec<Value> = items
        .into_iter()
        .map(|mut item| {
            if let Some(item) = item.as_object_mut() {
                item.remove("kind");
                item.remove("apiVersion");
            }
            item
        })
        .collect();
    let kind = format!("{}List", resource.kind());
    let list =
        json!({"kind": kind, "apiVersion": resource.api_version(), "metadata": metadata, "items": items});
    Ok(Reply::json(200, &list))
}

fn check_version(world: &World, asked: &Asked) -> Result<(), Failure> {
    let how = asked.query.get("resourceVersionMatch").map(String::as_str);
    let version = asked.version()?;
    match (how, version) {
        (Some(_), None) => {
            Err(Failure::bad_request("resourceVersionMatch is forbidden unless resourceVersion is provided"))
        }
        (Some("Exact"), Some(0)) => {
            Err(Failure::bad_request("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""))
        }
        (Some(other), _) if !["Exact", "NotOlderThan"].contains(&other) => {
            Err(Failure::bad_request(format!("resourceVersionMatch {other:?} is not supported")))
        }
        (_, Some(version)) if version > world.version() => Err(Failure::too_new(version, world.version())),
        // Only the newest state is kept whole.
        (Some("Exact"), Some(version)) if version != world.version() => Err(Failure::list_too_old()),
        _ => Ok(()),
    }
}
