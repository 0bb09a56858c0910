//! A product of matrices.

use super::Chip;
use crate::catalog::ProductLaw;

/// What is multiplied: bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Operands {
    /// Of weights.
    pub weights: f64,
    /// Of activations, as they are multiplied.
    pub activations: f64,
    /// TFLOP/s of the chip with such operands.
    pub peak: f64,
}

/// Bytes of a number of the result, and of activations before they are quantised.
const RESULT: f64 = 2.0;

/// Microseconds of `m` tokens times a matrix of `k` by `n`:
///
/// ```text
/// floor + (memory³ + chain³ + flops³)^⅓ + rows·m/1024 + quantise
/// memory = (n·k·w + m·k·a + m·n·2) / (B·e_memory)      chain = c·k/1024      flops = 2·m·n·k / (F·e_peak)
/// quantise = m·k·(2 + a) / (B·e_quantise)
/// ```
pub fn product(law: &ProductLaw, chip: &Chip, with: &Operands, m: f64, n: f64, k: f64) -> f64 {
    let bytes = n * k * with.weights + m * k * with.activations + m * n * RESULT;
    let memory = bytes / 1e6 / (chip.memory * law.memory);
    let chain = law.chain * k / 1024.0;
    let flops = 2.0 * m * n * k / 1e6 / (with.peak * law.peak);
    let quantise = law
        .quantise
        .map_or(0.0, |share| m * k * (RESULT + with.activations) / 1e6 / (chip.memory * share));
    law.floor + cubes(&[memory, chain, flops]) + law.rows * m / 1024.0 + quantise
}

/// A maximum with rounded corners: the cube root of the sum of cubes.
fn cubes(parts: &[f64]) -> f64 {
    cube_root(parts.iter().map(|part| part * part * part).sum())
}

/// The cube root of what is not negative, to a few units in the last place: a guess by a third of the exponent, and three of
/// Halley's steps. The exactly rounded one takes ten times as long, and curves over tokens need thousands.
fn cube_root(number: f64) -> f64 {
    const BIAS: u64 = 0x2a9f_7893_0000_0000;
    if number < f64::MIN_POSITIVE || !number.is_finite() {
        return number.cbrt();
    }
    let mut root = f64::from_bits(number.to_bits() / 3 + BIAS);
    for _ in 0..3 {
        let cube = root * root * root;
        root *= (cube + 2.0 * number) / (2.0 * cube + number);
    }
    root
}

/// A maximum with corners as round as the exponent is small; with 1 the sum.
pub(super) fn rounded(parts: &[f64], exponent: f64) -> f64 {
    let squares = || parts.iter().map(|part| part * part);
    match exponent {
        1.0 => parts.iter().sum(),
        2.0 => squares().sum::<f64>().sqrt(),
        3.0 => cubes(parts),
        4.0 => squares().map(|square| square * square).sum::<f64>().sqrt().sqrt(),
        _ => parts.iter().map(|part| part.powf(exponent)).sum::<f64>().powf(1.0 / exponent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cube_roots_are_those_of_the_library() {
        let mut number = 1e-12;
        while number < 1e30 {
            let (found, exact) = (cube_root(number), number.cbrt());
            assert!((found / exact - 1.0).abs() < 4.0 * f64::EPSILON, "{number}: {found}, {exact}");
            number *= 1.37;
        }
        assert_eq!([0.0, f64::INFINITY].map(cube_root), [0.0, f64::INFINITY]);
    }
}
