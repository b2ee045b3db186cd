// LangGraph's checkpointers, called as its graphs call them, without the graph around them and
// without the writes of each task that a graph has them keep too.
import { stat } from "node:fs/promises";
import { MemorySaver, uuid6 } from "@langchain/langgraph-checkpoint";
import { SqliteSaver } from "@langchain/langgraph-checkpoint-sqlite";
import Database from "better-sqlite3";

const THREAD = { thread_id: "bench", checkpoint_ns: "" };

export const createMemory = () => new Contender(undefined);
export const createSqlite = (options, kept) => new Contender(options, kept);

class Contender {
  #options;
  #kept;
  #saver;
  /** Where the newest checkpoint is: the parent of the next. */
  #config = { configurable: THREAD };
  #items = [];

  constructor(options, kept = { checkpoints: [] }) {
    this.#options = options;
    this.#kept = kept;
  }

  async open() {
    if (this.#options === undefined) {
      this.#saver = new MemorySaver();
      return;
    }
    const database = new Database(this.#options.file);
    this.#saver = new SqliteSaver(database);
    this.#saver.setup();
    // What the saver leaves as it is, unless it is measured with more.
    if (this.#options.synchronous) database.pragma(`synchronous = ${this.#options.synchronous}`);
    this.#kept.synchronous = database.pragma("synchronous", { simple: true });
  }

  make(items) {
    this.#items = items;
    return this.#put(0, "input");
  }

  async #put(step, source) {
    const checkpoint = {
      v: 4,
      id: uuid6(step),
      ts: new Date().toISOString(),
      channel_values: { items: this.#items },
      channel_versions: { items: step + 1 },
      versions_seen: {},
    };
    const metadata = { source, step, parents: {} };
    const versions = checkpoint.channel_versions;
    this.#config = await this.#saver.put(this.#config, checkpoint, metadata, versions);
    return checkpoint.id;
  }

  async checkpoint(number, added, removed) {
    this.#items = [...this.#items.slice(removed.length), ...added];
    this.#kept.checkpoints.push(await this.#put(number, "loop"));
  }

  kept() {
    return this.#kept;
  }

  /** The file's, with nothing left in its log; in memory, of what is kept serialised. */
  async bytes() {
    if (this.#options) {
      this.#saver.db.pragma("wal_checkpoint(TRUNCATE)");
      return (await stat(this.#options.file)).size;
    }
    const kept = Object.values(this.#saver.storage[THREAD.thread_id][THREAD.checkpoint_ns]);
    return kept.flat().reduce((sum, part) => sum + (part?.length ?? 0), 0);
  }

  async #get(id) {
    const configurable = id === undefined ? THREAD : { ...THREAD, checkpoint_id: id };
    const tuple = await this.#saver.getTuple({ configurable });
    return { config: tuple.config, items: tuple.checkpoint.channel_values.items };
  }

  async current() {
    const { config, items } = await this.#get();
    this.#config = config;
    return (this.#items = items);
  }

  async read(number) {
    return (await this.#get(this.#kept.checkpoints[number - 1])).items;
  }

  /** As a graph's `updateState` does it: a new checkpoint, whose parent is the old one. */
  async restore(number) {
    const { config, items } = await this.#get(this.#kept.checkpoints[number - 1]);
    this.#config = config;
    this.#items = items;
    await this.#put(this.#kept.checkpoints.length + 1, "fork");
  }

  async texts(items) {
    return items;
  }

  async close() {
    this.#saver.db?.close();
  }
}
