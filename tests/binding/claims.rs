//! R72: plans that are claimed.

use super::given::{Refusal, Store, data, ended, fresh_name, id, plain, text};
use super::types::Types;
use js_sys::{Function, Promise, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::{JsCast as _, JsValue};

on_every_storage![
    r72_a_claimed_plan_is_refused_until_it_is_released,
    r72_a_claim_says_what_it_is_and_can_be_renewed,
    r72_calls_on_a_claim_may_overlap,
    r72_a_claim_that_was_taken_over_says_so,
    r72_what_cannot_be_claimed_is_refused,
    r72_a_claim_that_is_freed_is_released,
];

fn get(claim: &JsValue, field: &str) -> JsValue {
    Reflect::get(claim, &field.into()).unwrap()
}

fn begin(claim: &JsValue, method: &str) -> Promise {
    let function: Function = get(claim, method).dyn_into().unwrap();
    function.call0(claim).unwrap().dyn_into().unwrap()
}

async fn call(claim: &JsValue, method: &str) -> Result<JsValue, Refusal> {
    let end = ended(begin(claim, method), method).await;
    end.map_err(|thrown| Refusal::of(&thrown))
}

impl Store {
    async fn claim(&self, project: &Value, plan: &Value) -> JsValue {
        let arguments = [plain(project), plain(plan)];
        self.raw("claim", &arguments).await.expect("it is free")
    }

    async fn claim_with(&self, project: &Value, plan: &Value, options: Value) -> JsValue {
        let arguments = [plain(project), plain(plan), plain(&options)];
        self.raw("claim", &arguments).await.expect("it is free")
    }

    async fn lease(&self, project: &Value, plan: &Value) -> Value {
        let query = json!({ "type": "lease", "project": project, "plan": plan });
        let lease = self.query(query).await;
        Types::read().check("LeaseView | null", &lease);
        lease
    }
}

async fn r72_a_claimed_plan_is_refused_until_it_is_released(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    assert_eq!(store.lease(&project, &plan).await, Value::Null);
    let claim = store.claim(&project, &plan).await;
    let refusal = store
        .refused("claim", &[plain(&project), plain(&plan)])
        .await;
    refusal.says("PLAN_CLAIMED", &["expected", "found", "ana", text(&plan)]);
    let expected = json!({
        "plan": plan,
        "holder": "ana",
        "worker": get(&claim, "worker").as_string(),
        "expires_at": get(&claim, "expires_at").as_string(),
    });
    assert_eq!(refusal.details, expected);
    let lease = store.lease(&project, &plan).await;
    assert_eq!(
        (&lease["is_own"], &lease["is_held"], &lease["is_alive"]),
        (&json!(true), &json!(true), &json!(true))
    );
    assert!(call(&claim, "release").await.unwrap().is_undefined());
    assert_eq!(store.lease(&project, &plan).await, Value::Null);
    let again = store.claim(&project, &plan).await;
    call(&again, "release").await.unwrap();
}

async fn r72_a_claim_says_what_it_is_and_can_be_renewed(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let claim = store
        .claim_with(&project, &plan, json!({ "time_to_live": 3600 }))
        .await;
    let fields = [
        "project",
        "plan",
        "holder",
        "worker",
        "taken_at",
        "expires_at",
    ];
    let of = |field| json!(get(&claim, field).as_string().expect(field));
    assert_eq!((of("project"), of("plan")), (project.clone(), plan.clone()));
    assert_eq!(of("holder"), "ana");
    let lease = store.lease(&project, &plan).await;
    for field in &fields[2..] {
        assert_eq!(lease[field], of(field), "{field}");
    }
    assert_eq!(get(&claim, "is_due"), JsValue::FALSE);
    super::given::sleep(5).await;
    let before = of("expires_at");
    assert!(call(&claim, "renew").await.unwrap().is_undefined());
    assert!(text(&of("expires_at")) > text(&before));
    assert_eq!(lease["taken_at"], of("taken_at"));
    let lease = store.lease(&project, &plan).await;
    assert_eq!(lease["expires_at"], of("expires_at"));
    call(&claim, "release").await.unwrap();
    // A second release does nothing; a renewal doesn't bring it back.
    call(&claim, "release").await.unwrap();
    let refusal = call(&claim, "renew").await.unwrap_err();
    refusal.says("PLAN_CLAIMED", &["over"]);
    assert_eq!(refusal.details["holder"], Value::Null);
    assert_eq!(store.lease(&project, &plan).await, Value::Null);
}

async fn r72_calls_on_a_claim_may_overlap(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let claims: Vec<_> = (0..5)
        .map(|_| store.begin("claim", &[plain(&project), plain(&plan)]))
        .collect();
    let mut got = Vec::new();
    for promise in claims {
        match ended(promise, "claim").await {
            Ok(claim) => got.push(claim),
            Err(thrown) => assert_eq!(Refusal::of(&thrown).code, "PLAN_CLAIMED"),
        }
    }
    let [claim] = &got[..] else {
        panic!("expected one to get it: {got:?}");
    };
    let methods = ["renew", "renew", "release", "renew", "release"];
    let calls: Vec<_> = methods.map(|method| (method, begin(claim, method))).into();
    // Released under their hands as well.
    let free: Function = get(claim, "free").dyn_into().unwrap();
    free.call0(claim).unwrap();
    let mut ends = Vec::new();
    for (method, promise) in calls {
        ends.push(match ended(promise, method).await {
            Ok(_) => "done".to_owned(),
            Err(thrown) => Refusal::of(&thrown).code,
        });
    }
    assert_eq!(ends, ["done", "done", "done", "PLAN_CLAIMED", "done"]);
    assert_eq!(store.lease(&project, &plan).await, Value::Null);
}

async fn r72_a_claim_that_was_taken_over_says_so(storage: &str) {
    let name = fresh_name();
    let store = Store::named(storage, &name).await;
    // In memory each store is its own; there it is the same one that takes over.
    let other = match storage {
        "indexeddb" => {
            let options = json!({ "storage": storage, "name": name, "actor": "bo" });
            Store::open_with(plain(&options)).await.unwrap()
        }
        _ => store.clone(),
    };
    let who = if storage == "indexeddb" { "bo" } else { "ana" };
    let (project, plan) = store.project().await;
    let claim = store.claim(&project, &plan).await;
    let refusal = other
        .refused("claim", &[plain(&project), plain(&plan)])
        .await;
    refusal.says("PLAN_CLAIMED", &["claimed by ana"]);
    let taken = other
        .claim_with(&project, &plan, json!({ "take_over": true }))
        .await;
    let refusal = call(&claim, "renew").await.unwrap_err();
    refusal.says("PLAN_CLAIMED", &[&format!("claimed by {who}")]);
    call(&claim, "release").await.unwrap();
    call(&taken, "renew").await.unwrap();
    call(&taken, "release").await.unwrap();

    // One whose store was closed can't be given back, and holds up nobody.
    let left = other.claim(&project, &plan).await;
    if storage == "indexeddb" {
        other.call_now("close", &[]).unwrap();
        let refusal = call(&left, "release").await.unwrap_err();
        refusal.says("CLOSED", &[]);
        let claim = store.claim(&project, &plan).await;
        call(&claim, "release").await.unwrap();
    }
}

async fn r72_what_cannot_be_claimed_is_refused(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let (of, that) = (plain(&project), plain(&plan));
    for arguments in [
        vec![],
        vec![of.clone()],
        vec![of.clone(), 7.into()],
        vec![of.clone(), that.clone(), 7.into()],
        vec![
            of.clone(),
            that.clone(),
            plain(&json!({ "time_to_live": 0 })),
        ],
        vec![
            of.clone(),
            that.clone(),
            plain(&json!({ "time_to_live": 3601 })),
        ],
        vec![
            of.clone(),
            that.clone(),
            plain(&json!({ "time_to_live": 1.5 })),
        ],
        vec![
            of.clone(),
            that.clone(),
            plain(&json!({ "takeOver": true })),
        ],
    ] {
        let refusal = store.refused("claim", &arguments).await;
        refusal.says("INVALID_INPUT", &["expected", "found"]);
    }
    let refusal = store.refused("claim", &[of, id(9).into()]).await;
    refusal.says("PLAN_NOT_FOUND", &[&id(9)]);
    let refusal = store.refused("claim", &[id(9).into(), that]).await;
    refusal.says("PROJECT_NOT_FOUND", &[&id(9)]);
    assert_eq!(store.lease(&project, &plan).await, Value::Null);
}

async fn r72_a_claim_that_is_freed_is_released(storage: &str) {
    let store = Store::new(storage).await;
    let (project, plan) = store.project().await;
    let claim = store.claim(&project, &plan).await;
    let free: Function = get(&claim, "free").dyn_into().unwrap();
    free.call0(&claim).unwrap();
    let query = json!({ "type": "lease", "project": project, "plan": plan });
    while data(
        &ended(store.begin("query", &[plain(&query)]), "query")
            .await
            .unwrap(),
    ) != Value::Null
    {
        super::given::sleep(1).await;
    }
}
