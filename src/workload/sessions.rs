//! Conversations: sessions of several turns, whose prompts grow with everything said before.

use super::agenda::Agenda;
use super::moments::SecondMoments;
use super::sampler::{LengthsSampler, Sampler};
use super::tokens::{MAX_CALL_TOKENS, whole_tokens};
use super::{ArrivalProcess, Arrivals, Call, Distribution, Ending, Lengths, Prefix, Turn};
use crate::engine::{Members, Purpose, SimDuration, SimTime, Span, Stream, Streams};
use rand::RngExt;

/// Conversations, and calls in them, that are drawn to estimate what they come to.
const ESTIMATED_SESSIONS: u64 = 10_000;
const ESTIMATED_CALLS: u64 = 1_000_000;

/// Conversations that arrive, each with turns one after the other.
///
/// The prompt of a turn is everything said before (all prompts and outputs) and new tokens. The next
/// turn comes a think time after the end of the one before. A conversation whose turn is turned away
/// ends, and so does one whose next prompt and output together would be longer than `max_context`.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionsSpec {
    /// When conversations begin.
    pub arrivals: Arrivals,
    /// New prompt tokens and output tokens of a turn. Its `cached` is not used.
    pub lengths: Lengths,
    /// How many turns a conversation has, if nothing ends it before.
    pub turns: Turns,
    /// Seconds from the end of a turn to the next.
    pub think: Distribution,
    /// Tokens with which each prompt begins, the same in all conversations: a replica with a prefix
    /// cache computes and holds them once.
    pub system_prompt: u32,
    /// Most tokens of a prompt and its output together; the first turn is made in any case.
    pub max_context: Option<u32>,
}

/// The number of turns of a conversation.
#[derive(Clone, Debug, PartialEq)]
pub enum Turns {
    /// Always the same.
    Constant(u32),
    /// Geometric, from 1: each turn is the last with the same probability.
    Geometric {
        /// Mean, at least 1.
        mean: f64,
    },
    /// Any law; draws are rounded to whole turns, at least 1.
    Drawn(Distribution),
}

impl Turns {
    fn sample(&self, sampler: Option<&Sampler>, stream: &mut Stream) -> u32 {
        match *self {
            Self::Constant(turns) => turns.max(1),
            Self::Geometric { mean } => {
                // P(N > n) = (1 − 1/mean)ⁿ, inverted; a mean of 1 divides by −∞.
                let log = (-mean.recip()).ln_1p();
                let draw: f64 = 1.0 - stream.random::<f64>();
                1 + (draw.ln() / log) as u32
            }
            Self::Drawn(_) => whole_tokens(sampler.expect("prepared with the law").sample(stream)),
        }
    }
}

/// What conversations come to on average, if none is turned away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SessionMeans {
    /// Turns of a conversation.
    pub turns: f64,
    /// Prompt tokens of a turn.
    pub input: f64,
    /// Output tokens of a turn.
    pub output: f64,
    /// Prompt tokens of a turn that are shared by all: the system prompt.
    pub cached: f64,
    /// Further prompt tokens of a turn that are those of earlier turns.
    pub history: f64,
    /// Second moments of a turn's tokens.
    pub moments: SecondMoments,
}

impl SessionsSpec {
    /// The means over ten thousand conversations that are always the same, or over as many as
    /// make a million calls.
    pub fn means(&self) -> SessionMeans {
        let laws = Laws::new(self);
        let streams = SessionStreams::new(&Streams::new(0, 0), "mean conversation");
        let (mut sessions, mut calls) = (0, 0);
        let mut sums = [0.0; 4];
        let mut moments = SecondMoments::default();
        while sessions < ESTIMATED_SESSIONS && calls < ESTIMATED_CALLS {
            let mut session = laws.begin(&streams, sessions);
            sessions += 1;
            loop {
                calls += 1;
                sums[0] += f64::from(session.input);
                sums[1] += f64::from(session.output);
                moments.add(session.input, session.output);
                let cached = laws.cached(session.input);
                sums[2] += f64::from(cached);
                sums[3] += f64::from(session.history.saturating_sub(cached));
                if calls == ESTIMATED_CALLS || !laws.follow(&mut session) {
                    break;
                }
            }
        }
        let calls = calls as f64;
        let [input, output, cached, history] = sums.map(|sum| sum / calls);
        let (turns, moments) = (calls / sessions as f64, moments.over(calls));
        SessionMeans { turns, input, output, cached, history, moments }
    }
}

