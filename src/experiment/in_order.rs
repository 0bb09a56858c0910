//! Work in parallel, results in order, memory bounded by the number of threads.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Performs `task(number)` for all `tasks` on the threads of the current pool, and gives the results to `fold`, one
/// after the other. Tasks begin in their order, and none that is `ahead` of the first result that is not folded, or further: so many
/// results are there at most. The failure returned is that of the first task, in their order, that fails: neither results nor failures
/// depend on the number of threads.
pub(in crate::experiment) fn in_order<T: Send, E: Send>(
    tasks: u64,
    ahead: u64,
    task: impl Fn(u64) -> Result<T, E> + Sync,
    fold: impl FnMut(u64, T) + Send,
) -> Result<(), E> {
    let queue = Queue {
        tasks,
        ahead,
        state: Mutex::new(State {
            next: 0,
            folded: 0,
            waiting: VecDeque::new(),
            failure: None,
            stopped: false,
            fold,
        }),
        changed: Condvar::new(),
    };
    rayon::broadcast(|_| queue.work(&task));
    let state = queue.state.into_inner().unwrap_or_else(PoisonError::into_inner);
    state.failure.map_or(Ok(()), |(_, error)| Err(error))
}

struct Queue<T, E, F> {
    tasks: u64,
    /// How far ahead of the first result that is not folded a task may be.
    ahead: u64,
    state: Mutex<State<T, E, F>>,
    /// Notified when a task may have become ready to begin, or none ever will.
    changed: Condvar,
}

struct State<T, E, F> {
    /// The first task that has not begun.
    next: u64,
    /// Results folded.
    folded: u64,
    /// The results from `folded` on, as far as they are there.
    waiting: VecDeque<Option<T>>,
    /// The first failure in the order of tasks, of those that have begun.
    failure: Option<(u64, E)>,
    /// Nothing more is to begin.
    stopped: bool,
    fold: F,
}

impl<T: Send, E: Send, F: FnMut(u64, T) + Send> Queue<T, E, F> {
    fn work(&self, perform: &(impl Fn(u64) -> Result<T, E> + Sync)) {
        while let Some(task) = self.begin() {
            let stop = StopOnPanic(self);
            self.finish(task, perform(task));
            drop(stop);
        }
    }

    /// The next task, as soon as it may begin.
    fn begin(&self) -> Option<u64> {
        let mut state = self.lock();
        loop {
            if state.stopped || state.next == self.tasks {
                return None;
            }
            if state.next < state.folded + self.ahead {
                state.next += 1;
                return Some(state.next - 1);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn finish(&self, task: u64, result: Result<T, E>) {
        let mut state = self.lock();
        match result {
            Ok(result) => state.take(task, result),
            // Earlier tasks have begun, and are finished before this is reported.
            Err(error) => {
                if state.failure.as_ref().is_none_or(|&(earliest, _)| task < earliest) {
                    state.failure = Some((task, error));
                }
                state.stopped = true;
            }
        }
        drop(state);
        self.changed.notify_all();
    }

    /// What a thread that panicked had locked is only looked at to stop the others.
    fn lock(&self) -> MutexGuard<'_, State<T, E, F>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T, E, F: FnMut(u64, T)> State<T, E, F> {
    /// Keeps a result, and folds those that no earlier one is missing for.
    fn take(&mut self, task: u64, result: T) {
        let place = (task - self.folded) as usize;
        while self.waiting.len() <= place {
            self.waiting.push_back(None);
        }
        self.waiting[place] = Some(result);
        while let Some(result) = self.waiting.front_mut().and_then(Option::take) {
            self.waiting.pop_front();
            (self.fold)(self.folded, result);
            self.folded += 1;
        }
    }
}

/// Stops the other threads, which would wait for ever, when this one panics.
struct StopOnPanic<'a, T: Send, E: Send, F: FnMut(u64, T) + Send>(&'a Queue<T, E, F>);

impl<T: Send, E: Send, F: FnMut(u64, T) + Send> Drop for StopOnPanic<'_, T, E, F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().stopped = true;
            self.0.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads can be started").install(work)
    }

    /// Of five tasks in a row the earlier ones take longer.
    fn slow_first(task: u64) -> Result<u64, ()> {
        std::thread::sleep(Duration::from_micros(300 * (5 - task % 5)));
        Ok(task)
    }

    #[test]
    fn results_come_in_order() {
        for threads in [1, 2, 7] {
            let mut folded = Vec::new();
            let fold = |task, result| folded.push((task, result));
            on_threads(threads, || in_order(100, 9, slow_first, fold)).expect("nothing fails");
            let expected: Vec<_> = (0..100).map(|task| (task, task)).collect();
            assert_eq!(folded, expected, "{threads} threads");
        }
    }

    /// The first task takes as long as all others: they must not pile up behind it.
    #[test]
    fn no_task_runs_far_ahead() {
        let (begun, most) = (AtomicU64::new(0), AtomicU64::new(0));
        let task = |task| {
            begun.fetch_add(1, Ordering::SeqCst);
            if task == 0 {
                std::thread::sleep(Duration::from_millis(100));
                most.store(begun.load(Ordering::SeqCst), Ordering::SeqCst);
            }
            Ok::<_, ()>(())
        };
        on_threads(4, || in_order(10_000, 9, task, |_, ()| ())).unwrap();
        assert!(most.into_inner() <= 9);
        assert_eq!(begun.into_inner(), 10_000);
    }

    #[test]
    fn the_first_failure_is_told() {
        for threads in [1, 2, 5] {
            let fail = |task: u64| {
                // The later failure comes first where there are threads for it.
                let late = if task == 7 { 30 } else { 0 };
                std::thread::sleep(Duration::from_millis(late));
                if task >= 7 { Err(task) } else { Ok(()) }
            };
            let failure = on_threads(threads, || in_order(1000, 9, fail, |_, ()| ()));
            assert_eq!(failure, Err(7), "{threads} threads");
        }
    }

    #[test]
    #[should_panic(expected = "at last")]
    fn a_panic_ends_the_others() {
        let task = |task| {
            assert!(task != 5, "at last");
            Ok::<_, ()>(())
        };
        let _ = on_threads(3, || in_order(100_000, 9, task, |_, ()| ()));
    }
}
