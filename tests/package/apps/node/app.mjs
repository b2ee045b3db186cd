// node app.mjs begin FILE, and in another process: node app.mjs go-on FILE
import { readFile, writeFile } from "node:fs/promises";
import { Holdpoint } from "holdpoint";
import { begin, goOn } from "./life.mjs";

const [moment, file] = process.argv.slice(2);
const hp = await Holdpoint.open({ storage: "memory", actor: moment });
if (moment === "begin") {
  const { ids, ...rest } = await begin(hp);
  const bundle = await new Response(hp.exportBundle({ gzip: true })).arrayBuffer();
  await writeFile(file, new Uint8Array(bundle));
  await writeFile(`${file}.json`, JSON.stringify(ids));
  console.log(JSON.stringify(rest));
} else {
  await hp.importBundle(new Uint8Array(await readFile(file)));
  const ids = JSON.parse(await readFile(`${file}.json`, "utf8"));
  console.log(JSON.stringify(await goOn(hp, ids)));
}
hp.close();
