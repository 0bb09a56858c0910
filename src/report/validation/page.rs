//! `validate.html`: one self-contained page of how wrong the program is. The template says how it looks.

use super::latency::{cells, name};
use crate::report::chart::{self, Chart};
use crate::report::text::clean;
use crate::validation::{
    Accuracy, Latencies, Quantity, Validation, Verdict, accuracy, latency_accuracy,
};
use askama::Template;

/// What the template fills in. It escapes every text; only `svg` and `style` are inserted as they are, and both
/// are made here.
#[derive(Template)]
#[template(path = "validation.html")]
struct Page {
    style: &'static str,
    version: String,
    seed: u64,
    quick: bool,
    /// How many checks agree with theory, and how many there are.
    theory: (usize, usize),
    /// Those that deviate.
    deviating: Vec<String>,
    /// Where measured latencies are from.
    origin: String,
    compared: usize,
    not_simulated: usize,
    latency: Vec<Table>,
    throughput: Vec<(String, [String; 5])>,
    charts: Vec<Figure>,
    caption: &'static str,
}

/// Errors of one quantity.
struct Table {
    title: &'static str,
    /// A group, then rows, median, 90th percentile and sign of the fitted and of those left out.
    rows: Vec<(String, [[String; 4]; 2])>,
}

/// A chart on the page.
struct Figure {
    svg: String,
    alt: String,
    file: String,
}

/// The page.
pub(super) fn page(validation: &Validation, charts: &[Chart]) -> String {
    let Latencies { origin, not_simulated, rows } = &validation.latency;
    let checks = &validation.checks;
    let deviates = |check: &&crate::validation::Check| check.verdict == Verdict::Deviates;
    let deviating: Vec<_> = checks.iter().filter(deviates).collect();
    let page = Page {
        style: concat!(
            include_str!("../templates/style.css"),
            include_str!("../templates/validation.css")
        ),
        version: validation.version.clone(),
        seed: validation.seed,
        quick: validation.quick,
        theory: (checks.len() - deviating.len(), checks.len()),
        deviating: deviating.iter().map(|of| format!("{}: {}", of.section, of.name)).collect(),
        origin: clean(origin),
        compared: rows.len(),
        not_simulated: *not_simulated,
        latency: latency(validation),
        throughput: accuracy(&validation.published).iter().map(throughput).collect(),
        charts: charts.iter().map(figure).collect(),
        caption: charts.first().map_or("", |chart| chart.drawing.caption),
    };
    let mut html = page.render().expect("the template only formats strings");
    html.push('\n');
    html
}

fn latency(validation: &Validation) -> Vec<Table> {
    let groups = latency_accuracy(&validation.latency.rows);
    let table = |quantity: Quantity| {
        let of_quantity = groups.iter().filter(|group| group.quantity == quantity);
        let row = |group| (clean(&name(group)), [cells(group.fitted), cells(group.left_out)]);
        Table { title: quantity.label(), rows: of_quantity.map(row).collect() }
    };
    Quantity::ALL.into_iter().map(table).filter(|table| !table.rows.is_empty()).collect()
}

fn throughput(group: &Accuracy) -> (String, [String; 5]) {
    let percent = |part: f64| format!("{:.1}", 100.0 * part);
    let optional = |part: Option<f64>| part.map_or("–".to_owned(), percent);
    let chip = group.accelerator.as_deref().unwrap_or("all");
    let cells = [
        group.rows.to_string(),
        percent(group.median),
        percent(group.p90),
        optional(group.median_fitted),
        optional(group.median_held_out),
    ];
    (clean(&format!("{}, {chip}", group.table)), cells)
}

fn figure(Chart { file, drawing }: &Chart) -> Figure {
    Figure { svg: chart::svg(&drawing.picture), alt: drawing.alt.clone(), file: file.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;
    use crate::report::validation::parity::parity_charts;

    #[test]
    fn the_page_has_every_chart_and_what_deviates() {
        let validation = sample::validation();
        let charts = parity_charts(&validation);
        let html = page(&validation, &charts);
        assert_eq!(html.matches("<svg").count(), charts.len());
        assert!(html.contains("2 of 3 checks agree"), "{html}");
        assert!(
            html.contains("Erlang C: M/M/1, ρ = 0.5: P(W &gt; 2 s)")
                || html.contains("P(W &#62; 2 s)")
        );
    }
}
