//! What people can read: names in which nothing hides, and messages without endless numbers.

/// Digits of a number that is written out.
const MAX_DIGITS: usize = 24;
/// Significant digits of one that is not.
const KEPT_DIGITS: usize = 17;
/// Characters of something quoted.
const MAX_QUOTED: usize = 200;

/// Whether a character is not seen, or changes how others are: controls, marks that turn the direction of
/// writing, and spaces of no width. The categories Cc, Cf, Zl and Zp of Unicode, as far as they
/// are not seen.
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The first character of a name that hides something. Between two characters outside ASCII the two
/// joiners are part of the writing, as in Persian words and in emoji.
pub(super) fn hidden(name: &str) -> Option<char> {
    let characters: Vec<char> = name.chars().collect();
    let visible = |at: Option<usize>| {
        let neighbour = at.and_then(|at| characters.get(at));
        neighbour.is_some_and(|&one| !one.is_ascii() && !is_hidden(one))
    };
    let joins = |at: usize| {
        matches!(characters[at], '\u{200c}' | '\u{200d}')
            && visible(at.checked_sub(1))
            && visible(Some(at + 1))
    };
    let found = (0..characters.len()).find(|&at| is_hidden(characters[at]) && !joins(at));
    found.map(|at| characters[at])
}

/// A text with hidden characters as their codes.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match is_hidden(character) && !matches!(character, '\u{200c}' | '\u{200d}') {
            true => shown.extend(character.escape_unicode()),
            false => shown.push(character),
        }
    }
    shown
}

/// A message as it can be shown: hidden characters as their codes, long numbers with an exponent, and long quotations
/// cut.
pub fn readable(message: &str) -> String {
    let mut shown = String::with_capacity(message.len());
    for (part, text) in message.split('`').enumerate() {
        if part > 0 {
            shown.push('`');
        }
        let text = with_short_numbers(text);
        let quoted = part % 2 == 1;
        let cut = if quoted { text.char_indices().nth(MAX_QUOTED) } else { None };
        let (kept, rest) = cut.map_or((&*text, ""), |(end, _)| (&text[..end], "…"));
        for character in kept.chars() {
            match is_hidden(character) && !matches!(character, '\u{200c}' | '\u{200d}') {
                true => shown.extend(character.escape_unicode()),
                false => shown.push(character),
            }
        }
        shown.push_str(rest);
    }
    shown
}

fn with_short_numbers(text: &str) -> String {
    let is_part = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.bytes().position(|byte| byte.is_ascii_digit()) {
        let length = rest[start..].bytes().position(|byte| !is_part(byte));
        let end = length.map_or(rest.len(), |length| start + length);
        shown.push_str(&rest[..start]);
        shown.push_str(&short_number(&rest[start..end]));
        rest = &rest[end..];
    }
    shown + rest
}

/// A number that was computed, without the digits in which its rounding shows: 0.8, not 0.7999999999999999.
pub(super) fn computed(value: f64) -> f64 {
    format!("{value:.12e}").parse().unwrap_or(value)
}

/// A run of digits and points, with an exponent if it is long.
fn short_number(number: &str) -> String {
    if number.len() <= MAX_DIGITS {
        return number.to_owned();
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits: String = [whole, fraction].concat();
    let digits = digits.replace('.', "");
    let leading = digits.bytes().take_while(|&digit| digit == b'0').count();
    let significant = digits[leading..].trim_end_matches('0');
    let Some(first) = significant.get(..1) else { return "0".to_owned() };
    let exponent = whole.len() as i64 - leading as i64 - 1;
    let more = &significant[1..];
    let cut = if more.len() > KEPT_DIGITS { "…" } else { "" };
    let more = &more[..more.len().min(KEPT_DIGITS)];
    let point = if more.is_empty() { "" } else { "." };
    let exponent = if exponent == 0 { String::new() } else { format!("e{exponent}") };
    format!("{first}{point}{more}{cut}{exponent}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_computed_shows_no_rounding() {
        let sum: f64 = [0.5, 0.1, 0.1, 0.1].iter().sum();
        assert_eq!(sum.to_string(), "0.7999999999999999");
        assert_eq!(computed(sum), 0.8);
        assert_eq!(computed(1.0 / 3.0), 0.333_333_333_333_3);
        for exact in [0.0, -2.5, 1e300, f64::INFINITY] {
            assert_eq!(computed(exact), exact);
        }
    }

    #[test]
    fn long_numbers_have_exponents() {
        for number in [1e300, 1.797_693_134_862_315_7e308, 1.25e-300, 5e-324, 1e25, -2.5e100] {
            let shown = readable(&format!("found {number}, expected 0 to 1000000000/s"));
            assert!(shown.len() < 80, "{shown}");
            let found = shown.strip_prefix("found ").unwrap().split(',').next().unwrap();
            assert_eq!(found.parse(), Ok(number), "{shown}");
        }
        let digits = "1234567890".repeat(30);
        assert_eq!(readable(&format!("`{digits}`")), "`1.23456789012345678…e299`");
        for same in ["18446744073709551615", "0.30000000000000004", "1.5 and 2.", "v1.2.3", "…"] {
            assert_eq!(readable(same), same);
        }
        assert_eq!(readable(&"0".repeat(300)), "0");
    }

    #[test]
    fn long_quotations_are_cut() {
        let shown = readable(&format!("unknown field `{}`, expected `a`", "é".repeat(1000)));
        assert_eq!(shown.chars().count(), 200 + "unknown field `…`, expected `a`".chars().count());
        assert!(shown.ends_with("…`, expected `a`"));
    }

    #[test]
    fn what_hides_is_found_and_named() {
        for name in ["a\u{202e}b", "\u{2066}x", "a\u{200b}", "a\u{200d}b", "\u{feff}a", "a\u{7}"] {
            assert!(hidden(name).is_some(), "{name:?}");
            assert!(
                readable(name).chars().filter(|one| is_hidden(*one)).all(|one| one == '\u{200d}')
            );
        }
        assert_eq!(readable("a\u{202e}b\u{1b}"), "a\\u{202e}b\\u{1b}");
        for name in ["plain", "模型 שלום", "🚀", "👩\u{200d}🚀", "می\u{200c}خواهم", "naïve, \"x\""]
        {
            assert_eq!(hidden(name), None, "{name:?}");
            assert_eq!(readable(name), name);
        }
    }
}
