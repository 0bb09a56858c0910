//! ServeGen's table of production clients as arrivals. The data are not part of the project:
//! `COOPSIM_DATA` names their folder, `../shared/data` unless given. Without them this test says so
//! and passes, except where `CI` is `true`.

use crate::desk::Desk;
use serde_json::Value;
use std::path::Path;

const TABLE: &str = "traces/servegen_clients.csv";

/// A queue in which nobody waits, called by the clients of m-large.
fn yaml(table: &Path) -> String {
    format!(
        "\
name: clients
seed: 1
replications: 20
window: {{horizon: 20min, bucket: 20min}}
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
  - name: clients
    arrivals: {{servegen: {{file: '{}', model: m-large, length-cv: 1}}}}
scheduler: {{capacity: fixed}}
",
        table.display()
    )
}

/// The table's total is 195.84/s, of which the largest of 162 clients brings 16.05 %.
#[test]
fn check_says_what_the_table_says() {
    let Some(table) = crate::data::file(TABLE) else { return };
    let desk = Desk::new();
    desk.write("x.yaml", yaml(&table));
    let output = desk.run(&["check", "x.yaml"]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // The table's own rate-weighted means, too: 914.278 and 155.093 tokens.
    let mut lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let figures = ["#", "clients", "195.84", "914.3", "155.1"];
    assert!(lines.any(|line| line == figures), "{text}");
    assert!(text.contains("162 clients: the largest brings 16.0 %"), "{text}");
}

/// The rate that is simulated is the table's, within five standard errors.
#[test]
fn calls_come_at_the_tables_rate() {
    let Some(table) = crate::data::file(TABLE) else { return };
    let desk = Desk::new();
    desk.write("x.yaml", yaml(&table));
    let output = desk.run(&["run", "x.yaml", "--format", "json", "--quiet"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary: Value = serde_json::from_slice(&output.stdout).expect("valid JSON");
    let rate = &summary["variants"][0]["metrics"]["throughput.requests_per_s"];
    let (mean, ci95) = (rate["mean"].as_f64().unwrap(), rate["ci95"].as_f64().unwrap());
    // Student's t with 19 degrees of freedom: 2.093 at 95 %.
    assert!((mean - 195.843_902).abs() < 5.0 * ci95 / 2.093, "{mean} ± {ci95} (seed 1)");
    assert!(ci95 < 10.0, "± {ci95} is wide");
}

#[test]
fn a_model_that_is_not_there_is_named() {
    let Some(table) = crate::data::file(TABLE) else { return };
    let desk = Desk::new();
    desk.write("x.yaml", yaml(&table).replace("m-large", "m-lagre"));
    let output = desk.run(&["run", "x.yaml"]);
    let message = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("no row is of model `m-lagre`, only of `deepseek-r1`"), "{message}");
    assert!(message.contains("arrivals.servegen.file"), "{message}");
}