/// The laws made ready to draw from.
#[derive(Clone, Debug)]
struct Laws {
    lengths: LengthsSampler,
    turns: Turns,
    turns_law: Option<Sampler>,
    think: Sampler,
    system_prompt: u32,
    max_context: u32,
}

/// A conversation that goes on.
#[derive(Debug)]
struct Session {
    /// How many began before it.
    number: u64,
    /// Turns after the present one.
    left: u32,
    /// Prompt and output tokens of the turn before.
    history: u32,
    /// Of the present turn.
    input: u32,
    output: u32,
    /// What the simulation said of the turn before.
    chosen: Option<usize>,
    home: Option<usize>,
    pace: Stream,
    lengths: Stream,
}

/// What conversations draw from: two streams each.
#[derive(Clone, Debug)]
struct SessionStreams {
    pace: Members,
    lengths: Members,
}

impl SessionStreams {
    fn new(streams: &Streams, application: &str) -> Self {
        let members = |purpose| streams.members(purpose, application);
        Self { pace: members(Purpose::Think), lengths: members(Purpose::Lengths) }
    }
}

impl Laws {
    fn new(spec: &SessionsSpec) -> Self {
        let turns_law = match &spec.turns {
            Turns::Drawn(law) => Some(Sampler::new(law)),
            Turns::Constant(_) | Turns::Geometric { .. } => None,
        };
        Self {
            lengths: LengthsSampler::new(&spec.lengths),
            turns: spec.turns.clone(),
            turns_law,
            think: Sampler::new(&spec.think),
            system_prompt: spec.system_prompt,
            max_context: spec.max_context.unwrap_or(MAX_CALL_TOKENS),
        }
    }

    /// The conversation with this number, at its first turn.
    fn begin(&self, streams: &SessionStreams, number: u64) -> Session {
        // Streams are large: they are drawn from where they stay.
        let mut session = Session {
            number,
            left: 0,
            history: 0,
            input: 0,
            output: 0,
            chosen: None,
            home: None,
            pace: streams.pace.stream(number),
            lengths: streams.lengths.stream(number),
        };
        session.left = self.turns.sample(self.turns_law.as_ref(), &mut session.pace) - 1;
        let (new, output) = self.lengths.sample(&mut session.lengths);
        session.input = self.system_prompt.saturating_add(new);
        session.output = output;
        session
    }

    /// Goes on to the next turn; false when the conversation is over.
    fn follow(&self, session: &mut Session) -> bool {
        if session.left == 0 {
            return false;
        }
        let (new, output) = self.lengths.sample(&mut session.lengths);
        let sum = |a: u32, b: u32| a.checked_add(b);
        let history = sum(session.input, session.output);
        let input = history.and_then(|history| sum(history, new));
        let (Some(history), Some(input)) = (history, input) else { return false };
        if sum(input, output).is_none_or(|context| context > self.max_context) {
            return false;
        }
        session.left -= 1;
        (session.history, session.input, session.output) = (history, input, output);
        true
    }

    /// Tokens of a prompt that are shared by all.
    fn cached(&self, input: u32) -> u32 {
        super::cached::clamp_cached(self.system_prompt, input)
    }
}

/// The conversations of one replication.
///
/// Each conversation draws from streams of its own, found from its number, so that nothing that
/// happens to others moves its draws. Memory grows with those that go on at once, never with those that
/// ended.
#[derive(Debug)]
pub(super) struct Sessions {
    laws: Laws,
    streams: SessionStreams,
    arrivals: ArrivalProcess,
    next_begin: Option<SimTime>,
    begun: u64,
    /// By caller; those of free callers have ended.
    sessions: Vec<Session>,
    free: Vec<u32>,
    /// Next turns.
    due: Agenda,
}

