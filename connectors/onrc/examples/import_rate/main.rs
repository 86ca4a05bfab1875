//! How fast a snapshot of millions of firms is imported, and in how much memory.
//!
//! `cargo run --release -p connectors-onrc --example import_rate [millions of firms] [folder]`
//! Makes the files of an invented snapshot (the same ones every time), imports them, changes some, imports again and
//! compares; then puts the same firms into SQLite the fast way, to tell what a store of our own is worth.

mod invented;
mod sqlite;

use std::path::Path;
use std::time::{Duration, Instant};

use connectors_onrc::snapshot::{NameQuestion, Order, Progress, Report, Store, import};
use jiff::civil::{Date, date};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let millions: f64 = arguments.next().map_or(Ok(1.0), |text| text.parse())?;
    let base = arguments.next().map_or_else(std::env::temp_dir, Into::into);
    let folder = tempfile::tempdir_in(base)?;
    let firms = (millions * 1_000_000.0) as u64;
    let (first, second) = (folder.path().join("first"), folder.path().join("second"));
    let started = Instant::now();
    let bytes = invented::write(&first, firms, false)? + invented::write(&second, firms, true)?;
    println!("invented: 2 x {firms} firms, {} MB in {:.1?}", bytes / 1_000_000, started.elapsed());
    let store = folder.path().join("store");
    measure("first import", &first, &store, date(2026, 7, 8))?;
    measure("second import", &second, &store, date(2026, 9, 2))?;
    look_up(&store)?;
    let started = Instant::now();
    let size = sqlite::import(&first.join("OD_FIRME.CSV"), &folder.path().join("firms.db"))?;
    tell("SQLite, OD_FIRME only", firms, started.elapsed());
    println!("  {} MB, peak memory {} MB", size / 1_000_000, peak_memory()? / 1_000);
    Ok(())
}

fn measure(what: &str, files: &Path, store: &Path, snapshot: Date) -> Result<(), Failure> {
    let order =
        Order { files, store, snapshot, imported_at: 0, source: "invented".to_owned(), persons: None, forced: false };
    let mut last = String::new();
    let mut tell_file = |progress: &Progress<'_>| {
        if progress.bytes == progress.size && progress.size > 1_000_000 && last != progress.file {
            tell(&format!("  {}", progress.file), progress.rows, progress.took);
            progress.file.clone_into(&mut last);
        }
    };
    let Report { facts, events, gone, file, took, .. } = import(&order, &mut tell_file)?;
    let rows: u64 = facts.files.iter().map(|file| file.rows).sum();
    tell(what, rows, took);
    let firms = facts.counts.firms as f64 / took.as_secs_f64();
    let size = std::fs::metadata(file)?.len();
    println!("  {firms:.0} firms/s from the first byte to the swap, all files; file {} MB", size / 1_000_000);
    println!("  refused {:?}, events {events:?}, gone {gone}", facts.counts.refused);
    println!("  peak memory {} MB", peak_memory()? / 1_000);
    Ok(())
}

fn look_up(folder: &Path) -> Result<(), Failure> {
    let store = Store::open(folder)?;
    let started = Instant::now();
    let mut found = 0;
    let asked = 10_000;
    for number in 0..asked {
        let cui = invented::cui(number * 37 % store.facts().counts.firms);
        found += store.by_cui(&schemas::Cui::parse(&cui)?)?.len();
    }
    tell(&format!("look-ups by CUI, {found} found"), asked, started.elapsed());
    let started = Instant::now();
    let question = NameQuestion { name: "demo larice 77", county: Some("Prahova"), page: 1, size: 10 };
    match store.by_name(&question) {
        Ok(page) => println!("by name: {} firms in {:.1?}", page.all, started.elapsed()),
        Err(error) => println!("by name: {error}, after {:.1?}", started.elapsed()),
    }
    Ok(())
}

fn tell(what: &str, rows: u64, took: Duration) {
    println!("{what}: {rows} rows in {took:.1?}, {:.0} rows/s", rows as f64 / took.as_secs_f64());
}

/// The most memory this process ever had, in kilobytes, as Linux counts it.
fn peak_memory() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}
