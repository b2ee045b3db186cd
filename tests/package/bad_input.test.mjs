// What plain JavaScript can give wrongly: every argument of every public method.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  cyclic,
  deep,
  deepList,
  fields,
  Instance,
  nothing,
  ownProto,
  revoked,
  throwing,
  throwingInside,
} from "../bad_input/values.mjs";
import { imported } from "./support/packed.mjs";

const { Holdpoint, HoldpointError, initSync, isHoldpointError, setLogLevel } = await imported();
const limit = { timeout: 60_000 };

const kinds = {
  id: {
    ...nothing,
    ...fields,
    "a number": () => 5,
    "a list": () => [],
    "an empty text": () => "",
    "no id": () => "not an id",
    "half a surrogate pair": () => "\ud800",
    "a very long text": () => "0".repeat(1_000_000),
  },
  text: {
    ...nothing,
    ...fields,
    "a number": () => 5,
    "a list": () => ["x"],
    "half a surrogate pair": () => "a \ud800 b",
  },
  name: {
    "an empty text": () => "",
    blanks: () => " \t\n",
    "a text that is too long": () => "x".repeat(100_000),
  },
  integer: {
    ...nothing,
    ...fields,
    "a text": () => "1",
    "a list": () => [1],
    "half a number": () => 1.5,
    "less than nothing": () => -1,
    infinity: () => Infinity,
    "too much": () => 2 ** 60,
  },
  object: {
    ...nothing,
    ...fields,
    "a number": () => 5,
    "a text": () => "text",
    "a list": () => [],
  },
  list: {
    ...nothing,
    ...fields,
    "a number": () => 5,
    "a text": () => "text",
    "a list of null": () => [null],
    "a list with a hole": () => Array(2),
    "a list of something very deep": () => [deep()],
    "a list of a proxy that throws": () => [throwing()],
    "a very deep list": deepList,
  },
  listener: {
    ...nothing,
    "a function": undefined,
    "a number": () => 5,
    "a text": () => "text",
    "an object": () => ({}),
    nothing: () => undefined,
  },
};
kinds.name = { ...kinds.text, ...kinds.name };
kinds.point = kinds.id;
// Bytes are no object of fields, but a bundle may come as bytes.
const { "a buffer": _, "an array of bytes": __, ...noBytes } = kinds.object;
kinds.source = noBytes;
const absent = { nothing: () => undefined };

const good = {
  item: { agent: "coder", kind: "code", text: "x" },
  digest: "a".repeat(64),
};

/**
 * Each method with its arguments: the kind, what the message calls it, and a good value. A kind with
 * a question mark may be left out. `inner` are fields of an object that are tried one by one.
 */
