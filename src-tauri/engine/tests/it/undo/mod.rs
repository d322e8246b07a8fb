//! Back: what a run made is taken away again, whatever is killed or refused meanwhile, and nothing else.

mod asked;
mod cancelled;
mod hindered;
mod other_runs;
mod rollback;
