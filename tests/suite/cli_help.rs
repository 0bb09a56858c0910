//! The command line explains itself, and says what is wrong with it.

use assert_cmd::Command;
use predicates::prelude::*;

fn coopsim() -> Command {
    let mut command = Command::cargo_bin("coopsim").expect("the binary is built");
    command.env("COLUMNS", "80");
    command
}

fn stdout(arguments: &[&str]) -> String {
    let output = coopsim().args(arguments).assert().success().stderr("").get_output().clone();
    String::from_utf8(output.stdout).expect("output is text")
}

#[test]
fn help_fits_80_columns() {
    for arguments in [
        vec!["--help"],
        vec!["run", "--help"],
        vec!["compare", "--help"],
        vec!["check", "--help"],
        vec!["report", "--help"],
        vec!["catalog", "--help"],
        vec!["schema", "--help"],
        vec!["validate", "--help"],
        vec!["completions", "--help"],
    ] {
        for line in stdout(&arguments).lines() {
            assert!(line.chars().count() <= 80, "{arguments:?}: {line}");
        }
    }
}

#[test]
fn help_names_the_commands() {
    insta::assert_snapshot!(stdout(&["-h"]), @r#"
    Simulates a cloud of accelerators that hosts rival model vendors

    Usage: coopsim <COMMAND>

    Commands:
      run          Run scenarios and print the numbers of every variant
      compare      Run scenarios and add each variant's paired differences against
                   the first
      sweep        Run a scenario at many points of its parameters; what is done is
                   kept, and the same command goes on
      merge        Put the shards of a sweep together
      check        Validate scenarios and print them resolved, with an estimate of
                   the work; run nothing
      report       Draw the charts and the HTML report of an output folder again
      catalog      List accelerators, architectures and prices with their sources
      schema       Print the JSON Schema of scenario or sweep files, for editors and
                   other programs
      validate     Compare simulations with queueing theory and with published
                   measurements
      completions  Print a shell's completion script

    Options:
      -h, --help     Print help (see more with '--help')
      -V, --version  Print version

    Examples:
      coopsim compare scenarios/one-winner-vs-split.yaml
      coopsim check my.yaml --set cloud.regions[0].clusters[0].nodes=16
      coopsim catalog accelerators
    "#);
}

#[test]
fn help_of_run_names_the_flags() {
    insta::assert_snapshot!(stdout(&["run", "-h"]), @"
    Run scenarios and print the numbers of every variant

    Usage: coopsim run [OPTIONS] <SCENARIO>...

    Arguments:
      <SCENARIO>...  Scenario files (YAML)

    Options:
          --set <PATH=VALUE>  Set a value, as in
                              cloud.regions[0].clusters[1].nodes=16; may be repeated
          --seed <N>          Seed of all random numbers, instead of the scenario's
          --replications <N>  Independent replications per variant, instead of the
                              scenario's
          --variant <NAME>    Only the variant of this name
          --out <DIR>         Write to DIR instead of output/<scenario name>; with
                              several scenarios, DIR/<scenario name>; earlier
                              results of the same scenario there are replaced
          --threads <N>       Threads to run replications on [default: one per
                              core]; results do not depend on it
          --yes               Run even what may take more memory than there is, or
                              replaces another scenario's results
      -q, --quiet             Print nothing but the results and errors
          --format <FORMAT>   Form of the results on standard output; of several
                              scenarios json is an array, and csv begins with a
                              column `scenario` [default: table] [possible values:
                              table, json, csv]
      -h, --help              Print help (see more with '--help')
    ");
}

#[test]
fn version_is_the_packages() {
    assert_eq!(stdout(&["--version"]), format!("coopsim {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_command_lines_exit_with_2() {
    for (arguments, message) in [
        (vec!["run", "x.yaml", "--sed", "3"], "'--seed'"),
        (vec!["compre"], "'compare'"),
        (vec!["run"], "<SCENARIO>"),
        (vec!["run", "x.yaml", "--replications", "0"], "--replications"),
        (vec!["run", "x.yaml", "--threads", "0"], "--threads"),
        (vec!["run", "x.yaml", "--threads", "5000"], "--threads"),
        (vec!["run", "x.yaml", "--seed", "-1"], "--seed"),
        (vec!["run", "x.yaml", "--format", "xml"], "json"),
        (vec!["check", "x.yaml", "--out", "y"], "--out"),
        (vec!["catalog", "chips"], "accelerators"),
        (vec!["validate", "x.yaml"], "x.yaml"),
        (vec!["validate", "--threads", "0"], "--threads"),
        (vec!["completions", "tcsh"], "bash"),
        (vec![], "Usage"),
    ] {
        let assert = coopsim().args(&arguments).assert().code(2).stdout("");
        assert.stderr(predicate::str::contains(message));
    }
}

#[test]
fn completions_name_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = stdout(&["completions", shell]);
        for word in ["compare", "catalog", "replications"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn bash_accepts_its_completions() {
    let script = stdout(&["completions", "bash"]);
    let bash = Command::new("bash").arg("-n").write_stdin(script).ok();
    match bash {
        Ok(_) => {}
        Err(error) if error.as_output().is_none() => eprintln!("SKIPPED: no bash here"),
        Err(error) => panic!("{error}"),
    }
}
