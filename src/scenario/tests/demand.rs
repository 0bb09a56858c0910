//! Arrivals, their modulation and lengths: what they resolve to, and what is said when they are wrong.

use super::{SOUND, broken, load_text};
use crate::estimate::estimate;
use crate::scenario::{Overrides, Scenario};
use crate::workload::{Arrivals, Process, SourceSpec};

const ARRIVALS: &str = "{poisson: {rate: 4/s}}";

/// The sound scenario with these arrivals, or why not.
fn with_arrivals(arrivals: &str) -> Result<Scenario, String> {
    load_text(&SOUND.replacen(ARRIVALS, arrivals, 1), &Overrides::default())
}

fn arrivals(scenario: &Scenario) -> &Arrivals {
    match &scenario.variants[0].setup.applications.raw[0].source {
        SourceSpec::Synthetic { arrivals, .. } => arrivals,
        other => panic!("not drawn: {other:?}"),
    }
}

#[test]
fn all_words_resolve_and_load_again() {
    for text in [
        "{deterministic: {rate: 4/s}}",
        "{gamma: {rate: 4/s, cv: 3}}",
        "{weibull: {rate: 4/s, cv: 3}}",
        "{lognormal: {rate: 4/s, cv: 3}}",
        "{pareto: {rate: 4/s, cv: 3}}",
        "{mmpp: {rate: 4/s, states: [{factor: 1, sojourn: 1m}, {factor: 9, sojourn: 5s}]}}",
        "{mmpp: {rate: 4/s, states: [{factor: 1, sojourn: 1m, next: [0, 2, 1]}, {factor: 9, sojourn: 5s}, {factor: 0, sojourn: 5s}]}}",
        "{clients: {rate: 4/s, count: 9, zipf: 1.1}}",
        "{clients: {rate: 4/s, count: 9, zipf: 1.1, family: weibull, cv: {lognormal: {mean: 2, cv: 1, min: 0.5, max: 20}}}}",
        "{client-table: [{name: a, rate: 3/s}, {name: b, rate: 60/min, family: pareto, cv: 2, lengths: {input: {constant: 9}, output: {constant: 3}}}]}",
        "{poisson: {rate: 4/s}}\n    modulation: {hour-of-day: {factors: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1], starts-at: 9h}, day-of-week: {factors: [1,1,1,1,1,1,1], starts-on: sunday}}",
        "{poisson: {rate: 4/s}}\n    modulation: {day-of-week: {factors: [1,1,1,1,1,0,0]}}",
    ] {
        let first = with_arrivals(text).unwrap_or_else(|error| panic!("{error}"));
        let again = load_text(&first.resolved, &Overrides::default()).unwrap();
        assert_eq!(first, again);
        let arrivals = arrivals(&first);
        assert_eq!((arrivals.rate.0, arrivals.validate()), (4.0, Ok(())), "{text}");
    }
}

#[test]
fn a_week_is_days_times_hours() {
    let hours = (1..=24).map(|hour| hour.to_string()).collect::<Vec<_>>().join(", ");
    let scenario = with_arrivals(&format!(
        "{ARRIVALS}\n    modulation: {{hour-of-day: {{factors: [{hours}], starts-at: 9h}}, day-of-week: {{factors: [2, 1, 1, 1, 1, 1, 0], starts-on: wednesday}}}}"
    ))
    .unwrap();
    let profile = arrivals(&scenario).modulation.profile.as_ref().unwrap();
    assert_eq!(profile.factors.len(), 168);
    assert!((profile.mean_factor() - 1.0).abs() < 1e-12);
    assert_eq!(profile.offset.as_secs_f64(), (2.0 * 24.0 + 9.0) * 3600.0);
    assert_eq!(profile.factors[5], 2.0 * 6.0 / 12.5);
    assert_eq!(profile.factors[167], 0.0);
}

#[test]
fn growth_and_crowds_are_counted() {
    // Ten minutes in which the rate doubles: the integral is 600 / ln 2 instead of 600 s.
    let growing =
        with_arrivals(&format!("{ARRIVALS}\n    modulation: {{growth: {{doubling-time: 10m}}}}"))
            .unwrap();
    let requests = |scenario| estimate(scenario).variants[0].requests;
    assert!((requests(&growing) - 2.0 * 2400.0 / std::f64::consts::LN_2).abs() < 1e-6);
    let crowded = with_arrivals(&format!(
        "{ARRIVALS}\n    modulation: {{flash-crowds: [{{start: 2m, duration: 1m, factor: 4}}]}}"
    ))
    .unwrap();
    assert!((requests(&crowded) - 2.0 * 4.0 * (600.0 + 3.0 * 60.0)).abs() < 1e-6);
    let mean = estimate(&crowded).variants[0].applications[0].calls_per_s;
    assert!((mean - 4.0 * 780.0 / 600.0).abs() < 1e-9);
}

