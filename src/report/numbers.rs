//! Numbers as people read them: three or four significant digits and a scale.

use crate::experiment::{Difference, Estimate};

/// Numbers from here on are not written out.
const WRITABLE_MAX: f64 = 1e300;

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
pub(super) fn difference(difference: &Difference, unit: &str) -> String {
    signed(difference.mean, difference.ci95, unit)
}

/// A part of a difference, likewise.
pub(super) fn signed(mean: f64, ci95: Option<f64>, unit: &str) -> String {
    let unit = if unit == "fraction" { "points" } else { unit };
    interval(mean, ci95, unit, true)
}

/// A signed difference in percent of the baseline's mean; none where that is zero, or so small that
/// the percentage could not be written.
pub(super) fn relative(difference: &Difference, baseline: &Estimate) -> Option<String> {
    let base = baseline.mean.abs();
    let relative = difference.mean / base;
    (base > 0.0 && writable(relative)).then(|| {
        let half_width = difference.ci95.map(|ci95| ci95 / base);
        interval(relative, half_width, "fraction", true)
    })
}

/// The same in a few columns, without its half-width.
pub(super) fn relative_short(difference: &Difference, baseline: &Estimate) -> Option<String> {
    let relative = difference.mean / baseline.mean.abs();
    let percent = 100.0 * relative;
    (baseline.mean != 0.0 && writable(relative) && percent.abs() < 1e6).then(|| {
        let digits = if percent.abs() < 10.0 { 1 } else { 0 };
        format!("{percent:+.digits$} %").replace('-', "−")
    })
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

    #[test]
    fn differences_carry_their_sign() {
        let paired = Difference {
            metric: "utilisation.busy".into(),
            baseline: "a".into(),
            variant: "b".into(),
            mean: 0.021,
            ci95: Some(0.004),
        };
        assert_eq!(difference(&paired, "fraction"), "+2.10 ± 0.40 pp");
        let base = Estimate { mean: 0.7, ci95: None, n: 1, unit: "fraction".into() };
        assert_eq!(relative(&paired, &base).as_deref(), Some("+3.00 ± 0.57 %"));
        assert_eq!(excludes_zero(&paired), Some(true));
        assert_eq!(relative_short(&paired, &base).as_deref(), Some("+3.0 %"));
        for mean in [0.0, f64::MIN_POSITIVE / 1e10] {
            let base = Estimate { mean, ..base.clone() };
            assert_eq!(relative(&paired, &base), None);
            assert_eq!(relative_short(&paired, &base), None);
        }
        // Planned, not measured: the same in all replications.
        let planned = Difference { ci95: Some(0.0), ..paired };
        assert_eq!(difference(&planned, "fraction"), "+2.100 pp");
        assert_eq!(excludes_zero(&planned), None);
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
