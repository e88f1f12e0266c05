//! Where a scan starts: what was named or listed, and what it is called.

use std::collections::{HashMap, HashSet};
use std::fs::Metadata;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::ScanArgs;
use super::scan::host;
use crate::plan::{self, Root};
use crate::source::{Stdin, call, mounts};

/// The roots.
///
/// # Errors
/// One that was named and is not there, a list that cannot be read.
pub(super) fn roots(args: &ScanArgs) -> Result<Vec<Root>> {
    let (mut roots, mut known, mut known_folders) = (Vec::new(), HashSet::new(), HashSet::new());
    let is_named: HashSet<&PathBuf> = args.paths.iter().collect();
    let named = args.paths.iter().cloned();
    let paths: Vec<PathBuf> = named.chain(listed(args.files_from.as_deref())?).collect();
    let all_metadata = call::each(&paths, Path::metadata);
    // One folder may be named in two ways.
    let is_folder = |m: &Option<io::Result<Metadata>>| matches!(m, Some(Ok(m)) if m.is_dir());
    let folders =
        paths.iter().zip(&all_metadata).filter(|(p, m)| p.as_os_str() != "-" && is_folder(m));
    let folders: Vec<PathBuf> = folders.map(|(path, _)| path.clone()).collect();
    let mut real_folders = call::each(&folders, real).into_iter();
    for (path, metadata) in paths.into_iter().zip(all_metadata) {
        if path.as_os_str() == "-" {
            let name = args.select.stdin_name.clone().unwrap_or_else(|| "stdin".to_owned());
            roots.push(Root::Stdin(name));
            continue;
        }
        let Some(metadata) = metadata else {
            // Whatever it is, the system does not answer: it is reported.
            roots.push(Root::Folder(path));
            continue;
        };
        let metadata = metadata.with_context(|| format!("{} cannot be scanned", path.display()));
        let is_listed = !is_named.contains(&path);
        let root = match metadata {
            Ok(m) if m.is_dir() => {
                let real = real_folders.next().flatten().flatten();
                if real.is_some_and(|real| !known_folders.insert(real)) {
                    continue;
                }
                Root::Folder(path)
            }
            Ok(_) => Root::File(path),
            // A listed file that has vanished is a note; a named one is a mistake.
            Err(_) if is_listed => Root::File(path),
            // What earlier runs read may only be away for now.
            Err(_) if args.state.as_deref().is_some_and(Path::exists) => Root::File(path),
            Err(e) => return Err(e),
        };
        let given = root.as_given();
        if known.insert(given.strip_prefix(".").unwrap_or(&given).to_owned()) {
            roots.push(root);
        }
    }
    let streams = roots.iter().filter(|r| matches!(r, Root::Stdin(_))).count();
    if streams > 1 {
        bail!("standard input can be read only once");
    }
    if streams == 0 && args.select.stdin_name.is_some() {
        bail!("--stdin-name: standard input is not scanned; - as PATH does that");
    }
    Ok(alike(roots))
}

/// The roots, those below another one spelled as that one is: so what both lead to is known to be one path, and counts
/// once.
fn alike(roots: Vec<Root>) -> Vec<Root> {
    if roots.len() < 2 || !roots.iter().any(|root| matches!(root, Root::Folder(_))) {
        return roots;
    }
    let absolute = plan::absolute(&roots);
    let names = call::each(&absolute, other_name).into_iter().map(Option::flatten);
    let absolute: Vec<PathBuf> = names.zip(absolute).map(|(name, a)| name.unwrap_or(a)).collect();
    let folders = roots.iter().zip(&absolute).filter(|(root, _)| matches!(root, Root::Folder(_)));
    let folders: HashMap<&Path, PathBuf> =
        folders.map(|(root, real)| (real.as_path(), root.as_given())).collect();
    let mut known = HashSet::new();
    let spelled = roots.iter().zip(&absolute).map(|(root, real)| {
        let outermost = real.ancestors().skip(1).filter_map(|a| Some((a, folders.get(a)?))).last();
        let Some((folder, given)) = outermost else { return root.clone() };
        let path = given.join(real.strip_prefix(folder).unwrap_or(real));
        match root {
            Root::Folder(_) => Root::Folder(path),
            // A link is not followed, wherever it leads.
            Root::File(file) if call::one(file, Path::is_symlink) == Some(false) => {
                Root::File(path)
            }
            other => other.clone(),
        }
    });
    spelled.filter(|root| known.insert(root.as_given())).collect()
}

/// Where a path lies, by one name.
fn real(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    Some(other_name(&real).unwrap_or(real))
}

/// Where else something is mounted that lies here, by a name that is the same for all of these places.
fn other_name(real: &Path) -> Option<PathBuf> {
    let identity = |path: &Path| path.metadata().ok().map(|m| (m.dev(), m.ino()));
    mounts::elsewhere(real).filter(|other| identity(other) == identity(real))
}

/// The paths of a list, one per line or separated by NUL.
fn listed(list: Option<&Path>) -> Result<Vec<PathBuf>> {
    let Some(list) = list else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    if list.as_os_str() == "-" {
        Stdin.read_to_end(&mut bytes).context("--files-from -: reading standard input")?;
    } else {
        bytes = std::fs::read(list).with_context(|| format!("--files-from {}", list.display()))?;
    }
    let end = if bytes.contains(&0) { 0 } else { b'\n' };
    Ok(bytes
        .split(|b| *b == end)
        .map(|line| if end == b'\n' { line.strip_suffix(b"\r").unwrap_or(line) } else { line })
        .filter(|line| !line.is_empty())
        .map(|line| PathBuf::from(std::ffi::OsString::from_vec(line.to_vec())))
        .collect())
}

/// The source's name, unless it is given one.
pub(super) fn default_label(roots: &[Root]) -> String {
    let first = roots.first().map_or(PathBuf::new(), |r| match r {
        Root::Stdin(name) => PathBuf::from(name),
        root => {
            let real = call::one(&root.as_given(), Path::canonicalize);
            real.and_then(Result::ok).unwrap_or_else(|| root.as_given())
        }
    });
    let more =
        if roots.len() > 1 { format!(" and {} more", roots.len() - 1) } else { String::new() };
    format!("{}:{}{more}", host(), first.display())
}
