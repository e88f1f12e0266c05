//! Opening files: without following links, without blocking, without touching access times.

use std::ffi::{CStr, OsStr};
use std::fs::File;
use std::io::{self, IoSliceMut};
use std::num::NonZeroU64;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustix::fs::{Advice, AtFlags, FileType, Mode, OFlags, ResolveFlags};
use rustix::io::ReadWriteFlags;

use super::call::call;
use super::exposure::Exposure;
use super::map::MappedFile;
use super::{Random, STOP, Source, buffers, clock, sparse, throttle};

/// Files up to this size are read, not mapped.
const MAP_FROM: u64 = 1 << 20;

/// An opened regular file.
pub struct Opened {
    file: Arc<File>,
    /// Size in bytes when it was opened.
    pub size: u64,
    /// Device and inode.
    pub identity: (u64, u64),
    /// How many names it has.
    pub links: u64,
    /// Who can read it, by its permission bits.
    bits: Exposure,
    /// What told it when it was opened.
    pub stamp: Stamp,
    at: i64,
    sparse: bool,
}

/// What tells whether a file is still the same. The time of the last change of its attributes (ctime) cannot
/// be set back by whoever edits it, that of its content (mtime) can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Stamp {
    /// Device.
    pub device: u64,
    /// Inode.
    pub inode: u64,
    /// Size in bytes.
    pub size: u64,
    /// Last change of its content, in seconds and nanoseconds of Unix time.
    pub modified: (i64, i64),
    /// Last change of its content or attributes, likewise.
    pub changed: (i64, i64),
}

/// A regular file as it stands in its folder, not opened for reading.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// What tells whether it is still the same.
    pub stamp: Stamp,
    /// How many names it has.
    pub links: u64,
}

impl Seen {
    fn of(stat: &rustix::fs::Stat) -> Option<Seen> {
        let is_file = FileType::from_raw_mode(stat.st_mode).is_file();
        is_file.then(|| Seen { stamp: Stamp::of(stat), links: stat.st_nlink })
    }
}

/// Why a path was not opened.
#[derive(Debug)]
pub enum Refusal {
    /// It is no regular file.
    NotAFile,
    /// A link stands where a file or folder was listed.
    Link,
    /// The system says no.
    Io(io::Error),
}

/// The folder that paths are opened below.
#[derive(Debug)]
pub struct Base(OwnedFd);

impl AsFd for Base {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

impl Base {
    /// Opens a root folder; links in the root's own path are followed, it was named by the user.
    ///
    /// # Errors
    /// What the system reports.
    pub fn open(root: &Path) -> io::Result<Base> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        Ok(Base(call(|| rustix::fs::open(root, flags, Mode::empty()))?))
    }

    /// Whether something stands at this path below, with no link on the way.
    #[must_use]
    pub fn holds(&self, path: &Path) -> bool {
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        open_once(&self.0, path, flags, ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS).is_ok()
    }

    /// Looks at a file below this folder without opening it for reading; `None` where [`Self::file`] would
    /// refuse as well. No part of `path` may be a link.
    #[must_use]
    pub fn look(&self, path: &Path) -> Option<Seen> {
        look_at(&self.0, path, ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS)
    }

    /// Likewise an entry of this folder, by its name.
    #[must_use]
    pub fn look_in(&self, name: &OsStr) -> Option<Seen> {
        Seen::of(&self.stat(name).ok()?)
    }

