//! How many replicas there are, whether they start warm, and whether they are enough.

use crate::desk::Desk;
use coopsim::catalog;
use coopsim::estimate::{PlanEstimate, estimate};
use coopsim::experiment::{self, Options, Results, Warning};
use coopsim::scenario::{self, Overrides};
use std::sync::atomic::AtomicBool;

/// A plain scenario: one model of 16 GB on one accelerator, called five times a second.
const PLAIN: &str = "\
name: plain
seed: 3
replications: 2
window: {horizon: 2m}
cloud:
  regions:
    - name: r
      clusters: [{name: c, accelerator: H100-SXM, nodes: 1, capital: 2 USD/h}]
tenants: [{name: t, terms: {rental: {price: 3 USD/h}}}]
models:
  - {name: m, tenant: t, architecture: Llama-3.1-8B, deployments: [{cluster: c}]}
applications:
  - name: a
    arrivals: {poisson: {rate: 5/s}}
    lengths: {input: {constant: 500}, output: {constant: 50}}
";

fn run(text: &str, set: &[&str]) -> Results {
    let set = set.iter().map(|&one| one.to_owned()).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    let scenario = scenario::load_text("capacity.yaml", text.to_owned(), &overrides);
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
    let never = AtomicBool::new(false);
    experiment::run(&scenario, &Options::default(), &|_| {}, &never).expect("it runs")
}

fn mean(results: &Results, metric: &str) -> f64 {
    let metrics = &results.variants[0].metrics;
    metrics.get(metric).unwrap_or_else(|| panic!("no {metric}")).mean
}

/// 16 GB at 1 GB/s are 16 s in which five calls a second wait: 80 of 600, 8 s each in the mean, if
/// the replica starts cold. Warm, a call of the first second waits for an iteration at most.
#[test]
fn replicas_start_warm_unless_the_scenario_says_cold() {
    let warm = run(PLAIN, &[]);
    let taken_in = catalog::engine("vllm").expect("the default").per_request.as_secs_f64();
    assert!((0.0..0.05).contains(&(mean(&warm, "latency.wait_s.mean") - taken_in)));
    assert!(!warm.notes.iter().any(|note| note.contains("cold")));
    let cold = run(PLAIN, &["scheduler.start=cold"]);
    assert!(mean(&cold, "latency.wait_s.mean") > 0.8);
    let note = "Replicas start cold: the last ones, of `m`, are ready after 16.1 s, later than the warm-up ends";
    assert!(cold.notes.iter().any(|found| found.starts_with(note)), "{:?}", cold.notes);
    let slow = run(PLAIN, &["scheduler.start=cold", "window.warmup=1m"]);
    assert!(slow.notes.iter().any(|note| note.contains("before the warm-up ends; a backlog")));
    // What is so in one variant only is said of that one.
    let variants =
        "variants: [{name: warm}, {name: chilly, set: {scheduler.start: cold}}, {name: mild}]\n";
    let both = run(&format!("{PLAIN}{variants}"), &[]);
    let noted = both.notes.iter().find(|note| note.starts_with("Replicas start cold"));
    assert!(noted.is_some_and(|note| note.ends_with("(In `chilly`.)")), "{:?}", both.notes);
}

/// With all costs known, so that there is a margin.
const COSTED: &str = "\
name: costed
seed: 3
replications: 2
window: {horizon: 1m}
cloud:
  electricity: 0.10 USD/kWh
  regions:
    - name: r
      clusters:
        - {name: c, accelerator: {base: H100-SXM, idle-power: 100W}, nodes: 4, capital: 2 USD/h}
tenants: [{name: t, terms: {rental: {price: 3 USD/h}}}]
models:
  - {name: m, tenant: t, architecture: Llama-3.1-8B, deployments: [{cluster: c}]}
  - {name: n, tenant: t, architecture: Llama-3.1-8B, deployments: [{cluster: c, tensor: 2}]}
  - {name: nobodys, tenant: t, architecture: Llama-3.1-8B, deployments: [{cluster: c}]}
applications:
  - name: a
    arrivals: {poisson: {rate: 200/s}}
    lengths: {input: {constant: 500}, output: {constant: 50}}
market: {choice: {fixed: {m: 0.5, n: 0.5}}}
";

