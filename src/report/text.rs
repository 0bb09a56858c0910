//! Names of people's choosing as text on a screen or in a picture.

/// A name without characters that would steer a terminal, end an XML document or reverse the text
/// around them: controls and direction marks become the replacement character.
pub(super) fn clean(name: &str) -> String {
    name.chars().map(|c| if steers(c) { '\u{FFFD}' } else { c }).collect()
}

fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}'
            | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FFFE}' | '\u{FFFF}')
}

/// A bound on the columns that a character takes in a terminal: never less than it takes.
fn columns(c: char) -> usize {
    if c < '\u{1100}' || ('\u{2000}'..'\u{2600}').contains(&c) || c == '\u{FFFD}' { 1 } else { 2 }
}

/// A bound on the columns that a text takes in a terminal.
pub(super) fn columns_of(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// A cleaned name in at most `width` columns, its end replaced by `…` where it is too long.
pub(super) fn fit(name: &str, width: usize) -> String {
    fit_by(&clean(name), |text| columns_of(text) <= width)
}

/// The longest beginning of a text that `fits` together with an ellipsis, or the whole text.
pub(super) fn fit_by(text: &str, fits: impl Fn(&str) -> bool) -> String {
    if fits(text) {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let candidate: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
        if fits(&candidate) {
            return candidate;
        }
    }
    String::new()
}

/// Text wrapped at spaces to at most `width` columns.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let word = fit(word, width);
        let line = lines.last_mut().expect("never empty");
        if line.is_empty() {
            *line = word;
        } else if columns_of(line) + 1 + columns_of(&word) <= width {
            line.push(' ');
            line.push_str(&word);
        } else {
            lines.push(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_and_overrides_lose_their_power() {
        assert_eq!(clean("a\x1b[31mb\u{202E}c\0"), "a\u{FFFD}[31mb\u{FFFD}c\u{FFFD}");
    }

    #[test]
    fn long_names_end_in_an_ellipsis() {
        assert_eq!(fit("exclusive partnership", 10), "exclusive…");
        assert_eq!(fit("模型模型", 5), "模型…");
        assert_eq!(fit("short", 5), "short");
    }

    proptest! {
        #[test]
        fn fitted_text_fits(text in any::<String>(), width in 0usize..30) {
            prop_assert!(columns_of(&fit(&text, width)) <= width);
        }
    }
}
