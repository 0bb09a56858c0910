//! Everything that is tested through the program and its public interface. One binary: linking one for
//! each subject took longer than running them.

mod absurd_numbers;
mod azure;
mod batching;
mod capacity;
mod cases;
mod cli_catalog;
mod cli_help;
mod cli_run;
mod cli_validate;
mod closed_loop;
mod conversations;
mod costs;
mod data;
mod desk;
mod determinism;
mod exact_skipping;
mod headline;
mod hostile_names;
mod killed;
mod mooncake;
mod prefixes;
mod published;
mod random_scenarios;
mod report_folder;
mod report_output;
mod report_page;
mod roofline;
mod routing;
mod servegen;
mod servegen_tables;
mod splitwise;
mod theory;
mod workload_statistics;
mod workload_traces;
mod wrong_input;
