//! A figure and where it comes from.

use serde::{Deserialize, Serialize};

/// A figure with its origin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure<T> {
    /// The figure itself.
    pub value: T,
    /// Identifier of its [`Source`] in the same file.
    pub source: String,
    /// What a reader should know beside the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Where figures come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What figures of the same file call it.
    pub id: String,
    /// What a reader calls it.
    pub title: String,
    /// When it was published or, for a source that changes, read: `2026-11`, or a span of years
    /// such as `2025/2026`.
    pub date: String,
    /// Whether nobody published its figures: they are this catalogue's assumption.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub assumption: bool,
}
