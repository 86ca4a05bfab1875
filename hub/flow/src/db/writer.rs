//! Group commit: what waits is written together.
//!
//! One thread owns the writing connection. It takes what waits (up to [`SET`] items, no timer), opens one transaction,
//! runs each verb once over its items in the order of the flow, commits once and answers all. If the set fails, it is
//! rolled back and run item by item, so that only the guilty item fails. Grouping is worth sixteen times on SQLite and
//! five on PostgreSQL (`docs/decisions/0002-storage.md`).

use std::any::{Any, TypeId};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::tx::Engine;
use super::{DbError, Tx, postgres, sqlite};

/// Items written in one transaction at most; beyond about 128 a set gets slower, not faster.
const SET: usize = 128;
/// Items that may wait before senders are held back.
const WAITING: usize = 4096;

/// One kind of write. It takes a slice, so that its statements can serve many items at once.
pub trait WriteVerb: Send + Sync + 'static {
    /// What is written.
    type Item: Send + 'static;
    /// What the caller learns once it is durable.
    type Output: Send + 'static;
    /// Place in the flow: within one transaction, verbs with smaller numbers run first.
    const ORDER: u16;

    /// Writes the items; answers one output per item, in order. An error rolls everything back.
    fn run(
        &self,
        tx: &mut Tx<'_>,
        items: &[Self::Item],
    ) -> impl std::future::Future<Output = Result<Vec<Self::Output>, DbError>>;
}

/// Where the writing connection goes.
pub(super) enum Target {
    Sqlite(PathBuf),
    Postgres(String),
}

/// The way to the writer's thread.
#[derive(Clone)]
pub(super) struct Writer {
    tickets: mpsc::Sender<Box<dyn Ticket>>,
}

impl Writer {
    pub(super) fn start(target: Target) -> Result<Self, DbError> {
        let (tickets, waiting) = mpsc::channel(WAITING);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || runtime.block_on(serve(target, waiting)))
            .map_err(|error| DbError::Unavailable(error.to_string()))?;
        Ok(Self { tickets })
    }

    pub(super) async fn write<V: WriteVerb>(&self, verb: &Arc<V>, item: V::Item) -> Result<V::Output, DbError> {
        let (reply, answer) = oneshot::channel();
        let order = Order { verb: Arc::clone(verb), item, reply };
        let stopping = || DbError::Unavailable("the hub is stopping".to_owned());
        self.tickets.send(Box::new(order)).await.map_err(|_| stopping())?;
        answer.await.map_err(|_| stopping())?
    }
}

async fn serve(target: Target, mut waiting: mpsc::Receiver<Box<dyn Ticket>>) {
    let mut connection = None;
    let mut tickets = Vec::with_capacity(SET);
    while waiting.recv_many(&mut tickets, SET).await > 0 {
        let mut lots = sort_into_lots(tickets.drain(..));
        match write_set(&target, &mut connection, &mut lots).await {
            Ok(()) => lots.into_iter().for_each(Lot::answer),
            Err(error) => write_one_by_one(&target, &mut connection, lots, &error).await,
        }
    }
}

async fn write_one_by_one(
    target: &Target,
    connection: &mut Option<Connection>,
    lots: Vec<Box<dyn Lot>>,
    error: &DbError,
) {
    let singles: Vec<_> = lots.into_iter().flat_map(Lot::split).collect();
    let alone = singles.len() == 1;
    for single in singles {
        let mut lots = [single];
        // A lone item has had its try; a database that is away will not be back within the same set.
        let result = match error {
            error if alone => Err(error.clone()),
            DbError::Unavailable(_) | DbError::Full(_) => Err(error.clone()),
            _ => write_set(target, connection, &mut lots).await,
        };
        let [single] = lots;
        match result {
            Ok(()) => single.answer(),
            Err(error) => single.fail(&error),
        }
    }
}

enum Connection {
    Sqlite(rusqlite::Connection, sqlite::Checkpointer),
    Postgres(postgres::Session),
}

impl Connection {
    async fn open(target: &Target) -> Result<Self, DbError> {
        Ok(match target {
            Target::Sqlite(path) => Self::Sqlite(sqlite::open(path)?, sqlite::Checkpointer::start(path)?),
            Target::Postgres(url) => Self::Postgres(postgres::Session::open(url).await?),
        })
    }

    fn is_closed(&self) -> bool {
        matches!(self, Self::Postgres(session) if session.is_closed())
    }

    async fn batch(&self, sql: &str) -> Result<(), DbError> {
        match self {
            Self::Sqlite(connection, _) => Ok(connection.execute_batch(sql)?),
            Self::Postgres(session) => session.batch(sql).await,
        }
    }

