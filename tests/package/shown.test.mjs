// What an app that shows it all needs besides: what is kept current, who is at work, recorded plans
// that are played, what would happen, and files with how far they have come.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { until } from "../page/support/until.mjs";
import { imported, root } from "./support/packed.mjs";
import { atTabs } from "./support/tabs.mjs";

const { Holdpoint } = await imported();
const limit = { timeout: 60_000 };
const sample = await readFile(join(root, "samples/parser-fix.traj"), "utf8");

async function opened(t) {
  const hp = await Holdpoint.open({ storage: "memory", actor: "ana" });
  t.after(() => hp.close());
  return hp;
}

/** A project with the plan of the sample, which has 8 recorded steps. */
async function recorded(t) {
  const hp = await opened(t);
  return { hp, ...(await hp.importTrajectory(sample, "parser-fix.traj")) };
}

async function played(steps) {
  const done = [];
  for await (const step of steps) done.push(step.index);
  return { done, result: steps.result };
}

test("what_is_read_is_kept_current_while_somebody_is_subscribed", limit, async (t) => {
  const hp = await opened(t);
  const names = hp.live(async () => (await hp.listProjects()).items.map(({ name }) => name));
  assert.deepEqual(names.getState(), { data: undefined, error: undefined, isLoading: true });
  let calls = 0;
  const stop = names.subscribe(() => (calls += 1));
  await until("it is read", () => names.getState().data);
  const project = await hp.createProject({ name: "one" });
  await until("it moves along", () => names.getState().data.length === 1);
  const { data } = names.getState();
  await project.createCheckpoint({ name: "nothing that it shows" });
  assert.equal(await names.refresh(), data, "what hasn't changed is the same object");
  const before = calls;
  stop();
  await project.rename("two");
  assert.equal(calls, before);
  assert.deepEqual(await names.refresh(), ["two"], "asked for, it is read all the same");
});

test("what_is_kept_current_of_one_project_is_not_read_for_another", limit, async (t) => {
  const hp = await opened(t);
  const mine = await hp.createProject({ name: "mine" });
  const other = await hp.createProject({ name: "other" });
  let reads = 0;
  const live = hp.live(
    async () => {
      reads += 1;
      return (await mine.listContext()).items.length;
    },
    { project: mine.id },
  );
  t.after(live.subscribe(() => undefined));
  await until("it is read", () => live.getState().data === 0);
  await mine.addContext({ agent: "a", kind: "note", text: "x" });
  await until("it moves along", () => live.getState().data === 1);
  const before = reads;
  await other.addContext({ agent: "a", kind: "note", text: "x" });
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(reads, before);
});

test("a_failure_to_read_stands_in_the_state_beside_what_was_known", limit, async (t) => {
  const hp = await opened(t);
  let failure;
  const live = hp.live(() => {
    if (failure) throw failure;
    return Promise.resolve("known");
  });
  t.after(live.subscribe(() => undefined));
  await until("it is read", () => live.getState().data);
  failure = new RangeError("mine");
  await assert.rejects(live.refresh(), { code: "INVALID_INPUT", cause: failure });
  assert.equal(live.getState().data, "known");
  assert.equal(live.getState().error.code, "INVALID_INPUT");
  hp.close();
  failure = undefined;
  const late = hp.live(() => hp.inbox());
  late.subscribe(() => undefined);
  await until("it is told", () => late.getState().error?.code === "CLOSED");
  assert.throws(() => hp.live("no function"), { code: "INVALID_INPUT" });
});

test("a_recorded_plan_is_played_like_one_is_run", limit, async (t) => {
  const { project, plan } = await recorded(t);
  const first = plan.play({ limit: 2 });
  const { value: step } = await first.next();
  assert.equal(step.isSettled, true, "it is on record by the time it is given");
  assert.equal((await plan.step(0)).state, "completed");
  assert.equal(step.title, (await plan.get()).stepList[0].title);
  assert.deepEqual(Object.keys(step.input).slice(0, 2), ["thought", "action"]);
  await assert.rejects(step.complete({ output: "mine" }), { code: "CLOSED" });
  const { done, result } = await played(first);
  assert.deepEqual(done, [1]);
  assert.deepEqual(result, { status: "held", hold: { reason: "enough" }, stepsDone: 2 });

  const end = new AbortController();
  const second = plan.play({ signal: end.signal });
  await second.next();
  end.abort();
  assert.equal((await played(second)).result.hold.reason, "aborted");
  await project.pause();
  assert.equal((await played(plan.play())).result.hold.reason, "paused");
  await project.resume();
  const rest = await played(plan.play());
  assert.deepEqual(rest.result, { status: "completed", stepsDone: 5 });
  assert.deepEqual(rest.done, [3, 4, 5, 6, 7]);
});

test("r72_a_plan_that_is_claimed_is_not_played", limit, async (t) => {
  const { plan } = await recorded(t);
  const claim = await plan.claim();
  assert.equal((await played(plan.play())).result.hold.reason, "claimed");
  await claim.release();
  assert.equal((await played(plan.play())).result.status, "completed");
});

