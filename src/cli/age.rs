//! Encryption of what is handed on, by the program `age`: the report itself reaches no disk in the clear.

use std::io::{self, Read as _, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::escape::terminal;

/// The program, <https://age-encryption.org>. As a library it would bring more crates than all of datakart.
const PROGRAM: &str = "age";

/// What a text was before it was encrypted; `identity` is the file that opens it. Without one, `age` asks for the
/// passphrase on the terminal.
///
/// # Errors
/// The program is not there, or it cannot open the text.
pub(super) fn decrypt(identity: Option<&Path>, encrypted: &[u8]) -> Result<Vec<u8>> {
    let mut command = Command::new(PROGRAM);
    command.arg("--decrypt");
    if let Some(identity) = identity {
        command.arg("--identity").arg(identity);
    }
    let mut age = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| not_started(e, "an encrypted profile"))?;
    let stdin = age.stdin.take().context("no pipe to `age`")?;
    let end = std::thread::scope(|scope| {
        // It may end before it has read everything, which its exit code tells.
        scope.spawn(move || {
            let mut stdin = stdin;
            stdin.write_all(encrypted)
        });
        age.wait_with_output()
    });
    let end = end.context("waiting for `age`")?;
    let said = String::from_utf8_lossy(&end.stderr);
    let why = said.lines().next().unwrap_or("it did not say why");
    ensure!(
        end.status.success(),
        "`age` cannot open it: {} (name its key with --identity)",
        terminal(why)
    );
    Ok(end.stdout)
}

/// Whether the program is there, which is better known before a long search than after it.
///
/// # Errors
/// It is not, or does not start.
pub(super) fn check() -> Result<()> {
    let mut age = Command::new(PROGRAM);
    age.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    age.status().map(drop).map_err(|e| not_started(e, "--encrypt-to"))
}

fn not_started(e: io::Error, what: &str) -> anyhow::Error {
    match e.kind() {
        io::ErrorKind::NotFound => anyhow!(
            "{what} needs the program `age`, which is not on the PATH: install it (https://age-encryption.org)"
        ),
        _ => anyhow!(e).context("starting `age`"),
    }
}

/// Gives `out` what `write` writes, encrypted to these recipients.
///
/// # Errors
/// The program is not there, it refuses a recipient, or something cannot be written.
pub(super) fn encrypt(
    recipients: &[String],
    out: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let mut age = Command::new(PROGRAM)
        .args(recipients.iter().flat_map(|r| ["--recipient", r]))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| not_started(e, "--encrypt-to"))?;
    let (stdin, stdout) = (age.stdin.take(), age.stdout.take());
    let (mut stdin, mut stdout) = stdin.zip(stdout).context("no pipes to `age`")?;
    let (written, encrypted) = std::thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut encrypted = Vec::new();
            stdout.read_to_end(&mut encrypted).map(|_| encrypted)
        });
        let written = write(&mut stdin).and_then(|()| stdin.flush());
        drop(stdin);
        (written, reader.join())
    });
    let end = age.wait_with_output().context("waiting for `age`")?;
    let said = String::from_utf8_lossy(&end.stderr);
    let why = said.lines().next().unwrap_or("it did not say why");
    ensure!(end.status.success(), "`age` refused to encrypt: {}", terminal(why));
    written.context("writing to `age`")?;
    let encrypted = encrypted.map_err(|_| anyhow!("reading from `age` failed"))??;
    out.write_all(&encrypted)?;
    Ok(())
}
