//! Text in a table that a spreadsheet will open.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, and runs it. An apostrophe
//! before it makes it text. What reads a table back takes the apostrophe away again.

use std::borrow::Cow;

/// Characters that begin a formula, also as wide as Chinese writing, or that are left out before one.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The text as it is written: with an apostrophe before what would be a formula. Numbers stay as they are.
pub(crate) fn cell(text: &str) -> Cow<'_, str> {
    let number = text.parse::<f64>().is_ok() && text.contains(|one: char| one.is_ascii_digit());
    // One more where there are some, so that none of the text's own is taken for ours.
    if text.trim_start_matches('\'').starts_with(FORMULA) && !number {
        Cow::Owned(format!("'{text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text that [`cell`] wrote.
pub(super) fn text_of(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if text.trim_start_matches('\'').starts_with(FORMULA) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_all_are_read_back() {
        for text in [
            "=1+1", "+x", "-x", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''=1", "'x", "'", "", "plain",
            "a=b", "＝1", "-1", "'-1", "+2.5e3", "-inf", "--1", "-", "0x", "=", "'='",
        ] {
            let written = cell(text);
            assert_eq!(text_of(&written), text);
            let safe = !written.starts_with(FORMULA) || written.parse::<f64>().is_ok();
            assert!(safe, "{written}");
        }
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("-inf"), "'-inf");
        assert_eq!(cell("-0.5"), "-0.5");
        assert_eq!(cell("it's"), "it's");
    }
}
