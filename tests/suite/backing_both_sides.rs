//! What the shipped scenario of strategies in worlds says of itself, from its results.

use crate::section::{assert_comment, wrapped};
use coopsim::experiment::{self, Bounded, Options, Payoff, Results, StrategyPayoff};
use coopsim::scenario;
use std::path::Path;
use std::sync::atomic::AtomicBool;

const FILE: &str = "scenarios/backing-both-sides.yaml";

fn results() -> Results {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(FILE);
    let scenario = scenario::load(&file, &scenario::Overrides::default()).expect("it is sound");
    experiment::run(&scenario, &Options::default(), &|_| {}, &AtomicBool::new(false))
        .expect("it runs")
}

fn strategy<'a>(payoff: &'a Payoff, name: &str) -> &'a StrategyPayoff {
    payoff.strategies.iter().find(|strategy| strategy.name == name).expect("a strategy")
}

fn usd(found: &Bounded) -> String {
    format!("{:.2} USD", found.value).replace('-', "−")
}

fn listed(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

/// Which strategy is best in a world, or which ones may be.
fn best_in(payoff: &Payoff, world: usize) -> String {
    let may_be = payoff.strategies.iter().filter(|strategy| strategy.cells[world].may_be_best);
    let may_be: Vec<_> = may_be.collect();
    let names: Vec<_> = may_be.iter().map(|strategy| &*strategy.name).collect();
    let (name, worst) = (&payoff.worlds[world].name, |strategy: &&StrategyPayoff| {
        strategy.cells[world].regret.value
    });
    let wrong = payoff.strategies.iter().max_by(|a, b| worst(a).total_cmp(&worst(b)));
    let wrong = wrong.expect("there are strategies");
    let cost = usd(&wrong.cells[world].regret);
    match names[..] {
        [only] => format!(
            "- {name}: {only} is best, with {}. The wrong bet, {}, costs {cost}.",
            usd(&may_be[0].cells[world].mean),
            wrong.name
        ),
        _ => format!(
            "- {name}: {} are not told apart. The wrong bet, {}, costs {cost}.",
            listed(&names),
            wrong.name
        ),
    }
}

#[test]
fn findings_are_those_of_its_results() {
    let results = results();
    let margin = &results.payoffs[0];
    assert_eq!(margin.metric, "margin.operating_usd");
    let worlds: Vec<_> = (0..margin.worlds.len()).map(|world| best_in(margin, world)).collect();
    let of = |name: &str| strategy(margin, name);
    let neutral = of("neutral");
    let exclusive = [of("exclusive-Aurora"), of("exclusive-Borealis")];
    // What the sentences say beyond their numbers.
    assert_eq!(margin.minimax.candidates, ["neutral"], "the least regret is shown");
    for other in exclusive {
        let [here, there] = [neutral, other].map(|one| one.cvar.bounds.expect("intervals"));
        assert!(here.low > there.high, "the worst of {} is worse", other.name);
        assert!(neutral.deviation.value < other.deviation.value);
    }
    let best = &margin.best;
    let open: Vec<_> = best.candidates.iter().map(String::as_str).collect();
    let mean = match open[..] {
        [only] => format!("{only} has the largest, {}", usd(&of(only).mean)),
        _ => format!(
            "{} are not told apart ({})",
            listed(&open),
            open.iter().map(|name| usd(&of(name).mean)).collect::<Vec<_>>().join(", ")
        ),
    };
    let text = format!(
        "What comes out, in operating margin of {minutes} minutes:\n\
         {worlds}\n\
         - In the mean over all worlds {mean}; {named} was named, and is within {zone:.2} USD of the best with a \
           probability of at least {bound:.2} (P*).\n\
         - Backing both sides is insurance. Whatever comes, neutral gives up {least} at the worst, and the exclusive \
           strategies {most}. Its worst 5 % have a mean of {cvar}, theirs of {cvars}; its standard deviation is \
           {deviation}, theirs {deviations}.\n\
         - It depends on the terms assumed: half of the customers of each, or all of those of one. At other parts \
           exclusivity pays more, or less.",
        minutes = results.measured_s / 60.0,
        worlds = worlds.join("\n"),
        named = best.strategy,
        zone = best.zone,
        bound = (best.bound * 100.0).floor() / 100.0,
        least = usd(&neutral.regret),
        most = exclusive.map(|one| usd(&one.regret)).join(" and "),
        cvar = usd(&neutral.cvar),
        cvars = exclusive.map(|one| usd(&one.cvar)).join(" and "),
        deviation = usd(&neutral.deviation),
        deviations = exclusive.map(|one| usd(&one.deviation)).join(" and "),
    );
    assert_comment(FILE, "findings", &wrapped(&text));
}