    async fn commit(&self) -> Result<(), DbError> {
        self.batch("commit").await?;
        if let Self::Sqlite(_, checkpointer) = self {
            checkpointer.committed();
        }
        Ok(())
    }

    fn tx(&self) -> Tx<'_> {
        Tx(match self {
            Self::Sqlite(connection, _) => Engine::Sqlite(connection),
            Self::Postgres(session) => Engine::Postgres(session),
        })
    }
}

async fn write_set(target: &Target, held: &mut Option<Connection>, lots: &mut [Box<dyn Lot>]) -> Result<(), DbError> {
    if held.as_ref().is_none_or(Connection::is_closed) {
        *held = Some(Connection::open(target).await?);
    }
    let connection = held.as_ref().expect("opened above");
    let written = async {
        connection.batch(if matches!(target, Target::Sqlite(_)) { "begin immediate" } else { "begin" }).await?;
        let mut tx = connection.tx();
        for lot in lots {
            lot.run(&mut tx).await?;
        }
        connection.commit().await
    }
    .await;
    if written.is_err() && connection.batch("rollback").await.is_err() {
        // SQLite rolls back by itself on some errors; a fresh connection is always in a known state.
        *held = None;
    }
    written
}

fn sort_into_lots(tickets: impl Iterator<Item = Box<dyn Ticket>>) -> Vec<Box<dyn Lot>> {
    let mut lots: Vec<Box<dyn Lot>> = Vec::new();
    for ticket in tickets {
        match lots.iter_mut().find(|lot| lot.verb() == ticket.verb()) {
            Some(lot) => lot.absorb(ticket),
            None => lots.push(ticket.into_lot()),
        }
    }
    lots.sort_by_key(|lot| lot.order());
    lots
}

/// One waiting item with its type forgotten.
trait Ticket: Send {
    fn verb(&self) -> TypeId;
    fn into_lot(self: Box<Self>) -> Box<dyn Lot>;
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

/// All waiting items of one verb.
trait Lot {
    fn verb(&self) -> TypeId;
    fn order(&self) -> u16;
    fn absorb(&mut self, ticket: Box<dyn Ticket>);
    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> Pin<Box<dyn Future<Output = Result<(), DbError>> + 'a>>;
    fn answer(self: Box<Self>);
    fn fail(self: Box<Self>, error: &DbError);
    fn split(self: Box<Self>) -> Vec<Box<dyn Lot>>;
}

struct Order<V: WriteVerb> {
    verb: Arc<V>,
    item: V::Item,
    reply: oneshot::Sender<Result<V::Output, DbError>>,
}

impl<V: WriteVerb> Ticket for Order<V> {
    fn verb(&self) -> TypeId {
        TypeId::of::<V>()
    }

    fn into_lot(self: Box<Self>) -> Box<dyn Lot> {
        Box::new(TypedLot { verb: self.verb, items: vec![self.item], replies: vec![self.reply], outputs: Vec::new() })
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

struct TypedLot<V: WriteVerb> {
    verb: Arc<V>,
    items: Vec<V::Item>,
    replies: Vec<oneshot::Sender<Result<V::Output, DbError>>>,
    outputs: Vec<V::Output>,
}

impl<V: WriteVerb> Lot for TypedLot<V> {
    fn verb(&self) -> TypeId {
        TypeId::of::<V>()
    }

    fn order(&self) -> u16 {
        V::ORDER
    }

    fn absorb(&mut self, ticket: Box<dyn Ticket>) {
        let order = ticket.into_any().downcast::<Order<V>>().expect("tickets are sorted by the type of their verb");
        self.items.push(order.item);
        self.replies.push(order.reply);
    }

    fn run<'a>(&'a mut self, tx: &'a mut Tx<'_>) -> Pin<Box<dyn Future<Output = Result<(), DbError>> + 'a>> {
        Box::pin(async move {
            self.outputs = self.verb.run(tx, &self.items).await?;
            debug_assert_eq!(self.outputs.len(), self.items.len(), "a verb answers every item");
            Ok(())
        })
    }

    fn answer(self: Box<Self>) {
        for (reply, output) in self.replies.into_iter().zip(self.outputs) {
            // A caller that went away learns the result when it asks again.
            let _ = reply.send(Ok(output));
        }
    }

    fn fail(self: Box<Self>, error: &DbError) {
        for reply in self.replies {
            let _ = reply.send(Err(error.clone()));
        }
    }

    fn split(self: Box<Self>) -> Vec<Box<dyn Lot>> {
        let verb = self.verb;
        self.items
            .into_iter()
            .zip(self.replies)
            .map(|(item, reply)| {
                let verb = Arc::clone(&verb);
                Box::new(Self { verb, items: vec![item], replies: vec![reply], outputs: Vec::new() }) as Box<dyn Lot>
            })
            .collect()
    }
}
