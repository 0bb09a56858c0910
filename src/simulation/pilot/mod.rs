//! How many replicas an objective takes: found by simulating each model alone, before the run.
//!
//! A pilot is one simulation of a model with its own part of the calls ([`alone`]), on as many warm
//! replicas as are asked about. Where calls come alike at all times it measures until it has seen
//! enough of them to know the percentile that is limited: 200 beyond it, and at least 2,000 in all,
//! for at least twenty times as long as anything of the past is felt (a call's own time at that load
//! among it), after a quarter of that. Where they do not, under modulation or from a trace, it is the
//! scenario's own window. The fewest replicas that meet the objective are found by bisection
//! ([`search`]): more replicas are taken to be no worse. A pilot with other random numbers confirms
//! the number, or it is raised until one does.
//!
//! Its random numbers belong to no replication and to no seed that a scenario can have: a plan is the
//! same whatever the seed, and what is measured later was not used to make it.

mod alone;
mod search;

use super::error::SimulationError;
use super::outcome::Outcome;
use super::prepared::Prepared;
use crate::engine::SimDuration;
use crate::ids::{ClusterId, DeploymentId, ModelId};
use crate::metrics::{LatencyHistogram, MetricId};
use crate::planning::{Draft, Memo, Profiles, Unreachable};
use crate::scheduler::{CapacitySplit, Goal, Latency};
use crate::setup::{DeploymentSpec, ServingSpec, Setup};
use rayon::prelude::*;
use std::sync::atomic::AtomicBool;
use typed_index_collections::{TiVec, ti_vec};

const SEED: u64 = 0x7069_6c6f_7400;
/// Numbers that no replication has: of the pilots that search, and of those that confirm what was found.
const SEARCH: u32 = u32::MAX;
const CONFIRMATION: u32 = u32::MAX - 1;
/// How often a pilot is made twice as long, at most: calls of a queue that nearly grows take ever longer.
const MAX_EXTENSIONS: u32 = 3;
/// Calls beyond a percentile that it takes to know it.
const TAIL_CALLS: f64 = 200.0;
const MIN_CALLS: f64 = 2000.0;
/// A pilot measures for at least so many times as long as the past is felt.
const MEMORIES: f64 = 20.0;
/// Of a model that hardly anybody calls fewer calls have to do: those of others, which are turned away at once,
/// take their time, too.
const MAX_CALLS: f64 = 1e6;
/// Nothing is measured for longer than about ten years.
const MAX_SECONDS: f64 = 3e8;
/// The load at which the search starts.
const GUESSED_LOAD: f64 = 0.7;

/// What one pilot is to find out.
#[derive(Clone, Debug, PartialEq)]
struct Question {
    /// The model alone, under `fixed` capacity; its replicas are what is asked for.
    setup: Setup,
    /// The model's index there.
    model: ModelId,
    goals: Vec<Goal>,
    /// Whether calls come alike at all times, so that the length of a pilot may be chosen.
    steady: bool,
    /// A number of replicas to start from.
    guess: u32,
}

/// Replicas of each of the model's deployments, or the goal that no number of them meets.
type Answer = Result<Vec<u32>, Missed>;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Missed {
    goal: Goal,
    /// The best value found, in seconds.
    best_s: f64,
    replicas: u32,
}

/// What pilots found: each question is asked once, also by several cases.
#[derive(Debug)]
pub struct Pilots {
    answers: Vec<Answer>,
    /// The answer to what each case asks of each of its models, if it asks.
    places: Vec<TiVec<ModelId, Option<usize>>>,
    pub(super) profiles: Profiles,
}

/// What was found out before, for any cases: clones share it.
#[derive(Clone, Debug, Default)]
pub struct Known {
    answers: Memo<Question, Answer>,
    profiles: Profiles,
}

