//! The nearest valid word, and lists of words.

/// The candidate that `word` was most likely meant to be, if any is near.
pub(super) fn nearest<'a, S: AsRef<str>>(word: &str, candidates: &'a [S]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let distance = |candidate: &str| strsim::damerau_levenshtein(&candidate.to_lowercase(), &word);
    let limit = 1 + word.chars().count() / 4;
    let close = candidates
        .iter()
        .map(|candidate| (distance(candidate.as_ref()), candidate.as_ref()))
        .filter(|&(distance, candidate)| distance <= limit && distance < candidate.chars().count())
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate);
    close.or_else(|| extension(&word, candidates))
}

/// The first candidate that begins with `word`, as `H100-SXM` does with `H100`, or else the only one that
/// it is a part of.
fn extension<'a, S: AsRef<str>>(word: &str, candidates: &'a [S]) -> Option<&'a str> {
    if word.chars().count() < 3 {
        return None;
    }
    let mut extensions = candidates
        .iter()
        .map(AsRef::as_ref)
        .filter(|candidate| candidate.to_lowercase().contains(word));
    let begins = extensions.clone().find(|candidate| candidate.to_lowercase().starts_with(word));
    let first = extensions.next();
    begins.or(if extensions.next().is_some() { None } else { first })
}

/// `did you mean `x`?`, if any candidate is near `word`.
pub(super) fn did_you_mean<S: AsRef<str>>(word: &str, candidates: &[S]) -> Option<String> {
    nearest(word, candidates).map(|near| format!("did you mean `{near}`?"))
}

/// `` `a`, `b`, `c` ``.
pub(super) fn listed<S: AsRef<str>>(words: &[S]) -> String {
    words.iter().map(|word| format!("`{}`", word.as_ref())).collect::<Vec<_>>().join(", ")
}

/// `` expected one of `a`, `b` ``, as the deserialiser words it.
pub(super) fn expected<S: AsRef<str>>(words: &[S]) -> String {
    match words {
        [] => "there are none".to_owned(),
        [only] => format!("expected `{}`", only.as_ref()),
        _ => format!("expected one of {}", listed(words)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let names = ["H100-SXM", "H200-SXM", "Trainium2", "MI300X", "H100-PCIe"];
        assert_eq!(nearest("h100-sxm", &names), Some("H100-SXM"));
        assert_eq!(nearest("H100", &names), Some("H100-SXM"));
        assert_eq!(nearest("Tranium2", &names), Some("Trainium2"));
        assert_eq!(nearest("SXM", &names), None);
        assert_eq!(nearest("pcie", &names), Some("H100-PCIe"));
        assert_eq!(nearest("potato", &names), None);
        assert_eq!(nearest("", &names), None);
        assert_eq!(nearest("x", &["y"]), None);
    }
}
