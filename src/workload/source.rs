//! Where an application's calls come from: one stream of calls, whatever is behind it.

use super::batch::Batch;
use super::moments::SecondMoments;
use super::sessions::Sessions;
use super::trace::{Replay, Trace, TraceError};
use super::users::Users;
use super::{Arrivals, Burst, Call, Client, Lengths, Prefix, Process, SourceSpec, Synthetic};
use crate::engine::{Purpose, SimDuration, SimTime, Span, Streams};
use std::sync::Arc;

/// What a source brings in the long run: for capacity planning, and to be shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// Calls per second; for a trace, while it lasts. Infinite if all come at one instant. Of users,
    /// who wait for answers, as many as if answers took no time.
    pub calls_per_s: f64,
    /// Mean prompt tokens of a call.
    pub mean_input: f64,
    /// Mean output tokens of a call.
    pub mean_output: f64,
    /// Mean prompt tokens of a call that a prefix cache may have; part of `mean_input`.
    pub mean_cached: f64,
    /// Of those, the ones that all calls of an application share.
    pub mean_shared: f64,
    /// Mean prompt tokens of a call that earlier turns of its conversation hold: found where a replica
    /// keeps them. Those that are cached wherever it goes are not counted again.
    pub mean_history: f64,
    /// Second moments of a call's tokens.
    pub moments: SecondMoments,
    /// How many users wait for answers; 0 for sources that do not wait.
    pub users: f64,
}

impl Expected {
    /// What comes at a given rate; without lengths, calls have no tokens.
    pub fn at_rate(calls_per_s: f64, lengths: Option<&Lengths>) -> Self {
        let mean_cached = lengths.map_or(0.0, Lengths::mean_cached);
        Self {
            calls_per_s,
            mean_input: lengths.map_or(0.0, |laws| laws.input.mean_tokens()),
            mean_output: lengths.map_or(0.0, |laws| laws.output.mean_tokens()),
            mean_cached,
            mean_shared: shared(mean_cached, lengths.map_or(Prefix::Own, Lengths::prefix)),
            mean_history: 0.0,
            moments: lengths.map_or(SecondMoments::default(), SecondMoments::of),
            users: 0.0,
        }
    }

    /// What random processes bring in a simulation of `span`; without lengths, calls have no
    /// tokens.
    pub fn of(arrivals: &Arrivals, lengths: Option<&Lengths>, span: Span) -> Self {
        let rate = arrivals.mean_rate(span);
        let Process::Clients(clients) = &arrivals.process else {
            return Self::at_rate(rate, lengths);
        };
        let mut expected = Self::at_rate(rate, None);
        let usual = Self::at_rate(rate, lengths);
        for client in clients {
            let own = client.lengths.as_ref().map(|own| Self::at_rate(rate, Some(own)));
            let own = own.unwrap_or(usual);
            expected.mean_input += client.share * own.mean_input;
            expected.mean_output += client.share * own.mean_output;
            expected.mean_cached += client.share * own.mean_cached;
            expected.mean_shared += client.share * own.mean_shared;
            expected.moments = expected.moments.with(client.share, &own.moments);
        }
        expected
    }

    /// Calls per second when a call takes `latency` seconds. Users make one call in each think time
    /// and latency (the law of interactive response time); others do not wait.
    pub fn calls_per_s_at(&self, latency: f64) -> f64 {
        if self.users > 0.0 {
            self.users / (self.users / self.calls_per_s + latency)
        } else {
            self.calls_per_s
        }
    }
}

impl SourceSpec {
    /// Whether calls come alike at all times: any window that is long enough shows the same.
    pub fn is_steady(&self) -> bool {
        match self {
            Self::Synthetic { arrivals, .. } => arrivals.is_steady(),
            Self::Sessions(sessions) => sessions.arrivals.is_steady(),
            Self::Users(_) => true,
            Self::Batch(_) | Self::Trace(_) => false,
        }
    }

    /// Whether its calls have tokens.
    pub fn has_tokens(&self) -> bool {
        match self {
            Self::Synthetic { arrivals, lengths } => {
                let clients: &[Client] = match &arrivals.process {
                    Process::Clients(clients) => clients,
                    Process::Renewal(_) | Process::Mmpp(_) => &[],
                };
                lengths.is_some() || clients.iter().any(|client| client.lengths.is_some())
            }
            Self::Users(spec) => spec.lengths.is_some(),
            Self::Batch(spec) => spec.lengths.is_some(),
            Self::Sessions(_) | Self::Trace(_) => true,
        }
    }

