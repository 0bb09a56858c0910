//! The embedded figures hold together, and say what their sources say.

use super::embedded::ARCHITECTURES;
use super::*;
use crate::units::{Bytes, BytesPerSecond, FlopsPerSecond, Watts};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::PathBuf;

#[test]
fn every_name_is_unique() {
    for kind in Kind::ALL {
        let entries = entries(kind);
        let names: BTreeSet<_> = entries.iter().map(|entry| &entry.name).collect();
        assert_eq!(names.len(), entries.len(), "{kind:?}");
        let ids: BTreeSet<_> = sources(kind).iter().map(|source| &source.id).collect();
        assert_eq!(ids.len(), sources(kind).len(), "{kind:?}");
    }
}

#[test]
fn every_figure_has_a_source_and_every_source_a_date_and_a_use() {
    for kind in Kind::ALL {
        let entries = entries(kind);
        let facts = || entries.iter().flat_map(|entry| &entry.facts);
        assert!(facts().all(|fact| !fact.value.is_null()));
        for source in sources(kind) {
            assert!(source.title.len() > 10, "{}", source.id);
            assert!(is_date(&source.date), "{}: {}", source.id, source.date);
            assert!(facts().any(|fact| fact.source == source), "{} is not used", source.id);
        }
    }
}

/// `2026-11` or `2025/2026`, not before the first of these products.
fn is_date(date: &str) -> bool {
    let (year, rest) = date.split_at(4);
    let year = year.parse::<u32>().expect("a year");
    let follows = match rest.split_at(1) {
        ("-", month) => month.parse().is_ok_and(|month: u32| (1..=12).contains(&month)),
        ("/", end) => end.parse() == Ok(year + 1),
        _ => false,
    };
    year >= 2020 && follows
}

#[test]
fn accelerators_are_plausible() {
    assert_eq!(accelerator_names().len(), 25);
    for name in accelerator_names() {
        let chip = accelerator(&name).unwrap();
        let bf16 = chip.peak.bf16.expect("every chip publishes bf16").0;
        assert!((1e14..3e15).contains(&bf16), "{name}: {bf16}");
        assert!((16e9..300e9).contains(&chip.hbm.0), "{name}: {}", chip.hbm);
        // No chip reads its whole memory in under 10 ms or over 100 ms.
        let sweep = chip.hbm.0 / chip.hbm_bandwidth.0;
        assert!((0.01..0.1).contains(&sweep), "{name}: {sweep}");
        assert!(chip.peak.fp8.is_none_or(|fp8| fp8.0 >= bf16), "{name}");
        assert!(chip.peak.fp4.is_none_or(|fp4| Some(fp4) >= chip.peak.fp8), "{name}");
        assert!(chip.idle_power.is_none_or(|idle| Some(idle) < chip.peak_power), "{name}");
        let e = chip.efficiency;
        for factor in [e.products, e.attention, e.experts, e.memory, e.link] {
            assert!(factor > 0.5 && factor <= 1.0, "{name}: {factor}");
        }
    }
}

#[test]
fn h100_is_as_published() {
    let h100 = accelerator("H100-SXM").unwrap();
    assert_eq!(h100.peak.bf16, Some(FlopsPerSecond(989e12)));
    assert_eq!(h100.peak.fp8, Some(FlopsPerSecond(1979e12)));
    assert_eq!(h100.peak.fp4, None);
    assert_eq!(h100.hbm, Bytes(81559.0 * 1_048_576.0));
    assert_eq!(h100.hbm_bandwidth, BytesPerSecond(3.35e12));
    assert_eq!(h100.link_bandwidth, Some(BytesPerSecond(450e9)));
    assert_eq!((h100.per_node, h100.peak_power), (Some(8), Some(Watts(700.0))));
    // Dormant as an H200, 73.65 W of 700 W, and 38 W of a CUDA context.
    assert_eq!(h100.idle_power, Some(Watts((73.65_f64 + 38.0).round())));
    assert!(idle_power_is_assumed("H100-SXM"));
    assert_eq!((h100.kernels, h100.efficiency), (KernelClass::Hopper, Efficiency::default()));
    assert!(!kernels_are_assumed("H100-SXM") && kernels_are_assumed("RTX-4090"));
    assert_eq!(accelerator("h100-sxm"), None);
}

