//! What a model is made of.

use super::embedded::ARCHITECTURES;

/// A dense transformer's shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Architecture {
    /// Name in the catalogue or the scenario.
    pub name: String,
    /// Number of parameters.
    pub parameters: f64,
    /// Transformer layers.
    pub layers: u32,
    /// Hidden width.
    pub hidden: u32,
    /// Query heads.
    pub heads: u32,
    /// Key and value heads.
    pub kv_heads: u32,
    /// Width of a head.
    pub head_dim: u32,
}

/// The catalogue's architecture of exactly this name.
pub fn architecture(name: &str) -> Option<Architecture> {
    ARCHITECTURES.architectures.iter().find(|item| item.name == name).map(Architecture::from)
}

/// Names of the catalogue's architectures, in its order.
pub fn architecture_names() -> Vec<String> {
    ARCHITECTURES.architectures.iter().map(|item| item.name.clone()).collect()
}
