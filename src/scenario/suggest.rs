//! The nearest valid word, and lists of words.

/// The candidate that `word` was most likely meant to be, if any is near.
pub(crate) fn nearest<'a, S: AsRef<str>>(word: &str, candidates: &'a [S]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let distance = |candidate: &str| strsim::damerau_levenshtein(&candidate.to_lowercase(), &word);
    let limit = 1 + word.chars().count() / 4;
    let close = candidates
        .iter()
        .map(|candidate| (distance(candidate.as_ref()), candidate.as_ref()))
        .filter(|&(distance, candidate)| distance <= limit && distance < candidate.chars().count())
        .filter(|(_, candidate)| agree(&word, &candidate.to_lowercase()))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate);
    close.or_else(|| extension(&word, candidates))
}

/// Whether all numbers of one name are in the other, in their order: another number is another generation or size, which
/// nobody writes by mistake for the one that was meant.
fn agree(a: &str, b: &str) -> bool {
    let numbers = |name: &'_ str| -> Vec<String> {
        let groups = name.split(|character: char| !character.is_ascii_digit());
        groups.filter(|group| !group.is_empty()).map(str::to_owned).collect()
    };
    let (mut few, mut many) = (numbers(a), numbers(b));
    if few.len() > many.len() {
        std::mem::swap(&mut few, &mut many);
    }
    let mut rest = many.iter();
    few.iter().all(|number| rest.any(|other| other == number))
}

/// The key that was most likely meant by one that is unknown: of those that are `missing` rather than of others that may
/// be there too, unless one of these is a letter away.
pub(super) fn meant<'a>(
    word: &str,
    allowed: &'a [String],
    missing: &'a [String],
) -> Option<&'a str> {
    if let Some(near) = nearest(word, missing) {
        return Some(near);
    }
    let near = nearest(word, allowed);
    let slip = near.filter(|near| strsim::damerau_levenshtein(near, word) <= 1);
    match missing {
        [only] if slip.is_none() && near.is_some() => Some(only),
        _ => near,
    }
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

    #[test]
    fn another_number_is_another_thing() {
        let shapes = ["Llama-2-70B", "Llama-3-8B", "Llama-3.1-70B", "Llama-3.1-405B"];
        assert_eq!(nearest("Llama-3-70B", &shapes), Some("Llama-3.1-70B"));
        assert_eq!(nearest("Llama3-8B", &shapes), Some("Llama-3-8B"));
        assert_eq!(nearest("Llama-3.1-9B", &shapes), None);
        assert_eq!(nearest("h200", &["h100", "tpu"]), None);
        assert_eq!(nearest("h10", &["h100"]), Some("h100"));
    }

    /// `duration` is nearer to `drain`, but a window without a horizon is none.
    #[test]
    fn what_is_missing_was_meant() {
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let allowed = words(&["warmup", "horizon", "drain", "bucket"]);
        let missing = words(&["horizon"]);
        assert_eq!(meant("duration", &allowed, &missing), Some("horizon"));
        assert_eq!(meant("horizn", &allowed, &missing), Some("horizon"));
        assert_eq!(meant("bukket", &allowed, &missing), Some("bucket"));
        assert_eq!(meant("duration", &allowed, &[]), Some("drain"));
        assert_eq!(meant("potato", &allowed, &missing), None);
    }
}
