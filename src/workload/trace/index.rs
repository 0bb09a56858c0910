//! A sparse index of a trace, so that copies can start in the middle.

/// Rows between entries, at first.
const MIN_STRIDE: u64 = 64;
/// Most entries; when there are more, every second one is dropped.
const MAX_ENTRIES: usize = 1 << 14;

/// A row that can be started from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its instant.
    pub at: u64,
    /// How many good rows are before it.
    pub row: u64,
    /// Where it starts in the file.
    pub byte: u64,
}

/// One good row in every so many, with its instant and place.
///
/// Bounded in memory whatever the length of the trace, and as fine as that allows: to find a row
/// takes reading at most 64 rows or one part in 8,192 of the trace, whichever is more.
#[derive(Clone, Debug)]
pub(super) struct Index {
    entries: Vec<Entry>,
    stride: u64,
    rows: u64,
}

impl Default for Index {
    fn default() -> Self {
        Self { entries: Vec::new(), stride: MIN_STRIDE, rows: 0 }
    }
}

impl Index {
    /// Notes the next good row. Instants must not decrease.
    pub(super) fn add(&mut self, at: u64, byte: u64) {
        if self.rows.is_multiple_of(self.stride) {
            if self.entries.len() == MAX_ENTRIES {
                self.stride *= 2;
                self.entries.retain(|entry| entry.row.is_multiple_of(self.stride));
            }
            // Never lost to the doubling: the length is even, so this row has an even place.
            self.entries.push(Entry { at, row: self.rows, byte });
        }
        self.rows += 1;
    }

    /// The last entry before all rows at `at` or later; the first entry if there is none before.
    pub(super) fn before(&self, at: u64) -> Entry {
        self.last_where(|instant| instant < at)
    }

    /// The last entry whose instant is `early`, as all instants before it are; the first entry if none
    /// is.
    pub(super) fn last_where(&self, early: impl Fn(u64) -> bool) -> Entry {
        let after = self.entries.partition_point(|entry| early(entry.at));
        self.entries[after.saturating_sub(1)]
    }

    /// The first good row.
    pub(super) fn first(&self) -> Entry {
        self.entries[0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_row_at_most_two_strides_before() {
        for rows in [1u64, 63, 64, 65, 5000, MAX_ENTRIES as u64 * 64 * 5 + 17] {
            let mut index = Index::default();
            // Four rows at each instant.
            (0..rows).for_each(|row| index.add(100 + row / 4, 10 + 7 * row));
            assert!(index.entries.len() <= MAX_ENTRIES);
            assert_eq!(index.first(), Entry { at: 100, row: 0, byte: 10 });
            for at in (100..=100 + (rows - 1) / 4).step_by(1 + rows as usize / 1000) {
                let entry = index.before(at);
                let wanted = (at - 100) * 4;
                assert_eq!(entry.byte, 10 + 7 * entry.row);
                assert!(entry.row <= wanted && wanted - entry.row <= index.stride, "{rows} {at}");
            }
        }
    }
}