impl Sessions {
    /// The conversations of `application` that begin in `span`.
    ///
    /// # Panics
    /// When a law in `spec` was not validated.
    pub(super) fn new(
        spec: &SessionsSpec,
        span: Span,
        application: &str,
        streams: &Streams,
    ) -> Self {
        let mut arrivals = ArrivalProcess::within(span, &spec.arrivals, application, streams);
        Self {
            laws: Laws::new(spec),
            streams: SessionStreams::new(streams, application),
            next_begin: arrivals.next_arrival(),
            arrivals,
            begun: 0,
            sessions: Vec::new(),
            free: Vec::new(),
            due: Agenda::default(),
        }
    }

    /// When the next call comes, if no turn ends before.
    pub(super) fn next_at(&self) -> Option<SimTime> {
        match (self.due.next_at(), self.next_begin) {
            (Some(due), Some(begin)) => Some(due.min(begin)),
            (due, begin) => due.or(begin),
        }
    }

    /// The next call; `None` while nothing is to come before a turn ends.
    pub(super) fn next_call(&mut self) -> Option<Call> {
        let at = self.next_at()?;
        // At the same instant a turn that is due goes before a new conversation.
        let due = if self.due.next_at() == Some(at) { self.due.take() } else { None };
        let caller = match due {
            Some((_, caller)) => caller,
            None => self.begin(),
        };
        let session = self.session(caller);
        let turn = Turn { session: session.number, history: session.history };
        let (input, output) = (session.input, session.output);
        let (chosen, home) = (session.chosen, session.home);
        let cached = self.laws.cached(input);
        let turn = Some(turn);
        let caller = Some(caller);
        let prefix = Prefix::Shared;
        Some(Call { cached, prefix, caller, turn, chosen, home, ..Call::new(at, input, output) })
    }

    /// Takes note of the model that a conversation talks to, by a number that is given back with
    /// its later turns.
    pub(super) fn chose(&mut self, caller: u32, model: usize) {
        self.session(caller).chosen = Some(model);
    }

    /// Takes note that a turn ended at `now`.
    pub(super) fn ended(&mut self, now: SimTime, caller: u32, ending: Ending) {
        let session = &mut self.sessions[caller as usize];
        if let Ending::Completed { home } = ending
            && self.laws.follow(session)
        {
            session.home = Some(home);
            let think = SimDuration::from_secs_f64(self.laws.think.sample(&mut session.pace));
            // As for users: an answer is read before the next call is made.
            if let Some(at) = now.checked_add(think.max(SimDuration::from_nanos(1))) {
                self.due.add(at, caller);
                return;
            }
        }
        self.free.push(caller);
    }

    /// Begins the conversation that is next, and looks when the one after it begins.
    fn begin(&mut self) -> u32 {
        self.next_begin = self.arrivals.next_arrival();
        let session = self.laws.begin(&self.streams, self.begun);
        self.begun += 1;
        match self.free.pop() {
            Some(caller) => {
                self.sessions[caller as usize] = session;
                caller
            }
            None => {
                let caller = u32::try_from(self.sessions.len()).expect("under 2³² go on at once");
                self.sessions.push(session);
                caller
            }
        }
    }