/// A chip whose peak power is known can be given a margin; one whose peak nobody publishes cannot.
#[test]
fn idle_power_is_an_assumption_that_says_so() {
    for name in accelerator_names() {
        let chip = accelerator(&name).unwrap();
        assert_eq!(chip.idle_power.is_some(), chip.peak_power.is_some(), "{name}");
        assert_eq!(idle_power_is_assumed(&name), chip.idle_power.is_some(), "{name}");
        if let (Some(idle), Some(peak)) = (chip.idle_power, chip.peak_power) {
            assert!((0.14..0.30).contains(&(idle.0 / peak.0)), "{name}: {idle} of {peak}");
        }
    }
    for kind in Kind::ALL {
        for source in sources(kind) {
            assert_eq!(source.assumption, source.title.starts_with("Assum"), "{}", source.id);
        }
    }
}

#[test]
fn chips_without_serving_measurements_say_so() {
    let mut checked = 0;
    for entry in entries(Kind::Accelerators) {
        let vendor = &entry.labels[0];
        assert_eq!(vendor.0, "vendor");
        if vendor.1 != "AWS" && vendor.1 != "Google" {
            continue;
        }
        for factor in ["efficiency.products", "efficiency.attention", "efficiency.memory"] {
            let fact = entry.facts.iter().find(|fact| fact.figure == factor).unwrap();
            assert_eq!(fact.source.id, "assumed", "{}: {factor}", entry.name);
            assert!(fact.note.as_ref().is_some_and(|note| note.contains("no published")));
            checked += 1;
        }
    }
    assert_eq!(checked, 7 * 3);
}

/// More could fit anything.
#[test]
fn at_most_five_figures_of_an_engine_are_fitted() {
    for entry in entries(Kind::Engines) {
        let fitted = entry.facts.iter().filter(|fact| fact.source.id.starts_with("fitted"));
        let figures: Vec<_> = fitted.map(|fact| &fact.figure).collect();
        assert!((1..=5).contains(&figures.len()), "{}: {figures:?}", entry.name);
    }
}

/// Whose kernels were measured on no chip of its kind has them by assumption.
#[test]
fn kernels_that_nobody_measured_are_an_assumption() {
    for name in accelerator_names() {
        let chip = accelerator(&name).unwrap();
        assert_ne!(chip.kernels, KernelClass::Ideal, "{name}");
        let unmeasured =
            ["MI", "Train", "Infer", "TPU", "RTX"].iter().any(|it| name.starts_with(it));
        assert!(!unmeasured || kernels_are_assumed(&name), "{name}");
        assert!(chip.kernels != KernelClass::Cdna || unmeasured, "{name}");
    }
    for class in [KernelClass::Cdna, KernelClass::Hopper] {
        let kernels = Kernels { class, library: Library::Vllm };
        let hopper = Kernels { class: KernelClass::Hopper, ..kernels };
        assert_eq!(kernels.product(Format::Bf16), hopper.product(Format::Bf16));
        assert_eq!(kernels.second_level_cache(), hopper.second_level_cache());
    }
    let ideal = Kernels { class: KernelClass::Ideal, library: Library::Vllm };
    assert_eq!(ideal.product(Format::Fp8).floor, 0.0);
    assert_eq!(ideal.decode(Format::Bf16, HeadGroups::Single).memory, 1.0);
}

#[test]
fn engines_are_plausible() {
    assert_eq!(engine_names().len(), 6);
    for name in engine_names() {
        let engine = engine(&name).unwrap();
        assert!((0.8..1.0).contains(&engine.memory), "{name}");
        assert!(engine.max_batch <= engine.token_budget, "{name}");
        assert!(engine.iteration.as_secs_f64() < 0.001, "{name}");
        assert!(engine.per_request.as_secs_f64() < 0.1, "{name}");
    }
    assert_eq!(engine("vLLM"), None);
}