function methods({ hp, project, plan, ids }) {
  const options = ["object?", /options/, undefined];
  const id = (name, value) => ["id", name, value];
  return {
    hp: [
      hp,
      {
        createProject: [["object", /project|options|name/, { name: "x" }], options],
        importTrajectory: [
          ["text", /trajectory/, "{}"],
          ["text", /fileName/, "x.traj"],
        ],
        project: [id(/id|project/, ids.project)],
        verifyProject: [id(/project/, ids.project)],
        deleteProject: [id(/id|project/, ids.project), options],
        plan: [id(/project/, ids.project), id(/plan/, ids.plan)],
        listProjects: [options],
        listPlans: [options],
        listCheckpoints: [options],
        on: [
          ["text", /name/, "event"],
          ["listener", /listener/, () => undefined],
        ],
        watch: [["listener", /listener/, () => undefined]],
        live: [["listener", /read/, async () => 1], options],
        liveLease: [id(/project/, ids.project), id(/plan/, ids.plan)],
        importBundle: [["source", /source/, new Uint8Array()], options],
        exportBundle: [options],
      },
    ],
    project: [
      project,
      {
        pause: [options],
        resume: [options],
        beginPlanning: [options],
        start: [options],
        stop: [options],
        complete: [options],
        rename: [["name", /name/, "another"], options],
        delete: [options],
        fork: [options],
        createPlan: [["object", /plan|request/, { request: "x" }], options],
        plan: [id(/id|plan/, ids.plan)],
        listPlans: [options],
        addContext: [["list", /items|item/, [good.item]], options],
        listContext: [options],
        item: [id(/item/, ids.item), options],
        touchItems: [["list", /items/, [ids.item]], options],
        pinItems: [["list", /items/, [ids.item]], options],
        unpinItems: [["list", /items/, [ids.item]], options],
        archiveItems: [["list", /items/, [ids.item]], options],
        restoreItems: [["list", /items/, [ids.item]], options],
        flashSave: [options],
        setAgent: [
          ["name", /agent/, "coder"],
          ["object", /tokenLimit|options/, { tokenLimit: 5 }],
        ],
        redactItem: [id(/item/, ids.item), options],
        redactBody: [id(/digest/, good.digest), options],
        createCheckpoint: [["object", /checkpoint|name/, { name: "x" }], options],
        listCheckpoints: [options],
        checkpoint: [id(/checkpoint/, ids.checkpoint)],
        pinCheckpoint: [id(/checkpoint/, ids.checkpoint), options],
        unpinCheckpoint: [id(/checkpoint/, ids.checkpoint), options],
        setRetention: [["object", /policy|perPlan/, { perPlan: 5, ofProject: 5 }], options],
        applyRetention: [options],
        rollback: [id(/checkpoint/, ids.checkpoint), options],
        diff: [
          ["point", /from/, "now"],
          ["point?", /to/, "now"],
        ],
        history: [options],
        entries: [options],
        execute: [["object", /command|type/, { type: "pause" }], options],
        preview: [["object", /command|type/, { type: "pause" }], options],
        get: [options],
        subscribe: [["listener", /listener/, () => undefined]],
        on: [
          ["text", /name/, "event"],
          ["listener", /listener/, () => undefined],
        ],
        exportBundle: [options],
        exportHistory: [options],
      },
    ],
    plan: [
      plan,
      {
        run: [["listener", /work/, () => undefined], options],
        steps: [options],
        play: [options],
        claim: [options],
        start: [options],
        submit: [["object", /plan|options|text|steps/, { text: "x", steps: ["a"] }], options],
        approve: [["integer", /submission/, 1], options],
        reject: [
          ["integer", /submission/, 1],
          ["object", /options|reason/, { reason: "x" }],
        ],
        startImplementation: [options],
        recordReview: [
          ["integer", /submission/, 1],
          ["object", /options|passed/, { passed: true }],
        ],
        recordVerification: [
          ["integer", /submission/, 1],
          ["object", /options|passed/, { passed: true }],
        ],
        fail: [["text", /error/, "x"], options],
        retry: [options],
        cancel: [options],
        revert: [["object", /options|to/, { to: "planning" }]],
        markApplied: [options],
        redactOutput: [["integer", /step/, 0], options],
        createCheckpoint: [["object", /checkpoint|name/, { name: "x" }], options],
        listCheckpoints: [options],
        rollback: [["id?", /checkpoint/, ids.checkpoint], options],
        get: [options],
        step: [["integer", /step|index/, 0], options],
        subscribe: [["listener", /listener/, () => undefined]],
      },
    ],
  };
}

/** Takes what a method gives to its end. */
async function settled(result) {
  const value = await result;
  if (value?.refresh && value.getState) return void (await value.refresh());
  if (value && typeof value === "object" && Symbol.asyncIterator in value) {
    for await (const _ of value) break;
  } else if (value instanceof ReadableStream) {
    await value.getReader().read();
  } else if (typeof value === "function") {
    value();
  }
}

async function world(t) {
  const hp = await Holdpoint.open({ storage: "memory", actor: "ana" });
  t.after(() => hp.close());
  const project = await hp.createProject({ name: "test" });
  const plan = await project.createPlan({ request: "x", steps: ["a", "b"] });
  await plan.run(() => 1, { limit: 1 });
  const [item] = await project.addContext(good.item);
  const checkpoint = await project.createCheckpoint({ name: "c" });
  return { hp, project, plan, ids: { project: project.id, plan: plan.id, item, checkpoint } };
}

/** What is wrong with how a call was refused; nothing if nothing is. */
function flaw(error, name) {
  if (!(error instanceof HoldpointError)) return `${error?.constructor?.name}: ${error?.message}`;
  if (!["INVALID_INPUT", "TOO_LONG"].includes(error.code)) return `${error.code}: ${error.message}`;
  const said = `${error.details.field} ${error.message}`;
  return name.test(said) || isOwnField.test(error.details.field)
    ? undefined
    : `does not name ${name}: ${said}`;
}

/** What `fields` have in them: that is the argument's place, too. */
const isOwnField =
  /^(nobodyKnowsThis|nobody_?[kK]nows|__proto__|constructor|prototype|toString|hasOwnProperty|then|toJSON|name|reason|a|self)\b/;
/** What answers at once; everything else gives a promise whatever it is given. */
const sync = new Set([
  "on",
  "watch",
  "subscribe",
  "steps",
  "play",
  "live",
  "liveLease",
  "exportBundle",
  "exportHistory",
  "entries",
]);

