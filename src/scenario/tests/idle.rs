//! Notes on what a scenario says that does nothing.

use super::{SOUND, load_text};
use crate::scenario::Overrides;

/// The notes of the sound scenario with these replacements, as far as they are on what does nothing.
fn notes(changes: &[(&str, &str)]) -> Vec<String> {
    let mut text = SOUND.to_owned();
    for (old, new) in changes {
        assert!(text.contains(old), "{old}");
        text = text.replacen(old, new, 1);
    }
    let scenario =
        load_text(&text, &Overrides::default()).unwrap_or_else(|error| panic!("{error}"));
    let words = ["nothing", "Nothing", "nobody calls", "has no model", "has no deployment"];
    let idle = |note: &String| words.iter().any(|word| note.contains(word));
    scenario.notes.into_iter().filter(idle).collect()
}

const ARRIVALS: &str = "{poisson: {rate: 4/s}}";
const QUEUE: &str = "{service-time: {distribution: {constant: 1s}, slots: 4}}";
const PLAIN: &str = "      - cluster: h100\n";

#[test]
fn what_does_something_is_not_noted() {
    assert_eq!(notes(&[]), Vec::<String>::new());
    let talk = "{poisson: {rate: 1/s}}\n    sessions: {turns: {constant: 4}, think: {constant: 1s}, max-context: 800}";
    let busy = notes(&[
        (ARRIVALS, talk),
        (PLAIN, "      - {cluster: h100, prefix-cache: true}\n"),
        ("output: 2 USD/Mtok", "output: 2 USD/Mtok, cached-input: 1 USD/Mtok"),
        ("tensor: 2", "tensor: 2, prefix-cache: true"),
        ("market:", "scheduler: {routing: prefix-affinity, start: cold}\nmarket:"),
        ("          nodes: 2\n", "          nodes: 2\n          load-bandwidth: 5GB/s\n"),
    ]);
    assert_eq!(busy, Vec::<String>::new());
}

#[test]
fn what_does_nothing_is_noted() {
    let service = format!("      - {{cluster: h100, performance: {QUEUE}}}\n");
    let served = format!("{{cluster: h100, performance: {QUEUE}}}");
    let affine = "      - {cluster: h100, performance: {affine: {overhead: 5ms, kv-capacity: 90000, kv-per-token: 100kB}}}\n";
    let sessions = |words: &str| format!("{ARRIVALS}\n    sessions: {{{words}}}");
    let short = sessions("turns: {constant: 3}, think: {constant: 1s}, max-context: 12300");
    let single = sessions("turns: {constant: 1}, think: {constant: 1s}");
    let crowd = |start: &str, factor: &str| {
        format!(
            "{ARRIVALS}\n    modulation: {{flash-crowds: [{{start: {start}, duration: 1m, factor: {factor}}}]}}"
        )
    };
    let (late, flat) = (crowd("10m", "5"), crowd("1m", "1"));
    for (changes, note) in [
        (
            vec![(PLAIN, "      - {cluster: h100, prefix-cache: true}\n")],
            "`prefix-cache` of `aurora-8b` in `h100` does nothing",
        ),
        (
            vec![("market:", "scheduler: {routing: prefix-affinity}\nmarket:")],
            "`routing: prefix-affinity` finds nothing at home",
        ),
        (vec![(PLAIN, &*service)], "`architecture` of `aurora-8b` does nothing"),
        (vec![(PLAIN, affine)], "`kv-per-token` of `aurora-8b` in `h100` does nothing"),
        (
            vec![(
                "tenant: Aurora\n",
                "tenant: Aurora\n    price: {input: 1 USD/Mtok, output: 1 USD/Mtok}\n",
            )],
            "`price` of `aurora-8b` does nothing: `Aurora` rents",
        ),
        (
            vec![("output: 2 USD/Mtok", "output: 2 USD/Mtok, cached-input: 0.5 USD/Mtok")],
            "`cached-input` of `house-8b` does nothing",
        ),
        (
            vec![("{aurora-8b: 0.25, house-8b: 0.75}", "{house-8b: 1}")],
            "Model `aurora-8b` is deployed, and nobody calls it",
        ),
        (
            vec![("  - name: House\n", "  - {name: Third, terms: first-party}\n  - name: House\n")],
            "Tenant `Third` has no model",
        ),
        (
            vec![(
                "          nodes: 2\n",
                "          nodes: 2\n        - {name: spare, accelerator: L40S, nodes: 1, accelerators-per-node: 8}\n",
            )],
            "Cluster `spare` has no deployment",
        ),
        (
            vec![(
                "    arrivals:",
                "    choice: {fixed: {house-8b: 0.5, aurora-8b: 0.5}}\n    arrivals:",
            )],
            "`market.choice` does nothing",
        ),
        (
            vec![(ARRIVALS, &*late)],
            "`flash-crowds[0]` of `chat` does nothing: it starts beyond the horizon",
        ),
        (vec![(ARRIVALS, &*flat)], "`flash-crowds[0]` of `chat` does nothing: its factor is 1"),
        (
            vec![("          nodes: 2\n", "          nodes: 2\n          load-bandwidth: 5GB/s\n")],
            "`load-bandwidth` of `h100` does nothing: replicas are warm",
        ),
        (
            vec![("          nodes: 2\n", "          nodes: 2\n          provisioning: 1m\n")],
            "`provisioning` of `h100` does nothing: replicas are warm",
        ),
        (vec![("rate: 4/s", "rate: 0/s")], "Nothing of `chat` arrives: its rate is 0"),
        (
            vec![("arrivals: {poisson: {rate: 4/s}}", "all-at-once: {calls: 5, at: 10m}")],
            "Nothing of `chat` arrives: `all-at-once` is beyond the horizon",
        ),
        (
            vec![(ARRIVALS, &*short)],
            "`max-context` of `chat` does nothing: no conversation has more than 12300 tokens",
        ),
        (vec![(ARRIVALS, &*single)], "`think` of `chat` does nothing"),
        (
            vec![
                (PLAIN, &*service),
                ("{cluster: h100, tensor: 2}", &*served),
                ("    lengths:", "    slo: {tpot: 1s, e2e: 9s}\n    lengths:"),
            ],
            "`slo.tpot` of `chat` does nothing",
        ),
    ] {
        let found = notes(&changes);
        let about = found.iter().filter(|one| one.contains(note)).count();
        assert_eq!(about, 1, "{note}: {found:?}");
    }
}

/// What a variant uses is not idle.
#[test]
fn only_what_does_nothing_in_all_variants_is_noted() {
    let cached = "      - {cluster: h100, prefix-cache: true}\n";
    let with = |sessions: &str| {
        let set = format!(
            "\"applications[0].sessions\": {{turns: {{constant: 3}}, think: {{constant: 1s}}, {sessions}}}"
        );
        let text = format!(
            "{}variants: [{{name: a}}, {{name: b, set: {{{set}}}}}]\n",
            SOUND.replacen(PLAIN, cached, 1)
        );
        let notes = load_text(&text, &Overrides::default()).unwrap().notes;
        notes.iter().any(|note| note.contains("`prefix-cache` of `aurora-8b`"))
    };
    assert!(!with("system-prompt: 0"));
    let both =
        format!("{}variants: [{{name: a}}, {{name: b}}]\n", SOUND.replacen(PLAIN, cached, 1));
    let notes = load_text(&both, &Overrides::default()).unwrap().notes;
    assert_eq!(
        notes.iter().filter(|note| note.contains("`prefix-cache` of")).count(),
        1,
        "{notes:?}"
    );
}
