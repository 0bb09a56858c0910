//! Calls drawn from random processes.

use super::draws::{LengthLaws, LengthStreams};
use super::{ArrivalProcess, Arrivals, Call, Lengths, Process, clients};
use crate::engine::{Span, Streams};
use std::sync::Arc;

/// Calls drawn from random processes. Gaps, lengths and cached prefixes have a stream each, so that
/// changing one law never moves the draws of the others; where there are clients, so does each of
/// them.
#[derive(Clone, Debug)]
pub struct Synthetic {
    arrivals: ArrivalProcess,
    /// One for each client; one in all without clients.
    writers: Vec<Writer>,
}

/// Draws how long calls are.
#[derive(Clone, Debug)]
struct Writer {
    laws: Arc<LengthLaws>,
    streams: LengthStreams,
}

impl Writer {
    fn new(laws: Arc<LengthLaws>, entity: &str, streams: &Streams) -> Self {
        Self { streams: laws.streams(|purpose| streams.stream(purpose, entity)), laws }
    }
}

impl Synthetic {
    /// The calls of `application` in `span`, in the replication that `streams` belong to.
    ///
    /// # Panics
    /// When the laws were not validated.
    pub fn new(
        arrivals: &Arrivals,
        lengths: Option<&Lengths>,
        span: Span,
        application: &str,
        streams: &Streams,
    ) -> Self {
        let usual = Arc::new(LengthLaws::new(lengths));
        let writers = match &arrivals.process {
            Process::Renewal(_) | Process::Mmpp(_) => {
                vec![Writer::new(usual, application, streams)]
            }
            Process::Clients(clients) => clients
                .iter()
                .map(|client| {
                    let own = client.lengths.as_ref();
                    let own = own.map(|own| Arc::new(LengthLaws::new(Some(own))));
                    let laws = own.unwrap_or_else(|| usual.clone());
                    Writer::new(laws, &clients::entity(application, client), streams)
                })
                .collect(),
        };
        Self { arrivals: ArrivalProcess::within(span, arrivals, application, streams), writers }
    }

    /// The next call; `None` when none comes before the end of time.
    pub fn next_call(&mut self) -> Option<Call> {
        let at = self.arrivals.next_arrival()?;
        let writer = &mut self.writers[self.arrivals.client()];
        Some(writer.laws.sample(&mut writer.streams).call(at))
    }
}
