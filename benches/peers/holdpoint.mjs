// Holdpoint, by its npm package. An item can't be replaced as such: ten are added and ten archived,
// which is how an agent's context changes. Archived ones stay, and can be brought back.
import { Holdpoint } from "holdpoint";

/** How many items one command adds while the state is made. */
const BATCH = 1000;
/** Beyond what any checkpoint here is let go of. */
const RETENTION = { perPlan: 100_000, ofProject: 100_000 };

export const create = (options, kept) => new Contender(options, kept);

class Contender {
  #options;
  #kept;
  #hp;
  #project;
  /** The active items' ids, the oldest first. */
  #ids = [];

  constructor(options, kept = { checkpoints: [] }) {
    this.#options = options;
    this.#kept = kept;
  }

  async open() {
    this.#hp = await Holdpoint.open(this.#options);
    if (this.#kept.project) this.#project = await this.#hp.project(this.#kept.project);
  }

  async make(items) {
    const settings = { retention: RETENTION };
    this.#project = await this.#hp.createProject({ name: "bench", settings });
    this.#kept.project = this.#project.id;
    for (let from = 0; from < items.length; from += BATCH) {
      this.#ids.push(...(await this.#add(items.slice(from, from + BATCH))));
    }
  }

  #add(items) {
    return this.#project.addContext(items.map(({ agent, kind, text }) => ({ agent, kind, text })));
  }

  /** Three commits. Gives how long the last of them, the checkpoint, took. */
  async checkpoint(number, added, removed) {
    this.#ids.push(...(await this.#add(added)));
    await this.#project.archiveItems(this.#ids.splice(0, removed.length));
    const start = performance.now();
    const name = `checkpoint ${number}`;
    this.#kept.checkpoints.push(await this.#project.createCheckpoint({ name }));
    return performance.now() - start;
  }

  kept() {
    return this.#kept;
  }

  /** In memory nothing else can be counted: entries and texts, without snapshots and rows. */
  async bytes() {
    if (this.#options.storage !== "memory") return undefined;
    const { sizes } = await this.#project.statistics();
    return sizes.journalBytes + sizes.bodyBytes;
  }

  current() {
    return this.#list({});
  }

  /** Items without their texts. */
  list(number) {
    return this.#list({ at: this.#kept.checkpoints[number - 1] });
  }

  async #list(filter) {
    const found = [];
    let after = null;
    do {
      const asked = { ...filter, archived: false, after, limit: 10_000 };
      const page = await this.#project.listContext(asked);
      found.push(...page.items);
      after = page.next;
    } while (after !== null);
    return found;
  }

  read(number) {
    return this.#list({ at: this.#kept.checkpoints[number - 1], texts: true });
  }

  texts(items) {
    return Promise.all(items.map(({ id }) => this.#project.item(id)));
  }

  async restore(number) {
    await this.#project.rollback(this.#kept.checkpoints[number - 1]);
  }

  async close() {
    this.#hp.close();
  }
}