    /// Opens and scans the trace, if there is one.
    ///
    /// # Errors
    /// When the trace cannot be replayed.
    pub fn prepare(&self) -> Result<PreparedSource, TraceError> {
        Ok(match self {
            Self::Trace(spec) => PreparedSource::Trace(Arc::new(Trace::open(spec)?)),
            drawn => PreparedSource::Drawn(Box::new(drawn.clone())),
        })
    }

    /// What the source brings in a simulation of `span`. Scans the trace, if there is one.
    ///
    /// # Errors
    /// When the trace cannot be replayed.
    pub fn expected(&self, span: impl Into<Span>) -> Result<Expected, TraceError> {
        let span = span.into();
        Ok(match self {
            Self::Synthetic { arrivals, lengths } => Expected::of(arrivals, lengths.as_ref(), span),
            Self::Users(spec) => {
                let users = f64::from(spec.count);
                let think = spec.think.as_ref().map_or(0.0, |law| law.mean());
                Expected { users, ..Expected::at_rate(users / think, spec.lengths.as_ref()) }
            }
            Self::Sessions(spec) => {
                let means = spec.means();
                Expected {
                    calls_per_s: spec.arrivals.mean_rate(span) * means.turns,
                    mean_input: means.input,
                    mean_output: means.output,
                    mean_cached: means.cached,
                    mean_shared: means.cached,
                    mean_history: means.history,
                    moments: means.moments,
                    users: 0.0,
                }
            }
            Self::Batch(spec) => {
                let rate = if spec.is_over(span.start) { 0.0 } else { f64::INFINITY };
                Expected::at_rate(rate, spec.lengths.as_ref())
            }
            Self::Trace(spec) => expected_of(&Trace::open(spec)?),
        })
    }
}

/// What is shared of what is cached.
fn shared(cached: f64, prefix: Prefix) -> f64 {
    if prefix == Prefix::Shared { cached } else { 0.0 }
}

fn expected_of(trace: &Trace) -> Expected {
    let summary = trace.summary();
    Expected {
        calls_per_s: trace.calls_per_s(),
        mean_input: summary.mean_input,
        mean_output: summary.mean_output,
        mean_cached: summary.mean_cached,
        mean_shared: shared(summary.mean_cached, trace.prefix()),
        mean_history: 0.0,
        moments: summary.moments,
        users: 0.0,
    }
}

/// A source made ready: a trace is scanned once, however many replications replay it.
#[derive(Clone, Debug)]
pub enum PreparedSource {
    /// Drawn from random processes; never [`SourceSpec::Trace`].
    Drawn(Box<SourceSpec>),
    /// Replayed from a file.
    Trace(Arc<Trace>),
}

impl PreparedSource {
    /// The recording that is replayed, if it is one.
    pub fn trace(&self) -> Option<&Trace> {
        match self {
            Self::Drawn(_) => None,
            Self::Trace(trace) => Some(trace),
        }
    }

    /// What the source brings in a simulation of `span`; a trace, while it lasts.
    pub fn expected(&self, span: Span) -> Expected {
        match self {
            Self::Drawn(spec) => spec.expected(span).expect("only traces are read from files"),
            Self::Trace(trace) => expected_of(trace),
        }
    }

    /// The models that the calls themselves name, with how many name each; empty if they name none.
    pub fn named_models(&self) -> Vec<(&str, u64)> {
        match self {
            Self::Drawn(_) => Vec::new(),
            Self::Trace(trace) => trace.named_models().collect(),
        }
    }

    /// How many calls there are in all, if they all come at one instant that is not before `span`.
    pub fn calls_at_once(&self, span: Span) -> Option<f64> {
        match self {
            Self::Drawn(spec) => match &**spec {
                SourceSpec::Batch(batch) if !batch.is_over(span.start) => Some(batch.calls as f64),
                _ => None,
            },
            Self::Trace(trace) if trace.calls_per_s().is_infinite() => {
                Some(trace.summary().rows as f64 * trace.rate_scale())
            }
            Self::Trace(_) => None,
        }
    }

    /// About how many calls come within `span`, in which they come as `expected`; of users as many as if answers
    /// took no time.
    pub fn calls(&self, expected: &Expected, span: Span) -> f64 {
        if let Some(calls) = self.calls_at_once(span) {
            return calls;
        }
        let calls = expected.calls_per_s * span.length().as_secs_f64();
        match self {
            Self::Drawn(_) => calls,
            Self::Trace(trace) => calls.min(trace.summary().rows as f64 * trace.rate_scale()),
        }
    }