#[test]
fn clients_are_summed_up() {
    let scenario = with_arrivals("{clients: {rate: 4/s, count: 162, zipf: 1.1}}").unwrap();
    let text = estimate(&scenario).to_string();
    assert!(text.contains("  162 clients: the largest brings "), "{text}");
    let Process::Clients(clients) = &arrivals(&scenario).process else { panic!("no clients") };
    assert_eq!((clients.len(), &*clients[0].name), (162, "1"));
    let table = with_arrivals("{client-table: [{name: a, rate: 1/s}, {name: b, rate: 3/s}]}");
    let text = estimate(&table.unwrap()).to_string();
    assert!(text.contains("2 clients: the largest brings 75.0 % of the calls, the 1 largest half"));
}

#[test]
fn clients_with_lengths_of_their_own_need_no_others() {
    let from = SOUND.find("    lengths").unwrap();
    let to = SOUND.find("market:").unwrap();
    let table = "{client-table: [{name: a, rate: 4/s, lengths: {input: {constant: 9}, output: {constant: 3}}}]}";
    let own = SOUND.replacen(ARRIVALS, table, 1);
    let message = "`lengths` has no effect: each client has its own";
    let both = load_text(&own, &Overrides::default()).unwrap_err();
    assert!(both.contains(message), "{both}");
    let without = |text: &str, arrivals: &str| {
        format!("{}{}", &text[..from], &text[to..]).replacen(ARRIVALS, arrivals, 1)
    };
    let scenario = load_text(&without(SOUND, table), &Overrides::default()).unwrap();
    let found = &estimate(&scenario).variants[0].applications[0];
    assert_eq!((found.mean_input, found.mean_output), (9.0, 3.0));
    let lacking = without(SOUND, "{client-table: [{name: a, rate: 4/s}]}");
    let found = load_text(&lacking, &Overrides::default()).unwrap_err();
    assert!(found.contains("missing field `lengths`"), "{found}");
}

/// They would be ignored: a turn is as long as the application says.
#[test]
fn clients_of_sessions_have_no_lengths_of_their_own() {
    let table = "{client-table: [{name: a, rate: 4/s, lengths: {input: {constant: 9}, output: {constant: 3}}}, {name: b, rate: 4/s}]}";
    let sessions = "\n    sessions: {turns: {constant: 3}, think: {constant: 1s}}";
    let found = with_arrivals(&format!("{table}{sessions}")).unwrap_err();
    assert!(found.contains("clients have no lengths of their own with `sessions`"), "{found}");
}

#[test]
fn wrong_arrivals() {
    check(
        ARRIVALS,
        &[
            ("{weibull: {rate: 4/s, cv: 0}}", "found 0, expected 0.01 to 100"),
            ("{pareto: {rate: 4/s, cv: 1}}", "found 1, expected 1.01 to 100"),
            ("{deterministic: {rate: 4/s, cv: 1}}", "unknown field `cv`"),
            ("{lognormal: {rate: 4, cv: 1}}", "`4` has no unit"),
            (
                "{mmpp: {rate: 4/s, states: [{factor: 1, sojourn: 1m}]}}",
                "an MMPP has 2 to 100 states, found 1",
            ),
            (
                "{mmpp: {rate: 4/s, states: [{factor: 1, sojourn: 0s}, {factor: -1, sojourn: 1s}]}}",
                "a visit lasts longer than 0s",
            ),
            (
                "{mmpp: {rate: 4/s, states: [{factor: 1, sojourn: 1s}, {factor: -1, sojourn: 1s}]}}",
                "found -1, expected 0 to 1000000000",
            ),
            (
                "{mmpp: {rate: 4/s, states: [{factor: 1, sojourn: 1s, next: [1]}, {factor: 1, sojourn: 1s}]}}",
                "found 1 weights, expected 2: one for each state",
            ),
            (
                "{mmpp: {rate: 4/s, states: [{factor: 1, sojourn: 1s, next: [1, 1]}, {factor: 1, sojourn: 1s}]}}",
                "a state does not follow itself",
            ),
            (
                "{mmpp: {rate: 4/s, states: [{factor: 1, sojourn: 1s, next: [0, 0]}, {factor: 1, sojourn: 1s}]}}",
                "state 1 cannot be reached from state 0",
            ),
            (
                "{mmpp: {rate: 4/s, states: [{factor: 1, sojourn: 1ns}, {factor: 1, sojourn: 1ns}]}}",
                "changes of state until the end of the drain are too many",
            ),
            ("{clients: {rate: 4/s, count: 0, zipf: 1}}", "found 0, expected 1 to 10000"),
            ("{clients: {rate: 4/s, count: 9, zipf: 11}}", "found 11, expected 0 to 10"),
            (
                "{clients: {rate: 4/s, count: 9, zipf: 1, cv: {lognormal: {mean: 2, cv: 1}}}}",
                "draws from 0 to inf, expected 0.01 to 100",
            ),
            (
                "{clients: {rate: 4/s, count: 9, zipf: 1, family: poisson, cv: {constant: 2}}}",
                "`cv` does not go with `family: poisson`",
            ),
            (
                "{clients: {rate: 4/s, count: 9, zipf: 1, family: pareto}}",
                "missing field `cv`: that of `pareto` gaps is above 1",
            ),
            ("{clients: {rate: 4/s, count: 9, zipf: 1, family: gama}}", "did you mean `gamma`?"),
            ("{client-table: []}", "at least one client is needed"),
            ("{client-table: [{name: a, rate: 0/s}]}", "at least one client needs a rate above 0"),
            (
                "{client-table: [{name: a, rate: 1/s}, {name: a, rate: 1/s}]}",
                "a second client named `a`",
            ),
            (
                "{client-table: [{name: a, rate: 1/s, family: poisson, cv: 2}]}",
                "found 2, but `poisson` gaps have a `cv` of 1",
            ),
            (
                "{client-table: [{name: a, rate: 1/s, lengths: {input: {constant: 0}, output: {constant: 1}}}]}",
                "found 0, expected more than 0",
            ),
        ],
    );
}

