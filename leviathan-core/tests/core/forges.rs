//! Who keeps a target's pull requests: recorded with the target, told to attempts, and not trusted before it answered.

use crate::support::*;
use leviathan_core::decide::Command;
use leviathan_core::event::Event;
use leviathan_core::executor::worker_env::{self, attempt_env};
use leviathan_core::graph::ForgeUnknown;
use leviathan_core::log::Head;
use leviathan_core::{ForgeConfig, TargetConfig};

fn github(api_url: &str) -> ForgeConfig {
    ForgeConfig::Github { api_url: api_url.to_owned() }
}

fn register(forge: ForgeConfig) -> Command {
    Command::RegisterTarget(TargetConfig { forge, ..config_of("radix") })
}

fn answered() -> Command {
    Command::ForgeAnswered { target: target(), pull_requests: Vec::new() }
}

fn silent(reason: &str) -> Command {
    Command::ForgeSilent { target: target(), since: at(-60), reason: reason.to_owned() }
}

#[test]
fn nothing_starts_before_the_forge_has_answered_for_the_first_time() {
    let mut world = World::begun();
    let events = world.when(register(github("https://api.github.com")));
    assert_eq!(kinds(&events), ["target.registered", "target.forge_unknown"]);
    world.when(sync([task("docs")]));
    assert!(world.next().is_empty());
    let refused = world.refused(start("docs")).to_string();
    assert!(
        refused.contains("the forge has not answered since") && refused.contains("not asked"),
        "{refused}"
    );
    assert!(
        world.when(register(github("https://api.github.com"))).is_empty(),
        "the same again is nothing new"
    );

    assert_eq!(kinds(&world.when(answered())), ["target.forge_known"]);
    assert_eq!(world.next(), ["docs"]);
}

#[test]
fn a_target_that_gets_another_forge_waits_for_that_one() {
    let mut world = World::with(["docs"]);
    assert_eq!(world.next(), ["docs"]);
    let events = world.when(register(github("https://one")));
    assert_eq!(kinds(&events), ["target.updated", "target.forge_unknown"]);
    world.when(answered());
    assert_eq!(world.next(), ["docs"]);
    let events = world.when(register(github("https://two")));
    assert_eq!(kinds(&events), ["target.updated", "target.forge_unknown"]);
    assert_eq!(world.target().forge, github("https://two"));
    assert!(world.next().is_empty());
    // While nothing is known of the one, nothing more is unknown of the other.
    assert_eq!(kinds(&world.when(register(github("https://three")))), ["target.updated"]);
}

#[test]
fn a_target_that_loses_its_forge_waits_for_nobody() {
    let mut world = World::with(["docs"]);
    world.when(register(github("https://one")));
    let events = world.when(register(ForgeConfig::None));
    assert_eq!(kinds(&events), ["target.updated", "target.forge_known"]);
    assert_eq!(world.next(), ["docs"]);
}

#[test]
fn that_a_forge_was_asked_in_vain_is_told_once() {
    let mut world = World::with(["docs"]);
    world.when(register(github("https://one")));
    assert_eq!(kinds(&world.when(silent("it answered 401"))), ["target.forge_unknown"]);
    let known = ForgeUnknown { since: at(-60), reason: "it answered 401".to_owned() };
    assert_eq!(world.target().forge_unknown, Some(known.clone()));
    assert!(world.when(silent("it answered 502")).is_empty());
    assert_eq!(world.target().forge_unknown, Some(known));
}

#[test]
fn a_claim_names_no_forge() {
    let mut world = World::with(["docs"]);
    let mut told = leviathan_core::event::payload::TargetFields {
        target_id: Some(target()),
        forge: Some(github("https://evil")),
        ..Default::default()
    };
    world.says([Event::TargetUpdated(told.clone())]);
    assert_eq!(world.target().forge, ForgeConfig::None);
    let other = leviathan_core::id::TargetId::new("other").unwrap();
    told.target_id = Some(other.clone());
    world.says([Event::TargetRegistered(told)]);
    let other = world.graph.target(&other).map(|target| target.forge.clone());
    assert!(other.is_none_or(|forge| forge.is_none()));
}

#[test]
fn an_attempt_is_told_the_forge_that_its_target_had_when_it_was_opened() {
    let mut world = World::with(["docs"]);
    world.when(register(github("https://one")));
    world.when(answered());
    let attempt = world.start("docs");
    world.when(register(ForgeConfig::None));
    let spec = world.attempt(&attempt).spec.clone().unwrap();
    let env = attempt_env(&spec, &Head::EMPTY);
    assert_eq!(env[worker_env::FORGE_KIND], "github");
    assert_eq!(env[worker_env::FORGE_API_URL], "https://one");
}
