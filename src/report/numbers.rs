//! Numbers as people read them: three or four significant digits and a scale.

use crate::experiment::{Difference, Estimate, VariantResults};

/// Numbers from here on are not written out.
const WRITABLE_MAX: f64 = 1e300;

/// A smaller difference, as a part of what it is a difference from, is no difference to a reader: bills are
/// rounded to millionths.
const NEARLY_NONE: f64 = 1e-6;
/// What stands for it.
pub(super) const NEARLY_NOTHING: &str = "≈ 0";
/// A percentage of a margin says little where it is a smaller part of the revenue than this: it is the small
/// difference of two large numbers.
const MARGIN_MIN: f64 = 0.1;
/// A larger change, as a part of what it is a change of, is no percentage that anybody would read.
const RELATIVE_MAX: f64 = 100.0;

/// How a number is scaled for its reader, and what follows it.
#[derive(Clone, Copy)]
struct Scale {
    factor: f64,
    suffix: &'static str,
}

/// A mean with its half-width, as in `412.3 ± 5.2 ms`. Seconds and fractions carry their unit; of
/// anything else the unit belongs beside the name (see [`label_unit`]).
pub(super) fn estimate(estimate: &Estimate) -> String {
    interval(estimate.mean, estimate.ci95, &estimate.unit, false)
}

/// A signed difference of means, as in `+1.52 ± 0.31 k`; of fractions in percentage points.
pub(super) fn difference(difference: &Difference, baseline: &Estimate) -> String {
    if is_nearly_none(difference, baseline) {
        // Of bills, which are rounded to millionths one by one, it is not even a small difference.
        let nothing = if baseline.unit.starts_with("USD") { "0" } else { NEARLY_NOTHING };
        return nothing.to_owned();
    }
    signed(difference.mean, difference.ci95, &baseline.unit)
}

fn is_nearly_none(difference: &Difference, baseline: &Estimate) -> bool {
    let largest = difference.mean.abs() + difference.ci95.unwrap_or(0.0);
    difference.mean != 0.0 && largest < NEARLY_NONE * baseline.mean.abs()
}

/// A part of a difference, if it is anything beside numbers of this `size`.
pub(super) fn part(mean: f64, ci95: Option<f64>, size: f64, unit: &str) -> Option<String> {
    let largest = mean.abs() + ci95.unwrap_or(0.0);
    (largest >= NEARLY_NONE * size).then(|| signed(mean, ci95, unit))
}

/// A sum of parts, or a contribution, likewise.
pub(super) fn signed(mean: f64, ci95: Option<f64>, unit: &str) -> String {
    let unit = if unit == "fraction" { "points" } else { unit };
    interval(mean, ci95, unit, true)
}

/// A signed difference in percent of the baseline's mean, as in `+3.00 ± 0.57 %`; none where that would
/// mislead (see [`share_of`]).
pub(super) fn relative(difference: &Difference, baseline: &VariantResults) -> Option<String> {
    let (base, relative) = share_of(difference, baseline)?;
    let half_width = difference.ci95.map(|ci95| ci95 / base);
    Some(interval(relative, half_width, "fraction", true))
}

/// The same in a few columns, without its half-width.
pub(super) fn relative_short(difference: &Difference, baseline: &VariantResults) -> Option<String> {
    let percent = 100.0 * share_of(difference, baseline)?.1;
    let digits = if percent.abs() < 9.95 { 1 } else { 0 };
    let text = format!("{percent:+.digits$} %").replace('-', "−");
    let nothing = !text.contains(|c: char| matches!(c, '1'..='9'));
    // A sign of what rounds to nothing says nothing.
    Some(if nothing { "0.0 %".to_owned() } else { text })
}

