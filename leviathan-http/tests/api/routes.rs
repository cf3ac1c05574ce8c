//! Each route there is: with what it takes and what it refuses, by each bearer of a token, over each kind of store.

mod route;
mod table;
mod world;

pub(crate) use route::{Route, Who};
pub(crate) use table::table;
pub(crate) use world::{DIGEST, World};

use crate::support::{Answer, Api, Kept, OPERATOR};
use reqwest::Method;
use serde_json::Value;
use std::collections::BTreeSet;

#[tokio::test]
async fn the_table_has_each_route_of_the_description_and_no_other() {
    let api = Api::start().await;
    let description: Value = Answer::of(api.request(Method::GET, "/v1/openapi.json")).await.ok();
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let guarded = operation.get("security").is_some();
            described.insert((format!("{} {path}", method.to_uppercase()), guarded));
        }
    }
    let listed: BTreeSet<_> =
        table().iter().map(|route| (route.name.to_owned(), route.who != Who::Anybody)).collect();
    assert_eq!(listed.len(), table().len(), "a route stands there twice");
    let missing: Vec<_> = described.difference(&listed).collect();
    assert!(missing.is_empty(), "give these routes a row in tests/api/routes/table.rs: {missing:?}");
    let unknown: Vec<_> = listed.difference(&described).collect();
    assert!(unknown.is_empty(), "nothing is described as {unknown:?}");
}

/// Asks all of each route that its row says, and tells all that is answered otherwise.
async fn each_route_takes_and_refuses_what_its_row_says(kept: Kept) {
    let mut otherwise = Vec::new();
    for route in table() {
        let world = World::start(kept, &route).await;
        for case in route.refused.iter().chain(&route.taken) {
            let before = world.head();
            let response = world.send(&route, case, Some(&format!("Bearer {OPERATOR}"))).await;
            let status = response.status().as_u16();
            let mut faults = Vec::new();
            // What is taken may go on for ever.
            if status >= 400 && route.method() != Method::HEAD {
                let (headers, body) = (response.headers().clone(), response.bytes().await.unwrap());
                let problem = Answer { status, headers, body }.problem(status);
                faults.extend(problem.errors.into_iter().map(|fault| fault.path));
            }
            let recorded = world.head() != before;
            if status != case.status || faults != case.faults || (recorded && status >= 400) {
                let said = format!("{status} naming {faults:?}, recorded: {recorded}");
                otherwise.push(format!("{}: {said}; expected {case:?}", route.name));
            }
        }
    }
    assert!(otherwise.is_empty(), "{}", otherwise.join("\n"));
}

#[tokio::test]
async fn each_route_takes_and_refuses_what_its_row_says_in_memory() {
    each_route_takes_and_refuses_what_its_row_says(Kept::Memory).await;
}

#[tokio::test]
async fn each_route_takes_and_refuses_what_its_row_says_over_the_embedded_stores() {
    each_route_takes_and_refuses_what_its_row_says(Kept::Embedded).await;
}

#[tokio::test]
async fn each_route_takes_and_refuses_what_its_row_says_over_postgres() {
    each_route_takes_and_refuses_what_its_row_says(Kept::Postgres).await;
}

#[test]
fn the_page_about_the_api_has_each_route_and_no_other() {
    const PAGE: &str = include_str!("../../../docs/api.md");
    let titled: BTreeSet<&str> =
        PAGE.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    let table = table();
    let listed: BTreeSet<&str> = table.iter().map(|route| route.name).collect();
    assert_eq!(titled, listed, "docs/api.md has a section for each route, titled by its method and path");
}
