//! `Fault`: what goes wrong with a request.

/// What goes wrong with a request.
#[derive(Debug, Clone)]
pub enum Fault {
    /// It is answered with this status, these headers and this message, and nothing is done.
    Refused(u16, Vec<(&'static str, String)>, &'static str),
    /// It is done, and answered with 502: the client can't know.
    LosesAnswer,
    /// It is never answered.
    Hangs,
    /// Its answer has no end.
    HasNoEnd,
    /// It is answered with an empty page whose next one is said to be at this address.
    LeadsTo(String),
    /// It is answered with a page that no program can read.
    IsNoJson,
    /// It is refused with all its headers repeated in the message.
    RepeatsHeaders,
}

impl Fault {
    /// A refusal with nothing but a status and a message.
    pub fn status(status: u16, message: &'static str) -> Self {
        Self::Refused(status, Vec::new(), message)
    }
}
