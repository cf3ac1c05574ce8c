//! `Proxy`: a server reached over a network that fails as the test wants it to.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Which way bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    ToServer,
    ToClient,
}

/// Stands between a store and its server.
#[derive(Clone)]
pub(crate) struct Proxy {
    url: String,
    state: Arc<Mutex<State>>,
    held: Arc<watch::Sender<Held>>,
    broken: Arc<watch::Sender<usize>>,
}

/// What waits until it is let go.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Held {
    Nothing,
    /// What is sent on these connections; the client may close them meanwhile.
    SentOn(BTreeSet<usize>),
    /// Everything, new connections too.
    Everything,
}

/// Why no more bytes go one way.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Closed,
    Cut,
}

#[derive(Default)]
struct State {
    connections: usize,
    /// Those that have sent an append's statement.
    appending: BTreeSet<usize>,
    /// Cut the next of those once so many more bytes went that way.
    cut: Option<(Way, usize)>,
    cuts: usize,
    /// Bytes that went each way on those.
    passed: [usize; 2],
}

impl Proxy {
    /// One before the server of `url`.
    pub(crate) async fn before(url: &str) -> Self {
        let (before, rest) = url.split_once('@').unwrap();
        let (server, path) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("{before}@{}/{path}", listener.local_addr().unwrap());
        let proxy = Self {
            url,
            state: Arc::default(),
            held: Arc::new(watch::Sender::new(Held::Nothing)),
            broken: Arc::new(watch::Sender::new(0)),
        };
        tokio::spawn(proxy.clone().accept(listener, server.to_owned()));
        proxy
    }

    /// How a client reaches the server through it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Cuts a connection that appends, once so many more bytes went that way.
    pub(crate) fn cut_after(&self, way: Way, bytes: usize) {
        self.state().cut = Some((way, bytes));
    }

    /// How often a connection was cut as planned.
    pub(crate) fn cuts(&self) -> usize {
        self.state().cuts
    }

    /// How many bytes went that way on connections that append.
    pub(crate) fn passed(&self, way: Way) -> usize {
        self.state().passed[way as usize]
    }

    /// Breaks all connections.
    pub(crate) fn break_all(&self) {
        self.broken.send_modify(|times| *times += 1);
    }

    /// Holds what is sent on the connections that append now.
    pub(crate) fn hold_appends(&self) {
        let appending = self.state().appending.clone();
        self.held.send_replace(Held::SentOn(appending));
    }

    /// Holds everything.
    pub(crate) fn hold_all(&self) {
        self.held.send_replace(Held::Everything);
    }

    pub(crate) fn let_go(&self) {
        self.held.send_replace(Held::Nothing);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn accept(self, listener: TcpListener, server: String) {
        while let Ok((client, _)) = listener.accept().await {
            let (proxy, server) = (self.clone(), server.clone());
            tokio::spawn(async move {
                proxy.held.subscribe().wait_for(|held| *held != Held::Everything).await.unwrap();
                // A server that is down refuses; so does this one then.
                let Ok(server) = TcpStream::connect(server).await else { return };
                server.set_nodelay(true).unwrap();
                client.set_nodelay(true).unwrap();
                proxy.join(client, server).await;
            });
        }
    }

    /// Passes bytes both ways until the server closes, or the connection is cut.
    async fn join(self, client: TcpStream, server: TcpStream) {
        let id = {
            let mut state = self.state();
            state.connections += 1;
            state.connections
        };
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        let mut broken = self.broken.subscribe();
        let to_server = async {
            if self.pass(id, Way::ToServer, from_client, to_server).await == End::Closed {
                // The server sees it too, and still answers what it was asked.
                std::future::pending().await
            }
        };
        tokio::select! {
            () = to_server => {}
            _ = self.pass(id, Way::ToClient, from_server, to_client) => {}
            _ = broken.changed() => {}
        }
    }

    async fn pass(&self, id: usize, way: Way, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> End {
        let mut buffer = vec![0; 64 * 1024];
        let mut held = self.held.subscribe();
        loop {
            let Ok(read @ 1..) = from.read(&mut buffer).await else { return End::Closed };
            let bytes = &buffer[..read];
            if bytes.windows(16).any(|part| part == b"leviathan.append") {
                self.state().appending.insert(id);
            }
            let waits = |held: &Held| match held {
                Held::SentOn(connections) => way == Way::ToServer && connections.contains(&id),
                Held::Everything => true,
                Held::Nothing => false,
            };
            held.wait_for(|held| !waits(held)).await.unwrap();
            let (pass, cut) = self.count(id, way, read);
            let passed = to.write_all(&bytes[..pass]).await;
            if cut {
                return End::Cut;
            }
            if passed.is_err() {
                return End::Closed;
            }
        }
    }

    /// How many of so many bytes go through, and whether the connection is cut then.
    fn count(&self, id: usize, way: Way, bytes: usize) -> (usize, bool) {
        let mut state = self.state();
        if !state.appending.contains(&id) {
            return (bytes, false);
        }
        state.passed[way as usize] += bytes;
        match state.cut {
            Some((cut, after)) if cut == way && after <= bytes => {
                state.cut = None;
                state.cuts += 1;
                (after, true)
            }
            Some((cut, after)) if cut == way => {
                state.cut = Some((cut, after - bytes));
                (bytes, false)
            }
            _ => (bytes, false),
        }
    }
}
