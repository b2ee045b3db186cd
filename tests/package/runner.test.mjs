// Carrying out a plan: in memory, in Node.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { imported, makeApp, run } from "./support/packed.mjs";

const { Holdpoint, isHoldpointError } = await imported();
const limit = { timeout: 30_000 };

/** A project in a store of its own, with one plan. */
async function made(t, steps = ["a", "b", "c"], settings = {}) {
  const hp = await Holdpoint.open({ storage: "memory", actor: "ana" });
  t.after(() => hp.close());
  const project = await hp.createProject({ name: "test" });
  const plan = await project.createPlan({ request: "x", steps, settings });
  return { hp, project, plan };
}

async function entriesOf(project) {
  const entries = [];
  for await (const entry of project.entries()) entries.push(entry);
  return entries;
}

const typesOf = (entries) => entries.flatMap(({ events }) => events.map(({ type }) => type));
const countOf = (entries, type) => typesOf(entries).filter((one) => one === type).length;

/** Something that is waited for, and when it is. */
function gate() {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  return { open, opened };
}

test("r34_a_run_goes_on_at_the_step_after_the_last_completed_one", limit, async (t) => {
  const { plan } = await made(t);
  const done = [];
  const work = (step) => void done.push(step.index);
  assert.deepEqual(await plan.run(work, { limit: 2 }), {
    status: "held",
    stepsDone: 2,
    hold: { reason: "enough" },
  });
  assert.equal((await plan.get()).lastCompletedStep, 1);
  assert.deepEqual(await plan.run(work), { status: "completed", stepsDone: 1 });
  assert.deepEqual(done, [0, 1, 2]);
  assert.deepEqual(await plan.run(work), { status: "completed", stepsDone: 0 }, "it is over");
});

test("what_goes_into_steps_and_comes_out_is_kept_as_it_was", limit, async (t) => {
  const values = [
    0,
    "",
    false,
    null,
    [],
    {},
    { snake_case: { a: [1, { camelCase: "é\u0000" }] } },
    1e-7,
  ];
  const { plan } = await made(
    t,
    values.map((input, index) => ({ title: `s${index}`, input })),
  );
  const given = [];
  await plan.run((step) => {
    given.push(step.input);
    return step.input;
  });
  assert.deepEqual(given, values);
  for (const [index, value] of values.entries()) {
    const { input, output, hasOutput } = await plan.step(index);
    assert.deepEqual([input, output, hasOutput], [value, value, true]);
  }
});

test("a_step_that_returns_nothing_is_done_without_an_output", limit, async (t) => {
  const { plan } = await made(t, ["a"]);
  await plan.run(() => undefined);
  const { state, hasOutput, output } = await plan.step(0);
  assert.deepEqual([state, hasOutput, output], ["completed", false, null]);
});

test("r54_each_attempt_at_a_step_has_the_same_key_and_each_step_another", limit, async (t) => {
  const { plan } = await made(t);
  const seen = [];
  await plan.run(
    (step) => {
      seen.push([step.index, step.attempt, step.idempotencyKey]);
      if (step.index === 1 && seen.length < 4) throw new Error("again");
    },
    { retry: { backoff: 0 } },
  );
  assert.deepEqual(
    seen.map(([index, attempt]) => [index, attempt]),
    [
      [0, 1],
      [1, 2],
      [1, 3],
      [1, 4],
      [2, 5],
    ],
  );
  const keys = seen.map(([, , key]) => key);
  assert.equal(new Set(keys.slice(1, 4)).size, 1);
  assert.equal(new Set(keys).size, 3);
  assert.equal((await plan.step(1)).id, keys[1]);
});

