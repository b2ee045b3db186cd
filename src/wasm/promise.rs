//! Promises that settle, also when the module breaks.
//!
//! A panic stops a wasm module in the middle of what it does: nothing after it would settle the
//! promises that wait. So each one's `reject` is kept where the panic hook finds it.

use super::failure::Failure;
use super::log::{Level, say};
use js_sys::{Function, Promise};
use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

#[derive(Default)]
struct Calls {
    /// How to reject the calls that wait.
    rejects: Vec<(u64, Function)>,
    next: u64,
    /// What the module broke of.
    broken: Option<String>,
}

thread_local! {
    static CALLS: RefCell<Calls> = RefCell::default();
}

/// A call that waits to be made.
pub(super) type Call = Pin<Box<dyn Future<Output = Result<JsValue, Failure>>>>;

/// A promise of what a call comes to. It is begun at once.
///
/// The call is boxed, so that there is one copy of what is here and not one for each call.
pub(super) fn promise(name: &'static str, call: Call) -> Promise {
    let mut call = Some(call);
    Promise::new(&mut |resolve, reject| {
        let call = call.take().expect("a promise calls its executor once");
        let begun = CALLS.with_borrow_mut(|calls| {
            if let Some(message) = &calls.broken {
                return Err(Failure::bug(message.clone()));
            }
            calls.next += 1;
            calls.rejects.push((calls.next, reject.clone()));
            Ok(calls.next)
        });
        match begun {
            Ok(number) => spawn_local(async move {
                let outcome = call.await;
                CALLS.with_borrow_mut(|calls| calls.rejects.retain(|(of, _)| *of != number));
                match outcome {
                    Ok(value) => settle(&resolve, &value),
                    Err(failure) => {
                        say(failure.level(), || format!("{name}: {}", failure.code()));
                        settle(&reject, &failure.to_js());
                    }
                }
            }),
            Err(failure) => settle(&reject, &failure.to_js()),
        }
    })
}

fn settle(with: &Function, value: &JsValue) {
    // The functions that a promise gives its executor don't throw.
    let _ = with.call1(&JsValue::UNDEFINED, value);
}

/// From now on a panic says so in the console and rejects what waits.
pub(super) fn report_panics() {
    std::panic::set_hook(Box::new(|panic| give_up(&panic.to_string())));
}

/// The module broke of this: what waits is rejected, and so is all that comes later.
fn give_up(panic: &str) {
    let message = format!(
        "a bug in Holdpoint, please report it: {panic}. Nothing acknowledged is lost; open the \
         store again to go on"
    );
    say(Level::Error, || message.clone());
    let rejects = CALLS.with(|calls| {
        let mut calls = calls.try_borrow_mut().ok()?;
        calls.broken = Some(message.clone());
        Some(std::mem::take(&mut calls.rejects))
    });
    let error = Failure::bug(message).to_js();
    for (_, reject) in rejects.unwrap_or_default() {
        settle(&reject, &error);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use js_sys::{Error, Reflect, global};
    use wasm_bindgen_futures::JsFuture;
    use wasm_bindgen_test::wasm_bindgen_test;

    /// The panic itself would stop the test as well; here is all that its hook does.
    #[wasm_bindgen_test]
    async fn a_panic_is_told_to_the_console_to_what_waits_and_to_every_later_call() {
        let console = Reflect::get(&global(), &"console".into()).expect("a console");
        let loud = Reflect::get(&console, &"error".into()).expect("console.error");
        let note = Function::new_with_args("text", "globalThis.__said = text");
        Reflect::set(&console, &"error".into(), &note).expect("it can be replaced");

        let waiting = promise("wait", Box::pin(std::future::pending()));
        give_up("panicked at src/nowhere.rs:1:2: found nothing");
        let later = promise("later", Box::pin(async { Ok(JsValue::NULL) }));

        Reflect::set(&console, &"error".into(), &loud).expect("it can be put back");
        let said = Reflect::get(&global(), &"__said".into()).expect("what was said");
        let said = said.as_string().expect("a text was said");
        assert!(said.contains("src/nowhere.rs:1:2: found nothing"), "{said}");
        for call in [waiting, later] {
            let error = JsFuture::from(call).await.expect_err("it is rejected");
            let code = Reflect::get(&error, &"code".into()).expect("a code");
            assert_eq!(code.as_string().as_deref(), Some("INTERNAL"));
            let message = String::from(Error::from(error).message());
            assert!(said.ends_with(&message), "{said}\n{message}");
        }
        // Other tests of this module go on.
        CALLS.take();
    }
}
