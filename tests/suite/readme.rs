//! What README.md and docs/findings.md say of the shipped scenarios, from their results.

use crate::section::{assert_section, wrapped};
use coopsim::experiment::{self, Estimate, Options, Results, VariantResults};
use coopsim::{report, scenario};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Results of a shipped scenario as it is.
fn compare(name: &str) -> Results {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    let scenario = scenario::load(&file, &scenario::Overrides::default()).expect("it is sound");
    let options = Options { differences: true, ..Options::default() };
    experiment::run(&scenario, &options, &|_| {}, &AtomicBool::new(false)).expect("it runs")
}

fn variant<'r>(results: &'r Results, name: &str) -> &'r VariantResults {
    results.variants.iter().find(|variant| variant.name == name).expect("a variant of that name")
}

fn mean(variant: &VariantResults, metric: &str) -> f64 {
    let estimate: &Estimate = variant.metrics.get(metric).expect("a metric of that name");
    estimate.mean
}

/// `+18 %`, or with one digit where that is small.
fn percent(change: f64) -> String {
    let digits = if change.abs() < 0.0995 { 1 } else { 0 };
    format!("{:+.digits$} %", 100.0 * change).replace('-', "−")
}

fn share(fraction: f64) -> String {
    format!("{:.0} %", 100.0 * fraction)
}

fn usd(amount: f64) -> String {
    format!("{amount:.2} USD").replace('-', "−")
}

fn signed_usd(amount: f64) -> String {
    let plus = if amount > 0.0 { "+" } else { "" };
    format!("{plus}{}", usd(amount))
}

/// The part of a table with these rows; its first block only.
fn excerpt(results: &Results, rows: &[&str]) -> String {
    let table = report::table(results, 80);
    let head = results.variants[0].name.as_str();
    let names = |line: &&str| line.starts_with(' ') && line.trim_start().starts_with(head);
    let block = table.lines().skip_while(|line| !names(line));
    let block = block.take_while(|line| !line.is_empty());
    let kept = block
        .enumerate()
        .filter(|(index, line)| *index == 0 || rows.iter().any(|row| line.starts_with(row)));
    let lines: Vec<_> = kept.map(|(_, line)| line).collect();
    assert_eq!(lines.len(), rows.len() + 1, "each row is in the table once: {lines:#?}");
    format!("```text\n{}\n```", lines.join("\n"))
}

/// Rent of an accelerator-hour in the headline.
const RENT: f64 = 2.95;

