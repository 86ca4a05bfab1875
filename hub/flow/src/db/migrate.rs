//! Migrations: numbered SQL files per engine, forward only, each applied once in a transaction of its own.

/// Which engine's folder to read.
#[derive(Clone, Copy)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// The table that remembers what was applied.
pub(super) const LEDGER: &str = "create table if not exists migration (number bigint primary key)";
pub(super) const APPLIED: &str = "select cast(coalesce(max(number), 0) as bigint) as applied from migration";

static SQLITE: &[(i64, &str)] = &[
    (1, include_str!("../../../../migrations/sqlite/0001_road.sql")),
    (2, include_str!("../../../../migrations/sqlite/0002_log.sql")),
    (3, include_str!("../../../../migrations/sqlite/0003_seals.sql")),
    (4, include_str!("../../../../migrations/sqlite/0004_course.sql")),
    (5, include_str!("../../../../migrations/sqlite/0005_relay.sql")),
    (6, include_str!("../../../../migrations/sqlite/0006_evidence_id.sql")),
    (7, include_str!("../../../../migrations/sqlite/0007_preservation.sql")),
    (8, include_str!("../../../../migrations/sqlite/0008_evidence_feed.sql")),
    (9, include_str!("../../../../migrations/sqlite/0009_lookups.sql")),
    (10, include_str!("../../../../migrations/sqlite/0010_promises.sql")),
    (11, include_str!("../../../../migrations/sqlite/0011_sources.sql")),
    (12, include_str!("../../../../migrations/sqlite/0012_registers.sql")),
    (13, include_str!("../../../../migrations/sqlite/0013_deadlines.sql")),
    (14, include_str!("../../../../migrations/sqlite/0014_closing.sql")),
    (15, include_str!("../../../../migrations/sqlite/0015_archive.sql")),
    (16, include_str!("../../../../migrations/sqlite/0016_vault_and_search.sql")),
    (17, include_str!("../../../../migrations/sqlite/0017_packages.sql")),
    (18, include_str!("../../../../migrations/sqlite/0018_identity.sql")),
    (19, include_str!("../../../../migrations/sqlite/0019_credentials.sql")),
    (20, include_str!("../../../../migrations/sqlite/0020_directory.sql")),
    (21, include_str!("../../../../migrations/sqlite/0021_journal.sql")),
    (22, include_str!("../../../../migrations/sqlite/0022_protection.sql")),
    (23, include_str!("../../../../migrations/sqlite/0023_registers.sql")),
    (24, include_str!("../../../../migrations/sqlite/0024_archive.sql")),
    (26, include_str!("../../../../migrations/sqlite/0026_ledger_commitments.sql")),
    (27, include_str!("../../../../migrations/sqlite/0027_roles.sql")),
    (30, include_str!("../../../../migrations/sqlite/0030_work.sql")),
    (31, include_str!("../../../../migrations/sqlite/0031_officer.sql")),
    (32, include_str!("../../../../migrations/sqlite/0032_batches.sql")),
    (34, include_str!("../../../../migrations/sqlite/0034_nodes.sql")),
    (35, include_str!("../../../../migrations/sqlite/0035_open_terms.sql")),
    (36, include_str!("../../../../migrations/sqlite/0036_destruction_lists.sql")),
    (37, include_str!("../../../../migrations/sqlite/0037_search_imported.sql")),
];
static POSTGRES: &[(i64, &str)] = &[
    (1, include_str!("../../../../migrations/postgres/0001_road.sql")),
    (2, include_str!("../../../../migrations/postgres/0002_log.sql")),
    (3, include_str!("../../../../migrations/postgres/0003_seals.sql")),
    (4, include_str!("../../../../migrations/postgres/0004_course.sql")),
    (5, include_str!("../../../../migrations/postgres/0005_relay.sql")),
    (6, include_str!("../../../../migrations/postgres/0006_evidence_id.sql")),
    (7, include_str!("../../../../migrations/postgres/0007_preservation.sql")),
    (8, include_str!("../../../../migrations/postgres/0008_evidence_feed.sql")),
    (9, include_str!("../../../../migrations/postgres/0009_lookups.sql")),
    (10, include_str!("../../../../migrations/postgres/0010_promises.sql")),
    (11, include_str!("../../../../migrations/postgres/0011_sources.sql")),
    (12, include_str!("../../../../migrations/postgres/0012_registers.sql")),
    (13, include_str!("../../../../migrations/postgres/0013_deadlines.sql")),
    (14, include_str!("../../../../migrations/postgres/0014_closing.sql")),
    (15, include_str!("../../../../migrations/postgres/0015_archive.sql")),
    (16, include_str!("../../../../migrations/postgres/0016_vault_and_search.sql")),
    (17, include_str!("../../../../migrations/postgres/0017_packages.sql")),
    (18, include_str!("../../../../migrations/postgres/0018_identity.sql")),
    (19, include_str!("../../../../migrations/postgres/0019_credentials.sql")),
    (20, include_str!("../../../../migrations/postgres/0020_directory.sql")),
    (21, include_str!("../../../../migrations/postgres/0021_journal.sql")),
    (22, include_str!("../../../../migrations/postgres/0022_protection.sql")),
    (23, include_str!("../../../../migrations/postgres/0023_registers.sql")),
    (24, include_str!("../../../../migrations/postgres/0024_archive.sql")),
    (26, include_str!("../../../../migrations/postgres/0026_ledger_commitments.sql")),
    (27, include_str!("../../../../migrations/postgres/0027_roles.sql")),
    (30, include_str!("../../../../migrations/postgres/0030_work.sql")),
    (31, include_str!("../../../../migrations/postgres/0031_officer.sql")),
    (32, include_str!("../../../../migrations/postgres/0032_batches.sql")),
    (34, include_str!("../../../../migrations/postgres/0034_nodes.sql")),
    (35, include_str!("../../../../migrations/postgres/0035_open_terms.sql")),
    (36, include_str!("../../../../migrations/postgres/0036_destruction_lists.sql")),
    (37, include_str!("../../../../migrations/postgres/0037_search_imported.sql")),
];

/// The migrations with a number above `applied`, in order.
pub(super) fn after(dialect: Dialect, applied: i64) -> impl Iterator<Item = (i64, &'static str)> {
    let all = match dialect {
        Dialect::Sqlite => SQLITE,
        Dialect::Postgres => POSTGRES,
    };
    all.iter().copied().filter(move |(number, _)| *number > applied)
}
