//! `report.html` of a sweep: one self-contained page. The template says how it looks.

use super::findings::findings;
use super::found::{Found, Metric, Value};
use crate::report::chart::{self, Chart};
use crate::report::numbers;
use crate::report::text::clean;
use crate::scenario::Sweep;
use askama::Template;

/// Points in the table of the page.
const ROWS_MAX: usize = 60;

/// What the template fills in. It escapes every text; only `svg` and `style` are inserted as they are, and both
/// are made here.
#[derive(Template)]
#[template(path = "sweep.html")]
struct Page {
    style: &'static str,
    name: String,
    description: String,
    version: &'static str,
    seed: u64,
    replications: u32,
    points: u64,
    variants: usize,
    failed: Option<String>,
    warned: Option<String>,
    is_empty: bool,
    notes: Vec<String>,
    findings: Vec<String>,
    figures: Vec<Figure>,
    heads: Vec<String>,
    rows: Vec<(Vec<String>, Vec<String>)>,
    shortened: Option<String>,
    parameters: Vec<String>,
    more: bool,
}

struct Figure {
    svg: String,
    alt: String,
    caption: &'static str,
    file: String,
}

/// The page.
pub(super) fn page(sweep: &Sweep, found: &Found, charts: &[Chart]) -> String {
    let several = sweep.variants.len() > 1;
    let shown: Vec<&Metric> = found.shown().collect();
    let head = |metric: &&Metric| {
        let unit = numbers::label_unit(&metric.unit);
        let name =
            if unit.is_empty() { metric.name.clone() } else { format!("{}, {unit}", metric.name) };
        found.variants.iter().map(move |variant| match several {
            true => format!("{name}: {}", clean(variant)),
            false => name.clone(),
        })
    };
    let row = |place: usize| {
        let cells = shown.iter().flat_map(|metric| {
            metric.values.iter().map(move |values| match values[place] {
                Some(Value { mean, .. }) => numbers::value(mean, &metric.unit),
                None => "–".to_owned(),
            })
        });
        let first = std::iter::once(found.points[place].to_string());
        let settings = found.settings[place].iter().map(|text| clean(text));
        (first.chain(settings).collect(), cells.collect())
    };
    let told = |count: u64, what: &str, first: &str| {
        (count > 0).then(|| {
            format!("{count} of {} points {what}; the first: {}", sweep.points(), clean(first))
        })
    };
    let page = Page {
        style: include_str!("../templates/style.css"),
        name: clean(&sweep.name),
        description: clean(&sweep.description),
        version: env!("CARGO_PKG_VERSION"),
        seed: sweep.seed,
        replications: sweep.replications,
        points: sweep.points(),
        variants: sweep.variants.len(),
        failed: told(found.failed, "could not be simulated", &found.first_failure),
        warned: told(found.warned, "have warnings", &found.first_warning),
        notes: sweep.notes.iter().map(|note| clean(note)).collect(),
        is_empty: found.is_empty,
        findings: findings(sweep, found),
        figures: charts.iter().map(figure).collect(),
        heads: shown.iter().flat_map(head).collect(),
        rows: (0..found.points.len().min(ROWS_MAX)).map(row).collect(),
        shortened: shortened(sweep),
        parameters: sweep.short_names().iter().map(|name| clean(name)).collect(),
        more: sweep.points() > ROWS_MAX as u64,
    };
    let mut html = page.render().expect("the template only formats strings");
    html.push('\n');
    html
}

/// Which parameters are called by a part of their path, and the whole of it.
fn shortened(sweep: &Sweep) -> Option<String> {
    let names = sweep.short_names();
    let both = names.iter().zip(&sweep.parameters).filter(|(name, path)| name != path);
    let told: Vec<_> = both.map(|(name, path)| format!("{name} is {path}")).collect();
    (!told.is_empty()).then(|| clean(&told.join("; ")))
}

fn figure(Chart { file, drawing }: &Chart) -> Figure {
    Figure {
        svg: chart::svg(&drawing.picture),
        alt: drawing.alt.clone(),
        caption: drawing.caption,
        file: file.clone(),
    }
}
