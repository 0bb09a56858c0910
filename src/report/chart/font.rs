//! The embedded face, so that a picture is the same on every machine.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

/// The name of the face in an SVG file, with what a browser may fall back on: Verdana has nearly
/// the same widths. plotters knows the embedded face by the whole list.
const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// Ascent plus descent of the face over its em, which is what plotters calls a font's size where
/// it draws pixels. From the face's `hhea` table: (1901 + 483) / 2048.
pub(super) const LINE_PER_EM: f64 = 1.1641;

/// From here on, characters are not in the face, and a browser may draw them as wide as high.
const WIDE: char = '\u{1100}';

/// The face in a size as plotters counts it.
pub(super) fn face(size: f64, bold: bool) -> FontDesc<'static> {
    static REGISTERED: OnceLock<()> = OnceLock::new();
    REGISTERED.get_or_init(|| {
        let faces: [(FontStyle, &'static [u8]); 2] = [
            (FontStyle::Normal, include_bytes!("../fonts/DejaVuSans.ttf")),
            (FontStyle::Bold, include_bytes!("../fonts/DejaVuSans-Bold.ttf")),
        ];
        for (style, bytes) in faces {
            assert!(register_font(FAMILY, style, bytes).is_ok(), "the embedded face is sound");
        }
    });
    let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
    FontDesc::new(FontFamily::Name(FAMILY), size, style)
}

/// Width in pixels of a text whose em is `em` pixels: what is drawn, or a little more.
pub(super) fn width(text: &str, em: f64, bold: bool) -> f64 {
    const PRECISE: f64 = 1000.0;
    let ((left, _), (right, _)) = face(PRECISE * LINE_PER_EM, bold)
        .layout_box(text)
        .expect("the embedded face is registered");
    let punctuation = '\u{2000}'..'\u{2600}';
    let wide = text.chars().filter(|c| *c >= WIDE && !punctuation.contains(c)).count();
    (f64::from(right - left) / PRECISE + 0.6 * wide as f64) * em
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_those_of_the_face() {
        // DejaVu Sans: 'M' is 1767 and '0' is 1303 of 2048 units wide.
        assert!((width("M", 2048.0, false) - 1767.0).abs() < 5.0);
        assert!((width("00", 2048.0, false) - 2606.0).abs() < 5.0);
        assert!(width("M", 10.0, true) > width("M", 10.0, false));
    }

    #[test]
    fn characters_outside_the_face_have_a_width() {
        assert!(width("模🚀", 10.0, false) >= 20.0);
    }
}
