import assert from "node:assert/strict";

/**
 * Reads a project's journal as its rules say, without asking the engine: revisions without a gap,
 * steps in their order, none done twice but after a rollback, none started while it is paused.
 * For each plan: the last completed step, what is open, and how often each step was completed.
 */
export function readHistory(entries) {
  const plans = new Map();
  const states = [new Map()];
  let isPaused = false;
  entries.forEach((entry, index) => {
    assert.equal(entry.revision, index + 1, "revisions have no gap");
    const at = `revision ${entry.revision}`;
    for (const event of entry.events) {
      const plan = plans.get(event.plan);
      switch (event.type) {
        case "plan_created":
          plans.set(event.plan, { last: -1, open: null, completed: new Map(), attempts: 0 });
          break;
        case "step_started":
          assert.equal(isPaused, false, `${at}: no step starts while it is paused`);
          assert.equal(event.step, plan.last + 1, `${at}: the next step is the one that starts`);
          assert.equal(event.attempt, plan.attempts + 1, `${at}: attempts are counted`);
          plan.open = event.step;
          plan.attempts = event.attempt;
          break;
        case "step_completed":
          assert.equal(event.step, plan.open, `${at}: what completes was started`);
          assert.equal(event.attempt, plan.attempts, `${at}: by its newest attempt`);
          plan.last = event.step;
          plan.open = null;
          plan.completed.set(event.step, (plan.completed.get(event.step) ?? 0) + 1);
          break;
        case "project_paused":
          assert.equal(isPaused, false, `${at}: it is paused once`);
          isPaused = true;
          break;
        case "project_resumed":
          assert.equal(isPaused, true, `${at}: what is resumed was paused`);
          isPaused = false;
          break;
        case "rolled_back":
          for (const [id, plan] of plans) {
            if (event.plan !== undefined && event.plan !== null && event.plan !== id) continue;
            const then = states[event.revision].get(id);
            assert.ok(then, `${at}: the plan was there at revision ${event.revision}`);
            // It may lie ahead: a checkpoint from before an earlier rollback.
            Object.assign(plan, {
              last: then.last,
              open: null,
              completed: new Map(then.completed),
            });
          }
          break;
      }
    }
    states.push(
      new Map(
        [...plans].map(([id, { last, completed }]) => [
          id,
          { last, completed: new Map(completed) },
        ]),
      ),
    );
  });
  for (const { completed, last } of plans.values()) {
    assert.deepEqual(
      [...completed].filter(([, count]) => count !== 1),
      [],
      "no step is done twice",
    );
    assert.equal(completed.size, last + 1, "every step up to the last one is done");
  }
  return { plans, isPaused };
}

/** The types of all events, in their order. */
export const eventTypes = (entries) =>
  entries.flatMap((entry) => entry.events.map((event) => event.type));
