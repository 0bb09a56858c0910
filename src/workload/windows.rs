//! Clients whose rate and bursts change from one window of time to the next.
//!
//! In each window a client is a stationary renewal process of its own, which knows nothing of the window
//! before: a gap that would reach over the edge is cut there, and the first call of the new window
//! comes after a residual gap of the new law. Each window therefore brings exactly its rate times its
//! length on average, however different its neighbours are, and a client that was silent does
//! not carry a gap of hours ago along.

use super::clock::Clock;
use super::renewal::Gaps;
use super::{Client, ClientGaps, ClientWindows, RateProfile};
use crate::engine::{SimDuration, SimTime, Span, Stream};

/// By how much the mean of the factors may miss 1.
const MEAN_SLACK: f64 = 1e-9;

impl ClientWindows {
    /// Whether these are windows that can be drawn from.
    pub(super) fn validate(&self) -> Result<(), String> {
        let profile = self.profile();
        profile.validate()?;
        let mean = profile.mean_factor();
        if (mean - 1.0).abs() > MEAN_SLACK {
            return Err(format!(
                "the factors of a client's windows must have mean 1, found {mean}"
            ));
        }
        self.windows.iter().try_for_each(|window| window.gaps.validate())
    }

    /// How the rate changes from window to window.
    fn profile(&self) -> RateProfile {
        let factors = self.windows.iter().map(|window| window.factor).collect();
        RateProfile { factors, step: self.step, offset: self.offset }
    }
}

/// The mean rate of `clients` in `span` over that of whole periods of their windows.
pub(super) fn mean_factor(clients: &[Client], span: Span) -> f64 {
    let seconds = span.length().as_secs_f64();
    let factor = |client: &Client| match &client.gaps {
        ClientGaps::Windows(windows) if seconds > 0.0 => windows.profile().integral(span) / seconds,
        _ => 1.0,
    };
    clients.iter().map(|client| client.share * factor(client)).sum()
}

/// Likewise, from each of some instants to the next.
pub(super) fn mean_factors(clients: &[Client], instants: &[SimTime]) -> Vec<f64> {
    let mut factors = vec![0.0; instants.len().saturating_sub(1)];
    for client in clients {
        let profile = match &client.gaps {
            ClientGaps::Windows(windows) => Some(windows.profile()),
            _ => None,
        };
        for (factor, pair) in factors.iter_mut().zip(instants.windows(2)) {
            let span = Span { start: pair[0], end: pair[1] };
            let seconds = span.length().as_secs_f64();
            let own = profile.as_ref().filter(|_| seconds > 0.0);
            *factor += client.share * own.map_or(1.0, |own| own.integral(span) / seconds);
        }
    }
    factors
}

/// A client that goes from window to window.
#[derive(Clone, Debug)]
pub(super) struct WindowedProcess {
    /// Absent where nothing arrives.
    windows: Vec<Option<Window>>,
    step: SimDuration,
    until: SimTime,
    /// The current window, and its end.
    index: usize,
    end: SimTime,
    /// Whether a call came in the current window.
    started: bool,
    now: SimTime,
    clock: Clock,
    stream: Stream,
}

#[derive(Clone, Debug)]
struct Window {
    gaps: Gaps,
    /// In units of the clock.
    mean_gap: f64,
}

impl WindowedProcess {
    /// Validated windows of a client with this part of the rate, in a span at whose start `clock` is.
    /// They are not followed beyond its end.
    pub(super) fn new(
        given: &ClientWindows,
        share: f64,
        clock: Clock,
        Span { start: now, end: until }: Span,
        stream: Stream,
    ) -> Self {
        let window = |window: &super::GapWindow| {
            let rate = window.factor * share;
            (rate > 0.0).then(|| Window { gaps: Gaps::new(window.gaps), mean_gap: rate.recip() })
        };
        let step = given.step.as_nanos();
        let period = step * given.windows.len() as u64;
        let phase = (now.as_nanos() % period + given.offset.as_nanos() % period) % period;
        Self {
            windows: given.windows.iter().map(window).collect(),
            step: given.step,
            until,
            index: (phase / step) as usize,
            end: now + SimDuration::from_nanos(step - phase % step),
            started: false,
            now,
            clock,
            stream,
        }
    }

