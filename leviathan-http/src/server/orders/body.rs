//! `Order`: the body of an order, read strictly.

use crate::Problem;
use crate::server::refuse::BAD_REQUEST;
use crate::server::unread::unread;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use leviathan_core::BundleFault;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The largest order, in bytes.
pub(in crate::server) const MAX_ORDER_BYTES: usize = 64 * 1024;

/// The body of an order. What it has too much is a fault too: an order that is half understood is not carried out.
pub(in crate::server) struct Order<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Order<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| unread(rejection, "an order", MAX_ORDER_BYTES))?;
        read(&body).map(Self)
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let refused =
        |faults| BAD_REQUEST.because("the order cannot be used; nothing was changed").with_faults(faults);
    let mut faults = Vec::new();
    let mut json = serde_json::Deserializer::from_slice(body);
    let mut track = serde_path_to_error::Track::new();
    let unknown = |path: serde_ignored::Path<'_>| {
        faults.push(BundleFault { path: path.to_string(), what: "there is no such field".to_owned() });
    };
    let mut unknown = unknown;
    let tracked = serde_path_to_error::Deserializer::new(&mut json, &mut track);
    let order = serde_ignored::deserialize(tracked, &mut unknown);
    let order = order.and_then(|order| json.end().map(|()| order));
    match order {
        Ok(order) if faults.is_empty() => {
            add_lists(&serde_json::from_slice(body).unwrap_or_default(), "", &mut faults);
            if faults.is_empty() { Ok(order) } else { Err(refused(faults)) }
        }
        Ok(_) => Err(refused(faults)),
        Err(error) => {
            faults.push(BundleFault::met("body", &track.path().to_string(), error.to_string()));
            Err(refused(faults))
        }
    }
}

/// Names each list: no order has one, and serde would take it for the fields of an object in their order.
fn add_lists(value: &Value, path: &str, faults: &mut Vec<BundleFault>) {
    match value {
        Value::Array(_) => {
            let path = if path.is_empty() { "body" } else { path };
            faults.push(BundleFault { path: path.to_owned(), what: "expected no list".to_owned() });
        }
        Value::Object(fields) => {
            let dot = if path.is_empty() { "" } else { "." };
            fields.iter().for_each(|(name, value)| add_lists(value, &format!("{path}{dot}{name}"), faults));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leviathan_core::Limits;

    fn paths(json: &str) -> Vec<String> {
        let problem = read::<Limits>(json.as_bytes()).unwrap_err();
        problem.errors.into_iter().map(|fault| fault.path).collect()
    }

    #[test]
    fn every_field_that_is_unknown_is_named_with_its_path_and_what_cannot_be_read_too() {
        assert_eq!(read::<Limits>(br#"{"max_running":3}"#).unwrap().max_running.get(), 3);
        assert_eq!(paths(r#"{"max_runing":3,"budget":{"usd":1}}"#), ["max_runing", "budget.usd"]);
        assert_eq!(paths(r#"{"retry":{"max_attempts":0}}"#), ["retry.max_attempts"]);
        assert_eq!(paths(r#"{"budget":[1,2],"retry":[1,2,3,4]}"#), ["budget", "retry"]);
        assert_eq!(paths("{"), ["body"]);
        assert_eq!(paths("{} x"), ["body"]);
        assert_eq!(paths(""), ["body"]);
    }
}
