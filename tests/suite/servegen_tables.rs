//! ServeGen's tables of windows, rates, hours and lengths as scenarios read them, against the tables' own
//! figures. The data are not part of the project: `COOPSIM_DATA` names their folder,
//! `../shared/data` unless given. Without them these tests say so and pass, except where `CI` is
//! `true`.
//!
//! Checks that draw do so with a fixed seed, and each may fail once in 100,000 seeds without a fault.

use coopsim::engine::{Purpose, SimDuration, SimTime, Streams};
use coopsim::scenario::{self, Overrides, Scenario};
use coopsim::workload::{ArrivalProcess, Arrivals, Lengths, Process, Sampler, SourceSpec};
use std::path::{Path, PathBuf};

const SEED: u64 = 61;
/// Student's t with 29 degrees of freedom exceeds this once in 100,000 times.
const T_LIMIT: f64 = 5.3;
const REPLICATIONS: u32 = 30;

/// A table, by the end of its name.
fn table(name: &str) -> Option<PathBuf> {
    crate::data::file(&format!("traces/servegen_{name}.csv"))
}

/// The rows of a table as the test reads them itself: no field in these has a comma or quotes.
fn rows(path: &Path, model: &str) -> Vec<Vec<String>> {
    let text = std::fs::read_to_string(path).expect("it is readable");
    let rows = text.lines().map(|row| row.split(',').map(str::to_owned).collect::<Vec<_>>());
    // In the table of clients, a category comes first.
    rows.filter(|row| row[..2].iter().any(|cell| cell == model)).collect()
}

fn number(text: &str) -> f64 {
    text.parse().expect("a number")
}

/// A scenario whose application has these keys.
fn load(keys: &str, horizon: &str) -> Result<Scenario, String> {
    let yaml = format!(
        "\
name: tables
window: {{horizon: {horizon}, bucket: {horizon}}}
cloud:
  regions:
    - name: anywhere
      clusters:
        - {{name: servers, accelerator: {{name: server}}, nodes: 1, accelerators-per-node: 1}}
tenants: [{{name: Vendor, terms: first-party}}]
models:
  - name: large
    tenant: Vendor
    deployments:
      - cluster: servers
        replicas: 1
        performance: {{service-time: {{distribution: {{constant: 1ms}}, slots: 1000000}}}}
applications:
  - name: callers
    {keys}
scheduler: {{capacity: fixed}}
"
    );
    let loaded = scenario::load_text("tables.yaml", yaml, &Overrides::default());
    loaded.map_err(|error| error.to_string())
}

/// The application of such a scenario.
fn application(keys: &str, horizon: &str) -> (Arrivals, Option<Lengths>) {
    let mut scenario = load(keys, horizon).unwrap_or_else(|error| panic!("{error}"));
    match scenario.variants.remove(0).setup.applications.raw.remove(0).source {
        SourceSpec::Synthetic { arrivals, lengths } => (arrivals, lengths),
        other => panic!("not arrivals: {other:?}"),
    }
}

/// Whether the mean of `values` is `expected`.
fn t_test(what: &str, values: &[f64], expected: f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let t = (mean - expected) / (variance / n).sqrt();
    println!("{what}: {mean:.5}, expected {expected:.5}, t = {t:.2}");
    assert!(t.abs() < T_LIMIT, "{what}: {mean} is not {expected}: t = {t:.2}, seed {SEED}");
}

/// The top client of m-large calls at another rate and in other bursts every hour; twelve hours of
/// it.
#[test]
fn the_top_client_has_the_rate_and_the_bursts_of_each_hour() {
    const HOURS: usize = 12;
    const SCALE: f64 = 0.05;
    let (Some(clients), Some(windows)) = (table("clients"), table("client_windows_top20")) else {
        return;
    };
    let keys = format!(
        "arrivals: {{servegen: {{file: '{}', model: m-large, rate-scale: {SCALE}, windows: {{file: '{}', \
         only: true}}}}}}",
        clients.display(),
        windows.display()
    );
    let (arrivals, _) = application(&keys, &format!("{HOURS}h"));
    let Process::Clients(callers) = &arrivals.process else { panic!("clients") };
    assert_eq!(callers.len(), 20);
    let top = callers.iter().position(|client| client.name == "61").expect("it is there");
    let (mut counts, mut squares) = (vec![Vec::new(); HOURS], vec![Vec::new(); HOURS]);
    for replication in 0..REPLICATIONS {
        let mut process =
            ArrivalProcess::new(&arrivals, "callers", &Streams::new(SEED, replication));
        let mut gaps = vec![Vec::new(); HOURS];
        let mut calls = [0.0; HOURS];
        let (mut last, mut last_hour) = (0.0, usize::MAX);
        while let Some(at) = process.next_arrival() {
            if process.client() != top {
                continue;
            }
            let at = at.since(SimTime::ZERO).as_secs_f64();
            let hour = (at / 3600.0) as usize;
            // Arrivals go on while calls of the measured window are followed to their end.
            if hour >= HOURS {
                break;
            }
            calls[hour] += 1.0;
            if hour == last_hour {
                gaps[hour].push(at - last);
            }
            (last, last_hour) = (at, hour);
        }
        for hour in 0..HOURS {
            counts[hour].push(calls[hour]);
            let sum = gaps[hour].iter().map(|gap| gap * gap).sum::<f64>();
            squares[hour].push(sum / gaps[hour].len() as f64);
        }
    }
    let mut told = 0;
    for row in rows(&windows, "m-large").iter().filter(|row| row[1] == "61") {
        let (hour, rate, cv) =
            (number(&row[2]) as usize / 3600, SCALE * number(&row[3]), number(&row[4]));
        if hour < HOURS {
            told += 1;
            t_test(&format!("calls in hour {hour}"), &counts[hour], rate * 3600.0);
            let square = (1.0 + cv * cv) / (rate * rate);
            t_test(&format!("squared gaps in hour {hour}"), &squares[hour], square);
        }
    }
    println!("{told} hours compared");
    assert!(told >= 6, "{told} hours of client 61 are in the table");
}

