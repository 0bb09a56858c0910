//! Tables of the catalogue for people.

use super::catalog::plain;
use crate::catalog::{self, Entry, Kind, Scheduling, Source};
use comfy_table::presets::UTF8_HORIZONTAL_ONLY;
use comfy_table::{CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table};
use std::collections::BTreeSet;

/// What a table shows for a figure that is not known.
const UNKNOWN: &str = "–";

/// A table (for prices, two) of all entries of a kind, and their sources, `width` columns wide.
pub(super) fn overview(kind: Kind, width: u16) -> String {
    let mut text = match kind {
        Kind::Accelerators => accelerators(width),
        Kind::Architectures => architectures(width),
        Kind::Engines => engines(width),
        Kind::Prices => format!("{}\n{}", accelerator_hours(width), tokens(width)),
    };
    text.push_str(&sources(&catalog::sources(kind).iter().collect::<Vec<_>>(), width));
    let name = kind.name();
    let hint = format!(
        "The source of each figure: `coopsim catalog {name} NAME`, or `--format csv` for all."
    );
    text.push_str(&wrapped(&hint, width, ""));
    text
}

/// Figures of an entry up to which several are shown as lines of one table.
const SHORT: usize = 3;

/// Every figure of some entries.
pub(super) fn chosen(entries: &[Entry], width: u16) -> String {
    if entries.len() > 1 && entries.iter().all(|entry| entry.facts.len() <= SHORT) {
        return side_by_side(entries, width);
    }
    entries.iter().map(|entry| details(entry, width)).collect::<Vec<_>>().join("\n")
}

/// Entries of few figures in one table, with the sources they name.
fn side_by_side(entries: &[Entry], width: u16) -> String {
    let mut table = table(&["entry", "figure", "value", "note"], &[2], width);
    let mut used: Vec<&Source> = Vec::new();
    for entry in entries {
        for fact in &entry.facts {
            if !used.contains(&fact.source) {
                used.push(fact.source);
            }
            let note = fact.note.clone().unwrap_or_default();
            table.add_row([entry.name.clone(), fact.figure.clone(), plain(&fact.value), note]);
        }
    }
    fit(&mut table, &[1, 2]);
    let hint = "An entry's own name, in quotes, gives its labels, too.";
    format!("{}\n{}{}", table.trim_fmt(), sources(&used, width), wrapped(hint, width, ""))
}

/// Every figure of one entry, their notes, and the sources they name.
fn details(entry: &Entry, width: u16) -> String {
    let labels = entry.labels.iter().map(|(name, value)| format!("{name} {}", plain(value)));
    let labels = labels.collect::<Vec<_>>().join(", ");
    let title = if labels.is_empty() { String::new() } else { format!(" ({labels})") };
    let mut table = table(&["figure", "value", "source"], &[1], width);
    let mut used: Vec<&Source> = Vec::new();
    let mut notes = String::new();
    for fact in &entry.facts {
        if !used.contains(&fact.source) {
            used.push(fact.source);
        }
        if let Some(note) = &fact.note {
            notes.push_str(&wrapped(&format!("{}: {note}", fact.figure), width, "  "));
        }
        table.add_row([fact.figure.clone(), plain(&fact.value), fact.source.id.clone()]);
    }
    if !notes.is_empty() {
        notes.insert_str(0, "Notes\n");
    }
    let title = wrapped(&format!("{}{title}", entry.name), width, "");
    format!("{title}{}\n{notes}{}", table.trim_fmt(), sources(&used, width))
}

fn accelerators(width: u16) -> String {
    let header = ["accelerator", "bf16", "fp8", "fp4", "HBM", "HBM", "link", "per", "idle", "peak"];
    let units = ["", "TFLOP/s", "TFLOP/s", "TFLOP/s", "GB", "TB/s", "GB/s", "node", "W", "W"];
    let header = std::array::from_fn::<_, 10, _>(|i| format!("{}\n{}", header[i], units[i]));
    let mut table = table(&header, &[1, 2, 3, 4, 5, 6, 7, 8, 9], width);
    for name in catalog::accelerator_names() {
        let Some(chip) = catalog::accelerator(&name) else { continue };
        let tera = |flops: Option<crate::units::FlopsPerSecond>| known(flops.map(|f| f.0 / 1e12));
        table.add_row([
            name,
            tera(chip.peak.bf16),
            tera(chip.peak.fp8),
            tera(chip.peak.fp4),
            known(Some((chip.hbm.0 / 1e8).round() / 10.0)),
            known(Some(chip.hbm_bandwidth.0 / 1e12)),
            known(chip.link_bandwidth.map(|link| link.0 / 1e9)),
            known(chip.per_node.map(f64::from)),
            idle_power(&chip),
            known(chip.peak_power.map(|power| power.0)),
        ]);
    }
    format!(
        "Accelerators: dense peaks, link per chip and direction\n{}\n* assumed\n",
        table.trim_fmt()
    )
}

/// With a star where it is an assumption.
fn idle_power(chip: &catalog::Accelerator) -> String {
    let star = if catalog::idle_power_is_assumed(&chip.name) { "*" } else { "" };
    known(chip.idle_power.map(|power| power.0)) + star
}

fn architectures(width: u16) -> String {
    let header =
        ["architecture", "parameters", "layers", "hidden", "heads", "KV heads", "head dim"];
    let mut table = table(&header, &[1, 2, 3, 4, 5, 6], width);
    for name in catalog::architecture_names() {
        let Some(shape) = catalog::architecture(&name) else { continue };
        let parameters = format!("{:.2} B", shape.parameters / 1e9);
        let counts = [shape.layers, shape.hidden, shape.heads, shape.kv_heads, shape.head_dim];
        table.add_row([name, parameters].into_iter().chain(counts.map(|count| count.to_string())));
    }
    format!("Architectures: parameters of all experts\n{}\n", table.trim_fmt())
}

