//! Where a scan starts: what was named or listed, and what it is called.

use std::collections::{HashMap, HashSet};
use std::fs::Metadata;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::ScanArgs;
use super::log;
use super::scan::host;
use crate::plan::{self, Root};
use crate::source::{Stdin, call, mounts};

/// The roots.
///
/// # Errors
/// One that was named and is not there or can only be read once, a list that cannot be read.
pub(super) fn roots(args: &ScanArgs) -> Result<Vec<Root>> {
    let mut roots = Vec::new();
    for (path, seen) in args.paths.iter().zip(call::each(&args.paths, look)) {
        roots.push(match is_stdin(path) {
            true => {
                let name = args.select.stdin_name.clone();
                Root::Stdin(name.unwrap_or_else(|| "stdin".to_owned()))
            }
            false => named(args, path, seen)?,
        });
    }
    let streams = roots.iter().filter(|r| matches!(r, Root::Stdin(_))).count();
    if streams + usize::from(args.files_from.as_deref().is_some_and(is_stdin)) > 1 {
        bail!("standard input can be read only once");
    }
    if streams == 0 && args.select.stdin_name.is_some() {
        bail!("--stdin-name: standard input is not scanned; - as PATH does that");
    }
    let is_named: HashSet<&PathBuf> = args.paths.iter().collect();
    let mut list = listed(args.files_from.as_deref())?;
    list.retain(|path| !is_named.contains(path));
    for (path, is_folder) in list.iter().zip(call::each(&list, is_folder)) {
        roots.push(match is_folder {
            // A listed file that has vanished is a note; a named one is a mistake.
            Some(false) => Root::Listed(path.clone()),
            // A folder; or the system does not answer, and that is reported.
            Some(true) | None => Root::Folder(path.clone()),
        });
    }
    if roots.is_empty() {
        log::say("warning", "--files-from: no path stands in the list");
    }
    Ok(alike(once(roots)))
}

/// Whether a path stands for standard input.
pub(super) fn is_stdin(path: &Path) -> bool {
    ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|name| path.as_os_str() == *name)
}

/// What stands at a path that was named, and what is to be opened: a link is followed.
fn look(path: &Path) -> io::Result<(Metadata, PathBuf)> {
    let metadata = path.metadata()?;
    let is_link = metadata.is_file() && path.is_symlink();
    let real = if is_link { path.canonicalize()? } else { path.to_owned() };
    Ok((metadata, real))
}

/// The root that a named path is, by what was seen there; `None` is no answer.
fn named(
    args: &ScanArgs,
    path: &Path,
    seen: Option<io::Result<(Metadata, PathBuf)>>,
) -> Result<Root> {
    let is_only = args.paths.len() == 1;
    // Whatever it is, the system does not answer: it is reported.
    let Some(seen) = seen else { return Ok(Root::Folder(path.to_owned())) };
    match seen {
        Ok((metadata, _)) if metadata.is_dir() => Ok(Root::Folder(path.to_owned())),
        Ok((metadata, _)) if is_special(&metadata) && (is_only || is_of_the_system(path)) => bail!(
            "{} is a pipe, a socket or a device: what comes out of it can be read on standard input, with - as PATH \
             (COMMAND | datakart … -)",
            path.display()
        ),
        Ok((metadata, _)) if is_special(&metadata) => {
            let text =
                format!("{} is a pipe, a socket or a device: it is not read", path.display());
            log::say("warning", &text);
            Ok(Root::File { given: path.to_owned(), real: path.to_owned() })
        }
        Ok((_, real)) => Ok(Root::File { given: path.to_owned(), real }),
        // What earlier runs read may only be away for now.
        Err(_) if args.state.as_deref().is_some_and(Path::exists) => {
            Ok(Root::Folder(path.to_owned()))
        }
        Err(e) => Err(e).with_context(|| format!("{} cannot be scanned", path.display())),
    }
}

/// Whether something is neither a file nor a folder.
fn is_special(metadata: &Metadata) -> bool {
    !metadata.is_dir() && !metadata.is_file()
}