impl Pilots {
    /// Asks for every model with calls of every case whose capacity is to meet an objective, in
    /// parallel, unless the answer is `known`.
    ///
    /// # Errors
    /// When a trace cannot be read, an audit fails, or the run was cancelled: the index of a case, and
    /// why.
    pub fn find(
        setups: &[Setup],
        known: &Known,
        cancelled: &AtomicBool,
    ) -> Result<Self, (usize, SimulationError)> {
        let mut asked: Vec<(usize, Question)> = Vec::new();
        let mut place = |case: usize, question: Question| {
            let known = asked.iter().position(|(_, known)| *known == question);
            known.unwrap_or_else(|| {
                asked.push((case, question));
                asked.len() - 1
            })
        };
        let mut places = Vec::new();
        // No more drafts at once than there are threads.
        for some in setups.chunks(rayon::current_num_threads()) {
            for asks in some.par_iter().map(|setup| Question::all(setup, known)).collect::<Vec<_>>()
            {
                let case = places.len();
                let asks = asks.map_err(|error| (case, error))?.into_iter();
                places.push(asks.map(|asks| asks.map(|asks| place(case, asks))).collect());
            }
        }
        let find = |(case, question): &(usize, Question)| {
            let found = known.answers.get(question, || question.find(&known.profiles, cancelled));
            found.map_err(|error| (*case, error))
        };
        // All are found before the first error is looked at: which it is does not depend on threads.
        let found: Vec<_> = asked.par_iter().map(find).collect();
        let answers = found.into_iter().collect::<Result<_, _>>()?;
        Ok(Self { answers, places, profiles: known.profiles.clone() })
    }

    /// Those of one case whose replicas are given.
    fn unasked(setup: &Setup, profiles: &Profiles) -> Self {
        let places = vec![setup.models.keys().map(|_| None).collect()];
        Self { answers: Vec::new(), places, profiles: profiles.clone() }
    }

    /// Replicas of each of the deployments of `model` that the objective of a case takes; `None` if
    /// it has no calls, or the capacity follows from something else.
    ///
    /// # Errors
    /// When no number of replicas is enough.
    pub(super) fn replicas(
        &self,
        case: usize,
        setup: &Setup,
        model: ModelId,
    ) -> Result<Option<&[u32]>, Unreachable> {
        let Some(place) = self.places[case][model] else { return Ok(None) };
        match &self.answers[place] {
            Ok(replicas) => Ok(Some(replicas)),
            Err(Missed { goal, best_s, replicas }) => Err(Unreachable {
                model: setup.models[model].name.clone(),
                part: goal.part(),
                limit: goal.limit,
                best: in_short(*best_s),
                replicas: *replicas,
            }),
        }
    }
}

/// Seconds, rounded to four digits.
fn in_short(seconds: f64) -> SimDuration {
    let short = format!("{seconds:.3e}").parse().unwrap_or(seconds);
    SimDuration::from_secs_f64(short)
}

impl Question {
    /// What is to be found out for each model of a case.
    fn all(setup: &Setup, known: &Known) -> Result<TiVec<ModelId, Option<Self>>, SimulationError> {
        if !matches!(setup.scheduler.capacity, CapacitySplit::Objective(_)) {
            return Ok(setup.models.keys().map(|_| None).collect());
        }
        let draft = Draft::new(setup, &known.profiles)?;
        Ok(setup.models.keys().map(|model| Self::new(&draft, model)).collect())
    }

