//! How charts are drawn: each has a [`Picture`], a list of shapes, which becomes SVG or PNG.
//!
//! A picture knows nothing of files and formats; the formats know nothing of what is shown.

pub(super) mod axis;
mod font;
pub(super) mod legend;
#[cfg(test)]
pub(super) mod legible;
pub(super) mod lines;
pub(super) mod palette;
pub(super) mod panel;
pub(super) mod picture;
mod render;

pub(super) use picture::Picture;
pub(super) use render::{svg, write_png};

/// A picture with the words beside it.
pub(super) struct Drawing {
    /// What is seen, for those who do not see it.
    pub(super) alt: String,
    /// How to read it.
    pub(super) caption: &'static str,
    /// The shapes.
    pub(super) picture: Picture,
}

/// A drawing with a place in a folder.
pub(super) struct Chart {
    /// File name without its extension; unique in its folder.
    pub(super) file: String,
    /// What the file holds.
    pub(super) drawing: Drawing,
}

/// The number of something, from 1, in a file's name: as wide as that of the last of `count`, so that names
/// are in the order of numbers, and names with equal slugs are kept apart.
pub(super) fn number(index: usize, count: usize) -> String {
    let digits = count.to_string().len().max(2);
    format!("{:0digits$}", index + 1)
}
