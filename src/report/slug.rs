//! Names of people's choosing as names of files.

/// A slug is at most this many bytes long, well below the 255 that file systems allow, so that a
/// prefix and an extension still fit.
const BYTES_MAX: usize = 80;

/// Names that Windows keeps for devices, with any extension.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// A name as one safe component of a path: letters and digits of any script, `-`, `_` and inner
/// dots; anything else becomes `-`. Never empty, at most 80 bytes, unchanged by a second pass.
///
/// Different names may share a slug.
///
/// ```
/// assert_eq!(coopsim::report::slug("one winner / 90 %"), "one-winner-90");
/// assert_eq!(coopsim::report::slug("../.."), "unnamed");
/// ```
pub fn slug(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        let c = if c.is_alphanumeric() || matches!(c, '_' | '.') { c } else { '-' };
        if slug.len() + c.len_utf8() > BYTES_MAX {
            break;
        }
        let repeats = matches!(c, '-' | '.') && slug.ends_with(['-', '.']);
        if !(repeats || slug.is_empty() && matches!(c, '-' | '.')) {
            slug.push(c);
        }
    }
    slug.truncate(slug.trim_end_matches(['-', '.']).len());
    if slug.is_empty() {
        return "unnamed".to_owned();
    }
    let stem = slug.split('.').next().unwrap_or_default().to_ascii_lowercase();
    if RESERVED.contains(&stem.as_str()) { format!("_{slug}") } else { slug }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn examples() {
        let cases = [
            ("neutral", "neutral"),
            ("Zürich / Genève", "Zürich-Genève"),
            ("v1.5", "v1.5"),
            (".hidden", "hidden"),
            ("..", "unnamed"),
            ("", "unnamed"),
            ("🚀🚀", "unnamed"),
            ("模型", "模型"),
            ("a\0b\nc", "a-b-c"),
            ("NUL.txt", "_NUL.txt"),
            ("trailing. ", "trailing"),
        ];
        for (name, expected) in cases {
            assert_eq!(slug(name), expected, "{name:?}");
        }
        assert_eq!(slug(&"x".repeat(1000)).len(), 80);
    }

    proptest! {
        #[test]
        fn is_one_safe_path_component(name in any::<String>()) {
            let slug = slug(&name);
            prop_assert!(!slug.is_empty() && slug.len() <= BYTES_MAX + 1);
            prop_assert!(!slug.starts_with(['.', '-']) && !slug.ends_with('.'));
            prop_assert!(slug.chars().all(|c| c.is_alphanumeric() || "-_.".contains(c)));
            prop_assert_eq!(std::path::Path::new(&slug).components().count(), 1);
            prop_assert_eq!(super::slug(&slug), slug);
        }
    }
}