/// Whether a path names a device, or what this process has open, as a shell does for `<(COMMAND)`.
fn is_of_the_system(path: &Path) -> bool {
    path.starts_with("/dev") || path.starts_with("/proc")
}

/// Whether a listed path is a folder. A link is none, wherever it leads.
fn is_folder(path: &Path) -> bool {
    // With a slash at its end it would be followed.
    let bare: PathBuf = path.components().collect();
    bare.symlink_metadata().is_ok_and(|m| m.is_dir())
}

/// The roots, those that are named twice only once. One folder may be named in two ways.
fn once(roots: Vec<Root>) -> Vec<Root> {
    let folder = |root: &Root| match root {
        Root::Folder(path) => Some(path.clone()),
        _ => None,
    };
    let folders: Vec<PathBuf> = roots.iter().filter_map(folder).collect();
    let mut real = call::each(&folders, real).into_iter();
    let (mut known, mut known_folders) = (HashSet::new(), HashSet::new());
    let is_new = |root: &Root| {
        if matches!(root, Root::Stdin(_)) {
            return true;
        }
        let real = folder(root).and_then(|_| real.next().flatten().flatten());
        if real.is_some_and(|real| !known_folders.insert(real)) {
            return false;
        }
        let given = root.as_given();
        known.insert(given.strip_prefix(".").unwrap_or(&given).to_owned())
    };
    let mut roots = roots;
    roots.retain(is_new);
    roots
}

/// The roots, those below another one spelled as that one is: so what both lead to is known to be one path, and counts
/// once. Likewise a link to a file that is named as well.
fn alike(roots: Vec<Root>) -> Vec<Root> {
    let matters = |root: &Root| matches!(root, Root::Folder(_)) || is_link(root);
    if roots.len() < 2 || !roots.iter().any(matters) {
        return roots;
    }
    let absolute = plan::absolute(&roots);
    let names = call::each(&absolute, other_name).into_iter().map(Option::flatten);
    let absolute: Vec<PathBuf> = names.zip(absolute).map(|(name, a)| name.unwrap_or(a)).collect();
    let folders = roots.iter().zip(&absolute).filter(|(root, _)| matches!(root, Root::Folder(_)));
    let folders: HashMap<&Path, PathBuf> =
        folders.map(|(root, real)| (real.as_path(), root.as_given())).collect();
    let mut files: HashMap<&Path, &Root> = HashMap::new();
    for links in [false, true] {
        let of = |root: &Root| matches!(root, Root::File { .. }) && is_link(root) == links;
        for (root, real) in roots.iter().zip(&absolute).filter(|(root, _)| of(root)) {
            files.entry(real).or_insert(root);
        }
    }
    let mut known = HashSet::new();
    let spelled = roots.iter().zip(&absolute).map(|(root, real)| {
        let outermost = real.ancestors().skip(1).filter_map(|a| Some((a, folders.get(a)?))).last();
        let Some((folder, given)) = outermost else {
            let same = files.get(real.as_path()).filter(|_| is_link(root));
            return same.map_or_else(|| root.clone(), |same| (*same).clone());
        };
        let path = given.join(real.strip_prefix(folder).unwrap_or(real));
        match root {
            Root::Folder(_) => Root::Folder(path),
            Root::File { .. } => Root::File { given: path.clone(), real: path },
            Root::Listed(file) if call::one(file, Path::is_symlink) == Some(false) => {
                Root::Listed(path)
            }
            other => other.clone(),
        }
    });
    spelled.filter(|root| known.insert(root.as_given())).collect()
}

/// Whether a file was named by a link to it.
fn is_link(root: &Root) -> bool {
    matches!(root, Root::File { given, real } if given != real)
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
    if is_stdin(list) {
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
    let first = roots.first().map_or_else(
        || PathBuf::from("nothing"),
        |r| match r {
            Root::Stdin(name) => PathBuf::from(name),
            root => call::one(&root.as_given(), plan::lies).unwrap_or_else(|| root.as_given()),
        },
    );
    let more =
        if roots.len() > 1 { format!(" and {} more", roots.len() - 1) } else { String::new() };
    format!("{}:{}{more}", host(), first.display())
}