#[test]
fn parameters_are_those_of_the_shape() {
    for item in &ARCHITECTURES.architectures {
        assert_eq!(item.parameters.value, item.counted(), "{}", item.name);
    }
    // The counts that the vendors publish.
    assert_eq!(architecture("Llama-3.1-8B").unwrap().parameters, 8_030_261_248.0);
    assert_eq!(architecture("Qwen3-32B").unwrap().parameters, 32_762_123_264.0);
    assert_eq!(architecture("Llama-2-13B").unwrap().parameters, 13_015_864_320.0);
    assert_eq!(architecture("Mistral-7B").unwrap().parameters, 7_248_023_552.0);
    assert_eq!(architecture("Falcon-180B").unwrap().parameters, 179_522_565_120.0);
    assert_eq!(architecture("GPT-J-6B").unwrap().parameters, 6_050_882_784.0);
    assert_eq!(architecture("Bloom-176B").unwrap().parameters, 176_247_271_424.0);
    assert_eq!(architecture("Mixtral-8x7B").unwrap().parameters, 46_702_792_704.0);
    assert_eq!(architecture("Mixtral-8x22B").unwrap().parameters, 140_620_634_112.0);
    assert_eq!(architecture("Qwen3-30B-A3B").unwrap().parameters, 30_532_122_624.0);
    assert_eq!(architecture("Qwen3-235B-A22B").unwrap().parameters, 235_093_634_560.0);
    assert_eq!(architecture("gpt-oss-120b").unwrap().parameters, 116_829_156_672.0);
    assert_eq!(architecture("DeepSeek-V3").unwrap().parameters, 671_026_419_200.0);
    // To the digits of their names: active parameters, in billions.
    for (name, billions) in [
        ("Mixtral-8x7B", 12.9),
        ("Qwen3-30B-A3B", 3.3),
        ("Qwen3-235B-A22B", 22.0),
        ("Llama-4-Scout", 17.0),
        ("Llama-4-Maverick", 17.0),
        ("DeepSeek-V3", 37.0),
        ("Kimi-K2", 32.0),
    ] {
        let active = architecture(name).unwrap().active_parameters() / 1e9;
        assert!((active - billions).abs() < 1.0, "{name}: {active}");
    }
}

/// A definition in place is refused where they are not.
#[test]
fn embeddings_experts_and_attention_are_parts_of_the_whole() {
    for name in architecture_names() {
        let shape = architecture(&name).expect("a name of the catalogue");
        let attention = f64::from(shape.layers) * shape.attention_parameters();
        let (shared, heads) = (shape.shared_parameters(), (shape.heads, shape.kv_heads));
        assert!(shared >= attention, "{name}: {shared} of which {attention}");
        assert!(shape.heads.is_multiple_of(shape.kv_heads), "{name}: {heads:?}");
    }
}

#[test]
fn prices_are_plausible() {
    assert_eq!(accelerator_hour_prices().len(), 42);
    for price in accelerator_hour_prices() {
        let hour = price.per_accelerator().0;
        assert!(hour > 0.1 && hour < 20.0, "{price:?}");
    }
    for price in token_list_prices() {
        assert!(price.input.value.0 > 0.0 && price.output.value >= price.input.value, "{price:?}");
        assert!(price.output.value.0 < 200.0, "{price:?}");
        if let Some(cached) = &price.cached_input {
            assert!(cached.value < price.input.value, "{price:?}");
        }
        if let Some(name) = &price.architecture {
            assert!(architecture(name).is_some(), "{name}");
        }
    }
}

#[test]
fn entries_carry_figures_and_labels() {
    let entries = entries(Kind::Prices);
    let spot = entries.iter().find(|entry| entry.name.contains("trn2.3xlarge")).unwrap();
    assert_eq!(spot.name, "AWS trn2.3xlarge spot ap-southeast-4 2025/2026");
    assert!(spot.labels.contains(&("region".to_owned(), Value::from("ap-southeast-4"))));
    assert_eq!(spot.facts[0].value, "2.7396 USD/h");
    assert_eq!(spot.facts[0].source.id, "skypilot-aws");
}

/// Rows of a file of the data folder; none, said aloud, where the folder is missing and need not
/// be there.
fn data(file: &str) -> Vec<csv::StringRecord> {
    let folder = std::env::var_os("COOPSIM_DATA").map_or("../shared/data".into(), PathBuf::from);
    let path = folder.join(file);
    if !path.exists() && std::env::var_os("CI").is_none_or(|ci| ci != "true") {
        eprintln!("SKIPPED: {} is missing (set COOPSIM_DATA)", path.display());
        return Vec::new();
    }
    let mut reader = csv::Reader::from_path(&path).expect("the data folder is readable");
    reader.records().map(|row| row.expect("a row")).collect()
}

/// The memory as sold: the note has it where the catalogue gives what the driver reports, which is
/// less than so many GiB and more than so many GB.
fn sold_gigabytes(name: &str, hbm: Bytes) -> Option<f64> {
    let entry = entries(Kind::Accelerators).into_iter().find(|entry| entry.name == name)?;
    let fact = entry.facts.into_iter().find(|fact| fact.figure == "hbm")?;
    let sold = fact.note.as_ref().and_then(|note| note.strip_prefix("sold as "));
    let Some(sold) = sold else { return Some(hbm.0 / 1e9) };
    let sold: Bytes = sold.parse().expect("an amount of memory");
    assert!((sold.0..=sold.0 * 1.0738).contains(&hbm.0), "{name}: {hbm}");
    Some(sold.0 / 1e9)
}

