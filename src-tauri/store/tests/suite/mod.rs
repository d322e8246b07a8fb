//! What every store must do, written against [`Store`] alone: each database runs the whole of it through
//! `suite!`.

pub mod customers;
pub mod leases;
pub mod list;
pub mod mails;
pub mod records;
pub mod runs;
pub mod samples;

use std::{sync::Arc, time::Duration};

use fabrik_store::Store;

/// A database under test.
pub trait Backend {
    /// Opens it as another process does: nothing is shared but the database itself.
    fn open(&self) -> Arc<dyn Store>;

    /// Lets time pass, as the database's leases see it.
    fn pass(&self, time: Duration);
}

/// Makes a test of each function named, on a new database of the expression's.
macro_rules! suite {
    ($backend:expr; $($module:ident: $($test:ident),* $(,)?;)*) => {$(
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    crate::suite::$module::$test(&$backend).await;
                }
            )*
        }
    )*};
}
pub(crate) use suite;
