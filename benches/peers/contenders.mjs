// Who is given the task, how each is used, and beside whom it stands. Names no library: it is read by
// what runs them and by what only prints. `beside` is whose figures a peer's are compared with: the
// one of Holdpoint's that survives the same.

/** What of the past can be read and gone back to. */
const EVERY = "every commit, by whom and when, and archived items";
const EACH = "each checkpoint";
const BACKWARDS = "each checkpoint, as what it changed";

export const IN_NODE = [
  {
    id: "holdpoint-memory",
    name: "Holdpoint, npm package, memory",
    module: "holdpoint",
    options: { storage: "memory" },
    isInMemory: true,
    keeps: EVERY,
  },
  {
    id: "memory-saver",
    name: "LangGraph MemorySaver",
    module: "langgraph",
    make: "createMemory",
    beside: "holdpoint-memory",
    isInMemory: true,
    keeps: EACH,
  },
  {
    id: "native-relaxed",
    name: "Holdpoint, natively, SQLite, relaxed",
    isNative: true,
    options: { durability: "relaxed" },
    keeps: EVERY,
  },
  {
    id: "sqlite-saver",
    name: "LangGraph SqliteSaver as it is",
    module: "langgraph",
    make: "createSqlite",
    options: {},
    beside: "native-relaxed",
    keeps: EACH,
  },
  {
    id: "native-strict",
    name: "Holdpoint, natively, SQLite, strict",
    isNative: true,
    options: { durability: "strict" },
    keeps: EVERY,
  },
  {
    id: "sqlite-saver-full",
    name: "LangGraph SqliteSaver, synchronous=FULL",
    module: "langgraph",
    make: "createSqlite",
    options: { synchronous: "FULL" },
    beside: "native-strict",
    keeps: EACH,
  },
];

export const IN_CHROMIUM = [
  {
    id: "holdpoint-relaxed",
    name: "Holdpoint, relaxed",
    module: "holdpoint",
    options: { name: "peers", durability: "relaxed" },
    keeps: EVERY,
  },
  {
    id: "dexie-changes",
    name: "Dexie, rows that changed, as it is (relaxed)",
    module: "dexie",
    make: "createChanges",
    options: { name: "peers" },
    beside: "holdpoint-relaxed",
    keeps: BACKWARDS,
  },
  {
    id: "dexie-copies",
    name: "Dexie, whole copies, as it is (relaxed)",
    module: "dexie",
    make: "createCopies",
    options: { name: "peers" },
    beside: "holdpoint-relaxed",
    keeps: EACH,
  },
  {
    id: "xstate",
    name: "XState snapshots with idb-keyval (relaxed)",
    module: "xstate",
    beside: "holdpoint-relaxed",
    keeps: EACH,
  },
  {
    id: "holdpoint-strict",
    name: "Holdpoint, strict, which is its default",
    module: "holdpoint",
    options: { name: "peers", durability: "strict" },
    keeps: EVERY,
  },
  {
    id: "dexie-changes-strict",
    name: "Dexie, rows that changed, strict",
    module: "dexie",
    make: "createChanges",
    options: { name: "peers", chromeTransactionDurability: "strict" },
    beside: "holdpoint-strict",
    keeps: BACKWARDS,
  },
];

/** How much there is to do; smaller where somebody only tries it. */
export function task(environment) {
  const number = (name, usual) => Number(environment[name] ?? usual);
  const checkpoints = number("HOLDPOINT_CHECKPOINTS", 200);
  const largest = number("HOLDPOINT_LARGEST", Infinity);
  const sizes = [1_000, 10_000].filter((items) => items <= largest);
  return {
    sizes: sizes.length > 0 ? sizes : [largest],
    checkpoints,
    to: Math.ceil(checkpoints / 2),
    runs: number("HOLDPOINT_RUNS", 3),
  };
}
