//! Messages as entries of systemd's journal, each with its fields (systemd.io/JOURNAL_NATIVE_PROTOCOL).

use std::io;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

/// Where the journal listens.
const SOCKET: &str = "/run/systemd/journal/socket";

/// Sends an entry.
///
/// # Errors
/// What the system reports; also where there is no journal.
pub(super) fn send(priority: u8, message: &str) -> io::Result<()> {
    send_to(Path::new(SOCKET), priority, message)
}

fn send_to(socket: &Path, priority: u8, message: &str) -> io::Result<()> {
    UnixDatagram::unbound()?.send_to(&entry(priority, message), socket).map(drop)
}

/// Fields, one a line; what may hold the end of a line is told with its length.
fn entry(priority: u8, message: &str) -> Vec<u8> {
    let mut entry =
        format!("PRIORITY={priority}\nSYSLOG_IDENTIFIER=datakart\nMESSAGE\n").into_bytes();
    entry.extend_from_slice(&(message.len() as u64).to_le_bytes());
    entry.extend_from_slice(message.as_bytes());
    entry.push(b'\n');
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_one_datagram_of_fields() {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        assert!(send_to(&socket, 4, "nobody listens").is_err());
        let journal = UnixDatagram::bind(&socket).unwrap();
        send_to(&socket, 4, "two\nlines").unwrap();
        let mut got = [0; 200];
        let n = journal.recv(&mut got).unwrap();
        let want =
            b"PRIORITY=4\nSYSLOG_IDENTIFIER=datakart\nMESSAGE\n\x09\0\0\0\0\0\0\0two\nlines\n";
        assert_eq!(&got[..n], want);
    }
}
