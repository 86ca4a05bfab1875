//! Rebuilds the package when the library gains or loses a file: the embedding macro sees changed files only.

fn main() {
    println!("cargo:rerun-if-changed=library");
}
