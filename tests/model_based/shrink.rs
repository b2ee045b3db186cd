//! Making a list that fails shorter.

/// What is left of a list when as much was taken out as can be while it fails, with at most so
/// many tries: halves first, then ever smaller parts, single elements at the end.
pub(crate) async fn shrink<T: Clone>(
    list: Vec<T>,
    most_tries: usize,
    mut fails: impl AsyncFnMut(&[T]) -> bool,
) -> Vec<T> {
    let mut list = list;
    let mut tries = 0;
    let mut part = list.len().div_ceil(2).max(1);
    loop {
        let mut has_shrunk = false;
        // From the end: what comes late rests on what comes early.
        let mut end = list.len();
        while end > 0 && tries < most_tries {
            let start = end.saturating_sub(part);
            let without = [&list[..start], &list[end..]].concat();
            tries += 1;
            if fails(&without).await {
                list = without;
                has_shrunk = true;
            }
            end = start;
        }
        if tries >= most_tries || (part == 1 && !has_shrunk) {
            return list;
        }
        // Taking one out may let another one go, so single elements are gone through again.
        part = part.div_ceil(2);
    }
}
