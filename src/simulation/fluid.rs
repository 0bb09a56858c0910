//! How many calls there are at once when there are the most, before anything is simulated.
//!
//! Calls are a fluid. It flows to each model at the expected rates of its applications, and its replicas take out what
//! they can do from the instant on at which they serve. So it piles up while they are not ready, at times when more comes
//! than they can do, and through the drain, in which others go on calling. Bursts that come at random are added: means do
//! not show them.

use super::prepared::Prepared;
use crate::engine::{SimDuration, SimTime, Span};
use crate::ids::{ApplicationId, DeploymentId, ModelId};
use crate::planning::{Server, Shares, link_rate};
use crate::scheduler::Routing;
use typed_index_collections::{TiSlice, TiVec, ti_vec};

/// Equal steps in which the simulated time is looked at; more where a rate has a profile of shorter ones, up to a limit.
const STEPS: u64 = 256;
const MOST_STEPS: u64 = 2048;
/// By how much batches stretch the latency of a call alone where replicas are saturated, to say how many are in
/// flight.
const STRETCH: f64 = 3.0;

/// This part of all simulations has a longer burst than the one that is looked at.
const RARE: f64 = 0.01;

/// Calls of each application that are in the system at once, at most; of users who wait for answers none.
pub(super) fn most_at_once(prepared: &Prepared<'_>) -> TiVec<ApplicationId, f64> {
    let flows = Flows::new(prepared);
    let mut most = ti_vec![0.0; prepared.setup.applications.len()];
    let mut basins: Vec<_> =
        prepared.setup.models.keys().map(|model| Basin::new(prepared, &flows, model)).collect();
    flows.run(&mut basins);
    for basin in &basins {
        let crest = basin.crest(prepared, &flows);
        let all: f64 = flows.of(basin.model).map(|(_, calls)| calls).sum();
        for (application, calls) in flows.of(basin.model).filter(|&(_, calls)| calls > 0.0) {
            most[application] += (crest * calls / all).min(calls);
        }
    }
    most
}

/// What flows in, step by step.
struct Flows {
    /// Where steps begin and end.
    instants: Vec<SimTime>,
    /// The end of the measured time.
    horizon: SimTime,
    /// Calls in each step, of conversations the first ones: those who converse have one call each at once.
    entering: TiVec<ApplicationId, Vec<f64>>,
    /// Without calls for which there is no room: they are turned away at once.
    shares: TiVec<ApplicationId, Shares>,
}

impl Flows {
    fn new(prepared: &Prepared<'_>) -> Self {
        let mut shares = prepared.shares.clone();
        for one in prepared.too_long.iter().filter(|one| one.all) {
            shares[one.application][one.model] = 0.0;
        }
        let (instants, horizon) = instants(prepared);
        let entering = prepared.sources.iter().map(|source| source.entering(&instants)).collect();
        Self { instants, horizon, entering, shares }
    }

    /// All calls that flow to a model, of each application.
    fn of(&self, model: ModelId) -> impl Iterator<Item = (ApplicationId, f64)> {
        let all = |steps: &Vec<f64>| steps.iter().sum::<f64>();
        let each = self.entering.iter_enumerated().zip(&self.shares);
        each.map(move |((application, steps), shares)| (application, all(steps) * shares[model]))
    }

    /// How many calls a model gets for each that flows to it: of a conversation all its turns.
    fn turns(&self, prepared: &Prepared<'_>, model: ModelId) -> f64 {
        let (mut entering, mut calls) = (0.0, 0.0);
        for (application, own) in self.of(model) {
            let turns = prepared.sources[application]
                .turns(&prepared.expected[application], prepared.setup.window.span());
            entering += own;
            calls += own * turns;
        }
        if entering > 0.0 { calls / entering } else { 1.0 }
    }

    fn steps(&self) -> impl Iterator<Item = (usize, Span)> {
        let pairs = self.instants.windows(2).enumerate();
        pairs.map(|(step, pair)| (step, Span { start: pair[0], end: pair[1] }))
    }

    /// From the start until nobody is left who called before the horizon, or the drain is over.
    fn run(&self, basins: &mut [Basin]) {
        for (step, span) in self.steps() {
            if span.start == self.horizon {
                basins.iter_mut().for_each(Basin::mark);
            }
            if span.start >= self.horizon
                && basins.iter().all(|basin| basin.is_clear(span.start, self.horizon))
            {
                return;
            }
            for basin in &mut *basins {
                let shares = self.entering.iter().zip(&self.shares);
                let calls = shares.map(|(steps, shares)| steps[step] * shares[basin.model]).sum();
                basin.flow(calls, span);
            }
        }
    }

