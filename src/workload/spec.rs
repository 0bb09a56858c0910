//! What an arrival stream is: the validated description that a scenario resolves to.

use super::{BatchSpec, CachedPrefix, SessionsSpec, UsersSpec};
use crate::engine::{SimDuration, SimTime};
use crate::units::PerSecond;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// One call of a model: when, and how many tokens in and out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The instant of its arrival.
    pub at: SimTime,
    /// Prompt tokens, at least 1, or 0 where calls have no tokens.
    pub input: u32,
    /// Output tokens, likewise.
    pub output: u32,
    /// The model that the trace names, as an index into [`TraceSpec::models`].
    pub model: Option<usize>,
    /// Leading prompt tokens that a prefix cache may have, fewer than `input`.
    pub cached: u32,
    /// Whose they are.
    pub prefix: Prefix,
    /// Who waits for its end, by a number of the source's own: a user or a conversation.
    pub caller: Option<u32>,
    /// Its place in a conversation, if it is part of one.
    pub turn: Option<Turn>,
    /// The model of the conversation's earlier turns, as the simulation numbered it.
    pub chosen: Option<usize>,
    /// Where the conversation's last turn ran, as the simulation numbered it.
    pub home: Option<usize>,
}

impl Call {
    /// A call that nobody waits for, with nothing cached.
    pub fn new(at: SimTime, input: u32, output: u32) -> Self {
        Self {
            at,
            input,
            output,
            model: None,
            cached: 0,
            prefix: Prefix::Own,
            caller: None,
            turn: None,
            chosen: None,
            home: None,
        }
    }
}

/// Whose the cached tokens of a prompt are.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Prefix {
    /// The call's own: what was said before in its conversation. They are found as said, wherever
    /// there is a prefix cache, and held by each call.
    #[default]
    Own,
    /// The beginning of a text with which all calls of the application begin. The first prompt that a
    /// replica processes computes it, others find it there, and it is held once: as long as a request
    /// uses it, it stays; then it is kept as long as there is room. A preempted request leaves it behind:
    /// only its own KV is swapped or computed again (all of it, where the text was evicted before the
    /// request could come back). In a disaggregated deployment with a prefix cache each pool holds the
    /// text once, and what a replica that decodes has of it is not moved there again.
    Shared,
}

/// A turn of a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// Which conversation of its application: no two have the same number.
    pub session: u64,
    /// Leading prompt tokens that were the prompt and output of the turn before.
    pub history: u32,
}

/// Where an application's calls come from.
#[derive(Clone, Debug, PartialEq)]
pub enum SourceSpec {
    /// Drawn from random processes.
    Synthetic {
        /// When calls arrive.
        arrivals: Arrivals,
        /// How long they are; absent where calls have no tokens.
        lengths: Option<Lengths>,
    },
    /// Users who wait for the end of one call before they make the next.
    Users(UsersSpec),
    /// Conversations of several turns.
    Sessions(SessionsSpec),
    /// All at one instant.
    Batch(BatchSpec),
    /// Replayed from a file.
    Trace(TraceSpec),
}

/// When calls arrive: a stationary process, modulated.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrivals {
    /// The mean rate, before modulation. Zero means that nothing arrives.
    pub rate: PerSecond,
    /// How arrivals come at that rate.
    pub process: Process,
    /// How the rate varies with time.
    pub modulation: Modulation,
}

/// How arrivals come at a given mean rate.
#[derive(Clone, Debug, PartialEq)]
pub enum Process {
    /// With independent gaps of one law.
    Renewal(Renewal),
    /// As a Poisson process whose rate jumps at random.
    Mmpp(Mmpp),
    /// From many independent callers.
    Clients(Vec<Client>),
}

/// The law of the gaps between arrivals, in operational time (mean 1). `cv` is the standard
/// deviation of a gap over its mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Renewal {
    /// Exponential gaps.
    Poisson,
    /// Equal gaps, with a random phase.
    Deterministic,
    /// Gamma gaps.
    Gamma {
        /// Coefficient of variation.
        cv: f64,
    },
    /// Weibull gaps.
    Weibull {
        /// Coefficient of variation.
        cv: f64,
    },
    /// Lognormal gaps.
    Lognormal {
        /// Coefficient of variation.
        cv: f64,
    },
    /// Pareto gaps of the second type (Lomax): from 0, with a tail that is a power.
    Pareto {
        /// Coefficient of variation, above 1.
        cv: f64,
    },
}

