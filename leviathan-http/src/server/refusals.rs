//! What may be refused, as responses of the API's description. Each is named by what it says.

use super::openapi::refusal;
use std::collections::BTreeMap;
use utoipa::IntoResponses;
use utoipa::openapi::{RefOr, Response};

macro_rules! refusals {
    ($($name:ident = $status:literal: $said:literal;)*) => {
        $(
            #[doc = $said]
            pub(super) struct $name;

            impl IntoResponses for $name {
                fn responses() -> BTreeMap<String, RefOr<Response>> {
                    BTreeMap::from([($status.to_owned(), RefOr::T(refusal($said, $status == "503")))])
                }
            }
        )*
    };
}

refusals! {
    BadRequest = "400": "The request cannot be used; each fault is named with its path.";
    NotSigned = "401": "The signature is missing or another's.";
    NoSuchThing = "404": "There is no such thing.";
    NotAsThingsAre = "409": "That makes no sense as things are; nothing was changed.";
    BodyTooLarge = "413": "The body is larger than it may be; nothing of it was kept.";
    BeyondEnd = "416": "The range lies behind the end of the bytes.";
    WrongDigest = "422": "The bytes have another digest than they were called by; nothing of them was kept.";
    Unavailable = "503": "The control plane cannot work just now, and why.";
}
