// What IndexedDB does while something else goes on, and when: the rest is computing.

/** Watches from now on; gives a function that says what was seen, in milliseconds from the start. */
export function watch() {
  const start = performance.now();
  const seen = [];
  const now = () => performance.now() - start;
  const note = (what) => {
    const span = { what, from: now(), to: undefined };
    seen.push(span);
    return () => (span.to ??= now());
  };
  const until = (target, events, ended) => {
    for (const name of events) target.addEventListener(name, ended);
  };
  const restored = [];
  const replace = (prototype, name, make) => {
    const original = prototype[name];
    prototype[name] = make(original);
    restored.push(() => (prototype[name] = original));
  };
  replace(
    IDBFactory.prototype,
    "open",
    (original) =>
      function (...given) {
        const ended = note("open the database");
        const request = original.apply(this, given);
        until(request, ["success", "error"], ended);
        return request;
      },
  );
  replace(
    IDBDatabase.prototype,
    "transaction",
    (original) =>
      function (...given) {
        const [stores, mode = "readonly"] = given;
        const isWrite = mode === "readwrite";
        const ended = note(
          `${isWrite ? "write" : "read"} ${isWrite ? "" : [stores].flat().join(", ")}`.trim(),
        );
        const transaction = original.apply(this, given);
        until(transaction, ["complete", "abort"], ended);
        return transaction;
      },
  );
  for (const name of ["get", "getAll", "getAllKeys", "openKeyCursor"]) {
    replace(
      IDBObjectStore.prototype,
      name,
      (original) =>
        function (...given) {
          const ended = note(`  ${name} ${this.name}`);
          const request = original.apply(this, given);
          until(request, ["success", "error"], ended);
          return request;
        },
    );
  }
  return (what) => {
    if (what !== undefined) {
      note(what)();
      return undefined;
    }
    for (const restore of restored) restore();
    return seen;
  };
}
