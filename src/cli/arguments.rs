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
    /// Validate scenarios and print them resolved, with an estimate of the work; run nothing
    Check(CheckArguments),
    /// Draw the charts and the HTML report of an output folder again
    Report(ReportArguments),
    /// List accelerators, architectures and prices with their sources
    Catalog(CatalogArguments),
    /// Print the JSON Schema of scenario files, for editors and other programs
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
pub(super) struct CheckArguments {
    #[command(flatten)]
    pub scenarios: ScenarioArguments,
    /// Print nothing but errors: the exit status tells
    #[arg(long, short)]
    pub quiet: bool,
}

/// Which scenarios, and what to change in them.
#[derive(Debug, Args)]
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
    /// A folder that `run` or `compare` wrote
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
    /// Form of the schema; markdown is the reference of all keys
    #[arg(long, value_enum, default_value_t)]
    pub format: SchemaFormat,
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
