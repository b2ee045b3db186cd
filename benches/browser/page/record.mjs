// What a commit puts: recorded once, so that a bare transaction can put the same again.

/** Runs something and says what was put or added in the meantime. */
export async function recorded(work) {
  const writes = [];
  const original = {};
  for (const method of ["put", "add"]) {
    original[method] = IDBObjectStore.prototype[method];
    IDBObjectStore.prototype[method] = function (value, key) {
      writes.push({ store: this.name, method, value: structuredClone(value), key });
      return original[method].call(this, value, key);
    };
  }
  try {
    await work();
  } finally {
    Object.assign(IDBObjectStore.prototype, original);
  }
  return writes;
}

/** The same writes under new keys where a commit has new ones; the others are written over. */
export function renewed(writes, number) {
  const unique = String(number).padStart(12, "0");
  return writes.map(({ store, method, value, key }) => {
    if (store === "entries") {
      const [project] = key;
      const revision = 1_000_000 + number;
      const command = value.command.slice(0, -unique.length) + unique;
      return { store, method, key: [project, revision], value: { ...value, revision, command } };
    }
    if (store === "blobs") {
      const [project, digest] = key;
      return { store, method, key: [project, digest.slice(0, -unique.length) + unique], value };
    }
    if (store === "checkpoints") {
      const [project] = key;
      const checkpoint = value.checkpoint.slice(0, -unique.length) + unique;
      const changed = { ...value, number: 1_000_000 + number, checkpoint };
      return { store, method, key: [project, changed.number], value: changed };
    }
    return { store, method, value, key };
  });
}

/** A database with the same stores as another, with its indexes or without. */
export async function likeness(of, name, withIndexes) {
  const stores = [];
  const transaction = of.transaction([...of.objectStoreNames]);
  for (const store of of.objectStoreNames) {
    const names = withIndexes ? [...transaction.objectStore(store).indexNames] : [];
    const indexes = names.map((index) => {
      const { keyPath, unique } = transaction.objectStore(store).index(index);
      return { index, keyPath: [...keyPath], unique };
    });
    stores.push({ store, indexes });
  }
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    for (const { store, indexes } of stores) {
      const made = request.result.createObjectStore(store);
      for (const { index, keyPath, unique } of indexes)
        made.createIndex(index, keyPath, { unique });
    }
  };
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