fn plan(text: &str, set: &[&str]) -> PlanEstimate {
    let set = set.iter().map(|&one| one.to_owned()).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    let scenario = scenario::load_text("capacity.yaml", text.to_owned(), &overrides);
    let scenario = scenario.unwrap_or_else(|error| panic!("{error}"));
    estimate(&scenario).variants.remove(0).plan.expect("there is room")
}

/// Issue 16, section 2: under `proportional` a hundredth of the demand earns the same rent. Now rented
/// are the accelerators that the demand needs, and the rest stays unsold.
#[test]
fn a_hundredth_of_the_demand_rents_less() {
    let (whole, little) =
        (run(COSTED, &[]), run(COSTED, &["applications[0].arrivals.poisson.rate=2/s"]));
    let fall = |metric| mean(&whole, metric) - mean(&little, metric);
    let [allocated, revenue, cost, margin] =
        ["utilisation.allocated", "revenue.total_usd", "cost.total_usd", "margin.operating_usd"]
            .map(fall);
    assert!(allocated > 0.05, "{allocated}");
    // A minute of 32 accelerators at 3 USD an hour each.
    let rent = 32.0 * 3.0 / 60.0;
    assert!((revenue - rent * allocated).abs() < 1e-5, "{revenue}");
    assert!((margin - (revenue - cost)).abs() < 1e-5 && margin > 0.0, "{margin}");
    // Two replicas, of one and of two accelerators, are what a little demand for two models takes.
    assert_eq!(mean(&little, "utilisation.allocated"), 3.0 / 32.0);
    assert!(whole.variants[0].warnings.is_empty(), "{:?}", whole.variants[0].warnings);
    let same = ["scheduler.capacity=proportional", "applications[0].arrivals.poisson.rate=2/s"];
    assert_eq!(mean(&run(COSTED, &same), "utilisation.allocated"), 1.0);
}

#[test]
fn each_model_gets_the_fewest_replicas_below_the_target() {
    for target in [0.3, 0.5, 0.7] {
        let key = format!("scheduler.capacity.demand.target-load={target}");
        let plan = plan(COSTED, &[&key]);
        for model in &plan.models[..2] {
            let (load, replicas) = (model.load.unwrap(), model.replicas as f64);
            assert!(load <= target && load * replicas > target * (replicas - 1.0), "{model:?}");
        }
        assert_eq!((plan.models[2].replicas, plan.models[2].load), (0, None));
        let held: u64 = plan.models.iter().map(|model| model.accelerators).sum();
        assert_eq!(held + plan.unsold, plan.accelerators);
    }
}

/// Of a cloud that is too small all get the same part of what they need, up to a replica, and it is
/// said of each.
#[test]
fn a_cloud_too_small_scales_all_down_alike_and_says_so() {
    let set =
        ["applications[0].arrivals.poisson.rate=2000/s", "cloud.regions[0].clusters[0].nodes=2"];
    let plan = plan(COSTED, &set);
    let loads: Vec<f64> = plan.models[..2].iter().map(|model| model.load.unwrap()).collect();
    assert!((loads[0] / loads[1] - 1.0).abs() < 0.3, "{loads:?}");
    let short = |warning: &&Warning| matches!(warning, Warning::TooSmall { planned_load, .. } if (planned_load - 0.7).abs() < 1e-9);
    assert_eq!(plan.warnings.iter().filter(short).count(), 2, "{:?}", plan.warnings);
    assert_eq!(plan.unsold, 0);
}

