//! The TLS provider of the process.

use rustls::crypto::{CryptoProvider, ring};

/// Installs ring for the whole process if the host chose no TLS provider. A client panics without one where two are built in.
pub(crate) fn ensure_tls_provider() {
    if CryptoProvider::get_default().is_none() {
        // Somebody else may be faster; then theirs stays.
        let _ = ring::default_provider().install_default();
    }
}
