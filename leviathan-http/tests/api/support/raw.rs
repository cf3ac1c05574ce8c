//! `Raw`: a peer that sends what it likes.

use super::soon;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Raw(TcpStream);

impl Raw {
    pub(crate) async fn connect(at: SocketAddr) -> Self {
        Self(TcpStream::connect(at).await.unwrap())
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        soon(self.0.write_all(bytes)).await.unwrap();
    }

    /// Reads until the text has come, and gives all that came.
    pub(crate) async fn until(&mut self, text: &str) -> String {
        let mut all = Vec::new();
        while !String::from_utf8_lossy(&all).contains(text) {
            let mut chunk = [0; 4096];
            let read = soon(self.0.read(&mut chunk)).await.unwrap();
            assert!(read > 0, "the connection ended after {:?}", String::from_utf8_lossy(&all));
            all.extend_from_slice(&chunk[..read]);
        }
        String::from_utf8(all).unwrap()
    }

    /// Waits until the other side has ended the connection.
    pub(crate) async fn ends(&mut self) {
        let mut rest = Vec::new();
        // Whether it is ended or reset, it is over.
        let _ = soon(self.0.read_to_end(&mut rest)).await;
    }
}