test("what_is_thrown_is_a_failure_on_record", limit, async (t) => {
  for (const [thrown, message] of [
    [new Error("the model was busy"), "the model was busy"],
    ["just a text", "just a text"],
    [undefined, "undefined"],
    [new TypeError(""), "TypeError"],
    [new TypeError("no number"), "TypeError: no number"],
    [{ status: 503, busy: true }, '{"status":503,"busy":true}'],
    [Object.create(null), "{}"],
    [
      new Proxy(
        {},
        {
          get: () => {
            throw new Error("no");
          },
        },
      ),
      "no message",
    ],
    [new Error("x".repeat(20_000)), "x".repeat(10_000)],
    [new Error("half \ud800 of a pair"), "half \ufffd of a pair"],
  ]) {
    const { plan } = await made(t, ["a"]);
    const result = await plan.run(
      () => {
        throw thrown;
      },
      { retry: { attempts: 1 } },
    );
    assert.deepEqual([result.status, result.stepsDone], ["failed", 0]);
    assert.equal(result.failure.error, `step 0 has failed once: ${message}`);
    const step = await plan.step(0);
    assert.deepEqual([step.state, step.failures, step.error], ["failed", 1, message]);
  }
});

test("r42_a_plan_has_failed_after_max_attempts_and_goes_on_after_a_retry", limit, async (t) => {
  const { plan, project } = await made(t, ["a", "b"], { maxAttempts: 2 });
  let isBroken = true;
  let calls = 0;
  const work = (step) => {
    calls += 1;
    if (step.index === 1 && isBroken) throw new Error("broken");
  };
  const result = await plan.run(work, { retry: { backoff: 0 } });
  assert.equal(result.status, "failed");
  assert.equal(result.stepsDone, 1);
  assert.deepEqual(
    { error: result.failure.error, step: result.failure.step },
    { error: "broken", step: 1 },
  );
  assert.equal(calls, 3, "no more than two attempts");
  assert.equal((await plan.run(work)).status, "failed", "it stays so");
  assert.equal(calls, 3);
  isBroken = false;
  await plan.retry();
  assert.deepEqual(await plan.run(work), { status: "completed", stepsDone: 1 });
  assert.equal(countOf(await entriesOf(project), "step_failed"), 2);
});

test("after_as_many_attempts_as_the_policy_allows_the_plan_has_failed", limit, async (t) => {
  const { plan } = await made(t, ["a"], { maxAttempts: 5 });
  const asked = [];
  const policy = { attempts: 3, backoff: (failures) => (asked.push(failures), 0) };
  const result = await plan.run(
    () => {
      throw new Error("no");
    },
    { retry: policy },
  );
  assert.equal(result.status, "failed");
  assert.equal(result.failure.error, "step 0 has failed 3 times: no");
  assert.deepEqual(asked, [1, 2]);
  assert.equal((await plan.run(() => null)).status, "failed", "until somebody says so");
  await plan.retry();
  assert.deepEqual(await plan.run(() => null, { retry: { attempts: 4, backoff: 0 } }), {
    status: "completed",
    stepsDone: 1,
  });
});

/** The next step is begun and fails; nobody waits to try it again. */
async function failOnce(plan) {
  for await (const step of plan.steps()) {
    await step.fail("no");
    break;
  }
}

test("backoff_is_waited_from_the_failure_on_by_another_run_too", limit, async (t) => {
  const { plan } = await made(t, ["a"]);
  await failOnce(plan);
  const failed = Date.parse((await plan.step(0)).endedAt);
  await sleep(100);
  let began;
  await plan.run(() => void (began = Date.now()), { retry: { backoff: 400 } });
  const waited = began - failed;
  assert.ok(waited >= 395, `waited ${waited} ms`);
  // Had it begun to wait anew, it would be 500.
  t.diagnostic(`${waited} ms after the failure, of 400`);
});

test("a_pause_ends_the_waiting_for_a_backoff", limit, async (t) => {
  const { plan, project } = await made(t, ["a"]);
  const running = plan.run(
    () => {
      throw new Error("no");
    },
    { retry: { backoff: 60_000 } },
  );
  const failed = gate();
  project.on("step_failed", failed.open);
  await failed.opened;
  await project.pause();
  assert.deepEqual((await running).hold, { reason: "paused" });
});