    /// What is to be found out for a model, if it has calls and the capacity is to meet an objective.
    fn new(draft: &Draft<'_>, model: ModelId) -> Option<Self> {
        let CapacitySplit::Objective(goals) = &draft.setup.scheduler.capacity else { return None };
        let expected = &draft.demand[model].expected;
        if expected.calls_per_s <= 0.0 {
            return None;
        }
        let mut setup = alone::alone(draft.setup, model, &draft.shares);
        let mean = |of: &dyn Fn(DeploymentId) -> f64| {
            let each: Vec<f64> = draft.deployments_of(model).map(of).collect();
            each.iter().sum::<f64>() / each.len() as f64
        };
        let steady = setup.applications.iter().all(|each| each.source.is_steady());
        if steady {
            let alone_s = mean(&|deployment| draft.servers[deployment].mean_unloaded_s(expected));
            let memory = alone::memory_s(&setup, alone_s);
            let (all, own) =
                alone::rates(&setup, setup.deployments[DeploymentId::new(0)].model, alone_s);
            // Of few users there is one at least, who calls more often than is expected of the part.
            let seconds = calls(goals) / expected.calls_per_s.max(own);
            let seconds = seconds.min(MAX_CALLS / all).max(MEMORIES * memory);
            setup.window = alone::window(seconds.min(MAX_SECONDS));
        }
        let rate = mean(&|deployment| draft.rates.planned[deployment]);
        let guess = (expected.calls_per_s / (GUESSED_LOAD * rate)).ceil();
        let index = setup.deployments[DeploymentId::new(0)].model;
        Some(Self { setup, model: index, goals: goals.clone(), steady, guess: guess as u32 })
    }

    fn find(&self, known: &Profiles, cancelled: &AtomicBool) -> Result<Answer, SimulationError> {
        let mut worst: Option<Missed> = None;
        let mut enough = |replicas, stream| {
            let missed = self.missed(&self.pilot(replicas, stream, known, cancelled)?, replicas);
            // Of the largest number that is not enough it is known what it lacks.
            if let Some(missed) = missed {
                worst = worst.filter(|worst| worst.replicas > replicas).or(Some(missed));
            }
            Ok::<_, SimulationError>(missed.is_none())
        };
        let fewest = search::fewest(self.guess, |replicas| enough(replicas, SEARCH))?;
        let Some(mut replicas) = fewest else {
            return Ok(Err(worst.expect("the largest number was not enough")));
        };
        // The fewest that were enough once may have been lucky: others have to confirm it.
        let most = search::most(self.guess);
        let mut tries = 0;
        while !enough(replicas, CONFIRMATION)? {
            if replicas >= most {
                return Ok(Err(worst.expect("the largest number was not enough")));
            }
            tries += 1;
            replicas = replicas.saturating_add(search::raise(tries)).min(most);
        }
        Ok(Ok(self.split(replicas)))
    }

    /// A pilot with so many replicas that measures long enough for what it finds: the past is felt for as
    /// long as calls take, and under load they take longer than alone.
    fn pilot(
        &self,
        replicas: u32,
        stream: u32,
        known: &Profiles,
        cancelled: &AtomicBool,
    ) -> Result<Outcome, SimulationError> {
        let mut setup = self.with(replicas);
        let unasked = Pilots::unasked(&setup, known);
        for _ in 0..MAX_EXTENSIONS {
            let outcome =
                Prepared::case(&setup, 0, &unasked, cancelled)?.run(SEED, stream, cancelled)?;
            let window = setup.window;
            let measured_s = window.length.as_secs_f64();
            let felt_s = outcome.of_model(self.model).get(MetricId::E2eMean).unwrap_or(0.0);
            let needed_s = (MEMORIES * felt_s).min(MAX_SECONDS);
            let grows = outcome.trends[self.model].growth().is_some();
            if !self.steady || grows || needed_s <= measured_s {
                return Ok(outcome);
            }
            setup.window = alone::window(2.0 * measured_s);
        }
        Prepared::case(&setup, 0, &unasked, cancelled)?.run(SEED, stream, cancelled)
    }

    /// The setup with so many replicas, on clusters that have room for them.
    fn with(&self, replicas: u32) -> Setup {
        let mut setup = self.setup.clone();
        let mut nodes: TiVec<ClusterId, u32> = ti_vec![0; setup.clusters.len()];
        for (spec, count) in setup.deployments.iter_mut().zip(self.split(replicas)) {
            spec.replicas = count;
            let per_node = setup.clusters[spec.cluster].per_node / spec.accelerators;
            nodes[spec.cluster] += count.div_ceil(per_node);
        }
        for (cluster, nodes) in setup.clusters.iter_mut().zip(nodes) {
            cluster.nodes = nodes.max(1);
        }
        setup
    }

