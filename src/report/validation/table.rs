//! The table that a terminal shows, 80 columns wide.

use super::latency::push_latency;
use crate::experiment::Estimate;
use crate::report::numbers;
use crate::report::text::{columns_of, fit, wrap};
use crate::validation::{Accuracy, Check, Published, Validation, Verdict, accuracy};

/// Columns of all.
pub(super) const WIDTH: usize = 80;
/// Columns of what was compared.
const LABEL: usize = 39;
/// Columns of an exact or published value.
const EXPECTED: usize = 11;
/// Columns of a mean with its half-width.
const SIMULATED: usize = 20;
/// Columns of a verdict, an error or a percentage.
const LAST: usize = 10;

/// Every comparison with theory and with published throughput, then the errors of each table by accelerator and of measured
/// latencies by group, then what it comes to.
pub(crate) fn validation_table(validation: &Validation) -> String {
    let mut out = String::new();
    push_heading(&mut out, validation);
    push_checks(&mut out, &validation.checks);
    push_published(&mut out, &validation.published);
    push_accuracy(&mut out, &accuracy(&validation.published));
    push_latency(&mut out, &validation.latency);
    push_end(&mut out, &validation.checks);
    out
}

fn push_heading(out: &mut String, validation: &Validation) {
    let Validation { version, seed, quick, .. } = validation;
    let length = if *quick { ", quick" } else { "" };
    push_wrapped(out, &format!("coopsim {version} against theory, seed {seed}{length}"));
    let with_interval = validation.checks.iter().filter(|check| check.half_width.is_some()).count();
    let one_in = (1.0 / validation.false_alarms).round();
    push_wrapped(
        out,
        &format!(
            "± is the half-width of the 95 % interval over replications. A check agrees when theory is \
             inside the wider interval that lets all {with_interval} of them together raise a false \
             alarm for one seed in {one_in} (Bonferroni)."
        ),
    );
}

fn push_checks(out: &mut String, checks: &[Check]) {
    let mut section = "";
    for check in checks {
        if check.section != section {
            section = check.section;
            out.push('\n');
            push_row(out, &section.to_uppercase(), ["expected", "simulated", ""]);
        }
        let verdict = match check.verdict {
            Verdict::Agrees => "agrees",
            Verdict::Deviates => "DEVIATES",
        };
        let simulated = estimate(check.simulated, check.half_width, check.unit);
        push_row(
            out,
            &check.name,
            [&estimate(check.expected, None, check.unit), &simulated, verdict],
        );
    }
}

fn push_published(out: &mut String, rows: &[Published]) {
    let mut head = ("", "");
    for row in rows {
        if head != (&row.table, row.unit) {
            head = (&row.table, row.unit);
            out.push('\n');
            let title = format!("{}, {}", row.table.to_uppercase(), row.unit);
            push_row(out, &title, ["published", "simulated", "error"]);
        }
        let mark = if row.held_out { " *" } else { "" };
        let label = format!("{} {} {}{mark}", row.accelerator, row.model, row.case);
        let [published, simulated] =
            [row.published, row.simulated].map(|value| numbers::value(value, row.unit));
        push_row(out, &label, [&published, &simulated, &percent(row.error(), true)]);
    }
    if rows.iter().any(|row| row.held_out) {
        out.push('\n');
        push_wrapped(out, "* left out when efficiency factors were fitted");
    }
}

fn push_accuracy(out: &mut String, groups: &[Accuracy]) {
    let mut table = "";
    for group in groups {
        if group.table != table {
            table = &group.table;
            out.push('\n');
            let title = fit(&format!("ABSOLUTE ERRORS: {table}"), WIDTH);
            out.push_str(&format!("{title}\n"));
            push_columns(out, "", ["rows", "median", "90th pct", "med. fit", "med. out"]);
        }
        let name = group.accelerator.as_deref().unwrap_or("all");
        let optional = |error: Option<f64>| error.map_or("–".to_owned(), |e| percent(e, false));
        push_columns(
            out,
            name,
            [
                &group.rows.to_string(),
                &percent(group.median, false),
                &percent(group.p90, false),
                &optional(group.median_fitted),
                &optional(group.median_held_out),
            ],
        );
    }
    if !groups.is_empty() {
        push_wrapped(out, "fit: rows that factors may have been fitted to; out: those left out");
    }
}