/// Issue 16: overload at twice the capacity is said in the first two lines of the table, by `check`, and
/// on standard error; a model with demand and without a replica is named.
#[test]
fn overload_and_missing_replicas_are_said_first() {
    let service = "{cluster: c, performance: {service-time: {distribution: {constant: 0.1s}, slots: 1}}, replicas: 1}";
    let text = PLAIN
        .replace("{cluster: c}", service)
        .replace("rate: 5/s", "rate: 20/s")
        .replace("    lengths: {input: {constant: 500}, output: {constant: 50}}\n", "")
        .replace("applications:", "scheduler: {capacity: fixed}\napplications:")
        .replace(", architecture: Llama-3.1-8B", "");
    let desk = Desk::new();
    desk.write("x.yaml", &text);
    let ran = desk.run(&["run", "x.yaml", "--out", "out"]);
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let table = String::from_utf8(ran.stdout).unwrap();
    let first: Vec<&str> = table.lines().take(2).collect();
    assert!(first.join(" ").contains("OVERLOADED: `m` at a load of 2.00"), "{table}");
    assert!(table.contains("! depends on how long it is simulated"), "{table}");
    assert!(String::from_utf8(ran.stderr).unwrap().contains("warning: OVERLOADED"));
    let page = std::fs::read_to_string(desk.path("out/report.html")).unwrap();
    assert!(page.contains("<strong>OVERLOADED: `m` at a load of 2.00"));
    let checked = String::from_utf8(desk.run(&["check", "x.yaml"]).stdout).unwrap();
    let said =
        "# Warning: `m` is overloaded: 2.00 times the work that its replicas can do is expected.";
    assert!(checked.contains(said), "{checked}");

    let wide =
        COSTED.replace("{cluster: c}", "{cluster: c, tensor: 8}").replace("tensor: 2", "tensor: 8");
    let results = run(&wide, &["cloud.regions[0].clusters[0].nodes=1"]);
    let missing = Warning::NoReplica { model: "n".to_owned(), calls_per_s: 100.0 };
    assert!(results.variants[0].warnings.contains(&missing), "{:?}", results.variants[0].warnings);
}

/// Llama-3.1-70B fp8 on four H100 each, equal shares of gamma arrivals of cv 1.5, lognormal lengths with
/// means of 1,000 and 250 and a cv of 1.
fn rivals(models: usize, rate: u32) -> String {
    let each = |index: usize| {
        format!(
            "  - {{name: m{index}, tenant: t, architecture: Llama-3.1-70B, deployments: [{{cluster: c, tensor: 4, precision: fp8}}]}}\n"
        )
    };
    let share = |index: usize| format!("m{index}: {}", 1.0 / models as f64);
    format!(
        "\
name: rivals
window: {{horizon: 1m}}
cloud:
  regions:
    - name: r
      clusters: [{{name: c, accelerator: H100-SXM, nodes: 64}}]
tenants: [{{name: t, terms: {{rental: {{price: 3 USD/h}}}}}}]
models:
{}applications:
  - name: a
    arrivals: {{gamma: {{rate: {rate}/s, cv: 1.5}}}}
    lengths: {{input: {{lognormal: {{mean: 1000, cv: 1}}}}, output: {{lognormal: {{mean: 250, cv: 1}}}}}}
market: {{choice: {{fixed: {{{}}}}}}}
scheduler: {{capacity: {{objective: {{ttft-p99: 1s, tpot-p50: 50ms}}}}}}
",
        (0..models).map(each).collect::<String>(),
        (0..models).map(share).collect::<Vec<_>>().join(", "),
    )
}

/// Cells of the table in issue 16, section 2: accelerators for p99 TTFT under 1 s and median TPOT under
/// 50 ms, at 40 calls a second in all.
#[test]
fn an_objective_takes_as_many_accelerators_as_issue_16_found() {
    for (models, accelerators) in [(1, 16), (6, 24), (12, 48), (24, 96)] {
        let plan = plan(&rivals(models, 40), &[]);
        assert_eq!(plan.accelerators - plan.unsold, accelerators, "{models} models: {plan}");
        assert!(plan.warnings.is_empty());
    }
}

/// M/M/1 at half load: a call takes longer than t with probability exp(−t/2), so that the 99th
/// percentile is 9.21 s. 20,000 calls know it to about 0.35 s: the limits are 4 of those away.
#[test]
fn an_objective_is_met_by_one_server_or_by_two_as_theory_says() {
    let service = "{cluster: c, performance: {service-time: {distribution: {exponential: {mean: 1s}}, slots: 1}}}";
    let text = PLAIN
        .replace("{cluster: c}", service)
        .replace("rate: 5/s", "rate: 0.5/s")
        .replace("    lengths: {input: {constant: 500}, output: {constant: 50}}\n", "")
        .replace(", architecture: Llama-3.1-8B", "");
    let replicas = |limit: &str| {
        let key = format!("scheduler.capacity.objective.e2e-p99={limit}");
        plan(&text, &[&key]).models[0].replicas
    };
    assert_eq!(replicas("10.6s"), 1);
    assert_eq!(replicas("7.8s"), 2);
    // No number of servers makes the service itself shorter: 99 of 100 take up to 4.6 s.
    let set = ["scheduler.capacity.objective.e2e-p99=4s".to_owned()];
    let overrides = Overrides { set: set.to_vec(), ..Overrides::default() };
    let scenario = scenario::load_text("capacity.yaml", text.clone(), &overrides).unwrap();
    let problem = estimate(&scenario).variants.remove(0).plan.unwrap_err().reason;
    assert!(problem.contains("model `m` cannot meet `e2e-p99: 4s`"), "{problem}");
}

