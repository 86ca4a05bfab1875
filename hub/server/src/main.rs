//! `punte`: the hub and its tools.

use std::process::ExitCode;

use clap::Parser as _;
use hub_server::commands::{self, Arguments};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("punte: the runtime cannot start: {error}");
            return ExitCode::from(commands::FAILED);
        }
    };
    match runtime.block_on(commands::run(arguments)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("punte: {error:#}");
            ExitCode::from(commands::FAILED)
        }
    }
}