    /// The next arrival; `None` when none comes before the end.
    pub(super) fn next_arrival(&mut self) -> Option<SimTime> {
        while self.now < self.until {
            if let Some(at) = self.next_in_window() {
                self.now = at;
                return Some(at).filter(|&at| at < self.until);
            }
            self.enter_next();
        }
        None
    }

    fn next_in_window(&mut self) -> Option<SimTime> {
        let window = self.windows[self.index].as_ref()?;
        let gap = if self.started {
            window.gaps.draw(&mut self.stream)
        } else {
            self.started = true;
            window.gaps.draw_residual(&mut self.stream)
        };
        // What is rounded up to the end was before it.
        self.clock.after(self.now, gap * window.mean_gap).filter(|&at| at <= self.end)
    }

    fn enter_next(&mut self) {
        self.now = self.end;
        self.clock.seek(self.now);
        self.started = false;
        self.index = (self.index + 1) % self.windows.len();
        self.end = self.end.checked_add(self.step).unwrap_or(SimTime::MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Purpose, Streams};
    use crate::units::PerSecond;
    use crate::workload::{
        ArrivalProcess, Arrivals, FlashCrowd, GapWindow, Modulation, Process, Renewal,
    };

    const SEED: u64 = 20_261;

    fn seconds(secs: f64) -> SimDuration {
        SimDuration::from_secs_f64(secs)
    }

    /// A silent window, a quiet one with heavy bursts, and a busy one with nearly even gaps.
    fn windows(step: f64) -> ClientWindows {
        let window = |factor, gaps| GapWindow { factor, gaps };
        ClientWindows {
            windows: vec![
                window(0.0, Renewal::Poisson),
                window(0.5, Renewal::Weibull { cv: 4.0 }),
                window(2.5, Renewal::Gamma { cv: 0.3 }),
            ],
            step: seconds(step),
            offset: SimDuration::ZERO,
        }
    }

    fn arrivals(windows: ClientWindows, modulation: Modulation) -> Arrivals {
        let gaps = ClientGaps::Windows(windows);
        let client = Client { name: "a".to_owned(), share: 1.0, gaps, lengths: None };
        Arrivals { rate: PerSecond(2.0), process: Process::Clients(vec![client]), modulation }
    }

    /// Seconds of all arrivals of a replication in the first so many seconds.
    fn instants(arrivals: &Arrivals, until: f64, replication: u32) -> Vec<f64> {
        let (span, streams) = (seconds(until).into(), Streams::new(SEED, replication));
        let mut process = ArrivalProcess::within(span, arrivals, "chat", &streams);
        std::iter::from_fn(|| process.next_arrival())
            .map(|at| at.since(SimTime::ZERO).as_secs_f64())
            .collect()
    }

    /// Whether the mean of `values` is `expected` within 4.5 standard errors: one false alarm in
    /// 150,000.
    fn agrees(values: &[f64], expected: f64, what: &str) {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0);
        let z = (mean - expected) / (variance / n).sqrt();
        assert!(z.abs() < 4.5, "{what}: {mean} is not {expected}: z = {z:.2} (seed {SEED})");
    }

    #[test]
    fn each_window_brings_its_rate_from_its_first_instant_on() {
        // Two periods and a half, so that the second window comes three times.
        let arrivals = arrivals(windows(10.0), Modulation::default());
        let expected = [0.0, 10.0, 50.0, 0.0, 10.0, 50.0, 0.0, 10.0];
        let mut counts = vec![Vec::new(); 16];
        for replication in 0..4000 {
            let instants = instants(&arrivals, 80.0, replication);
            for (half, counts) in counts.iter_mut().enumerate() {
                let start = half as f64 * 5.0;
                let inside = instants.iter().filter(|&&at| start <= at && at < start + 5.0);
                counts.push(inside.count() as f64);
            }
        }
        for (half, counts) in counts.iter().enumerate() {
            let expected = expected[half / 2] / 2.0;
            if expected == 0.0 {
                assert!(counts.iter().all(|&count| count == 0.0), "half {half}");
            } else {
                agrees(counts, expected, &format!("half {half}"));
            }
        }
        assert_eq!(arrivals.expected_calls(seconds(80.0)), 130.0);
        assert_eq!(arrivals.mean_rate(seconds(80.0)), 2.0);
    }

