//! `Peer`: a client that costs next to nothing.

use crate::Outcome;
use std::net::SocketAddr;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A connection that asks one thing after the other.
#[derive(Debug)]
pub struct Peer {
    connection: BufReader<TcpStream>,
    line: String,
    body: Vec<u8>,
}

impl Peer {
    /// Connects.
    ///
    /// # Errors
    /// What the system says.
    pub async fn connect(at: SocketAddr) -> Outcome<Self> {
        let connection = TcpStream::connect(at).await?;
        connection.set_nodelay(true)?;
        Ok(Self { connection: BufReader::new(connection), line: String::new(), body: Vec::new() })
    }

    /// Asks, and gives the body of the answer.
    ///
    /// # Errors
    /// Any answer but 200.
    pub async fn ask(&mut self, method: &str, path: &str, token: &str, sent: &str) -> Outcome<&[u8]> {
        let length = sent.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\ncontent-length: {length}\r\n\r\n{sent}"
        );
        self.connection.write_all(request.as_bytes()).await?;
        let (mut length, mut status) = (0, String::new());
        loop {
            self.line.clear();
            self.connection.read_line(&mut self.line).await?;
            let line = self.line.trim_end();
            match line.split_once(": ") {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse()?
                }
                Some(_) => {}
                None if line.is_empty() => break,
                None => status = line.to_owned(),
            }
        }
        self.body.resize(length, 0);
        self.connection.read_exact(&mut self.body).await?;
        if status.split(' ').nth(1) != Some("200") {
            return Err(format!("{method} {path}: {status}: {}", String::from_utf8_lossy(&self.body)).into());
        }
        Ok(&self.body)
    }
}