test("a_plan_of_ones_own_is_not_played", limit, async (t) => {
  const hp = await opened(t);
  const project = await hp.createProject({ name: "test" });
  const plan = await project.createPlan({ request: "x", steps: ["a"] });
  await assert.rejects(played(plan.play()), { code: "NOT_PLAYABLE" });
  assert.equal(await plan.lease(), null, "it was let go");
});

test("r8_a_resume_from_a_checkpoint_is_looked_at_first", limit, async (t) => {
  const { project, plan } = await recorded(t);
  await played(plan.play({ limit: 3 }));
  const { items } = await plan.listCheckpoints();
  const { id: checkpoint } = items.find(({ name }) => name === "after step 0");
  await project.pause();
  const preview = await project.resume({ checkpoint, dryRun: true });
  assert.equal(preview.dryRun, true);
  assert.equal(preview.rollback.stepsReverted, 2);
  assert.equal((await project.get()).status, "paused", "nothing has changed");
  await project.rename("moved");
  await assert.rejects(project.resume({ checkpoint, ...preview.confirm }), { code: "CHANGED" });
  const again = await project.resume({ checkpoint, dryRun: true });
  const report = await project.resume({ checkpoint, ...again.confirm });
  assert.deepEqual(report.rollback, again.rollback);
  assert.equal((await plan.get()).lastCompletedStep, 0);
});

test("r50_a_history_is_exported_as_the_command_line_does_it", limit, async (t) => {
  const { hp, project, plan } = await recorded(t);
  await played(plan.play());
  const told = [];
  const all = project.exportHistory({ onProgress: ({ entries }) => told.push(entries) });
  const text = await new Response(all).text();
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const { revision } = await project.get();
  assert.equal(lines.length, revision);
  assert.equal(told.at(-1), revision);
  assert.deepEqual(Object.keys(lines[0]), [
    "project",
    "revision",
    "at",
    "actor",
    "command",
    "events",
    "digest",
  ]);
  const [{ plan: made }] = lines[0].events.filter(({ type }) => type === "plan_created");
  assert.equal(made, plan.id);
  assert.match(text, /"max_attempts"/, "names as in the journal");
  const some = project.exportHistory({ types: ["step_completed"], gzip: true });
  const plain = await new Response(some.pipeThrough(new DecompressionStream("gzip"))).text();
  assert.equal(plain.trimEnd().split("\n").length, 8);
  const none = await new Response(project.exportHistory({ actor: "nobody" })).text();
  assert.equal(none, "");
  const ended = project.exportHistory({ signal: AbortSignal.abort(new Error("enough")) });
  await assert.rejects(ended.getReader().read(), { message: "enough" });
  hp.close();
  await assert.rejects(project.exportHistory().getReader().read(), { code: "CLOSED" });
});

test("an_import_says_how_far_its_source_was_read_and_when_it_is_too_late", limit, async (t) => {
  const { hp, plan } = await recorded(t);
  await played(plan.play());
  for (const gzip of [false, true]) {
    const bytes = await new Response(hp.exportBundle({ gzip })).arrayBuffer();
    const told = [];
    const onProgress = (progress) => told.push(progress);
    await hp.importBundle(bytes, { asCopies: true, onProgress });
    const last = told.at(-1);
    assert.equal(last.sourceBytes, bytes.byteLength);
    assert.ok(gzip ? last.bytes > last.sourceBytes : last.bytes === last.sourceBytes);
    assert.deepEqual(
      told.map(({ isFinishing }) => isFinishing),
      [...told.slice(1).map(() => false), true],
    );
  }
});

const at = atTabs();

test("r72_that_somebody_elsewhere_has_ended_is_told_without_asking", limit, async (t) => {
  const { pages } = await at.tabs(t, 2);
  const [one, two] = pages;
  const made = () =>
    one.evaluate(async () => {
      window.hp ??= await holdpoint.Holdpoint.open({ name: "shown", actor: "ana" });
      const project = await hp.createProject({ name: "test" });
      window.plan = await project.createPlan({ request: "x", steps: ["a"] });
      return { project: project.id, plan: plan.id };
    });
  const watched = (ids) =>
    two.evaluate(async ({ project, plan }) => {
      window.hp ??= await holdpoint.Holdpoint.open({ name: "shown", actor: "bob" });
      window.lease = hp.liveLease(project, plan);
      lease.subscribe(() => undefined);
    }, ids);
  const runs = () =>
    one.evaluate(() => {
      window.running = plan.run(() => new Promise((resolve) => (window.release = resolve)));
    });
  // Far sooner than where a bell is never rung.
  const isTold = (holder) =>
    until(
      `${holder} is told`,
      () =>
        two.evaluate((holder) => {
          const { data } = lease.getState();
          return data !== undefined && (data?.isHeld ? data.holder : null) === holder;
        }, holder),
      { timeout: 10_000 },
    );

  await watched(await made());
  await isTold(null);
  await runs();
  await isTold("ana");
  await one.evaluate(async () => {
    release("done");
    await running;
  });
  await isTold(null);

  await watched(await made());
  await runs();
  await isTold("ana");
  await one.close();
  await isTold(null);
});
