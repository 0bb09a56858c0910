//! Sections of documents that a test writes from what the program finds, so that no sentence outlives its
//! number. They stand between the marks `<!-- NAME: written by a test -->` and `<!-- NAME: end -->`.
//! `COOPSIM_WRITE_SECTIONS=1 cargo test --test suite` writes them anew.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

/// Sections of one file are checked, and written, by several threads.
static FILES: Mutex<()> = Mutex::new(());

/// Fails unless the section `name` of `file` is `expected`, or writes it where that is asked for.
///
/// # Panics
/// Also where there is no such section.
pub fn assert_section(file: &str, name: &str, expected: &str) {
    let marks = [format!("<!-- {name}: written by a test -->\n"), format!("<!-- {name}: end -->")];
    hold(file, name, marks, &format!("{expected}\n"));
}

/// The same for comments of a scenario, which stand between `# NAME: written by a test` and `# NAME: end`.
///
/// # Panics
/// As for [`assert_section`].
pub fn assert_comment(file: &str, name: &str, expected: &str) {
    let marks = [format!("# {name}: written by a test\n"), format!("# {name}: end\n")];
    let comment = expected.lines().map(|line| format!("# {line}").trim_end().to_owned() + "\n");
    hold(file, name, marks, &comment.collect::<String>());
}

fn hold(file: &str, name: &str, [start, end]: [String; 2], expected: &str) {
    let _one_at_a_time = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{file}: {error}"));
    let (head, rest) = text.split_once(&start).expect("the section begins");
    let (found, tail) = rest.split_once(&end).expect("the section ends");
    if env::var_os("COOPSIM_WRITE_SECTIONS").is_some() {
        let written = format!("{head}{start}{expected}{end}{tail}");
        fs::write(&path, written).expect("the document is writable");
    } else {
        assert_eq!(found.trim(), expected.trim(), "the section {name} of {file} is out of date");
    }
}

/// Columns of a line of text.
const COLUMNS: usize = 99;

/// Each line of `text`, a paragraph or an item of a list, on as many lines as it needs.
pub fn wrapped(text: &str) -> String {
    text.lines().map(fill).collect::<Vec<_>>().join("\n")
}

fn fill(paragraph: &str) -> String {
    let indent = if paragraph.starts_with("- ") { "  " } else { "" };
    let mut filled = String::new();
    let mut column = 0;
    for word in paragraph.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > COLUMNS {
            filled.push('\n');
            filled.push_str(indent);
            column = indent.len();
        } else if column > 0 {
            filled.push(' ');
            column += 1;
        }
        filled.push_str(word);
        column += width;
    }
    filled
}