fn push_end(out: &mut String, checks: &[Check]) {
    let agree = checks.iter().filter(|check| check.verdict == Verdict::Agrees).count();
    out.push('\n');
    push_wrapped(out, &format!("{agree} of {} checks agree with theory.", checks.len()));
}

/// With the unit, wherever numbers do not carry it.
fn estimate(mean: f64, ci95: Option<f64>, unit: &'static str) -> String {
    let number = numbers::estimate(&Estimate { mean, ci95, n: 0, unit: unit.to_owned() });
    match numbers::label_unit(unit) {
        "" => number,
        unit => format!("{number} {unit}"),
    }
}

fn percent(error: f64, signed: bool) -> String {
    let percent = 100.0 * error;
    let text = if signed { format!("{percent:+.1} %") } else { format!("{percent:.1} %") };
    text.replace('-', "−")
}

fn push_row(out: &mut String, label: &str, [expected, simulated, last]: [&str; 3]) {
    push_line(out, (label, LABEL), &[(expected, EXPECTED), (simulated, SIMULATED), (last, LAST)]);
}

fn push_columns(out: &mut String, label: &str, columns: [&str; 5]) {
    let each = (WIDTH - 30) / columns.len();
    push_line(out, (label, 30), &columns.map(|column| (column, each)));
}

