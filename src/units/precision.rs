//! Formats of numbers: what weights, matrix products and caches are held in.

/// A number format.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 16-bit brain floating point.
    Bf16,
    /// 8-bit floating point.
    Fp8,
    /// 4-bit floating point.
    Fp4,
}

impl Precision {
    /// The format as scenarios write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bf16 => "bf16",
            Self::Fp8 => "fp8",
            Self::Fp4 => "fp4",
        }
    }

    /// Bytes of one element, with its part of the scales: FP4 has one of 8 bits for 16 elements
    /// (NVFP4).
    pub fn bytes(self) -> f64 {
        match self {
            Self::Bf16 => 2.0,
            Self::Fp8 => 1.0,
            Self::Fp4 => 0.5625,
        }
    }

    /// Precision of weights that work on every token, in checkpoints that are otherwise of this one: those of
    /// mixtures in 4 bits keep attention and shared experts in 16.
    pub fn of_shared_weights(self, mixture: bool) -> Self {
        if mixture && self == Self::Fp4 { Self::Bf16 } else { self }
    }
}
