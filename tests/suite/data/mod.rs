//! Recordings and measurements that are not part of the project: `COOPSIM_DATA` names their folder,
//! `../shared/data` unless given. Without them a test says so and passes, except where `CI` is `true`.

use std::path::{Path, PathBuf};

/// A file of the data folder.
pub fn file(name: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let data = std::env::var_os("COOPSIM_DATA").map_or(root.join("../shared/data"), PathBuf::from);
    let file = data.join(name);
    if file.is_file() {
        return Some(file.canonicalize().expect("it is there"));
    }
    let missing = format!("{} is missing; set COOPSIM_DATA", file.display());
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
    eprintln!("SKIPPED: {missing}");
    None
}
