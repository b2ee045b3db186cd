// A tab that gives random commands of every kind, most of them sensible in view of what it last saw.

/**
 * Opens the store in the tab, listening, before anybody begins. The clock and the ids are the tab's
 * own; what is asked and told is noted. Runs in the tab, so it uses nothing from around it.
 */
export async function join({ url, actor }) {
  const module = await import(url);
  await module.default();
  const heard = {
    commits: new Map(),
    removed: [],
    missed: 0,
    byCommand: new Map(),
    digests: [],
  };
  const store = await module.Holdpoint.open({
    actor,
    // Bodies say how many tokens they have, as the model reads them.
    countTokens: (text) => Number(text.replaceAll('"', "").split(" ")[0]),
  });
  await store.subscribe((notice) => {
    if (notice.type === "missed") heard.missed += 1;
    if (notice.type === "removed") heard.removed.push(notice.project);
    if (notice.type !== "committed") return;
    const { project, revision, command } = notice;
    if (!heard.commits.has(project)) heard.commits.set(project, []);
    heard.commits.get(project).push(revision);
    heard.byCommand.set(`${project} ${command}`, notice);
    for (const [, digest] of JSON.stringify(notice.events).matchAll(/"([0-9a-f]{64})"/g)) {
      heard.digests.push(digest);
    }
  });
  window.player = { store, heard, actor };
}

