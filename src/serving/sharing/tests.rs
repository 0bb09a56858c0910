//! Processor sharing against a slow twin and against hand calculation.

use super::*;
use crate::serving::{Request, Requests};
use proptest::prelude::*;

/// Arrival and service in nanoseconds.
type Job = (u64, u64);

/// Runs jobs, which come in order of arrival, and gives the end of each.
fn ends(servers: u32, jobs: &[Job]) -> Vec<u64> {
    let mut requests = Requests::default();
    let ids: Vec<_> = jobs
        .iter()
        .enumerate()
        .map(|(tag, &(at, service))| {
            let service = SimDuration::from_nanos(service);
            requests.insert(Request::new(SimTime::from_nanos(at), 0, 0, service, tag as u32))
        })
        .collect();
    let mut sharing = Sharing::new(servers, SimTime::ZERO);
    let mut ends = vec![0; jobs.len()];
    let mut arrivals = jobs.iter().zip(&ids).peekable();
    loop {
        let arrival = arrivals.peek().map(|((at, _), _)| SimTime::from_nanos(*at));
        let Some(now) = arrival.into_iter().chain(sharing.next_end()).min() else { return ends };
        sharing.advance(now, |id| ends[requests[id].tag as usize] = now.as_nanos());
        while let Some(((at, service), id)) = arrivals.next_if(|((at, _), _)| *at <= now.as_nanos())
        {
            assert_eq!(*at, now.as_nanos());
            sharing.join(*id, SimDuration::from_nanos(*service));
        }
    }
}

/// The same in floating point, with what is left of every job, and all of them touched at every
/// event.
fn slow_ends(servers: u32, jobs: &[Job]) -> Vec<f64> {
    let mut ends = vec![f64::NAN; jobs.len()];
    let mut left: Vec<(usize, f64)> = Vec::new();
    let mut now = 0.0;
    let mut next = 0;
    loop {
        let rate = (f64::from(servers) / left.len() as f64).min(1.0);
        let end = left.iter().map(|&(_, rest)| now + rest / rate).fold(f64::INFINITY, f64::min);
        let arrival = jobs.get(next).map_or(f64::INFINITY, |&(at, _)| at as f64);
        let then = end.min(arrival);
        if then.is_infinite() {
            return ends;
        }
        left.iter_mut().for_each(|(_, rest)| *rest -= (then - now) * rate);
        now = then;
        left.retain(|&(job, rest)| {
            let done = rest < 1e-6;
            if done {
                ends[job] = now;
            }
            !done
        });
        if arrival == then {
            left.push((next, jobs[next].1 as f64));
            next += 1;
        }
    }
}

#[test]
fn two_jobs_on_one_server() {
    // Alone until 40, then at half speed: 60 are left of the first and 30 of the second, which ends
    // at 100; the first has 30 left then.
    assert_eq!(ends(1, &[(0, 100), (40, 30)]), [130, 100]);
    assert_eq!(ends(2, &[(0, 100), (40, 30)]), [100, 70], "a server for each");
    assert_eq!(ends(2, &[(0, 10), (0, 10), (0, 10)]), [15, 15, 15]);
}

#[test]
fn an_end_is_the_first_nanosecond_at_which_it_is_reached() {
    // Each has a third of 10 ns of service after 10 ns.
    assert_eq!(ends(1, &[(0, 3), (0, 4), (0, 4)]), [9, 11, 11]);
    assert_eq!(ends(2, &[(0, 1), (0, 1), (0, 1)]), [2, 2, 2], "1.5 ns");
}

#[test]
fn nothing_takes_no_time() {
    assert_eq!(ends(1, &[(5, 0), (5, 0), (7, 1)]), [5, 5, 8]);
}

#[test]
fn those_that_end_together_do_so_in_the_order_in_which_they_joined() {
    let mut requests = Requests::default();
    let mut add = || requests.insert(Request::new(SimTime::ZERO, 0, 0, SimDuration::ZERO, 0));
    let (lower, higher) = (add(), add());
    for ids in [[lower, higher], [higher, lower]] {
        let mut sharing = Sharing::new(1, SimTime::ZERO);
        ids.iter().for_each(|&id| sharing.join(id, SimDuration::from_nanos(10)));
        let mut ended = Vec::new();
        sharing.advance(SimTime::from_nanos(20), |id| ended.push(id));
        assert_eq!(ended, ids);
    }
}

#[test]
fn an_end_past_the_end_of_time_never_comes() {
    let mut sharing = Sharing::new(1, SimTime::ZERO);
    let mut requests = Requests::default();
    let long = SimDuration::from_nanos(u64::MAX / 2);
    for _ in 0..3 {
        let id = requests.insert(Request::new(SimTime::ZERO, 0, 0, long, 0));
        sharing.join(id, long);
    }
    assert_eq!(sharing.next_end(), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn is_the_slow_twin_to_a_nanosecond_a_job(
        servers in 1..5_u32,
        gaps in prop::collection::vec((0..2000_u64, 0..5000_u64), 1..60),
    ) {
        let mut at = 0;
        let jobs: Vec<Job> = gaps
            .iter()
            .map(|&(gap, service)| {
                at += gap;
                (at, service)
            })
            .collect();
        let fast = ends(servers, &jobs);
        let slow = slow_ends(servers, &jobs);
        for (index, (fast, slow)) in fast.iter().zip(&slow).enumerate() {
            // Who has left up to a nanosecond late has held the others up by no more than that.
            let allowed = 1.0 + jobs.len() as f64;
            prop_assert!((*fast as f64 - slow).abs() <= allowed, "job {index}: {fast}, {slow}");
        }
    }
}
