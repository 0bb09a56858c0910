//! The rows of a point in each table, as they stand in the files: made where the point was simulated, kept in a journal, and
//! only strung together at the end.

use crate::experiment::{PointResults, PointScope, PointVariant};
use crate::report::cell::cell;
use crate::report::csv::optional;
use crate::scenario::Sweep;

/// Tables of a sweep.
pub(super) const TABLES: usize = 3;
/// Their files.
pub(super) const FILES: [&str; TABLES] = ["points.csv", "sweep.csv", "replications.csv"];

const POINTS: [&str; 2] = ["result", "message"];
const SUMMARY: [&str; 8] = ["variant", "scope", "name", "metric", "unit", "mean", "ci95", "n"];
const REPLICATIONS: [&str; 7] =
    ["variant", "scope", "name", "metric", "unit", "replication", "value"];

/// The rows of one point.
pub(crate) struct PointText {
    tables: [Vec<u8>; TABLES],
}

impl PointText {
    /// The first line of each table.
    pub(super) fn heads(sweep: &Sweep) -> [Vec<u8>; TABLES] {
        let head = |columns: &[&str]| {
            let mut table = Table::new("point", &sweep.parameters);
            table.row(columns.iter().copied());
            table.finish()
        };
        [head(&POINTS), head(&SUMMARY), head(&REPLICATIONS)]
    }

    /// The rows of what was found at a point.
    pub(crate) fn of(results: &PointResults) -> Self {
        let number = results.point.to_string();
        let table = || Table::new(&number, &results.values);
        let (mut points, mut summary, mut replications) = (table(), table(), table());
        match &results.found {
            Err(reason) => points.row(["failed", &briefly(reason)]),
            Ok(variants) => {
                let warnings = warnings(variants);
                points.row([if warnings.is_empty() { "done" } else { "warned" }, &warnings]);
                for variant in variants {
                    for scope in &variant.scopes {
                        summary.scope(variant, scope);
                        replications.replications(variant, scope);
                    }
                }
            }
        }
        Self { tables: [points, summary, replications].map(Table::finish) }
    }

    /// As one piece, for a journal.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.tables.iter().map(Vec::len).sum::<usize>() + 16);
        for table in &self.tables[..TABLES - 1] {
            bytes.extend((table.len() as u32).to_le_bytes());
        }
        self.tables.iter().for_each(|table| bytes.extend(table));
        bytes
    }

    /// The rows for each table out of one piece; `None` if it is none.
    pub(super) fn split(bytes: &[u8]) -> Option<[&[u8]; TABLES]> {
        let (first, bytes) = bytes.split_first_chunk::<4>()?;
        let (second, bytes) = bytes.split_first_chunk::<4>()?;
        let (points, bytes) = bytes.split_at_checked(u32::from_le_bytes(*first) as usize)?;
        let (summary, replications) =
            bytes.split_at_checked(u32::from_le_bytes(*second) as usize)?;
        Some([points, summary, replications])
    }
}

/// Errors without the lines that show where they are written.
fn briefly(reason: &str) -> String {
    let errors: Vec<_> = reason.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
    if errors.is_empty() { reason.trim().replace('\n', " ") } else { errors.join("; ") }
}

/// What a reader must know of the variants, those that have the same to say together.
fn warnings(variants: &[PointVariant]) -> String {
    let one = |variant: &PointVariant| match (variants.len(), &*variant.warnings) {
        (_, []) => None,
        (1, warnings) => Some(warnings.join("; ")),
        (_, warnings) => Some(format!("{}: {}", variant.name, warnings.join("; "))),
    };
    variants.iter().filter_map(one).collect::<Vec<_>>().join("; ")
}

/// Rows that all begin with the point and its values.
struct Table<'a> {
    out: csv::Writer<Vec<u8>>,
    point: &'a str,
    values: &'a [String],
}

impl<'a> Table<'a> {
    fn new(point: &'a str, values: &'a [String]) -> Self {
        Self { out: csv::Writer::from_writer(Vec::new()), point, values }
    }

    fn row<'t>(&mut self, fields: impl IntoIterator<Item = &'t str>) {
        let first = std::iter::once(self.point).chain(self.values.iter().map(String::as_str));
        first.for_each(|field| self.field(field));
        fields.into_iter().for_each(|field| self.field(field));
        self.out.write_record(None::<&[u8]>).expect("memory holds it");
    }

    fn field(&mut self, field: &str) {
        self.out.write_field(cell(field).as_bytes()).expect("memory holds it");
    }

    fn scope(&mut self, variant: &PointVariant, scope: &PointScope) {
        for (metric, mean, _) in &scope.metrics {
            let definition = metric.definition();
            let (value, ci95, n) = (mean.mean.to_string(), optional(mean.ci95), mean.n.to_string());
            let (name, unit) = (definition.name, definition.unit);
            self.row([&*variant.name, scope.scope, &scope.name, name, unit, &value, &ci95, &n]);
        }
    }

    fn replications(&mut self, variant: &PointVariant, scope: &PointScope) {
        for (metric, _, values) in &scope.metrics {
            let definition = metric.definition();
            let (name, unit) = (definition.name, definition.unit);
            for (number, value) in values.iter().enumerate() {
                let Some(value) = value else { continue };
                let (number, value) = (number.to_string(), value.to_string());
                let fields =
                    [&*variant.name, scope.scope, &scope.name, name, unit, &number, &value];
                self.row(fields);
            }
        }
    }

    fn finish(self) -> Vec<u8> {
        self.out.into_inner().expect("memory holds it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Mean, MetricId};

    fn results() -> PointResults {
        let mean = Mean { mean: 0.5, ci95: Some(0.25), n: 2 };
        let metrics = vec![(MetricId::Margin, mean, vec![Some(0.25), Some(0.75)])];
        let scopes = vec![PointScope { scope: "model", name: "=a, b".to_owned(), metrics }];
        let variant = PointVariant {
            name: "split".to_owned(),
            warnings: vec!["it is full".to_owned()],
            scopes,
        };
        PointResults {
            point: 3,
            values: vec!["40/s".to_owned(), "=x".to_owned()],
            found: Ok(vec![variant]),
        }
    }

    #[test]
    fn rows_begin_with_the_point_and_no_cell_is_a_formula() {
        let text = PointText::of(&results());
        let tables = text.tables.map(|table| String::from_utf8(table).expect("text"));
        insta::assert_snapshot!(tables.concat(), @r#"
        3,40/s,'=x,warned,it is full
        3,40/s,'=x,split,model,"'=a, b",margin.operating_usd,USD,0.5,0.25,2
        3,40/s,'=x,split,model,"'=a, b",margin.operating_usd,USD,0,0.25
        3,40/s,'=x,split,model,"'=a, b",margin.operating_usd,USD,1,0.75
        "#);
    }

    #[test]
    fn one_piece_comes_apart_again_and_a_broken_one_does_not() {
        let text = PointText::of(&results());
        let bytes = text.to_bytes();
        let parts = PointText::split(&bytes).expect("it is whole");
        assert_eq!(parts.map(<[u8]>::to_vec), text.tables);
        assert_eq!(PointText::split(&bytes[..6]), None);
        assert_eq!(PointText::split(&bytes[..20]), None);
    }
}