test(
  "r13_a_pause_in_the_middle_of_a_step_lets_it_complete_and_holds_the_plan",
  limit,
  async (t) => {
    const { plan, project } = await made(t);
    const result = await plan.run(async (step) => {
      if (step.index === 1) await project.pause({ reason: "lunch" });
      return step.title;
    });
    assert.deepEqual(result, { status: "held", stepsDone: 2, hold: { reason: "paused" } });
    assert.equal((await plan.step(1)).output, "b");
    const types = typesOf(await entriesOf(project));
    assert.ok(types.indexOf("project_paused") < types.lastIndexOf("step_completed"));
    assert.deepEqual((await plan.run(() => null)).hold, { reason: "paused" });
    await project.resume();
    assert.deepEqual(await plan.run(() => null), { status: "completed", stepsDone: 1 });
  },
);

test("a_stop_in_the_middle_of_a_step_refuses_its_result", limit, async (t) => {
  const { plan, project } = await made(t);
  const result = await plan.run(async (step) => {
    if (step.index === 1) await project.stop();
  });
  assert.deepEqual(result, { status: "held", stepsDone: 1, hold: { reason: "stopped" } });
  await project.start();
  assert.deepEqual(await plan.run(() => null), { status: "completed", stepsDone: 2 });
});

test("r44_gates_hold_a_plan_until_somebody_has_decided", limit, async (t) => {
  const { hp, project } = await made(t);
  const plan = await project.createPlan({
    request: "with gates",
    settings: { gates: { plan: true, implementation: true, review: true, verification: true } },
  });
  const work = () => null;
  assert.deepEqual((await plan.run(work)).hold, { reason: "awaiting_steps" });
  await plan.submit({ text: "two steps", steps: ["a", "b"] });
  const waits = async (gate, stepsDone) => {
    const result = await plan.run(work);
    const { submission } = result.hold;
    assert.deepEqual(result, {
      status: "held",
      stepsDone,
      hold: { reason: "awaiting_decision", gate, submission },
    });
    assert.deepEqual(
      (await hp.inbox()).map((entry) => entry.gate),
      [gate],
    );
    return submission;
  };
  await plan.approve(await waits("plan", 0));
  const implementation = await waits("implementation", 2);
  await assert.rejects(plan.approve(implementation - 1), { code: "SUPERSEDED" });
  await plan.reject(implementation, { reason: "b again", fromStep: 1 });
  await plan.approve(await waits("implementation", 1));
  await plan.recordReview(await waits("review", 0), { passed: true, notes: "fine" });
  await plan.recordVerification(await waits("verification", 0), { passed: true });
  assert.deepEqual(await plan.run(work), { status: "completed", stepsDone: 0 });
  assert.deepEqual(
    (await plan.get()).verdicts.map(({ gate, passed }) => [gate, passed]),
    [
      ["plan", true],
      ["implementation", false],
      ["implementation", true],
      ["review", true],
      ["verification", true],
    ],
  );
});

test("an_aborted_run_waits_for_its_step_and_records_no_failure", limit, async (t) => {
  const { plan, project } = await made(t);
  const controller = new AbortController();
  const begun = gate();
  const end = gate();
  const running = plan.run(
    async (step) => {
      if (step.index === 1) {
        assert.equal(step.signal.aborted, false);
        begun.open();
        await end.opened;
        assert.equal(step.signal.aborted, true, "the step hears of it");
      }
      return step.title;
    },
    { signal: controller.signal },
  );
  await begun.opened;
  controller.abort();
  let isOver = false;
  void running.then(() => (isOver = true));
  await sleep(50);
  assert.equal(isOver, false, "it waits for the step");
  end.open();
  assert.deepEqual(await running, { status: "held", stepsDone: 2, hold: { reason: "aborted" } });
  assert.equal((await plan.step(1)).output, "b", "what was done is kept");
  assert.equal(countOf(await entriesOf(project), "step_failed"), 0);
});

