//! The program embeds folders of data; a file added to one of them makes it new.

fn main() {
    for folder in ["../../connectors/systems", "../../docs/problems", "../../demo"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
