//! The inputs of a target: a first line that says by its name what the rest is for. Only the rest is changed.

use std::{fs, path::PathBuf};

use libfuzzer_sys::fuzzer_mutate;

/// Puts inputs to begin with into the first folder that the program is given, where what is new goes: a name that no
/// input has, no chance comes upon.
pub(crate) fn begin_with<T: AsRef<[u8]>>(inputs: impl IntoIterator<Item = T>) {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    // One that was found is given as a file.
    if let Some(folder) = folder.filter(|folder| folder.is_dir()) {
        for (number, input) in inputs.into_iter().enumerate() {
            fs::write(folder.join(format!("first-{number}")), input).unwrap();
        }
    }
}

/// An input with something else after its first line.
pub(crate) fn rest_changed(data: &mut [u8], size: usize, max_size: usize) -> usize {
    let end = data[..size].iter().position(|byte| *byte == b'\n');
    let kept = end.map_or(0, |end| end + 1);
    // There may be no room for more than the line.
    let kept = if kept < max_size { kept } else { 0 };
    kept + fuzzer_mutate(&mut data[kept..], size - kept, max_size - kept)
}
