//! Whether cost grows with the number of requests, and memory does not: the serving path with ten
//! times the requests, in processor time and peak memory.
//!
//! Not a statistical bench: it prints one table. Without `--bench`, as the tests run it, it only
//! shows that it works.

mod common {
    pub(crate) mod scenarios;
}

use common::scenarios::{requests, scenario};
use coopsim::simulation::Prepared;
use nix::sys::resource::{Usage, UsageWho, getrusage};

/// Requests per simulated second in the scenario.
const RATE: u64 = 500;
const ROUNDS: usize = 5;

/// One replication of a given length.
struct Run {
    requests: u64,
    user_s: f64,
    system_s: f64,
    /// Of the process until then.
    peak_mb: f64,
}

fn main() {
    let measuring = std::env::args().any(|argument| argument == "--bench");
    let (few, rounds) = if measuring { (1_000_000, ROUNDS) } else { (1_000, 1) };
    println!("requests     user s   system s   requests per CPU-second   peak memory, MB");
    let (mut ratios, mut least_s) = (Vec::new(), [f64::INFINITY; 2]);
    for _ in 0..rounds {
        // In turn, so that both see the same neighbours.
        let pair = [few, 10 * few].map(|requests| {
            let run = run(requests);
            run.print();
            run
        });
        ratios.push(pair[1].user_s / pair[0].user_s);
        least_s = [0, 1].map(|size| least_s[size].min(pair[size].user_s));
    }
    ratios.sort_by(f64::total_cmp);
    if measuring {
        let median = ratios[rounds / 2];
        // Neighbours only add, so the least times are the nearest to the program's own.
        let of_least = least_s[1] / least_s[0];
        println!(
            "ten times the requests take {median:.2} times the user time (median of the rounds), \
             {of_least:.2} times (least of each)"
        );
    }
}

fn run(requests_wanted: u64) -> Run {
    let horizon = format!("window.horizon={}s", requests_wanted / RATE);
    let scenario = scenario("benches/scenarios/serving.yaml", &[&horizon]);
    let prepared = Prepared::new(&scenario.variants[0].setup).expect("the replicas have room");
    let before = usage();
    let requests = requests(&prepared);
    let after = usage();
    Run {
        requests,
        user_s: user_s(&after) - user_s(&before),
        system_s: system_s(&after) - system_s(&before),
        peak_mb: peak_mb().unwrap_or(f64::NAN),
    }
}

impl Run {
    fn print(&self) {
        let rate = self.requests as f64 / (self.user_s + self.system_s);
        let Self { requests, user_s, system_s, peak_mb } = self;
        println!(
            "{requests:>10}   {user_s:>6.2}   {system_s:>6.2}   {rate:>21.0}   {peak_mb:>15.1}"
        );
    }
}

fn usage() -> Usage {
    getrusage(UsageWho::RUSAGE_SELF).expect("a process knows what it uses")
}

fn user_s(usage: &Usage) -> f64 {
    let time = usage.user_time();
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}

fn system_s(usage: &Usage) -> f64 {
    let time = usage.system_time();
    time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6
}

/// Peak resident memory of this program, on Linux. `getrusage` would do elsewhere, but counts
/// whoever started the program: under cargo, cargo itself.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}
