//! What is in the memory of the web view's processes (S3): a page that was to read it could read no secret there.

use std::{collections::BTreeMap, fs, os::unix::fs::FileExt};

use super::{
    encodings::hits,
    processes::{number, parent},
};

/// So much is searched at a time.
const PIECE: u64 = 8 * 1024 * 1024;

const PAGE: usize = 4096;

const ZEROS: [u8; PAGE] = [0; PAGE];

/// A secret may lie across two pieces.
const OVERLAP: u64 = PAGE as u64;

/// Where a secret was, and how much was searched.
#[derive(Debug, Default)]
pub(crate) struct Searched {
    pub(crate) found: Vec<String>,
    pub(crate) bytes: u64,
}

/// Searches what `WebKit`'s processes below this one can write to.
pub(crate) fn search(secrets: &[String]) -> Searched {
    let mut searched = Searched::default();
    for (id, name) in web_processes() {
        // It may end meanwhile; what is there no longer holds nothing.
        let (Ok(maps), Ok(memory), Ok(pages)) = (
            fs::read_to_string(format!("/proc/{id}/maps")),
            fs::File::open(format!("/proc/{id}/mem")),
            fs::File::open(format!("/proc/{id}/pagemap")),
        ) else {
            continue;
        };
        for (from, to) in maps.lines().filter_map(writable) {
            let mut at = from;
            while at < to {
                let end = to.min(at + PIECE);
                // Most of what is reserved is not there.
                if !is_there(&pages, at, end) {
                    at = end;
                    continue;
                }
                let mut piece = vec![0; usize::try_from(end - at).unwrap()];
                if let Ok(read) = memory.read_at(&mut piece, at) {
                    // Nothing spans a page of zeros, and most are.
                    let pages = piece[..read].chunks(PAGE);
                    let pages = pages.filter(|page| *page != &ZEROS[..page.len()]);
                    let piece = pages.collect::<Vec<_>>().concat();
                    searched.bytes += piece.len() as u64;
                    for secret in secrets {
                        let hits = hits(&piece, secret).into_iter();
                        searched
                            .found
                            .extend(hits.map(|encoding| format!("{encoding} in {name} at {at:x}")));
                    }
                }
                at = if end == to { to } else { end - OVERLAP };
            }
        }
    }
    searched
}

/// The processes of `WebKit` that descend from this one: id and name.
fn web_processes() -> Vec<(u32, String)> {
    let mut processes = BTreeMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        if let Some(id) = number(&entry.file_name().to_string_lossy()) {
            let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
            processes.insert(id, (parent(id), name.trim().to_owned()));
        }
    }
    let descends = |id: u32| {
        let above = |id: &u32| processes.get(id).and_then(|(parent, _)| *parent);
        std::iter::successors(Some(id), above).any(|id| id == std::process::id())
    };
    processes
        .iter()
        .filter(|(id, (_, name))| name.starts_with("WebKit") && descends(**id))
        .map(|(id, (_, name))| (*id, name.clone()))
        .collect()
}

/// Whether any page from one address to another is in memory or swapped out.
fn is_there(pages: &fs::File, from: u64, to: u64) -> bool {
    let count = usize::try_from((to - from).div_ceil(PAGE as u64)).unwrap();
    let mut entries = vec![0; count * 8];
    let Ok(read) = pages.read_at(&mut entries, from / PAGE as u64 * 8) else {
        return true;
    };
    let mut entries = entries[..read].chunks_exact(8);
    // The two highest bits: present, swapped.
    entries.any(|entry| entry[7] & 0b1100_0000 != 0)
}

/// The addresses of a line of `/proc/…/maps`, where it is of what the process itself writes.
fn writable(line: &str) -> Option<(u64, u64)> {
    let mut parts = line.split_whitespace();
    let (range, rights) = (parts.next()?, parts.next()?);
    let (from, to) = range.split_once('-')?;
    let address = |text: &str| u64::from_str_radix(text, 16).ok();
    Some((address(from)?, address(to)?)).filter(|_| rights.starts_with("rw"))
}

#[test]
fn lines_of_memory_that_is_written_to_are_told_apart() {
    let line = "7f00a000-7f00c000 rw-p 00000000 00:00 0 ";
    assert_eq!(writable(line), Some((0x7f00_a000, 0x7f00_c000)));
    let line = "7f00a000-7f00c000 r-xp 00000000 08:01 42   /usr/lib/libc.so.6";
    assert_eq!(writable(line), None);
}