test("a_step_that_gives_up_because_of_an_abort_has_not_failed", limit, async (t) => {
  const { plan, project } = await made(t);
  const controller = new AbortController();
  const result = await plan.run(
    async (step) => {
      if (step.index === 1) controller.abort(new Error("enough for today"));
      step.signal.throwIfAborted();
    },
    { signal: controller.signal },
  );
  assert.deepEqual(result, { status: "held", stepsDone: 1, hold: { reason: "aborted" } });
  assert.equal(countOf(await entriesOf(project), "step_failed"), 0);
  assert.deepEqual(await plan.run(() => null), { status: "completed", stepsDone: 2 });
  assert.equal(
    (await plan.run(() => null, { signal: controller.signal })).hold?.reason ?? "completed",
    "aborted",
  );
});

test("r1_r13_context_of_a_step_is_committed_with_its_result_or_not_at_all", limit, async (t) => {
  const { plan, project } = await made(t, ["a", "b"]);
  let isFirst = true;
  const item = (text) => ({ agent: "coder", kind: "code", text });
  await plan.run(
    (step) => {
      step.addContext(item(`of attempt ${step.attempt}`));
      if (step.index === 1 && isFirst) {
        isFirst = false;
        throw new Error("once");
      }
    },
    { retry: { backoff: 0 } },
  );
  const { items } = await project.listContext();
  const texts = await Promise.all(items.map(async ({ id }) => (await project.item(id)).text));
  assert.deepEqual(texts, ["of attempt 1", "of attempt 3"], "the one that failed left none");
  assert.ok(items.every((one) => one.plan === plan.id));
  const results = (await entriesOf(project)).filter(({ events }) =>
    events.some(({ type }) => type === "step_completed"),
  );
  for (const { events } of results) {
    assert.ok(
      events.some(({ type }) => type === "items_added"),
      "in one entry",
    );
  }
});

test("an_output_that_is_not_json_is_invalid_input_and_on_record", limit, async (t) => {
  const cyclic = {};
  cyclic.self = cyclic;
  for (const [output, field] of [
    [new Date(), "output"],
    [{ when: new Map() }, "output.when"],
    [[1, NaN], "output[1]"],
    [{ a: { b: () => 1 } }, "output.a.b"],
    [10n, "output"],
    [Symbol("x"), "output"],
    [cyclic, undefined],
    [{ toJSON: () => 1 }, "output"],
    ["half \ud800", "output"],
    [{ "half \ud800": 1 }, "output"],
  ]) {
    const { plan } = await made(t, ["a"]);
    await assert.rejects(
      plan.run(() => output),
      (error) => {
        assert.ok(isHoldpointError(error, "INVALID_INPUT"), String(error?.stack));
        assert.match(String(error.details.field), /^output/, error.message);
        if (field) assert.equal(error.details.field, field);
        return true;
      },
    );
    const { state, failures, error } = await plan.step(0);
    assert.deepEqual([state, failures], ["failed", 1]);
    assert.match(error, /its result was refused: output/);
    assert.equal((await plan.run(() => "fine", { retry: { backoff: 0 } })).status, "completed");
  }
  const { plan } = await made(t, ["a"]);
  await assert.rejects(
    plan.run(() => "x".repeat(1024 * 1024)),
    { code: "TOO_LONG" },
  );
  assert.equal((await plan.step(0)).failures, 1);
});

test("r72_a_plan_that_is_being_run_is_claimed_and_free_again_afterwards", limit, async (t) => {
  const { plan, hp } = await made(t);
  const same = await hp.plan(plan.projectId, plan.id);
  const begun = gate();
  const end = gate();
  const first = plan.run(async (step) => {
    if (step.index === 0) {
      begun.open();
      await end.opened;
    }
  });
  await begun.opened;
  const second = await same.run(() => assert.fail("never twice at once"));
  assert.equal(second.hold.reason, "claimed");
  assert.equal(second.hold.holder, "ana");
  const { isHeld, isOwn } = await plan.lease();
  assert.deepEqual([isHeld, isOwn], [true, true]);
  const waiting = same.run(() => assert.fail("all is done by then"), { wait: true });
  end.open();
  assert.deepEqual(await first, { status: "completed", stepsDone: 3 });
  assert.deepEqual(await waiting, { status: "completed", stepsDone: 0 });
  assert.equal((await plan.lease())?.isHeld ?? false, false);
});

