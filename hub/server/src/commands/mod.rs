//! The command line. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the answer is no (not verified, refused, unhealthy).

mod demo;
mod serve;
mod send;
mod ask;
mod explain;
mod sealed;
mod package;
mod systems;
mod credential;
mod unlock;
mod replay;
mod verify;
mod audit;
mod preserve;
mod register;
mod archive;
mod account;
mod monitor;
mod check;
mod migrate;
mod backup;
mod sandbox;
mod connector;
mod doctor;
mod mapping;
mod onrc;
mod directory;
mod nomenclature;
mod persons;
mod bench;
mod permissions;
mod reasons;
mod client;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::config::Config;
use crate::telemetry;

/// Something went wrong.
pub const FAILED: u8 = 1;
/// The question was answered, and the answer is no.
pub const NO: u8 = 3;

/// Punte: the open bridge between public institutions.
#[derive(Parser)]
#[command(name = "punte", version, about, long_about = None)]
pub struct Arguments {
    /// Configuration file (TOML); safe defaults where absent.
    #[arg(long, global = true, env = "PUNTE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Write logs as JSON lines.
    #[arg(long, global = true)]
    log_json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the hub with played institutions and send a real document through it.
    Demo(demo::Demo),
    /// Run the hub.
    Serve,
    /// Send a document to a hub and print the receipt.
    Send(send::Send),
    /// Ask a register through a hub: who, why and on what basis goes into the hub's journal.
    Ask(ask::Ask),
    /// Tell where a message is, why, and what comes next.
    Explain(explain::Explain),
    /// Seal documents for their recipients so that the hub cannot read them, open them, and look after the keys.
    Sealed(sealed::SealedCommand),
    /// Fetch the court pack of a message: what proves what happened to it, in one file that verifies offline.
    Package(package::Package),
    /// Tell which systems answer, what is left of their quotas and what waits for them; resume one.
    Systems(systems::Systems),
    /// Issue, rotate, revoke and list what systems prove themselves with.
    Credential(credential::Credential),
    /// Tell how the hub stands; lift a lock-down, by two where its cause still stands.
    Unlock(unlock::Unlock),
    /// List the deliveries that wait for a person, settle them and send them again.
    Replay(replay::Replay),
    /// Verify an evidence file with nothing but the file and the certificate.
    Verify(verify::Verify),
    /// Registers: prove that they are whole, close years, print, export, import.
    Register(register::RegisterCommand),
    /// Accounts of people: the first administrator of an institution, and the way back in.
    Account(account::Accounts),
    /// Follow the log of a hub, remember its heads, and cry when it rewrites its history.
    Monitor(monitor::Monitor),
    /// Renew the hash trees of preserved evidence to a stronger algorithm.
    Preserve(preserve::Preserve),
    /// Show the proofs that weaken before their documents may be forgotten.
    Proofs(preserve::Proofs),
    /// Look after the archive: its keys, and whether every document is still as it was.
    Archive(archive::Archive),
    /// Read everything, connect to everything, and say what is wrong.
    Check,
    /// Copy the whole hub while it works, check a copy, and restore one.
    Backup(backup::BackupCommand),
    /// Bring the database schema up to date.
    Migrate,
    /// Play an institution, faults included.
    Sandbox(sandbox::Sandbox),
    /// Make, try and record systems.
    Connector(connector::Connector),
    /// Find out why a system does not know us.
    Doctor(doctor::Doctor),
    /// Import the open data of the trade register.
    Onrc(onrc::OnrcCommand),
    /// Import or export the directory as a file.
    Directory(directory::DirectoryCommand),
    /// Import a version of a nomenclature, such as the public file of SIRUTA.
    Nomenclature(nomenclature::NomenclatureCommand),
    /// Look after the keys of persons' identifiers.
    Persons(persons::PersonsCommand),
    /// Try mappings.
    Mapping(mapping::MappingCommand),
    /// List which role may come in by which route.
    Permissions(permissions::Permissions),
    /// Measure this hub on this machine.
    Bench(bench::Bench),
}

/// Runs a command; answers its exit code.
///
/// # Errors
/// Whatever stopped the command, in words.
pub async fn run(arguments: Arguments) -> anyhow::Result<u8> {
    let config = Config::read(arguments.config.as_deref());
    match arguments.command {
        Command::Verify(command) if command.audit.log => {
            return audit::run(&config?, &command.audit, (&command.tsa_certificate, command.json)).await;
        }
        Command::Monitor(command) => return command.run().await,
        Command::Verify(command) => return command.run(),
        Command::Permissions(command) => return Ok(command.run()),
        Command::Send(command) => return command.run().await,
        Command::Ask(command) => return command.run().await,
        Command::Explain(command) => return command.run().await,
        Command::Package(command) => return command.run().await,
        Command::Sealed(command) => return command.run().await,
        Command::Systems(command) => return command.run().await,
        Command::Credential(command) => return command.run().await,
        Command::Unlock(command) => return command.run().await,
        Command::Replay(command) => return command.run().await,
        Command::Mapping(command) => return command.run().await,
        Command::Connector(command) => return command.run(&config?).await,
        Command::Doctor(command) => return command.run(&config?).await,
        Command::Register(command) => return command.run(config?).await,
        _ => telemetry::start_logging(arguments.log_json),
    }
    let config = config?;
    match arguments.command {
        Command::Demo(command) => command.run(config).await,
        Command::Serve => serve::run(config).await,
        Command::Check => check::run(config).await,
        Command::Onrc(command) => command.run(config).await,
        Command::Directory(command) => command.run(&config).await,
        Command::Nomenclature(command) => command.run(&config).await,
        Command::Persons(command) => command.run(&config).await,
        Command::Preserve(command) => command.run(&config).await,
        Command::Proofs(command) => command.run(&config).await,
        Command::Archive(command) => command.run(&config).await,
        Command::Account(command) => command.run(&config).await,
        Command::Backup(command) => command.run(&config).await,
        Command::Migrate => migrate::run(config).await,
        Command::Sandbox(command) => command.run().await,
        Command::Bench(command) => command.run(config).await,
        Command::Verify(_)
        | Command::Send(_)
        | Command::Explain(_)
        | Command::Package(_)
        | Command::Sealed(_)
        | Command::Systems(_)
        | Command::Credential(_)
        | Command::Unlock(_)
        | Command::Replay(_)
        | Command::Mapping(_)
        | Command::Ask(_)
        | Command::Connector(_)
        | Command::Doctor(_)
        | Command::Register(_)
        | Command::Permissions(_)
        | Command::Monitor(_) => {
            unreachable!("answered above")
        }
    }
}
