//! The page: hostile names stay text, degenerate results stay legible, nothing is fetched.

use std::fs;

use coopsim::experiment::{Results, Warning};
use coopsim::report::sample::{Shape, results};
use coopsim::report::write_folder;

const HOSTILE: &str = "</style><script>alert('x')</script>\"onload=\"y\" & <b>bold</b>";
const SMALL: Shape = Shape { variants: 2, models: 3, replications: 5, buckets: 20 };

/// The page and all SVG files.
fn documents(results: &Results) -> Vec<(String, String)> {
    let parent = tempfile::tempdir().expect("a temporary folder");
    let dir = parent.path().join("out");
    write_folder(results, "", &dir).expect("an absent target");
    let charts = fs::read_dir(dir.join("charts")).expect("charts");
    let mut documents: Vec<_> = charts
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "svg"))
        .chain([dir.join("report.html")])
        .map(|path| {
            let name = path.file_name().expect("a file").to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).expect("text"))
        })
        .collect();
    documents.sort();
    documents
}

fn page(results: &Results) -> String {
    let mut documents = documents(results);
    documents.retain(|(name, _)| name == "report.html");
    documents.remove(0).1
}

/// Every name that a user chooses is hostile.
fn hostile() -> Results {
    let mut results = results(SMALL);
    results.scenario = HOSTILE.to_owned();
    results.description = HOSTILE.to_owned();
    results.scenario_sha256 = HOSTILE.to_owned();
    results.version = HOSTILE.to_owned();
    results.notes = vec![HOSTILE.to_owned()];
    results.not_modelled.push(HOSTILE.to_owned());
    let first = HOSTILE.to_owned();
    let second = format!("{HOSTILE} \u{202E}evil\u{0} 🚀 模型 שלום");
    for (variant, name) in results.variants.iter_mut().zip([&first, &second]) {
        variant.name.clone_from(name);
        let metrics = variant.metrics["market.hhi"].clone();
        variant.metrics.insert(HOSTILE.to_owned(), metrics);
        for by_name in [
            &mut variant.by_model,
            &mut variant.by_tenant,
            &mut variant.by_cluster,
            &mut variant.by_application,
        ] {
            let metrics = by_name[0].clone();
            by_name.insert(HOSTILE.to_owned(), metrics);
        }
        for series in &mut variant.series {
            if series.scope == "model" {
                series.name = format!("{HOSTILE} {}", series.name);
            }
        }
    }
    for difference in &mut results.differences {
        difference.baseline.clone_from(&first);
        difference.variant.clone_from(&second);
    }
    results
}

#[test]
fn names_cannot_inject_markup() {
    for (name, text) in documents(&hostile()) {
        assert!(!text.contains("<script"), "{name}");
        assert!(!text.contains("<b>bold"), "{name}");
        assert!(!text.contains("\"onload=\""), "{name}");
        assert!(!text.contains(['\u{202E}', '\0']), "{name}");
        assert!(text.contains("alert("), "{name} shows the name as text");
    }
}

/// In the variants' numbers and differences, and of the overloaded model in the breakdown.
#[test]
fn what_depends_on_the_horizon_is_marked() {
    let mut results = results(SMALL);
    assert!(!page(&results).contains("a queue grows"));
    let overload = Warning::Overload { model: "birch-8b".to_owned(), load: 2.0 };
    results.variants[0].warnings.push(overload);
    let page = page(&results);
    assert!(page.contains("<b>!</b> marks what depends on how long it is simulated"));
    let mark = "<abbr title=\"depends on how long it is simulated: a queue grows\">!</abbr>";
    let row = |metric: &str| -> Vec<usize> {
        let anchor = format!("#def-{metric}\"");
        let rows =
            page.lines().filter(|line| line.contains(&anchor) && line.starts_with("<tr><th"));
        rows.map(|row| row.matches(mark).count()).collect()
    };
    // Of the first variant, and of the difference from it; in the short table and in the full one.
    assert_eq!(row("latency.wait_s.p99"), [2, 2]);
    assert_eq!(row("revenue.total_usd"), [0, 0]);
    let (_, models) = page.split_once("<summary>By model").expect("a table by model");
    let (models, _) = models.split_once("</table>").expect("it ends");
    for line in models.lines().filter(|line| line.starts_with("<tr>")) {
        let own = line.contains("birch-8b") && line.contains("one-winner");
        assert_eq!(line.contains(mark), own, "{line}");
    }
}

#[test]
fn svg_files_are_well_formed() {
    for (name, text) in documents(&hostile()) {
        if name.ends_with(".svg") {
            assert_eq!(well_formed(&text), Ok(()), "{name}");
            assert!(text.contains("sans-serif"), "{name} names a fallback for its face");
        }
    }
}

