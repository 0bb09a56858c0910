//! By what rows are drawn: a hash of what identifies them, which knows nothing of what was measured.

/// The 64-bit FNV-1a hash (Fowler, Noll and Vo).
pub(super) fn fnv_1a(text: &str) -> u64 {
    let step = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
