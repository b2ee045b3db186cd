//! Sets, filled instead of collected.

use std::collections::BTreeSet;

/// The values as a set.
///
/// What `collect` makes is sorted first, and a sort for each type is five kilobytes more to load in
/// a browser.
pub(crate) fn set_of<T: Ord>(values: impl IntoIterator<Item = T>) -> BTreeSet<T> {
    let mut set = BTreeSet::new();
    set.extend(values);
    set
}
