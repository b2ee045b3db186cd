// The store is in a worker; the window only asks it.
const worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
const ask = (question) =>
  new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) =>
      data.error ? reject(new Error(data.error)) : resolve(data.answer);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(question);
  });
window.life = {
  begin: () => ask({ moment: "begin" }),
  goOn: (ids) => ask({ moment: "goOn", ids }),
};
