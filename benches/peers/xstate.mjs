// XState's persisted snapshots, kept with idb-keyval: a snapshot under a key for each checkpoint, and
// the newest one's number.
import { get, setMany } from "idb-keyval";
import { assign, createActor, setup } from "xstate";

const machine = setup({}).createMachine({
  context: ({ input }) => ({ items: input.items }),
  initial: "working",
  states: { working: {} },
  on: {
    replace: {
      actions: assign({
        items: ({ context, event }) => [
          ...context.items.slice(event.removed.length),
          ...event.added,
        ],
      }),
    },
  },
});

const keyOf = (number) => `checkpoint ${number}`;

export const create = () => new Contender();

class Contender {
  #actor;

  async open() {
    const newest = await get("newest");
    if (newest !== undefined) await this.#start(newest);
  }

  async #start(number) {
    const snapshot = await get(keyOf(number));
    this.#actor?.stop();
    this.#actor = createActor(machine, { snapshot }).start();
  }

  make(items) {
    this.#actor = createActor(machine, { input: { items } }).start();
    return this.#keep(0);
  }

  #keep(number) {
    return setMany([
      [keyOf(number), this.#actor.getPersistedSnapshot()],
      ["newest", number],
    ]);
  }

  async checkpoint(number, added, removed) {
    this.#actor.send({ type: "replace", added, removed });
    await this.#keep(number);
  }

  async current() {
    return this.#actor.getSnapshot().context.items;
  }

  async read(number) {
    return (await get(keyOf(number))).context.items;
  }

  /** The pointer moves; the checkpoints after it stay. */
  async restore(number) {
    await this.#start(number);
    await setMany([["newest", number]]);
  }

  async texts(items) {
    return items;
  }

  async close() {
    this.#actor.stop();
  }
}
