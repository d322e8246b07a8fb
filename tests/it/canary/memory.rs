//! What is in the memory of the web view's processes (S3): a page that was to read it could read no secret there.

use std::{collections::BTreeMap, fs, os::unix::fs::FileExt};

use super::{
    encodings::hits,
    processes::{number, parent},
};

const PAGE: u64 = 4096;

const ZEROS: [u8; 4096] = [0; 4096];

/// So many pages are searched at a time; a secret may lie across two such pieces.
const PIECE: u64 = 2048;

/// Where a secret was, and how much was searched.
#[derive(Debug, Default)]
pub(crate) struct Searched {
    pub(crate) found: Vec<String>,
    pub(crate) bytes: u64,
}

/// Searches what the processes of a page below this one can write to.
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
            for (first, count) in runs(&pages, from / PAGE, to / PAGE) {
                let mut piece = vec![0; usize::try_from(count * PAGE).unwrap()];
                let Ok(read) = memory.read_at(&mut piece, first * PAGE) else {
                    continue;
                };
                // Nothing spans a page of zeros.
                let pages = piece[..read].chunks(ZEROS.len());
                let pages = pages.filter(|page| *page != &ZEROS[..page.len()]);
                let piece = pages.collect::<Vec<_>>().concat();
                searched.bytes += piece.len() as u64;
                for secret in secrets {
                    let hits = hits(&piece, secret).into_iter();
                    let place = |encoding| format!("{encoding} in {name}, page {first:x}");
                    searched.found.extend(hits.map(place));
                }
            }
        }
    }
    searched
}

/// The pages that are there, in runs of at most a piece: the first, and how many. Of the many gigabytes that are
/// reserved they are few.
fn runs(pages: &fs::File, from: u64, to: u64) -> Vec<(u64, u64)> {
    const ENTRY: u64 = 8;
    let mut runs: Vec<(u64, u64)> = Vec::new();
    let mut entries = vec![0; usize::try_from(PIECE * ENTRY).unwrap()];
    let mut page = from;
    while page < to {
        let wanted = usize::try_from((to - page).min(PIECE) * ENTRY).unwrap();
        let Ok(read) = pages.read_at(&mut entries[..wanted], page * ENTRY) else {
            break;
        };
        if read == 0 {
            break;
        }
        let mut at = 7;
        while at < read {
            // The two highest bits: present, swapped.
            if entries[at] & 0b1100_0000 != 0 {
                match runs.last_mut() {
                    Some((first, count)) if *first + *count == page && *count < PIECE => {
                        *count += 1;
                    }
                    // It begins with the page before, where that is there.
                    Some((first, count)) if *first + *count == page => runs.push((page - 1, 2)),
                    _ => runs.push((page, 1)),
                }
            }
            page += 1;
            at += 8;
        }
    }
    runs
}

/// The processes of a page that descend from this one, as `WebKit` calls them: id and name.
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
        .filter(|(id, (_, name))| {
            let of_page = ["WebKitWebProces", "WebKitNetworkPr"];
            of_page.contains(&name.as_str()) && descends(**id)
        })
        .map(|(id, (_, name))| (*id, name.clone()))
        .collect()
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
