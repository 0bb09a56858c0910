//! Errors of latencies as docs/validation.md tells them, written from the rows.

use super::COMPARED;
use crate::section::assert_section;
use coopsim::validation::{LatencyAccuracy, Quantity, Spread, latency_accuracy};

/// `120: 7 %, 15 %, −2 %`: rows, median, 90th percentile, and median with its sign.
fn cell(spread: Option<Spread>) -> String {
    let Some(Spread { rows, median, p90, bias }) = spread else { return "–".to_owned() };
    let signed = format!("{:+.0} %", 100.0 * bias).replace('-', "−");
    let signed = if (100.0 * bias).abs() < 0.5 { "0 %" } else { &signed };
    format!("{rows}: {:.0} %, {:.0} %, {signed}", 100.0 * median, 100.0 * p90)
}

fn name(group: &LatencyAccuracy) -> String {
    match group.by {
        "all" => "all".to_owned(),
        "users" => format!("{} users", group.group),
        "source" => format!("`{}`", group.group),
        _ => group.group.clone(),
    }
}

#[test]
fn errors_are_told_from_the_rows() {
    let Some(rows) = &*COMPARED else { return };
    let groups = latency_accuracy(rows);
    let of = |quantity, group: &LatencyAccuracy| {
        let same = |other: &&LatencyAccuracy| {
            (other.quantity, other.by, &other.group) == (quantity, group.by, &group.group)
        };
        groups.iter().find(same).and_then(|found| found.left_out)
    };
    let line = |group: &&LatencyAccuracy| {
        let [ttft, rate] = [Quantity::Ttft, Quantity::TokensPerS].map(|what| cell(of(what, group)));
        let (fitted, left_out) = (cell(group.fitted), cell(group.left_out));
        format!("| {} | {fitted} | {left_out} | {ttft} | {rate} |\n", name(group))
    };
    let tpot = || groups.iter().filter(|group| group.quantity == Quantity::Tpot);
    let told = tpot().filter(|group| !["chip", "engine"].contains(&group.by));
    let head = "| | TPOT, fitted | TPOT, left out | TTFT, left out | tokens/s, left out |\n\
        |---|---|---|---|---|\n";
    let table = head.to_owned() + &told.map(|group| line(&group)).collect::<String>();
    assert_section("docs/validation.md", "latency", table.trim_end());

    let chips = tpot().filter(|group| group.by == "chip").map(|group| {
        format!("| {} | {} | {} |\n", group.group, cell(group.fitted), cell(group.left_out))
    });
    let head = "| | fitted | left out |\n|---|---|---|\n";
    let table = head.to_owned() + &chips.collect::<String>();
    assert_section("docs/validation.md", "latency-chips", table.trim_end());
}
