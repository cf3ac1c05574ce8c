//! The server's thread: takes connections, and kills pods when they are due.

use crate::handle::handle;
use crate::shared::Shared;
use crate::timers::kill_due;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

/// The server's thread. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Serving {
    pub(crate) address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }
}

/// Serves on a free port of this machine, on a thread of its own, so that a test's time may stand still.
pub(crate) fn serve(shared: Arc<Shared>) -> Serving {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("its address");
    listener.set_nonblocking(true).expect("a listener that does not block");
    let (stop, stopped) = oneshot::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let listener = TcpListener::from_std(listener).expect("a listener of tokio");
            tokio::select! {
                () = accept(&listener, &shared) => {}
                () = keep_time(&shared) => {}
                _ = stopped => {}
            }
        });
    });
    Serving { address, stop: Some(stop) }
}

async fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        tokio::spawn(converse(stream, shared.clone()));
    }
}

/// One connection, until it is over or the server goes down.
async fn converse(stream: TcpStream, shared: Arc<Shared>) {
    let mut bell = shared.bell();
    let downs = shared.look(|world| world.downs);
    if shared.look(|world| world.down) {
        return;
    }
    let service = service_fn(|request| handle(shared.clone(), request));
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    loop {
        tokio::select! {
            _ = &mut connection => return,
            rung = bell.changed() => if rung.is_err() || shared.look(|world| world.downs != downs) { return },
        }
    }
}

async fn keep_time(shared: &Shared) {
    let mut bell = shared.bell();
    loop {
        bell.mark_unchanged();
        let now = Instant::now();
        let due = |world: &crate::world::World| world.due.iter().map(|due| due.at).min();
        let mut next = shared.look(due);
        if next.is_some_and(|next| next <= now) {
            next = shared.change(|world| kill_due(world, now));
        }
        match next {
            Some(next) => tokio::select! {
                () = tokio::time::sleep_until(next.into()) => {}
                _ = bell.changed() => {}
            },
            None => _ = bell.changed().await,
        }
    }
}
