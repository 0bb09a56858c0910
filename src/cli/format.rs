//! Forms of what is printed.

use clap::ValueEnum;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people, as wide as the terminal
    #[default]
    Table,
    /// For programs: the content of summary.json
    Json,
    /// For spreadsheets: one number per row
    Csv,
}