/// A Markov-modulated Poisson process: a Poisson process whose rate depends on a hidden state,
/// which changes at random by the clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Mmpp {
    /// At least two.
    pub states: Vec<MmppState>,
}

/// A state of a Markov-modulated Poisson process.
#[derive(Clone, Debug, PartialEq)]
pub struct MmppState {
    /// The rate in this state; all are scaled so that their time average is the mean rate.
    pub factor: f64,
    /// The mean of the exponential time that a visit lasts.
    pub sojourn: SimDuration,
    /// Weights of the states that can follow, in the order of the states; none of itself.
    pub next: Vec<f64>,
}

/// One of many callers, a renewal process of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Client {
    /// Unique in its application: what its random numbers are found by.
    pub name: String,
    /// Its part of the rate; all sum to 1.
    pub share: f64,
    /// The law of its gaps.
    pub gaps: ClientGaps,
    /// How long its calls are, if not as the application says.
    pub lengths: Option<Lengths>,
}

/// The law of a client's gaps.
#[derive(Clone, Debug, PartialEq)]
pub enum ClientGaps {
    /// One and the same in all replications.
    Given(Renewal),
    /// Of a family, with a coefficient of variation that each replication draws once.
    Drawn {
        /// The family.
        family: Family,
        /// The law of the coefficient of variation.
        cv: Distribution,
    },
    /// One after the other, with a rate for each.
    Windows(ClientWindows),
}

/// What a client does in equally long windows of time; after the last comes the first again.
#[derive(Clone, Debug, PartialEq)]
pub struct ClientWindows {
    /// In order of time.
    pub windows: Vec<GapWindow>,
    /// The length of a window.
    pub step: SimDuration,
    /// Where in the period time 0 is.
    pub offset: SimDuration,
}

/// What a client does in a window of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GapWindow {
    /// The multiplier of the client's rate; all have the mean 1.
    pub factor: f64,
    /// The law of the gaps.
    pub gaps: Renewal,
}

/// A family of gaps with a coefficient of variation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// [`Renewal::Gamma`].
    Gamma,
    /// [`Renewal::Weibull`].
    Weibull,
    /// [`Renewal::Lognormal`].
    Lognormal,
    /// [`Renewal::Pareto`].
    Pareto,
}

/// How a rate varies with time: the product of all that is given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Modulation {
    /// What repeats, by the day or by the week.
    pub profile: Option<RateProfile>,
    /// The growth of the logarithm of the rate per second: it is multiplied by exp(growth · t). Negative
    /// shrinks, 0 does neither.
    pub growth: f64,
    /// What happens once.
    pub crowds: Vec<FlashCrowd>,
}

/// A passing change of the rate. Its logarithm rises and falls in straight lines.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FlashCrowd {
    /// When in the simulation it begins.
    pub start: SimDuration,
    /// How long the rate takes to rise.
    pub ramp: SimDuration,
    /// How long it stays.
    pub duration: SimDuration,
    /// How long it takes to fall back.
    pub decay: SimDuration,
    /// The multiplier of the rate meanwhile, positive.
    pub factor: f64,
}

/// A piecewise-constant, periodic multiplier of the rate.
#[derive(Clone, Debug, PartialEq)]
pub struct RateProfile {
    /// Multipliers of equally long steps; not negative, at least one positive.
    pub factors: Vec<f64>,
    /// The length of one step (an hour for hour-of-day).
    pub step: SimDuration,
    /// Where in the period time 0 is.
    pub offset: SimDuration,
}

/// Laws of input and output lengths in tokens; draws are rounded to whole tokens, at least 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Lengths {
    /// Prompt tokens.
    pub input: Distribution,
    /// Output tokens.
    pub output: Distribution,
    /// How much of a prompt is cached already, if anything.
    pub cached: Option<CachedPrefix>,
}