test("a_store_that_is_closed_ends_its_runs", limit, async (t) => {
  const { plan, hp } = await made(t);
  const signalled = gate();
  const running = plan.run(async (step) => {
    step.signal.addEventListener("abort", signalled.open);
    setTimeout(() => hp.close(), 10);
    await signalled.opened;
    step.signal.throwIfAborted();
  });
  const result = await running.catch((error) => error);
  assert.ok(
    result.hold?.reason === "aborted" || isHoldpointError(result, "CLOSED"),
    String(result),
  );
});

// --- Steps by hand.

test("steps_by_hand_are_the_same_and_end_with_the_same_result", limit, async (t) => {
  const { plan } = await made(t);
  const steps = plan.steps({ retry: { backoff: 0 } });
  assert.equal(steps.result, undefined);
  let isFirst = true;
  for await (const step of steps) {
    if (step.index === 1 && isFirst) {
      isFirst = false;
      const { failures } = await step.fail(new Error("once"));
      assert.equal(failures, 1);
    } else {
      assert.equal(step.isSettled, false);
      const done = await step.complete({
        output: step.index,
        context: [{ agent: "coder", kind: "code", text: step.title }],
      });
      assert.equal(done.items.length, 1);
      assert.equal(step.isSettled, true);
    }
  }
  assert.deepEqual(steps.result, { status: "completed", stepsDone: 3 });
  assert.deepEqual(await steps.next(), { done: true, value: steps.result });
});

test("a_loop_that_is_left_frees_the_plan_and_its_step_begins_anew", limit, async (t) => {
  const { plan, project } = await made(t);
  const steps = plan.steps();
  let key;
  for await (const step of steps) {
    key = step.idempotencyKey;
    break;
  }
  assert.deepEqual(steps.result, { status: "held", stepsDone: 0, hold: { reason: "aborted" } });
  assert.equal((await plan.lease())?.isHeld ?? false, false);
  const again = [];
  await plan.run((step) => void again.push([step.index, step.idempotencyKey]));
  assert.deepEqual(again[0], [0, key]);
  assert.equal(countOf(await entriesOf(project), "step_failed"), 0);
});

test("a_throw_inside_a_loop_frees_the_plan_and_is_what_the_loop_throws", limit, async (t) => {
  const { plan, project } = await made(t);
  const mine = new Error("mine");
  await assert.rejects(async () => {
    for await (const step of plan.steps()) {
      await step.complete();
      throw mine;
    }
  }, mine);
  assert.equal((await plan.lease())?.isHeld ?? false, false);
  assert.deepEqual(await plan.run(() => null), { status: "completed", stepsDone: 2 });
  assert.equal(countOf(await entriesOf(project), "step_failed"), 0);
});

test("two_calls_of_next_at_once_give_one_step_and_tell_the_other", limit, async (t) => {
  const { plan, project } = await made(t);
  const steps = plan.steps();
  const [one, two] = await Promise.allSettled([steps.next(), steps.next()]);
  assert.equal(one.status, "fulfilled");
  assert.equal(two.status, "rejected");
  assert.equal(two.reason.code, "INVALID_TRANSITION");
  assert.match(two.reason.message, /step 0/);
  // It goes on all the same.
  await one.value.value.complete();
  const { value: step } = await steps.next();
  assert.equal(step.index, 1);
  await steps.return();
  assert.equal(countOf(await entriesOf(project), "step_started"), 2);
});

