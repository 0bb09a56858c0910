//! When calls arrive.

use crate::engine::SimDuration;
use crate::scenario::legible::computed;
use crate::scenario::path::Path;
use crate::scenario::schema::{self, Family};
use crate::scenario::section::{Checker, laws, servegen};
use crate::units::PerSecond;
use crate::workload::{self, Client, ClientGaps, Distribution, Mmpp, MmppState, Process, Renewal};

/// Calls per second: more than any accelerator cloud sees.
const MAX_RATE: f64 = 1e9;
/// Clients of an application, at most: each has a random stream of its own.
const MAX_CLIENTS: u32 = 10_000;
/// Changes of state in the simulation, at most: they take time, though nothing comes of them.
const MAX_SWITCHES: f64 = 1e9;
/// Coefficients of variation of gaps; those of a Pareto law start above 1.
const CV: std::ops::RangeInclusive<f64> = 0.01..=100.0;
const PARETO_CV: std::ops::RangeInclusive<f64> = 1.01..=100.0;

/// The arrivals at `at` in a simulation of so long, without modulation; `None` if something is wrong with them.
pub(in crate::scenario) fn resolve(
    at: &Path,
    given: &schema::Arrivals,
    length: SimDuration,
    check: &mut Checker,
) -> Option<(PerSecond, Process)> {
    use schema::Arrivals as Given;
    let renewal = |word: &str, rate: PerSecond, renewal, check: &mut Checker| {
        check_rate(&at.key(word), rate, check).then_some((rate, Process::Renewal(renewal)))
    };
    match given {
        Given::Poisson { rate } => renewal("poisson", *rate, Renewal::Poisson, check),
        Given::Deterministic { rate } => {
            renewal("deterministic", *rate, Renewal::Deterministic, check)
        }
        Given::Gamma { rate, cv } => varying(at, "gamma", *rate, Family::Gamma, *cv, check),
        Given::Weibull { rate, cv } => varying(at, "weibull", *rate, Family::Weibull, *cv, check),
        Given::Lognormal { rate, cv } => {
            varying(at, "lognormal", *rate, Family::Lognormal, *cv, check)
        }
        Given::Pareto { rate, cv } => varying(at, "pareto", *rate, Family::Pareto, *cv, check),
        Given::Mmpp { rate, states } => {
            let at = at.key("mmpp");
            let sound = check_rate(&at, *rate, check);
            let mmpp = mmpp(&at.key("states"), states, length, check)?;
            sound.then_some((*rate, Process::Mmpp(mmpp)))
        }
        Given::Clients(given) => clients(&at.key("clients"), given, check),
        Given::ClientTable(given) => client_table(&at.key("client-table"), given, check),
        Given::Servegen(given) => servegen::clients(&at.key("servegen"), given, check),
    }
}

fn check_rate(at: &Path, rate: PerSecond, check: &mut Checker) -> bool {
    check.range(&at.key("rate"), rate.0, 0.0..=MAX_RATE, "/s")
}

fn varying(
    at: &Path,
    word: &str,
    rate: PerSecond,
    family: Family,
    cv: f64,
    check: &mut Checker,
) -> Option<(PerSecond, Process)> {
    let at = at.key(word);
    let gaps = gaps(&at.key("cv"), family, cv, check);
    let sound = check_rate(&at, rate, check);
    gaps.filter(|_| sound).map(|renewal| (rate, Process::Renewal(renewal)))
}

/// Gaps with the coefficient of variation `cv`, which stands at `at`.
fn gaps(at: &Path, family: Family, cv: f64, check: &mut Checker) -> Option<Renewal> {
    match drawn_family(family) {
        Some(drawn) => check.range(at, cv, range(family), "").then(|| drawn.renewal(cv)),
        None if cv == 1.0 => Some(Renewal::Poisson),
        None => {
            check.refuse(at, format!("found {cv}, but `poisson` gaps have a `cv` of 1"));
            None
        }
    }
}

/// The family, unless it has one law only.
fn drawn_family(family: Family) -> Option<workload::Family> {
    match family {
        Family::Poisson => None,
        Family::Gamma => Some(workload::Family::Gamma),
        Family::Weibull => Some(workload::Family::Weibull),
        Family::Lognormal => Some(workload::Family::Lognormal),
        Family::Pareto => Some(workload::Family::Pareto),
    }
}

fn range(family: Family) -> std::ops::RangeInclusive<f64> {
    match family {
        Family::Pareto => PARETO_CV,
        Family::Poisson | Family::Gamma | Family::Weibull | Family::Lognormal => CV,
    }
}

