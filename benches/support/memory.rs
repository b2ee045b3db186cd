//! How much memory the process takes up.

/// The most that it took up while something was done, in megabytes; none where that isn't known.
pub(crate) fn peak_over<T>(work: impl FnOnce() -> T) -> (Option<u64>, T) {
    // Linux begins to look for the peak anew; elsewhere there is no such file.
    let is_known = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let result = work();
    let peak = if is_known { peak() } else { None };
    (peak, result)
}

/// The most since the process began, or since somebody began anew, in megabytes.
pub(crate) fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1024)
}
