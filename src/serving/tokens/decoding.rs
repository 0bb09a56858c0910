//! The sequences that decode together, one token each at every step.

use crate::ids::RequestId;
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A decoding sequence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Member {
    /// The step after which it ends.
    end: u64,
    /// Number of its admission, for the order among those that end together and for preemption.
    pub admission: u32,
    pub request: RequestId,
}

const END_SHIFT: u32 = 64;
const ADMISSION_SHIFT: u32 = 32;

impl Member {
    /// As `end:64 | admission:32 | request:32`, so that ordering is one comparison.
    fn pack(self) -> u128 {
        u128::from(self.end) << END_SHIFT
            | u128::from(self.admission) << ADMISSION_SHIFT
            | self.request.index() as u128
    }

    fn unpack(packed: u128) -> Self {
        Self {
            end: (packed >> END_SHIFT) as u64,
            admission: (packed >> ADMISSION_SHIFT) as u32,
            request: RequestId::new(packed as u32 as usize),
        }
    }
}

/// Decoding sequences. Each one's end is a step known from the start, so that a step costs nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Decoding {
    /// [Packed](Member::pack), the first to end at hand.
    members: BinaryHeap<Reverse<u128>>,
    /// Steps completed so far, except those of the present run.
    steps: u64,
    /// Sum of the members' context lengths at `steps`.
    context: u64,
    /// Members of a static batch that have ended: computed all the same until the batch ends.
    padding: Padding,
}

#[derive(Clone, Copy, Debug, Default)]
struct Padding {
    rows: u64,
    context: u64,
}

impl Decoding {
    /// Sequences that still produce tokens.
    pub(super) fn len(&self) -> u64 {
        self.members.len() as u64
    }

    /// Sequences computed in each step, padding included.
    pub(super) fn rows(&self) -> u64 {
        self.len() + self.padding.rows
    }

    /// Sum of the context lengths of sequences that still produce tokens.
    pub(super) fn context(&self) -> u64 {
        self.context
    }

    /// Sum of the context lengths of all [rows](Self::rows).
    pub(super) fn row_context(&self) -> u64 {
        self.context + self.padding.context
    }

    /// Lets in a sequence of `context` tokens that has `left` tokens to produce.
    pub(super) fn join(&mut self, request: RequestId, admission: u32, context: u64, left: u32) {
        let end = self.steps + u64::from(left);
        self.members.push(Reverse(Member { end, admission, request }.pack()));
        self.context += context;
    }

    /// Every sequence produces `steps` tokens.
    pub(super) fn advance(&mut self, steps: u64) {
        self.steps += steps;
        self.context += steps * self.len();
        self.padding.context += steps * self.padding.rows;
    }

    /// Steps until the first sequence ends.
    pub(super) fn until_first_end(&self) -> Option<u64> {
        self.first().map(|member| member.end - self.steps)
    }

    /// Takes out a sequence that has produced all its tokens, those that were admitted earlier
    /// first; its context remains until it is [taken off](Self::take_off).
    pub(super) fn pop_ended(&mut self) -> Option<RequestId> {
        let member = self.first()?;
        (member.end <= self.steps).then(|| {
            self.members.pop();
            member.request
        })
    }

    /// Takes off the context of a sequence that left.
    pub(super) fn take_off(&mut self, context: u64) {
        self.context -= context;
    }

    /// Goes on computing a sequence of a static batch that has ended with `context` tokens.
    pub(super) fn pad(&mut self, context: u64) {
        self.padding.rows += 1;
        self.padding.context += context;
    }

    /// Ends a static batch.
    pub(super) fn drop_padding(&mut self) {
        self.padding = Padding::default();
    }

    /// The sequence admitted last, when `admissions` is the number of the next admission.
    pub(super) fn latest(&self, admissions: u32) -> Option<Member> {
        self.iter().min_by_key(|member| admissions.wrapping_sub(member.admission))
    }

    /// Takes out a sequence before its end; its context remains until it is taken off.
    pub(super) fn remove(&mut self, member: Member) {
        self.members.retain(|&Reverse(other)| other != member.pack());
    }

    /// Tokens that the member has yet to produce, after `further` steps.
    pub(super) fn left(&self, member: Member, further: u64) -> u64 {
        member.end - self.steps - further
    }

    /// The sequences, in no particular order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Member> {
        self.members.iter().map(|&Reverse(packed)| Member::unpack(packed))
    }

    fn first(&self) -> Option<Member> {
        self.members.peek().map(|&Reverse(packed)| Member::unpack(packed))
    }
}
