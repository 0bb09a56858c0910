//! The command line, declared.

use super::format::Format;
use crate::catalog;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;

/// More than any machine has cores; a slip of the finger must not exhaust its memory.
const MAX_THREADS: u16 = 4096;

const EXAMPLES: &str = "\
Examples:
  coopsim compare scenarios/one-winner-vs-split.yaml
  coopsim check my.yaml --set cloud.regions[0].clusters[0].nodes=16
  coopsim catalog accelerators";

const STATUS: &str = "\
Exit status: 0 done; 1 failed while running; 2 the command line or a scenario is
wrong; 130 interrupted.";

/// Simulates a cloud of accelerators that hosts rival model vendors
///
/// coopsim answers what becomes of a neutral cloud's utilisation, queueing and revenue when one
/// model wins, and when demand is split across many.
#[derive(Debug, Parser)]
#[command(name = "coopsim", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(after_help = EXAMPLES, after_long_help = format!("{EXAMPLES}\n\n{STATUS}"))]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run scenarios and print the numbers of every variant
    Run(RunArguments),
    /// Run scenarios and add each variant's paired differences against the first
    Compare(RunArguments),
    /// Run a scenario at many points of its parameters; what is done is kept, and the same command goes on
    Sweep(SweepArguments),
    /// Put the shards of a sweep together
    Merge(MergeArguments),
    /// Validate scenarios and print them resolved, with an estimate of the work; run nothing
    Check(CheckArguments),
    /// Draw the charts and the HTML report of an output folder again
    Report(ReportArguments),
    /// List accelerators, architectures and prices with their sources
    Catalog(CatalogArguments),
    /// Print the JSON Schema of scenario or sweep files, for editors and other programs
    Schema(SchemaArguments),
    /// Compare simulations with queueing theory and with published measurements
    Validate(ValidateArguments),
    /// Print a shell's completion script
    Completions(CompletionsArguments),
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    pub scenarios: ScenarioArguments,
    /// Write to DIR instead of output/<scenario name>; with several scenarios, DIR/<scenario name>; earlier results of the
    /// same scenario there are replaced
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Threads to run replications on [default: one per core]; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = whole(1..=MAX_THREADS))]
    pub threads: Option<u16>,
    /// Run even what may take more memory than there is, or replaces another scenario's results
    #[arg(long)]
    pub yes: bool,
    /// Print nothing but the results and errors
    #[arg(long, short)]
    pub quiet: bool,
    /// Form of the results on standard output; of several scenarios json is an array, and csv begins with a column
    /// `scenario`
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub(super) struct SweepArguments {
    /// The sweep (YAML): a scenario, and what of it takes which values
    #[arg(value_name = "SWEEP")]
    pub file: PathBuf,
    /// Set a value of the scenario at all points, as in cloud.regions[0].clusters[h100].nodes=16; may be repeated
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Seed of all random numbers, instead of the sweep's
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = whole(0..=u64::MAX))]
    pub seed: Option<u64>,
    /// Independent replications of each variant at each point, instead of the sweep's
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = whole(1..=u32::MAX))]
    pub replications: Option<u32>,
    /// Write to DIR instead of output/<name of the sweep>; what is not finished is kept in DIR.parts
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Only the points of this shard, such as 3/8 (from 1/8 to 8/8), for `coopsim merge` to put together
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Threads to run points on [default: one per core]; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = whole(1..=MAX_THREADS))]
    pub threads: Option<u16>,
    /// Write what was found in each replication to replications.csv, too
    #[arg(long)]
    pub replications_csv: bool,
    /// Draw no charts
    #[arg(long)]
    pub no_charts: bool,
    /// Stop at the first point that cannot be simulated
    #[arg(long)]
    pub fail_fast: bool,
    /// Forget what was kept of an earlier attempt
    #[arg(long)]
    pub fresh: bool,
    /// Run even more than 100,000 points
    #[arg(long)]
    pub yes: bool,
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct MergeArguments {
    /// The folder that was given to the shards as --out
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Draw no charts
    #[arg(long)]
    pub no_charts: bool,
    /// Print nothing but errors
    #[arg(long, short)]
    pub quiet: bool,
}

