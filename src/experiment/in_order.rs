//! Work in parallel, results in order, memory bounded by the number of threads.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Results that may wait for an earlier one, per thread, beyond those of one round.
const AHEAD_PER_THREAD: u64 = 2;

/// Rounds of tasks, such as the replications of several variants: a round is the same task numbers once more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rounds {
    /// How many rounds there are.
    pub rounds: u32,
    /// Tasks in each.
    pub tasks: usize,
}

/// Performs `task(number, round)` for all tasks of all rounds on the threads of the current pool, and gives the
/// results of each round to `fold`, round after round. Tasks begin in their order, and none begins that is far ahead
/// of the first round that is not complete. The failure returned is that of the first task, in their order, that
/// fails: neither results nor failures depend on the number of threads.
pub(super) fn in_order<T: Send, E: Send>(
    rounds: Rounds,
    task: impl Fn(usize, u32) -> Result<T, E> + Sync,
    fold: impl FnMut(Vec<T>) + Send,
) -> Result<(), E> {
    if rounds.tasks == 0 {
        return Ok(());
    }
    let threads = rayon::current_num_threads() as u64;
    let queue = Queue {
        rounds,
        ahead: rounds.tasks as u64 + AHEAD_PER_THREAD * threads,
        state: Mutex::new(State {
            next: 0,
            complete: 0,
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
    rounds: Rounds,
    /// How far ahead of the first incomplete round a task may be.
    ahead: u64,
    state: Mutex<State<T, E, F>>,
    /// Notified when a task may have become ready to begin, or none ever will.
    changed: Condvar,
}

struct State<T, E, F> {
    /// The first task that has not begun. Tasks are numbered through all rounds.
    next: u64,
    /// Rounds folded.
    complete: u64,
    /// The results of rounds from `complete` on, as far as they are there.
    waiting: VecDeque<Vec<Option<T>>>,
    /// The first failure in the order of tasks, of those that have begun.
    failure: Option<(u64, E)>,
    /// Nothing more is to begin.
    stopped: bool,
    fold: F,
}

impl<T: Send, E: Send, F: FnMut(Vec<T>) + Send> Queue<T, E, F> {
    fn work(&self, perform: &(impl Fn(usize, u32) -> Result<T, E> + Sync)) {
        let tasks = self.rounds.tasks as u64;
        while let Some(task) = self.begin() {
            let stop = StopOnPanic(self);
            let result = perform((task % tasks) as usize, (task / tasks) as u32);
            self.finish(task, result);
            drop(stop);
        }
    }

    /// The next task, as soon as it may begin.
    fn begin(&self) -> Option<u64> {
        let tasks = self.rounds.tasks as u64;
        let mut state = self.lock();
        loop {
            if state.stopped || state.next == tasks * u64::from(self.rounds.rounds) {
                return None;
            }
            if state.next < state.complete * tasks + self.ahead {
                state.next += 1;
                return Some(state.next - 1);
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn finish(&self, task: u64, result: Result<T, E>) {
        let mut state = self.lock();
        match result {
            Ok(result) => state.take(self.rounds.tasks, task, result),
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

impl<T, E, F: FnMut(Vec<T>)> State<T, E, F> {
    /// Keeps a result, and folds the rounds that are now complete.
    fn take(&mut self, tasks: usize, task: u64, result: T) {
        let round = (task / tasks as u64 - self.complete) as usize;
        while self.waiting.len() <= round {
            self.waiting.push_back((0..tasks).map(|_| None).collect());
        }
        self.waiting[round][(task % tasks as u64) as usize] = Some(result);
        while self.waiting.front().is_some_and(|results| results.iter().all(Option::is_some)) {
            let results = self.waiting.pop_front().expect("there is a first");
            self.complete += 1;
            (self.fold)(results.into_iter().flatten().collect());
        }
    }
}

/// Stops the other threads, which would wait for ever, when this one panics.
struct StopOnPanic<'a, T: Send, E: Send, F: FnMut(Vec<T>) + Send>(&'a Queue<T, E, F>);

impl<T: Send, E: Send, F: FnMut(Vec<T>) + Send> Drop for StopOnPanic<'_, T, E, F> {
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
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.expect("threads can be started").install(work)
    }

    /// Tasks that take the longer the earlier they are in their round.
    fn slow_first(task: usize, round: u32) -> Result<(usize, u32), ()> {
        std::thread::sleep(Duration::from_micros(300 * (5 - task as u64)));
        Ok((task, round))
    }

    #[test]
    fn rounds_come_whole_and_in_order() {
        for threads in [1, 2, 7] {
            let mut folded = Vec::new();
            let rounds = Rounds { rounds: 20, tasks: 5 };
            on_threads(threads, || in_order(rounds, slow_first, |round| folded.push(round)))
                .expect("nothing fails");
            let expected: Vec<Vec<_>> =
                (0..20).map(|round| (0..5).map(|task| (task, round)).collect()).collect();
            assert_eq!(folded, expected, "{threads} threads");
        }
    }

    /// The first task takes as long as all others: they must not pile up behind it.
    #[test]
    fn no_task_runs_far_ahead() {
        let (begun, most) = (AtomicU32::new(0), AtomicU32::new(0));
        let task = |_, round| {
            begun.fetch_add(1, Ordering::SeqCst);
            if round == 0 {
                std::thread::sleep(Duration::from_millis(100));
                most.store(begun.load(Ordering::SeqCst), Ordering::SeqCst);
            }
            Ok::<_, ()>(())
        };
        on_threads(4, || in_order(Rounds { rounds: 10_000, tasks: 1 }, task, drop)).unwrap();
        assert!(most.into_inner() <= 1 + 2 * 4);
        assert_eq!(begun.into_inner(), 10_000);
    }

    #[test]
    fn the_first_failure_is_told() {
        for threads in [1, 2, 5] {
            let fail = |task: usize, round: u32| {
                // The later failure comes first where there are threads for it.
                let late = if round == 3 { 30 } else { 0 };
                std::thread::sleep(Duration::from_millis(late));
                if task == 1 && round >= 3 { Err(round) } else { Ok(()) }
            };
            let rounds = Rounds { rounds: 1000, tasks: 2 };
            let failure = on_threads(threads, || in_order(rounds, fail, drop));
            assert_eq!(failure, Err(3), "{threads} threads");
        }
    }

    #[test]
    #[should_panic(expected = "at last")]
    fn a_panic_ends_the_others() {
        let task = |_, round| {
            assert!(round != 5, "at last");
            Ok::<_, ()>(())
        };
        let _ = on_threads(3, || in_order(Rounds { rounds: 100_000, tasks: 1 }, task, drop));
    }
}
