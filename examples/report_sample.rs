//! Writes an output folder with made-up numbers, to look at the report without a simulation:
//! `cargo run --example report_sample -- FOLDER [VARIANTS [MODELS [REPLICATIONS]]]`.

use std::error::Error;
use std::path::PathBuf;

use coopsim::report::{self, sample};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "output/sample".to_owned()));
    let mut shape = sample::Shape::default();
    if let Some(variants) = arguments.next() {
        shape.variants = variants.parse()?;
    }
    if let Some(models) = arguments.next() {
        shape.models = models.parse()?;
    }
    if let Some(replications) = arguments.next() {
        shape.replications = replications.parse()?;
    }
    let results = sample::results(shape);
    print!("{}", report::table(&results, 80));
    report::write_folder(&results, "# made up\n", &folder)?;
    println!("{}", folder.join("report.html").display());
    Ok(())
}