/// The same of a model that gets one call of 10,000, whatever calls; a pilot that drew those of all others
/// would take minutes. A hundred users of whom it has a hundredth of one are one user there.
#[test]
fn an_objective_is_found_for_a_model_that_hardly_anybody_calls() {
    let rare = |source: &str, objective: &str| {
        let text = format!(
            "\
name: rare
window: {{horizon: 2m}}
cloud: {{regions: [{{name: r, clusters: [{{name: c, accelerator: H100-SXM, nodes: 4}}]}}]}}
tenants: [{{name: t, terms: {{rental: {{price: 3 USD/h}}}}}}]
models:
  - name: rare
    tenant: t
    deployments: [{{cluster: c, performance: {{service-time: {{distribution: {{exponential: {{mean: 1s}}}}, slots: 1}}}}}}]
  - name: usual
    tenant: t
    deployments: [{{cluster: c, performance: {{service-time: {{distribution: {{constant: 100us}}, slots: 1}}}}}}]
applications: [{{name: a, {source}}}]
market: {{choice: {{fixed: {{rare: 0.0001, usual: 0.9999}}}}}}
scheduler: {{capacity: {{objective: {objective}}}}}
"
        );
        plan(&text, &[]).models[0].replicas
    };
    let poisson = "arrivals: {poisson: {rate: 5000/s}}";
    assert_eq!(rare(poisson, "{e2e-p99: 10.6s}"), 1);
    assert_eq!(rare(poisson, "{e2e-p99: 7.8s}"), 2);
    let bursts = "arrivals: {gamma: {rate: 5000/s, cv: 1.5}}";
    assert_eq!(rare(bursts, "{e2e-p99: 30s}"), 1);
    assert_eq!(rare("users: {count: 100, think: {constant: 1s}}", "{wait-p99: 1ms}"), 1);
}

#[test]
fn objectives_are_checked() {
    for (objective, message) in [
        ("{}", "found no limit, expected at least one"),
        ("{ttft-p98: 1s}", "unknown field `ttft-p98`"),
        ("{ttft-p99: 0s}", "found 0s: nothing is so fast"),
        ("{ttft-p99: 1}", "has no unit"),
    ] {
        let set = vec![format!("scheduler.capacity={{objective: {objective}}}")];
        let overrides = Overrides { set, ..Overrides::default() };
        let found = scenario::load_text("capacity.yaml", PLAIN.to_owned(), &overrides);
        let found = found.unwrap_err().to_string();
        assert!(found.contains(message), "{objective}: {found}");
    }
}

/// Issue 16, section 2: an overload by 5 % that nothing says before the run (a closed formula would need
/// the law of service) is found from the queue; at a load of 0.98, over ten times as many calls, it is
/// not. Exponential service, Poisson arrivals.
#[test]
fn a_growing_queue_is_found_and_a_busy_one_is_not() {
    let service = "{cluster: c, performance: {service-time: {distribution: {exponential: {mean: 1s}}, slots: 1}}, replicas: 1}";
    let text = PLAIN
        .replace("{cluster: c}", service)
        .replace("    lengths: {input: {constant: 500}, output: {constant: 50}}\n", "")
        .replace("applications:", "scheduler: {capacity: fixed}\napplications:")
        .replace(", architecture: Llama-3.1-8B", "");
    let grows = |rate: &str, horizon: &str| {
        let results = run(
            &text,
            &[
                &format!("applications[0].arrivals.poisson.rate={rate}"),
                &format!("window.horizon={horizon}"),
                "replications=5",
            ],
        );
        let warnings = results.variants[0].warnings.clone();
        warnings.into_iter().find_map(|warning| match warning {
            Warning::QueueGrows { per_s, .. } => Some(per_s),
            _ => None,
        })
    };
    assert_eq!(grows("0.98/s", "100000s"), None);
    let per_s = grows("1.05/s", "10000s").expect("it grows");
    assert!((per_s - 0.05).abs() < 0.03, "{per_s}");
}