for (const of of ["hp", "project", "plan"]) {
  test(
    `what_is_given_wrongly_to_${of}_is_refused_by_name_and_changes_nothing`,
    limit,
    async (t) => {
      const here = await world(t);
      const [object, table] = methods(here)[of];
      const before = (await here.project.get()).revision;
      const flaws = [];
      let calls = 0;
      for (const [method, parameters] of Object.entries(table)) {
        for (const [place, [kind, name]] of parameters.entries()) {
          const isOptional = kind.endsWith("?");
          const bad = { ...kinds[kind.replace("?", "")], ...(isOptional ? {} : absent) };
          for (const [what, make] of Object.entries(bad)) {
            if (make === undefined) continue;
            const args = parameters.map(([, , value], index) => (index === place ? make() : value));
            calls += 1;
            let why;
            let result;
            try {
              result = object[method](...args);
            } catch (error) {
              why = sync.has(method) ? flaw(error, name) : `throws instead of rejecting: ${error}`;
            }
            if (result !== undefined) {
              why = await settled(result).then(
                () => "was taken",
                (error) => flaw(error, name),
              );
            }
            if (why)
              flaws.push(`${of}.${method}, argument ${place}, ${what}: ${why.slice(0, 300)}`);
          }
        }
      }
      t.diagnostic(`${calls} calls`);
      assert.equal(flaws.length, 0, `${flaws.length} of ${calls}:\n${flaws.join("\n")}`);
      assert.equal((await here.project.get()).revision, before, "nothing was changed");
      assert.equal((await here.project.verify()).clean, true);
    },
  );
}

test("fields_inside_what_is_given_are_named_by_their_place", limit, async (t) => {
  const { project, plan } = await world(t);
  const item = (fields) => ({ ...good.item, ...fields });
  const cases = [
    [() => project.addContext([good.item, item({ text: 5 })]), "items[1].text", /INVALID/],
    [() => project.addContext(item({ text: "" })), "items[0].text", /INVALID/],
    [() => project.addContext(item({ text: "x".repeat(100_001) })), "text", /TOO_LONG/],
    [() => project.addContext(item({ body: "x" })), "items[0].body", /INVALID/],
    [() => project.addContext(item({ created_at: "now" })), "items[0].created_at", /INVALID/],
    [() => project.addContext(item({ createdAt: "now" })), "items[0].createdAt", /INVALID/],
    [() => project.addContext(item({ pinned: "yes" })), "items[0].pinned", /INVALID/],
    [() => project.addContext([throwing()]), "items[0]", /INVALID/],
    [() => project.createPlan({ request: "x", steps: [5] }), "plan.steps[0]", /INVALID/],
    [
      () => project.createPlan({ request: "x", steps: ["a", { title: "" }] }),
      "plan.steps[1].title",
      /INVALID/,
    ],
    [
      () => project.createPlan({ request: "x", steps: [{ title: "a", input: NaN }] }),
      "plan.steps[0].input",
      /INVALID/,
    ],
    [
      () =>
        project.createPlan({ request: "x", steps: [{ title: "a", input: { b: [new Map()] } }] }),
      "plan.steps[0].input.b[0]",
      /INVALID/,
    ],
    [
      () => project.createPlan({ request: "x", settings: { maxAttempts: "3" } }),
      "plan.settings.maxAttempts",
      /INVALID/,
    ],
    [
      () => project.createPlan({ request: "x", settings: { max_attempts: 3 } }),
      "plan.settings.max_attempts",
      /INVALID/,
    ],
    [
      () => project.createPlan({ request: "x", settings: { gates: { deploy: true } } }),
      "plan.settings.gates.deploy",
      /INVALID/,
    ],
    [() => project.createCheckpoint({ name: "x", data: () => 1 }), "data", /INVALID/],
    [() => project.createCheckpoint({ name: "x", data: deep() }), "data", /INVALID/],
    [() => project.createCheckpoint({ name: "x".repeat(101) }), "name", /TOO_LONG/],
    [() => project.history({ types: ["no_such_event"] }), "types[0]", /INVALID/],
    [() => project.history({ limit: 0 }), "limit", /INVALID/],
    [() => project.history({ limit: 10_001 }), "limit", /INVALID/],
    [() => plan.rollback(null), "checkpoint", /INVALID/],
    [() => plan.rollback(undefined, { dryRun: "yes" }), "dryRun", /INVALID/],
    [() => plan.rollback(undefined, { dryRunn: true }), "dryRunn", /INVALID/],
    [() => plan.rollback(undefined, { dry_run: true }), "dry_run", /INVALID/],
    [() => project.pause({ reason: "x".repeat(2001) }), "reason", /TOO_LONG/],
    [() => project.pause({ expectedRevison: 1 }), "expectedRevison", /INVALID/],
    [() => project.pause({ commandId: "not a ulid" }), "id", /INVALID/],
    [() => project.pause({ expectedRevision: -1 }), "expectedRevision", /INVALID/],
    [() => project.pause({ actor: "" }), "actor", /INVALID/],
    [() => plan.claim({ timeToLive: 0 }), "timeToLive", /INVALID/],
    [() => plan.claim({ timeToLive: "30" }), "timeToLive", /INVALID/],
  ];
  const flaws = [];
  for (const [call, field, code] of cases) {
    const error = await Promise.resolve()
      .then(call)
      .then(
        () => "was taken",
        (error) => error,
      );
    const isRight =
      error instanceof HoldpointError &&
      code.test(error.code) &&
      error.details.field.startsWith(field);
    if (!isRight)
      flaws.push(`${call}: ${error?.code}, ${error?.details?.field}: ${error?.message ?? error}`);
  }
  assert.equal(flaws.length, 0, flaws.join("\n"));
  assert.equal((await plan.get()).lastCompletedStep, 0, "nothing was rolled back");
  // Whatever is told of names, tells them as they are here.
  const error = await project.history({ newestFrist: true }).catch((error) => error);
  for (const said of [error.message, error.details.expected]) assert.match(said, /`newestFirst`/);
});

