//! What an outcome is of, whatever it is called and wherever it stands in a file.

use crate::simulation::Prepared;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write};

/// SHA-256 of what the outcomes of a case depend on beside epoch and replication: its setup, what its traces held, the
/// seed, and the sources of this program. Cases of different scenarios that are the same have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Content([u8; 32]);

impl Content {
    pub(super) fn of(prepared: &Prepared<'_>, seed: u64) -> Self {
        let mut hasher = Hasher(Sha256::new());
        write!(hasher, "{} {seed} ", env!("COOPSIM_SOURCES"))
            .and_then(|()| prepared.write_content(&mut hasher))
            .expect("a hash takes any text");
        Self(hasher.0.finalize().into())
    }

    #[cfg(test)]
    pub(super) const NONE: Self = Self([0; 32]);
}

/// In hexadecimal.
impl fmt::Display for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Hashes text as it is written.
struct Hasher(Sha256);

impl Write for Hasher {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.update(text);
        Ok(())
    }
}
