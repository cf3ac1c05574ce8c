//! `ingest`: bundles by HTTP, against the same bundles handed to the ledger. Both end in Postgres. The bundles are made
//! beforehand, but for the ids in them.

use leviathan_benches::{
    AsyncWrite, Load, Outcome, Peer, Rate, Rounds, Serving, ledger, measure, posted, server,
};
use leviathan_pg::PgEventStore;
use std::net::SocketAddr;
use std::sync::Arc;

struct Worker {
    at: SocketAddr,
    /// None before its first bundle.
    peer: Option<Peer>,
    /// What it posts again and again, with [`NUMBER`] where each time another stands.
    bundle: String,
}

const NUMBER: &str = "NUMBER";

impl AsyncWrite for Worker {
    async fn write(&mut self, number: usize) -> Outcome<()> {
        let bundle = self.bundle.replace(NUMBER, &number.to_string());
        let peer = match &mut self.peer {
            Some(peer) => peer,
            none => none.insert(Peer::connect(self.at).await?),
        };
        peer.ask("POST", "/v1/events/ingest", Serving::TOKEN, &bundle).await?;
        Ok(())
    }
}

pub(crate) async fn ingest(rounds: Rounds) -> Outcome<()> {
    let Some(server) = server("http")? else { return Ok(()) };
    println!("ingest into Postgres, events per second, median of {}", rounds.count);
    println!("{:>7}  {:>7}  {:>9}  {:>9}  {:>6}", "writers", "bundle", "ledger", "http", "ratio");
    for writers in [1, 4, 16] {
        for bundle in [1, 10, 100] {
            let load = Load { writers, bundle, time: rounds.time, first: 0 };
            let (mut without, mut with) = (Vec::new(), Vec::new());
            for _ in 0..rounds.count {
                without.push(ledger(&server.new_database()?, load).await?);
                with.push(by_http(&server.new_database()?, load).await?);
            }
            let (without, with) = (Rate::median(without), Rate::median(with));
            println!("{writers:>7}  {bundle:>7}  {without:>9}  {with:>9}  {:>6.2}", with.to(without));
        }
    }
    Ok(())
}

async fn by_http(url: &str, load: Load) -> Outcome<Rate> {
    let serving = Serving::start(Arc::new(PgEventStore::connect(url, "http").await?)).await?;
    let worker = |writer| Worker { at: serving.at, peer: None, bundle: posted(writer, NUMBER, load.bundle) };
    let rate = measure(load, worker).await;
    serving.stop().await?;
    rate
}
