//! What random commands have made goes into a bundle, into other stores, and out again.

use super::driver::{Mismatch, same};
use super::given::{Disk, SetClock, engine};
use holdpoint::engine::{Engine, EngineError, ExportScope, ImportOptions};
use holdpoint::storage::Storage;

/// Checks that two stores with the same in them have the same bundle, and that it makes such
/// stores.
pub(crate) async fn check<A: Disk, B: Disk>(
    one: &Engine<A::Storage>,
    other: &Engine<B::Storage>,
    clock: &SetClock,
) -> Result<(), Mismatch> {
    let bundle = bundle(one).await.map_err(|error| error.to_string())?;
    same(
        "the bundle",
        &Ok(bundle.clone()),
        &self::bundle(other).await,
    )?;
    comes_back::<A>(&bundle, clock).await?;
    comes_back::<B>(&bundle, clock).await
}

async fn bundle<S: Storage>(engine: &Engine<S>) -> Result<String, EngineError> {
    let mut export = engine.export(ExportScope::Store).await?;
    let mut bundle = Vec::new();
    while let Some(piece) = export.next().await? {
        bundle.extend(piece);
    }
    Ok(String::from_utf8(bundle).expect("it is JSON"))
}

async fn comes_back<D: Disk>(bundle: &str, clock: &SetClock) -> Result<(), Mismatch> {
    let failed = |error: EngineError| format!("{}: {error}", D::NAME);
    let disk = D::new();
    let engine = engine(&disk, clock).await;
    let mut import = engine.import(ImportOptions::default());
    for piece in bundle.as_bytes().chunks(10_007) {
        import.push(piece).await.map_err(failed)?;
    }
    let report = import.finish().await.map_err(failed)?;
    for imported in report.projects {
        let report = engine.verify(imported.project).await.map_err(failed)?;
        same("what verify finds", &vec![], &report.findings)?;
    }
    let again = self::bundle(&engine).await.map_err(failed)?;
    same("the bundle of what was imported", &bundle, &again.as_str())
}
