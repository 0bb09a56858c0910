//! Many callers, superposed: each a renewal process with its own random numbers.

use super::arrivals::RenewalProcess;
use super::clock::Clock;
use super::renewal::Gaps;
use super::sampler::Sampler;
use super::windows::WindowedProcess;
use super::{Client, ClientGaps, Distribution};
use crate::engine::{Purpose, SimTime, Span, Streams, Tournament};
use std::collections::BTreeSet;

/// Most clients of an application: each has a process and a random stream of its own.
const MAX_CLIENTS: usize = 10_000;
/// By how much shares may miss 1.
const SHARE_SLACK: f64 = 1e-9;

impl Client {
    /// Whether its gaps and lengths can be drawn.
    fn validate(&self) -> Result<(), String> {
        if !(0.0..=1.0).contains(&self.share) {
            let share = self.share;
            return Err(format!("the share of a client must be between 0 and 1, found {share}"));
        }
        if let Some(lengths) = &self.lengths {
            lengths.input.validate()?;
            lengths.output.validate()?;
        }
        match &self.gaps {
            ClientGaps::Given(renewal) => renewal.validate(),
            ClientGaps::Drawn { family, cv } => {
                cv.validate()?;
                let (least, most) = cv.range();
                family.renewal(least).validate()?;
                family.renewal(most).validate()
            }
            ClientGaps::Windows(windows) => windows.validate(),
        }
    }
}

/// Whether these are clients that can be drawn from.
pub(super) fn validate(clients: &[Client]) -> Result<(), String> {
    let count = clients.len();
    if !(1..=MAX_CLIENTS).contains(&count) {
        return Err(format!("an application has 1 to {MAX_CLIENTS} clients, found {count}"));
    }
    clients.iter().try_for_each(Client::validate)?;
    let mut names = BTreeSet::new();
    if let Some(twice) = clients.iter().find(|client| !names.insert(&client.name)) {
        return Err(format!("two clients are named `{}`", twice.name));
    }
    let sum = clients.iter().map(|client| client.share).sum::<f64>();
    if (sum - 1.0).abs() > SHARE_SLACK {
        return Err(format!("the shares of clients must sum to 1, found {sum}"));
    }
    Ok(())
}

/// What a client's random numbers are found by. No name of an application has a zero in it.
pub(super) fn entity(application: &str, client: &Client) -> String {
    format!("{application}\0{}", client.name)
}

/// What one client does.
#[derive(Clone, Debug)]
enum Caller {
    Steady(RenewalProcess),
    Windowed(WindowedProcess),
}

impl Caller {
    fn new(
        client: &Client,
        clock: &Clock,
        span: Span,
        application: &str,
        streams: &Streams,
    ) -> Self {
        let entity = entity(application, client);
        let stream = streams.stream(Purpose::Arrivals, &entity);
        let clock = if client.share > 0.0 { clock.clone() } else { Clock::Stopped };
        let renewal = match &client.gaps {
            ClientGaps::Given(renewal) => *renewal,
            ClientGaps::Drawn { family, cv } => family.renewal(draw_once(cv, streams, &entity)),
            ClientGaps::Windows(windows) => {
                let process = WindowedProcess::new(windows, client.share, clock, span, stream);
                return Self::Windowed(process);
            }
        };
        let process = RenewalProcess::new(
            Gaps::new(renewal),
            client.share.recip(),
            clock,
            span.start,
            stream,
        );
        Self::Steady(process)
    }

    fn next_arrival(&mut self) -> Option<SimTime> {
        match self {
            Self::Steady(process) => process.next_arrival(),
            Self::Windowed(process) => process.next_arrival(),
        }
    }
}

/// The superposition: the earliest of all clients' next arrivals.
#[derive(Clone, Debug)]
pub(super) struct ClientProcess {
    clients: Vec<Caller>,
    /// Each client's next arrival, with its index to break ties.
    next: Tournament<(SimTime, usize)>,
    /// Whose arrival the last one was.
    last: usize,
}

const NEVER: (SimTime, usize) = (SimTime::MAX, usize::MAX);

impl ClientProcess {
    /// Validated `clients` of `application` in `span`, sharing the time change of `clock`, which is at its start.
    pub(super) fn new(
        clients: &[Client],
        clock: &Clock,
        span: Span,
        application: &str,
        streams: &Streams,
    ) -> Self {
        let start = |client: &Client| Caller::new(client, clock, span, application, streams);
        let clients: Vec<_> = clients.iter().map(start).collect();
        let next = Tournament::new(clients.len(), NEVER);
        let mut process = Self { clients, next, last: 0 };
        (0..process.clients.len()).for_each(|client| process.advance(client));
        process
    }

    /// The next arrival; `None` when none comes before the end of time.
    pub(super) fn next_arrival(&mut self) -> Option<SimTime> {
        let (at, client) = self.next.winner();
        if at == SimTime::MAX {
            return None;
        }
        self.advance(client);
        self.last = client;
        Some(at)
    }

    /// Whose arrival the last one was.
    pub(super) fn last(&self) -> usize {
        self.last
    }

    fn advance(&mut self, client: usize) {
        let next = self.clients[client].next_arrival();
        self.next.set(client, next.map_or(NEVER, |at| (at, client)));
    }
}

/// A client's coefficient of variation, from a stream of its own: gaps do not move with it.
fn draw_once(cv: &Distribution, streams: &Streams, entity: &str) -> f64 {
    Sampler::new(cv).sample(&mut streams.stream(Purpose::Clients, entity))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::{Family, Renewal};

    fn client(name: &str, share: f64) -> Client {
        let gaps = ClientGaps::Given(Renewal::Poisson);
        Client { name: name.to_owned(), share, gaps, lengths: None }
    }

    #[test]
    fn validation_explains() {
        let drawn =
            |family, cv| Client { gaps: ClientGaps::Drawn { family, cv }, ..client("a", 1.0) };
        let complaints = [
            validate(&[]),
            validate(&[client("a", 0.5), client("b", 0.4)]),
            validate(&[client("a", 0.5), client("a", 0.5)]),
            validate(&[client("a", f64::NAN)]),
            validate(&[drawn(Family::Gamma, Distribution::Exponential { mean: 1.0 })]),
            validate(&[drawn(Family::Pareto, Distribution::Uniform { min: 0.5, max: 2.0 })]),
        ]
        .map(Result::unwrap_err);
        insta::assert_snapshot!(complaints.join("\n"), @"
        an application has 1 to 10000 clients, found 0
        the shares of clients must sum to 1, found 0.9
        two clients are named `a`
        the share of a client must be between 0 and 1, found NaN
        `cv` of gamma arrivals must be between 0.000001 and 100, found 0
        `cv` of Pareto arrivals must be between 1.01 and 100, found 0.5
        ");
    }
}
