//! An exhibit that is added without touching another file: it reaches the page, the folder and the files of
//! variants like the others, and stays away from results that it has nothing to show of.

use super::{EXHIBITS, Exhibit};
use crate::experiment::Results;
use crate::report::chart::picture::{Picture, Text};
use crate::report::chart::{Drawing, legible};
use crate::report::folder::run::draw;
use crate::report::sample::{self, Shape};
use std::fs;

/// How many variants there are, and which is the one drawn. Of one variant there is nothing to say.
struct Count;

impl Exhibit for Count {
    fn name(&self) -> &'static str {
        "count"
    }

    fn is_in(&self, results: &Results) -> bool {
        results.variants.len() > 1
    }

    fn draw(&self, results: &Results) -> Drawing {
        drawing(&format!("{} variants", results.variants.len()))
    }

    fn draw_variant(&self, results: &Results, variant: usize) -> Option<Drawing> {
        Some(drawing(&format!("{} of {}", variant + 1, results.variants.len())))
    }
}

fn drawing(text: &str) -> Drawing {
    let mut picture = Picture::new(200, 40.0);
    picture.text(Text::new((20.0, 20.0), text, 12.0));
    Drawing { alt: text.to_owned(), caption: "A toy.", picture }
}

/// The page, and the names of the files of charts that begin with the toy's.
fn drawn(variants: usize) -> (String, Vec<String>) {
    let mut exhibits = EXHIBITS.to_vec();
    exhibits.push(&Count);
    let results = sample::results(Shape { variants, models: 2, replications: 2, buckets: 4 });
    let folder = tempfile::tempdir().expect("a temporary folder");
    draw(&exhibits, &results, folder.path()).expect("writable");
    let page = fs::read_to_string(folder.path().join("report.html")).expect("a page");
    let entries = fs::read_dir(folder.path().join("charts")).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name().into_string());
    let mut names: Vec<_> = names.map(|name| name.expect("ASCII")).collect();
    names.retain(|name| name.starts_with("count"));
    names.sort();
    (page, names)
}

#[test]
fn is_on_the_page_and_in_the_folder() {
    let (page, names) = drawn(2);
    assert!(page.contains("aria-label=\"2 variants\"") && page.contains("charts/count.svg"));
    assert!(!page.contains("1 of 2"), "single variants are in the folder only");
    let expected = ["count-01-one-winner", "count-02-split", "count"];
    let expected = expected.map(|name| ["png", "svg"].map(|format| format!("{name}.{format}")));
    assert_eq!(names, expected.concat());
}

#[test]
fn is_left_out_where_it_has_nothing_to_show() {
    let (page, names) = drawn(1);
    assert!(!page.contains("A toy.") && page.contains("charts/queue.svg"));
    assert_eq!(names, Vec::<String>::new());
}

#[test]
fn is_held_to_what_holds_for_all() {
    let results = sample::results(Shape::default());
    legible::check(&super::charts(&[&Count], &results), "a toy");
}
