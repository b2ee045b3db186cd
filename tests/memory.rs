//! The contract, shown on the reference: memory. Natively and in a browser.
#![forbid(unsafe_code)]

#[macro_use]
mod conformance;
mod support;

use conformance::Harness;
use holdpoint::journal::format::StoreFormat;
use holdpoint::storage::{MemoryDisk, MemoryStorage, StorageError};
use support::fault_storage::FaultStorage;

#[cfg(target_family = "wasm")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

struct Memory(MemoryDisk);

impl Harness for Memory {
    type Storage = MemoryStorage;

    async fn new() -> Self {
        Self(MemoryDisk::new())
    }

    async fn open(&self) -> Result<MemoryStorage, StorageError> {
        MemoryStorage::open(&self.0)
    }

    async fn set_format(&self, format: StoreFormat) {
        self.0.set_format(format);
    }
}

conformance!(Memory);

/// A wrapper that isn't told to fail is as good as what it wraps.
mod through_a_faultless_wrapper {
    use super::*;

    struct Wrapped(Memory);

    impl Harness for Wrapped {
        type Storage = FaultStorage<MemoryStorage>;

        async fn new() -> Self {
            Self(Memory::new().await)
        }

        async fn open(&self) -> Result<Self::Storage, StorageError> {
            self.0.open().await.map(FaultStorage::new)
        }

        async fn set_format(&self, format: StoreFormat) {
            self.0.set_format(format).await;
        }
    }

    conformance!(Wrapped);
}