    /// So many replicas, spread over the model's deployments as the plan will: each goes to the cluster
    /// with the smallest part taken.
    fn split(&self, replicas: u32) -> Vec<u32> {
        let Setup { deployments, clusters, .. } = &self.setup;
        if deployments.len() == 1 {
            return vec![replicas];
        }
        let mut counts: TiVec<DeploymentId, u32> = ti_vec![0; deployments.len()];
        let mut taken: TiVec<ClusterId, f64> = ti_vec![0.0; clusters.len()];
        let size = |each: &DeploymentSpec| clusters[each.cluster].accelerators() as f64;
        for _ in 0..replicas {
            let next = deployments.keys().min_by(|&one, &other| {
                let part = |index: DeploymentId| {
                    taken[deployments[index].cluster] / size(&deployments[index])
                };
                part(one).total_cmp(&part(other))
            });
            let next = next.expect("the model has a deployment");
            counts[next] += 1;
            taken[deployments[next].cluster] += f64::from(deployments[next].accelerators);
        }
        counts.into()
    }

    /// The goal that is missed the farthest; any, if the queue grows.
    fn missed(&self, outcome: &Outcome, replicas: u32) -> Option<Missed> {
        let grows = outcome.trends[self.model].growth().is_some();
        let far = |goal: &Goal| {
            let best_s = self.value(outcome, goal);
            let missed = Missed { goal: *goal, best_s, replicas };
            let factor = best_s / goal.limit.as_secs_f64();
            (grows || factor > 1.0).then_some((factor, missed))
        };
        let missed = self.goals.iter().filter_map(far);
        missed.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, missed)| missed)
    }

    /// Seconds; infinite for a percentile beyond the calls that were served, and for a mean where one was not; 0 where the latency does
    /// not exist.
    fn value(&self, outcome: &Outcome, goal: &Goal) -> f64 {
        let (histogram, mean) = match goal.latency {
            Latency::Wait => (&outcome.wait, MetricId::WaitMean),
            Latency::Ttft => (&outcome.ttft, MetricId::TtftMean),
            Latency::Tpot => (&outcome.tpot, MetricId::TpotMean),
            Latency::E2e => (&outcome.e2e, MetricId::E2eMean),
        };
        let metrics = outcome.of_model(self.model);
        match goal.statistic.probability() {
            None if self.lost(outcome) > 0.0 => f64::INFINITY,
            None => metrics.get(mean).unwrap_or(0.0),
            Some(probability) => self.quantile(outcome, histogram, probability),
        }
    }

    /// Calls that found all waiting places taken: they were not answered in any time.
    fn lost(&self, outcome: &Outcome) -> f64 {
        let limited = |each: &DeploymentSpec| {
            matches!(each.serving, ServingSpec::ServiceTime { max_waiting: Some(_), .. })
        };
        match self.setup.deployments.iter().any(limited) {
            true => outcome.of_model(self.model).get(MetricId::Rejected).unwrap_or(0.0),
            false => 0.0,
        }
    }

    fn quantile(&self, outcome: &Outcome, latencies: &LatencyHistogram, probability: f64) -> f64 {
        let lost = self.lost(outcome);
        let completed = outcome.of_model(self.model).get(MetricId::Completed).unwrap_or(0.0);
        if lost > 0.0 && completed == 0.0 {
            return f64::INFINITY;
        }
        let among_served = probability * (1.0 + lost / completed.max(1.0));
        if among_served > 1.0 {
            return f64::INFINITY;
        }
        latencies.quantile(among_served).unwrap_or(0.0)
    }
}

/// Calls that it takes to know all goals.
fn calls(goals: &[Goal]) -> f64 {
    let each = |goal: &Goal| goal.statistic.probability().map_or(0.0, |p| TAIL_CALLS / (1.0 - p));
    goals.iter().map(each).fold(MIN_CALLS, f64::max)
}