    /// What an entry of this folder is.
    #[must_use]
    pub fn kind_of(&self, name: &CStr) -> FileType {
        let stat = self.stat(name);
        stat.map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode))
    }

    /// The device that it lies on.
    #[must_use]
    pub fn device(&self) -> Option<u64> {
        call(|| rustix::fs::fstat(&self.0)).ok().map(|stat| stat.st_dev)
    }

    /// The device that a folder below this one lies on.
    #[must_use]
    pub fn device_of(&self, below: &Path) -> Option<u64> {
        self.identity_of(below).map(|(device, _)| device)
    }

    /// Device and inode of a folder below this one.
    #[must_use]
    pub fn identity_of(&self, below: &Path) -> Option<(u64, u64)> {
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let (nearer, rest) = call(|| descend(&self.0, below, resolve)).ok()?;
        let stat = match nearer {
            Some(nearer) => Base(nearer).stat(rest),
            None => self.stat(rest),
        };
        stat.ok().map(|stat| (stat.st_dev, stat.st_ino))
    }

    fn stat(&self, name: impl rustix::path::Arg) -> rustix::io::Result<rustix::fs::Stat> {
        call(|| rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW))
    }

    /// Opens a folder below this one, itself if `path` is empty. No part of `path` may be a link.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn folder(&self, path: &Path) -> Result<Base, Refusal> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
        let mut opened = open_once(&self.0, path, flags | OFlags::NOATIME, resolve);
        if matches!(opened, Err(rustix::io::Errno::PERM)) {
            opened = open_once(&self.0, path, flags, resolve);
        }
        match opened {
            Ok(folder) => Ok(Base(folder)),
            Err(rustix::io::Errno::LOOP | rustix::io::Errno::XDEV) => Err(Refusal::Link),
            Err(e) => Err(Refusal::Io(e.into())),
        }
    }

    /// Opens a file below this folder. No part of `path` may be a link.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn file(&self, path: &Path) -> Result<Opened, Refusal> {
        open_at(&self.0, path, ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS)
    }
}

/// Opens a file that was itself named by the user; links in its folders are followed.
///
/// # Errors
/// See [`Refusal`].
pub fn named(path: &Path) -> Result<Opened, Refusal> {
    open_at(rustix::fs::CWD, path, ResolveFlags::empty())
}

/// Looks at a file that was itself named by the user, without opening it for reading.
#[must_use]
pub fn look(path: &Path) -> Option<Seen> {
    look_at(rustix::fs::CWD, path, ResolveFlags::empty())
}

fn look_at(base: impl AsFd, path: &Path, resolve: ResolveFlags) -> Option<Seen> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let stat = call(|| rustix::fs::fstat(open_once(&base, path, flags, resolve)?));
    Seen::of(&stat.ok()?)
}

fn open_at(base: impl AsFd, path: &Path, resolve: ResolveFlags) -> Result<Opened, Refusal> {
    let flags = OFlags::RDONLY
        | OFlags::NOFOLLOW
        | OFlags::NONBLOCK
        | OFlags::NOCTTY
        | OFlags::CLOEXEC
        | OFlags::NOATIME;
    let mut opened = open_once(&base, path, flags, resolve);
    // Access times can only be kept by the owner and root.
    if matches!(opened, Err(rustix::io::Errno::PERM)) {
        opened = open_once(&base, path, flags - OFlags::NOATIME, resolve);
    }
    match opened {
        Ok(fd) => Opened::new(File::from(fd)),
        Err(rustix::io::Errno::LOOP | rustix::io::Errno::XDEV) => Err(Refusal::Link),
        Err(rustix::io::Errno::NXIO) => Err(Refusal::NotAFile),
        Err(e) => Err(Refusal::Io(e.into())),
    }
}

fn open_once(
    base: &impl AsFd,
    path: &Path,
    flags: OFlags,
    resolve: ResolveFlags,
) -> rustix::io::Result<OwnedFd> {
    call(|| {
        let (nearer, path) = descend(base, path, resolve)?;
        let base = nearer.as_ref().map_or(base.as_fd(), AsFd::as_fd);
        open_here(base, path, flags, resolve)
    })
}

fn open_here(
    base: BorrowedFd<'_>,
    path: &Path,
    flags: OFlags,
    resolve: ResolveFlags,
) -> rustix::io::Result<OwnedFd> {
    match rustix::fs::openat2(base, path, flags, Mode::empty(), resolve) {
        // Kernels before 5.6 and some sandboxes: the last part is still not followed.
        Err(rustix::io::Errno::NOSYS) => rustix::fs::openat(base, path, flags, Mode::empty()),
        other => other,
    }
}

/// Longest path that the system takes (PATH_MAX, without the byte that ends it).
const LONGEST: usize = 4095;

