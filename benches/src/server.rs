//! `server`: the Postgres that a bench measures against.

use leviathan_test_postgres::{Server, ServerError};

/// The server of this process. None, said on the terminal with the bench's name, where none is installed.
///
/// # Errors
/// A server that is there and does not start.
#[allow(clippy::print_stdout, reason = "a bench speaks on the terminal")]
pub fn server(bench: &str) -> Result<Option<&'static Server>, &'static ServerError> {
    match Server::shared() {
        Ok(server) => Ok(Some(server)),
        Err(why @ ServerError::NotInstalled(_)) => {
            println!("{bench}: skipped. {why}");
            Ok(None)
        }
        Err(why) => Err(why),
    }
}
