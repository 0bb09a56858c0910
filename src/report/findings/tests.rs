use super::*;
use crate::experiment::Results;
use crate::report::sample::{Shape, results};

const MARGIN: &str = "margin.operating_usd";
const GOODPUT: &str = "throughput.goodput_requests_per_s";

/// Four variants with these paired differences of the margin from the first, ± 1 each.
fn margins(others: [f64; 3]) -> Results {
    let mut results = results(Shape { variants: 4, ..Shape::default() });
    let names = ["a", "b", "c", "d"];
    for (variant, name) in results.variants.iter_mut().zip(names) {
        variant.name = name.to_owned();
        // Bills of a size that differences of a few dollars matter beside.
        variant.metrics[MARGIN].mean = 1.0;
        variant.metrics["revenue.total_usd"].mean = 10.0;
    }
    let per_variant = results.differences.len() / others.len();
    for (index, difference) in results.differences.iter_mut().enumerate() {
        difference.variant = names[1 + index / per_variant].to_owned();
        difference.baseline = "a".to_owned();
        if difference.metric == MARGIN {
            (difference.mean, difference.ci95) = (others[index / per_variant], Some(1.0));
        }
    }
    results
}

fn plain(results: &Results) -> Vec<String> {
    findings(results).into_iter().map(|finding| finding.text.replace('\u{A0}', " ")).collect()
}

#[test]
fn the_first_variant_takes_part_in_the_ranking() {
    let found = plain(&margins([-5.0, -10.0, -20.0]));
    assert_eq!(found[0], "The operating margin is highest in “a” and lowest in “d”.");
}

/// b and c differ by 1.5 with half-widths of 1 each: a paired interval may include zero.
#[test]
fn nobody_is_highest_among_ties_inside_the_intervals() {
    let found = plain(&margins([10.0, 11.5, -7.0]));
    assert_eq!(found[0], "The operating margin is highest in “c” or “b” and lowest in “d”.");
    // c is as high as b, and as low as the first.
    let found = plain(&margins([2.4, 0.9, 0.0]));
    assert_eq!(
        found[0],
        "The operating margin is higher in “b” than in “d”; the 95 % intervals do not place all others."
    );
    let found = plain(&margins([0.5, -0.5, 0.9]));
    assert_eq!(
        found[0],
        "The 95 % intervals do not tell the variants apart by the operating margin."
    );
}

#[test]
fn planned_numbers_differ_by_what_they_are() {
    let mut results = margins([0.1, 0.0, -0.1]);
    results.differences.iter_mut().for_each(|difference| difference.ci95 = Some(0.0));
    let found = plain(&results);
    assert_eq!(found[0], "The operating margin is highest in “b” and lowest in “d”.");
    assert!(!found.iter().any(|text| text.contains('±') || text.contains("interval")), "{found:?}");
    let same = plain(&margins([0.0; 3]));
    assert_eq!(same[0], "The operating margin is the same in all variants.");
}

/// It earns most, and serves nobody in time.
#[test]
fn a_variant_without_goodput_is_never_the_best() {
    let mut results = margins([100.0, -5.0, -10.0]);
    results.variants[1].metrics[GOODPUT].mean = 0.0;
    let found = findings(&results);
    assert!(found[0].warning);
    assert!(found[0].text.contains("met it: none in “b”"), "{found:?}");
    let text = plain(&results);
    assert_eq!(text[1], "The operating margin is highest in “a” and lowest in “d”.");
    assert_eq!(text[2], "Left out of that: “b”, where no call was served as it should be.");
    results.differences.clear();
    assert!(plain(&results).iter().all(|text| !text.contains("highest in “b”")));
}

