//! What the store tells about itself: `/metrics` has the numbers, the log has the slow closures.
//! Must never happen: a value or a statement's parameter in either.
use super::Error;
use std::time::Duration;

/// Jobs that waited as another one came.
pub(super) fn queue(lane: &'static str, waiting: usize) {
    metrics::gauge!("doorward_store_queue", "lane" => lane).set(count(waiting));
}

/// A job that the store refused or failed, by the kind of its error.
pub(super) fn refused(error: &Error) {
    metrics::counter!("doorward_store_refused_total", "why" => error.kind()).increment(1);
}

/// How long a closure ran. Nothing can stop Rust code, and on SQLite a slow one holds up every writer: it is named in the log.
pub(super) fn closure<F>(took: Duration, slow: Duration) {
    metrics::histogram!("doorward_store_closure_seconds").record(took.as_secs_f64());
    if took > slow {
        metrics::counter!("doorward_store_slow_closures_total").increment(1);
        let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        tracing::warn!(
            closure = std::any::type_name::<F>(),
            millis,
            "a closure held its transaction for long"
        );
    }
}

/// SQLite: jobs in one commit.
pub(super) fn group(jobs: usize) {
    metrics::histogram!("doorward_store_group_size").record(count(jobs));
}

/// A closure that is run again.
pub(super) fn retry(why: &'static str) {
    metrics::counter!("doorward_store_retries_total", "why" => why).increment(1);
}

/// SQLite: pages in the write-ahead log, and how many of them are in the database file already.
pub(super) fn wal(pages: i64, done: i64) {
    metrics::gauge!("doorward_store_wal_pages").set(count(usize::try_from(pages).unwrap_or(0)));
    metrics::gauge!("doorward_store_wal_done_pages").set(count(usize::try_from(done).unwrap_or(0)));
}

/// PostgreSQL: connections that stand.
pub(super) fn connections(lane: &'static str, standing: usize) {
    metrics::gauge!("doorward_store_connections", "lane" => lane).set(count(standing));
}

fn count(n: usize) -> f64 {
    u32::try_from(n).unwrap_or(u32::MAX).into()
}