test("what_is_given_wrongly_to_open_is_refused_by_name", limit, async () => {
  const cases = [
    ["options", null, 5, "name", [], new Instance(), throwing(), revoked()],
    ["storage", { storage: "sqlite" }, { storage: 5 }, { storage: throwing() }, { storage: null }],
    ["name", { name: 5 }, { name: {} }, { name: "\ud800" }],
    ["actor", { actor: "" }, { actor: 5 }, { actor: "x".repeat(10_000) }, { actor: revoked() }],
    ["durability", { durability: "paranoid" }, { durability: true }],
    ["countTokens", { countTokens: 5 }, { countTokens: "length" }, { countTokens: null }],
    ["blocked", { blocked: true }],
    ["blocking", { blocking: "x" }],
    ["terminated", { terminated: {} }],
    ["persist", { persist: "yes" }, { persist: 1 }],
    ["count_tokens", { count_tokens: () => 1 }],
    ["onConnection", { onConnection: () => 1 }],
    ["nobodyKnows", { nobodyKnows: 1 }],
  ];
  const flaws = [];
  for (const [field, ...bad] of cases) {
    for (const given of bad) {
      const options = isFields(given) ? { storage: "memory", ...given } : given;
      const error = await Holdpoint.open(options).then(
        () => "was taken",
        (error) => error,
      );
      const why = flaw(error, new RegExp(field));
      if (why) flaws.push(`${field}: ${why}`);
    }
  }
  assert.equal(flaws.length, 0, flaws.join("\n"));
});

const isFields = (value) => {
  try {
    return Object.getPrototypeOf(value) === Object.prototype;
  } catch {
    return false;
  }
};

test("steps_and_claims_check_what_they_are_given", limit, async (t) => {
  const { plan } = await world(t);
  const steps = plan.steps();
  const { value: step } = await steps.next();
  const bad = [
    null,
    5,
    "text",
    [],
    new Instance(),
    throwing(),
    revoked(),
    throwingInside(),
    ownProto(),
    cyclic(),
  ];
  const flaws = [];
  const note = (what, error, name) => {
    const why = error === undefined ? "was taken" : flaw(error, name);
    if (why) flaws.push(`${what}: ${why}`);
  };
  for (const given of bad) {
    let thrown;
    try {
      step.addContext(given);
    } catch (error) {
      thrown = error;
    }
    note("addContext", thrown, /item/);
    note(
      "complete",
      await step.complete(given).then(
        () => undefined,
        (error) => error,
      ),
      /options/,
    );
    const inside = { context: [given] };
    note(
      "context",
      await step.complete(inside).then(
        () => undefined,
        (error) => error,
      ),
      /context/,
    );
  }
  for (const context of [null, 5, "text", {}, revoked()]) {
    note(
      "complete",
      await step.complete({ context }).then(
        () => undefined,
        (error) => error,
      ),
      /context/,
    );
  }
  assert.equal(flaws.length, 0, flaws.join("\n"));
  assert.equal(step.isSettled, false);
  await step.complete({ output: 1 });
  await steps.return();

  const claim = await plan.claim();
  await claim.release();
  await claim.release();
  await assert.rejects(
    async () => claim.renew(),
    (error) => isHoldpointError(error),
  );
  assert.equal(claim.isDue, false);
});

