import { Holdpoint, init } from "holdpoint";
import wasm from "holdpoint/holdpoint.wasm";
import { begin, goOn } from "./life.mjs";

const open = async () => {
  await init(new URL(wasm, import.meta.url));
  return Holdpoint.open({ name: "my-app", actor: "ana" });
};
window.life = {
  begin: async () => begin(await open()),
  goOn: async (ids) => goOn(await open(), ids),
};
