//! How much memory the machine has to give.

use std::fs;

/// Where Linux says so.
const MEMINFO: &str = "/proc/meminfo";

/// Bytes of memory that a program can have now without pushing others out; `None` where the system does not
/// say.
pub(super) fn available() -> Option<u64> {
    parse(&fs::read_to_string(MEMINFO).ok()?)
}

fn parse(text: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_linux_writes() {
        let text = "MemTotal:       32768000 kB\nMemFree: 1 kB\nMemAvailable:   16384000 kB\n";
        assert_eq!(parse(text), Some(16_777_216_000));
        assert_eq!(parse("MemTotal: 1 kB\n"), None);
        assert_eq!(parse("MemAvailable: much\n"), None);
    }
}
