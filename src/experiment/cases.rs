//! Cases made ready to run: some stay so, the others are made ready whenever they are needed, so that memory is bounded
//! by threads and not by cases.

use super::content::Content;
use crate::ids::CaseId;
use crate::setup::Setup;
use crate::simulation::{Known, Memory, Pilots, Prepared, SimulationError};
use rayon::prelude::*;
use std::sync::atomic::AtomicBool;

/// The cases of an experiment.
pub(super) struct Cases<'a> {
    setups: &'a [Setup],
    pilots: Pilots,
    /// The first of them, which stay ready.
    ready: Vec<Prepared<'a>>,
    /// About how much memory each takes.
    pub memory: Vec<Memory>,
    contents: Vec<Content>,
}

impl<'a> Cases<'a> {
    /// Makes each case ready once, so that whatever is wrong with any of them is found before the first is simulated.
    ///
    /// # Errors
    /// When a trace cannot be read, a replica has no place, an objective cannot be met, or `cancelled` was set: which
    /// case, and why.
    pub(super) fn new(
        setups: &'a [Setup],
        seed: u64,
        cancelled: &AtomicBool,
    ) -> Result<Self, (CaseId, SimulationError)> {
        let at = |(case, error)| (CaseId::new(case), error);
        let pilots = Pilots::find(setups, &Known::default(), cancelled).map_err(at)?;
        let staying = Memory::READY_PER_THREAD * rayon::current_num_threads();
        let prepare = |(case, setup): (usize, &'a Setup)| {
            let prepared = Prepared::case(setup, case, &pilots, cancelled);
            let prepared = prepared.map_err(|error| at((case, error)))?;
            let (memory, content) = (prepared.memory(), Content::of(&prepared, seed));
            Ok(((case < staying).then_some(prepared), memory, content))
        };
        // All are looked at before the first error: which it is does not depend on threads.
        let found: Vec<_> = setups.par_iter().enumerate().map(prepare).collect();
        let (mut ready, mut memory, mut contents) = (Vec::new(), Vec::new(), Vec::new());
        for found in found {
            let (prepared, takes, content) = found?;
            ready.extend(prepared);
            memory.push(takes);
            contents.push(content);
        }
        Ok(Self { setups, pilots, ready, memory, contents })
    }

    /// What the outcomes of a case depend on.
    pub(super) fn content(&self, case: CaseId) -> Content {
        self.contents[case.index()]
    }

    /// Does something with a case that is ready.
    ///
    /// # Errors
    /// As for [`new`](Self::new): a file may have changed meanwhile.
    pub(super) fn with<T>(
        &self,
        case: CaseId,
        cancelled: &AtomicBool,
        act: impl FnOnce(&Prepared<'_>) -> T,
    ) -> Result<T, SimulationError> {
        let index = case.index();
        match self.ready.get(index) {
            Some(prepared) => Ok(act(prepared)),
            None => Prepared::case(&self.setups[index], index, &self.pilots, cancelled)
                .map(|it| act(&it)),
        }
    }
}