/// Without `only`, the other clients keep their mean rates. Hours without a row are silent: the total is
/// up to 5 % below that of the table of clients.
#[test]
fn who_is_not_in_the_windows_keeps_a_mean_rate() {
    let (Some(clients), Some(windows)) = (table("clients"), table("client_windows_top20")) else {
        return;
    };
    for (model, hours) in [("m-large", 336.0), ("m-mid", 336.0), ("deepseek-r1", 24.0)] {
        let keys = format!(
            "arrivals: {{servegen: {{file: '{}', model: {model}, windows: {{file: '{}', starts-at: 5h}}}}}}",
            clients.display(),
            windows.display()
        );
        let (arrivals, _) = application(&keys, "1h");
        let windows = rows(&windows, model);
        let others: f64 = rows(&clients, model)
            .iter()
            .filter(|row| windows.iter().all(|window| window[1] != row[2]))
            .map(|row| number(&row[3]))
            .sum();
        let inside: f64 = windows.iter().map(|row| number(&row[3])).sum::<f64>() / hours;
        let off = arrivals.rate.0 / (others + inside) - 1.0;
        assert!(off.abs() < 1e-9, "{model}: {} is not {others} + {inside}", arrivals.rate.0);
        // The sixth hour: what the table says of it, and the means of those who are not in it.
        let sum = |rows: &[Vec<String>], start: &str| -> f64 {
            rows.iter().filter(|row| row[2] == start).map(|row| number(&row[3])).sum()
        };
        let expected = others + sum(&windows, "18000");
        let found = arrivals.expected_calls(SimDuration::from_secs(3600)) / 3600.0;
        assert!((found / expected - 1.0).abs() < 1e-9, "{model}: {found} is not {expected}");
    }
}

/// A Poisson process with the table's mean rate follows it step by step.
#[test]
fn rates_follow_the_table() {
    let Some(rates) = table("rate_10min") else { return };
    let told: Vec<f64> = rows(&rates, "m-large").iter().map(|row| number(&row[2])).collect();
    assert_eq!(told.len(), 2016);
    let mean = told.iter().sum::<f64>() / 2016.0;
    for (starts_at, first) in [("0s", 0), ("40min", 4)] {
        let keys = format!(
            "arrivals: {{poisson: {{rate: {mean}/s}}}}\n    modulation: {{servegen: {{file: '{}', model: m-large, \
             starts-at: {starts_at}}}}}",
            rates.display()
        );
        let (arrivals, _) = application(&keys, "14d");
        let calls = |steps: u64| arrivals.expected_calls(SimDuration::from_secs(600 * steps));
        for step in 0..20 {
            let found = (calls(step + 1) - calls(step)) / 600.0;
            let expected = told[first + step as usize];
            assert!((found / expected - 1.0).abs() < 1e-9, "step {step}: {found}, {expected}");
        }
        assert!((calls(2016) / (mean * 1_209_600.0) - 1.0).abs() < 1e-12);
    }
}

#[test]
fn hours_are_those_of_the_table() {
    let Some(hours) = table("hour_of_day") else { return };
    let keys = format!(
        "arrivals: {{poisson: {{rate: 100/s}}}}\n    modulation: {{hour-of-day: {{servegen: {{file: '{}', model: \
         m-small}}, starts-at: 9h}}}}",
        hours.display()
    );
    let (arrivals, _) = application(&keys, "1d");
    let profile = arrivals.modulation.profile.expect("a profile");
    let told: Vec<f64> = rows(&hours, "m-small").iter().map(|row| number(&row[2])).collect();
    assert_eq!((profile.factors.len(), profile.offset), (24, SimDuration::from_secs(9 * 3600)));
    assert!((profile.mean_factor() - 1.0).abs() < 1e-12);
    for (found, told) in profile.factors.iter().zip(&told) {
        // Their mean is 0.9967: not every hour was recorded equally often.
        assert!((found / told - 1.0).abs() < 0.005, "{found} is not {told}");
    }
}

