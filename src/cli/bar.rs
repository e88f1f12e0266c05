//! The progress bar of a scan, on a terminal.

use std::io::{self, IsTerminal as _};
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{LogFormat, ScanArgs};
use crate::scan::Progress;

/// Runs a job with a progress bar on a terminal.
pub(super) fn with_bar<T: Send>(
    args: &ScanArgs,
    progress: &Progress,
    job: impl FnOnce() -> T + Send,
) -> T {
    let wanted = !args.quiet
        && !args.pace.no_progress
        && args.log_format() == LogFormat::Text
        && io::stderr().is_terminal();
    if !wanted {
        return job();
    }
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    let style = "{spinner} {pos}/{len} files  {msg}  {elapsed} (about {eta} to go)";
    bar.set_style(
        ProgressStyle::with_template(style).unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let start = std::time::Instant::now();
            while !done.load(Ordering::Relaxed) {
                show(&bar, progress, start.elapsed());
                std::thread::sleep(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        });
        let result = job();
        done.store(true, Ordering::Relaxed);
        result
    })
}

fn show(bar: &ProgressBar, progress: &Progress, elapsed: Duration) {
    let bytes = progress.bytes.load(Ordering::Relaxed);
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate for people"
    )]
    let rate = (bytes as f64 / elapsed.as_secs_f64().max(0.1)) as u64;
    bar.set_length(progress.met.load(Ordering::Relaxed));
    bar.set_position(progress.done.load(Ordering::Relaxed));
    let (bytes, rate) = (indicatif::BinaryBytes(bytes), indicatif::BinaryBytes(rate));
    bar.set_message(format!("{bytes}  {rate}/s"));
}