/// Of a path that is too long for the system: a folder on its way, opened, and the rest, which is not.
fn descend<'p>(
    base: &impl AsFd,
    path: &'p Path,
    resolve: ResolveFlags,
) -> rustix::io::Result<(Option<OwnedFd>, &'p Path)> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut nearer: Option<OwnedFd> = None;
    let mut rest = path.as_os_str().as_bytes();
    while rest.len() > LONGEST {
        let slash = rest[..LONGEST].iter().rposition(|b| *b == b'/');
        let (part, after) = rest.split_at(slash.ok_or(rustix::io::Errno::NAMETOOLONG)?);
        let from = nearer.as_ref().map_or(base.as_fd(), AsFd::as_fd);
        nearer = Some(open_here(from, Path::new(OsStr::from_bytes(part)), flags, resolve)?);
        let name = after.iter().position(|b| *b != b'/').unwrap_or(after.len());
        rest = &after[name..];
    }
    Ok((nearer, Path::new(OsStr::from_bytes(rest))))
}

impl Opened {
    fn new(file: File) -> Result<Opened, Refusal> {
        let stat = call(|| rustix::fs::fstat(&file)).map_err(|e| Refusal::Io(e.into()))?;
        if !FileType::from_raw_mode(stat.st_mode).is_file() {
            return Err(Refusal::NotAFile);
        }
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        let allocated = u64::try_from(stat.st_blocks).unwrap_or(0) * 512;
        Ok(Opened {
            file: Arc::new(file),
            size,
            identity: (stat.st_dev, stat.st_ino),
            links: stat.st_nlink,
            bits: Exposure::of_stat(&stat),
            stamp: Stamp::of(&stat),
            at: clock::now(),
            sparse: size > MAP_FROM && allocated < size / 2,
        })
    }

    /// A file that another process opened, of the size that it had then.
    ///
    /// # Errors
    /// See [`Refusal`].
    pub fn received(file: File, size: u64) -> Result<Opened, Refusal> {
        Ok(Opened { size, ..Opened::new(file)? })
    }

    /// Has the system read the file's first bytes, all of a small file, without waiting for them. Tells whether it has
    /// to: most file systems know what they have in memory.
    #[must_use]
    pub fn fetch(&self) -> bool {
        let Some(length) = NonZeroU64::new(self.size.min(MAP_FROM)) else { return false };
        let mut byte = [0];
        let mut bytes = [IoSliceMut::new(&mut byte)];
        let at_once = rustix::io::preadv2(&self.file, &mut bytes, 0, ReadWriteFlags::NOWAIT);
        if at_once.is_err() {
            // Where this fails as well, they are read when their turn comes.
            let _ = rustix::fs::fadvise(&self.file, 0, Some(length), Advice::WillNeed);
        }
        at_once == Err(rustix::io::Errno::AGAIN)
    }

    /// Whether the file was changed since it was opened.
    #[must_use]
    pub fn changed(&self) -> bool {
        let content = |s: Stamp| (s.size, s.modified);
        let now = call(|| rustix::fs::fstat(&self.file));
        now.is_ok_and(|s| content(Stamp::of(&s)) != content(self.stamp))
    }

    /// What told the file when it was opened, and when that was in seconds of Unix time. `None` when something
    /// about it is not as it was then.
    #[must_use]
    pub fn settled(&self) -> Option<(Stamp, i64)> {
        let now = Stamp::of(&call(|| rustix::fs::fstat(&self.file)).ok()?);
        (now == self.stamp).then_some((self.stamp, self.at))
    }

    /// Who can read the file: by its access list, where it has one, else by its permission bits.
    #[must_use]
    pub fn exposure(&self) -> Exposure {
        call(|| self.bits.with_list_of(&self.file))
    }

