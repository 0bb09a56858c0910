//! What people and programs read: the table, the CSV and JSON files.

use coopsim::experiment::Warning;
use coopsim::report::sample::{Shape, results};
use coopsim::report::{summary_csv, summary_json, table, timeseries_csv};

/// Columns in a terminal: every character of these tables takes one.
fn columns(line: &str) -> usize {
    line.chars().count()
}

fn head(text: &str, lines: usize) -> String {
    text.lines().take(lines).collect::<Vec<_>>().join("\n")
}

#[test]
fn table_of_three_variants() {
    insta::assert_snapshot!(table(&results(Shape::default()), 80), @r#"
    railroad-neutrality
    Five vendors on one cloud: does revenue depend on who wins?
    60 min measured, seed 42, 20 replications; ± is the half-width of the 95 %
    interval, of which a number that is the same in all has none

                                   one-winner              split  first-party pref…
    DEMAND AND QUEUEING
    Arrived, requests           184.3 ± 2.2 k      192.1 ± 2.4 k      185.1 ± 2.2 k
    Completed, requests         189.8 ± 2.3 k      197.6 ± 2.5 k      190.5 ± 2.4 k
    Rejected, requests           12.71 ± 0.16       12.25 ± 0.15       12.76 ± 0.16
    Output, tokens/s           14.12 ± 0.18 k     13.60 ± 0.17 k     14.17 ± 0.18 k
    Goodput, 1/s                 51.12 ± 0.61       53.28 ± 0.67       51.33 ± 0.62
    Queue length, requests       31.64 ± 0.39       32.96 ± 0.42       31.77 ± 0.39
    LATENCY
    Wait, mean                 187.8 ± 2.3 ms     195.5 ± 2.5 ms     188.6 ± 2.3 ms
    Wait, p99                 1.362 ± 0.017 s    1.312 ± 0.016 s    1.368 ± 0.017 s
    TTFT, p50                  185.3 ± 2.3 ms     193.1 ± 2.5 ms     186.1 ± 2.3 ms
    TTFT, p99                  196.1 ± 2.5 ms     189.1 ± 2.4 ms     182.1 ± 2.2 ms
    TPOT, p50                 22.18 ± 0.28 ms    21.37 ± 0.26 ms    22.26 ± 0.28 ms
    E2E, p99                   10.08 ± 0.13 s      9.72 ± 0.12 s     10.11 ± 0.13 s
    UTILISATION
    Allocated                  74.07 ± 0.91 %     77.13 ± 0.99 %     74.36 ± 0.92 %
    Unsold                     72.52 ± 0.88 %     75.57 ± 0.95 %     72.81 ± 0.88 %
    Load                       74.65 ± 0.93 %       77.7 ± 1.0 %     74.94 ± 0.94 %
    Busy                       76.20 ± 0.97 %     73.44 ± 0.90 %     76.49 ± 0.98 %
    Mean batch, sequences       2.384 ± 0.029      2.483 ± 0.032      2.393 ± 0.030
    MFU                        33.06 ± 0.42 %     31.87 ± 0.39 %     33.18 ± 0.43 %
    MBU                        73.09 ± 0.89 %     76.15 ± 0.97 %     73.38 ± 0.90 %
    KV cache                   75.23 ± 0.94 %     72.46 ± 0.88 %     75.51 ± 0.95 %
    Stranded                  3.760 ± 0.048 %    3.626 ± 0.045 %    3.774 ± 0.049 %
    REVENUE AND COST
    Revenue, USD                    6131 ± 72          6326 ± 78          6155 ± 72
      rental, USD                   3919 ± 48          4080 ± 53          3934 ± 49
      marketplace, USD              1464 ± 18          1525 ± 19          1470 ± 18
      first-party, USD            748.2 ± 9.3        720.6 ± 8.7        751.1 ± 9.4
    Cost, USD                       3821 ± 80          3953 ± 74          3811 ± 80
    Operating margin, USD           2310 ± 72          2373 ± 78          2344 ± 73
    Rev. per accel., USD/h      2.477 ± 0.032      2.388 ± 0.029      2.487 ± 0.032
    MARKET, NEUTRALITY
    HHI of tokens             0.4408 ± 0.0056    0.4247 ± 0.0052    0.4425 ± 0.0056
    Leader's share               77.7 ± 1.0 %     74.94 ± 0.94 %     72.17 ± 0.87 %
    Slowdown ratio              2.395 ± 0.030      2.494 ± 0.032      2.405 ± 0.030
    Co-located, node-hours      2.464 ± 0.031      2.375 ± 0.029      2.474 ± 0.032

    Difference from one-winner, paired; * the interval excludes zero; without ± it
    is exact, and the same in each replication

                                                  split        first-party preferred
    DEMAND AND QUEUEING
    Arrived, requests           +7815 ± 1327 (+4.2 %) *       +737 ± 1327 (+0.4 %)
    Completed, requests         +7815 ± 1407 (+4.1 %) *       +737 ± 1407 (+0.4 %)
    Rejected, requests        −0.461 ± 0.097 (−3.6 %) *    +0.048 ± 0.097 (+0.4 %)
    Output, tokens/s              −515 ± 107 (−3.6 %) *         +54 ± 107 (+0.4 %)
    Goodput, 1/s                +2.16 ± 0.37 (+4.2 %) *      +0.20 ± 0.37 (+0.4 %)
    Queue length, requests      +1.31 ± 0.23 (+4.2 %) *      +0.12 ± 0.23 (+0.4 %)
    LATENCY
    Wait, mean                 +7.7 ± 1.4 ms (+4.1 %) *     +0.7 ± 1.4 ms (+0.4 %)
    Wait, p99                    −50 ± 10 ms (−3.7 %) *        +5 ± 10 ms (+0.4 %)
    TTFT, p50                  +7.7 ± 1.4 ms (+4.2 %) *     +0.7 ± 1.4 ms (+0.4 %)
    TTFT, p99                  −7.0 ± 1.5 ms (−3.6 %) *    −14.0 ± 1.5 ms (−7.1 %) *
    TPOT, p50                  −806 ± 169 µs (−3.6 %) *      +84 ± 169 µs (+0.4 %)
    E2E, p99                    −361 ± 78 ms (−3.6 %) *       +38 ± 78 ms (+0.4 %)
    UTILISATION
    Allocated                         +3.05 ± 0.55 pp *            +0.29 ± 0.55 pp
    Unsold                            +3.05 ± 0.53 pp *            +0.29 ± 0.53 pp
    Load                              +3.05 ± 0.56 pp *            +0.29 ± 0.56 pp
    Busy                              −2.76 ± 0.58 pp *            +0.29 ± 0.58 pp
    Mean batch, sequences     +0.099 ± 0.018 (+4.1 %) *    +0.009 ± 0.018 (+0.4 %)
    MFU                               −1.19 ± 0.25 pp *            +0.12 ± 0.25 pp
    MBU                               +3.05 ± 0.53 pp *            +0.29 ± 0.53 pp
    KV cache                          −2.76 ± 0.57 pp *            +0.29 ± 0.57 pp
    Stranded                        −0.134 ± 0.029 pp *          +0.014 ± 0.029 pp
    REVENUE AND COST
    Revenue, USD                   +195 ± 43 (+3.2 %) *          +24 ± 43 (+0.4 %)
      rental, USD                  +161 ± 29 (+4.1 %) *          +15 ± 29 (+0.4 %)
      marketplace, USD              +61 ± 11 (+4.2 %) *           +6 ± 11 (+0.4 %)
      first-party, USD           −27.6 ± 5.6 (−3.7 %) *        +2.9 ± 5.6 (+0.4 %)
    Cost, USD                      +132 ± 48 (+3.5 %) *          −10 ± 48 (−0.3 %)
    Operating margin, USD           +63 ± 43 (+2.7 %) *          +34 ± 43 (+1.5 %)
    Rev. per accel., USD/h    −0.089 ± 0.019 (−3.6 %) *    +0.009 ± 0.019 (+0.4 %)
    MARKET, NEUTRALITY
    HHI of tokens           −0.0161 ± 0.0033 (−3.7 %) *  +0.0017 ± 0.0033 (+0.4 %)
    Leader's share                    −2.76 ± 0.60 pp *            −5.53 ± 0.60 pp *
    Slowdown ratio            +0.099 ± 0.018 (+4.1 %) *    +0.009 ± 0.018 (+0.4 %)
    Co-located, node-hours    −0.089 ± 0.019 (−3.6 %) *    +0.009 ± 0.019 (+0.4 %)

    Note: The capital cost of cedar-moe's accelerators is unknown and left out.
    "#);
}

#[test]
fn table_of_one_replication() {
    let shape = Shape { variants: 1, replications: 1, ..Shape::default() };
    insta::assert_snapshot!(table(&results(shape), 80), @r#"
    railroad-neutrality
    Five vendors on one cloud: does revenue depend on who wins?
    60 min measured, seed 42, 1 replication, no intervals

                                   one-winner
    DEMAND AND QUEUEING
    Arrived, requests                 184.3 k
    Completed, requests               189.8 k
    Rejected, requests                  12.71
    Output, tokens/s                  14.12 k
    Goodput, 1/s                        51.12
    Queue length, requests              31.64
    LATENCY
    Wait, mean                       187.8 ms
    Wait, p99                         1.362 s
    TTFT, p50                        185.3 ms
    TTFT, p99                        196.1 ms
    TPOT, p50                        22.18 ms
    E2E, p99                          10.08 s
    UTILISATION
    Allocated                         74.07 %
    Unsold                            72.52 %
    Load                              74.65 %
    Busy                              76.20 %
    Mean batch, sequences               2.384
    MFU                               33.06 %
    MBU                               73.09 %
    KV cache                          75.23 %
    Stranded                          3.760 %
    REVENUE AND COST
    Revenue, USD                         6131
      rental, USD                        3919
      marketplace, USD                   1464
      first-party, USD                  748.2
    Cost, USD                            3821
    Operating margin, USD                2310
    Rev. per accel., USD/h              2.477
    MARKET, NEUTRALITY
    HHI of tokens                      0.4408
    Leader's share                    77.70 %
    Slowdown ratio                      2.395
    Co-located, node-hours              2.464

    Note: The capital cost of cedar-moe's accelerators is unknown and left out.
    "#);
}

#[test]
fn a_difference_too_long_for_its_column_loses_its_percentage() {
    let mut results = results(Shape::default());
    let metric = "latency.tpot_s.p50";
    for difference in results.differences.iter_mut().filter(|each| each.metric == metric) {
        (difference.mean, difference.ci95) = (1.102e-3, Some(0.013e-3));
    }
    let table = table(&results, 80);
    assert_eq!(table.matches("  +1.102 ± 0.013 ms *").count(), 2, "{table}");
}

/// However many models are overloaded: they are counted by model, and what was turned away and what came too
/// late stand right below.
#[test]
fn what_is_wrong_stands_at_the_top_in_a_few_lines() {
    let mut results = results(Shape::default());
    for (index, variant) in results.variants.iter_mut().enumerate() {
        for model in ["a", "b", "c", "d"] {
            let load = 2.0 + index as f64;
            variant.warnings.push(Warning::Overload { model: model.to_owned(), load });
            variant.warnings.push(Warning::QueueGrows { model: model.to_owned(), per_s: 1.0 });
        }
        variant.metrics["throughput.goodput_requests_per_s"].mean = 1.0;
    }
    let last = &mut results.variants[2];
    last.warnings.push(Warning::NoReplica { model: "b".to_owned(), calls_per_s: 3.0 });
    last.metrics["requests.rejected"].mean = 60_000.0;
    insta::assert_snapshot!(head(&table(&results, 100), 6), @r"
    OVERLOADED: `a` at a load of up to 4.00 (in 3 variants), `b` has no replica (first-party preferred),
    2 more models
    Turned away: 32.42 % in “first-party preferred”.
    Fewer than 99 % of the calls that have an objective (`slo`) met it: 1.953 % in “one-winner”, 1.874 %
    in “split” and 1.945 % in “first-party preferred”.
    railroad-neutrality
    ");
    results.variants.truncate(1);
    results.variants[0].warnings.truncate(6);
    let top = head(&table(&results, 100), 1);
    assert!(top.ends_with("`b` at a load of 2.00, 1 more model"), "{top}");
}

/// A wait that depends on the horizon does so in its difference from one that does not, and the other way round.
#[test]
fn differences_keep_the_mark_of_either_side() {
    let overload = || vec![Warning::Overload { model: "atlas-70b".to_owned(), load: 2.0 }];
    for unstable in [0, 1] {
        let mut results = results(Shape { variants: 2, ..Shape::default() });
        results.variants[unstable].warnings = overload();
        for width in [60, 80, 120] {
            let table = table(&results, width);
            let (values, differences) = table.split_once("Difference from").expect("compared");
            for part in [values, differences] {
                let marked = part.lines().filter(|line| line.contains('!')).count();
                // Queue length, six latencies; below the differences also the legend.
                let legend = usize::from(part == differences);
                assert_eq!(marked, 7 + legend, "{unstable} in {width}: {part}");
            }
            assert!(table.lines().all(|line| columns(line) <= width), "{table}");
        }
    }
}

/// −11.29 → 4.39 USD is no change by +139 %.
#[test]
fn a_loss_has_no_percentage() {
    let mut results = results(Shape { variants: 2, ..Shape::default() });
    results.variants[0].metrics["margin.operating_usd"].mean = -11.29;
    let table = table(&results, 80);
    let (_, differences) = table.split_once("Difference from").expect("compared");
    let margin = differences.lines().find(|line| line.starts_with("Operating margin"));
    assert!(margin.is_some_and(|line| line.contains(" *") && !line.contains('%')), "{margin:?}");
}

#[test]
fn tables_fit_any_width_with_any_number_of_variants() {
    for variants in [0, 1, 2, 5, 12] {
        for width in [40, 60, 80, 100, 160] {
            let mut results = results(Shape { variants, ..Shape::default() });
            for (index, variant) in results.variants.iter_mut().enumerate() {
                variant.name = format!("variant {index} {}", "with a long name ".repeat(20));
            }
            for line in table(&results, width).lines() {
                assert!(columns(line) <= width, "{variants} variants in {width}: {line:?}");
            }
        }
    }
}

#[test]
fn every_variant_is_in_the_table() {
    let results = results(Shape { variants: 12, ..Shape::default() });
    let table = table(&results, 100);
    for variant in &results.variants {
        // In a block of values, and but for the first in one of differences.
        assert!(
            table.contains(&variant.name[..variant.name.len().min(15)]),
            "{} is missing",
            variant.name
        );
    }
}

#[test]
fn terminals_are_not_steered_by_names() {
    let mut results = results(Shape::default());
    results.scenario = "\x1b]0;title\x07".to_owned();
    results.variants[0].name = "\x1b[2Jclear\u{202E}".to_owned();
    results.notes = vec!["bell\x07".to_owned()];
    let table = table(&results, 80);
    assert!(!table.contains(['\x1b', '\x07', '\u{202E}']));
}

#[test]
fn summary_csv_is_tidy() {
    let csv = summary_csv(&results(Shape::default()));
    insta::assert_snapshot!(head(&csv, 4), @r"
    variant,scope,name,metric,unit,mean,ci95,n
    one-winner,all,,requests.arrived,requests,184320,2211.84,20
    one-winner,all,,requests.completed,requests,189775.872,2344.7188537344005,20
    one-winner,all,,requests.rejected,requests,12.7104,0.16155426816000001,20
    ");
    let scopes: std::collections::BTreeSet<_> =
        csv.lines().skip(1).map(|line| line.split(',').nth(1).unwrap_or("")).collect();
    assert_eq!(
        scopes.into_iter().collect::<Vec<_>>(),
        ["all", "application", "cluster", "model", "tenant"]
    );
}

#[test]
fn one_replication_has_empty_intervals() {
    let shape = Shape { replications: 1, ..Shape::default() };
    insta::assert_snapshot!(head(&summary_csv(&results(shape)), 2), @r"
    variant,scope,name,metric,unit,mean,ci95,n
    one-winner,all,,requests.arrived,requests,184320,,1
    ");
    insta::assert_snapshot!(head(&timeseries_csv(&results(shape)), 3), @r"
    variant,start_s,end_s,scope,name,metric,unit,mean,ci95
    one-winner,0,30,all,,utilisation.busy,fraction,0,
    one-winner,30,60,all,,utilisation.busy,fraction,0.0561039847246145,
    ");
}

#[test]
fn timeseries_csv_is_tidy() {
    insta::assert_snapshot!(head(&timeseries_csv(&results(Shape::default())), 4), @r"
    variant,start_s,end_s,scope,name,metric,unit,mean,ci95
    one-winner,0,30,all,,utilisation.busy,fraction,0,0
    one-winner,30,60,all,,utilisation.busy,fraction,0.0561039847246145,0.00448831877796916
    one-winner,60,90,all,,utilisation.busy,fraction,0.11610729532895982,0.009288583626316786
    ");
}

#[test]
fn summary_json_is_stable() {
    let json = summary_json(&results(Shape::default()));
    insta::assert_snapshot!(head(&json, 18), @r#"
    {
      "schema": "coopsim-summary-1",
      "scenario": "railroad-neutrality",
      "description": "Five vendors on one cloud: does revenue depend on who wins?",
      "scenario_sha256": "5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef",
      "seed": 42,
      "replications": 20,
      "version": "0.1.0",
      "measured_s": 3600.0,
      "variants": [
        {
          "name": "one-winner",
          "metrics": {
            "requests.arrived": {
              "mean": 184320.0,
              "ci95": 2211.84,
              "n": 20,
              "unit": "requests"
    "#);
    assert!(json.ends_with("}\n"));
}

#[test]
fn commas_quotes_and_newlines_stay_in_their_field() {
    let mut results = results(Shape { variants: 1, ..Shape::default() });
    results.variants[0].name = "a,\"b\"\nc".to_owned();
    let csv = summary_csv(&results);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    for record in reader.records() {
        let record = record.expect("well-formed");
        assert_eq!(&record[0], "a,\"b\"\nc");
        assert_eq!(record.len(), 8);
    }
}
