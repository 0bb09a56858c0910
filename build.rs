//! Tells the program which sources it was made of, so that what one program has kept of a run that is not finished is
//! never taken for what another would find: versions name releases, and results may change between two of them.

use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

fn main() -> io::Result<()> {
    let mut files = vec![PathBuf::from("Cargo.lock")];
    collect(Path::new("src"), &mut files)?;
    files.sort();
    let mut hasher = Sha256::new();
    for file in &files {
        println!("cargo::rerun-if-changed={}", file.display());
        // A package may come without its lock.
        let Ok(content) = fs::read(file) else { continue };
        // The same on every system.
        let name = file.to_string_lossy().replace('\\', "/");
        for part in [name.as_bytes(), &content] {
            hasher.update((part.len() as u64).to_le_bytes());
            hasher.update(part);
        }
    }
    // New files are found by their folders.
    println!("cargo::rerun-if-changed=src");
    let hash: String = hasher.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    println!("cargo::rustc-env=COOPSIM_SOURCES={hash}");
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
