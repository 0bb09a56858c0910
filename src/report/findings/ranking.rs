//! Who stands first and last, as far as the intervals say so.

use super::warnings::useless;
use super::{COMPARISONS_MAX, MONEY, SAME_SCALE, join, quoted, with_caveat};
use crate::experiment::{Results, VariantResults};

/// What a ranking says.
#[derive(Default)]
pub(super) struct Ranking<'a> {
    pub(super) sentences: Vec<String>,
    /// The variants with the highest and the lowest mean.
    pub(super) extremes: Option<(&'a VariantResults, &'a VariantResults)>,
}

/// A variant's place: its mean, or its paired difference from the first variant.
#[derive(Clone, Copy)]
struct Standing<'a> {
    variant: &'a VariantResults,
    value: f64,
    /// Half-width of its 95 % interval; none for one replication.
    half_width: Option<f64>,
    /// The size of its bills, beside which a difference matters or not.
    size: f64,
}

impl Standing<'_> {
    /// Whether the difference matters, and a paired interval of the two excludes zero, whatever it is: the
    /// standard deviation of a difference is at most the sum of both, and so is the half-width.
    fn differs(&self, other: &Self) -> bool {
        let half_widths = self.half_width.unwrap_or(0.0) + other.half_width.unwrap_or(0.0);
        self.matters(other) && (self.value - other.value).abs() > half_widths
    }

    fn matters(&self, other: &Self) -> bool {
        (self.value - other.value).abs() > super::HARDLY * self.size.max(other.size)
    }
}

/// Ranks all variants, the first among them, by margin or else by revenue. A comparison of two
/// needs no ranking, and a variant that served nothing well takes no part in one.
pub(super) fn ranking(results: &Results) -> Ranking<'_> {
    let least = if results.differences.is_empty() { 2 } else { 3 };
    let (useless, ranked): (Vec<_>, Vec<_>) = results.variants.iter().partition(|v| useless(v));
    let sizes = sizes(&ranked);
    let known = |(metric, words)| {
        let per_hour = if sizes.is_some() { " per accelerator-hour in service" } else { "" };
        let standings = standings(results, &ranked, metric, sizes.as_deref())?;
        Some((standings, format!("{words}{per_hour}")))
    };
    let Some((mut standings, words)) = MONEY.into_iter().find_map(known) else {
        return Ranking::default();
    };
    if results.variants.len() < least || standings.len() < 2 {
        return Ranking::default();
    }
    standings.sort_by(|a, b| b.value.total_cmp(&a.value));
    let mut sentences = vec![places(&standings, &words)];
    if !useless.is_empty() {
        let names: Vec<_> = useless.iter().map(|variant| quoted(&variant.name)).collect();
        let names = join(&names, "and");
        sentences
            .push(format!("Left out of that: {names}, where no call was served as it should be."));
    }
    let extremes = Some((standings[0].variant, standings[standings.len() - 1].variant));
    Ranking { sentences, extremes }
}

/// The accelerator-hours in service of each variant, if clouds of different sizes are compared: as far as revenue tells.
fn sizes(variants: &[&VariantResults]) -> Option<Vec<f64>> {
    let hours = |variant: &&VariantResults| {
        let mean = |metric: &str| Some(variant.metrics.get(metric)?.mean);
        let hours = mean("revenue.total_usd")? / mean("revenue.per_accelerator_hour_usd")?;
        (hours.is_finite() && hours > 0.0).then_some(hours)
    };
    let hours: Vec<f64> = variants.iter().map(hours).collect::<Option<_>>()?;
    let least = hours.iter().copied().reduce(f64::min)?;
    let most = hours.iter().copied().reduce(f64::max)?;
    (most > SAME_SCALE * least).then_some(hours)
}

/// None where the metric is not known of all variants. With `sizes` by the accelerator-hour: a paired difference of totals says
/// nothing of that, so that each has its own interval.
fn standings<'a>(
    results: &'a Results,
    variants: &[&'a VariantResults],
    metric: &str,
    sizes: Option<&[f64]>,
) -> Option<Vec<Standing<'a>>> {
    let first = results.variants.first()?;
    // Margins with and without the cost of energy do not compare.
    let with_energy = |variant: &VariantResults| variant.metrics.contains_key("cost.energy_usd");
    if variants.iter().any(|&variant| with_energy(variant) != with_energy(first)) {
        return None;
    }
    let one = |(place, &variant): (usize, &&'a VariantResults)| {
        let estimate = variant.metrics.get(metric)?;
        let paired = results
            .differences
            .iter()
            .find(|paired| paired.metric == metric && paired.variant == variant.name);
        let size = sizes.map_or(1.0, |sizes| sizes[place]);
        let (value, half_width) = match paired {
            _ if sizes.is_some() => (estimate.mean / size, estimate.ci95.map(|ci95| ci95 / size)),
            Some(paired) => (paired.mean, paired.ci95),
            None if results.differences.is_empty() => (estimate.mean, estimate.ci95),
            // The first is what the others are compared with.
            None if variant.name == first.name => (0.0, estimate.ci95.map(|_| 0.0)),
            None => return None,
        };
        let revenue = variant.metrics.get("revenue.total_usd");
        let bills = revenue.map_or(0.0, |revenue| revenue.mean.abs()).max(estimate.mean.abs());
        let size = bills / size;
        value.is_finite().then_some(Standing { variant, value, half_width, size })
    };
    variants.iter().enumerate().map(one).collect()
}

/// The sentence on standings from the highest to the lowest, at least two.
fn places(standings: &[Standing], words: &str) -> String {
    let (highest, lowest) = (standings[0], standings[standings.len() - 1]);
    if highest.value == lowest.value {
        return format!("{} is the same in all variants.", capital(words));
    }
    if !highest.matters(&lowest) {
        return format!(
            "{} is about the same in all variants (within 0.1\u{A0}% of revenue).",
            capital(words)
        );
    }
    if !highest.differs(&lowest) {
        return format!("The 95\u{A0}% intervals do not tell the variants apart by {words}.");
    }
    let tied = |end: Standing| {
        let tied = standings.iter().filter(move |standing| !standing.differs(&end));
        tied.map(|standing| with_caveat(standing.variant)).collect::<Vec<_>>()
    };
    let (most, least) = (tied(highest), tied(lowest));
    // Somebody in the middle may be as high as the one and as low as the other.
    if most.iter().any(|name| least.contains(name)) {
        let (high, low) = (with_caveat(highest.variant), with_caveat(lowest.variant));
        return format!(
            "{} is higher in {high} than in {low}; the 95\u{A0}% intervals do not place all others.",
            capital(words)
        );
    }
    let (most, least) = (group(&most), group(&least));
    let chance = match highest.half_width {
        None => " One replication does not say whether that is chance.",
        Some(_) => "",
    };
    format!("{} is highest in {most} and lowest in {least}.{chance}", capital(words))
}

/// “a”, or those that the intervals do not tell apart: “a” or “b”.
fn group(names: &[String]) -> String {
    if names.len() > COMPARISONS_MAX {
        return format!("one of {} that the intervals do not tell apart", names.len());
    }
    join(names, "or")
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
