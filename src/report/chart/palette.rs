//! Colours.

/// Red, green, blue.
pub(in crate::report) type Colour = (u8, u8, u8);

/// Twelve colours that people with any colour vision tell apart, neighbours best: after Okabe and
/// Ito (2008), “Color universal design”, and P. Tol (2021), “Colour schemes”, technical note
/// SRON/EPS/TN/09-002.
pub(in crate::report) const COLOURS: [Colour; 12] = [
    (0x00, 0x72, 0xB2),
    (0xE6, 0x9F, 0x00),
    (0x00, 0x9E, 0x73),
    (0xCC, 0x79, 0xA7),
    (0x56, 0xB4, 0xE9),
    (0xD5, 0x5E, 0x00),
    (0x33, 0x22, 0x88),
    (0x99, 0x99, 0x33),
    (0x88, 0x22, 0x55),
    (0x44, 0xAA, 0x99),
    (0xDD, 0xCC, 0x77),
    (0x77, 0x77, 0x77),
];

/// Text and markers.
pub(in crate::report) const INK: Colour = (0x1F, 0x23, 0x28);
/// Lesser text.
pub(in crate::report) const MUTED: Colour = (0x57, 0x60, 0x6A);
/// Grid lines.
pub(super) const GRID: Colour = (0xE3, 0xE6, 0xEA);
/// Axes.
pub(in crate::report) const AXIS: Colour = (0x8C, 0x95, 0x9F);
/// The warm-up's background.
pub(in crate::report) const SHADE: Colour = (0xF1, 0xF3, 0xF5);
/// The inner one of two bands, on the background of the outer one.
pub(in crate::report) const BAND: Colour = (0xDD, 0xE3, 0xE9);
/// Paper.
pub(in crate::report) const WHITE: Colour = (0xFF, 0xFF, 0xFF);

/// The colour of the variant, model or source with an index.
pub(in crate::report) fn colour(index: usize) -> Colour {
    COLOURS[index % COLOURS.len()]
}
