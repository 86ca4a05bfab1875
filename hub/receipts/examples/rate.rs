//! How many receipts a second one core prints: `cargo run --release -p hub-receipts --example rate [folder]`.
//! With a folder it also leaves there one of each paper, to be looked at.

use std::time::Instant;

use hub_receipts::{Language, narrative, narrative_text, receipt};

#[path = "../tests/samples/mod.rs"]
mod samples;

/// Papers printed for one figure.
const PAPERS: u32 = 2_000;

fn main() {
    let facts = samples::handover();
    let story = samples::story();
    let first = Instant::now();
    let page = receipt(&facts, Language::Romanian).expect("the sample is printable");
    println!("first page, fonts read: {:?}, {} bytes", first.elapsed(), page.len());
    let start = Instant::now();
    for _ in 0..PAPERS {
        receipt(&facts, Language::Romanian).expect("the sample is printable");
    }
    let each = start.elapsed() / PAPERS;
    println!("receipt: {each:?} each, {:.0} pages/s", 1.0 / each.as_secs_f64());
    let start = Instant::now();
    for _ in 0..PAPERS / 10 {
        narrative(&story, Language::Romanian).expect("the sample is printable");
    }
    println!("narrative: {:?} each", start.elapsed() / (PAPERS / 10));
    if let Some(folder) = std::env::args_os().nth(1) {
        leave(std::path::Path::new(&folder));
    }
}

fn leave(folder: &std::path::Path) {
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.join(name), bytes).expect("the folder can be written");
    for (name, facts) in samples::receipts() {
        for language in Language::ALL {
            let page = receipt(&facts, language).expect("the sample is printable");
            write(&format!("{name}.{}.pdf", language.tag()), &page);
        }
    }
    let story = samples::story();
    for language in Language::ALL {
        let tag = language.tag();
        write(&format!("story.{tag}.pdf"), &narrative(&story, language).expect("the sample is printable"));
        write(&format!("story.{tag}.txt"), narrative_text(&story, language).expect("the sample is told").as_bytes());
    }
}