/// The baseline's mean, and a difference as a part of it: the one rule for every percentage of a difference.
/// None of a fraction, whose percentages would be read as points; of what is not above zero for sure; of a
/// margin that is small beside the revenue; of no difference; and of one that is many times the baseline.
fn share_of(difference: &Difference, baseline: &VariantResults) -> Option<(f64, f64)> {
    let base = baseline.metrics.get(&difference.metric)?;
    let revenue = baseline.metrics.get("revenue.total_usd").map_or(0.0, |revenue| revenue.mean);
    let least = match difference.metric.as_str() {
        "margin.operating_usd" => MARGIN_MIN * revenue,
        _ => 0.0,
    };
    let least = least.max(base.ci95.unwrap_or(0.0));
    let relative = difference.mean / base.mean;
    let anything = difference.mean != 0.0 && !is_nearly_none(difference, base);
    let sound = base.unit != "fraction" && base.mean > least && anything;
    (sound && relative.abs() <= RELATIVE_MAX).then_some((base.mean, relative))
}

/// Whether a difference's 95 % interval excludes zero; none where there is no interval: for one
/// replication, and for what is the same in each of them because it was planned and not measured.
pub(super) fn excludes_zero(difference: &Difference) -> Option<bool> {
    let half_width = difference.ci95.filter(|half_width| *half_width > 0.0)?;
    Some(difference.mean.abs() > half_width)
}

/// A number for those who want all its digits.
pub(super) fn exact(value: f64) -> String {
    match value.abs() {
        m if !m.is_finite() => "undefined".to_owned(),
        m if m != 0.0 && !(1e-9..1e15).contains(&m) => format!("{value:e}"),
        _ => value.to_string(),
    }
}

/// A value without an interval, as on an axis or a bar.
pub(super) fn value(value: f64, unit: &str) -> String {
    interval(value, None, unit, false)
}

/// The unit to show beside a metric's name: empty where the numbers carry it.
pub(super) fn label_unit(unit: &str) -> &str {
    match unit {
        "s" | "fraction" | "ratio" | "index" => "",
        other => other,
    }
}

/// Whether a number stays finite in any scale: nothing that is measured comes near the limit, but a
/// folder may be damaged.
fn writable(value: f64) -> bool {
    value.abs() < WRITABLE_MAX
}

fn interval(mean: f64, half_width: Option<f64>, unit: &str, signed: bool) -> String {
    if !writable(mean) {
        return "undefined".to_owned();
    }
    // Equal values in all replications have no interval: they were planned, not measured.
    let half_width = half_width.filter(|half_width| writable(*half_width) && *half_width > 0.0);
    let scale = scale(mean.abs().max(half_width.unwrap_or(0.0)), unit);
    let scaled = mean / scale.factor;
    let digits = match half_width.map(|half_width| half_width / scale.factor) {
        None => plain(scaled, scale.suffix),
        Some(half_width) => plus_minus(scaled, half_width),
    };
    let plus = if signed && mean > 0.0 { "+" } else { "" };
    let space = if scale.suffix.is_empty() { "" } else { " " };
    // A sign of what rounds to nothing says nothing.
    let nothing = digits
        .split(' ')
        .next()
        .is_some_and(|mean| !mean.contains(|c: char| matches!(c, '1'..='9')));
    let (plus, digits) = match digits.strip_prefix('-') {
        Some(rest) if nothing => ("", rest.to_owned()),
        _ => (if nothing { "" } else { plus }, digits),
    };
    format!("{plus}{digits}{space}{}", scale.suffix).replace('-', "−")
}

fn scale(magnitude: f64, unit: &str) -> Scale {
    let (factor, suffix) = match unit {
        "fraction" => (0.01, "%"),
        "points" => (0.01, "pp"),
        "s" => match magnitude {
            0.0 => (1.0, "s"),
            m if m < 1e-3 => (1e-6, "µs"),
            m if m < 1.0 => (1e-3, "ms"),
            m if m < 600.0 => (1.0, "s"),
            m if m < 7200.0 => (60.0, "min"),
            _ => (3600.0, "h"),
        },
        _ => match magnitude {
            m if m < 1e4 => (1.0, ""),
            m if m < 1e6 => (1e3, "k"),
            m if m < 1e9 => (1e6, "M"),
            m if m < 1e12 => (1e9, "G"),
            _ => (1e12, "T"),
        },
    };
    Scale { factor, suffix }
}

