//! Writes good input for the targets of the door to `corpus/<target>`: `cargo run --example seed_door` in this folder.

#![allow(clippy::unwrap_used, reason = "a program for developers that cannot go on stops")]

#[path = "../../hub/server/tests/hostile/readers.rs"]
mod readers;
#[path = "../../hub/server/tests/hostile/seeds.rs"]
mod seeds;

fn main() {
    for (name, _) in readers::ALL {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let seeds = seeds::of(name);
        for (number, seed) in seeds.iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number:02}")), seed).unwrap();
        }
        println!("{name}: {} seeds", seeds.len());
    }
}