    /// About how many calls enter from each of some instants to the next whoever is answered: of conversations the first
    /// ones. Of users none, who wait for answers.
    pub fn entering(&self, instants: &[SimTime]) -> Vec<f64> {
        let none = || vec![0.0; instants.len().saturating_sub(1)];
        let spec = match self {
            Self::Drawn(spec) => &**spec,
            Self::Trace(trace) => return trace.calls_between(instants),
        };
        match spec {
            SourceSpec::Synthetic { arrivals, .. } => arrivals.expected_calls_between(instants),
            SourceSpec::Sessions(spec) => spec.arrivals.expected_calls_between(instants),
            SourceSpec::Batch(spec) => {
                let at = SimTime::ZERO + spec.at;
                let mut steps = none();
                let last = instants.partition_point(|&instant| instant <= at);
                if let Some(step) = last.checked_sub(1).and_then(|step| steps.get_mut(step)) {
                    *step = spec.calls as f64;
                }
                steps
            }
            SourceSpec::Users(_) => none(),
            SourceSpec::Trace(_) => unreachable!("a trace is opened when prepared"),
        }
    }

    /// Instants between which the rate at which calls enter has no sudden change but those of a profile that repeats;
    /// and the length of its steps, if there is one.
    pub fn corners(&self) -> (Vec<SimTime>, Option<SimDuration>) {
        let spec = match self {
            Self::Drawn(spec) => &**spec,
            Self::Trace(trace) => return (vec![trace.ends_at()], None),
        };
        match spec {
            SourceSpec::Synthetic { arrivals, .. } => arrivals.corners(),
            SourceSpec::Sessions(spec) => spec.arrivals.corners(),
            SourceSpec::Batch(spec) => (vec![SimTime::ZERO + spec.at], None),
            SourceSpec::Users(_) | SourceSpec::Trace(_) => (Vec::new(), None),
        }
    }

    /// How many calls follow on average when one has [entered](Self::entering), itself included: of what comes in `span`
    /// as `expected`, the turns of a conversation.
    pub fn turns(&self, expected: &Expected, span: Span) -> f64 {
        let Self::Drawn(spec) = self else { return 1.0 };
        let SourceSpec::Sessions(spec) = &**spec else { return 1.0 };
        let rate = spec.arrivals.mean_rate(span);
        if rate > 0.0 { (expected.calls_per_s / rate).max(1.0) } else { 1.0 }
    }

    /// What comes at random beside the rate at which calls enter.
    pub fn bursts(&self) -> Vec<Burst> {
        match self {
            Self::Drawn(spec) => match &**spec {
                SourceSpec::Synthetic { arrivals, .. } => arrivals.bursts(),
                SourceSpec::Sessions(spec) => spec.arrivals.bursts(),
                SourceSpec::Users(_) | SourceSpec::Batch(_) | SourceSpec::Trace(_) => Vec::new(),
            },
            Self::Trace(_) => Vec::new(),
        }
    }

    /// When nobody calls any more, of sources that end.
    pub fn ends_at(&self) -> Option<SimTime> {
        match self {
            Self::Drawn(spec) => match &**spec {
                SourceSpec::Batch(spec) => Some(SimTime::ZERO + spec.at),
                _ => None,
            },
            Self::Trace(trace) => Some(trace.ends_at()),
        }
    }

    /// The calls of `application` in `span`, in the replication that `streams` belong to. Rates are those of that
    /// time; users and conversations begin with it; of a trace and of a batch there is what has not gone by.
    ///
    /// # Errors
    /// When the trace cannot be read, or changed after it was scanned.
    ///
    /// # Panics
    /// When the laws were not validated.
    pub fn start(
        &self,
        span: Span,
        application: &str,
        streams: &Streams,
    ) -> Result<Source, TraceError> {
        Source::start(match self {
            Self::Drawn(spec) => drawn(spec, span, application, streams),
            Self::Trace(trace) => {
                let stream = streams.stream(Purpose::Trace, application);
                Kind::Trace(Box::new(Replay::new(trace.clone(), span.start, stream)?))
            }
        })
    }
}