    /// How long it is looked at.
    fn seconds(&self) -> f64 {
        let [first, .., last] = &*self.instants else { return 0.0 };
        last.since(*first).as_secs_f64()
    }
}

/// Where steps begin and end, and the end of the measured time.
fn instants(prepared: &Prepared<'_>) -> (Vec<SimTime>, SimTime) {
    let setup = prepared.setup;
    let Span { start, mut end } = setup.window.followed();
    let corners: Vec<_> = prepared.sources.iter().map(|source| source.corners()).collect();
    if setup.window.ends_with_calls {
        let ends = prepared.sources.iter().filter_map(|source| source.ends_at());
        end = after(ends.max().unwrap_or(start).max(start));
    }
    let horizon = setup.window.span().end.min(end);
    let length = horizon.since(start).as_nanos();
    let finest = corners.iter().filter_map(|(_, step)| *step).min();
    let finest = finest.map_or(0, |step| length / step.as_nanos().max(1));
    let steps = finest.clamp(STEPS, MOST_STEPS);
    let step = length.div_ceil(steps).max(1);
    let drain = end.since(horizon).as_nanos();
    let drained = drain.div_ceil(MOST_STEPS).max(step);
    let even = |from: SimTime, length: u64, step: u64| {
        (0..length.div_ceil(step)).map(move |index| from + SimDuration::from_nanos(index * step))
    };
    let mut instants: Vec<_> =
        even(start, length, step).chain(even(horizon, drain, drained)).collect();
    instants.extend(corners.into_iter().flat_map(|(corners, _)| corners));
    instants.extend(setup.deployments.keys().map(|each| start + setup.starts_after(each)));
    // What comes at one instant is a step of its own.
    let ends = prepared.sources.iter().filter_map(|source| source.ends_at());
    instants.extend(ends.flat_map(|at| [at, after(at)]));
    instants.extend([horizon, end]);
    instants.retain(|at| (start..=end).contains(at));
    instants.sort_unstable();
    instants.dedup();
    (instants, horizon)
}

fn after(at: SimTime) -> SimTime {
    at + SimDuration::from_nanos(1)
}

/// A model: what is in front of its replicas and in them.
struct Basin {
    model: ModelId,
    /// One for all replicas, or one for each deployment if calls are sent without a look at who is busy.
    lines: Vec<Line>,
    /// How long a call takes that does not wait, and how many turns it stands for.
    latency_s: f64,
    turns: f64,
    /// What has flowed in, and the most that was there at once.
    entered: f64,
    highest: f64,
}

/// Where calls wait.
struct Line {
    outlets: Vec<Outlet>,
    replicas: f64,
    /// How many calls have a place, those in service included.
    places: f64,
    /// Those who wait.
    level: f64,
    /// Of them, those who called before the horizon.
    marked: f64,
    /// Whether nobody is served before others who came earlier.
    in_order: bool,
}

/// The replicas of a deployment.
struct Outlet {
    per_s: f64,
    ready: SimTime,
}

impl Basin {
    fn new(prepared: &Prepared<'_>, flows: &Flows, model: ModelId) -> Self {
        let turns = flows.turns(prepared, model);
        let counts = prepared.plan.counts(prepared.setup);
        let own = |each: &DeploymentId| {
            prepared.pool_of[*each] == prepared.pool(model) && counts[*each] > 0
        };
        let own = || prepared.setup.deployments.keys().filter(own);
        let lines = own().map(|each| Line::new(prepared, each, &counts, turns));
        let lines = match prepared.setup.scheduler.routing {
            Routing::RoundRobin => lines.collect(),
            _ => lines.reduce(Line::with).into_iter().collect(),
        };
        let offered = &prepared.offered[model];
        let load = offered.load().unwrap_or(1.0).min(1.0);
        let latency = |each: DeploymentId| {
            let server = &prepared.servers[each];
            let stretch = match server {
                Server::Tokens { .. } => 1.0 + (STRETCH - 1.0) * load,
                Server::Slots { .. } => 1.0,
            };
            stretch * server.mean_unloaded_s(&offered.demand.expected)
        };
        let latency_s = own().map(latency).fold(0.0, f64::max);
        Self { model, lines, latency_s, turns, entered: 0.0, highest: 0.0 }
    }