/// What is held, what is not, and what was asked of what is held: one call takes 0.1 s, so that the load
/// is a tenth of the calls per second. Of two models the one with four accelerators weighs four times.
#[test]
fn load_is_offered_work_over_capacity_weighted_by_accelerators() {
    let text = "\
name: load
window: {horizon: 100s}
cloud:
  regions:
    - name: r
      clusters: [{name: c, accelerator: H100-SXM, nodes: 1}, {name: d, accelerator: H100-SXM, nodes: 1}]
tenants: [{name: t, terms: {rental: {price: 3 USD/h}}}]
models:
  - {name: m, tenant: t, deployments: [{cluster: c, accelerators: 4, replicas: 1, performance: &s {service-time: {distribution: {constant: 0.1s}, slots: 1}}}]}
  - {name: n, tenant: t, deployments: [{cluster: c, replicas: 1, performance: *s}]}
applications:
  - {name: a, arrivals: {poisson: {rate: 5/s}}, choice: {fixed: {m: 1}}}
  - {name: b, arrivals: {poisson: {rate: 2/s}}, choice: {fixed: {n: 1}}}
scheduler: {capacity: fixed}
replications: 1
";
    let results = run(text, &[]);
    let variant = &results.variants[0];
    let of = |model: &str, metric: &str| variant.by_model[model][metric].mean;
    for model in ["m", "n"] {
        let offered = of(model, "requests.arrived") * 0.1 / 100.0;
        assert!((of(model, "utilisation.load") - offered).abs() < 1e-12);
    }
    let whole = (4.0 * of("m", "utilisation.load") + of("n", "utilisation.load")) / 5.0;
    for load in [&variant.metrics, &variant.by_cluster["c"], &variant.by_tenant["t"]] {
        assert!((load["utilisation.load"].mean - whole).abs() < 1e-12);
    }
    assert!(!variant.by_cluster["d"].contains_key("utilisation.load"));
    assert_eq!(mean(&results, "utilisation.unsold"), 11.0 / 16.0);
    assert_eq!(variant.by_cluster["c"]["utilisation.unsold"].mean, 3.0 / 8.0);
    assert!(!variant.metrics.contains_key("utilisation.mbu"), "it is not known what is read");
}

/// By hand: a single user's call of 500 and 50 tokens takes 50 iterations, each of which reads the
/// weights of Llama-3.1-8B but for its embedding (2 bytes each of 8,030,261,248 − 128,256 × 4,096), and
/// the KV of 500 tokens and of contexts of 501 to 549, at 2 × 32 × 8 × 128 × 2 bytes a token.
#[test]
fn bandwidth_is_what_weights_and_kv_take() {
    let user = "    users: {count: 1}\n";
    let text = PLAIN.replace("    arrivals: {poisson: {rate: 5/s}}\n", user);
    let results = run(&text, &["scheduler.capacity=demand"]);
    let weights = 2.0 * (8_030_261_248.0 - 128_256.0 * 4_096.0);
    let kv = 131_072.0 * (500.0 + f64::from((501..=549).sum::<u32>()));
    let bytes = mean(&results, "requests.completed") * (50.0 * weights + kv);
    let expected = bytes / (3.35e12 * 120.0) / 8.0;
    let found = mean(&results, "utilisation.mbu");
    assert!((found / expected - 1.0).abs() < 2e-3, "{found} against {expected}");
}

/// Nine of ten rows name the first model, so that it needs nine times the replicas of the second; no choice
/// is given, which is equal shares.
#[test]
fn a_trace_that_names_models_is_planned_for_as_it_names_them() {
    let desk = Desk::new();
    let rows: String = (0..2000)
        .map(|row| {
            format!("{},{},500,50\n", f64::from(row) / 20.0, if row % 10 == 0 { "n" } else { "m" })
        })
        .collect();
    desk.write("t.csv", format!("at,model,in,out\n{rows}"));
    let columns = "{timestamp: at, unit: s, model: model, input: in, output: out}";
    let file = desk.path("t.csv");
    let source =
        format!("    trace: {{file: {}, format: {{columns: {columns}}}}}\n", file.display());
    let text = COSTED
        .replace("    arrivals: {poisson: {rate: 200/s}}\n", &source)
        .replace("    lengths: {input: {constant: 500}, output: {constant: 50}}\n", "")
        .replace("market: {choice: {fixed: {m: 0.5, n: 0.5}}}\n", "");
    let plan = plan(&text, &[]);
    let calls: Vec<f64> = plan.models.iter().map(|model| model.calls_per_s).collect();
    assert!((calls[0] / calls[1] - 9.0).abs() < 1e-9 && calls[2] == 0.0, "{calls:?}");
}