#[test]
fn the_headline_is_told_from_its_results() {
    let results = compare("one-winner-vs-split.yaml");
    assert!(results.variants.iter().all(|variant| variant.warnings.is_empty()), "nothing is wrong");
    let rows = [
        "LATENCY",
        "Wait, mean",
        "TTFT, p99",
        "UTILISATION",
        "Allocated",
        "Load",
        "REVENUE AND COST",
        "Revenue",
        "Cost",
        "Operating margin",
    ];
    assert_section("README.md", "table", &excerpt(&results, &rows));

    let of = |name: &str| variant(&results, name);
    let [one, four, split] = ["one-winner", "four-way", "split"].map(of);
    let [one_x10, split_x10] = ["one-winner-x10", "split-x10"].map(of);
    let hours = results.measured_s / 3600.0;
    let held = |variant| (mean(variant, "revenue.rental_usd") / (RENT * hours)).round();
    let change = |metric: &str, from, to| mean(to, metric) / mean(from, metric) - 1.0;
    let revenue = |from, to| change("revenue.total_usd", from, to);
    let slower = change("latency.ttft_s.p99", one, four);
    let per_mtok = |variant| {
        let tokens = mean(variant, "throughput.output_tokens_per_s") * results.measured_s;
        usd(1e6 * mean(variant, "revenue.rental_usd") / tokens)
    };
    // What the sentences say beyond their numbers.
    assert_eq!(held(one), held(four));
    assert!(held(split) > held(one) && slower > 0.1);
    assert!(held(split_x10) > held(one_x10));
    assert!(revenue(one_x10, split_x10) < 0.5 * revenue(one, split));
    for waited in ["latency.ttft_s.p99", "latency.wait_s.mean", "latency.wait_s.p99"] {
        assert!(change(waited, one, split) < 0.0, "split has no longer {waited}");
    }
    for (pooled, shared) in [(one, split), (one_x10, split_x10)] {
        let [before, after] = [pooled, shared].map(|variant| &variant.metrics["queue.length_mean"]);
        let noise = before.ci95.zip(after.ci95).map_or(0.0, |(one, other)| one + other);
        assert!(before.mean - after.mean > noise, "shorter queues where more is held");
        assert!(held(shared) > held(pooled));
    }
    assert!(mean(one, "margin.operating_usd") < 0.0 && mean(split, "margin.operating_usd") > 0.0);
    let text = format!(
        "- Each pair of variants has the same calls, the rivals are alike, and each model has the fewest \
           replicas that meet the same objective. Only the split of the demand differs.\n\
         - **Pooling saves accelerators, at a small scale.** One winner needs {one_held} of them, four equal \
           rivals {four_held}, and all eight {split_held}: the smallest replica holds four, whether its vendor \
           fills it or not. At ten times the calls one winner needs {one_x10_held} and eight rivals \
           {split_x10_held}: {more_x10} instead of {more}.\n\
         - **At equal accelerators, pooling shortens queues.** One winner and four rivals hold equally many accelerators at the same \
           load ({load}), but with four the slowest first tokens (p99) come {slower} later: a call waits for \
           its own vendor's replica while another's has room. Under *split* queues are shorter even than with \
           one winner ({queue}, and {queue_x10} at ten times the scale): more accelerators are held, each \
           loaded by only {split_load}, or {split_load_x10}.\n\
         - **A cloud that rents by the hour gains from fragments.** Its revenue is {more_usd} higher under \
           *split*, and {more_usd_x10} at ten times the scale. Its cost hardly moves ({cost}), since it pays for all of its \
           accelerators, sold or not; so its margin goes from {one_margin} to {split_margin} in \
           {minutes} minutes. The vendors pay for that: {one_rent} of rent per million output tokens \
           with one winner, {split_rent} under *split*.\n\
         - Every plan here is made for the demand that then comes: nobody is surprised by who wins.",
        one_held = held(one),
        four_held = held(four),
        split_held = held(split),
        one_x10_held = held(one_x10),
        split_x10_held = held(split_x10),
        more_x10 = percent(held(split_x10) / held(one_x10) - 1.0),
        more = percent(held(split) / held(one) - 1.0),
        load = share(mean(one, "utilisation.load")),
        slower = percent(slower).trim_start_matches('+'),
        split_load = share(mean(split, "utilisation.load")),
        split_load_x10 = share(mean(split_x10, "utilisation.load")),
        queue = percent(change("queue.length_mean", one, split)),
        queue_x10 = percent(change("queue.length_mean", one_x10, split_x10)),
        more_usd = percent(revenue(one, split)).trim_start_matches('+'),
        more_usd_x10 = percent(revenue(one_x10, split_x10)).trim_start_matches('+'),
        cost = percent(change("cost.total_usd", one, split)),
        one_margin = usd(mean(one, "margin.operating_usd")),
        split_margin = usd(mean(split, "margin.operating_usd")),
        minutes = results.measured_s / 60.0,
        one_rent = per_mtok(one),
        split_rent = per_mtok(split),
    );
    assert_section("README.md", "headline", &wrapped(&text));
}

