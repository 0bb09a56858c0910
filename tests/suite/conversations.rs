//! What a replica's prefix cache finds of conversations: the shipped scenario, and a case in which the
//! number is known exactly.

use crate::desk::Desk;
use crate::section::{assert_section, wrapped};
use serde_json::Value;

fn run(yaml: &str, set: &[&str]) -> Value {
    let desk = Desk::new();
    desk.write("x.yaml", yaml);
    let mut arguments = vec!["run", "x.yaml", "--format", "json", "--quiet"];
    set.iter().for_each(|one| arguments.extend(["--set", one]));
    let output = desk.run(&arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("valid JSON")
}

fn mean(summary: &Value, variant: usize, metric: &str) -> f64 {
    summary["variants"][variant]["metrics"][metric]["mean"].as_f64().expect("it is measured")
}

/// A turn that returns to where the conversation was finds more of its prompt cached than one that goes
/// anywhere, and that than nothing; the first token comes the sooner.
#[test]
fn the_shipped_scenario_is_ordered_as_theory_says() {
    let found = run(include_str!("../../scenarios/conversations.yaml"), &[]);
    let each = |metric| [0, 1, 2].map(|variant| mean(&found, variant, metric));
    let (input, cached) = (each("tokens.input"), each("tokens.cached_input"));
    let [any, same, none] = [0, 1, 2].map(|variant| cached[variant] / input[variant]);
    assert_eq!(none, 0.0);
    // Of four replicas the right one, if load alone decides: a quarter, and more once copies are on several.
    assert!(0.2 < any && any + 0.2 < same && same < 1.0, "{any} {same}");
    let [any_first, same_first, none_first] = each("latency.ttft_s.mean");
    assert!(
        same_first < any_first && any_first < none_first,
        "{same_first} {any_first} {none_first}"
    );
    let measured_s = found["measured_s"].as_f64().expect("a number");
    let (arrived, good) = (
        each("requests.arrived"),
        each("throughput.goodput_requests_per_s").map(|one| one * measured_s),
    );
    let inside = [0, 1, 2].map(|variant| 100.0 * good[variant] / arrived[variant]);
    assert!(inside[1] > inside[0] && inside[0] > inside[2], "{inside:?}");
    let missed: Vec<_> = inside.iter().filter(|&&inside| inside < 99.0).collect();
    let warned = ["no variant", "one of them", "two of them", "all three"][missed.len()];
    let text = format!(
        "Routed by load alone, turns find {:.0} % of their prompt tokens cached, and routed to where the \
         conversation was last, {:.0} %. The mean time to the first token is {:.0} ms and {:.0} ms; without a \
         cache it is {:.0} ms. Inside the objective (a first token within 1 s, 50 ms for each further one) are \
         {:.1} %, {:.1} % and {:.1} % of the calls: of {warned} the program warns that fewer than 99 % met it.",
        100.0 * any,
        100.0 * same,
        1e3 * any_first,
        1e3 * same_first,
        1e3 * none_first,
        inside[0],
        inside[1],
        inside[2],
    );
    assert_section("docs/findings.md", "conversations", &wrapped(&text));
}

/// One conversation after another on one replica with room for it: all keys and values of what was said
/// before are found, and nothing else. A conversation has three turns of 100 new tokens and 50 answered
/// ones. The last token of an answer is sent out and not computed on, so that prompts of 100, 250 and 400
/// tokens find 0, 149 and 299.
#[test]
fn one_conversation_at_a_time_finds_its_whole_history() {
    let yaml = "\
name: history
replications: 1
window: {warmup: 0s, horizon: 10000s, bucket: 10000s}
cloud:
  regions:
    - name: anywhere
      clusters: [{name: h100, accelerator: H100-SXM, nodes: 1}]
tenants: [{name: Vendor, terms: first-party}]
models:
  - name: model
    tenant: Vendor
    architecture: Llama-3.1-8B
    price: {input: 1 USD/Mtok, output: 1 USD/Mtok, cached-input: 0 USD/Mtok}
    deployments: [{cluster: h100, replicas: 1, prefix-cache: true}]
applications:
  - name: talkers
    arrivals: {deterministic: {rate: 0.01/s}}
    sessions: {turns: {constant: 3}, think: {constant: 5s}}
    lengths: {input: {constant: 100}, output: {constant: 50}}
scheduler: {capacity: fixed}
";
    let found = run(yaml, &[]);
    // The last of the hundred may be cut off by the end.
    let calls = mean(&found, 0, "requests.completed");
    let (whole, turns) = ((calls / 3.0).floor(), calls % 3.0);
    assert!(whole >= 98.0, "{calls}");
    let of_rest = |tokens: [f64; 3]| tokens[..turns as usize].iter().sum::<f64>();
    let input = whole * 750.0 + of_rest([100.0, 250.0, 400.0]);
    let cached = whole * 448.0 + of_rest([0.0, 149.0, 299.0]);
    assert_eq!(mean(&found, 0, "tokens.input"), input);
    assert_eq!(mean(&found, 0, "tokens.cached_input"), cached);
    let revenue = mean(&found, 0, "revenue.first_party_usd");
    assert!((revenue - (input - cached + 50.0 * calls) / 1e6).abs() < 5e-9, "{revenue}");

    let without = run(yaml, &["models[0].deployments[0].prefix-cache=false"]);
    assert_eq!(mean(&without, 0, "tokens.input"), input);
    assert_eq!(mean(&without, 0, "tokens.cached_input"), 0.0);
}
