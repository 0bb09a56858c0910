//! What a definition in place must say, as there is no entry of the catalogue that it changes.

use super::Checker;
use crate::scenario::path::Path;

/// The name given, or else the base's.
pub(in crate::scenario) fn name(
    path: &Path,
    given: &Option<String>,
    base: Option<&String>,
    check: &mut Checker,
) -> Option<String> {
    if let Some(given) = given {
        check.name(&path.key("name"), given);
    }
    let name = given.as_ref().or(base).cloned();
    if name.is_none() {
        check.refuse_key(path, "missing field `name`: a definition without `base` needs one");
    }
    name
}
