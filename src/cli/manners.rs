//! Manners: how much of the machine a scan leaves to others.

use std::time::Duration;

use super::args::ScanArgs;
use crate::source::{call, pace};

/// Takes the lowest priority, if that is asked for. Threads and processes that are started later inherit it.
pub(super) fn step_back(args: &ScanArgs) {
    /// The lowest there is.
    const NICE: i32 = 19;
    if args.nice {
        // To step back is always allowed; where it is not known, nothing is lost.
        let _ = rustix::process::setpriority_process(None, NICE);
        idle_disk();
    }
}

/// Rests from now on, if that is asked for. The workers are not to: their time for a file is limited, and whoever
/// waits for them rests as long.
pub(super) fn slow_down(args: &ScanArgs) {
    if let Some(percent) = args.max_cpu {
        pace::limit(percent);
    }
}

/// Sets how long the system may take to answer.
pub(super) fn be_patient(args: &ScanArgs) {
    if let Some(seconds) = args.pace.stall_timeout {
        call::limit(Duration::from_secs(seconds));
    }
}

/// Has disks serve this process when nobody else wants anything (idle class of ioprio_set(2)).
#[cfg(target_os = "linux")]
fn idle_disk() {
    const PROCESS: libc::c_int = 1;
    const IDLE: libc::c_int = 3 << 13;
    // SAFETY: ioprio_set(2) with constants: no memory is passed. Its failure leaves things as they are.
    unsafe {
        libc::syscall(libc::SYS_ioprio_set, PROCESS, 0, IDLE);
    }
}

#[cfg(not(target_os = "linux"))]
fn idle_disk() {}

/// Has the heap keep no more arenas than threads search: the C library of GNU makes eight for each core, and what is
/// free in one is of no use in the others.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn share_heap(threads: usize) {
    let most = libc::c_int::try_from(threads).unwrap_or(libc::c_int::MAX);
    // SAFETY: mallopt(3) with numbers. Its failure leaves things as they are.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, most);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) fn share_heap(_: usize) {}