#[test]
fn what_was_turned_away_or_late_comes_first() {
    let mut results = results(Shape::default());
    let arrived = results.variants[1].metrics["requests.arrived"].mean;
    results.variants[1].metrics["requests.rejected"].mean = arrived / 4.0;
    results.variants[1].by_model[2]["requests.rejected"].mean = arrived / 5.0;
    results.variants[2].metrics[GOODPUT].mean /= 2.0;
    let found = findings(&results);
    let warnings: Vec<_> = found.iter().map(|finding| finding.warning).collect();
    assert_eq!(warnings, [true, true, false, false, false]);
    insta::assert_snapshot!(plain(&results)[..2].join("\n"), @r"
    Turned away: 25 % in “split” (mostly of cedar-moe).
    Fewer than 99 % of the calls that have an objective (`slo`) met it: 49.92 % in “first-party preferred”.
    ");
}

#[test]
fn a_percentage_of_a_loss_is_not_told() {
    let mut results = results(Shape { variants: 2, ..Shape::default() });
    results.variants[0].metrics[MARGIN].mean = -10.0;
    let found = plain(&results)[0].clone();
    let (_, change) = found.split_once("the operating margin by ").expect("it is told");
    let (change, _) = change.split_once(',').expect("revenue comes next");
    assert!(change.ends_with(" USD") && !change.contains('%'), "{found}");
}

#[test]
fn one_replication_knows_no_best() {
    let results = results(Shape { replications: 1, ..Shape::default() });
    assert!(plain(&results)[0].ends_with("does not say whether that is chance."));
}

/// It earns most, and cannot serve what it is asked for: that is said where it is called the highest.
#[test]
fn who_is_ranked_in_spite_of_an_overload_is_said_to_be_overloaded() {
    let mut results = margins([100.0, -5.0, -10.0]);
    let overload = crate::experiment::Warning::Overload { model: "atlas-70b".into(), load: 2.0 };
    results.variants[1].warnings.push(overload);
    let arrived = results.variants[3].metrics["requests.arrived"].mean;
    results.variants[3].metrics["requests.rejected"].mean = arrived / 4.0;
    let found = plain(&results);
    let ranking = "The operating margin is highest in “b” (overloaded) and lowest in “d” (which turns 25 % of the calls away).";
    assert!(found.iter().any(|text| text == ranking), "{found:?}");
    let against = "Against “a”, “b” (overloaded) changes the operating margin by";
    assert!(found.iter().any(|text| text.starts_with(against)), "{found:?}");
}

/// Margins apart by less than a thousandth of revenue are the same to anybody.
#[test]
fn a_ranking_calls_nobody_highest_for_a_rounding_of_its_bills() {
    let mut results = margins([0.009, 900.0, -900.0]);
    results.differences.iter_mut().for_each(|difference| difference.ci95 = Some(0.0));
    let first = plain(&results).remove(0);
    assert_eq!(first, "The operating margin is highest in “c” and lowest in “d”.");
    let mut alike = margins([0.001, 0.0, -0.001]);
    alike.differences.iter_mut().for_each(|difference| difference.ci95 = Some(0.0));
    let same = "The operating margin is about the same in all variants (within 0.1 % of revenue).";
    assert_eq!(plain(&alike)[0], same);
    for variant in ["c", "d"] {
        let of = |difference: &&mut crate::experiment::Difference| {
            difference.metric == MARGIN && difference.variant == variant
        };
        results.differences.iter_mut().filter(of).for_each(|difference| difference.mean = 900.0);
    }
    let first = plain(&results).remove(0);
    assert_eq!(first, "The operating margin is highest in “c” or “d” and lowest in “b” or “a”.");
}

#[test]
fn what_is_the_same_is_not_said_to_change() {
    let mut results = results(Shape { variants: 2, ..Shape::default() });
    let same = |difference: &mut crate::experiment::Difference| {
        (difference.mean, difference.ci95) = (0.0, Some(0.0));
    };
    let wait =
        |difference: &&mut crate::experiment::Difference| difference.metric == "latency.wait_s.p99";
    results.differences.iter_mut().filter(wait).for_each(same);
    let found = plain(&results).remove(0);
    assert!(found.contains(", not the 99th-percentile wait. The 95 % intervals"), "{found}");
    results.differences.iter_mut().for_each(same);
    let found = plain(&results).remove(0);
    let end = "does not change the operating margin, revenue or the 99th-percentile wait.";
    assert!(found.ends_with(end), "{found}");
}

/// Two limits for each call of `chat`, which the second variant and the third miss in different ways.
#[test]
fn a_missed_objective_is_told_with_its_limit() {
    let mut results = results(Shape::default());
    let objective = |latency: &str, limit_s| crate::experiment::Limit {
        application: "chat".into(),
        latency: latency.into(),
        limit_s,
    };
    for variant in &mut results.variants {
        variant.objectives =
            vec![objective("latency.ttft_s", 0.5), objective("latency.tpot_s", 0.05)];
        for (metric, p99) in [("latency.ttft_s.p99", 0.4), ("latency.tpot_s.p99", 0.04)] {
            variant.by_application["chat"][metric].mean = p99;
        }
    }
    for late in &mut results.variants[1..] {
        late.metrics[GOODPUT].mean /= 2.0;
    }
    results.variants[1].by_application["chat"]["latency.ttft_s.p99"].mean = 0.657;
    let (second, third) = (results.variants[1].name.clone(), results.variants[2].name.clone());
    let found = plain(&results).remove(0);
    let limit = format!(
        "In “{second}” the time to first token is 657 ms at the 99th percentile, 31.4 % above its limit of 500 ms."
    );
    assert!(found.contains(&limit), "{found}");
    let joint =
        format!("In “{third}” 99 % meet each limit by itself, only not all of them together.");
    assert!(found.contains(&joint), "{found}");
    let arrived = results.variants[2].metrics["requests.arrived"].mean;
    results.variants[2].metrics["requests.rejected"].mean = arrived / 2.0;
    let found = plain(&results);
    assert!(
        found[1].contains("it is for calls that were turned away or did not end."),
        "{found:?}"
    );
}

/// Seven that gain alike are not told by the one that is a cent ahead.
#[test]
fn equals_are_named_together() {
    use crate::experiment::{Attribution, Part};
    let mut results = margins([10.0, -10.0, -20.0]);
    let part = |(name, mean): (&str, f64)| Part {
        name: name.into(),
        part: "held".into(),
        mean,
        ci95: None,
    };
    let revenue = Attribution {
        metric: "revenue.total_usd".into(),
        baseline: "a".into(),
        variant: "b".into(),
        by: "model".into(),
        parts: [("won", -8.0), ("x", 6.0), ("y", 6.02), ("z", 6.0)].map(part).into(),
    };
    results.attributions = vec![revenue];
    let told = |results: &Results| {
        let found = plain(results);
        found.into_iter().find(|text| text.contains("“b” changes")).expect("it is told")
    };
    assert!(told(&results).contains("(x, y and z +6"), "{}", told(&results));
    assert!(told(&results).contains(" each)"), "{}", told(&results));
    results.attributions[0].parts[2].mean = 9.0;
    assert!(told(&results).contains("(y alone +9"), "{}", told(&results));
}

/// Ten times the calls in a cloud of ten times the size earn more whatever is compared.
#[test]
fn variants_of_different_scale_are_ranked_by_the_accelerator_hour() {
    let mut results = margins([2.0, 50.0, -3.0]);
    for (variant, (margin, hours)) in
        results.variants.iter_mut().zip([(1.0, 10.0), (3.0, 10.0), (20.0, 100.0), (-2.0, 10.0)])
    {
        variant.metrics[MARGIN].mean = margin;
        variant.metrics[MARGIN].ci95 = Some(0.01);
        variant.metrics["revenue.total_usd"].mean = hours;
        variant.metrics["revenue.per_accelerator_hour_usd"].mean = 1.0;
    }
    for metric in ["requests.arrived", GOODPUT] {
        results.variants[2].metrics[metric].mean *= 10.0;
    }
    let found = plain(&results);
    assert_eq!(
        found[0],
        "The operating margin per accelerator-hour in service is highest in “b” and lowest in “d”."
    );
    let scaled = found.iter().find(|text| text.contains("“c”")).expect("it is compared");
    assert!(
        scaled.contains("“c” (at 10") && scaled.contains(" times the calls) changes"),
        "{scaled}"
    );
}
