//! Numbers out of bytes: the interface of `tests/model_based/random.rs`. Each takes as few bytes as
//! it needs, so that a byte that is changed changes one choice.

/// What is left of some bytes.
#[derive(Debug, Clone)]
pub(super) struct Random {
    bytes: Vec<u8>,
    /// How many of them are taken.
    taken: usize,
}

impl Random {
    pub(super) fn new(bytes: &[u8]) -> Self {
        let bytes = bytes.to_vec();
        Self { bytes, taken: 0 }
    }

    /// Whether there is nothing left. From then on all numbers are zero.
    pub(super) fn is_at_an_end(&self) -> bool {
        self.taken >= self.bytes.len()
    }

    pub(super) fn next(&mut self) -> u64 {
        self.taken(8)
    }

    /// A number below this one.
    pub(super) fn below(&mut self, limit: u64) -> u64 {
        let bits = u64::BITS - limit.saturating_sub(1).leading_zeros();
        self.taken(bits.div_ceil(8)) % limit
    }

    /// Whether something happens that happens so often in a hundred times.
    pub(super) fn percent(&mut self, often: u64) -> bool {
        self.below(100) < often
    }

    /// One of these.
    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        let place = self.below((of.len() as u64).max(1));
        of.get(usize::try_from(place).expect("lists are short"))
            .cloned()
    }

    /// One of these, of which there is at least one.
    pub(super) fn one<T: Clone>(&mut self, of: &[T]) -> T {
        self.pick(of).expect("there is something to choose from")
    }

    fn taken(&mut self, bytes: u32) -> u64 {
        let end = self.bytes.len().min(self.taken + bytes as usize);
        let taken = &self.bytes[self.taken..end];
        self.taken = end;
        taken
            .iter()
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}