/// Four significant digits; whole numbers without a fraction.
fn plain(scaled: f64, suffix: &str) -> String {
    if scaled.abs() >= 1e6 || (scaled != 0.0 && scaled.abs() < 1e-5) {
        return format!("{scaled:.2e}");
    }
    let whole = scaled == scaled.trunc() && (suffix.is_empty() || scaled.abs() < 1e4);
    format!("{scaled:.*}", if whole || scaled == 0.0 { 0 } else { decimals(scaled, 4) })
}

/// The half-width decides the digits: two significant ones of it, no more than four of the mean.
fn plus_minus(mean: f64, half_width: f64) -> String {
    if mean.abs().max(half_width) >= 1e6 {
        return format!("{mean:.2e} ± {half_width:.1e}");
    }
    let places = decimals(mean.abs().max(half_width), 4).min(decimals(half_width, 2));
    let least = 10f64.powi(-i32::try_from(places).unwrap_or(0));
    if half_width < least / 2.0 {
        return format!("{mean:.places$} ± <{least:.places$}");
    }
    format!("{mean:.places$} ± {half_width:.places$}")
}

/// Decimal places that show `digits` significant digits, at most six.
fn decimals(value: f64, digits: i32) -> usize {
    if value == 0.0 {
        return 0;
    }
    // In range by the clamp, so the conversion cannot fail.
    let exponent = value.abs().log10().floor().clamp(-12.0, 12.0) as i32;
    usize::try_from((digits - 1 - exponent).clamp(0, 6)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(mean: f64, ci95: Option<f64>, unit: &str) -> String {
        estimate(&Estimate { mean, ci95, n: 20, unit: unit.to_owned() })
    }

    #[test]
    fn estimates() {
        let cases = [
            (shown(0.4123, Some(0.0052), "s"), "412.3 ± 5.2 ms"),
            (shown(41.23, Some(0.5), "s"), "41.23 ± 0.50 s"),
            (shown(0.000_41, None, "s"), "410 µs"),
            (shown(0.0, Some(0.0), "s"), "0 s"),
            (shown(0.7312, Some(0.0021), "fraction"), "73.12 ± 0.21 %"),
            (shown(1.0, Some(0.0), "fraction"), "100 %"),
            (shown(12_345.0, Some(400.0), "USD"), "12.35 ± 0.40 k"),
            (shown(12_345.0, Some(0.3), "USD"), "12.35 ± <0.01 k"),
            (shown(-4_561_234.0, None, "USD"), "−4.561 M"),
            (shown(532.0, None, "requests"), "532"),
            (shown(0.01, Some(3.0), "USD"), "0.0 ± 3.0"),
            (shown(0.5, Some(0.000_001), "index"), "0.5000 ± <0.0001"),
            (shown(1e30, Some(1e29), "J"), "1.00e18 ± 1.0e17 T"),
            (shown(1e-9, None, "J"), "1.00e−9"),
            (shown(f64::NAN, None, "J"), "undefined"),
            (shown(1.7e308, None, "fraction"), "undefined"),
            (shown(9e299, Some(1e308), "fraction"), "9.00e301 %"),
            (shown(3.0, Some(f64::INFINITY), "J"), "3"),
        ];
        for (shown, expected) in cases {
            assert_eq!(shown, expected);
        }
    }

    /// A variant with these means and half-widths.
    fn variant(metrics: &[(&str, f64, f64, &str)]) -> VariantResults {
        let mut variant = crate::report::sample::results(crate::report::sample::Shape::default())
            .variants
            .remove(0);
        for &(metric, mean, ci95, unit) in metrics {
            let estimate = Estimate { mean, ci95: Some(ci95), n: 5, unit: unit.to_owned() };
            variant.metrics.insert(metric.to_owned(), estimate);
        }
        variant
    }

    fn paired(metric: &str, mean: f64, ci95: f64) -> Difference {
        let (baseline, variant) = ("a".to_owned(), "b".to_owned());
        Difference { metric: metric.to_owned(), baseline, variant, mean, ci95: Some(ci95) }
    }

    #[test]
    fn differences_carry_their_sign() {
        let (busy, queue) = ("utilisation.busy", "queue.length_mean");
        let base = variant(&[(busy, 0.7, 0.01, "fraction"), (queue, 0.7, 0.01, "requests")]);
        let told = |paired: &Difference| difference(paired, &base.metrics[&paired.metric]);
        let points = paired(busy, 0.021, 0.004);
        assert_eq!(told(&points), "+2.10 ± 0.40 pp");
        assert_eq!(relative(&points, &base), None);
        assert_eq!(excludes_zero(&points), Some(true));
        let requests = paired(queue, 0.021, 0.004);
        assert_eq!(relative(&requests, &base).as_deref(), Some("+3.00 ± 0.57 %"));
        assert_eq!(relative_short(&requests, &base).as_deref(), Some("+3.0 %"));
        // Planned, not measured: the same in all replications.
        let planned = paired(busy, 0.021, 0.0);
        assert_eq!(told(&planned), "+2.100 pp");
        assert_eq!(excludes_zero(&planned), None);
    }

    #[test]
    fn what_is_no_difference_to_a_reader_has_no_digits() {
        let queue = "queue.length_mean";
        let base = variant(&[(queue, 15.7, 0.0, "requests")]);
        let told = |mean, ci95| difference(&paired(queue, mean, ci95), &base.metrics[queue]);
        assert_eq!(told(2e-6, 0.0), "≈ 0");
        assert_eq!(told(-2e-6, 1e-6), "≈ 0");
        assert_eq!(relative(&paired(queue, 2e-6, 0.0), &base), None);
        assert_eq!(told(0.0, 0.0), "0");
        assert_eq!(told(2e-6, 0.5), "0.00 ± 0.50");
        let rent = "revenue.rental_usd";
        let bills = variant(&[(rent, 15.73, 0.0, "USD")]);
        assert_eq!(difference(&paired(rent, 2e-6, 0.0), &bills.metrics[rent]), "0");
        assert_eq!(relative_short(&paired(queue, -0.004, 0.1), &base).as_deref(), Some("0.0 %"));
        assert_eq!(relative_short(&paired(queue, 0.0, 0.0), &base), None);
        assert_eq!(relative_short(&paired(queue, 1.57, 0.0), &base).as_deref(), Some("+10 %"));
    }

    /// −11.29 → 4.39 USD is no change by +139 %.
    #[test]
    fn no_percentage_of_what_is_negative_or_near_zero() {
        let (margin, revenue, wait) =
            ("margin.operating_usd", "revenue.total_usd", "latency.wait_s.mean");
        let none = |metric: &str, base: &VariantResults, mean: f64| {
            let paired = paired(metric, mean, 0.1);
            relative(&paired, base).is_none() && relative_short(&paired, base).is_none()
        };
        let with = |mean, revenue_usd| {
            variant(&[(margin, mean, 0.01, "USD"), (revenue, revenue_usd, 0.0, "USD")])
        };
        assert!(none(margin, &with(-11.29, 15.73), 15.68));
        assert!(none(margin, &with(2.99, 133.7), 23.5));
        assert!(!none(margin, &with(26.5, 157.3), 23.5));
        for (mean, ci95) in [(0.0, 0.0), (f64::MIN_POSITIVE / 1e10, 0.0), (1e-3, 2e-3), (-1.0, 0.1)]
        {
            assert!(none(wait, &variant(&[(wait, mean, ci95, "s")]), 0.5), "{mean} ± {ci95}");
        }
        assert!(none(wait, &variant(&[(wait, 1e-3, 0.0, "s")]), 0.5));
    }

    #[test]
    fn exact_numbers_stay_short() {
        assert_eq!(exact(0.1 + 0.2), "0.30000000000000004");
        assert_eq!(exact(184_320.0), "184320");
        assert_eq!(exact(f64::MAX), "1.7976931348623157e308");
        assert_eq!(exact(-5e-324), "-5e-324");
        assert_eq!(exact(0.0), "0");
    }
}
