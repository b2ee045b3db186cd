// Puts the corpus through the package: in Node and in a tab alike.
import { bundleBombs, trajectoryBombs } from "./bundles.mjs";
import {
  closedPlaces,
  filters,
  jsonPlaces,
  jsonValues,
  textPlaces,
  timePlaces,
} from "./places.mjs";
import { around, fate, isWhole, texts } from "./texts.mjs";
import { clocks, times, written } from "./times.mjs";
import { bombs, changing, noTexts } from "./values.mjs";

/** More are told by their number. */
const FLAWS_TOLD = 40;

/** Whether JSON came back as it was: the prototype and the sign of zero aren't JSON's to keep. */
export function isSame(one, other) {
  if (one === other) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one).filter((key) => one[key] !== undefined);
  return (
    keys.length === Object.keys(other).length &&
    keys.every((key) => Object.hasOwn(other, key) && isSame(one[key], other[key]))
  );
}

/** All that can be asked of a project, as one text. */
async function everything(hp, project) {
  const now = await hp.project(project);
  const { items } = await now.listContext({ limit: 10_000 });
  const { entries, findings } = await now.verify();
  // Importances and tiers change with time alone.
  const kept = items.map(({ importance: _, tier: __, ...rest }) => rest);
  const { agents, ...view } = await now.get();
  const known = agents.map(({ tiers: _, ...rest }) => rest);
  const plans = await Promise.all(view.planList.map(async ({ id }) => (await now.plan(id)).get()));
  return JSON.stringify([view, known, plans, kept, entries, findings]);
}

/** A store's handles, each made once. */
function once(hp) {
  const projects = new Map();
  const plans = new Map();
  const kept = (map, key, make) => map.get(key) ?? map.set(key, make()).get(key);
  return {
    project: (id) => kept(projects, id, () => hp.project(id)),
    plan: (project, id) => kept(plans, id, () => hp.plan(project, id)),
  };
}

/** What there is in a store besides. */
const counted = async (hp) => JSON.stringify((await hp.statistics()).totals);

export class Through {
  figures = { taken: 0, refused: 0, places: new Set(), values: new Set() };
  flaws = [];
  /** What was taken: asked for again in other stores. */
  kept = [];
  #turn = 0;

  /** `share`: of each place's values only every so many-th is tried, at each place others. */
  constructor({ HoldpointError, Holdpoint }, { share = 1 } = {}) {
    this.HoldpointError = HoldpointError;
    this.Holdpoint = Holdpoint;
    this.share = share;
  }