fn engines(width: u16) -> String {
    let header = ["engine", "host", "each", "layer", "call", "mem.", "batching", "batch", "tokens"];
    let units = ["", "us", "us", "us", "ms", "", "", "", ""];
    let header = std::array::from_fn::<_, 9, _>(|i| format!("{}\n{}", header[i], units[i]));
    let mut table = table(&header, &[1, 2, 3, 4, 5, 7, 8], width);
    for name in catalog::engine_names() {
        let Some(engine) = catalog::engine(&name) else { continue };
        let times = [engine.iteration, engine.per_sequence, engine.per_layer];
        let micros = times.map(|time| known(Some(time.as_nanos() as f64 / 1e3)));
        let mut row = vec![name];
        row.extend(micros);
        row.extend([
            known(Some(engine.per_request.as_nanos() as f64 / 1e6)),
            engine.memory.to_string(),
            match engine.batching {
                Scheduling::Continuous => "continuous".to_owned(),
                Scheduling::PrefillFirst => "prefill-first".to_owned(),
            },
            engine.max_batch.to_string(),
            engine.token_budget.to_string(),
        ]);
        table.add_row(row);
    }
    fit(&mut table, &[0, 6]);
    format!(
        "Engines: time of the host for an iteration, more for each sequence,\n\
         for each layer where there are prompts, and before a call is let in;\n\
         part of the memory; how iterations are made up, and of what at most\n{}\n",
        table.trim_fmt()
    )
}

fn accelerator_hours(width: u16) -> String {
    let header = ["instance", "accelerator", "term", "where", "USD/h", "as of"];
    let mut table = table(&header, &[4], width);
    for price in catalog::accelerator_hour_prices() {
        table.add_row([
            price.instance.clone(),
            price.accelerator.clone(),
            price.term.name().replace('-', " "),
            format!("{} {}", price.provider, price.region),
            format!("{:.3}", price.per_accelerator().0),
            date(&price.price.source),
        ]);
    }
    fit(&mut table, &[0, 1, 4, 5]);
    format!("Prices of one accelerator-hour\n{}\n", table.trim_fmt())
}

fn tokens(width: u16) -> String {
    let header = ["model", "architecture", "input", "output", "cached"];
    let mut table = table(&header, &[2, 3, 4], width);
    let mut dates = BTreeSet::new();
    for price in catalog::token_list_prices() {
        dates.insert(date(&price.input.source));
        table.add_row([
            price.model.clone(),
            price.architecture.clone().unwrap_or_default(),
            known(Some(price.input.value.0)),
            known(Some(price.output.value.0)),
            known(price.cached_input.as_ref().map(|figure| figure.value.0)),
        ]);
    }
    let dates = dates.into_iter().collect::<Vec<_>>().join(", ");
    let title = format!("Prices of tokens on Amazon Bedrock, USD per million, as of {dates}");
    format!("{title}\n{}\n", table.trim_fmt())
}

fn sources(sources: &[&Source], width: u16) -> String {
    let mut text = "Sources\n".to_owned();
    for source in sources {
        let line = format!("{}: {} ({})", source.id, source.title, source.date);
        text.push_str(&wrapped(&line, width, "  "));
    }
    text
}

/// The date of a price's source.
fn date(id: &str) -> String {
    let source = catalog::sources(Kind::Prices).iter().find(|source| source.id == id);
    source.map_or(UNKNOWN, |source| &source.date).to_owned()
}

fn known(figure: Option<f64>) -> String {
    figure.map_or(UNKNOWN.to_owned(), |figure| figure.to_string())
}

/// An empty table that wraps its cells to fit; `right` are the columns of numbers.
fn table<S: AsRef<str>>(header: &[S], right: &[usize], width: u16) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none()))
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width)
        .set_header(header.iter().map(AsRef::as_ref));
    for column in table.column_iter_mut() {
        column.set_padding((0, 1));
    }
    for &index in right {
        if let Some(column) = table.column_mut(index) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Keeps these columns as wide as their content: only the others wrap.
fn fit(table: &mut Table, columns: &[usize]) {
    for &index in columns {
        if let Some(column) = table.column_mut(index) {
            column.set_constraint(ColumnConstraint::ContentWidth);
        }
    }
}

/// `text` in lines of at most `width` columns, all but the first indented by two, all by `indent`.
fn wrapped(text: &str, width: u16, indent: &str) -> String {
    let mut lines = vec![indent.to_owned()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is a first line");
        let starts = line.trim().is_empty();
        if !starts && line.chars().count() + 1 + word.chars().count() > usize::from(width) {
            lines.push(format!("{indent}  {word}"));
        } else {
            line.push_str(if starts { "" } else { " " });
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_between_words() {
        assert_eq!(wrapped("one two three four", 11, ""), "one two\n  three\n  four\n");
        assert_eq!(wrapped("one two three four", 11, "  "), "  one two\n    three\n    four\n");
        assert_eq!(wrapped("unbreakably-long", 5, ""), "unbreakably-long\n");
        assert_eq!(wrapped("", 5, ""), "\n");
    }

    #[test]
    fn tables_fit_narrow_and_wide_terminals() {
        for width in [70, 80, 120] {
            for kind in Kind::ALL {
                for line in overview(kind, width).lines() {
                    assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
                }
            }
        }
    }
}