    /// So many calls flow in while `span` lasts, and others out.
    fn flow(&mut self, calls: f64, span: Span) {
        self.entered += calls;
        let is_ready = |line: &Line| line.outlets.iter().any(|outlet| outlet.ready <= span.start);
        // Those who are not ready get calls if nobody is.
        let some_ready = self.lines.iter().any(is_ready);
        let takes = |line: &Line| is_ready(line) || !some_ready;
        let replicas: f64 =
            self.lines.iter().filter(|line| takes(line)).map(|line| line.replicas).sum();
        let mut there = 0.0;
        for line in &mut self.lines {
            let part = if takes(line) { calls * line.replicas / replicas } else { 0.0 };
            let served_per_s = line.flow(part, span);
            let in_service = served_per_s * self.latency_s * self.turns;
            there += (line.level + in_service).min(line.places);
        }
        self.highest = self.highest.max(there.min(self.entered));
    }

    /// Whoever is there now called before the horizon.
    fn mark(&mut self) {
        for line in &mut self.lines {
            let for_good = !line.in_order && line.level > 0.0;
            line.marked = if for_good { f64::INFINITY } else { line.level };
        }
    }

    /// Whether at an instant nobody is left who called before the horizon.
    fn is_clear(&self, now: SimTime, horizon: SimTime) -> bool {
        let latest = horizon + SimDuration::from_secs_f64(self.latency_s);
        now >= latest && self.lines.iter().all(|line| line.marked == 0.0)
    }

    /// The most that is there at once, with the largest burst of each application that is to be reckoned with.
    fn crest(&self, prepared: &Prepared<'_>, flows: &Flows) -> f64 {
        let seconds = flows.seconds();
        let outlets = || self.lines.iter().flat_map(|line| &line.outlets);
        let able: f64 = outlets().map(|outlet| outlet.per_s).sum();
        let all = flows.of(self.model).map(|(_, calls)| calls).sum::<f64>() / seconds;
        let burst = |(application, calls): (ApplicationId, f64)| {
            let own = calls / seconds;
            let heights = prepared.sources[application].bursts().into_iter().map(|burst| {
                let above = all + own * (burst.factor - 1.0) - able.max(all);
                // Of n exponential times with mean 1 the longest is above x in n·exp(−x) of all cases, if those are few.
                let visits = burst.per_s * seconds;
                let longest_s = burst.length_s * (visits / RARE).ln().max(0.0);
                (above * longest_s.min(seconds)).clamp(0.0, calls)
            });
            heights.fold(0.0, f64::max)
        };
        let bursts: f64 = flows.of(self.model).map(burst).sum();
        let places: f64 = self.lines.iter().map(|line| line.places).sum();
        (self.highest + bursts).min(places)
    }
}

impl Line {
    /// Of the replicas of a deployment, where a call is made again for each of its turns.
    fn new(
        prepared: &Prepared<'_>,
        deployment: DeploymentId,
        counts: &TiSlice<DeploymentId, u64>,
        turns: f64,
    ) -> Self {
        let able = |each: DeploymentId| counts[each] as f64 * prepared.rates.planned[each];
        let ready = |each| prepared.setup.window.start + prepared.setup.starts_after(each);
        let (mut per_s, mut from) = (able(deployment), ready(deployment));
        if let Some(onward) = prepared.onward[deployment] {
            let spec = &prepared.setup.deployments[deployment];
            let link = link_rate(spec, &prepared.offered[spec.model].demand.expected);
            per_s = per_s.min(able(onward.decode)).min(link);
            from = from.max(ready(onward.decode));
        }
        let replicas = counts[deployment] as f64;
        Self {
            outlets: vec![Outlet { per_s: per_s / turns, ready: from }],
            replicas,
            places: prepared.places(deployment) * replicas,
            level: 0.0,
            marked: 0.0,
            in_order: !prepared.servers[deployment].shares(),
        }
    }

    /// This line and another made one.
    fn with(mut self, other: Self) -> Self {
        self.outlets.extend(other.outlets);
        self.replicas += other.replicas;
        self.places += other.places;
        self.in_order &= other.in_order;
        self
    }

    /// So many calls flow in while `span` lasts, and others out. Returns how many a second flow out.
    fn flow(&mut self, calls: f64, span: Span) -> f64 {
        let ready = self.outlets.iter().filter(|outlet| outlet.ready <= span.start);
        let seconds = span.length().as_secs_f64();
        let able = ready.map(|outlet| outlet.per_s).sum::<f64>() * seconds;
        let out = able.min(self.level + calls);
        self.level = (self.level + calls - out).min(self.places);
        self.marked = (self.marked - able).max(0.0);
        out / seconds
    }
}

#[cfg(test)]
mod tests;