/// `demand` plans, and `utilisation.load` counts, with what a replica does that never lacks work, estimated
/// from the means of lengths and of their squares. Held to simulations at one and a half times that: what is served
/// over the estimate. `saturation` has more of them.
#[test]
fn saturated_capacity_is_about_what_a_saturated_replica_does() {
    let constant = "{input: {constant: 500}, output: {constant: 50}}";
    let lengths = |input: u32, output: u32| {
        format!(
            "{{input: {{lognormal: {{mean: {input}, cv: 1}}}}, output: {{lognormal: {{mean: {output}, cv: 1}}}}}}"
        )
    };
    let (short, long) = (lengths(1000, 250), lengths(4000, 1000));
    for (architecture, keys, lengths, least, most) in [
        ("Llama-3.1-8B", "", constant, 0.88, 1.12),
        ("Llama-3.1-8B", ", kv-admission: optimistic", &short, 0.88, 1.12),
        ("Llama-3.1-8B", ", batching: prefill-first", &short, 0.88, 1.12),
        ("Llama-3.1-70B", ", tensor: 4, precision: fp8", &short, 0.88, 1.12),
        ("Mixtral-8x7B", ", tensor: 2", &short, 0.88, 1.12),
        ("Llama-3.1-8B", "", &long, 0.88, 1.12),
    ] {
        let text = PLAIN
            .replace("Llama-3.1-8B", architecture)
            .replace("{cluster: c}", &format!("{{cluster: c, replicas: 1{keys}}}"))
            .replace(constant, lengths)
            .replace("applications:", "scheduler: {capacity: fixed}\napplications:");
        let able = 5.0 / plan(&text, &[]).models[0].load.unwrap();
        let rate = format!("applications[0].arrivals.poisson.rate={}/s", 1.5 * able);
        let set = [&*rate, "window.warmup=60s", "window.horizon=3m", "replications=1"];
        let served = mean(&run(&text, &set), "throughput.requests_per_s") / able;
        assert!((least..=most).contains(&served), "{architecture}{keys} {lengths}: {served:.3}");
    }
}

/// The estimate is 2 % low here, so that `check` warns of a load of 1.01; the run shows that it is none.
#[test]
fn an_overload_within_the_error_of_the_estimate_may_be_refuted_by_the_run() {
    let text = PLAIN
        .replace("{cluster: c}", "{cluster: c, replicas: 1, batching: prefill-first}")
        .replace("applications:", "scheduler: {capacity: fixed}\napplications:");
    let able = 5.0 / plan(&text, &[]).models[0].load.unwrap();
    let rate = format!("applications[0].arrivals.poisson.rate={}/s", 1.01 * able);
    let warnings = plan(&text, &[&rate]).warnings;
    assert!(matches!(warnings[..], [Warning::Overload { .. }]), "{warnings:?}");
    let run = run(&text, &[&rate, "window.horizon=10m", "window.warmup=1m"]);
    assert!(run.variants[0].warnings.is_empty(), "{:?}", run.variants[0].warnings);
}

/// A replica of `PLAIN` has room for about 500,000 tokens: a million has none, and nobody is overloaded by calls that
/// are turned away.
#[test]
fn calls_that_never_fit_are_foreseen_and_are_no_overload() {
    let long = ["applications[0].lengths.input={constant: 1000000}"];
    let expected = |warnings: &[Warning]| match warnings {
        [Warning::TooLong { model, application, tokens: 1_000_050, room }] => {
            (400_000..600_000).contains(room) && model == "m" && application == "a"
        }
        _ => false,
    };
    let planned = plan(PLAIN, &long);
    assert!(expected(&planned.warnings), "{:?}", planned.warnings);
    assert_eq!(planned.models[0].replicas, 0, "no work is done for them");
    let results = run(PLAIN, &long);
    let found = &results.variants[0].warnings;
    assert!(expected(found), "{found:?}");
    assert_eq!(mean(&results, "requests.rejected"), mean(&results, "requests.arrived"));
    let alarm = coopsim::report::alarm(&results).expect("nothing is served");
    assert_eq!(alarm, "NOT SERVED: calls of `a` are too long for `m`");
}