/// A label, then columns that end at their right edges.
pub(super) fn push_line(
    out: &mut String,
    (label, width): (&str, usize),
    columns: &[(&str, usize)],
) {
    let mut line = fit(label, width);
    let mut end = width;
    for (text, width) in columns {
        end += width;
        let blank = end.saturating_sub(columns_of(&line) + columns_of(text));
        line.push_str(&" ".repeat(blank));
        line.push_str(text);
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

pub(super) fn push_wrapped(out: &mut String, text: &str) {
    for line in wrap(text, WIDTH) {
        out.push_str(&line);
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn rows_verdicts_and_errors() {
        insta::assert_snapshot!(validation_table(&sample::validation()), @"
        coopsim 0.1.0 against theory, seed 42, quick
        ± is the half-width of the 95 % interval over replications. A check agrees when
        theory is inside the wider interval that lets all 2 of them together raise a
        false alarm for one seed in 1000 (Bonferroni).

        ERLANG C                                  expected           simulated
        M/M/1, ρ = 0.5: mean wait                      1 s     1.004 ± 0.012 s    agrees
        M/M/1, ρ = 0.5: P(W > 2 s)                 18.40 %      31.00 ± 0.20 %  DEVIATES

        EXACT                                     expected           simulated
        M/D/1: 400 waits                              0 ns                0 ns    agrees

        VENDOR'S TABLE, tokens/s                 published           simulated     error
        one-chip atlas-70b 128/128 TP1             29.53 k             31.20 k    +5.7 %
        one-chip atlas-70b 1000/1000 TP2 *            2195                1980    −9.8 %
        other-chip atlas-70b 128/2048 TP1          21.27 k             15.10 k   −29.0 %
        other-chip atlas-70b 2048/128 TP4 *           1250                1261    +0.9 %
        other-chip atlas-70b 500/2000 TP8             8512                8233    −3.3 %

        ANOTHER TABLE, tokens/s                  published           simulated     error
        one-chip atlas-70b offline                    3063                2950    −3.7 %

        * left out when efficiency factors were fitted

        ABSOLUTE ERRORS: Vendor's table
                                            rows    median  90th pct  med. fit  med. out
        one-chip                               2     7.7 %     9.4 %     5.7 %     9.8 %
        other-chip                             3     3.3 %    23.9 %    16.1 %     0.9 %
        all                                    5     5.7 %    21.3 %     5.7 %     5.3 %

        ABSOLUTE ERRORS: Another table
                                            rows    median  90th pct  med. fit  med. out
        one-chip                               1     3.7 %     3.7 %     3.7 %         –
        fit: rows that factors may have been fitted to; out: those left out

        Measured latencies: 4 rows of a made-up table are compared, 1 cannot be
        simulated. In per cent: the median of absolute errors, their 90th percentile,
        and the median with its sign.

        ERRORS IN %: Time of a token (TPOT)
                                                      fitted            left out of fits
                                   rows median   90th   sign   rows median   90th   sign
        all                           2    3.5    5.4   −3.5      2   21.0   26.3   −6.7
        source a course               2    3.5    5.4   −3.5      2   21.0   26.3   −6.7
        engine an-engine              2    3.5    5.4   −3.5      2   21.0   26.3   −6.7
        chip one-chip                 1    5.8    5.8   −5.8      1   14.3   14.3  +14.3
        chip other-chip               1    1.2    1.2   −1.2      1   27.6   27.6  −27.6
        dense models                  1    5.8    5.8   −5.8      1   14.3   14.3  +14.3
        mixtures of experts           1    1.2    1.2   −1.2      1   27.6   27.6  −27.6
        1–4 users                     1    5.8    5.8   −5.8      –
        5–32 users                    1    1.2    1.2   −1.2      –
        33 or more users              –                           2   21.0   26.3   −6.7

        ERRORS IN %: Time to the first token (TTFT)
                                                      fitted            left out of fits
                                   rows median   90th   sign   rows median   90th   sign
        all                           1    6.7    6.7   −6.7      1   55.6   55.6  +55.6
        source a course               1    6.7    6.7   −6.7      1   55.6   55.6  +55.6
        engine an-engine              1    6.7    6.7   −6.7      1   55.6   55.6  +55.6
        chip one-chip                 1    6.7    6.7   −6.7      1   55.6   55.6  +55.6
        dense models                  1    6.7    6.7   −6.7      1   55.6   55.6  +55.6
        1–4 users                     1    6.7    6.7   −6.7      –
        33 or more users              –                           1   55.6   55.6  +55.6

        ERRORS IN %: Tokens per second
                                                      fitted            left out of fits
                                   rows median   90th   sign   rows median   90th   sign
        all                           2    3.7    5.7   +3.7      2   25.3   35.6  +12.8
        source a course               2    3.7    5.7   +3.7      2   25.3   35.6  +12.8
        engine an-engine              2    3.7    5.7   +3.7      2   25.3   35.6  +12.8
        chip one-chip                 1    6.2    6.2   +6.2      1   12.5   12.5  −12.5
        chip other-chip               1    1.2    1.2   +1.2      1   38.2   38.2  +38.2
        dense models                  1    6.2    6.2   +6.2      1   12.5   12.5  −12.5
        mixtures of experts           1    1.2    1.2   +1.2      1   38.2   38.2  +38.2
        1–4 users                     1    6.2    6.2   +6.2      –
        5–32 users                    1    1.2    1.2   +1.2      –
        33 or more users              –                           2   25.3   35.6  +12.8

        2 of 3 checks agree with theory.
        ");
    }

    #[test]
    fn lines_fit_80_columns_whatever_the_names() {
        let mut validation = sample::validation();
        for row in &mut validation.published {
            row.model = "模型 with a name that never ends".repeat(9);
            row.table = "a table ".repeat(20);
        }
        for row in &mut validation.latency.rows {
            row.source = "a source ".repeat(20);
            row.accelerator = "模型".repeat(30);
        }
        for line in validation_table(&validation).lines() {
            assert!(columns_of(line) <= WIDTH, "{line}");
        }
    }
}