test("a_step_is_completed_once", limit, async (t) => {
  const { plan, project } = await made(t);
  const steps = plan.steps();
  const { value: step } = await steps.next();
  await step.complete({ output: 1 });
  for (const again of [
    () => step.complete({ output: 2 }),
    () => step.fail(new Error("late")),
    async () => step.addContext({ agent: "a", kind: "b", text: "c" }),
  ]) {
    await assert.rejects(again(), { code: "CLOSED" });
  }
  assert.equal((await plan.step(0)).output, 1);
  await steps.return();
  assert.equal(countOf(await entriesOf(project), "step_completed"), 1);
});

test("a_step_that_is_completed_twice_at_once_is_on_record_once", limit, async (t) => {
  const { plan, project } = await made(t, ["a"]);
  const steps = plan.steps();
  const { value: step } = await steps.next();
  const ended = await Promise.allSettled([
    step.complete({ output: 1 }),
    step.complete({ output: 1 }),
  ]);
  for (const { status, reason } of ended) {
    assert.ok(status === "fulfilled" || isHoldpointError(reason), String(reason?.stack));
  }
  assert.equal(countOf(await entriesOf(project), "step_completed"), 1);
  await steps.return();
});

test("a_refused_result_may_be_given_again", limit, async (t) => {
  const { plan } = await made(t, ["a"]);
  const steps = plan.steps();
  const { value: step } = await steps.next();
  await assert.rejects(step.complete({ output: new Date() }), { code: "INVALID_INPUT" });
  assert.equal(step.isSettled, false);
  await step.complete({ output: "a text" });
  assert.equal((await steps.next()).value.status, "completed");
});

test("r54_a_late_result_of_an_older_attempt_is_refused_as_superseded", limit, async (t) => {
  const { plan, hp } = await made(t, ["a"]);
  const first = plan.steps();
  const { value: old } = await first.next();
  const taker = await hp.plan(plan.projectId, plan.id);
  const second = taker.steps({ takeOver: true });
  const { value: fresh } = await second.next();
  assert.equal(fresh.idempotencyKey, old.idempotencyKey);
  assert.equal(fresh.attempt, old.attempt + 1);
  await assert.rejects(old.complete({ output: "late" }), { code: "SUPERSEDED" });
  await fresh.complete({ output: "fresh" });
  assert.equal((await second.next()).value.status, "completed");
  assert.equal((await plan.step(0)).output, "fresh");
  await first.return();
});

test("a_plan_of_no_steps_or_over_says_so", limit, async (t) => {
  const { project, hp } = await made(t);
  const plan = await project.createPlan({ request: "y", steps: ["a"] });
  await plan.cancel({ reason: "no" });
  assert.deepEqual(await plan.run(() => null), { status: "cancelled", stepsDone: 0 });
  const early = await hp.createProject({ name: "early", status: "init" });
  const waits = await early.createPlan({ request: "z", steps: ["a"] });
  assert.deepEqual((await waits.run(() => null)).hold, { reason: "not_started" });
});

test("what_the_runner_is_given_is_checked_before_anything_is_begun", limit, async (t) => {
  const { plan, project } = await made(t);
  for (const [work, options] of [
    [undefined],
    ["a text"],
    [() => null, { limit: 0 }],
    [() => null, { limit: 1.5 }],
    [() => null, { signal: {} }],
    [() => null, { retry: { attempts: 0 } }],
    [() => null, { retry: { attempts: NaN } }],
    [() => null, { retry: { backoff: "1s" } }],
    [() => null, { retry: "often" }],
    [() => null, 5],
  ]) {
    await assert.rejects(async () => plan.run(work, options), { code: "INVALID_INPUT" });
  }
  await assert.rejects(
    plan.run(
      () => {
        throw new Error("no");
      },
      { retry: { backoff: () => NaN } },
    ),
    { code: "INVALID_INPUT" },
  );
  assert.equal((await plan.lease())?.isHeld ?? false, false, "nobody keeps it");
  assert.equal(countOf(await entriesOf(project), "step_completed"), 0);
});