/// A law of non-negative values: tokens, or seconds of service.
///
/// Laws with a tail are given by their mean and coefficient of variation (`cv`, the standard
/// deviation over the mean), before truncation.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(f64),
    /// Uniform on [min, max].
    Uniform {
        /// Smallest value.
        min: f64,
        /// Largest value.
        max: f64,
    },
    /// Exponential.
    Exponential {
        /// Mean.
        mean: f64,
    },
    /// Gamma.
    Gamma {
        /// Mean.
        mean: f64,
        /// Coefficient of variation.
        cv: f64,
    },
    /// Lognormal.
    Lognormal {
        /// Mean.
        mean: f64,
        /// Coefficient of variation.
        cv: f64,
    },
    /// Weibull.
    Weibull {
        /// Mean.
        mean: f64,
        /// Coefficient of variation.
        cv: f64,
    },
    /// Pareto of the second type (Lomax), which starts at 0: P(X > x) = (1 + x/σ)^−α.
    Pareto {
        /// Mean.
        mean: f64,
        /// Coefficient of variation, above 1.
        cv: f64,
    },
    /// Whole numbers n from 1 to `max`, with probabilities proportional to n^−exponent.
    Zipf {
        /// How steeply probabilities fall; 0 is uniform.
        exponent: f64,
        /// Largest value.
        max: u32,
    },
    /// Linear between the points of a table of quantiles.
    Quantiles(
        /// (probability, value): probabilities strictly increasing from 0 to 1, values not decreasing.
        Vec<(f64, f64)>,
    ),
    /// A law with a tail, given that it lies in [min, max]: what lies outside is drawn again.
    Truncated {
        /// An exponential, gamma, lognormal, Weibull or Pareto law.
        law: Box<Distribution>,
        /// Smallest value; 0 cuts nothing off.
        min: f64,
        /// Largest value; infinite cuts nothing off.
        max: f64,
    },
    /// One of several laws, none of them a mixture, with probabilities proportional to the weights.
    Mixture(
        /// (weight, law).
        Vec<(f64, Distribution)>,
    ),
}

/// A trace to replay.
#[derive(Clone, Debug, PartialEq)]
pub struct TraceSpec {
    /// The CSV file, as it can be opened.
    pub file: PathBuf,
    /// Which columns mean what.
    pub columns: TraceColumns,
    /// Names in the model column, in the order of the indices that calls carry.
    pub models: Vec<String>,
    /// How many superposed copies, each but the first shifted by a random part of the duration; a
    /// fraction is a thinned copy.
    pub rate_scale: f64,
    /// Factor on all gaps: 2 replays at half the speed.
    pub time_scale: f64,
    /// When in the simulation the trace's origin is: the first row that has an instant, which arrives then
    /// unless it is bad.
    pub offset: SimDuration,
    /// Rows that may be bad before the replay fails; they are skipped and counted.
    pub bad_rows_allowed: u64,
}

/// The columns of a trace by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TraceColumns {
    /// Arrival instants, not decreasing.
    pub timestamp: String,
    /// How instants are written.
    pub format: TimestampFormat,
    /// Prompt tokens.
    pub input: String,
    /// Output tokens.
    pub output: String,
    /// The model called, if the trace says so.
    pub model: Option<String>,
    /// The cached part of the prompt, if the trace says so.
    pub cached: Option<CachedColumn>,
}

impl TraceColumns {
    /// The names of all columns that are read.
    pub fn names(&self) -> Vec<&str> {
        let always = [&self.timestamp, &self.input, &self.output].map(String::as_str);
        let model = self.model.as_deref();
        let cached = self.cached.as_ref().map(|cached| &*cached.column);
        always.into_iter().chain(model).chain(cached).collect()
    }
}

impl TraceColumns {
    /// Whose the cached tokens are.
    pub fn prefix(&self) -> Prefix {
        self.cached.as_ref().map_or(Prefix::Own, |cached| cached.prefix)
    }
}

/// A column that says how much of a prompt was cached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedColumn {
    /// Its name.
    pub column: String,
    /// Tokens of a block, in which it counts: 1 for plain tokens. The last block of a prompt may be
    /// partly filled. The last token of a prompt is never cached: where the column covers it, one
    /// token less is taken. More blocks than the prompt has are an error.
    pub block: u32,
    /// Whose the cached tokens are.
    pub prefix: Prefix,
}

/// How a trace writes instants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimestampFormat {
    /// `2023-11-16 18:15:46.6805900`, in UTC or with an offset such as `+02:00` after it.
    DateTime,
    /// A number of seconds.
    Seconds,
    /// A number of milliseconds.
    Milliseconds,
    /// A number of microseconds.
    Microseconds,
    /// A number of nanoseconds.
    Nanoseconds,
}