fn drawn(spec: &SourceSpec, span: Span, application: &str, streams: &Streams) -> Kind {
    match spec {
        SourceSpec::Synthetic { arrivals, lengths } => {
            let synthetic = Synthetic::new(arrivals, lengths.as_ref(), span, application, streams);
            Kind::Synthetic(Box::new(synthetic))
        }
        SourceSpec::Users(spec) => {
            Kind::Users(Box::new(Users::new(spec, span.start, application, streams)))
        }
        SourceSpec::Sessions(spec) => {
            Kind::Sessions(Box::new(Sessions::new(spec, span, application, streams)))
        }
        SourceSpec::Batch(spec) => {
            Kind::Batch(Box::new(Batch::new(spec, span.start, application, streams)))
        }
        SourceSpec::Trace(_) => unreachable!("a trace is opened when prepared"),
    }
}

/// How a call ended, for sources that wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It was answered whole.
    Completed {
        /// Where, by a number of the simulation's own: given back as [`Call::home`].
        home: usize,
    },
    /// It was turned away.
    Rejected,
}

/// An application's calls, one by one, in order of time.
///
/// Users and conversations wait for the ends of their calls, and so [`ended`](Self::ended) may
/// bring the next call forward.
#[derive(Debug)]
pub struct Source {
    kind: Kind,
    /// The next call of a source that waits for nothing.
    ahead: Option<Call>,
}

#[derive(Debug)]
enum Kind {
    Synthetic(Box<Synthetic>),
    Trace(Box<Replay>),
    Batch(Box<Batch>),
    Users(Box<Users>),
    Sessions(Box<Sessions>),
}

impl Source {
    /// The calls of `application` from time 0, in the replication that `streams` belong to.
    ///
    /// A trace is scanned first: for many replications [prepare](SourceSpec::prepare) it once.
    ///
    /// # Errors
    /// When the trace cannot be replayed.
    ///
    /// # Panics
    /// When the laws in `spec` were not validated.
    pub fn new(
        spec: &SourceSpec,
        application: &str,
        streams: &Streams,
    ) -> Result<Self, TraceError> {
        spec.prepare()?.start(Span::from(SimTime::ZERO), application, streams)
    }

    fn start(kind: Kind) -> Result<Self, TraceError> {
        let mut source = Self { kind, ahead: None };
        source.ahead = source.kind.look_ahead()?;
        Ok(source)
    }

    /// When the next call comes, if no call ends before; `None` if none comes.
    pub fn next_at(&self) -> Option<SimTime> {
        match &self.kind {
            Kind::Users(users) => users.next_at(),
            Kind::Sessions(sessions) => sessions.next_at(),
            Kind::Synthetic(_) | Kind::Trace(_) | Kind::Batch(_) => {
                self.ahead.as_ref().map(|call| call.at)
            }
        }
    }

    /// The next call, not before the one before; `None` when there are no more, or none before one
    /// [ends](Self::ended).
    ///
    /// # Errors
    /// When the trace cannot be read, or changed after it was scanned.
    // Not an iterator: an iterator of results would go on after an error.
    pub fn next_call(&mut self) -> Result<Option<Call>, TraceError> {
        match &mut self.kind {
            Kind::Users(users) => Ok(users.next_call()),
            Kind::Sessions(sessions) => Ok(sessions.next_call()),
            open => {
                let following = open.look_ahead()?;
                Ok(std::mem::replace(&mut self.ahead, following))
            }
        }
    }

    /// Takes note of the model, by a number of the simulation's own, to which the present call of
    /// `caller` goes: given back as [`Call::chosen`] if the conversation goes on.
    pub fn chose(&mut self, caller: u32, model: usize) {
        if let Kind::Sessions(sessions) = &mut self.kind {
            sessions.chose(caller, model);
        }
    }

    /// Takes note that the call of `caller` ended at `now`.
    pub fn ended(&mut self, now: SimTime, caller: u32, ending: Ending) {
        match &mut self.kind {
            Kind::Users(users) => users.ended(now, caller, ending),
            Kind::Sessions(sessions) => sessions.ended(now, caller, ending),
            Kind::Synthetic(_) | Kind::Trace(_) | Kind::Batch(_) => {}
        }
    }
}

impl Kind {
    /// The next call of a source that waits for nothing; of others, none.
    fn look_ahead(&mut self) -> Result<Option<Call>, TraceError> {
        match self {
            Self::Synthetic(synthetic) => Ok(synthetic.next_call()),
            Self::Trace(replay) => replay.next_call(),
            Self::Batch(batch) => Ok(batch.next_call()),
            Self::Users(_) | Self::Sessions(_) => Ok(None),
        }
    }
}
