//! Everything that is tested through the program and its public interface. One binary: linking one for
//! each subject took longer than running them.

// `pub` is for whoever else in this binary needs it; nothing stands outside.
#![allow(unreachable_pub)]

mod absurd_numbers;
mod azure;
mod backing_both_sides;
mod batching;
mod capacity;
mod cases;
mod cli_catalog;
mod cli_help;
mod cli_run;
mod cli_validate;
mod closed_loop;
mod contracts;
mod conversations;
mod costs;
mod curves;
mod data;
mod desk;
mod determinism;
mod documents;
mod empty_words;
mod exact_skipping;
mod headline;
mod hostile_names;
mod in_place;
mod kernels;
mod killed;
mod latency;
mod layers;
mod mooncake;
mod mutants;
mod payoff;
mod policies;
mod prefixes;
mod published;
mod random_scenarios;
mod readme;
mod report_folder;
mod report_output;
mod report_page;
mod roofline;
mod routing;
mod saturation;
mod schema;
mod section;
mod servegen;
mod servegen_tables;
mod splitwise;
mod stored;
mod sweep;
mod theory;
mod warmup;
mod why;
mod window;
mod window_start;
mod workload_statistics;
mod workload_traces;
mod wrong_input;
