//! A closed loop: users who think, call, wait for the end of the call, and think again.

use super::agenda::Agenda;
use super::draws::{LengthLaws, LengthStreams};
use super::sampler::Sampler;
use super::{Call, Distribution, Ending, Lengths};
use crate::engine::{Purpose, SimDuration, SimTime, Stream, Streams};

/// Most users of one application: each keeps two streams of random numbers, about 640 bytes.
pub const MAX_USERS: u32 = 1_000_000;

/// How long a user who does not think waits before the next try after a call was turned away:
/// without a pause simulated time would stand still, since turning away takes none.
pub const PAUSE_AFTER_REJECTION: SimDuration = SimDuration::from_secs(1);

/// A fixed population of users, each with at most one call at a time.
#[derive(Clone, Debug, PartialEq)]
pub struct UsersSpec {
    /// How many, from 1 to [`MAX_USERS`].
    pub count: u32,
    /// Seconds from the end of a call, however it ended, to the next; absent for none.
    pub think: Option<Distribution>,
    /// How long calls are; absent where calls have no tokens.
    pub lengths: Option<Lengths>,
}

/// The users of one replication.
///
/// Each begins by thinking, so that calls do not all come at once. A user's draws come from streams
/// of the user's own: they do not depend on when others call, nor on how many others there are.
///
/// A think time is at least a nanosecond: an answer is read before the next call is made, and so no
/// boundary of a replica sees a call that its own end caused.
#[derive(Debug)]
pub(super) struct Users {
    think: Option<Sampler>,
    laws: LengthLaws,
    users: Vec<User>,
    /// Who thinks.
    thinking: Agenda,
}

#[derive(Debug)]
struct User {
    think: Stream,
    lengths: LengthStreams,
}

impl Users {
    /// The users of `application`, thinking from an instant on.
    ///
    /// # Panics
    /// When a law in `spec` was not validated.
    pub(super) fn new(
        spec: &UsersSpec,
        from: SimTime,
        application: &str,
        streams: &Streams,
    ) -> Self {
        let laws = LengthLaws::new(spec.lengths.as_ref());
        let user = |index| {
            let stream = |purpose| streams.member(purpose, application, u64::from(index));
            User { think: stream(Purpose::Think), lengths: laws.streams(stream) }
        };
        let users = (0..spec.count).map(user).collect();
        let think = spec.think.as_ref().map(Sampler::new);
        let mut all = Self { think, laws, users, thinking: Agenda::default() };
        (0..spec.count).for_each(|user| all.think(from, user, false));
        all
    }

    /// When the next call comes, if nobody's call ends before.
    pub(super) fn next_at(&self) -> Option<SimTime> {
        self.thinking.next_at()
    }

    /// The next call; `None` while nobody thinks.
    pub(super) fn next_call(&mut self) -> Option<Call> {
        let (at, user) = self.thinking.take()?;
        let tokens = self.laws.sample(&mut self.users[user as usize].lengths);
        Some(Call { caller: Some(user), ..tokens.call(at) })
    }

    /// Takes note that the call of `user` ended at `now`: the user thinks again.
    pub(super) fn ended(&mut self, now: SimTime, user: u32, ending: Ending) {
        self.think(now, user, ending == Ending::Rejected);
    }

    fn think(&mut self, now: SimTime, user: u32, rejected: bool) {
        let stream = &mut self.users[user as usize].think;
        let drawn = self
            .think
            .as_ref()
            .map_or(SimDuration::ZERO, |think| SimDuration::from_secs_f64(think.sample(stream)));
        let least = SimDuration::from_nanos(1);
        let pause = match drawn {
            SimDuration::ZERO if rejected => PAUSE_AFTER_REJECTION,
            drawn => drawn.max(least),
        };
        // A user who would call past the end of time does not call again.
        if let Some(at) = now.checked_add(pause) {
            self.thinking.add(at, user);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn users(count: u32, think: Option<Distribution>) -> Users {
        let constant = |tokens| Distribution::Uniform { min: 1.0, max: tokens };
        let lengths = Lengths { input: constant(900.0), output: constant(90.0), cached: None };
        let spec = UsersSpec { count, think, lengths: Some(lengths) };
        Users::new(&spec, SimTime::ZERO, "chat", &Streams::new(5, 0))
    }

    #[test]
    fn a_user_has_one_call_at_a_time() {
        let mut all = users(3, Some(Distribution::Exponential { mean: 2.0 }));
        let calls: Vec<Call> = std::iter::from_fn(|| all.next_call()).collect();
        let mut callers: Vec<_> = calls.iter().map(|call| call.caller.unwrap()).collect();
        assert!(calls.is_sorted_by_key(|call| call.at));
        callers.sort();
        assert_eq!(callers, [0, 1, 2]);
        assert_eq!(all.next_at(), None, "all of them wait");
        let now = calls[2].at;
        all.ended(now, 1, Ending::Completed { home: 0 });
        let next = all.next_call().expect("one thinks");
        assert_eq!(next.caller, Some(1));
        assert!(next.at > now);
    }

    /// Neither more users nor another order of events moves anybody's draws.
    #[test]
    fn a_users_draws_are_the_users_own() {
        let think = Some(Distribution::Exponential { mean: 2.0 });
        let (mut few, mut many) = (users(2, think.clone()), users(9, think));
        let of_first = |all: &mut Users| -> Vec<(SimTime, u32, u32)> {
            let mut found = Vec::new();
            while found.len() < 20 {
                let call = all.next_call().expect("all think");
                let user = call.caller.unwrap();
                all.ended(call.at, user, Ending::Completed { home: 0 });
                if user == 0 {
                    found.push((call.at, call.input, call.output));
                }
            }
            found
        };
        assert_eq!(of_first(&mut few), of_first(&mut many));
    }

    #[test]
    fn time_moves_on_even_without_thinking() {
        let mut one = users(1, None);
        let call = one.next_call().unwrap();
        assert_eq!(call.at, SimTime::from_nanos(1));
        one.ended(call.at, 0, Ending::Completed { home: 0 });
        let call = one.next_call().unwrap();
        assert_eq!(call.at, SimTime::from_nanos(2));
        one.ended(call.at, 0, Ending::Rejected);
        assert_eq!(one.next_at(), Some(call.at + PAUSE_AFTER_REJECTION));
    }
}