    fn session(&mut self, caller: u32) -> &mut Session {
        &mut self.sessions[caller as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::PerSecond;
    use crate::workload::Renewal;
    use std::cmp::Reverse;
    use std::collections::BinaryHeap;

    fn spec(turns: Turns) -> SessionsSpec {
        SessionsSpec {
            arrivals: Arrivals::steady(PerSecond(1.0), Renewal::Poisson),
            lengths: Lengths {
                input: Distribution::Uniform { min: 1.0, max: 99.0 },
                output: Distribution::Exponential { mean: 40.0 },
                cached: None,
            },
            turns,
            think: Distribution::Exponential { mean: 5.0 },
            system_prompt: 30,
            max_context: None,
        }
    }

    /// Lets `count` calls be made, each of which takes a second; in order of session and turn.
    fn calls(spec: &SessionsSpec, count: usize) -> Vec<Call> {
        let mut sessions =
            Sessions::new(spec, Span::from(SimTime::ZERO), "chat", &Streams::new(9, 0));
        let mut running: BinaryHeap<Reverse<(SimTime, u32)>> = BinaryHeap::new();
        let mut found = Vec::new();
        while found.len() < count {
            let ends = running.peek().map(|&Reverse((end, _))| end);
            if ends.is_some_and(|end| sessions.next_at().is_none_or(|next| end <= next)) {
                let Reverse((end, caller)) = running.pop().unwrap();
                sessions.ended(end, caller, Ending::Completed { home: caller as usize });
                continue;
            }
            let call = sessions.next_call().expect("arrivals go on");
            if call.chosen.is_none() {
                sessions.chose(call.caller.unwrap(), 7);
            }
            running.push(Reverse((call.at + SimDuration::from_secs(1), call.caller.unwrap())));
            found.push(call);
        }
        found.sort_by_key(|call| (call.turn.unwrap().session, call.at));
        found
    }

    #[test]
    fn a_prompt_is_everything_said_before_and_something_new() {
        let found = calls(&spec(Turns::Geometric { mean: 4.0 }), 5000);
        for pair in found.windows(2) {
            let [one, next] = [&pair[0], &pair[1]].map(|call| (call, call.turn.unwrap()));
            assert_eq!(next.0.cached, 30);
            if one.1.session == next.1.session {
                assert_eq!(next.1.history, one.0.input + one.0.output);
                assert!((1..100).contains(&(next.0.input - next.1.history)));
                assert!(next.0.at > one.0.at + SimDuration::from_secs(1), "it was thought over");
                assert_eq!(next.0.chosen, Some(7), "a conversation keeps its model");
                assert_eq!(next.0.home, Some(one.0.caller.unwrap() as usize));
            } else {
                assert_eq!((next.1.history, next.0.home, next.0.chosen), (0, None, None));
                assert!((31..130).contains(&next.0.input));
            }
        }
    }

    #[test]
    fn means_are_what_theory_says() {
        // Of a geometric number with mean m a turn has m − 1 before it, on average; of n, (n − 1)/2.
        let per_turn = 50.0 + Distribution::Exponential { mean: 40.0 }.mean_tokens();
        for (turns, mean, before) in [
            (Turns::Geometric { mean: 4.0 }, 4.0, 3.0),
            (Turns::Geometric { mean: 1.0 }, 1.0, 0.0),
            (Turns::Constant(6), 6.0, 2.5),
            (Turns::Drawn(Distribution::Uniform { min: 0.5, max: 3.5 }), 2.0, 2.0 / 3.0),
        ] {
            let means = spec(turns.clone()).means();
            assert!((means.turns - mean).abs() <= 0.05 * mean, "{turns:?}: {means:?}");
            let input = 30.0 + 50.0 + before * per_turn;
            assert!((means.input - input).abs() <= 0.05 * input, "{turns:?}: {means:?}");
        }
    }

    #[test]
    fn a_conversation_ends_before_its_context_is_too_long() {
        let mut limited = spec(Turns::Constant(1000));
        limited.max_context = Some(2000);
        let found = calls(&limited, 3000);
        assert!(found.iter().all(|call| call.input + call.output <= 2000));
        assert!(limited.means().turns < 40.0);
    }

    #[test]
    fn a_turn_turned_away_ends_its_conversation() {
        let mut sessions = Sessions::new(
            &spec(Turns::Constant(5)),
            Span::from(SimTime::ZERO),
            "chat",
            &Streams::new(9, 0),
        );
        for number in 0..100 {
            let call = sessions.next_call().unwrap();
            assert_eq!(call.turn.unwrap(), Turn { session: number, history: 0 });
            assert_eq!(call.caller, Some(0), "its place is free again");
            sessions.ended(call.at, 0, Ending::Rejected);
        }
    }
}