    #[test]
    fn each_window_has_its_own_bursts() {
        let arrivals = arrivals(windows(20_000.0), Modulation::default());
        let mut quiet = Vec::new();
        let mut busy = Vec::new();
        for replication in 0..40 {
            let instants = instants(&arrivals, 60_000.0, replication);
            let gaps = |from: f64, to: f64| {
                let inside = instants.iter().filter(move |&&at| from <= at && at < to);
                let inside: Vec<f64> = inside.copied().collect();
                inside.windows(2).map(|pair| pair[1] - pair[0]).collect::<Vec<_>>()
            };
            // E[gap²] is mean² (1 + cv²): here 1 · 17, and 0.04 · 1.09.
            let square =
                |gaps: Vec<f64>| gaps.iter().map(|gap| gap * gap).sum::<f64>() / gaps.len() as f64;
            quiet.push(square(gaps(20_000.0, 40_000.0)));
            busy.push(square(gaps(40_000.0, 60_000.0)));
        }
        agrees(&quiet, 17.0, "quiet");
        agrees(&busy, 0.04 * 1.09, "busy");
    }

    #[test]
    fn a_simulation_may_start_in_the_middle_of_a_window() {
        let offset = seconds(25.0);
        let arrivals = arrivals(ClientWindows { offset, ..windows(10.0) }, Modulation::default());
        let instants = instants(&arrivals, 15.0, 0);
        assert!((15..35).contains(&instants.len()), "{}", instants.len());
        assert!(instants.iter().all(|&at| at < 5.0));
        assert_eq!(arrivals.expected_calls(seconds(15.0)), 25.0);
    }

    #[test]
    fn modulation_applies_in_each_window() {
        let crowd = FlashCrowd {
            start: seconds(15.0),
            ramp: SimDuration::ZERO,
            duration: seconds(10.0),
            decay: SimDuration::ZERO,
            factor: 3.0,
        };
        let modulation = Modulation { crowds: vec![crowd], ..Modulation::default() };
        let arrivals = arrivals(windows(10.0), modulation);
        let mut counts = vec![Vec::new(); 6];
        for replication in 0..4000 {
            let instants = instants(&arrivals, 30.0, replication);
            for (half, counts) in counts.iter_mut().enumerate().skip(2) {
                let start = half as f64 * 5.0;
                let inside = instants.iter().filter(|&&at| start <= at && at < start + 5.0);
                counts.push(inside.count() as f64);
            }
        }
        for (half, expected) in [(2, 5.0), (3, 15.0), (4, 75.0), (5, 25.0)] {
            agrees(&counts[half], expected, &format!("half {half}"));
        }
    }

    #[test]
    fn nothing_comes_at_the_end_or_later() {
        let busy = GapWindow { factor: 1.0, gaps: Renewal::Deterministic };
        let windows = ClientWindows { windows: vec![busy], ..windows(1e9) };
        let stream = Streams::new(SEED, 0).stream(Purpose::Arrivals, "chat");
        let clock = Clock::Constant { nanos_per_unit: 1e8 };
        let span = seconds(10.0).into();
        let mut process = WindowedProcess::new(&windows, 1.0, clock, span, stream.clone());
        assert_eq!(std::iter::from_fn(|| process.next_arrival()).count(), 100);
        assert_eq!(process.next_arrival(), None);
        // A client without any part of the rate is silent.
        let mut silent = WindowedProcess::new(&windows, 0.0, Clock::Stopped, span, stream);
        assert_eq!(silent.next_arrival(), None);
    }

    #[test]
    fn validation_explains() {
        let wrong = |change: fn(&mut ClientWindows)| {
            let mut windows = windows(10.0);
            change(&mut windows);
            windows.validate().unwrap_err()
        };
        let complaints = [
            wrong(|windows| windows.windows.clear()),
            wrong(|windows| windows.windows[0].factor = 1.0),
            wrong(|windows| windows.windows[1].gaps = Renewal::Gamma { cv: f64::NAN }),
            wrong(|windows| windows.step = SimDuration::ZERO),
        ];
        insta::assert_snapshot!(complaints.join("\n"), @"
        a rate profile needs at least one factor, found none
        the factors of a client's windows must have mean 1, found 1.3333333333333333
        `cv` of gamma arrivals must be between 0.000001 and 100, found NaN
        the steps of a rate profile must be longer than 0ns
        ");
    }
}