#[test]
fn wrong_modulation() {
    let modulation = |text: &str| format!("{ARRIVALS}\n    modulation: {text}");
    let cases = [
        ("{}", "`modulation` is empty"),
        ("{day-of-week: {factors: [1, 2]}}", "found 2 factors, expected 7: one for each day"),
        ("{day-of-week: {factors: [0, 0, 0, 0, 0, 0, 0]}}", "must be above 0"),
        (
            "{day-of-week: {factors: [1, 1, 1, 1, 1, 1, 1], starts-on: sundy}}",
            "did you mean `sunday`?",
        ),
        ("{hour-of-day: {factors: []}}", "found 0 factors, expected 24"),
        ("{growth: {doubling-time: 1s}}", "a rate doubles in 1min or more"),
        ("{growth: {per-year: 0}}", "found 0, expected 0.000001 to 1000000"),
        ("{growth: {per-month: 2}}", "expected one of `doubling-time`, `per-year`, `per-day`"),
        ("{flash-crowds: [{start: 1m, duration: 1m, factor: 0}]}", "found 0, expected 0.000001"),
        ("{flash-crowds: [{start: 1m, duration: 0s, factor: 2}]}", "lasts longer than 0s"),
        ("{flash-crowds: [{start: 1m, factor: 2}]}", "missing field `duration`"),
    ];
    let wrong = cases.map(|(text, message)| (modulation(text), message));
    for (text, message) in &wrong {
        check(ARRIVALS, &[(text, message)]);
    }
    let text = SOUND.replace("horizon: 10m", "horizon: 10d").replacen(
        ARRIVALS,
        &modulation("{growth: {per-day: 1e6}}"),
        1,
    );
    let found = load_text(&text, &Overrides::default()).unwrap_err();
    assert!(found.contains("by more than 1e12 within the horizon"), "{found}");
}

#[test]
fn wrong_laws() {
    check(
        "{constant: 100}",
        &[
            ("{weibull: {mean: 100, cv: 0}}", "a law that does not vary: use `constant`"),
            ("{pareto: {mean: 100, cv: 0.5}}", "found 0.5, expected 1.01 to 100"),
            ("{zipf: {exponent: -1, max: 10}}", "found -1, expected 0 to 10"),
            ("{zipf: {exponent: 1, max: 0}}", "found 0, expected 1 to 10000000"),
            ("{mixture: []}", "found 0 laws, expected 1 to 100"),
            ("{mixture: [{weight: 0, law: {constant: 1}}]}", "found 0, expected more than 0"),
            (
                "{mixture: [{weight: 1, law: {mixture: [{weight: 1, law: {constant: 1}}]}}]}",
                "a mixture is not part of a mixture",
            ),
            ("{exponential: {mean: 100, min: 700}}", "the limit 700 cuts off more than 99 %"),
            (
                "{gamma: {mean: 100, cv: 1, min: 50, max: 50}}",
                "the smallest value, 50, is not below the largest, 50",
            ),
            (
                "{gamma: {mean: 100, cv: 0.1, min: 1, max: 9}}",
                "the limits 1 and 9 cut off more than 99 %",
            ),
            ("{exponential: {mean: 100, min: -1}}", "found -1, expected 0 or more"),
        ],
    );
    check(
        "      - {cluster: h100, tensor: 2}\n",
        &[(
            "      - {cluster: h100, performance: {service-time: {distribution: {zipf: {exponent: 1, max: 5}}, slots: 1}}}\n",
            "`zipf` is a law of tokens",
        )],
    );
}

/// Requires each replacement of `old` to be refused with its message, at its place.
fn check(old: &str, cases: &[(&str, &str)]) {
    let mut wrong = Vec::new();
    for (new, message) in cases {
        let found = broken(old, new);
        if !found.contains(message) || !found.contains(" --> x.yaml:") {
            wrong.push(format!("{new}: {message}\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
