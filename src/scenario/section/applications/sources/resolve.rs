//! Where calls come from, other than arrivals and recordings: users, conversations, all at once.

use crate::scenario::path::Path;
use crate::scenario::schema::{self, AllAtOnce, Application, Cached, Users};
use crate::scenario::section::{Checker, laws};
use crate::workload::{
    Arrivals, BatchSpec, CachedPart, CachedPrefix, Distribution, Lengths, MAX_USERS, SessionsSpec,
    SourceSpec, Turns, UsersSpec,
};

/// Most turns of a conversation, on average.
const MAX_TURNS: f64 = 10_000.0;
/// Most tokens of a context, and most calls at once.
const MAX_CONTEXT: u32 = 100_000_000;
const MAX_BATCH: u64 = 1_000_000_000;

/// Requires an application to have one source of calls, and nothing that goes with another.
pub(in crate::scenario) fn one_source(
    at: &Path,
    given: &Application,
    check: &mut Checker,
) -> Option<()> {
    let sources = [
        ("trace", given.trace.is_some()),
        ("users", given.users.is_some()),
        ("all-at-once", given.all_at_once.is_some()),
        ("arrivals", given.arrivals.is_some()),
    ];
    let mut sources = sources.into_iter().filter(|(_, present)| *present).map(|(key, _)| key);
    let Some(source) = sources.next() else {
        let message =
            "missing field `arrivals`: or `users`, `all-at-once`, or `trace` to replay a recording";
        check.refuse_key(at, message);
        return None;
    };
    let others = sources.collect::<Vec<_>>();
    let needs_arrivals =
        [("modulation", given.modulation.is_some()), ("sessions", given.sessions.is_some())];
    let stray = needs_arrivals
        .into_iter()
        .filter(|(_, present)| *present && source != "arrivals")
        .chain([("lengths", given.lengths.is_some() && source == "trace")])
        .filter(|(_, present)| *present)
        .map(|(key, _)| key);
    let mut sound = true;
    for key in others.into_iter().chain(stray) {
        let reason = match (source, key) {
            ("trace", _) => "the recording says",
            (_, "modulation" | "sessions") => "it goes with `arrivals`",
            _ => "calls have one source",
        };
        let message = format!("`{key}` does not go with `{source}`: {reason}");
        check.refuse_key(&at.key(key), message);
        sound = false;
    }
    sound.then_some(())
}

/// A closed loop.
pub(in crate::scenario) fn users(
    at: &Path,
    given: &Users,
    lengths: Option<Lengths>,
    check: &mut Checker,
) -> SourceSpec {
    check.range(&at.key("count"), given.count, 1..=MAX_USERS, "");
    let think = given.think.as_ref().map(|law| laws::seconds(&at.key("think"), law, check));
    SourceSpec::Users(UsersSpec { count: given.count, think, lengths })
}

/// All calls at one instant.
pub(in crate::scenario) fn batch(
    at: &Path,
    given: &AllAtOnce,
    lengths: Option<Lengths>,
    check: &mut Checker,
) -> SourceSpec {
    check.range(&at.key("calls"), given.calls, 1..=MAX_BATCH, "");
    SourceSpec::Batch(BatchSpec { calls: given.calls, at: given.at, lengths })
}

/// Conversations that arrive as `arrivals` says; `at` is the application.
pub(in crate::scenario) fn sessions(
    at: &Path,
    given: &schema::Sessions,
    arrivals: Arrivals,
    lengths: Option<Lengths>,
    check: &mut Checker,
) -> Option<SourceSpec> {
    let path = at.key("sessions");
    let turns = turns(&path.key("turns"), &given.turns, check);
    let think = laws::seconds(&path.key("think"), &given.think, check);
    check.range(&path.key("system-prompt"), given.system_prompt, 0..=MAX_CONTEXT, "");
    if let Some(max) = given.max_context {
        let least = given.system_prompt.saturating_add(2).min(MAX_CONTEXT);
        check.range(&path.key("max-context"), max, least..=MAX_CONTEXT, "");
    }
    let Some(lengths) = lengths else {
        check.refuse_key(at, "missing field `lengths`: the prompts of `sessions` grow by them");
        return None;
    };
    if lengths.cached.is_some() {
        let message =
            "`cached` does not go with `sessions`: what is cached is what was said before";
        check.refuse_key(&at.key("lengths").key("cached"), message);
        return None;
    }
    Some(SourceSpec::Sessions(SessionsSpec {
        arrivals,
        lengths,
        turns,
        think,
        system_prompt: given.system_prompt,
        max_context: given.max_context,
    }))
}

fn turns(at: &Path, given: &schema::Turns, check: &mut Checker) -> Turns {
    match given {
        schema::Turns::Constant(turns) => {
            check.range(&at.key("constant"), *turns, 1..=MAX_TURNS as u32, "");
            Turns::Constant(*turns)
        }
        schema::Turns::Geometric { mean } => {
            check.range(&at.key("geometric").key("mean"), *mean, 1.0..=MAX_TURNS, "");
            Turns::Geometric { mean: *mean }
        }
        schema::Turns::Drawn(law) => {
            let law = laws::numbers(&at.key("drawn"), law, MAX_TURNS, check);
            Turns::Drawn(law.unwrap_or(Distribution::Constant(1.0)))
        }
    }
}

/// A law of cached prefixes.
pub(in crate::scenario) fn cached(at: &Path, given: &Cached, check: &mut Checker) -> CachedPrefix {
    check.range(&at.key("hit-rate"), given.hit_rate.0, 0.0..=1.0, "");
    let part = match (&given.fraction, &given.tokens) {
        (Some(law), None) => {
            let law = laws::fractions(&at.key("fraction"), law, check);
            CachedPart::Fraction(law.unwrap_or(Distribution::Constant(1.0)))
        }
        (None, Some(law)) => CachedPart::Tokens(laws::tokens(&at.key("tokens"), law, check)),
        (fraction, _) => {
            let message = match fraction {
                Some(_) => "`fraction` and `tokens` both say how long a cached prefix is: give one",
                None => "missing field `fraction`, or `tokens`: how long a cached prefix is",
            };
            check.refuse_key(at, message);
            CachedPart::Tokens(Distribution::Constant(1.0))
        }
    };
    CachedPrefix { hit_rate: given.hit_rate.0, part, prefix: given.prefix }
}
