//! A folder of its own to run the program in. Beside this file is a small scenario with
//! everything in it: three vendors on three kinds of terms, all prices and powers known.

use assert_cmd::Command;
use std::fs;
use std::path::PathBuf;
use std::process::Output;
use tempfile::TempDir;

/// A temporary folder, the program's working directory.
pub struct Desk(TempDir);

impl Desk {
    pub fn new() -> Self {
        Self(TempDir::new().expect("a temporary folder"))
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("the folder is writable");
    }

    /// Runs the program here, whatever comes of it.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::cargo_bin("coopsim").expect("the binary is built");
        command.current_dir(self.0.path()).args(arguments).output().expect("it starts")
    }
}