/// Every `of`th point, from the one with this number on, which counts from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shard {
    pub number: u64,
    pub of: u64,
}

/// More shards than anybody has machines.
const MAX_SHARDS: u64 = 1_000_000;

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) && of <= MAX_SHARDS => {
                Ok(Self { number, of })
            }
            _ => Err("expected a shard such as 3/8: from 1/8 to 8/8".to_owned()),
        }
    }
}

impl Display for Shard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "shard {}/{}", self.number, self.of)
    }
}

impl Shard {
    /// Whether a point is in it.
    pub(super) fn has(self, point: u64) -> bool {
        point % self.of == self.number - 1
    }

    /// How many of so many points are in it, if it is one, or else in all.
    pub(super) fn points(shard: Option<Self>, points: u64) -> u64 {
        shard.map_or(points, |Self { number, of }| (points + of - number) / of)
    }
}

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    #[command(flatten)]
    pub scenarios: ScenarioArguments,
    /// Print nothing but errors: the exit status tells
    #[arg(long, short)]
    pub quiet: bool,
}

/// Which scenarios, and what to change in them.
#[derive(Clone, Debug, Args)]
pub(super) struct ScenarioArguments {
    /// Scenario files (YAML)
    #[arg(required = true, value_name = "SCENARIO")]
    pub files: Vec<PathBuf>,
    /// Set a value, as in cloud.regions[0].clusters[1].nodes=16; may be repeated
    #[arg(long, value_name = "PATH=VALUE")]
    pub set: Vec<String>,
    /// Seed of all random numbers, instead of the scenario's
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = whole(0..=u64::MAX))]
    pub seed: Option<u64>,
    /// Independent replications per variant, instead of the scenario's
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = whole(1..=u32::MAX))]
    pub replications: Option<u32>,
    /// Only the variant of this name
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
}

#[derive(Debug, Args)]
pub(super) struct ReportArguments {
    /// A folder that `run`, `compare` or `sweep` wrote
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct CatalogArguments {
    /// Part of the catalogue [default: all of it]
    #[arg(value_enum, value_name = "KIND")]
    pub kind: Option<Kind>,
    /// Only this entry, with the source of each of its figures
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
    /// Form of the listing; json and csv give the source of each figure
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Kind {
    /// Chips: peaks, memory, links, power, kernels
    Accelerators,
    /// Models: layers, widths, parameters, experts
    Architectures,
    /// Serving engines: times of the host, memory, batching
    Engines,
    /// Of accelerator-hours and of tokens
    Prices,
}

impl From<Kind> for catalog::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Accelerators => Self::Accelerators,
            Kind::Architectures => Self::Architectures,
            Kind::Engines => Self::Engines,
            Kind::Prices => Self::Prices,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// Of which files
    #[arg(value_enum, value_name = "KIND", default_value_t)]
    pub of: SchemaKind,
    /// Form of the schema; markdown is the reference of all keys, of scenarios and of sweeps
    #[arg(long, value_enum, default_value_t)]
    pub format: SchemaFormat,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum SchemaKind {
    /// Scenario files
    #[default]
    Scenario,
    /// Sweep files
    Sweep,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub(super) enum SchemaFormat {
    #[default]
    Json,
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct ValidateArguments {
    /// Seconds instead of minutes: shorter runs, and so wider intervals
    #[arg(long)]
    pub quick: bool,
    /// Seed of all random numbers
    #[arg(long, value_name = "N", allow_negative_numbers = true, default_value_t = 1)]
    #[arg(value_parser = whole(0..=u64::MAX))]
    pub seed: u64,
    /// Write to DIR instead of output/validate
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Threads to simulate on [default: one per core]; results do not depend on it
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    #[arg(value_parser = whole(1..=MAX_THREADS))]
    pub threads: Option<u16>,
    /// Print nothing but the results and errors
    #[arg(long, short)]
    pub quiet: bool,
    /// Form of the results on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// Reads a whole number within a range, and says of anything else what it should have been.
fn whole<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: FromStr + PartialOrd + Display + Clone,
{
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        let (low, high) = (range.start(), range.end());
        number.ok_or_else(|| format!("expected a whole number from {low} to {high}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }
}
