//! The log: what the library tells `tracing`, on stderr.

use super::arguments::LogLevel;
use tracing_subscriber::filter::LevelFilter;

/// From now on as much as this is logged.
pub(super) fn start(level: LogLevel) {
    let most = match level {
        LogLevel::Off => return,
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    // Whoever called this from a program of their own may have a log already.
    let _ = tracing_subscriber::fmt()
        .with_max_level(most)
        .with_writer(std::io::stderr)
        // If a line can't be written, work goes on all the same.
        .log_internal_errors(false)
        .try_init();
}