/** For so long, one command after the other. What is asked and told is noted. */
export async function play({ milliseconds, seed, deadline }) {
  const { store, heard, actor } = window.player;
  let state = seed;
  const below = (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
  const percent = (part) => below(100) < part;
  const one = (all) => all[below(all.length)];
  const maybe = (part, make) => (percent(part) ? make() : undefined);
  const unknown = "01HZZZZZZZZZZZZZZZZZZZZZZZ";
  const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  const newId = () => {
    let time = "";
    for (let left = Date.now(), index = 0; index < 10; index += 1) {
      time = alphabet[left % 32] + time;
      left = Math.floor(left / 32);
    }
    const random = crypto.getRandomValues(new Uint8Array(16));
    return time + Array.from(random, (byte) => alphabet[byte % 32]).join("");
  };
  /** Says which call hangs; nothing else rests on the time. */
  const settles = async (what, call) => {
    let timer;
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`never settled: ${what}`)), deadline);
    });
    try {
      return await Promise.race([call, late]);
    } finally {
      clearTimeout(timer);
    }
  };
  const ask = (query) => settles(JSON.stringify(query), store.query(query));

  // --- What commands are made of.

  const body = () => {
    const [tokens, which] = [below(400), below(3)];
    return JSON.stringify(`${which === 0 ? tokens % 10 : tokens} s ${which}`);
  };
  const text = () => `text ${below(1000)}${", and so on".repeat(percent(5) ? 900 : 1)}`;
  const name = () => one(["one", "two", "three", "Überprüfung"]);
  const reason = () => maybe(40, () => one(["so it was wished", "a second look"]));
  const agent = () => one(["coder", "Tester", "ärzt"]);
  const retention = () =>
    percent(30)
      ? { per_plan: 50, of_project: 50 }
      : { per_plan: 1 + below(5), of_project: 1 + below(5) };
  const steps = () =>
    Array.from({ length: 1 + below(4) }, () => ({ title: name(), input: maybe(30, body) }));
  const newPlan = () => ({
    request: text(),
    steps: maybe(75, steps),
    settings: {
      gates: {
        plan: percent(40),
        implementation: percent(30),
        review: percent(30),
        verification: percent(30),
      },
      max_reversions: below(5),
      max_attempts: 1 + below(3),
      auto_checkpoint_interval: below(4),
    },
  });
  const newItems = (plan) =>
    Array.from({ length: 1 + below(3) }, () => ({
      agent: agent(),
      plan: maybe(40, () => plan),
      kind: one(["task", "code", "error", "test_result", "prd_section", "diary"]),
      body: body(),
      created_at: maybe(50, () => new Date(Date.now() - below(5e8)).toISOString()),
      pinned: percent(10),
    }));

  /** How often each is given; the others once. */
  const often = {
    create_plan: 4,
    start_plan: 24,
    submit_plan: 24,
    approve: 40,
    reject: 8,
    start_implementation: 30,
    record_review: 40,
    record_verification: 40,
    start_step: 24,
    complete_step: 80,
    fail_step: 10,
    retry_plan: 12,
    revert_plan: 3,
    mark_applied: 4,
    add_context: 3,
    touch_items: 3,
    unpin_items: 2,
    restore_items: 2,
    flash_save: 3,
    redact_output: 2,
    redact_body: 2,
    pause: 2,
    resume: 12,
    start_project: 8,
    create_checkpoint: 3,
    rollback_plan: 5,
    rollback_project: 3,
  };
  const kinds = {
    create_project: () => ({
      name: name(),
      status: one(["init", "planning", "active", "active", "active", "active"]),
      settings: {
        token_limit: 1 + below(4000),
        flash_save: one(["always", "always", "over-threshold", "never"]),
        retention: retention(),
      },
    }),
    fork_project: ({ project, head }) => ({
      source: project,
      at: maybe(60, () => `@${1 + below(head)}`),
      name: maybe(50, name),
    }),
    plan_project: () => ({}),
    start_project: () => ({}),
    pause: () => ({ reason: reason() }),
    resume: ({ checkpoint }) => ({ checkpoint: maybe(20, () => checkpoint) }),
    stop_project: () => ({ reason: reason() }),
    complete_project: () => ({}),
    rename_project: () => ({ name: name() }),
    delete_project: () => ({}),
    create_plan: () => ({ plan: newPlan() }),
    start_plan: ({ plan }) => ({ plan }),
    submit_plan: ({ plan }) => ({ plan, text: text(), steps: steps() }),
    approve: ({ plan, submission }) => ({ plan, submission }),
    reject: ({ plan, submission, from }) => ({
      plan,
      submission,
      reason: "not so",
      from_step: from,
    }),
    start_implementation: ({ plan }) => ({ plan }),
    record_review: ({ plan, submission, from }) => {
      const passed = percent(60);
      return { plan, submission, passed, notes: reason(), from_step: passed ? undefined : from };
    },
    record_verification: ({ plan, submission, from }) => {
      const passed = percent(60);
      return { plan, submission, passed, details: reason(), from_step: passed ? undefined : from };
    },
    start_step: ({ plan, next }) => ({ plan, step: maybe(50, () => next) }),
    complete_step: ({ plan, attempt }) => ({
      plan,
      attempt,
      output: maybe(70, body),
      context: percent(30) ? newItems(plan) : undefined,
    }),
    fail_step: ({ plan, attempt }) => ({ plan, attempt, error: text() }),
    fail_plan: ({ plan }) => ({ plan, error: text() }),
    cancel_plan: ({ plan }) => ({ plan, reason: reason() }),
    retry_plan: ({ plan }) => ({ plan }),
    revert_plan: ({ plan, from }) => {
      const to = one(["planning", "implementing", "implementing"]);
      return { plan, to, from_step: to === "planning" ? undefined : from, reason: reason() };
    },
    mark_applied: ({ plan }) => ({ plan }),
    set_agent: () => ({ agent: agent(), token_limit: 1 + below(3000) }),
    add_context: ({ plan }) => ({ items: newItems(plan) }),
    touch_items: ({ items }) => ({ items }),
    pin_items: ({ items }) => ({ items }),
    unpin_items: ({ items }) => ({ items }),
    archive_items: ({ items }) => ({ items }),
    restore_items: ({ items }) => ({ items }),
    flash_save: () => ({ agent: maybe(50, agent), force: percent(60) }),
    redact_item: ({ items }) => ({ item: items[0], reason: reason() }),
    redact_output: ({ plan, next }) => ({ plan, step: Math.max(0, next - 1), reason: reason() }),
    redact_body: ({ digest }) => ({ digest, reason: reason() }),
    create_checkpoint: ({ plan }) => ({
      checkpoint: {
        plan: maybe(60, () => plan),
        name: name(),
        reason: reason(),
        phase: maybe(20, name),
        pinned: percent(10),
      },
    }),
    pin_checkpoint: ({ checkpoint }) => ({ checkpoint, pinned: percent(50) }),
    set_retention: () => ({ policy: retention() }),
    apply_retention: () => ({ policy: maybe(60, retention) }),
    rollback_plan: ({ plan, checkpoint, head }) =>
      percent(15)
        ? { plan, before: 1 + below(head), reason: reason() }
        : { plan, checkpoint: maybe(60, () => checkpoint), reason: reason() },
    rollback_project: ({ checkpoint }) => ({ checkpoint, reason: reason() }),
  };
  const odds = Object.keys(kinds).flatMap((kind) => Array(often[kind] ?? 1).fill(kind));

  // --- What it knows of the store, which others may have changed since.

  const look = async () => {
    const rows = (await ask({ type: "projects" })).rows;
    if (rows.length === 0) return undefined;
    const { project } = one(rows);
    try {
      const view = await ask({ type: "project", project });
      const row = one(view.plan_list);
      const plan = row && (await ask({ type: "plan", project, plan: row.plan }));
      const { items } = await ask({ type: "context", project, limit: 30 });
      const { rows: checkpoints } = await ask({ type: "checkpoints", project, limit: 30 });
      return { project, view, plan, items, checkpoints, count: rows.length };
    } catch (error) {
      if (["REMOVED", "PROJECT_NOT_FOUND", "PLAN_NOT_FOUND"].includes(error.code)) return undefined;
      throw error;
    }
  };

  /** What reads a whole project finds it sound, whoever writes to it meanwhile. */
  const readAll = async (project) => {
    const isExpected = ["CHANGED", "PROJECT_NOT_FOUND", "REMOVED"];
    try {
      const { findings } = await ask({ type: "verify", project });
      if (findings.length > 0) throw new Error(`found in ${project}: ${JSON.stringify(findings)}`);
      const exported = await settles("export", store.export([project]));
      while (await settles("a piece of an export", exported.next()));
    } catch (error) {
      if (!isExpected.includes(error.code)) throw error;
    }
  };

  /** A kind that fits what was seen. */
  const fitting = ({ view, plan }) => {
    if (view.status === "paused" && percent(50)) return "resume";
    if (["init", "planning", "stopped"].includes(view.status) && percent(60)) {
      return one(["start_project", "plan_project"]);
    }
    if (!plan) return one(["create_plan", "create_plan", "add_context", "create_checkpoint"]);
    const isRunning = plan.step_list.some(({ state }) => state === "running");
    const moves = {
      pending: ["start_plan"],
      planning: ["submit_plan"],
      plan_awaiting_approval: ["approve", "approve", "reject"],
      plan_approved: ["start_implementation"],
      implementing: isRunning ? ["complete_step", "complete_step", "fail_step"] : ["start_step"],
      implementation_awaiting_approval: ["approve", "approve", "reject"],
      reviewing: ["record_review"],
      verifying: ["record_verification"],
      failed: ["retry_plan"],
      completed: ["create_plan", "rollback_plan", "mark_applied"],
      cancelled: ["create_plan", "rollback_plan"],
    };
    return one(moves[plan.state]);
  };

  /** A command of this kind. */
  const make = (kind, seen) => {
    const { project, view, plan, items, checkpoints } = seen;
    const listed = Array.from({ length: 1 + below(3) }, () => one(items)?.item ?? unknown);
    const last = plan?.last_completed_step ?? -1;
    const known = {
      project,
      head: view.revision,
      plan: plan?.plan ?? unknown,
      submission: plan?.submission ?? below(4),
      attempt: percent(90) ? (plan?.last_attempt ?? 0) : below(4),
      next: last + 1,
      from: maybe(40, () => below(last + 2)),
      items: listed,
      checkpoint: one(checkpoints)?.checkpoint ?? unknown,
      digest: one(heard.digests.slice(-20)) ?? "0".repeat(64),
    };
    return { type: kind, ...kinds[kind](known) };
  };

  const notes = [];
  const end = performance.now() + milliseconds;
  let seen;
  let lookedAt = 0;
  while (performance.now() < end) {
    // What it believes is often out of date.
    if (!seen || lookedAt > below(4)) {
      seen = await look();
      lookedAt = 0;
    }
    lookedAt += 1;
    if (seen && percent(2)) await readAll(seen.project);
    let asked;
    if (notes.length > 0 && percent(4)) {
      // The very same once more.
      asked = { ...one(notes).asked };
    } else {
      let kind = !seen ? "create_project" : percent(60) ? fitting(seen) : one(odds);
      if (["create_project", "fork_project"].includes(kind) && seen?.count >= 6) {
        kind = percent(40) ? "delete_project" : "rename_project";
      }
      const command = make(kind, seen ?? { view: {}, items: [], checkpoints: [] });
      const makes = ["create_project", "fork_project"].includes(kind);
      asked = {
        id: newId(),
        actor,
        project: makes ? undefined : seen.project,
        expected_revision: makes ? undefined : maybe(5, () => seen.view.revision),
        // As it is sent, and no field that says nothing.
        command: JSON.stringify(command),
      };
    }
    const request = { ...asked, command: JSON.parse(asked.command) };
    for (const field of ["project", "expected_revision"]) {
      if (request[field] === undefined) delete request[field];
    }
    // In microseconds, as native processes say it; the clock shows milliseconds, which all tabs share.
    const note = { asked, now: Date.now(), began: Date.now() * 1000 };
    notes.push(note);
    try {
      note.told = await settles(asked.command, store.execute(request));
      note.now = Date.now();
      asked.project ??= note.told.project;
      if (asked.command.includes('"delete_project"')) seen = undefined;
    } catch (error) {
      if (!error.code) throw error;
      note.refused = { code: error.code, message: error.message };
    }
    note.ended = Date.now() * 1000 + 999;
  }
  window.player.notes = notes;
}

/** The tab's notes: a commit is told of beside the answer, not before it. */
export function record() {
  const { byCommand } = window.player.heard;
  const made = new Set();
  return window.player.notes.map((note) => {
    const commit = note.told && byCommand.get(`${note.told.project} ${note.asked.id}`);
    // The first who was told of the revision made it; all others only asked again.
    if (!commit || commit.revision !== note.told.revision || made.has(note.asked.id)) return note;
    made.add(note.asked.id);
    const forked = commit.events.flatMap(({ type, redacted }) =>
      type === "project_forked" ? (redacted ?? []).map(({ digest }) => digest) : [],
    );
    return { ...note, now: Date.parse(commit.at), isMade: true, forked };
  });
}

/** What the tab has heard so far. */
export function heard() {
  const { commits, removed, missed } = window.player.heard;
  return { commits: [...commits], removed, missed };
}
