//! Whole projects into one file and out of it: what `docs/bundle.md` describes, between a store and
//! whoever reads and writes files.

mod export;
mod import;

pub use export::{Export, ExportProgress, ExportScope};
pub use import::{Import, ImportOptions, ImportProgress, ImportReport, ImportedProject};

use super::logged::Logged as _;
use super::{Engine, Result};
use crate::storage::Storage;

impl<S: Storage> Engine<S> {
    /// Begins to export projects as they are now: the bundle comes from [`Export::next`], piece by
    /// piece. Others may go on meanwhile.
    ///
    /// # Errors
    /// `PROJECT_NOT_FOUND`, `REMOVED`, and what the storage fails with.
    pub async fn export(&self, scope: ExportScope) -> Result<Export<S>> {
        let begun = Export::begin(&self.inner, scope).await;
        begun.logged("export", None)
    }

    /// Begins an import: the bundle goes into [`Import::push`], piece by piece, and
    /// [`Import::finish`] puts all of it into the store, or nothing.
    #[must_use]
    pub fn import(&self, options: ImportOptions) -> Import<S> {
        Import::begin(&self.inner, options)
    }
}

/// As for the engine: the compiler is asked here whether these move between threads natively.
const _: fn(&Engine<crate::storage::MemoryStorage>) = |engine| {
    fn is_send<T: crate::platform::MaybeSend>(_: &T) {}
    fn of_export<S: Storage>(mut export: Export<S>) {
        is_send(&export.next());
        is_send(&export);
    }
    fn of_import<S: Storage>(mut import: Import<S>) {
        is_send(&import.push(b""));
        is_send(&import.finish());
    }

    is_send(&engine.export(ExportScope::Store));
    let _ = (
        of_export::<crate::storage::MemoryStorage>,
        of_import::<crate::storage::MemoryStorage>,
    );
};