  #flaw(place, what, why) {
    this.flaws.push(`${place}, ${what}: ${why}`.slice(0, 400));
  }

  #count(place, what, how) {
    this.figures[how] += 1;
    this.figures.places.add(place);
    this.figures.values.add(what);
  }

  #some(values) {
    this.#turn += 1;
    return values.filter((_, index) => (index + this.#turn) % this.share === 0);
  }

  /** Why a refusal isn't as it should be; nothing if it is. */
  #unfit(error, codes) {
    if (!(error instanceof this.HoldpointError)) return `${error?.name}: ${error?.message}`;
    if (!codes.includes(error.code))
      return `expected ${codes}, found ${error.code}: ${error.message}`;
    if (!/expected .*, found ./s.test(error.message)) return `says too little: ${error.message}`;
    if (!isWhole(error.message))
      return `says half of a character: ${JSON.stringify(error.message)}`;
    // Who reads it reads what is wrong, not all of what was given.
    if (error.message.length > 1000) return `says too much: ${error.message.length} characters`;
    return undefined;
  }

  async #refuses(place, what, codes, put) {
    const error = await Promise.resolve()
      .then(put)
      .then(
        () => new Error("was taken"),
        (error) => error,
      );
    const why = this.#unfit(error, codes);
    if (why) this.#flaw(place, what, why);
    this.#count(place, what, "refused");
  }

  /** Each of the values at one place: what is to be refused first, and nothing may move by that. */
  async #at(hp, place, values) {
    const world = await place.ready(hp);
    const project = world.project?.id;
    const look = () => (project ? everything(hp, project) : counted(hp));
    const before = await look();
    for (const { what, make, fate } of values.filter(({ fate }) => fate !== "taken")) {
      await this.#refuses(place.name, what, [fate], () => place.put(world, make()));
    }
    if ((await look()) !== before) this.#flaw(place.name, "what was refused", "something changed");
    for (const { what, make } of values.filter(({ fate }) => fate === "taken")) {
      try {
        const ticket = await place.put(world, make());
        const found = await place.got(hp, ticket);
        if (!isSame(make(), found)) {
          this.#flaw(place.name, what, `came back as ${JSON.stringify(found)?.slice(0, 200)}`);
        }
        this.kept.push({ place, what, make, ticket });
        this.#count(place.name, what, "taken");
        await place.again?.(world);
      } catch (error) {
        this.#flaw(place.name, what, `${error?.code} ${error?.message}`);
        // It may not be ready for the next one.
        Object.assign(world, await place.ready(hp));
      }
    }
  }

  async textPlaces(hp) {
    const whatever = texts.map(({ what, text }) => ({ what, text }));
    const limits = new Set();
    for (const place of textPlaces) {
      const { limit } = place;
      const given = this.#some(whatever);
      // In a short form the limits are tried once for each kind of text.
      const kind = `${limit.most} ${limit.unit}`;
      if (this.share === 1 || !limits.has(kind)) given.push(...around(limit));
      limits.add(kind);
      const values = [
        ...given.map(({ what, text }) => ({ what, make: () => text, fate: fate(text, limit) })),
        // What may be left out may be null.
        ...this.#some(Object.entries(noTexts))
          .filter(([what]) => what !== "null" || !limit.isOptional)
          .map(([what, make]) => ({ what, make, fate: "INVALID_INPUT" })),
      ];
      await this.#at(hp, place, values);
    }
  }

  async jsonPlaces(hp) {
    for (const place of jsonPlaces) {
      const values = [
        ...this.#some(jsonValues),
        ...this.#some(texts).map(({ what, text }) => ({
          what,
          make: () => text,
          fate: isWhole(text) ? "taken" : "INVALID_INPUT",
        })),
        ...(this.share === 1 ? bombs(place.limit) : this.#some(bombs(place.limit))),
      ].filter(({ what }) => place.limit.bytes > 2 ** 16 || what !== "a long list");
      await this.#at(hp, place, values);
      // What is another thing each time is kept as it was when it was checked.
      const world = await place.ready(hp);
      for (const [what, make] of Object.entries(changing)) {
        try {
          const ticket = await place.put(world, make());
          const found = JSON.stringify(await place.got(hp, ticket));
          if (!['{"a":"first"}', '["first"]', '{"a":1}'].includes(found)) {
            this.#flaw(place.name, what, `came back as ${found?.slice(0, 200)}`);
          }
          this.#count(place.name, what, "taken");
          await place.again?.(world);
        } catch (error) {
          this.#flaw(place.name, what, `${error?.code} ${error?.message?.slice(0, 200)}`);
        }
      }
    }
  }

  /** Where a text names something that isn't there. */
  async closedPlaces(hp) {
    const project = await hp.createProject({ name: "closed" });
    const plan = await project.createPlan({ request: "x", steps: ["a"] });
    const world = { hp, project, plan };
    const before = [await everything(hp, project.id), await counted(hp)];
    for (const { name, put, codes, isMeant } of closedPlaces) {
      for (const { what, text } of this.#some(texts)) {
        if (isMeant?.(text)) continue;
        await this.#refuses(name, what, codes, () => put(world, text));
      }
    }
    const after = [await everything(hp, project.id), await counted(hp)];
    if (!isSame(before, after))
      this.#flaw("where something is named", "any text", "something changed");
  }

  /** Where a text says what is looked for. */
  async filters(hp) {
    const project = await hp.createProject({ name: "filters" });
    // Somebody and something is there under each name that can be one.
    for (const { text } of texts) {
      if (fate(text, filters[0].limit) !== "taken") continue;
      await project.addContext({ agent: text, kind: "x", text: "x" }, { actor: text });
    }
    for (const { name, limit, ask } of filters) {
      for (const { what, text } of this.#some(texts)) {
        const expected = fate(text, limit);
        if (expected !== "taken") {
          await this.#refuses(name, what, [expected], () => ask({ project }, text));
          continue;
        }
        const found = await ask({ project }, text).catch((error) => [
          `${error.code} ${error.message}`,
        ]);
        if (
          found.some((one) => one !== text) ||
          (found.length === 0 && name !== "flashSave: agent")
        ) {
          this.#flaw(name, what, `found ${JSON.stringify(found).slice(0, 200)}`);
        }
        this.#count(name, what, "taken");
      }
    }
  }

  /** Times as texts: kept as the moments that they are. */
  async times(hp) {
    const project = await hp.createProject({ name: "times" });
    for (const { name, put } of timePlaces) {
      for (const [text, moment] of Object.entries(times)) {
        if (moment === null) {
          await this.#refuses(name, text, ["INVALID_INPUT"], () => put({ project }, text));
          continue;
        }
        const kept = await put({ project }, text).catch((error) => error.message);
        if (kept !== moment) this.#flaw(name, text, `expected ${moment}, found ${kept}`);
        this.#count(name, text, "taken");
      }
    }
    // What is looked for from a time on, or until then, is judged by the moment too.
    for (const [text, moment] of Object.entries(times)) {
      for (const field of ["from", "until"]) {
        const ask = () => project.history({ [field]: text });
        if (moment === null) {
          await this.#refuses(`history: ${field}`, text, ["INVALID_INPUT"], ask);
          continue;
        }
        const { items } = await ask();
        const all = await project.history({ limit: 10_000 });
        const expected = all.items.filter(({ at }) =>
          field === "from" ? at >= moment : at < moment,
        );
        if (items.length !== expected.length) {
          this.#flaw(`history: ${field}`, text, `found ${items.length} of ${expected.length}`);
        }
        this.#count(`history: ${field}`, text, "taken");
      }
    }
  }

  /** A clock that jumps between commands: what it showed is written down, and nothing rests on it. */
  async clocks(hp) {
    const place = "the clock jumps";
    const project = await hp.createProject({ name: "clocks" });
    const plan = await project.createPlan({
      request: "x",
      steps: Object.keys(clocks),
      settings: { maxReversions: 1000 },
    });
    await plan.start();
    const real = Date.now;
    const steps = plan.steps();
    try {
      for (const [what, shown] of Object.entries(clocks)) {
        const check = (name, found, expected) => {
          if (found !== expected)
            this.#flaw(place, what, `${name}: ${found}, expected ${expected}`);
        };
        const { value: step } = await steps.next();
        Date.now = () => shown;
        const moment = written(shown);
        const { revision } = await project.get();
        const [id] = await project.addContext({ agent: "a", kind: "code", text: what });
        await step.complete({ output: what });
        const checkpoint = await project.createCheckpoint({ name: what });
        const report = await project.pause({ reason: what });
        check("the pause", report.pausedAt, moment);
        await project.resume();
        const item = await project.item(id);
        check("the item", item.createdAt, moment);
        // Just made by this clock, whatever it showed before: importance counts an age of nothing.
        check("its tier", item.tier, "warm");
        const { items } = await project.listContext();
        for (const one of items) {
          if (!(one.importance >= 0 && one.importance <= 1)) {
            this.#flaw(place, what, `importance ${one.importance}`);
          }
        }
        check("the checkpoint", (await project.checkpoint(checkpoint)).createdAt, moment);
        check("its step", (await plan.step(step.index)).endedAt, moment);
        const made = await project.history({ after: revision, limit: 5 });
        check("entries", made.items.length, 5);
        for (const { at } of made.items) check("an entry", at, moment);
        const state = await project.get({ at: checkpoint });
        check("the state there", state.revision, made.items[2].revision);
        const { clean, findings } = await project.verify();
        if (!clean) this.#flaw(place, what, JSON.stringify(findings).slice(0, 200));
        this.#count(place, what, "taken");
      }
    } catch (error) {
      this.#flaw(place, "in the middle", `${error?.code} ${error?.stack}`);
    } finally {
      Date.now = real;
      await steps.return();
    }
  }

  /** Files that are made to break whoever reads them. */
  async files(hp) {
    const before = await counted(hp);
    const other = await this.Holdpoint.open({ storage: "memory" });
    const project = await other.createProject({ name: "a bundle" });
    await project.addContext({ agent: "a", kind: "b", text: "\u20ac".repeat(1000) });
    const bundle = await new Response(other.exportBundle()).text();
    other.close();
    for (const { what, source, codes, options } of bundleBombs(bundle)) {
      await this.#refuses("importBundle", what, codes, async () =>
        hp.importBundle(await source(), options),
      );
    }
    for (const { what, make, codes } of trajectoryBombs()) {
      await this.#refuses("importTrajectory", what, codes, () =>
        hp.importTrajectory(make(), "x.traj"),
      );
    }
    if ((await counted(hp)) !== before) this.#flaw("files", "any", "something changed");
  }

  /** Asks another store, or the same one opened anew, for all that was taken. */
  async isAllIn(hp, where) {
    const handles = once(hp);
    for (const { place, what, make, ticket } of this.kept) {
      try {
        const found = await place.got(hp, ticket);
        if (!isSame(make(), found))
          this.#flaw(`${where}: ${place.name}`, what, "is something else");
      } catch (error) {
        this.#flaw(`${where}: ${place.name}`, what, `${error?.code} ${error?.message}`);
      }
    }
    const { items } = await hp.listProjects({ limit: 10_000 });
    for (const { id } of items) {
      const { clean, findings } = await hp.verifyProject(id);
      if (!clean) this.#flaw(where, id, JSON.stringify(findings).slice(0, 200));
    }
    return items.length;
  }

  /** Nothing of all that has reached what everybody shares. */
  isUnpolluted() {
    const found = [Object.prototype, Array.prototype, Function.prototype].flatMap((shared) =>
      Object.keys(shared),
    );
    if (found.length > 0 || {}.polluted !== undefined || {}.reason !== undefined) {
      this.#flaw("Object.prototype", "anything", `has ${found}`);
    }
  }

  told() {
    const { taken, refused, places, values } = this.figures;
    return {
      taken,
      refused,
      places: places.size,
      values: values.size,
      asked: this.kept.length,
      flaws: this.flaws.length,
      told: this.flaws.slice(0, FLAWS_TOLD),
    };
  }
}

/** All of it, in a store that `open` opens, once more in that one opened anew, and in one that `copy` opens. */
export async function through(holdpoint, { open, copy, share }) {
  const through = new Through(holdpoint, { share });
  let hp = await open();
  await through.textPlaces(hp);
  await through.jsonPlaces(hp);
  await through.closedPlaces(hp);
  await through.filters(hp);
  await through.times(hp);
  await through.clocks(hp);
  await through.files(hp);
  const reopened = await open(hp);
  if (reopened !== hp) await through.isAllIn(reopened, "opened anew");
  const other = await copy();
  await other.importBundle(reopened.exportBundle());
  const projects = await through.isAllIn(other, "exported and imported");
  through.isUnpolluted();
  other.close();
  reopened.close();
  return { ...through.told(), projects };
}