/// Checks what can go wrong in a document of elements, quoted attributes, text and entities.
fn well_formed(text: &str) -> Result<(), String> {
    let mut open = Vec::new();
    let mut rest = text.trim_end();
    while let Some(start) = rest.find('<') {
        characters(&rest[..start])?;
        let end = rest.find('>').ok_or("an unfinished tag")?;
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            if open.pop() != Some(name) {
                return Err(format!("</{name}> closes another element"));
            }
            continue;
        }
        if !tag.ends_with('/') {
            open.push(tag.split(' ').next().unwrap_or(""));
        }
        if tag.matches('"').count() % 2 == 1 || tag.contains('<') {
            return Err(format!("<{tag}> has stray quotes"));
        }
        characters(tag)?;
        if open.is_empty() && !rest.is_empty() {
            return Err("more than one root".to_owned());
        }
    }
    if open.is_empty() { Ok(()) } else { Err(format!("{open:?} stay open")) }
}

fn characters(text: &str) -> Result<(), String> {
    if let Some(c) = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')) {
        return Err(format!("the character {c:?}"));
    }
    for after in text.split('&').skip(1) {
        let entity = after.split(';').next().unwrap_or("");
        if !["lt", "gt", "amp", "quot", "apos"].contains(&entity) {
            return Err(format!("the entity &{entity}"));
        }
    }
    Ok(())
}

#[test]
fn nothing_is_fetched_or_run() {
    let page = page(&results(SMALL));
    assert!(page.contains("default-src 'none'"));
    for text in ["<script", "src=", "@import", "url(", "<link", "<iframe", "javascript:"] {
        assert!(!page.contains(text), "{text}");
    }
    // The name of SVG's namespace is not an address that a browser visits.
    assert_eq!(
        page.matches("http").count(),
        page.matches("http-equiv").count() + page.matches("xmlns=\"http").count()
    );
}

#[test]
fn the_first_sentences_answer_the_question() {
    let page = page(&results(Shape::default()));
    let start = page.find("aria-label=\"Findings\">").expect("findings");
    let end = start + page[start..].find("</section>").expect("closed");
    let findings = page[start..end].lines().skip(1).collect::<Vec<_>>().join("\n");
    insta::assert_snapshot!(findings.replace('\u{A0}', " "), @r#"
    <p>The operating margin is higher in “split” than in “one-winner”; the 95 % intervals do not place all others.</p>
    <p>Against “one-winner”, “split” changes the operating margin by +2.7 ± 1.9 %, revenue by +3.18 ± 0.70 %, the 99th-percentile wait by −3.69 ± 0.75 % and model FLOPs utilisation by −1.19 ± 0.25 percentage points. The 95 % intervals exclude zero.</p>
    <p>Against “one-winner”, “first-party preferred” changes the operating margin by +1.5 ± 1.9 %, revenue by +0.39 ± 0.70 % and the 99th-percentile wait by +0.38 ± 0.75 %. No 95 % interval excludes zero.</p>
    "#);
}

/// Not only the metrics that are not computed: also what a scenario states and nothing reacts to.
#[test]
fn the_page_says_what_has_no_effect() {
    let page = page(&results(SMALL));
    let section = page.split("id=\"not-modelled\"").nth(1).expect("a section");
    let section = section.split("</section>").next().expect("closed");
    for text in
        ["Shares are fixed", "Prices move nothing", "Regions have no effect", "equity.gain_usd"]
    {
        assert!(section.contains(text), "{text}");
    }
}

#[test]
fn numbers_lead_to_definitions() {
    let page = page(&results(SMALL));
    for (link, _) in page.match_indices("href=\"#") {
        let anchor = page[link + 7..].split('"').next().expect("a closing quote");
        assert!(page.contains(&format!("id=\"{anchor}\"")), "{anchor}");
    }
    assert!(page.contains("href=\"#def-utilisation.busy\""));
}

#[test]
fn degenerate_results_have_a_page() {
    let empty = Shape { variants: 0, models: 0, replications: 1, buckets: 0 };
    for shape in [
        empty,
        Shape { variants: 1, ..empty },
        Shape { variants: 1, models: 1, replications: 1, buckets: 1 },
        Shape { variants: 14, models: 15, replications: 2, buckets: 4 },
    ] {
        let page = page(&results(shape));
        assert!(page.ends_with("</html>\n"), "{shape:?}");
        assert_eq!(page.matches("<figure>").count(), 4, "{shape:?}");
    }
}

#[test]
fn numbers_out_of_range_are_drawn_without_panic() {
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE, -1.0] {
        let mut results = results(SMALL);
        let variant = &mut results.variants[0];
        for estimate in variant.metrics.values_mut() {
            estimate.mean = odd;
            estimate.ci95 = Some(odd);
        }
        for bucket in variant.series.iter_mut().flat_map(|series| &mut series.buckets) {
            bucket.mean = odd;
            bucket.ci95 = Some(odd);
        }
        for distribution in variant.distributions.values_mut() {
            distribution.cdf = vec![(odd, 0.5), (odd, odd)];
        }
        results.differences[0].mean = odd;
        results.measured_s = odd;
        for (name, text) in documents(&results) {
            assert!(!text.contains("inf ") && !text.contains("NaN"), "{name} with {odd}");
            let digits = text.split(|c: char| !c.is_ascii_digit()).map(str::len).max();
            assert!(digits < Some(65), "{name} with {odd}: a number of {digits:?} digits");
        }
    }
}
