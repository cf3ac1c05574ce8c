//! From a container to the command that stands for it.

use super::image::Image;
use super::life::Life;
use crate::resource::Resource;
use crate::world::{World, text};
use serde_json::Value;
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// Why a container waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) reason: &'static str,
    pub(super) message: String,
}

fn waiting(reason: &'static str, message: String) -> Waiting {
    Waiting { reason, message }
}

/// Where a container's termination message stands in its pod's folder.
pub(super) fn message_file(folder: &Path, container: &Value) -> PathBuf {
    folder.join(format!("message-of-{}", text(&container["name"])))
}

/// The command that stands for a container, which also names it for errors; or why there is none yet.
pub(super) fn prepare(
    world: &World,
    life: &Life,
    container: &Value,
    images: &dyn Fn(&str) -> Option<Image>,
    folder: &Path,
) -> Result<(Command, String), Waiting> {
    let image = image(container, images)?;
    let message_path = container["terminationMessagePath"].as_str().unwrap_or("/dev/termination-log");
    let message_file = message_file(folder, container).to_string_lossy().into_owned();
    let mounts = container["volumeMounts"].as_array().into_iter().flatten();
    let mut places: Vec<(String, PathBuf)> = mounts
        .map(|mount| (text(&mount["mountPath"]), folder.join("volumes").join(text(&mount["name"]))))
        .collect();
    places.push((message_path.to_owned(), message_file.clone().into()));
    let place = |value: String| {
        let found = places.iter().find(|(path, _)| *path == value);
        found.map_or(value, |(_, place)| place.to_string_lossy().into_owned())
    };

    let words = |field: &str| -> Vec<String> {
        let words = container[field].as_array().into_iter().flatten().map(text);
        words.map(|word| word.replace(message_path, &message_file)).collect()
    };
    let mut argv = words("command");
    if argv.is_empty() {
        argv.clone_from(&image.command);
    }
    argv.extend(words("args"));
    let Some(program) = argv.first().cloned() else {
        return Err(waiting("CreateContainerError", "no command specified".to_owned()));
    };

    let mut command = Command::new(&program);
    command.args(&argv[1..]).env_clear().current_dir(folder).env("HOSTNAME", &life.name);
    command.envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
    command.envs(image.env.into_iter().map(|(name, value)| (name, place(value))));
    for variable in container["env"].as_array().into_iter().flatten() {
        let value = match &variable["valueFrom"]["secretKeyRef"] {
            Value::Null => text(&variable["value"]).replace("$$(", "$("),
            from => secret(world, &life.namespace, from)?,
        };
        command.env(text(&variable["name"]), place(value));
    }
    Ok((command, program))
}

fn image(container: &Value, images: &dyn Fn(&str) -> Option<Image>) -> Result<Image, Waiting> {
    let name = text(&container["image"]);
    if let Some(image) = images(&name) {
        return Ok(image);
    }
    // The last part of the path, as the original quotes it.
    let path = name.split_once('/').map_or(name.as_str(), |(_, path)| path);
    if name.contains(|letter: char| letter.is_ascii_uppercase() || letter.is_whitespace()) {
        let message = format!(
            "Failed to apply default image tag {name:?}: couldn't parse image name {name:?}: invalid reference format: \
             repository name ({path}) must be lowercase"
        );
        return Err(waiting("InvalidImageName", message));
    }
    if container["imagePullPolicy"] == "Never" {
        let message = format!("Container image {name:?} is not present with pull policy of Never");
        return Err(waiting("ErrImageNeverPull", message));
    }
    let message = format!(
        "Back-off pulling image {name:?}: ErrImagePull: failed to pull and unpack image {name:?}: failed to resolve \
         image: there are no registries here"
    );
    Err(waiting("ImagePullBackOff", message))
}

fn secret(world: &World, namespace: &str, from: &Value) -> Result<String, Waiting> {
    let (name, key) = (text(&from["name"]), text(&from["key"]));
    let missing = |message| waiting("CreateContainerConfigError", message);
    let secret = world
        .get(Resource::Secrets, namespace, &name)
        .ok_or_else(|| missing(format!("secret {name:?} not found")))?;
    // Nothing at all would be read as an empty value.
    let data = secret["data"].get(&key).cloned();
    let data: Option<k8s_openapi::ByteString> = data.and_then(|data| serde_json::from_value(data).ok());
    let data =
        data.ok_or_else(|| missing(format!("couldn't find key {key} in Secret {namespace}/{name}")))?;
    Ok(String::from_utf8_lossy(&data.0).into_owned())
}