fn mmpp(
    at: &Path,
    given: &[schema::MmppState],
    length: SimDuration,
    check: &mut Checker,
) -> Option<Mmpp> {
    let count = given.len();
    let mut sound = true;
    for (index, state) in given.iter().enumerate() {
        let at = at.index(index);
        sound &= check.range(&at.key("factor"), state.factor, 0.0..=1e9, "");
        if state.sojourn == SimDuration::ZERO {
            check.refuse(&at.key("sojourn"), "a visit lasts longer than 0s");
            sound = false;
        }
        let Some(next) = &state.next else { continue };
        if next.len() != count {
            let found = next.len();
            let message = format!("found {found} weights, expected {count}: one for each state");
            check.refuse(&at.key("next"), message);
            sound = false;
        } else if next[index] != 0.0 {
            let message = "a state does not follow itself: its own weight is 0";
            check.refuse(&at.key("next").index(index), message);
            sound = false;
        }
    }
    let cycle = |index: usize| (0..count).map(|to| f64::from(to == (index + 1) % count)).collect();
    let states = given.iter().enumerate().map(|(index, state)| MmppState {
        factor: state.factor,
        sojourn: state.sojourn,
        next: state.next.clone().unwrap_or_else(|| cycle(index)),
    });
    let mmpp = Mmpp { states: states.collect() };
    if !sound {
        return None;
    }
    if let Err(problem) = mmpp.validate() {
        check.refuse(at, problem);
        return None;
    }
    let switches = mmpp.switches_per_s() * length.as_secs_f64();
    if switches > MAX_SWITCHES {
        let message = format!(
            "about {switches:.1e} changes of state until the end of the drain are too many: at most {MAX_SWITCHES:e}"
        );
        check.refuse(at, message);
        return None;
    }
    Some(mmpp)
}

fn clients(
    at: &Path,
    given: &schema::Clients,
    check: &mut Checker,
) -> Option<(PerSecond, Process)> {
    let sound = check_rate(at, given.rate, check)
        & check.range(&at.key("count"), given.count, 1..=MAX_CLIENTS, "")
        & check.range(&at.key("zipf"), given.zipf, 0.0..=10.0, "");
    let gaps = client_gaps(at, given, check)?;
    if !sound {
        return None;
    }
    let weights: Vec<f64> =
        (1..=given.count).map(|rank| f64::from(rank).powf(-given.zipf)).collect();
    // From the smallest, so that none is lost.
    let total = weights.iter().rev().sum::<f64>();
    let clients = weights.iter().enumerate().map(|(index, weight)| Client {
        name: (index + 1).to_string(),
        share: weight / total,
        gaps: gaps.clone(),
        lengths: None,
    });
    Some((given.rate, Process::Clients(clients.collect())))
}

/// What the gaps of all clients have in common.
fn client_gaps(at: &Path, given: &schema::Clients, check: &mut Checker) -> Option<ClientGaps> {
    let path = at.key("cv");
    let Some(law) = &given.cv else {
        if given.family == Family::Pareto {
            check.refuse_key(at, "missing field `cv`: that of `pareto` gaps is above 1");
            return None;
        }
        return Some(ClientGaps::Given(Renewal::Poisson));
    };
    let Some(family) = drawn_family(given.family) else {
        check.refuse_key(&path, "`cv` does not go with `family: poisson`, where it is 1");
        return None;
    };
    let cv = laws::numbers(&path, law, *CV.end(), check)?;
    let ((least, most), allowed) = (cv.range(), range(given.family));
    if !allowed.contains(&least) || !allowed.contains(&most) {
        let (low, high) = (allowed.start(), allowed.end());
        let message = format!(
            "draws from {least} to {most}, expected {low} to {high}: give the law limits, `min` and `max`"
        );
        check.refuse(&path, message);
        return None;
    }
    Some(match cv {
        Distribution::Constant(cv) => ClientGaps::Given(family.renewal(cv)),
        cv => ClientGaps::Drawn { family, cv },
    })
}

fn client_table(
    at: &Path,
    given: &[schema::Client],
    check: &mut Checker,
) -> Option<(PerSecond, Process)> {
    let names = given.iter().enumerate();
    check.names_up_to(
        MAX_CLIENTS as usize,
        "client",
        at,
        names.map(|(index, one)| (at.index(index).key("name"), &*one.name)),
    );
    let total = given.iter().map(|client| client.rate.0).sum::<f64>();
    let mut clients = Vec::new();
    for (index, one) in given.iter().enumerate() {
        let at = at.index(index);
        let sound = check_rate(&at, one.rate, check);
        let gaps = gaps(&at.key("cv"), one.family, one.cv, check);
        let lengths = one.lengths.as_ref();
        let lengths = lengths.map(|given| laws::lengths(&at.key("lengths"), given, check));
        let Some(renewal) = gaps.filter(|_| sound) else { continue };
        clients.push(Client {
            name: one.name.clone(),
            share: one.rate.0 / total,
            gaps: ClientGaps::Given(renewal),
            lengths,
        });
    }
    if clients.len() < given.len() || given.is_empty() {
        return None;
    }
    if total == 0.0 {
        check.refuse(at, "at least one client needs a rate above 0");
        return None;
    }
    if total > MAX_RATE {
        let total = computed(total);
        check.refuse(at, format!("the rates sum to {total}/s, expected at most {MAX_RATE}/s"));
        return None;
    }
    Some((PerSecond(total), Process::Clients(clients)))
}