test("a_loop_that_forgets_a_step_is_told_and_lets_the_plan_go", limit, async (t) => {
  const { plan } = await made(t, ["a"]);
  await assert.rejects(
    async () => {
      for await (const step of plan.steps()) void step;
    },
    { code: "INVALID_TRANSITION" },
  );
  assert.equal((await plan.lease())?.isHeld ?? false, false);
  assert.equal((await plan.run(() => null)).status, "completed");
});

test("a_run_whose_store_is_closed_ends_as_aborted_and_its_step_begins_anew", limit, async (t) => {
  const { hp, plan, project } = await made(t, ["a"]);
  const copy = await new Response(hp.exportBundle()).blob();
  const result = await plan.run(() => hp.close());
  assert.deepEqual(result.hold, { reason: "aborted" });
  const again = await Holdpoint.open({ storage: "memory" });
  t.after(() => again.close());
  await again.importBundle(copy);
  const there = await again.plan(project.id, plan.id);
  assert.equal((await there.run(() => null)).status, "completed");
});

test("a_plan_that_is_put_back_while_a_step_is_under_way_holds_as_superseded", limit, async (t) => {
  const { plan } = await made(t, ["a", "b"]);
  const first = await plan.createCheckpoint({ name: "first" });
  const result = await plan.run(async (step) => {
    if (step.index === 1) await plan.rollback(first);
    return step.index;
  });
  assert.deepEqual(result.hold, { reason: "superseded" });
  assert.equal((await plan.lease())?.isHeld ?? false, false);
});

test("a_second_run_in_the_same_store_is_told_that_it_is_its_own", limit, async (t) => {
  const { plan } = await made(t, ["a"]);
  let second;
  await plan.run(async () => void (second = await plan.run(() => null)));
  assert.deepEqual([second.hold.reason, second.hold.isOwn], ["claimed", true]);
});

test("who_gives_a_command_reads_it_in_the_snapshot", limit, async (t) => {
  const { plan, project } = await made(t, ["a"]);
  await project.pause();
  assert.equal(project.getSnapshot().status, "paused");
  await project.resume();
  await plan.start();
  assert.equal(plan.getSnapshot().state, "implementing");
  await plan.cancel();
  assert.equal(plan.getSnapshot().state, "cancelled");
});

test("a_step_finds_what_came_out_of_earlier_ones", limit, async (t) => {
  const { plan } = await made(t, ["a", "b", "c"]);
  const seen = [];
  await plan.run(async (step) => {
    seen.push(await step.plan.outputs());
    return step.title;
  });
  assert.deepEqual(seen, [
    [null, null, null],
    ["a", null, null],
    ["a", "b", null],
  ]);
});

test("a_backoff_that_throws_is_invalid_input", limit, async (t) => {
  const { plan } = await made(t, ["a"]);
  const backoff = () => {
    throw new Error("oops");
  };
  const fails = () => {
    throw new Error("no");
  };
  await assert.rejects(plan.run(fails, { retry: { backoff } }), (error) => {
    assert.deepEqual([error.code, error.details.field], ["INVALID_INPUT", "retry.backoff"]);
    assert.match(error.message, /oops/);
    return true;
  });
});

test("a_process_ends_though_a_run_never_does_once_its_store_is_closed", limit, async (t) => {
  const program = `
    import { Holdpoint } from "holdpoint";
    const hp = await Holdpoint.open({ storage: "memory" });
    const project = await hp.createProject({ name: "x" });
    const plan = await project.createPlan({ request: "x", steps: ["a"] });
    void plan.run(() => new Promise(() => undefined));
    await new Promise((resolve) => setTimeout(resolve, 50));
    hp.close();
  `;
  const folder = await makeApp(t, [], { "program.mjs": program });
  await run(process.execPath, ["program.mjs"], { cwd: folder, timeout: 20_000 });
});
