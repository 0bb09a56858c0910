//! Calls drawn from random processes.

use super::sampler::LengthsSampler;
use super::{ArrivalProcess, Arrivals, Call, Lengths, Process, clients};
use crate::engine::{Purpose, Stream, Streams};
use std::sync::Arc;

/// Calls drawn from random processes. Gaps and lengths have a stream each, so that changing one
/// law never moves the draws of the other; where there are clients, so does each of them.
#[derive(Clone, Debug)]
pub struct Synthetic {
    arrivals: ArrivalProcess,
    /// One for each client; one in all without clients.
    writers: Vec<Writer>,
}

/// Draws how long calls are.
#[derive(Clone, Debug)]
struct Writer {
    /// Absent where calls have no tokens.
    lengths: Option<Arc<LengthsSampler>>,
    stream: Stream,
}

impl Synthetic {
    /// The calls of `application` in the replication that `streams` belong to.
    ///
    /// # Panics
    /// When the laws were not validated.
    pub fn new(
        arrivals: &Arrivals,
        lengths: Option<&Lengths>,
        application: &str,
        streams: &Streams,
    ) -> Self {
        let prepare = |lengths| Arc::new(LengthsSampler::new(lengths));
        let usual = lengths.map(prepare);
        let writers = match &arrivals.process {
            Process::Renewal(_) | Process::Mmpp(_) => {
                vec![Writer {
                    lengths: usual,
                    stream: streams.stream(Purpose::Lengths, application),
                }]
            }
            Process::Clients(clients) => clients
                .iter()
                .map(|client| Writer {
                    lengths: client.lengths.as_ref().map(prepare).or_else(|| usual.clone()),
                    stream: streams.stream(Purpose::Lengths, &clients::entity(application, client)),
                })
                .collect(),
        };
        Self { arrivals: ArrivalProcess::new(arrivals, application, streams), writers }
    }

    /// The next call; `None` when none comes before the end of time.
    pub fn next_call(&mut self) -> Option<Call> {
        let at = self.arrivals.next_arrival()?;
        let writer = &mut self.writers[self.arrivals.client()];
        let (input, output) = match &writer.lengths {
            Some(lengths) => lengths.sample(&mut writer.stream),
            None => (0, 0),
        };
        Some(Call { at, input, output, model: None })
    }
}