/// Whatever the source, the shortest and the longest call tell.
#[test]
fn calls_that_sometimes_fit_are_told_from_those_that_never_do() {
    let lengths = |law: &str| format!("applications[0].lengths.input={law}");
    let desk = Desk::new();
    desk.write("some.csv", "t,i,o\n0,100,10\n1,900000,10\n2,100,10\n");
    desk.write("none.csv", "t,i,o\n0,900000,10\n1,900000,10\n");
    let trace = |file: &str| {
        let path = desk.path(file);
        let columns = "{timestamp: t, unit: s, input: i, output: o}";
        let source = format!(
            "{{name: a, trace: {{file: '{}', format: {{columns: {columns}}}}}}}",
            path.display()
        );
        format!("applications=[{source}]")
    };
    let users = "applications[0]={name: a, users: {count: 2}, lengths: {input: {constant: 800000}, output: {constant: 9}}}";
    let session = "applications[0].sessions={turns: {constant: 2}, think: {constant: 1s}, system-prompt: 800000}";
    for (set, kind) in [
        (lengths("{uniform: {min: 100, max: 800000}}"), "some"),
        (lengths("{lognormal: {mean: 500, cv: 1, max: 800000}}"), "some"),
        (lengths("{lognormal: {mean: 500, cv: 1, max: 8000}}"), "fit"),
        (lengths("{lognormal: {mean: 500, cv: 1}}"), "fit"),
        (
            lengths(
                "{mixture: [{weight: 1, law: {constant: 600000}}, {weight: 1, law: {constant: 700000}}]}",
            ),
            "none",
        ),
        (trace("some.csv"), "some"),
        (trace("none.csv"), "none"),
        (users.to_owned(), "none"),
        (session.to_owned(), "none"),
    ] {
        let warnings = plan(PLAIN, &[&set]).warnings;
        let found = warnings.iter().find_map(|warning| match warning {
            Warning::TooLong { .. } => Some("none"),
            Warning::SometimesTooLong { .. } => Some("some"),
            _ => None,
        });
        assert_eq!(found.unwrap_or("fit"), kind, "{set}: {warnings:?}");
    }
}

/// Half of the calls have no room. What is expected of a model with them is more than it can do; what it does
/// without them is not.
#[test]
fn calls_that_are_turned_away_are_no_overload() {
    let law =
        "{mixture: [{weight: 1, law: {constant: 600000}}, {weight: 1, law: {constant: 100}}]}";
    let set = [
        &format!("applications[0].lengths.input={law}"),
        "scheduler.capacity=fixed",
        "models[0].deployments[0].replicas=1",
    ];
    let overload = |warnings: &[Warning]| {
        warnings.iter().any(|warning| matches!(warning, Warning::Overload { .. }))
    };
    assert!(overload(&plan(PLAIN, &set).warnings), "by its mean alone");
    let results = run(PLAIN, &set);
    let warnings = &results.variants[0].warnings;
    assert!(matches!(warnings[..], [Warning::SometimesTooLong { .. }]), "{warnings:?}");
}

/// A call that finds no waiting place is never answered, so that the mean of all calls has no end.
#[test]
fn a_mean_is_not_met_where_calls_are_turned_away() {
    let desk = crate::desk::Desk::new();
    desk.write("x.yaml", include_str!("desk/queue.yaml"));
    let overrides = [
        "window={horizon: 10m}",
        "cloud.regions[0].clusters[0].nodes=60",
        "models[0].deployments=[{cluster: servers, performance: {service-time: {distribution: {exponential: {mean: 1s}}, slots: 1, queue: 0}}}]",
        "applications[0].arrivals.poisson.rate=5/s",
        "scheduler.capacity={objective: {wait-mean: 1s}}",
    ];
    let set = overrides.iter().flat_map(|each| ["--set", each]);
    let arguments = ["run", "x.yaml", "--format", "json", "--quiet", "--replications", "1"];
    let output = desk.run(&arguments.into_iter().chain(set).collect::<Vec<_>>());
    let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let of =
        |metric: &str| found["variants"][0]["metrics"][metric]["mean"].as_f64().expect("a mean");
    // The pilot loses none, so that Erlang B at 5 offered is below one in its thousand calls or so; one replica, which
    // was enough before, loses 83 %.
    let lost = of("requests.rejected") / of("requests.arrived");
    assert!(lost < 0.005, "{lost}");
}