/// Each length of each language model: the mean of the law is the table's, and so are the median
/// and the mean of what is drawn.
#[test]
fn lengths_have_the_tables_means_and_medians() {
    let Some(quantiles) = table("length_quantiles") else { return };
    for model in ["m-large", "m-mid", "m-small", "deepseek-r1"] {
        let file = quantiles.display();
        let law =
            |field| format!("{{servegen: {{file: '{file}', model: {model}, field: {field}}}}}");
        let keys = format!(
            "arrivals: {{poisson: {{rate: 1/s}}}}\n    lengths: {{input: {}, output: {}}}",
            law("input_tokens"),
            law("output_tokens")
        );
        let lengths = application(&keys, "1h").1.expect("lengths");
        for (row, law) in rows(&quantiles, model).iter().zip([lengths.input, lengths.output]) {
            let (field, mean, median) = (&row[1], number(&row[2]), number(&row[7]));
            let found = law.mean_tokens();
            assert!((found / mean - 1.0).abs() < 1e-9, "{model} {field}: {found} is not {mean}");
            let sampler = Sampler::new(&law);
            let (mut means, mut below) = (Vec::new(), Vec::new());
            for replication in 0..REPLICATIONS {
                let mut stream =
                    Streams::new(SEED, replication).stream(Purpose::Lengths, "callers");
                let draws: Vec<f64> = (0..20_000).map(|_| sampler.sample(&mut stream)).collect();
                let tokens = draws.iter().map(|draw| draw.round().max(1.0));
                means.push(tokens.sum::<f64>() / 20_000.0);
                below.push(draws.iter().filter(|&&draw| draw < median).count() as f64 / 20_000.0);
            }
            t_test(&format!("mean {field} of {model}"), &means, mean);
            t_test(&format!("part of {field} of {model} below the median"), &below, 0.5);
        }
    }
}

/// Wrong files are named with their rows and columns, wherever a table stands.
#[test]
fn wrong_tables_are_named() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).expect("it is writable");
        path.display().to_string()
    };
    let clients = write(
        "clients.csv",
        "model,client,mean_rate_rps,rate_weighted_cv,frac_gamma,frac_weibull,mean_input_tok,\
         mean_output_tok\nlarge,1,2,1,1,0,9,9\n",
    );
    let stranger =
        write("stranger.csv", "model,client,t_s,rate_rps,cv,family\nlarge,2,0,1,1,Gamma\n");
    let rates = write("rates.csv", "model,t_s,total_rate_rps\nlarge,0,1\nlarge,1200,1\n");
    let silent = write("silent.csv", "model,t_s,total_rate_rps\nlarge,0,0\n");
    let hours = write("hours.csv", "model,hour,mean_rate_rel_to_overall\nlarge,0,fast\n");
    let poisson = "arrivals: {poisson: {rate: 1/s}}\n    modulation:";
    let flat = vec!["1"; 24].join(", ");
    let cases = [
        (
            format!(
                "arrivals: {{servegen: {{file: '{clients}', model: large, windows: {{file: '{stranger}'}}}}}}"
            ),
            "client `2` of `large` is not among its clients",
            "arrivals.servegen.windows.file",
        ),
        (
            format!("{poisson} {{servegen: {{file: '{rates}', model: large}}}}"),
            "row 2, column `t_s`: `1200` is out of place: 600 comes next",
            "modulation.servegen.file",
        ),
        (
            format!("{poisson} {{servegen: {{file: '{silent}', model: large}}}}"),
            "nobody ever calls model `large`",
            "modulation.servegen.file",
        ),
        (
            format!(
                "{poisson} {{servegen: {{file: '{silent}', model: large}}, hour-of-day: {{factors: [{flat}]}}}}"
            ),
            "`hour-of-day` does not go with `servegen`",
            "modulation.hour-of-day",
        ),
        (
            format!("{poisson} {{hour-of-day: {{servegen: {{file: '{hours}', model: large}}}}}}"),
            "row 1, column `mean_rate_rel_to_overall`: `fast` is not a number from 0",
            "modulation.hour-of-day.servegen.file",
        ),
        (
            format!("{poisson} {{hour-of-day: {{}}}}"),
            "missing field `factors`, or `servegen` to read them from a file",
            "modulation.hour-of-day",
        ),
        (
            format!(
                "arrivals: {{poisson: {{rate: 1/s}}}}\n    lengths: {{input: {{servegen: {{file: '{rates}', model: large, field: input_tokens}}}}, output: {{constant: 1}}}}"
            ),
            "no column `p1`",
            "lengths.input.servegen.file",
        ),
    ];
    for (keys, message, place) in cases {
        let found = load(&keys, "1h").unwrap_err();
        assert!(found.contains(message) && found.contains(place), "{keys}\n{found}");
    }
}
