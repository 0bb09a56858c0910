//! `report.html` of a sweep: one self-contained page. The template says how it looks.

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
        findings: shown.iter().flat_map(|metric| extremes(sweep, found, metric)).collect(),
        figures: charts.iter().map(figure).collect(),
        heads: shown.iter().flat_map(head).collect(),
        rows: (0..found.points.len().min(ROWS_MAX)).map(row).collect(),
        parameters: sweep.parameters.iter().map(|path| clean(path)).collect(),
        more: sweep.points() > ROWS_MAX as u64,
    };
    let mut html = page.render().expect("the template only formats strings");
    html.push('\n');
    html
}

/// Where a metric is largest and least, over all points and variants.
fn extremes(sweep: &Sweep, found: &Found, metric: &Metric) -> Option<String> {
    let all = metric.values.iter().enumerate().flat_map(|(variant, values)| {
        let known = values.iter().enumerate();
        known.filter_map(move |(place, value)| Some((variant, place, (*value)?)))
    });
    let by_mean =
        |a: &(usize, usize, Value), b: &(usize, usize, Value)| a.2.mean.total_cmp(&b.2.mean);
    let (least, most) = (all.clone().min_by(by_mean)?, all.max_by(by_mean)?);
    let told = |(variant, place, value): (usize, usize, Value)| {
        let settings = sweep.parameters.iter().zip(&found.settings[place]);
        let settings: Vec<_> = settings.map(|(path, value)| format!("{path} = {value}")).collect();
        let of = match &*found.variants {
            [_] => String::new(),
            names => format!("{}, ", names[variant]),
        };
        let number = numbers::value(value.mean, &metric.unit);
        let interval = value
            .ci95
            .map_or(String::new(), |ci95| format!(" ± {}", numbers::value(ci95, &metric.unit)));
        format!("{number}{interval} ({of}{})", settings.join(", "))
    };
    let unit = numbers::label_unit(&metric.unit);
    let name =
        if unit.is_empty() { metric.name.clone() } else { format!("{} ({unit})", metric.name) };
    if least.2.mean == most.2.mean {
        return Some(clean(&format!(
            "{name} is the same at all points: {}.",
            numbers::value(most.2.mean, &metric.unit)
        )));
    }
    Some(clean(&format!("{name} lies between {} and {}.", told(least), told(most))))
}

fn figure(Chart { file, drawing }: &Chart) -> Figure {
    Figure {
        svg: chart::svg(&drawing.picture),
        alt: drawing.alt.clone(),
        caption: drawing.caption,
        file: file.clone(),
    }
}