#[test]
fn terms_and_sizes_are_told_apart() {
    let results = compare("terms-and-sizes.yaml");
    let of = |name: &str| variant(&results, name);
    let [one, split] = ["one-winner", "split"].map(of);
    let [one_rent, split_rent] = ["one-winner-rent", "split-rent"].map(of);
    let change = |metric: &str, from, to| mean(to, metric) / mean(from, metric) - 1.0;
    let p99 =
        |variant: &VariantResults, model: &str| variant.by_model[model]["latency.ttft_s.p99"].mean;
    let (terms, rest) = (
        change("revenue.total_usd", one, split),
        change("revenue.total_usd", one_rent, split_rent),
    );
    let slower = change("latency.ttft_s.p99", one, split);
    let own = p99(split, "aurora-70b") / p99(one, "aurora-70b") - 1.0;
    // Beyond both intervals, which is more than a paired one would ask.
    let got_slower = |model: &&String| {
        let of = |variant: &VariantResults| variant.by_model[*model]["latency.ttft_s.p99"].clone();
        let (before, after) = (of(one), of(split));
        let noise = before.ci95.zip(after.ci95).map_or(0.0, |(one, other)| one + other);
        after.mean - before.mean > noise
    };
    let slower_models: Vec<_> = one.by_model.keys().filter(got_slower).collect();
    assert!(terms < -0.05 && rest.abs() < 0.02, "it is the terms: {terms} {rest}");
    assert!(slower > 0.1, "{slower}");
    let called = |variant: &VariantResults| {
        variant.by_model["cirrus-405b"]["requests.arrived"].mean / mean(variant, "requests.arrived")
    };
    let more_calls = called(split) / called(one);
    let by = |model: &&String| {
        format!("{model} by {}", percent(p99(split, model) / p99(one, model) - 1.0))
    };
    let themselves = if slower_models.is_empty() {
        "no model got slower beyond its interval".to_owned()
    } else {
        let each: Vec<_> = slower_models.iter().map(by).collect();
        format!("beyond their intervals some got slower themselves: {}", each.join(", "))
    };
    let (wait, queue) =
        (change("latency.wait_s.mean", one, split), change("queue.length_mean", one, split));
    assert!(wait < 0.0 && queue < 0.0, "less waits on average: {wait} {queue}");
    let part = |name: &str| {
        let of_split = results.attributions.iter().find(|each| {
            each.variant == "split" && each.metric == "revenue.total_usd" && each.by == "all"
        });
        let parts = &of_split.expect("revenue changes").parts;
        parts.iter().find(|part| part.part == name).map(|part| part.mean)
    };
    let (held, mix) = (part("held").expect("less is rented"), part("mix").expect("more is sold"));
    assert!(held < 0.0 && mix > 0.0 && part("terms").is_none(), "{held} {mix}");
    let text = format!(
        "- **Terms.** Revenue changes by {terms} from *one-winner* to *split*, since the winner rents by the hour \
           and two of the others pay a fifth of their token sales. When all rivals rent it changes by {rest} from \
           *one-winner-rent* to *split-rent*: that fall is the terms, not concentration. (The page tells such a change by what happens to the bills: {held_usd} \
           of rent, *held*, and {mix_usd} of token sales, *mix*. Its *terms* are those of a vendor that pays in \
           another way than in the first variant.)\n\
         - **Mix.** The slowest first tokens (p99) come {slower} later under *split*. The 405B model, whose p99 is {large:.1} s, \
           gets {more_calls:.1} times as many of the calls, and {themselves} (Aurora's p99 changes by {own}). On average calls \
           wait less: the mean wait changes by {wait}, the queue by {queue}.\n\
         - **Pooling.** At 1,200 calls a second hardly any: {one_held} of the accelerators are held with one winner, \
           {split_held} under *split*.",
        terms = percent(terms),
        rest = percent(rest),
        held_usd = usd(held),
        mix_usd = signed_usd(mix),
        slower = percent(slower).trim_start_matches('+'),
        own = percent(own),
        wait = percent(wait),
        queue = percent(queue),
        large = p99(split, "cirrus-405b"),
        one_held = share(mean(one, "utilisation.allocated")),
        split_held = share(mean(split, "utilisation.allocated")),
    );
    assert_section("docs/findings.md", "terms", &wrapped(&text));
}