test("levels_and_modules_are_checked", limit, () => {
  for (const bad of [undefined, null, 5, "loud", throwing(), revoked(), {}]) {
    assert.throws(() => setLogLevel(bad), { code: "INVALID_INPUT" });
  }
  setLogLevel("warn");
  // It runs already: what comes later counts for nothing.
  initSync(new Uint8Array(3));
});

test("twenty_calls_of_everything_at_once_all_answer", limit, async (t) => {
  const { hp, project, plan } = await world(t);
  const times = (call) => Array.from({ length: 20 }, (_, index) => call(index));
  const calls = [
    ...times(() => hp.listProjects()),
    ...times(() => hp.listResumable()),
    ...times(() => hp.statistics()),
    ...times((index) => hp.createProject({ name: `p${index}` })),
    ...times(() => project.get()),
    ...times(() => plan.get()),
    ...times((index) => project.addContext({ ...good.item, text: `t${index}` })),
    ...times((index) => project.createPlan({ request: `r${index}`, steps: ["a"] })),
    ...times(() => project.pause()),
    ...times(() => project.verify()),
    ...times((index) => project.rename(`n${index}`)),
    ...times(() => new Response(hp.exportBundle()).arrayBuffer()),
    ...times(() => plan.lease()),
  ];
  const ended = await Promise.allSettled(calls);
  const refused = ended.filter(({ status }) => status === "rejected").map(({ reason }) => reason);
  const codes = new Set(refused.map((error) => error.code));
  // Once it is paused, no context is added.
  assert.deepEqual(
    [...codes].filter((code) => code !== "PROJECT_PAUSED"),
    [],
    String(refused[0]?.stack),
  );
  const { items } = await hp.listProjects();
  assert.equal(items.length, 21);
  assert.equal((await project.verify()).clean, true);
  const pauses = ended.slice(160, 180).map(({ value }) => value.alreadyPaused);
  assert.equal(pauses.filter((already) => !already).length, 1, "twenty pauses are one pause");
});

test("twenty_stores_opened_at_once_are_twenty_stores", limit, async () => {
  const stores = await Promise.all(
    Array.from({ length: 20 }, () => Holdpoint.open({ storage: "memory" })),
  );
  await stores[0].createProject({ name: "x" });
  assert.equal((await stores[1].listProjects()).items.length, 0);
  for (const hp of stores) hp.close();
});

test(
  "after_close_every_call_is_refused_as_closed_and_closing_again_does_nothing",
  limit,
  async (t) => {
    const here = await world(t);
    const { hp } = here;
    const late = hp.statistics();
    const told = [];
    hp.on("event", (event) => told.push(event));
    hp.close();
    hp.close();
    assert.equal(hp.isClosed, true);
    assert.ok((await late).projects === 1, "what was on its way still ends");
    const flaws = [];
    for (const of of ["hp", "project", "plan"]) {
      const [object, table] = methods(here)[of];
      for (const [method, parameters] of Object.entries(table)) {
        const args = parameters.map(([, , value]) => value);
        // What is shown goes on being shown; why it is no longer current, its state says.
        if (["subscribe", "live", "liveLease"].includes(method)) {
          object[method](...args);
          continue;
        }
        const error = await Promise.resolve()
          .then(() => object[method](...args))
          .then(method === "steps" || method === "play" ? (steps) => steps.next() : settled)
          .then(
            (value) => `was taken: ${JSON.stringify(value)}`,
            (error) => error,
          );
        const isHeld = method === "run" || method === "steps" || method === "play";
        if (error?.code !== "CLOSED" && !(isHeld && /aborted/.test(error))) {
          flaws.push(`${of}.${method}: ${error?.code} ${error?.message ?? error}`);
        }
      }
    }
    for (const method of ["listResumable", "inbox", "statistics", "storageInfo", "persist"]) {
      const error = await hp[method]().catch((error) => error);
      if (error?.code !== "CLOSED") flaws.push(`hp.${method}: ${error?.code} ${error}`);
    }
    assert.equal(flaws.length, 0, flaws.join("\n"));
    // What it was is still shown.
    assert.equal(here.project.getSnapshot().name, "test");
    assert.deepEqual(told, []);
  },
);
