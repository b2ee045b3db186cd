// Dexie, with one row for each item. It has no checkpoints: what is here is what one would write. Two
// ways: for each checkpoint the rows that changed, as they were before, or a copy of all.
import Dexie from "dexie";

export const createChanges = (options) => new Changes(options);
export const createCopies = (options) => new Copies(options);

class Contender {
  #options;
  #stores;
  /** In memory as well, as any app has what it shows. */
  items = [];

  constructor({ name, ...options }, stores) {
    this.name = name;
    this.#options = options;
    this.#stores = stores;
  }

  async open() {
    this.db = new Dexie(this.name, this.#options);
    this.db.version(1).stores({ items: "id", ...this.#stores });
    await this.db.open();
  }

  write(work) {
    return this.db.transaction("rw", this.db.tables, work);
  }

  async make(items) {
    this.items = items;
    await this.write(() => this.db.items.bulkAdd(items));
  }

  async current() {
    return (this.items = await this.db.items.toArray());
  }

  async texts(items) {
    return items;
  }

  async close() {
    this.db.close();
  }

  /** The rows of two states as what differs: removed ones and added ones, none is ever changed. */
  difference(to) {
    const [now, then] = [this.items, to].map((items) => new Set(items.map(({ id }) => id)));
    return {
      added: to.filter(({ id }) => !now.has(id)),
      removed: this.items.filter(({ id }) => !then.has(id)),
    };
  }
}

/** Rows that changed: who goes back undoes one checkpoint after the other. */
class Changes extends Contender {
  constructor(options) {
    super(options, { checkpoints: "number", changes: "++, checkpoint" });
  }

  async checkpoint(number, added, removed) {
    this.items = [...this.items.slice(removed.length), ...added];
    await this.#commit(number, added, removed);
  }

  #commit(number, added, removed) {
    const changes = [
      ...removed.map((before) => ({ checkpoint: number, id: before.id, before })),
      ...added.map(({ id }) => ({ checkpoint: number, id, before: null })),
    ];
    // All at once, in one transaction.
    return this.write(() =>
      Promise.all([
        this.db.items.bulkPut(added),
        this.db.items.bulkDelete(removed.map(({ id }) => id)),
        this.db.changes.bulkAdd(changes),
        this.db.checkpoints.add({ number, at: new Date().toISOString() }),
      ]),
    );
  }

  async read(number) {
    const changes = await this.db.changes.where("checkpoint").above(number).reverse().toArray();
    const items = new Map((await this.db.items.toArray()).map((item) => [item.id, item]));
    for (const { id, before } of changes) {
      if (before === null) items.delete(id);
      else items.set(id, before);
    }
    return [...items.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  /** It is one more checkpoint, so that it can be undone like any other. */
  async restore(number) {
    const items = await this.read(number);
    const { added, removed } = this.difference(items);
    const newest = await this.db.checkpoints.orderBy("number").last();
    this.items = items;
    await this.#commit(newest.number + 1, added, removed);
  }
}

/** Whole copies. */
class Copies extends Contender {
  constructor(options) {
    super(options, { checkpoints: "number" });
  }

  async checkpoint(number, added, removed) {
    this.items = [...this.items.slice(removed.length), ...added];
    await this.write(() =>
      Promise.all([
        this.db.items.bulkPut(added),
        this.db.items.bulkDelete(removed.map(({ id }) => id)),
        this.db.checkpoints.add({ number, at: new Date().toISOString(), items: this.items }),
      ]),
    );
  }

  async read(number) {
    return (await this.db.checkpoints.get(number)).items;
  }

  async restore(number) {
    const items = await this.read(number);
    const { added, removed } = this.difference(items);
    this.items = items;
    await this.write(() =>
      Promise.all([
        this.db.items.bulkPut(added),
        this.db.items.bulkDelete(removed.map(({ id }) => id)),
      ]),
    );
  }
}
