//! Messages on standard error, for people or for machines. They hold counts and paths of the user's own
//! options, never anything found.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use super::args::LogFormat;
use super::journal;

/// The form of all messages.
static FORM: Mutex<LogFormat> = Mutex::new(LogFormat::Text);

/// Takes the form that is asked for.
pub fn take_form(form: LogFormat) {
    *FORM.lock().unwrap_or_else(PoisonError::into_inner) = form;
}

/// The form that was asked for.
pub fn form() -> LogFormat {
    *FORM.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes one message, in the form that was asked for.
pub fn say(level: &str, message: &str) {
    let form = form();
    if form == LogFormat::Journald && journal::send(priority(level), message).is_ok() {
        return;
    }
    let mut err = io::stderr().lock();
    let line = match form {
        LogFormat::Text => format!("datakart: {}\n", crate::escape::terminal(message)),
        LogFormat::Syslog | LogFormat::Journald => {
            format!("<{}>datakart: {}\n", priority(level), crate::escape::terminal(message))
        }
        LogFormat::Json => {
            format!("{}\n", serde_json::json!({ "level": level, "message": message }))
        }
    };
    // Nobody is left to be told when standard error is closed.
    let _ = err.write_all(line.as_bytes());
}

/// The priority of a level (RFC 5424).
fn priority(level: &str) -> u8 {
    match level {
        "error" => 3,
        "warning" => 4,
        _ => 6,
    }
}
