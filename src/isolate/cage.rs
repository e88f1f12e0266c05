//! The cage: what a worker may not do. It is closed once, in the process that workers are forked from, and
//! holds for all of them. What the kernel does not offer is told, not required.

use std::io;

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
    RulesetStatus, Scope,
};
use rustix::process::{DumpableBehavior, Resource, Rlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter};

use super::heap;

/// Memory beyond what one file may take: heaps of C libraries, stacks of threads, what fragments.
const SPARE: u64 = 48 << 20;
/// Address space beyond what is in use: mapped windows of files, reserved and untouched.
const ADDRESSES: u64 = 4 << 30;
/// Descriptors: a file, those beside it, the socket, the mark.
const DESCRIPTORS: u64 = 64;

/// Files and network cannot be reached because landlock says so.
pub const NO_LANDLOCK: u8 = 1;
/// System calls are not filtered.
pub const NO_FILTER: u8 = 2;

/// Closes the cage; tells what of it is missing.
///
/// # Errors
/// A limit that cannot be set.
pub fn close() -> io::Result<u8> {
    limits()?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    // SAFETY: prctl(2) with constants.
    if unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let mut missing = 0;
    if !files_and_network() {
        missing |= NO_LANDLOCK;
    }
    if !calls() {
        missing |= NO_FILTER;
    }
    Ok(missing)
}

fn limits() -> io::Result<()> {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = |key: &str| -> Option<u64> {
        let line = status.lines().find_map(|l| l.strip_prefix(key))?;
        line.trim().trim_end_matches("kB").trim().parse().ok()
    };
    let base = |key: &str| kilobytes(key).map(|n| n << 10);
    set(Resource::Core, 0)?;
    set(Resource::Fsize, 0)?;
    set(Resource::Nofile, DESCRIPTORS)?;
    let file = u64::try_from(heap::PER_FILE).unwrap_or(u64::MAX);
    if let (Some(data), Some(all)) = (base("VmData:"), base("VmSize:")) {
        set(Resource::Data, data + file + SPARE)?;
        set(Resource::As, all + ADDRESSES)?;
    }
    Ok(())
}

/// Sets a limit, or a lower one that holds already.
fn set(resource: Resource, limit: u64) -> io::Result<()> {
    let now = rustix::process::getrlimit(resource);
    let limit = now.maximum.map_or(limit, |maximum| limit.min(maximum));
    let limit = Rlimit { current: Some(limit), maximum: Some(limit) };
    Ok(rustix::process::setrlimit(resource, limit)?)
}

/// No file can be opened, no connection made, no process outside signalled.
fn files_and_network() -> bool {
    let rules = || {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(ABI::V6))?
            .handle_access(AccessNet::from_all(ABI::V6))?
            .scope(Scope::from_all(ABI::V6))?
            .create()?
            .restrict_self()
    };
    rules().is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

/// System calls that no parser needs are refused: whatever makes a connection or a process image, looks
/// into other processes, or opens a way round the other bars.
fn calls() -> bool {
    const REFUSED: &[libc::c_long] = &[
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_pidfd_getfd,
        libc::SYS_io_uring_setup,
        libc::SYS_bpf,
        libc::SYS_userfaultfd,
        libc::SYS_perf_event_open,
        libc::SYS_keyctl,
        libc::SYS_add_key,
        libc::SYS_request_key,
        libc::SYS_mount,
        libc::SYS_unshare,
        libc::SYS_setns,
        libc::SYS_open_by_handle_at,
        libc::SYS_memfd_create,
        libc::SYS_shmget,
    ];
    let filter = || -> Option<()> {
        let rules = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
        let arch = std::env::consts::ARCH.try_into().ok()?;
        let refuse = SeccompAction::Errno(libc::EPERM.unsigned_abs());
        let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch).ok()?;
        let program: BpfProgram = filter.try_into().ok()?;
        seccompiler::apply_filter(&program).ok()
    };
    filter().is_some()
}
