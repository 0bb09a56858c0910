//! The list of a folder's files with their hashes, in the folder: what it lists was written by this
//! program, and nothing else may be replaced or removed.

use super::error::{FolderError, failed};
use super::listing::entries;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{self, Read};
use std::path::{Component, Path};

/// The manifest's own name; it does not list itself.
pub(super) const MANIFEST: &str = "manifest.json";
const SCHEMA: &str = "coopsim-manifest-1";
/// No folder has files enough for a manifest above this.
const MAX_BYTES: u64 = 64 << 20;

/// What a folder of this program holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(in crate::report) enum Kind {
    /// Results of `run` or `compare`.
    Run,
    /// Rows of `validate`.
    Validation,
    /// Tables of `sweep`.
    Sweep,
}

impl Kind {
    /// In words, for messages.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Run => "the results of a run",
            Self::Validation => "a validation",
            Self::Sweep => "the results of a sweep",
        }
    }
}

/// The files of a folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    schema: String,
    /// What the folder holds.
    pub(super) holds: Kind,
    /// In the order of their paths.
    pub(super) files: Vec<Listed>,
}

/// A file as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    /// Relative to the folder, with `/` between its parts.
    pub(super) path: String,
    bytes: u64,
    /// In hexadecimal.
    sha256: String,
}

impl Manifest {
    /// Lists a folder that is filled, and has no manifest yet.
    pub(super) fn of(folder: &Path, holds: Kind) -> Result<Self, FolderError> {
        let mut files = Vec::new();
        list(folder, "", &mut files)?;
        let listed = |(path, bytes): &(String, u64)| {
            let file = folder.join(path);
            let sha256 = sha256(&file).map_err(failed("read", &file))?;
            Ok(Listed { path: path.clone(), bytes: *bytes, sha256 })
        };
        let files = files.par_iter().map(listed).collect::<Vec<_>>();
        let files = files.into_iter().collect::<Result<_, _>>()?;
        Ok(Self { schema: SCHEMA.to_owned(), holds, files })
    }

    /// The file's text.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).expect("strings and numbers") + "\n"
    }

    /// Reads the manifest of a folder.
    ///
    /// # Errors
    /// Says why there is none to go by: it is missing, or not as this program writes it.
    pub(super) fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join(MANIFEST);
        let metadata = fs::symlink_metadata(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                "the file is missing, as in folders of older versions".into()
            }
            _ => error.to_string(),
        })?;
        if !metadata.is_file() || metadata.len() > MAX_BYTES {
            return Err("it is not a file that coopsim writes".to_owned());
        }
        let text = fs::read_to_string(&path).map_err(|error| error.to_string())?;
        let manifest: Self = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        if manifest.schema != SCHEMA {
            return Err(format!("its schema is {:?}, not {SCHEMA:?}", manifest.schema));
        }
        // Somebody's additions would be lost as well.
        if manifest.to_json() != text || !manifest.files.iter().all(Listed::is_below) {
            return Err("it was changed since coopsim wrote it".to_owned());
        }
        Ok(manifest)
    }

    /// The file of this path.
    pub(super) fn file(&self, path: &str) -> Option<&Listed> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Whether there are files in a folder of this path.
    pub(super) fn has_folder(&self, path: &str) -> bool {
        let below =
            |file: &Listed| file.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'));
        self.files.iter().any(below)
    }

    /// This list with an older one's entries for the files that are still those.
    pub(super) fn keeping(mut self, older: &Self, is_kept: fn(&str) -> bool) -> Self {
        for file in &mut self.files {
            if let Some(listed) = older.file(&file.path).filter(|file| is_kept(&file.path)) {
                file.clone_from(listed);
            }
        }
        self
    }
}

impl Listed {
    /// Whether a file is still what was written.
    pub(super) fn is(&self, path: &Path) -> Result<bool, FolderError> {
        let bytes = fs::metadata(path).map_err(failed("read", path))?.len();
        Ok(bytes == self.bytes && sha256(path).map_err(failed("read", path))? == self.sha256)
    }

    /// Whether the path leads to something below the folder. One that does not was never written here.
    fn is_below(&self) -> bool {
        !self.path.is_empty()
            && Path::new(&self.path).components().all(|part| matches!(part, Component::Normal(_)))
    }
}

/// Every file below a folder: its path from there, and how many bytes it has.
fn list(folder: &Path, below: &str, files: &mut Vec<(String, u64)>) -> Result<(), FolderError> {
    for name in entries(folder)? {
        let path = folder.join(&name);
        let relative = format!("{below}{}", name.to_string_lossy());
        let metadata = fs::metadata(&path).map_err(failed("read", &path))?;
        if metadata.is_dir() {
            list(&path, &format!("{relative}/"), files)?;
        } else {
            files.push((relative, metadata.len()));
        }
    }
    Ok(())
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut file = fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => hasher.update(&buffer[..read]),
        }
    }
    Ok(hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One byte has the published hash of "a" (FIPS 180-2 test vectors are of longer texts).
    const OF_A: &str = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::create_dir(folder.path().join("charts")).expect("created");
        fs::write(folder.path().join("charts/one.svg"), "").expect("writable");
        fs::write(folder.path().join("summary.csv"), "a").expect("writable");
        folder
    }

    #[test]
    fn lists_every_file_in_order() {
        let folder = folder();
        let manifest = Manifest::of(folder.path(), Kind::Run).expect("readable");
        let listed: Vec<_> = manifest.files.iter().map(|file| (&*file.path, file.bytes)).collect();
        assert_eq!(listed, [("charts/one.svg", 0), ("summary.csv", 1)]);
        assert_eq!(manifest.files[1].sha256, OF_A);
        assert!(manifest.has_folder("charts") && !manifest.has_folder("chart"));
    }

    #[test]
    fn is_read_as_it_was_written_or_not_at_all() {
        let folder = folder();
        let manifest = Manifest::of(folder.path(), Kind::Run).expect("readable");
        let path = folder.path().join(MANIFEST);
        let read = |text: &str| {
            fs::write(&path, text).expect("writable");
            Manifest::read(folder.path())
        };
        let text = manifest.to_json();
        assert_eq!(read(&text), Ok(manifest));
        let changed = Err("it was changed since coopsim wrote it".to_owned());
        assert_eq!(read(&format!("{text} ")), changed);
        assert_eq!(read(&text.replace("charts/one.svg", "../charts/one.svg")), changed);
        assert_eq!(read(&text.replace("charts/one.svg", "/etc/hosts")), changed);
        for damaged in ["", "{}", "[]", "null", &text.replace("manifest-1", "manifest-2")] {
            assert!(read(damaged).is_err(), "{damaged}");
        }
        fs::remove_file(&path).expect("there");
        let missing = Manifest::read(folder.path()).expect_err("missing");
        assert_eq!(missing, "the file is missing, as in folders of older versions");
    }
}
