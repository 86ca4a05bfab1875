//! Rebuilds the package when a data folder gains or loses a file: the embedding macro sees changed files only.

fn main() {
    for folder in ["catalogue", "code-lists"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
