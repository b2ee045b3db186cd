// Everything in a database as JSON text, and such a text as a database. What JSON can't hold is
// marked: bytes are `{"$bytes": "…"}`, in hexadecimal digits.

const done = (request) =>
    new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
        request.onblocked = () => reject(new Error("somebody else holds the database"));
    });

function marked(value) {
    if (value instanceof Uint8Array) {
        const digits = Array.from(value, (byte) => byte.toString(16).padStart(2, "0"));
        return { $bytes: digits.join("") };
    }
    if (Array.isArray(value)) return value.map(marked);
    if (value !== null && typeof value === "object") {
        if (Object.getPrototypeOf(value) !== Object.prototype)
            throw new Error(`not plain: ${value}`);
        return Object.fromEntries(
            Object.entries(value).map(([name, field]) => [name, marked(field)]),
        );
    }
    if (!["string", "number", "boolean"].includes(typeof value))
        throw new Error(`not data: ${value}`);
    return value;
}

function unmarked(value) {
    if (Array.isArray(value)) return value.map(unmarked);
    if (value === null || typeof value !== "object") return value;
    if ("$bytes" in value) {
        const digits = value.$bytes.match(/../g) ?? [];
        return Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16));
    }
    return Object.fromEntries(
        Object.entries(value).map(([name, field]) => [name, unmarked(field)]),
    );
}

export async function dump(name) {
    const database = await done(indexedDB.open(name));
    const stores = [];
    for (const store of database.objectStoreNames) {
        const there = database.transaction(store).objectStore(store);
        const [keys, values] = await Promise.all([
            done(there.getAllKeys()),
            done(there.getAll()),
        ]);
        const made = database.transaction(store).objectStore(store);
        const indexes = Array.from(made.indexNames, (index) => {
            const { keyPath, unique, multiEntry } = made.index(index);
            return { name: index, keyPath: Array.from(keyPath), unique, multiEntry };
        });
        const records = keys.map((key, n) => [marked(key), marked(values[n])]);
        stores.push({ name: store, keyPath: made.keyPath, indexes, records });
    }
    const version = database.version;
    database.close();
    // A record for each line.
    const parts = stores.map(({ records, ...store }) => {
        const lines = records.map((record) => `\n${JSON.stringify(record)}`).join(",");
        return `{"store":${JSON.stringify(store)},"records":[${lines}\n]}`;
    });
    return `{"version":${version},"stores":[\n${parts.join(",\n")}\n]}\n`;
}

export async function load(name, text) {
    const { version, stores } = JSON.parse(text);
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = () => {
        for (const { store, records } of stores) {
            const { keyPath } = store;
            const made = request.result.createObjectStore(store.name, { keyPath });
            for (const { name, keyPath, unique, multiEntry } of store.indexes)
                made.createIndex(name, keyPath, { unique, multiEntry });
            for (const [key, value] of records) made.put(unmarked(value), unmarked(key));
        }
    };
    const database = await done(request);
    database.close();
}
