//! Sorts more entries than memory should hold: full buffers are sorted and put aside, and all are merged at the end.
//!
//! Memory is two buffers while entries come and one small window per buffer put aside while they are merged. The files are
//! without a name: they are gone when the sorter is, also after a crash.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Bytes of entries sorted at once.
const BUFFER: usize = 16 * 1024 * 1024;
/// Bytes read ahead of each buffer put aside.
const WINDOW: usize = 64 * 1024;
/// Widest entry, in bytes.
pub(super) const WIDEST: usize = 64;

/// Something of fixed width that has an order. The bytes need not sort like the entry.
pub(super) trait Entry: Copy + Ord + Send + 'static {
    /// Bytes of one entry.
    const WIDTH: usize;
    /// Writes exactly [`Entry::WIDTH`] bytes.
    fn write(&self, to: &mut [u8]);
    /// Reads what [`Entry::write`] wrote.
    fn read(from: &[u8]) -> Self;
}

/// Takes entries in any order. A full buffer is sorted and put aside by a thread of its own, while the next one fills.
pub(super) struct Sorter<E> {
    buffer: Vec<E>,
    room: usize,
    aside: Option<File>,
    worker: Option<Worker<E>>,
}

/// Sorts full buffers and gives them back empty.
struct Worker<E> {
    full: SyncSender<Vec<E>>,
    empty: Receiver<Vec<E>>,
    thread: JoinHandle<io::Result<(File, Vec<u64>)>>,
}

impl<E: Entry> Sorter<E> {
    /// A sorter that puts full buffers aside in a folder.
    pub(super) fn new(folder: &Path) -> io::Result<Self> {
        Self::with_room(folder, BUFFER / size_of::<E>())
    }

    fn with_room(folder: &Path, room: usize) -> io::Result<Self> {
        // Without a name it cannot be left behind.
        Ok(Self { buffer: Vec::new(), room, aside: Some(tempfile::tempfile_in(folder)?), worker: None })
    }

    /// Takes one entry.
    pub(super) fn push(&mut self, entry: E) -> io::Result<()> {
        if self.buffer.len() == self.room {
            self.put_aside()?;
        }
        self.buffer.push(entry);
        Ok(())
    }

    fn put_aside(&mut self) -> io::Result<()> {
        let worker = match &mut self.worker {
            Some(worker) => worker,
            none => {
                let file = self.aside.take().expect("the file goes to the first worker, and there is only one");
                none.insert(Worker::start(file, Vec::with_capacity(self.room))?)
            }
        };
        // An end of the channel is the end of the thread, which tells why when it is joined.
        match worker.empty.recv() {
            Ok(empty) => {
                let full = std::mem::replace(&mut self.buffer, empty);
                worker.full.send(full).map_err(|_| stopped())
            }
            Err(_) => {
                Err(self.worker.take().map_or_else(stopped, |worker| worker.finish().err().unwrap_or_else(stopped)))
            }
        }
    }

    /// All entries in order.
    pub(super) fn sorted(mut self) -> io::Result<Sorted<E>> {
        if self.worker.is_some() {
            self.put_aside()?;
        }
        let Some(worker) = self.worker.take() else {
            self.buffer.sort_unstable();
            return Ok(Sorted { memory: self.buffer, at: 0, runs: Vec::new(), heads: BinaryHeap::new(), file: None });
        };
        self.buffer = Vec::new();
        let (file, ends) = worker.finish()?;
        let starts = std::iter::once(0).chain(ends.iter().copied());
        let runs = starts.zip(&ends).map(|(next, end)| Run { next, end: *end, window: Vec::new(), at: 0 });
        let mut sorted =
            Sorted { memory: Vec::new(), at: 0, runs: runs.collect(), heads: BinaryHeap::new(), file: Some(file) };
        for run in 0..sorted.runs.len() {
            sorted.refill(run)?;
        }
        Ok(sorted)
    }
}

impl<E: Entry> Worker<E> {
    fn start(file: File, spare: Vec<E>) -> io::Result<Self> {
        let (full, incoming) = sync_channel::<Vec<E>>(1);
        let (give_back, empty) = sync_channel(1);
        give_back.send(spare).map_err(|_| stopped())?;
        let thread = std::thread::Builder::new().name("onrc-sorting".to_owned()).spawn(move || {
            let mut aside = BufWriter::with_capacity(1024 * 1024, file);
            let (mut ends, mut entries, mut bytes) = (Vec::new(), 0, [0; WIDEST]);
            for mut buffer in incoming {
                buffer.sort_unstable();
                for entry in &buffer {
                    entry.write(&mut bytes[..E::WIDTH]);
                    aside.write_all(&bytes[..E::WIDTH])?;
                }
                entries += buffer.len() as u64;
                ends.push(entries);
                buffer.clear();
                // Nobody waits for the last one.
                let _waiting = give_back.send(buffer);
            }
            Ok((aside.into_inner().map_err(io::IntoInnerError::into_error)?, ends))
        })?;
        Ok(Self { full, empty, thread })
    }

    fn finish(self) -> io::Result<(File, Vec<u64>)> {
        drop(self.full);
        drop(self.empty);
        self.thread.join().map_err(|_| stopped())?
    }
}

fn stopped() -> io::Error {
    io::Error::other("the sorting thread stopped")
}

struct Run {
    next: u64,
    end: u64,
    window: Vec<u8>,
    at: usize,
}

/// Entries in order, once.
pub(super) struct Sorted<E> {
    memory: Vec<E>,
    at: usize,
    runs: Vec<Run>,
    heads: BinaryHeap<Reverse<(E, usize)>>,
    file: Option<File>,
}

impl<E: Entry> Sorted<E> {
    /// The next entry.
    pub(super) fn next(&mut self) -> io::Result<Option<E>> {
        if self.file.is_none() {
            let next = self.memory.get(self.at).copied();
            self.at += 1;
            return Ok(next);
        }
        let Some(Reverse((entry, run))) = self.heads.pop() else { return Ok(None) };
        self.refill(run)?;
        Ok(Some(entry))
    }

    fn refill(&mut self, position: usize) -> io::Result<()> {
        let run = &mut self.runs[position];
        if run.at == run.window.len() {
            let entries = (run.end - run.next).min((WINDOW / E::WIDTH) as u64);
            if entries == 0 {
                return Ok(());
            }
            run.window.resize(entries as usize * E::WIDTH, 0);
            let file = self.file.as_ref().expect("there are runs only where there is a file");
            file.read_exact_at(&mut run.window, run.next * E::WIDTH as u64)?;
            run.next += entries;
            run.at = 0;
        }
        let entry = E::read(&run.window[run.at..run.at + E::WIDTH]);
        run.at += E::WIDTH;
        self.heads.push(Reverse((entry, position)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::snapshot::entries::Word;

    #[test]
    fn entries_come_out_in_order_whether_memory_held_them_or_not() {
        let folder = tempfile::tempdir().unwrap();
        for count in [0_u64, 1, 9, 10, 11, 1_000, 54_321] {
            let mut sorter = Sorter::with_room(folder.path(), 10_000.min(count.max(10) as usize)).unwrap();
            let mut expected = Vec::new();
            for number in 0..count {
                let word = Word { prefix: number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40, ordinal: number as u32 };
                expected.push(word);
                sorter.push(word).unwrap();
            }
            expected.sort_unstable();
            let mut sorted = sorter.sorted().unwrap();
            let mut found = Vec::new();
            while let Some(word) = sorted.next().unwrap() {
                found.push(word);
            }
            assert!(found == expected, "{count} entries");
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left behind");
    }
}
