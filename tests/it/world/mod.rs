//! What the whole-product tests and the bench share: the real command line against a sandbox of its own.

mod app;
mod cloud;
pub(crate) mod program;
mod vendor;

pub(crate) use app::{Ran, TestApp};
pub(crate) use cloud::{Cloud, Latency, client};
#[cfg(unix)]
#[allow(unused_imports, reason = "the bench tries no rights of files")]
pub(crate) use program::AS_ANYBODY;
#[cfg(target_os = "linux")]
pub(crate) use program::desktop_program;
pub(crate) use vendor::Vendor;
