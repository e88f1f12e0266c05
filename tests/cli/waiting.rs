//! Waiting for a program that runs, and ending it.

use std::fs;
use std::process::Child;
use std::time::{Duration, Instant};

/// Waits until the program listens to SIGTERM: the kernel tells which signals it catches.
pub fn wait_until_listening(child: &Child) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let caught = status.lines().find_map(|l| l.strip_prefix("SigCgt:")).unwrap();
        if u64::from_str_radix(caught.trim(), 16).unwrap() & (1 << 14) != 0 {
            return;
        }
        assert!(Instant::now() < deadline, "the program does not listen to signals");
        std::thread::sleep(Duration::from_micros(100));
    }
}

/// Waits until the program has read this many bytes from files and pipes.
pub fn wait_until_read(child: &Child, bytes: u64) {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let io = fs::read_to_string(format!("/proc/{}/io", child.id())).unwrap();
        let read = io.lines().find_map(|l| l.strip_prefix("rchar: ")).unwrap();
        if read.parse::<u64>().unwrap() >= bytes {
            return;
        }
        assert!(Instant::now() < deadline, "the program does not read");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub fn terminate(child: &Child) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
}

/// Waits half a minute at most: on a busy machine soon is later, and what would go on would take minutes.
pub fn ends_soon(child: &mut Child) -> i32 {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code().unwrap_or(-1);
        }
        if started.elapsed() > Duration::from_secs(30) {
            child.kill().unwrap();
            panic!("not ended within half a minute");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
