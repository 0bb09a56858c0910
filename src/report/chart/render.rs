//! Pictures as SVG text and as PNG files.

use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use plotters::backend::{PixelFormat, RGBPixel};
use plotters::prelude::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, RGBAColor, RGBColor, ShapeStyle, TextStyle};

use super::font::{self, LINE_PER_EM};
use super::palette::{Colour, WHITE};
use super::picture::{Anchor, Picture, Point, Shape, Text};

/// Pixels of a PNG to a pixel of the SVG, along each side.
const PNG_SCALE: u32 = 2;

/// What a backend does with sizes of fonts. Both draw a text from an anchor at its top.
struct Target {
    /// Pixels drawn per pixel of the picture.
    scale: u32,
    /// The backend's font size per em.
    size_per_em: f64,
    /// The baseline below the anchor, in ems.
    baseline_em: f64,
}

/// plotters writes `font-size` as the size / 1.24, and `dy="0.76em"` for an anchor at the top. It
/// writes whole coordinates only, so that curves need a finer unit than a pixel.
const SVG: Target = Target { scale: 10, size_per_em: 1.24, baseline_em: 0.76 };
/// plotters draws with a line height of the size, and the baseline at half of it.
const PNG: Target =
    Target { scale: PNG_SCALE, size_per_em: LINE_PER_EM, baseline_em: LINE_PER_EM / 2.0 };

/// The middle of a line of text above its baseline, in ems: half of the height of capitals.
const MIDDLE_EM: f64 = 0.36;

/// The picture as an SVG document without a prolog, fit for inlining into HTML.
pub(in crate::report) fn svg(picture: &Picture) -> String {
    let mut out = String::new();
    let (width, height) = (picture.width, picture.height);
    let mut backend = SVGBackend::with_string(&mut out, (width * SVG.scale, height * SVG.scale));
    let corner = (f64::from(width), f64::from(height));
    let paper = Shape::Rect { from: (0.0, 0.0), to: corner, colour: WHITE };
    let shapes = std::iter::once(&paper).chain(&picture.shapes);
    paint(shapes, &mut backend, &SVG).expect("writing to memory with a registered font");
    drop(backend);
    let coordinates = format!("width=\"{}\" height=\"{}\"", width * SVG.scale, height * SVG.scale);
    let pixels = format!("width=\"{width}\" height=\"{height}\" stroke-linejoin=\"round\"");
    out.replacen(&coordinates, &pixels, 1)
}

/// The picture as a PNG file of twice its size.
///
/// No row is filtered: most of a chart is one colour, of which a filter makes nothing shorter, and trying all of them on
/// each row takes longer than drawing it.
///
/// # Errors
/// The file cannot be written.
pub(in crate::report) fn write_png(picture: &Picture, path: &Path) -> io::Result<()> {
    let (width, height) = (picture.width * PNG_SCALE, picture.height * PNG_SCALE);
    let paper = u8::MAX; // White.
    let mut pixels = vec![paper; width as usize * height as usize * RGBPixel::PIXEL_SIZE];
    draw(picture, &mut pixels).map_err(io::Error::other)?;
    let mut encoder = png::Encoder::new(BufWriter::new(File::create(path)?), width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_deflate_compression(png::DeflateCompression::Level(1));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    Ok(writer.finish()?)
}

/// Draws on white pixels.
fn draw(picture: &Picture, pixels: &mut [u8]) -> Painted {
    let size = (picture.width * PNG_SCALE, picture.height * PNG_SCALE);
    let mut backend = BitMapBackend::<RGBPixel>::with_buffer_and_format(pixels, size)?;
    paint(&picture.shapes, &mut backend, &PNG)
}

type Painted = Result<(), Box<dyn Error + Send + Sync>>;

fn paint<'a, B: DrawingBackend<ErrorType: 'static>>(
    shapes: impl IntoIterator<Item = &'a Shape>,
    backend: &mut B,
    target: &Target,
) -> Painted {
    backend.ensure_prepared()?;
    for shape in shapes {
        paint_shape(shape, backend, target)?;
    }
    Ok(backend.present()?)
}

fn paint_shape<B: DrawingBackend<ErrorType: 'static>>(
    shape: &Shape,
    backend: &mut B,
    target: &Target,
) -> Painted {
    match shape {
        Shape::Line { points, colour, opacity, width } => {
            let style = ShapeStyle {
                color: rgba(*colour, *opacity),
                filled: false,
                stroke_width: (width * f64::from(target.scale)).round().max(1.0) as u32,
            };
            backend.draw_path(pixels(points, target), &style)?;
        }
        Shape::Area { points, colour, opacity } => {
            backend.fill_polygon(pixels(points, target), &rgba(*colour, *opacity))?;
        }
        Shape::Rect { from, to, colour } => {
            let style = rgba(*colour, 1.0);
            backend.draw_rect(pixel(*from, target), pixel(*to, target), &style, true)?;
        }
        Shape::Text(text) => paint_text(text, backend, target)?,
    }
    Ok(())
}

fn paint_text<B: DrawingBackend<ErrorType: 'static>>(
    text: &Text,
    backend: &mut B,
    target: &Target,
) -> Painted {
    let scale = f64::from(target.scale);
    let baseline = text.at.1 + MIDDLE_EM * text.em;
    let top = (text.at.0, baseline - target.baseline_em * text.em);
    let horizontal = match text.anchor {
        Anchor::Start => HPos::Left,
        Anchor::Middle => HPos::Center,
        Anchor::End => HPos::Right,
    };
    let style = TextStyle {
        font: font::face(text.em * scale * target.size_per_em, text.bold),
        color: rgba(text.colour, 1.0).to_backend_color(),
        pos: Pos::new(horizontal, VPos::Top),
    };
    Ok(backend.draw_text(&text.text, &style, pixel(top, target))?)
}

fn rgba((red, green, blue): Colour, opacity: f64) -> RGBAColor {
    RGBColor(red, green, blue).mix(opacity)
}

fn pixel((x, y): Point, target: &Target) -> (i32, i32) {
    let scaled = |length: f64| (length * f64::from(target.scale)).round() as i32;
    (scaled(x), scaled(y))
}

/// Points on whole pixels, without repetitions and without the middles of straight runs along an
/// axis.
fn pixels(points: &[Point], target: &Target) -> Vec<(i32, i32)> {
    let mut kept: Vec<(i32, i32)> = Vec::with_capacity(points.len());
    for point in points {
        let next = pixel(*point, target);
        if kept.last() == Some(&next) {
            continue;
        }
        if let [.., before, last] = kept[..] {
            let straight_x = before.0 == last.0 && last.0 == next.0;
            let straight_y = before.1 == last.1 && last.1 == next.1;
            if straight_x && (last.1 - before.1) * (next.1 - last.1) > 0
                || straight_y && (last.0 - before.0) * (next.0 - last.0) > 0
            {
                kept.pop();
            }
        }
        kept.push(next);
    }
    kept
}