#[test]
fn accelerators_are_those_of_the_data() {
    for row in data("accelerators/accelerators.csv") {
        let name = &row[0];
        let chip = accelerator(name).expect("all chips of the data are in the catalogue");
        assert_eq!(chip.name, name);
        let field = |column: usize| row[column].parse::<f64>().ok();
        let scaled = |figure: Option<f64>, scale: f64| figure.map(|figure| figure / scale);
        let stated = [
            scaled(chip.peak.bf16.map(|peak| peak.0), 1e12),
            scaled(chip.peak.fp8.map(|peak| peak.0), 1e12),
            scaled(chip.peak.fp4.map(|peak| peak.0), 1e12),
            sold_gigabytes(name, chip.hbm),
            Some(chip.hbm_bandwidth.0 / 1e12),
            scaled(chip.link_bandwidth.map(|link| link.0), 1e9),
        ];
        for (figure, column) in stated.into_iter().zip(2..) {
            assert_eq!(figure, field(column), "{name}, column {column}");
        }
        assert_eq!(chip.per_node.map(f64::from), field(9), "{name}");
        assert_eq!(chip.peak_power.map(|power| power.0), field(10), "{name}");
    }
}

#[test]
fn key_value_bytes_are_those_of_the_data() {
    for row in data("models/kv_cache_models.csv") {
        let Some(shape) = architecture(&row[0]) else { continue };
        // The data counts all layers, gpt-oss sees the whole context in every other one.
        let layers = if row[0].starts_with("gpt-oss") { 2.0 } else { 1.0 };
        let bytes = 2.0 * shape.attention().kv_elements * layers;
        assert_eq!(bytes.to_string(), row[8], "{}", &row[0]);
        let billions: f64 = row[1].parse().unwrap();
        let digits = if billions < 100.0 { 0.06 } else { 0.03 * billions };
        assert!((shape.parameters / 1e9 - billions).abs() < digits, "{}", &row[0]);
    }
}

#[test]
fn published_throughput_is_that_of_the_data() {
    let rows = data("serving/trtllm_throughput.csv");
    let tables = &published_throughput().throughput;
    let results = || tables.iter().flat_map(|table| &table.runs).flat_map(|runs| &runs.results);
    assert_eq!(results().count(), 210);
    for row in &rows {
        let [input, output] = [6, 7].map(|column: usize| row[column].parse().unwrap());
        let stated = (input, output, row[9].parse().unwrap());
        let same = |runs: &ThroughputRuns| {
            runs.accelerator.starts_with(&row[1])
                && row[3].starts_with(&runs.model)
                && runs.precision == row[5]
                && runs.results.contains(&stated)
        };
        assert!(tables.iter().any(|table| table.runs.iter().any(same)), "{row:?}");
    }
    assert!(rows.is_empty() || rows.len() == 210);
}

#[test]
fn mlperf_results_are_those_of_the_data() {
    let runs = &published_throughput().mlperf.runs;
    let count: usize = runs.iter().map(|runs| runs.results.len()).sum();
    assert_eq!(count, 135);
    for row in data("serving/mlperf_v4.1.csv") {
        let chip = ["H100", "H200", "GH200", "L40S"].iter().any(|chip| row[5].contains(chip));
        if !(chip && &row[2] == "available" && &row[3] == "closed" && &row[12] == "Offline") {
            continue;
        }
        let result = row[13].parse::<f64>().unwrap();
        let same = |(submitter, system, _, _, published): &(String, String, f64, u32, f64)| {
            *submitter == row[1] && *system == row[4] && *published == result
        };
        assert!(runs.iter().any(|runs| runs.results.iter().any(same)), "{row:?}");
    }
}

#[test]
fn prices_are_those_of_the_data() {
    let rows = data("prices/accelerator_hour_prices.csv");
    for (row, price) in rows.iter().zip(accelerator_hour_prices()) {
        assert_eq!(&row[1], price.instance);
        assert_eq!(row[5].parse(), Ok(price.price.value.0), "{}", price.instance);
        // The data rounds to three digits after the point.
        let rounded: f64 = row[6].parse().unwrap();
        assert!((price.per_accelerator().0 - rounded).abs() <= 0.000_500_1, "{}", price.instance);
    }
    for row in data("prices/bedrock_base_prices.csv") {
        let Some(price) = token_list_prices().iter().find(|price| price.model == row[1]) else {
            continue;
        };
        assert_eq!(row[2].parse(), Ok(price.input.value.0), "{}", &row[1]);
        assert_eq!(row[3].parse(), Ok(price.output.value.0), "{}", &row[1]);
        let cached = price.cached_input.as_ref().map(|figure| figure.value.0);
        assert_eq!(row[4].parse().ok(), cached, "{}", &row[1]);
    }
}
