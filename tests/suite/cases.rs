//! Which random cases a test tries: few unless `COOPSIM_CASES` says how many, and only number
//! `COOPSIM_CASE` where that is given, to see a failure again.

use std::any::Any;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

/// A case is done in a moment, also on a busy machine: what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(120);

/// The number that `COOPSIM_CASES` gives, or `short`.
pub fn count(short: u64) -> u64 {
    number("COOPSIM_CASES").unwrap_or(short)
}

/// The numbers of the cases to try, `short` of them unless something else is asked for.
pub fn numbers(short: u64) -> Range<u64> {
    match number("COOPSIM_CASE") {
        Some(one) => one..one + 1,
        None => 0..count(short),
    }
}

/// The number in an environment variable, if it is given.
///
/// # Panics
/// Where it is something else.
pub fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is {text:?}, not a whole number")))
}

/// Holds `case` for all numbers, `short` of them unless something else is asked for, on all processors.
/// Returns how many they are.
///
/// # Panics
/// Where any fails, panics or hangs: each is told with its number, and how to try it again in `subject`.
pub fn all<C>(subject: &str, short: u64, case: C) -> u64
where
    C: Fn(u64) -> Result<(), String> + Send + Sync + 'static,
{
    let numbers = numbers(short);
    let next = AtomicU64::new(numbers.start);
    let failed = Mutex::new(Vec::new());
    let case = Arc::new(case);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= numbers.end {
                return;
            }
            if let Err(why) = watched(number, &case) {
                eprintln!("{subject}, case {number}: {why}");
                failed.lock().expect("unpoisoned").push(number);
            }
        }
    };
    let workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    let failed = failed.into_inner().expect("unpoisoned");
    let count = numbers.end - numbers.start;
    assert!(
        failed.is_empty(),
        "{} of {count} cases failed; again: COOPSIM_CASE={} cargo test --test suite {subject}",
        failed.len(),
        failed[0]
    );
    count
}

/// Tries a case on a thread of its own, so that a panic or a hang is told with its number.
fn watched<C>(number: u64, case: &Arc<C>) -> Result<(), String>
where
    C: Fn(u64) -> Result<(), String> + Send + Sync + 'static,
{
    let (sender, receiver) = mpsc::channel();
    let case = Arc::clone(case);
    thread::spawn(move || {
        let ending = catch_unwind(AssertUnwindSafe(|| case(number)));
        let _ = sender.send(ending);
    });
    match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(ending)) => ending,
        Ok(Err(panic)) => Err(format!("panicked: {}", words(&*panic))),
        // The thread may never end: nobody waits for it.
        Err(_) => Err(format!("it takes longer than {PATIENCE:?}")),
    }
}

/// What a panic said.
pub fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without words")
}