    /// Digest of the file's bytes under a key, in hexadecimal. `None` for sparse files, whose holes would take
    /// for ever, for those that end early, and when the run is to stop.
    #[must_use]
    pub fn digest(&self, key: &[u8; 32], rate: Option<u64>) -> Option<String> {
        use std::os::unix::fs::FileExt as _;
        if self.sparse {
            return None;
        }
        if let Some(rate) = rate {
            throttle::slow_down(self.size, rate);
        }
        let mut hasher = blake3::Hasher::new_keyed(key);
        let mut buffer = buffers::take();
        let mut at = 0;
        while at < self.size && !STOP.load(Ordering::Relaxed) {
            let most = usize::try_from(self.size - at).unwrap_or(usize::MAX).min(buffer.len());
            let n = call(|| self.file.read_at(&mut buffer[..most], at));
            let n = n.ok().filter(|n| *n > 0)?;
            hasher.update(&buffer[..n]);
            at += n as u64;
        }
        buffers::give(buffer);
        (at == self.size).then(|| hasher.finalize().to_hex()[..32].to_owned())
    }

    /// Random access to the file's bytes.
    #[must_use]
    pub fn random(&self) -> Random {
        Random::shared(self.file.clone(), self.size)
    }

    /// The file's bytes, up to the size that it had when it was opened; at most `rate` bytes per second
    /// over all sources together.
    ///
    /// # Errors
    /// What the system reports.
    pub fn source(&self, rate: Option<u64>) -> io::Result<Source> {
        if let Some(rate) = rate {
            throttle::slow_down(self.size, rate);
        }
        let random = self.random();
        let source = if self.sparse {
            Source::from_read(Box::new(sparse::Extents::new(self.file.try_clone()?, self.size)))
        } else if self.size < MAP_FROM || !is_local(&self.file) {
            Source::from_section(random.whole())
        } else {
            Source::new(Box::new(MappedFile::new(self.file.try_clone()?, self.size)))
        };
        Ok(source.of_file(random))
    }
}

impl Stamp {
    fn of(stat: &rustix::fs::Stat) -> Stamp {
        let part = |nanoseconds| i64::try_from(nanoseconds).unwrap_or(0);
        Stamp {
            device: stat.st_dev,
            inode: stat.st_ino,
            size: u64::try_from(stat.st_size).unwrap_or(0),
            modified: (stat.st_mtime, part(stat.st_mtime_nsec)),
            changed: (stat.st_ctime, part(stat.st_ctime_nsec)),
        }
    }
}

/// Whether a file lies on a file system of this machine: over a network, mapping turns a broken
/// connection into a fault, and reading into an error.
fn is_local(file: &File) -> bool {
    // NFS, SMB, SMB2, CIFS, FUSE, 9P, AFS, Ceph, Lustre, GPFS: linux/magic.h and the projects' own.
    const REMOTE: [u32; 10] = [
        0x6969,
        0x517B,
        0xFE53_4D42,
        0xFF53_4D42,
        0x6573_5546,
        0x0102_1997,
        0x5346_414F,
        0x00C3_6400,
        0x0BD0_0BD0,
        0x4750_4653,
    ];
    call(|| rustix::fs::fstatfs(file)).is_ok_and(|s| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "magic numbers have 32 bits"
        )]
        let magic = s.f_type as u32;
        !REMOTE.contains(&magic)
    })
}

/// Whether a folder lies on a pseudo file system such as `/proc`, whose files are no data.
#[must_use]
pub fn is_pseudo(folder: &Path) -> bool {
    // proc, sysfs, debugfs, tracefs, cgroup, cgroup2, devpts, securityfs, bpf, pstore, configfs,
    // selinuxfs, binfmt_misc, mqueue, efivarfs: linux/magic.h.
    const PSEUDO: [u32; 15] = [
        0x9FA0,
        0x6265_6572,
        0x6462_6720,
        0x7472_6163,
        0x0027_E0EB,
        0x6367_7270,
        0x1CD1,
        0x7363_6673,
        0xCAFE_4A11,
        0x6165_676C,
        0x6265_6570,
        0xF97C_FF8C,
        0x4249_4E4D,
        0x1980_0202,
        0xDE5E_81E4,
    ];
    call(|| rustix::fs::statfs(folder)).is_ok_and(|s| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "magic numbers have 32 bits"
        )]
        let magic = s.f_type as u32;
        PSEUDO.contains(&magic)
    })
}
